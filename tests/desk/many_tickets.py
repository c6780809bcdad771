"""Sixty-one tickets that tie wherever tickets can tie, and the obvious way to put them in order."""

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from reynard.desk.actions import counters
from reynard.desk.models import Category, Contact, Priority, Staff, Status, Ticket
from reynard.desk.selectors import reference
from tests import factories
from tests.factories import NOON

MANY = 61
_MOMENTS = [NOON + timedelta(hours=n, microseconds=n % 2) for n in range(12)]
_DAYS = [None, None, *(date(2026, 3, day) for day in (9, 10, 20))]
_SUBJECTS = ["apple", "Apple", "APPLE", "banana", "Cherry", "cherry", "Zebra", "ähre", "Ähre"]


def make_many_tickets(desk: SimpleNamespace, seed: int = 1) -> None:
    """Adds to the desk: namesakes among categories, equal orders among statuses and priorities, idle ones of each."""
    factories.make_category("repair Workshop", "RX")
    factories.make_category("Empty", "EM")
    factories.make_status("Parked", order=2)
    factories.make_status("Solved", "completed", order=3)
    factories.make_status("Unused", order=0)
    factories.make_priority("Urgent", order=2)
    factories.make_staff("Zoe", username="aaron")
    factories.make_staff("Idle", username="Boris")
    factories.make_contact("Nobody", "nobody@example.org")
    _insert(desk, random.Random(seed))
    reference.changed()


def _insert(desk: SimpleNamespace, chance: random.Random) -> None:
    categories = list(Category.objects.exclude(name="Empty").order_by("id"))
    statuses = list(Status.objects.exclude(name="Unused").order_by("id"))
    contacts = list(Contact.objects.exclude(name="Nobody").order_by("id"))
    people = [None, None, *Staff.objects.exclude(first_name="Idle").order_by("id")]
    for number in range(MANY + 4):
        subject = chance.choice(_SUBJECTS)
        Ticket.objects.create(
            subject=subject,
            subject_key=subject.casefold(),
            first_message="It is broken.",
            contact=chance.choice(contacts),
            category=chance.choice(categories),
            status=chance.choice(statuses),
            priority=chance.choice(list(Priority.objects.order_by("id"))),
            assignee=chance.choice(people),
            due_date=chance.choice(_DAYS),
            unresponded=chance.random() < 0.5,
            visible_only_staff=chance.choice([None, True, False]),
            source="TKT_CREATION_API",
            created_at=chance.choice(_MOMENTS),
            last_updated_at=chance.choice(_MOMENTS),
            last_modified_at=chance.choice(_MOMENTS),
            deleted_at=NOON if number % 16 == 5 else None,
        )
    counters.recount()


def live_tickets() -> list[Ticket]:
    rows = Ticket.objects.filter(deleted_at=None).select_related("status", "priority", "category", "assignee")
    return list(rows)


Key = Callable[[Ticket], Any]

# Sort key of tickets.md §4: what it compares, and whether it goes down. `due`, `unresponded`, `assignee…` are apart.
_COMPARED: dict[str, tuple[Key, bool]] = {
    "updated": (lambda ticket: ticket.last_updated_at, True),
    "updatea": (lambda ticket: ticket.last_updated_at, False),
    "created": (lambda ticket: ticket.created_at, True),
    "createa": (lambda ticket: ticket.created_at, False),
    "last_modifiedd": (lambda ticket: ticket.last_modified_at, True),
    "last_modifieda": (lambda ticket: ticket.last_modified_at, False),
    "ticketd": (lambda ticket: ticket.id, True),
    "ticketa": (lambda ticket: ticket.id, False),
    "statusd": (lambda ticket: ticket.status.order, True),
    "statusa": (lambda ticket: ticket.status.order, False),
    "priorityd": (lambda ticket: ticket.priority.order, True),
    "prioritya": (lambda ticket: ticket.priority.order, False),
    "categoryd": (lambda ticket: ticket.category.name.casefold(), True),
    "categorya": (lambda ticket: ticket.category.name.casefold(), False),
    "subjectd": (lambda ticket: ticket.subject.casefold(), True),
    "subjecta": (lambda ticket: ticket.subject.casefold(), False),
    "clientd": (lambda ticket: ticket.contact_id, True),
    "clienta": (lambda ticket: ticket.contact_id, False),
}
SORTS = [*_COMPARED, "due", "unresponded", "assigneed", "assigneea"]


def in_order(sort: str, tickets: Iterable[Ticket]) -> list[int]:
    """Ticket numbers by a sort key, the slow way: one stable sort per key, the last key first."""
    rows = sorted(tickets, key=lambda ticket: ticket.id, reverse=not sort.endswith("a"))
    if sort in _COMPARED:
        compared, down = _COMPARED[sort]
        rows.sort(key=compared, reverse=down)
    elif sort == "due":
        rows.sort(key=lambda ticket: (ticket.due_date is None, ticket.due_date or date.min))
    elif sort == "unresponded":
        rows.sort(key=lambda ticket: ticket.last_updated_at, reverse=True)
        rows.sort(key=lambda ticket: not ticket.unresponded)
    else:
        rows.sort(key=lambda t: t.assignee.username.casefold() if t.assignee else "", reverse=sort == "assigneed")
        rows.sort(key=lambda ticket: ticket.assignee is None)
    return [row.id for row in rows]
