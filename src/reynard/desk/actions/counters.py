"""Maintained counts, so that no list ever counts: tickets that are alike in what lists filter by, and by contact."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from reynard.desk import db
from reynard.desk.models import Ticket


class Place(NamedTuple):
    """What tickets that are counted together have in common (TicketCounter)."""

    category_id: int
    status_id: int
    priority_id: int
    assignee_id: int  # 0: nobody
    unresponded: bool
    breached: bool
    with_files: bool


_COLUMNS = ", ".join(Place._fields)
_ADD = (
    f"INSERT INTO desk_ticketcounter ({_COLUMNS}, tickets) VALUES {{rows}} "  # noqa: S608  # our own names
    f"ON CONFLICT ({_COLUMNS}) DO UPDATE SET tickets = desk_ticketcounter.tickets + excluded.tickets"
)
_COUNT_ALL = (
    f"INSERT INTO desk_ticketcounter ({_COLUMNS}, tickets) "  # noqa: S608
    "SELECT category_id, status_id, priority_id, coalesce(assignee_id, 0), unresponded, sla_breaches > 0, "
    "attachments_count > 0, count(*) FROM desk_ticket WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7"
)
_COUNT_FOR_CONTACT = (
    "UPDATE desk_contact SET tickets_count = tickets_count + %s, "
    "pending_tickets_count = pending_tickets_count + %s, version = version + 1 WHERE id = %s"
)


def place_of(ticket: Ticket) -> Place:
    return Place(
        ticket.category_id,
        ticket.status_id,
        ticket.priority_id,
        ticket.assignee_id or 0,
        ticket.unresponded,
        ticket.sla_breaches > 0,
        ticket.attachments_count > 0,
    )


class _Gathered(threading.local):
    steps: dict[Place, int] | None = None


_gathered = _Gathered()


def move_ticket(old: Place | None, new: Place | None) -> None:
    """Count a ticket that came (`old` None), left (`new` None) or changed its place.

    Call it last in a transaction: on PostgreSQL these are the rows that every writer meets at. They are
    taken in one order, so that two writers never wait for each other.
    """
    steps = {place: step for place, step in ((old, -1), (new, 1)) if place and old != new}
    if _gathered.steps is None:
        _add(steps)
    else:
        for place, step in steps.items():
            _gathered.steps[place] = _gathered.steps.get(place, 0) + step


@contextmanager
def gathered() -> Iterator[None]:
    """For a transaction that moves many tickets: count them all at the end of this block, so that it, too, comes
    to these rows last and to each only once. Nothing is counted when the block is left by an error."""
    _gathered.steps = {}
    try:
        yield
        _add(_gathered.steps)
    finally:
        _gathered.steps = None


def _add(steps: dict[Place, int]) -> None:
    rows = [(*place, step) for place, step in sorted(steps.items()) if step]
    if rows:
        sql = _ADD.format(rows=", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s)"] * len(rows)))
        db.execute(sql, [value for row in rows for value in row])


def count_for_contact(contact_id: int, *, tickets: int = 0, pending: int = 0) -> None:
    if tickets or pending:
        db.execute(_COUNT_FOR_CONTACT, (tickets, pending, contact_id))


def recount() -> None:
    """Count the tickets anew, after writes that did not go through the actions. Walks every ticket."""
    with db.write():
        db.execute("DELETE FROM desk_ticketcounter")
        db.execute(_COUNT_ALL)
