"""Composing the mails of a ticket, and reading them as other programs do."""

import email
from email import policy
from email.message import EmailMessage
from typing import Any

import fast_mail_parser
import msgspec
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk import files
from reynard.desk.actions import outgoing_mail
from reynard.desk.models import OutboxEntry
from tests.factories import NOON

PNG = b"\x89PNG\r\n\x1a\n"


class Mail(msgspec.Struct):
    """A composed mail: its bytes, its envelope, and what two parsers that have nothing in common read in it."""

    raw: bytes
    envelope_from: str
    envelope_to: list[str]
    left_out: list[outgoing_mail.LeftOut]
    message: EmailMessage
    other: Any

    def __getitem__(self, header: str) -> str | None:
        value = self.message[header]
        return None if value is None else str(value)

    @property
    def text(self) -> str:
        return self._part("plain").replace("\r\n", "\n")

    @property
    def html(self) -> str:
        return self._part("html").replace("\r\n", "\n")

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())

    @property
    def attachments(self) -> dict[str, bytes]:
        """Files by name, without the images that the HTML shows."""
        return {str(part.get_filename()): _bytes(part) for part in self.message.iter_attachments()}

    @property
    def images(self) -> dict[str, bytes]:
        """Content-ID → bytes of the images that the HTML shows."""
        parts = [part for part in self.message.walk() if part["Content-ID"]]
        return {part["Content-ID"].strip("<>"): _bytes(part) for part in parts}


def _bytes(part: Any) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def compose(entry: OutboxEntry | None = None, *, now=NOON) -> Mail:
    """The mail of an entry, the newest one unless told otherwise."""
    entry = entry or OutboxEntry.objects.latest("id")
    composed = outgoing_mail.compose(entry.id, now=now)
    with composed.message as message:
        raw = message.read()
    return read(raw, composed)


def read(raw: bytes, composed: outgoing_mail.Composed) -> Mail:
    parsed = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    mail = Mail(
        raw=raw,
        envelope_from=composed.envelope_from,
        envelope_to=composed.envelope_to,
        left_out=composed.left_out,
        message=parsed,
        other=fast_mail_parser.parse_email(raw),
    )
    _check_bytes(raw)
    _check_parsers_agree(mail)
    return mail


def _check_bytes(raw: bytes) -> None:
    """What every mail server takes (RFC 5321 §4.5.3.1.6, RFC 5322 §2.1.1)."""
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.endswith(b"\r\n")
    lines = raw.removesuffix(b"\r\n").split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 998


def _check_parsers_agree(mail: Mail) -> None:
    defects = [defect for part in mail.message.walk() for defect in part.defects]
    assert not defects
    assert set(mail.other.headers) == set(mail.message.keys())
    assert len(mail.message.keys()) == len(set(mail.message.keys()))
    assert [text.replace("\r\n", "\n") for text in mail.other.text_plain] == [mail.text]
    assert [html.replace("\r\n", "\n") for html in mail.other.text_html] == [mail.html]
    found = [
        content if isinstance(content := file.content, bytes) else content.encode() for file in mail.other.attachments
    ]
    assert sorted(found) == sorted([*mail.attachments.values(), *mail.images.values()])


def kept(name: str, content: bytes, content_type: str = "application/octet-stream") -> files.IncomingFile:
    return files.keep(SimpleUploadedFile(name, content, content_type))
