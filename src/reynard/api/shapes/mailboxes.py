"""Mailboxes, and whether they are read: our own addition, for those who watch them."""

from typing import Annotated

from msgspec import Meta, Struct

from reynard.api.formats import WireDateTime
from reynard.api.shapes.common import Id


class MailboxFolder(Struct, gc=False):
    """A folder that is read. Numbers are those of the last comparison with the server, null before the first."""

    name: str
    server_count: Annotated[int | None, Meta(description="Mails the server had.")]
    our_count: Annotated[int | None, Meta(description="Those of them that are stored here.")]
    checked_at: Annotated[WireDateTime | None, Meta(description="When they were compared.")]


class Mailbox(Struct, gc=False):
    """An address that mail arrives at, and how it is. Its secrets are never shown."""

    id: Id
    name: str
    address: Annotated[str, Meta(description="What people write to.")]
    category: Annotated[Id, Meta(description="Where its tickets are.")]
    active: Annotated[bool, Meta(description="Whether it takes mail.")]
    fetched: Annotated[bool, Meta(description="Whether mails are fetched by IMAP; else a mail server hands them over.")]
    last_success_at: Annotated[
        WireDateTime | None, Meta(description="When all its folders were last read to their end.")
    ]
    lag_seconds: Annotated[
        int | None, Meta(description="How long ago that was, or since it was made; null where nothing is fetched.")
    ]
    failing_since: Annotated[
        WireDateTime | None, Meta(description="The first failure since the last success; null while all is well.")
    ]
    last_error: Annotated[str, Meta(description="Why the latest attempt failed; empty when it did not.")]
    credentials_expire_at: Annotated[
        WireDateTime | None,
        Meta(description="When the credentials must be renewed at the latest, where that is known."),
    ]
    waiting: Annotated[int, Meta(description="Mails that are stored and not understood yet.")]
    held: Annotated[int, Meta(description="Mails that wait for somebody to decide.")]
    failed: Annotated[int, Meta(description="Mails that could not be understood, or not be read from the server.")]
    folders: Annotated[list[MailboxFolder], Meta(description="What is read; empty where nothing is fetched.")]
