"""The file a backup is: a gzipped tar archive that ends with the checksums of everything in it.

    backup.json         what it is: a `Description`; always first
    database/…          the database, in the way of its kind (sqlite, postgres)
    secret_key          what signs addresses and opens sealed secrets
    demo.json           of a demo desk only
    files/ab/cd/abcd…   attachments and mails, by their SHA-256
    SHA256SUMS          as sha256sum writes it, one line for each member; always last

An archive without its end, or with another content than its sums say, is damaged.
"""

import gzip
import hashlib
import io
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

import msgspec

FORMAT = 1
DESCRIPTION = "backup.json"
SUMS = "SHA256SUMS"
_LEVEL = 1  # of compression: most files are compressed already, and the others gain little by more
_CHUNK_BYTES = 1024 * 1024
_NAME = re.compile(
    r"database/[a-z0-9_]+(\.[a-z0-9]+)?|files/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}|secret_key|demo\.json"
)


class Damaged(Exception):
    """The archive is not as it was written; the text says how that shows."""


class Table(msgspec.Struct, frozen=True):
    """A table of PostgreSQL: its columns in the order of the copy, and the state of the sequence of its ids."""

    columns: list[str]
    sequence: tuple[str, int, bool] | None  # the column, the last value, whether it was given to somebody


class Description(msgspec.Struct, frozen=True):
    """`database` is the kind, as Django calls it: "sqlite" or "postgresql". `migrations` are "app.name"."""

    format: int
    made_by: str  # the version of Reynard
    made_at: str  # ISO 8601
    database: str
    migrations: list[str]
    tables: dict[str, Table] = {}


class _Hashing:
    """A file that is read once, from its present position on."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


class Writer:
    """Writes members one by one; `end` completes the archive."""

    def __init__(self, stream: IO[bytes], sums: IO[bytes]) -> None:
        """`sums` is an empty temporary file."""
        self._packed = gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=_LEVEL)
        self._tar = tarfile.open(fileobj=self._packed, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._sums = sums

    def describe(self, description: Description) -> None:
        self.add_bytes(DESCRIPTION, msgspec.json.format(msgspec.json.encode(description), indent=1))

    def add_bytes(self, name: str, content: bytes) -> None:
        self.add(name, io.BytesIO(content), len(content))

    def add(self, name: str, file: IO[bytes], size: int) -> str:
        """Add a file from its present position on; its SHA-256."""
        source = _Hashing(file)
        self._put(name, source, size)
        self._sums.write(_sum(source.digest.hexdigest(), name))
        return source.digest.hexdigest()

    def end(self) -> None:
        size = self._sums.tell()
        self._sums.seek(0)
        self._put(SUMS, self._sums, size)
        self._tar.close()
        self._packed.close()

    def _put(self, name: str, file: Any, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, file)


class Reader:
    """Reads an archive once, from its beginning to its end. Every method raises Damaged."""

    def __init__(self, tar: tarfile.TarFile, packed: gzip.GzipFile) -> None:
        self._tar, self._packed = tar, packed
        self._description = b""

    def description(self) -> Description:
        """To be called first."""
        with _noticing_damage():
            member = self._tar.next()
            if member is None or member.name != DESCRIPTION or not member.isfile():
                raise Damaged(f"It does not begin with {DESCRIPTION}.")
            self._description = _content(self._tar, member).read()
            try:
                return msgspec.json.decode(self._description, type=Description)
            except msgspec.MsgspecError as error:
                raise Damaged(f"{DESCRIPTION} cannot be read: {error}.") from None

    def unpack(self, folder: Path) -> None:
        """Write all other members into a folder, under their names; returns when every one of them has its sum."""
        with (folder / "sums-of-what-came").open("w+b") as sums, _noticing_damage():
            sums.write(_sum(hashlib.sha256(self._description).hexdigest(), DESCRIPTION))
            if not self._unpack_members(folder, sums):
                raise Damaged("Its end is missing.")
            sums.seek(0)
            with (folder / SUMS).open("rb") as announced:
                if any(one != other for one, other in zip_longest(announced, sums)):
                    raise Damaged("Its content is not what its checksums say.")
            while self._packed.read(_CHUNK_BYTES):
                pass

    def _unpack_members(self, folder: Path, sums: IO[bytes]) -> bool:
        """Down to the sums of the archive itself; whether it has them."""
        while (member := self._tar.next()) is not None:
            if not (_NAME.fullmatch(member.name) or member.name == SUMS) or not member.isfile():
                raise Damaged(f"It has a member that no backup has: {member.name!r}.")
            digest = _unpack(_content(self._tar, member), folder / member.name)
            if member.name == SUMS:
                return True
            sums.write(_sum(digest, member.name))
        return False


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Raises Damaged for what is no archive, OSError for what cannot be read."""
    with path.open("rb") as file, gzip.GzipFile(fileobj=file) as packed:
        with _noticing_damage():
            tar = tarfile.open(fileobj=packed, mode="r|")  # noqa: SIM115
        with tar:
            yield Reader(tar, packed)


@contextmanager
def _noticing_damage() -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise Damaged("Its end is missing.") from None
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile, UnicodeError) as error:
        raise Damaged(f"It cannot be unpacked: {error}.") from None


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    assert content is not None  # it is a file
    return content


def _unpack(content: IO[bytes], path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with open(path, "xb", opener=private) as target:
        while piece := content.read(_CHUNK_BYTES):
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()


def private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sum(digest: str, name: str) -> bytes:
    return f"{digest}  {name}\n".encode()
