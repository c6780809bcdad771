"""Reports that a mail was not delivered, delayed or delivered: what became of it, for whom.

Reports in the standard form (RFC 3464) have a part for programs. Others are known by who sent them, which a person
never is, together with what they say; recipients and reasons are read from the forms that mail servers write them in.
"""

import re
from collections.abc import Iterator

import msgspec

from reynard.desk.rules import mail_addresses
from reynard.desk.rules.mail_headers import one_line
from reynard.mail import headers
from reynard.mail.parsed import Attachment, Bounce, ParsedMail

RECIPIENTS_LIMIT = 200
DIAGNOSTIC_LIMIT = 1000  # characters
_READ_BYTES = 256 * 1024  # of a report or of the mail that it returns
_READ_CHARACTERS = 20_000  # of the words of a report

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]\d)")
_REPLY = re.compile(r"(?<![\d.,:/-])([45])\d\d[ -]")  # an SMTP server's
_MAILS = {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}


def read(mail: ParsedMail) -> ParsedMail:
    """The mail with what it reports."""
    found = _standard(mail)
    if not found and _looks_like_report(mail):
        found = _failed_header(mail) or list(_recipients(_words(mail).encode())) or _in_words(mail)
    if not found:
        return mail
    original = _original_id(mail)
    bounces = tuple(msgspec.structs.replace(each, original_message_id=original) for each in found[:RECIPIENTS_LIMIT])
    return msgspec.structs.replace(mail, bounces=bounces)


# --- the standard form


def _standard(mail: ParsedMail) -> list[Bounce]:
    reports = [file for file in mail.attachments if file.content_type in _REPORTS][:10]
    return [bounce for report in reports for bounce in _recipients(_beginning(report))]


def _recipients(report: bytes) -> Iterator[Bounce]:
    """A block of fields for each recipient; those before belong to the whole report."""
    for fields in re.split(rb"\n(?:[ \t]*\r?\n)+", report, maxsplit=4 * RECIPIENTS_LIMIT):
        start = re.search(
            rb"^(?:Original-Recipient|Final-Recipient|Action)[ \t]*:", fields, re.MULTILINE | re.IGNORECASE
        )
        if start is None:
            continue
        block = headers.read_block(fields, start.start(), len(fields))
        diagnostic = block.first("diagnostic-code")
        yield Bounce(
            recipient=_address(block.first("final-recipient")) or _address(block.first("original-recipient")),
            action=one_line(block.first("action").partition("(")[0].strip().lower(), 20) or "failed",
            status=_status(block.first("status")) or _status(diagnostic),
            diagnostic=headers.plain(re.sub(r"^\s*[\w-]+\s*;", "", diagnostic), DIAGNOSTIC_LIMIT),
        )


def _address(field: str) -> str:
    """The address of a field like `rfc822; <lena@example.org>`."""
    found = headers.addresses(field.rpartition(";")[2])
    return found[0].address if found else ""


def _status(text: str) -> str:
    match = _STATUS.search(text)
    return match[1] if match else ""


# --- other forms

_PROGRAM = re.compile(
    r"mailer[-_ ]?daemon|post_?master|mail[- ]?deliver|system administrator|delivery system", re.IGNORECASE
)
_SAYS_SO = re.compile(
    r"""undeliver|(?:delivery|mail)\s(?:has\s)?(?:fail|error)|fail(?:ed|ure)\sto\sdeliver|failure\snotice|returned\smail
    |delivery\s(?:status\s)?(?:notification|failure|problem|report)|(?:could|can|was|were|has|have)\s?not\s(?:yet\s)?(?:be\s|been\s)?
    (?:delivered|sent|reach)|unable\sto\s(?:send|deliver)|not\sreach\sthe\sfollowing|permanent(?:\s\w+)?\serror|error\ssending
    |wasn't\sable\sto\sdeliver|attempting\sto\sdeliver|trouble\sdelivering|rejected\sby|unknown\suser|user\sunknown
    |cannot\s(?:be\sdelivered|send)|over\squota|送信できません|配信できません|failure\sreasons
    |unzustellbar|nicht\szugestellt|n'a\spas\spu\s.tre|no\s(?:se\s)?(?:pudo|ha\spodido)|non\s.\sstato\spossibile""",
    re.IGNORECASE | re.VERBOSE,
)
_DELAYED = re.compile(
    r"delayed|\(delay\)|not\syet\sbeen|will\s(?:continue|be\sretried|keep\strying)|still\sbeing\sretried|warning\smessage\sonly",
    re.IGNORECASE | re.VERBOSE,
)
_ORIGINAL = re.compile(
    r"""^\W{0,60}(?:(?:this|below)\s(?:line\s)?is\sa\scopy|below\sis\sa\scopy|(?:the\s)?(?:header\sof\sthe\s)?original\smessage\b
    |included\sis\sa\scopy|message\sheaders\sfollow|unsent\smessage\sfollows|returned\smessage
    |(?:return-path|received|message-id)\s?:)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_LOCAL = r"[^\s<>\"'(),;:\[\]@]{1,64}"
_MAILBOX = rf"{_LOCAL}@[a-z0-9.-]{{1,190}}[a-z0-9]"
# A line that is about one recipient: `<lena@example.org>:`, or the address alone, between marks, or behind some words.
_RECIPIENT_LINE = re.compile(
    rf"^[ \t>*\"'-]{{0,10}}<?({_MAILBOX})>?(?:[\"']?[ \t]*(?::|$|\(|\[|<|on[ ])|[ \t]+invalid)"
    rf"|(?:\bto|user|for|address|errors|recipients?):?[ \t]*:?<({_MAILBOX})>"
    rf"|(?:unknown\suser|recipient\saddress|permanent\serrors|rcpt\sto)[ \t]*:[ \t]*<?({_MAILBOX})",
    re.IGNORECASE | re.MULTILINE,
)
_ANY_MAILBOX = re.compile(_MAILBOX, re.IGNORECASE)


def _looks_like_report(mail: ParsedMail) -> bool:
    """A program sent it, and it says that something was not delivered."""
    author = mail.author
    addresses = (mail.return_path or "", author.address if author else "")
    by_program = (
        mail.return_path == ""
        or "delivery-status" in mail.header("content-type")
        or any(_PROGRAM.match(each) or ("@" in each and mail_addresses.is_nobodys(each)) for each in addresses)
        or (author is not None and _PROGRAM.search(author.name) is not None)
    )
    return by_program and any(_SAYS_SO.search(each) for each in (mail.subject, _words(mail)))


def _words(mail: ParsedMail) -> str:
    return (mail.text or re.sub(r"<[^<>]*>", "\n", mail.html[: 4 * _READ_CHARACTERS]))[:_READ_CHARACTERS]


def _failed_header(mail: ParsedMail) -> list[Bounce]:
    """What Exim and Google write, beside words for people."""
    named = headers.addresses(mail.header("x-failed-recipients"))
    words = _words(mail)
    return [
        _bounce(mail, each.address, words[max(0, words.find(each.address)) :]) for each in named if "@" in each.address
    ]


def _in_words(mail: ParsedMail) -> list[Bounce]:
    text = _words(mail)
    original = _ORIGINAL.search(text)
    report = text[: original.start()] if original and original.start() > 0 else text
    own = {each.address.lower() for each in (*mail.authors, *mail.to)}
    found: dict[str, str] = {}
    for match in _RECIPIENT_LINE.finditer(report):
        address = next(group for group in match.groups() if group)
        if address.lower() not in own:
            found.setdefault(address, report[match.start() :])
    if not found:
        named = [each for each in _ANY_MAILBOX.findall(report) if each.lower() not in own]
        found = dict.fromkeys(named[:1] or _recipients_of_original(mail), report)
    return [_bounce(mail, address, behind) for address, behind in found.items()]


def _bounce(mail: ParsedMail, recipient: str, report: str) -> Bounce:
    """One in words; `report` begins where the recipient is named."""
    delayed = _DELAYED.search(mail.subject) or _DELAYED.search(_words(mail)[:2000])
    reply = _REPLY.search(report)
    line = report[reply.start() :] if reply else report.partition("\n")[2].lstrip("\n")
    diagnostic = re.split(r"\n[ \t]*\n", line, maxsplit=1)[0]
    status = _status(diagnostic) or _status(report) or (f"{reply[1]}.0.0" if reply else "")
    return Bounce(recipient, "delayed" if delayed else "failed", status, one_line(diagnostic, DIAGNOSTIC_LIMIT))


# --- the mail that it was about


def _original_blocks(mail: ParsedMail) -> Iterator[headers.Block]:
    for returned in mail.attachments:
        if returned.content_type in _MAILS:
            start = _beginning(returned)
            yield headers.read_block(start, 0, len(start))


def _original_id(mail: ParsedMail) -> str:
    """The id of the mail that a report returns, whole, or its headers, or in its text; "" when it does not."""
    for block in _original_blocks(mail):
        if found := headers.message_id(block.first("message-id")):
            return found
    texts = [_beginning(file) for file in mail.attachments if file.content_type.startswith("text/")][:5]
    for text in (mail.text[-_READ_BYTES:], mail.html[-_READ_BYTES:], *(text.decode("latin-1") for text in texts)):
        if named := re.search(r"Message-ID:\s*(?:<|&lt;)([^\s<>&]{1,500})(?:>|&gt;)", text, re.IGNORECASE):
            return named[1]
    return ""


def _recipients_of_original(mail: ParsedMail) -> list[str]:
    """The only recipient of the mail that is returned: it must be about that one."""
    for block in _original_blocks(mail):
        if len(to := headers.addresses(block.first("to"))) == 1 and "@" in to[0].address:
            return [to[0].address]
    return []


def _beginning(file: Attachment) -> bytes:
    data = b""
    for chunk in file.content.chunks():
        data += chunk
        if len(data) >= _READ_BYTES:
            break
    return data[:_READ_BYTES].lstrip(b"\r\n")
