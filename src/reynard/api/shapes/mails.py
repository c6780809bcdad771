"""Mails as they were received, and what became of them: our own addition (docs/mail.md)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from reynard.api.formats import WireDateTime
from reynard.api.shapes.common import Id


class MailVerdict(Struct, gc=False):
    """What the receiving mail server found out about the sender."""

    result: Annotated[
        Literal["pass", "fail", "none"],
        Meta(description="Whether the author's domain answers for the mail; `none`: nobody knows."),
    ]
    reason: Annotated[str, Meta(description="In words.")]
    server: Annotated[str, Meta(description="Which trusted server said so, or empty.")]
    dmarc: Annotated[str, Meta(description="The result as the server wrote it, or empty.")]
    dkim: Annotated[str, Meta(description="Likewise.")]
    spf: Annotated[str, Meta(description="Likewise.")]


class MailHeader(Struct, gc=False):
    name: str
    value: Annotated[str, Meta(description="Decoded, on one line.")]


class ReceivedMail(Struct, gc=False):
    """A mail as it was received, and what became of it."""

    id: Id
    mailbox: Annotated[str, Meta(description="The name of the mailbox it came to.")]
    received_at: Annotated[WireDateTime, Meta(description="When the desk had it.")]
    sender: Annotated[str, Meta(description="Who it says wrote it: an address, or empty.")]
    subject: Annotated[str, Meta(description="Its beginning, where it is long.")]
    message_id: Annotated[str, Meta(description="Without angle brackets; its beginning, where it is long.")]
    size: Annotated[int, Meta(description="Bytes.")]
    state: Annotated[
        Literal["new", "taken", "held", "duplicate", "ignored", "failed"],
        Meta(description="`taken`: it opened or joined `ticket_id`; `held` ones wait for a decision."),
    ]
    reason: Annotated[str, Meta(description="Why it is where it is, in words.")]
    error: Annotated[str, Meta(description="Why it could not be understood, or empty.")]
    verdict: Annotated[MailVerdict | None, Meta(description="Null while nobody looked into the mail.")]
    ticket_id: Annotated[Id | None, Meta(description="The ticket it opened or joined.")]
    update_id: Annotated[Id | None, Meta(description="The entry of the ticket's history that came of it.")]
    suggested_ticket_id: Annotated[Id | None, Meta(description="A ticket that it names and did not join.")]


class ReceivedMailDetails(ReceivedMail, gc=False):
    """A received mail with its headers."""

    headers: Annotated[list[MailHeader], Meta(description="All of them, in their order.")]
    problems: Annotated[list[str], Meta(description="What was wrong with it, in words.")]


class ReceivedMailPage(Struct, gc=False):
    data: Annotated[list[ReceivedMail], Meta(description="The newest first.")]
    next: Annotated[Id | None, Meta(description="`before` of the next page; null on the last one.")]
