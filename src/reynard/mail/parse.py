"""From the bytes of a mail to what it says (`parsed.ParsedMail`). No database, no network, no exception.

Whatever bytes come in, a mail comes out: what cannot be understood is kept as it is, as text or as a file, and
`notes` says what was wrong. Time and memory are bounded: headers, parts and their depth are counted (headers.py,
mime.py), each byte is looked at a few times at most, and files stay in the bytes of the mail until somebody reads them.

The bytes are read here rather than by the standard library's parser, which makes several copies of a mail, one of them
an object for each line: 25 MB of mail become 200 MB.
"""

import re

from reynard.desk.rules.mail_headers import one_line
from reynard.mail import automation, bodies, bounces, headers, mime
from reynard.mail.parsed import Address, Attachment, AuthenticationResults, Content, Header, MailingList, ParsedMail

SUBJECT_LIMIT = 1000  # characters
HEADER_SHOWN_LIMIT = 10_000  # characters of one value
NOTES_LIMIT = 50
_DELIVERED_TO = "delivered-to x-delivered-to x-original-to envelope-to x-envelope-to".split()


def parse(raw: bytes) -> ParsedMail:
    """What a mail says. `raw` stays in memory as long as somebody holds one of the attachments."""
    try:
        return _parsed(raw)
    except Exception as error:  # whatever a mail does to us, it must not be lost
        whole = Attachment("mail.eml", "message/rfc822", Content(raw, 0, len(raw)), len(raw))
        return ParsedMail(attachments=(whole,), notes=(f"{UNREAD} ({type(error).__name__}).",))


UNREAD = "The mail could not be read; it was kept as a file"


def _parsed(raw: bytes) -> ParsedMail:
    raw = _with_line_ends(raw)
    limits = mime.Limits()
    root = mime.read(raw, _start(raw), len(raw), limits)
    body = bodies.Reader(raw, limits.problems).body(root)
    block = root.block
    mail = ParsedMail(
        authors=_addresses(block, "from"),
        sender=next(iter(_addresses(block, "sender")), None),
        reply_to=_addresses(block, "reply-to"),
        to=_addresses(block, "to"),
        cc=_addresses(block, "cc"),
        delivered_to=_delivered_to(block),
        return_path=_return_path(block),
        subject=headers.plain(block.first("subject"), SUBJECT_LIMIT),
        date=headers.date(block.first("date")),
        message_id=headers.message_id(block.first("message-id")),
        in_reply_to=headers.message_ids(block.first("in-reply-to")),
        references=headers.message_ids(" ".join(block.all("references"))),
        auto_submitted=_keyword(block.first("auto-submitted")),
        precedence=_keyword(block.first("precedence")),
        mailing_list=_mailing_list(block),
        authentication_results=tuple(map(_authentication, block.all("authentication-results"))),
        hops=sum(1 for name, _ in block.entries if name.lower() == "received"),
        text=body.text,
        html=body.html,
        attachments=bodies.with_inline(body.attachments, body.html),
        headers=tuple(Header(name, _shown(value)) for name, value in block.entries),
        notes=tuple(limits.problems[:NOTES_LIMIT]),
    )
    return automation.marked(bounces.read(mail))


def _with_line_ends(raw: bytes) -> bytes:
    """Mail of systems whose lines end in CR alone."""
    return raw if b"\n" in raw or b"\r" not in raw else raw.replace(b"\r", b"\n")


def _start(raw: bytes) -> int:
    """Behind empty lines and a byte order mark at the beginning."""
    match = re.match(rb"(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n)*", raw)
    return match.end() if match else 0


def _addresses(block: headers.Block, name: str) -> tuple[Address, ...]:
    return tuple(address for value in block.all(name) for address in headers.addresses(value))[
        : headers.ADDRESSES_LIMIT
    ]


def _delivered_to(block: headers.Block) -> tuple[str, ...]:
    named = (address.address for name in _DELIVERED_TO for address in _addresses(block, name))
    return tuple(dict.fromkeys(address for address in named if "@" in address))


def _return_path(block: headers.Block) -> str | None:
    value = block.first("return-path")
    if not value:
        return None
    found = headers.addresses(value)
    return found[0].address if found else ""


def _keyword(value: str) -> str:
    return one_line(value.partition(";")[0].partition("(")[0].strip().lower(), 50)


def _mailing_list(block: headers.Block) -> MailingList | None:
    if not any(block.first(name) for name in ("list-id", "list-post", "list-unsubscribe")):
        return None
    id = headers.plain(block.first("list-id"), 250)
    named = re.search(r"<([^<>]*)>", id)
    return MailingList(
        id=named[1] if named else id,
        post=headers.plain(block.first("list-post"), 500),
        unsubscribe=headers.plain(block.first("list-unsubscribe"), 2000),
    )


def _authentication(value: str) -> AuthenticationResults:
    server, _, results = value.partition(";")
    name = re.sub(r"\([^()]*\)", " ", server).split()
    return AuthenticationResults(one_line(name[0].lower() if name else "", 250), one_line(results, 5000))


def _shown(value: bytes) -> str:
    return headers.plain(headers.unfolded(value), HEADER_SHOWN_LIMIT)
