"""Maintained counts, so that no list ever counts: tickets that are alike in what lists filter by, and by contact."""

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


def move_ticket(old: Place | None, new: Place | None) -> None:
    """Count a ticket that came (`old` None), left (`new` None) or changed its place.

    Call it last in a transaction: on PostgreSQL these are the rows that every writer meets at. They are
    taken in one order, so that two writers never wait for each other.
    """
    steps = sorted([(*place, step) for place, step in ((old, -1), (new, 1)) if place and old != new])
    if steps:
        sql = _ADD.format(rows=", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s)"] * len(steps)))
        db.execute(sql, [value for step in steps for value in step])


def count_for_contact(contact_id: int, *, tickets: int = 0, pending: int = 0) -> None:
    if tickets or pending:
        db.execute(_COUNT_FOR_CONTACT, (tickets, pending, contact_id))


def recount() -> None:
    """Count the tickets anew, after writes that did not go through the actions. Walks every ticket."""
    with db.write():
        db.execute("DELETE FROM desk_ticketcounter")
        db.execute(_COUNT_ALL)
