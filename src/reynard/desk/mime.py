"""Whole mails, written piece by piece: however large its files are, only a piece of them is in memory.

The standard library lays out the parts, with a mark where the bytes of a file will be; they are copied there from the
storage, encoded on the way. The result is plain ASCII with CRLF at the end of each line and no line longer than 998
characters, so that every server takes it as it is.
"""

import base64
import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from typing import IO

import msgspec
from django.conf import settings

from reynard.desk import files
from reynard.desk.rules.filenames import FILENAME_LIMIT
from reynard.desk.rules.mail_headers import one_line

_POLICY = SMTP.clone(cte_type="7bit")
_LINE_BYTES = 57  # of a file: 76 characters
_CHUNK_BYTES = 4096 * _LINE_BYTES
_IN_MEMORY_BYTES = 1024 * 1024  # larger mails are on disk while they wait to be sent
_LONG_TEXT = 100_000  # characters; longer ones as base64, which is quick
_TYPE = re.compile(r"(application|audio|font|image|model|text|video)/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}", re.ASCII)


class Part(msgspec.Struct, frozen=True):
    """A stored file (desk/files) in a mail. With a `content_id` it is an image that the HTML shows."""

    sha256: str
    filename: str
    content_type: str
    content_id: str = ""


class Body(msgspec.Struct, frozen=True):
    text: str
    html: str
    parts: Sequence[Part] = ()


def write(headers: str, body: Body, *, boundary: str) -> IO[bytes]:
    """A mail in a temporary file, at its beginning; it is gone when it is closed.

    `headers` are whole lines. `boundary` must be something nobody can guess, so that no text can end a part; the same
    one gives the same bytes. Raises FileNotFoundError when the storage has lost a file.
    """
    parts = sorted(body.parts, key=lambda part: not part.content_id)  # images belong to the HTML and come before files
    marks = [secrets.token_bytes(45) for _ in parts]  # 60 characters of base64: one line
    layout = _layout(body, parts, marks, boundary)
    written = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES, dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115
    try:
        written.write(headers.encode("ascii"))
        for mark, part in zip(marks, parts, strict=True):
            before, _, layout = layout.partition(base64.b64encode(mark) + b"\r\n")
            written.write(before)
            for piece in _encoded(part.sha256):
                written.write(piece)
        written.write(layout)
        written.seek(0)
    except BaseException:
        written.close()
        raise
    return written


def _layout(body: Body, parts: Sequence[Part], marks: Sequence[bytes], boundary: str) -> bytes:
    mail = EmailMessage(_POLICY)
    mail.set_content(body.text, cte=_encoding(body.text))
    mail.add_alternative(body.html, subtype="html", cte=_encoding(body.html))
    html: EmailMessage = mail.get_payload()[1]  # type: ignore[assignment, index]
    for part, mark in zip(parts, marks, strict=True):
        main, _, sub = safe_type(part.content_type).partition("/")
        name = one_line(part.filename, FILENAME_LIMIT)
        if part.content_id:
            html.add_related(mark, main, sub, cid=f"<{part.content_id}>", filename=name, disposition="inline")
        else:
            mail.add_attachment(mark, main, sub, filename=name)
    for number, container in enumerate(each for each in mail.walk() if each.is_multipart()):
        container.set_boundary(f"=_{boundary}_{number}")
        for part_inside in container.iter_parts():
            del part_inside["MIME-Version"]  # of the whole mail, not of a part
    return mail.as_bytes()


def _encoding(text: str) -> str | None:
    return "base64" if len(text) > _LONG_TEXT else None


def safe_type(content_type: str) -> str:
    """The type of a file as it was named, where that is a type of a single file."""
    name = content_type.partition(";")[0].strip().lower()
    return name if _TYPE.fullmatch(name) else "application/octet-stream"


def _encoded(sha256: str) -> Iterator[bytes]:
    with files.open_bytes(sha256) as content:
        while piece := content.read(_CHUNK_BYTES):
            encoded = base64.b64encode(piece)
            yield b"".join(encoded[at : at + 76] + b"\r\n" for at in range(0, len(encoded), 76))
