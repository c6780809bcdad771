"""What a mail says, as plain values: what `mail/parse` makes of bytes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from reynard.mail import transfer


class Address(msgspec.Struct, frozen=True):
    """Who a header names. Either may be empty; whether mail can be sent there is for rules/mail_addresses to say."""

    name: str
    address: str


class Header(msgspec.Struct, frozen=True):
    """One header in its place: the name as written, the value decoded, on one line."""

    name: str
    value: str


class Content(msgspec.Struct, frozen=True):
    """Bytes of an attachment, decoded piece by piece out of the mail they stand in."""

    raw: bytes
    start: int
    end: int
    encoding: str = ""  # a Content-Transfer-Encoding

    def chunks(self) -> Iterator[bytes]:
        return transfer.decoded(self.raw, self.start, self.end, self.encoding)

    def read(self) -> bytes:
        return b"".join(self.chunks())


class Attachment(msgspec.Struct, frozen=True):
    """A file. `name` has no path and is never empty, `size` is in bytes, decoded; `inline`: the HTML shows it."""

    name: str
    content_type: str
    content: Content
    size: int
    content_id: str = ""  # without angle brackets
    inline: bool = False


class Bounce(msgspec.Struct, frozen=True):
    """What became of a mail for one recipient (RFC 3464). What the report does not say is empty.

    `action` is failed, delayed, delivered, relayed or expanded; `status` is like 5.1.1.
    """

    recipient: str
    action: str
    status: str = ""
    diagnostic: str = ""
    original_message_id: str = ""

    @property
    def failed(self) -> bool:
        """Whether the server has given up; what is delayed may still arrive."""
        return self.action == "failed"


class AuthenticationResults(msgspec.Struct, frozen=True):
    """What a server says it has checked (RFC 8601); `value` is everything behind the server's name, as written."""

    authserv_id: str  # lower case
    value: str


class MailingList(msgspec.Struct, frozen=True):
    """Headers of a mailing list (RFC 2369, 2919), as written; `id` without its angle brackets."""

    id: str = ""
    post: str = ""
    unsubscribe: str = ""


class Automation(msgspec.Struct, frozen=True):
    """Why no person seems to have written a mail.

    `kind`: a reply that a program sent, something else that a program made, or a mail to many. `reason` is the header
    that says so. What is not `certain` is a hint: nothing should answer by itself, but people should read it.
    """

    kind: Literal["reply", "generated", "bulk"]
    reason: str
    certain: bool


class ParsedMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail. Nothing here is proven: whoever wrote it chose every word.

    Message ids have no angle brackets. Texts have neither NUL nor lone surrogates, and `\\n` at line ends.
    """

    authors: tuple[Address, ...] = ()  # of all From headers; more than one is unusual
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()  # where servers say they put it: addresses that need not stand in To and Cc
    return_path: str | None = None  # the envelope's sender: "" for <>, None when no server noted it
    subject: str = ""
    date: datetime | None = None  # as the sender's clock says
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # oldest first
    auto_submitted: str = ""  # the keyword of RFC 3834, lower case
    precedence: str = ""  # lower case
    automation: Automation | None = None
    mailing_list: MailingList | None = None
    authentication_results: tuple[AuthenticationResults, ...] = ()  # topmost, so latest, first
    hops: int = 0  # servers it passed
    text: str = ""  # empty when there is HTML alone: rules/messages derives it
    html: str = ""  # as received: not clean
    attachments: tuple[Attachment, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    headers: tuple[Header, ...] = ()
    notes: tuple[str, ...] = ()  # what was wrong with it, in words for people

    @property
    def author(self) -> Address | None:
        return self.authors[0] if self.authors else None

    def header(self, name: str) -> str:
        """The first header of that name; "" when there is none."""
        return next((header.value for header in self.headers if header.name.lower() == name.lower()), "")
