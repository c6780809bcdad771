"""Reports that a mail was not delivered, delayed or delivered: what became of it, for whom (RFC 3464, and older forms).

Reports in the standard form have a part for programs. Others are known by who sent them and by what stands in them;
their recipients and reasons are read from the words that mail servers use.
"""

import re

import msgspec

from reynard.desk.rules.mail_headers import one_line
from reynard.mail import headers
from reynard.mail.parsed import Attachment, Bounce, ParsedMail

RECIPIENTS_LIMIT = 200
DIAGNOSTIC_LIMIT = 1000  # characters
_READ_BYTES = 256 * 1024  # of a report or of the mail that it returns
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_MAILS = {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}


def read(mail: ParsedMail) -> ParsedMail:
    """The mail with what it reports."""
    found = _standard(mail) or _exim(mail)
    if not found:
        return mail
    original = _original(mail)
    bounces = tuple(msgspec.structs.replace(each, original_message_id=original) for each in found[:RECIPIENTS_LIMIT])
    return msgspec.structs.replace(mail, bounces=bounces)


def _standard(mail: ParsedMail) -> list[Bounce]:
    found: list[Bounce] = []
    for report in mail.attachments:
        if report.content_type in _REPORTS:
            found += _recipients(_beginning(report))
    return found


def _recipients(report: bytes) -> list[Bounce]:
    """A block of fields for each recipient; those before belong to the whole report."""
    found: list[Bounce] = []
    at = 0
    while at < len(report) and len(found) < RECIPIENTS_LIMIT:
        block = headers.read_block(report, at, len(report))
        at = max(block.end, at + 1)
        recipient = block.first("original-recipient") or block.first("final-recipient")
        if not (recipient or block.first("action")):
            continue
        found.append(
            Bounce(
                recipient=_address(block.first("final-recipient")) or _address(block.first("original-recipient")),
                action=one_line(block.first("action").partition("(")[0].strip().lower(), 20) or "failed",
                status=_status(block.first("status")) or _status(block.first("diagnostic-code")),
                diagnostic=headers.plain(block.first("diagnostic-code").partition(";")[2], DIAGNOSTIC_LIMIT)
                or headers.plain(block.first("diagnostic-code"), DIAGNOSTIC_LIMIT),
            )
        )
    return found


def _exim(mail: ParsedMail) -> list[Bounce]:
    failed = mail.header("x-failed-recipients")
    return [Bounce(each.address, "failed", _status(mail.text)) for each in headers.addresses(failed) if each.address]


def _address(field: str) -> str:
    """The address of a field like `rfc822; <lena@example.org>`."""
    found = headers.addresses(field.rpartition(";")[2])
    return found[0].address if found else ""


def _status(text: str) -> str:
    match = _STATUS.search(text[:10_000])
    return match[1] if match else ""


def _original(mail: ParsedMail) -> str:
    """The id of the mail that a report returns, whole or its headers; "" when it does not."""
    for returned in mail.attachments:
        if returned.content_type in _MAILS:
            start = _beginning(returned)
            block = headers.read_block(start, 0, len(start))
            if found := headers.message_id(block.first("message-id")):
                return found
    return ""


def _beginning(file: Attachment) -> bytes:
    data = b""
    for chunk in file.content.chunks():
        data += chunk
        if len(data) >= _READ_BYTES:
            break
    return data[:_READ_BYTES].lstrip(b"\r\n")
