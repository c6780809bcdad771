"""Mails that arrive at a desk: written, received, and taken as the worker does it."""

import itertools
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from django.conf import settings

from reynard.desk.actions import mailboxes, receiving
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.actions.receiving import Envelope
from reynard.desk.models import Category, InboundMail, OutboxEntry, Ticket, Update
from reynard.desk.rules import reply_address
from reynard.desk.selectors import reference
from reynard.mail import inbound

SUPPORT = "support@rollwerk.example"
NOTES = "notes@rollwerk.example"
LENA = "lena.ortiz@example.org"
PRIYA = "priya@rollwerk.example"
JONAS = "jonas@rollwerk.example"
HOST = "mx.rollwerk.example"
RESULTS = "Authentication-Results"

_numbers = itertools.count(1)


def make_mailbox(category: Category, name: str = "support", address: str = SUPPORT, **more: Any) -> None:
    wanted = MailboxSettings(address=address, category_id=category.id, trusted_hosts=[HOST], **more)
    mailboxes.create(name, wanted, now=datetime.now(UTC))


def verdict(result: str) -> dict[str, str]:
    """The header of the receiving server."""
    return {RESULTS: f"{HOST}; dmarc={result}"}


def mail(author: str = LENA, to: str = SUPPORT, text: str = "They squeak.", **headers: str | None) -> bytes:
    """A mail in plain text; headers are names with `_` for `-`, or are left out when they are None."""
    number = next(_numbers)
    found: dict[str, str | None] = {
        "From": author,
        "To": to,
        "Subject": "Brakes",
        "Date": format_datetime(datetime.now(UTC)),
        "Message-ID": f"<{number}@example.org>",
        "Content-Type": "text/plain; charset=utf-8",
    }
    found |= {name.replace("_", "-"): value for name, value in headers.items()}
    ordered = sorted(found.items(), key=lambda item: item[0] != RESULTS)
    lines = [f"{name}: {value}\r\n" for name, value in ordered if value is not None]
    return ("".join(lines) + "\r\n" + text.replace("\n", "\r\n") + "\r\n").encode()


def store(raw: bytes, mailbox: str = "support", **envelope: Any) -> int:
    given = Envelope(envelope.get("sender"), envelope.get("recipients", ()))
    kept = receiving.keep([raw])
    found = receiving.find(mailbox)
    return receiving.receive(found, kept, source=InboundMail.Source.PIPE, envelope=given, now=datetime.now(UTC))


def work() -> None:
    while inbound.take_due(datetime.now(UTC)):
        pass


def arrive(raw: bytes, mailbox: str = "support", **envelope: Any) -> InboundMail:
    """The row of a mail that was received and taken."""
    stored = store(raw, mailbox, **envelope)
    work()
    return InboundMail.objects.get(id=stored)


def reply_to(ticket: int, *, note: bool = False) -> str:
    return str(reply_address.make(SUPPORT, ticket, settings.SECRET_KEY, note=note))


def token(ticket: int) -> str:
    found = Ticket.objects.get(id=ticket)
    return f"Re: Brakes [#{found.category.prefix}{ticket:08}]"


def history(ticket: int) -> list[Update]:
    return list(Update.objects.filter(ticket_id=ticket).order_by("id"))


def last_update(ticket: int) -> Update:
    return history(ticket)[-1]


def outgoing(ticket: int) -> list[tuple[str, dict[str, list[str]]]]:
    """Kind and recipients of all mails that shall leave for a ticket."""
    return list(OutboxEntry.objects.filter(ticket_id=ticket).order_by("id").values_list("kind", "recipients"))


def close(ticket: int, status: int) -> None:
    from reynard.desk.actions import tickets

    given = tickets.StaffUpdate(staff=next(iter(reference.current().staff)), status=status)
    tickets.add_staff_update(ticket, given, reference=reference.current(), now=datetime.now(UTC))
