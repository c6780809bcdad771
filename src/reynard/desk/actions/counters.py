"""Maintained counts, so that no list ever counts: tickets per category and status, tickets per contact."""

from reynard.desk import db

Place = tuple[int, int]  # category id, status id

_ADD = (
    "INSERT INTO desk_ticketcounter (category_id, status_id, tickets) VALUES {rows} "
    "ON CONFLICT (category_id, status_id) DO UPDATE SET tickets = desk_ticketcounter.tickets + excluded.tickets"
)
_COUNT_FOR_CONTACT = (
    "UPDATE desk_contact SET tickets_count = tickets_count + %s, "
    "pending_tickets_count = pending_tickets_count + %s, version = version + 1 WHERE id = %s"
)


def move_ticket(old: Place | None, new: Place | None) -> None:
    """Count a ticket that came (`old` None), left (`new` None) or changed its place.

    Call it last in a transaction: on PostgreSQL these are the rows that every writer meets at. They are
    taken in one order, so that two writers never wait for each other.
    """
    steps = sorted([(*place, step) for place, step in ((old, -1), (new, 1)) if place and old != new])
    if steps:
        sql = _ADD.format(rows=", ".join(["(%s, %s, %s)"] * len(steps)))
        db.execute(sql, [value for step in steps for value in step])


def count_for_contact(contact_id: int, *, tickets: int = 0, pending: int = 0) -> None:
    if tickets or pending:
        db.execute(_COUNT_FOR_CONTACT, (tickets, pending, contact_id))
