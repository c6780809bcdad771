"""What an agent sees of the desk at a glance: the views with their counts, and the rows of a list.

A view is a set of filters and a name. What belongs to categories an agent does not work in is never in one
(`access.categories_seen`): not in its rows and not in its counts. Counts come from TicketCounter alone.
"""

from datetime import date, datetime
from typing import Any

import msgspec
from django.db.models import Max
from django.db.models.functions import Left

from reynard.desk import db
from reynard.desk.models import Ticket, Update
from reynard.desk.selectors import access, tickets
from reynard.desk.selectors.filters import Filters, joined
from reynard.desk.selectors.reference import Reference, StaffMember

SNIPPET_LENGTH = 160  # characters of the last message
_SNIPPET_READ = 600  # characters of it that are looked at


class View(msgspec.Struct, frozen=True):
    """One view of the inbox: `slug` in its address, the filters of its tickets."""

    slug: str
    name: str
    icon: str
    filters: Filters
    sort: str = "unresponded"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket in a list. Moments are aware; `snippet` is the beginning of the last message."""

    id: int
    version: int
    subject: str
    contact_name: str
    status_id: int
    priority_id: int
    category_id: int
    assignee_id: int | None
    tags: str
    unresponded: bool
    attachments_count: int
    sla_breaches: int
    due_date: date | None
    last_contact_reply_at: datetime | None
    last_updated_at: datetime
    snippet: str
    snippet_by: str
    snippet_is_private: bool
    snippet_is_ours: bool


def views(person: StaffMember, reference: Reference) -> list[View]:
    """The views everybody has, in the order they are shown."""
    open_ = frozenset(row.id for row in reference.statuses.values() if reference.pending(row.id))
    closed = frozenset(reference.statuses) - open_
    seen = Filters(categories=access.categories_seen(person))
    plain = [
        View("needs-reply", "Needs reply", "reply", Filters(unresponded=True), "updatea"),
        View("mine", "Mine", "user", Filters(statuses=open_, assignees=frozenset({person.id}))),
        View("unassigned", "Unassigned", "nobody", Filters(statuses=open_, assignees=frozenset({0}))),
        View("waiting", "Waiting for contact", "hourglass", Filters(statuses=open_, unresponded=False), "updatea"),
        View("all", "All open", "all", Filters(statuses=open_)),
        View("solved", "Solved", "done", Filters(statuses=closed), "updated"),
    ]
    return [msgspec.structs.replace(view, filters=joined([view.filters, seen])) for view in plain]


def category_views(person: StaffMember, reference: Reference) -> list[View]:
    """One view for each category the agent works in."""
    open_ = frozenset(row.id for row in reference.statuses.values() if reference.pending(row.id))
    seen = access.categories_seen(person)
    return [
        View(f"category-{row.id}", row.name, "folder", Filters(statuses=open_, categories=frozenset({row.id})))
        for row in reference.categories.values()
        if seen is None or row.id in seen
    ]


def counts(several: list[View]) -> dict[str, int]:
    """How many tickets each view has, by slug, in one statement over the counters."""
    sums, values = [], []
    for view in several:
        conditions = [tickets.counted(column, wanted) for column, wanted in tickets.counted_properties(view.filters)]
        where = " AND ".join(condition.where for condition in conditions) or "1 = 1"
        sums.append(f"coalesce(sum(CASE WHEN {where} THEN tickets ELSE 0 END), 0)")
        values += [value for condition in conditions for value in condition.values]
    if not sums:
        return {}
    found = db.rows(f"SELECT {', '.join(sums)} FROM desk_ticketcounter", values)[0]
    return {view.slug: int(number) for view, number in zip(several, found, strict=True)}


def rows(numbers: list[int]) -> list[Row]:
    """The tickets of a page, in the order of `numbers`; three statements."""
    latest = dict(
        Update.objects.filter(
            ticket_id__in=numbers, message_type__in=[Update.MessageType.PUBLIC, Update.MessageType.PRIVATE]
        )
        .values_list("ticket_id")
        .annotate(Max("id"))
    )
    said = {
        update["ticket_id"]: update
        for update in Update.objects.filter(id__in=latest.values())
        .annotate(beginning=Left("text", _SNIPPET_READ))
        .values("ticket_id", "beginning", "author_name", "author_type", "message_type")
    }
    found = {
        ticket.id: _row(ticket, said.get(ticket.id))
        for ticket in Ticket.objects.filter(id__in=numbers).select_related("contact").only(*_COLUMNS)
    }
    return [found[number] for number in numbers if number in found]


_OWN = (
    "id version subject status_id priority_id category_id assignee_id tags unresponded attachments_count sla_breaches "
    "due_date last_contact_reply_at last_updated_at"
).split()
_COLUMNS = (*_OWN, "contact__name")


def _row(ticket: Ticket, message: dict[str, Any] | None) -> Row:
    return Row(
        **{name: getattr(ticket, name) for name in _OWN},
        contact_name=ticket.contact.name,
        snippet=" ".join(message["beginning"].split())[:SNIPPET_LENGTH] if message else "",
        snippet_by=message["author_name"] if message else "",
        snippet_is_private=message is not None and message["message_type"] == Update.MessageType.PRIVATE,
        snippet_is_ours=message is not None and message["author_type"] == Update.Author.STAFF,
    )


def tickets_of_contact(person: StaffMember, contact_id: int, *, besides: int, limit: int = 5) -> list[Ticket]:
    """The contact's newest other tickets that somebody may see, with `status` loaded."""
    found = Ticket.objects.filter(contact_id=contact_id, deleted_at__isnull=True).exclude(id=besides)
    seen = access.categories_seen(person)
    if seen is not None:
        found = found.filter(category_id__in=seen)
    return list(found.select_related("status").order_by("-id")[:limit])
