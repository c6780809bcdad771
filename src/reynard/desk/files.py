"""The bytes of attachments: kept once per content, under their SHA-256, never whole in memory.

Whatever refers to bytes is a row with a column `sha256`. Bytes without one are set aside after a day, and removed
`UNUSED_DAYS` later; until then they are found again by whoever refers to them (actions/unused_files).
"""

import hashlib
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from reynard.desk.rules.filenames import clean_filename

_CHUNK_BYTES = 256 * 1024
_UNUSED = "unused"  # the folder of what was set aside, beside the folders `00` to `ff`


class IncomingFile(msgspec.Struct, frozen=True):
    """A file whose bytes are kept already, or never will be in a dry run; `size` in bytes."""

    sha256: str
    filename: str
    content_type: str
    size: int


def keep(upload: UploadedFile) -> IncomingFile:
    """Store an upload and describe it. Durable when this returns, so a ticket never points at missing bytes.

    A file kept for a write that is refused later stays behind unreferenced; the same content joins it.
    """
    described = describe(upload)
    _put(upload, described.sha256)
    return described


def _put(upload: UploadedFile, sha256: str) -> None:
    name = place_of(sha256)
    if not _count_on(name):
        upload.seek(0)
        _flush(upload)
        default_storage.save(name, upload)
        _flush_folder(os.path.dirname(default_storage.path(name)))


def keep_pieces(pieces: Iterable[bytes], filename: str, content_type: str) -> IncomingFile:
    """Store bytes that come in pieces, like `keep`."""
    with TemporaryUploadedFile("file", content_type, 0, None) as upload:
        for piece in pieces:
            upload.write(piece)
        upload.size = upload.tell()
        return msgspec.structs.replace(keep(upload), filename=clean_filename(filename))


class KeptMail(msgspec.Struct, frozen=True):
    """The bytes of a mail that are kept: `size` of the `full_size` it had."""

    sha256: str
    size: int
    full_size: int


def keep_mail(pieces: Iterable[bytes], *, limit: int, beginning: int, full_size: int | None = None) -> KeptMail:
    """Store the bytes of a mail. Durable when this returns.

    Of one that is larger than `limit` its `beginning` is kept, both in bytes: headers, and the text in most mails.
    `full_size` is what it has when `pieces` are no more than a beginning.
    """
    with TemporaryUploadedFile("mail", "message/rfc822", 0, None) as upload:
        digest, size = hashlib.sha256(), 0
        for piece in pieces:
            size += len(piece)
            if size <= limit:
                upload.write(piece)
                digest.update(piece)
        kept = size
        if max(size, full_size or 0) > limit:
            kept = min(beginning, upload.tell())
            upload.truncate(kept)
            upload.seek(0)
            digest = hashlib.sha256(upload.read())
        _put(upload, digest.hexdigest())
    return KeptMail(sha256=digest.hexdigest(), size=kept, full_size=max(full_size or 0, size))


def describe(upload: UploadedFile) -> IncomingFile:
    """An upload as `keep` describes it, without keeping it."""
    digest = hashlib.sha256()
    size = 0
    for chunk in upload.chunks(_CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
    return IncomingFile(
        sha256=digest.hexdigest(),
        filename=clean_filename(upload.name or ""),
        content_type=(upload.content_type or "application/octet-stream")[:127],
        size=size,
    )


def image_type(upload: UploadedFile) -> str | None:
    """The type of an image by its first bytes; None for what is no image, or one that may run scripts (SVG)."""
    upload.seek(0)
    start = upload.read(_LONGEST_SIGNATURE)
    upload.seek(0)
    return image_type_of(start)


def image_type_of(start: bytes) -> str | None:
    """The same for the first bytes of an image."""
    return next((name for name, signature in _IMAGES.items() if signature.match(start)), None)


_IMAGES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    # "BM" alone begins many a text: the length of the second header, one of those there are, must follow.
    "image/bmp": re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", re.DOTALL),
}
_LONGEST_SIGNATURE = 18


def open_bytes(sha256: str) -> IO[bytes]:
    """The stored bytes; raises FileNotFoundError when the folder lost them."""
    try:
        return default_storage.open(place_of(sha256))
    except FileNotFoundError:
        _bring_back(sha256)
    return default_storage.open(place_of(sha256))


def set_aside(prefix: str, used: Callable[[Sequence[str]], set[str]], *, before: datetime) -> int:
    """Take what nobody uses out of the folder of a prefix (`00` to `ff`); returns how many files that were.

    Looks at files that nobody has counted on since `before`; `used` says which of some hashes are referred to. Who
    keeps the same content at this moment either finds it here, which is seen below, or stores it anew.
    """
    count = 0
    for names in _batches(_older(Path(default_storage.path(prefix)), before)):
        taken = used([path.name for path in names])
        for path in names:
            if path.name not in taken:
                count += _set_one_aside(path, used, before)
    return count


def _set_one_aside(path: Path, used: Callable[[Sequence[str]], set[str]], before: datetime) -> bool:
    aside = Path(default_storage.path(_UNUSED)) / path.relative_to(default_storage.path(""))
    aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.rename(path, aside)
        if aside.stat().st_mtime >= before.timestamp() or used([path.name]):
            os.rename(aside, path)
            return False
        os.utime(aside)  # its time is now when it was set aside
    except FileNotFoundError:  # another worker was first, or somebody brought it back
        return False
    return True


def remove_set_aside(prefix: str, *, before: datetime) -> int:
    """Remove the files of a prefix that were set aside before that moment; returns how many."""
    count = 0
    for path in _older(Path(default_storage.path(f"{_UNUSED}/{prefix}")), before):
        path.unlink(missing_ok=True)
        count += 1
    return count


def _older(folder: Path, before: datetime) -> Iterator[Path]:
    for path in folder.glob("*/*"):
        try:
            if path.stat().st_mtime < before.timestamp():
                yield path
        except FileNotFoundError:
            continue


def _batches(paths: Iterator[Path]) -> Iterator[list[Path]]:
    while batch := list(itertools.islice(paths, 500)):
        yield batch


def _count_on(name: str) -> bool:
    """Whether a file is there; from now on it counts as used, though its row is still to come."""
    try:
        os.utime(default_storage.path(name))
    except FileNotFoundError:
        return False
    return True


def _bring_back(sha256: str) -> None:
    """Undo `set_aside` for one file, if it was."""
    place = default_storage.path(place_of(sha256))
    try:
        os.rename(default_storage.path(f"{_UNUSED}/{place_of(sha256)}"), place)
    except FileNotFoundError:
        return
    os.utime(place)


def adopt(file: Path) -> None:
    """Move a file in, named by its SHA-256, from elsewhere on the same disk; in place of the one that may be there.

    Not flushed to the disk.
    """
    place = Path(default_storage.path(place_of(file.name)))
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.replace(file, place)


def place_of(sha256: str) -> str:
    """Where the bytes are, below the folder of all of them."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _flush(upload: UploadedFile) -> None:
    """Push a file that will be moved into place down to the disk (uploads are temporary files, see settings)."""
    if hasattr(upload, "temporary_file_path"):
        upload.flush()
        os.fsync(upload.fileno())


def _flush_folder(path: str) -> None:
    """A file is only as durable as its entry in the folder."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
