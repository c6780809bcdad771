"""What reports count of the history: a row for each entry that counts, and five columns of its ticket.

Both are written in the transaction of the entry. All of it can be made anew from the history.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db import connection

from reynard.desk import db
from reynard.desk.models import Ticket, Update
from reynard.desk.rules import activity as rules
from reynard.desk.rules.activity import Counted, Kind
from reynard.desk.rules.history import Changes
from reynard.desk.selectors.reference import Reference

_COLUMNS = "update_id ticket_id created_at kind staff_id minutes age waited first_response assigned completed".split()
_FIRSTS = "first_message_of_author first_reply_of_author first_time_of_author".split()
_INSERT = f"INSERT INTO desk_activity ({', '.join(_COLUMNS + _FIRSTS)}) VALUES {{rows}}"  # noqa: S608  # our own names
_ROW = f"({db.places(_COLUMNS + _FIRSTS)})"
_UNLESS = "%s AND NOT EXISTS (SELECT 1 FROM desk_activity WHERE staff_id = %s AND ticket_id = %s AND {})"
_CONDITIONS = ("kind IN ('r', 'n')", "kind = 'r'", "minutes > 0")  # of earlier entries that are no less than first
_NEXT_ROW = f"({db.places(_COLUMNS)}, {', '.join(_UNLESS.format(condition) for condition in _CONDITIONS)})"
_KEPT = "waiting_since staff_replies contact_replies completed_seconds replies_to_completion".split()
_UPDATE = f"UPDATE desk_ticket SET {', '.join(f'{name} = %s' for name in _KEPT)} WHERE id = %s"  # noqa: S608
_AT_ONCE = 500  # rows of one statement


def add(update: Update, counted: Counted) -> None:
    """Remember what an entry that was just written counts for."""
    values = _values(update, counted)
    for may_be_first in _possible_firsts(update, counted):
        values += [may_be_first, update.author_id, update.ticket_id]
    db.execute(_INSERT.format(rows=_NEXT_ROW), values)


def _possible_firsts(update: Update, counted: Counted) -> tuple[bool, ...]:
    """Which of _FIRSTS the entry is, unless an earlier one was."""
    by_staff = update.author_type == Update.Author.STAFF
    return tuple(
        by_staff and possible
        for possible in (counted.kind in (Kind.REPLY, Kind.NOTE), counted.kind is Kind.REPLY, counted.minutes > 0)
    )


def _values(update: Update, counted: Counted) -> list[Any]:
    return [
        update.id,
        update.ticket_id,
        connection.ops.adapt_datetimefield_value(update.created_at),
        counted.kind.value,
        update.author_id if update.author_type == Update.Author.STAFF else None,
        counted.minutes,
        counted.age,
        counted.waited,
        counted.first_response,
        counted.assigned,
        counted.completed,
    ]


def forget(ticket: Ticket) -> None:
    """Nothing of a deleted ticket is counted."""
    _remove([ticket.id])


def _remove(numbers: Sequence[int]) -> None:
    db.execute(
        "DELETE FROM desk_activity WHERE update_id IN "  # noqa: S608
        f"(SELECT id FROM desk_update WHERE ticket_id IN ({db.places(numbers)}))",
        numbers,
    )


def remake(numbers: Sequence[int], reference: Reference) -> None:
    """Count tickets anew from their histories, in one transaction; those that are deleted are left with nothing."""
    with db.write():
        live = Ticket.objects.filter(id__in=numbers, deleted_at__isnull=True)
        tickets = {ticket.id: ticket for ticket in live.select_for_update(no_key=True).only("created_at", *_KEPT)}
        _remove(numbers)
        rows = _followed(tickets, reference)
        for start in range(0, len(rows), _AT_ONCE):
            batch = rows[start : start + _AT_ONCE]
            db.execute(_INSERT.format(rows=", ".join([_ROW] * len(batch))), [value for row in batch for value in row])
        with connection.cursor() as cursor:
            cursor.executemany(_UPDATE, [_kept(ticket) for ticket in tickets.values()])


def _followed(tickets: dict[int, Ticket], reference: Reference) -> list[list[Any]]:
    """Rows for the entries that count; the tickets have their columns afterwards."""
    for ticket in tickets.values():
        ticket.waiting_since = ticket.completed_seconds = ticket.replies_to_completion = None
        ticket.staff_replies = ticket.contact_replies = 0
    rows: list[list[Any]] = []
    begun: set[int] = set()
    known: set[tuple[Any, ...]] = set()
    for update in _histories(tickets):
        counted = rules.follow(
            tickets[update.ticket_id],
            rules.read(
                msgspec.json.decode(update.changes or "{}", type=Changes),
                at=update.created_at,
                author=update.author_type,
                message_type=update.message_type,
                forwarded=update.forward_to is not None,
                minutes=update.time_spent,
                opens=update.ticket_id not in begun,
                completed=reference.completed,
            ),
        )
        begun.add(update.ticket_id)
        if counted:
            rows.append(_values(update, counted) + _firsts(update, counted, known))
    return rows


def _firsts(update: Update, counted: Counted, known: set[tuple[Any, ...]]) -> list[bool]:
    """Which of _FIRSTS the entry is, after the `known` ones."""
    keys = [(update.ticket_id, update.author_id, name) for name in _FIRSTS]
    possible = _possible_firsts(update, counted)
    firsts = [may_be and key not in known for key, may_be in zip(keys, possible, strict=True)]
    known.update(key for key, may_be in zip(keys, possible, strict=True) if may_be)
    return firsts


def _kept(ticket: Ticket) -> list[Any]:
    since = connection.ops.adapt_datetimefield_value(ticket.waiting_since)
    return [since, *(getattr(ticket, name) for name in _KEPT[1:]), ticket.id]


def _histories(tickets: Iterable[int]) -> Iterable[Update]:
    columns = "ticket_id created_at author_type author_id message_type forward_to time_spent changes".split()
    return Update.objects.filter(ticket_id__in=list(tickets)).order_by("ticket_id", "id").only(*columns).iterator()
