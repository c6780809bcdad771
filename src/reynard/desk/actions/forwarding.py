"""Forwarding a ticket by mail (tickets.md §15)."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from reynard.desk import db
from reynard.desk.actions import changes, checks, counters, outbox
from reynard.desk.actions.changes import Author, Entry
from reynard.desk.errors import NOT_A_CHOICE, Problems
from reynard.desk.files import IncomingFile
from reynard.desk.models import Attachment, Contact, Ticket
from reynard.desk.rules import notify
from reynard.desk.rules import tickets as rules
from reynard.desk.rules.history import Changes
from reynard.desk.rules.messages import Message
from reynard.desk.rules.tickets import join_list, split_list
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference


class Forward(msgspec.Struct, kw_only=True):
    """Addresses are comma-separated. `to_contact` and `cc_contact` add the ticket's contact to them."""

    staff: int | UnsetType = UNSET
    to: str = ""
    to_contact: bool = False
    cc: str = ""
    cc_contact: bool = False
    bcc: str = ""
    subject: str = ""
    message: Message | None = None
    files: Sequence[IncomingFile] = ()
    attachments: Sequence[int] = ()  # files the ticket has already
    all_messages: bool = True
    private_notes: bool = False
    replies_open_tickets: bool = True


def forward(
    number: int,
    given: Forward,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> str:
    """Send a ticket to others; recorded as a private message (T-20). Returns the display id.

    Raises NotFound, Changed, Invalid.
    """
    problems = problems or Problems()
    with db.write():
        ticket = checks.lock_ticket(number, expected_versions, reference)
        author = checks.acting_staff(given.staff, reference, problems)
        access.demand(author, ["forward_tickets"], problems)
        to, cc = _recipients(ticket, given, problems)
        problems.require("subject", bool(given.subject.strip()))
        _check_attachments(ticket, given.attachments, problems)
        problems.raise_if_any()
        assert author is not None
        entry = Entry(
            author=Author.staff(author),
            message=given.message or Message("", ""),
            private=True,
            subject=given.subject,
            cc=cc,
            bcc=given.bcc,
            forward_to=to,
            files=given.files,
        )
        place = counters.place_of(ticket)
        update = changes.record(
            ticket, Changes(), entry, rules.FORWARD, reference, place_before=place, moment=now, now=now
        )
        audience = outbox.Audience(ticket, entry, reference)
        outbox.tell(notify.Event.FORWARDED, audience, update, now=now, options=_options(given))
    return rules.display_id(reference.categories[ticket.category_id].prefix, ticket.id)


def _recipients(ticket: Ticket, given: Forward, problems: Problems) -> tuple[str, str]:
    """`to` and `cc`, with the contact where wanted."""
    to, cc = split_list(given.to), split_list(given.cc)
    problems.require("to", bool(to) or given.to_contact)
    if given.to_contact or given.cc_contact:
        email = Contact.objects.values_list("email", flat=True).get(id=ticket.contact_id)
        for wanted, field, addresses in ((given.to_contact, "to_contact", to), (given.cc_contact, "cc_contact", cc)):
            if wanted and not email:
                problems.add(field, "The contact of this ticket has no email address.")
            elif wanted and email and email not in addresses:
                addresses.append(email)
    return join_list(to), join_list(cc)


def _check_attachments(ticket: Ticket, ids: Sequence[int], problems: Problems) -> None:
    known = set(
        Attachment.objects.filter(id__in=ids, update__ticket_id=ticket.id).values_list("id", flat=True) if ids else ()
    )
    if set(ids) - known:
        problems.add("ticket_files", NOT_A_CHOICE)


def _options(given: Forward) -> dict[str, object]:
    """What the sender needs to know besides the update."""
    return {
        "all_messages": given.all_messages,
        "private_notes": given.private_notes,
        "attachments": list(given.attachments),
        "replies_open_tickets": given.replies_open_tickets,
    }
