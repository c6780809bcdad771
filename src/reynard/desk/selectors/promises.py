"""Which tickets run out of a promised time: for the order of the day, and one clock per ticket.

Only promises of ours: one that waits for the contact presses nobody here. Clocks that are paused press nobody now.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection

from reynard.desk import db
from reynard.desk.models import SlaClock, SlaPolicy

SOON = timedelta(hours=1)
LOOKED_AT = 1_000
_THEIRS = SlaPolicy.Objective.REPLY_BY_CONTACT
_OURS = f"due_at IS NOT NULL AND policy_id IN (SELECT id FROM desk_slapolicy WHERE objective <> '{_THEIRS}')"
_LATE = f"breached_at IS NOT NULL AND finished_at IS NULL AND {_OURS}"
_SOON = f"breached_at IS NULL AND finished_at IS NULL AND due_at < %s AND {_OURS}"


class Promise(msgspec.Struct, frozen=True):
    """The promise of a ticket that is due first, or has been broken."""

    due_at: datetime
    is_late: bool
    policy: str

    def is_soon(self, now: datetime) -> bool:
        return not self.is_late and self.due_at <= now + SOON


class Clocks(msgspec.Struct, frozen=True):
    """Clocks of a kind, as a condition on desk_slaclock."""

    where: str
    values: tuple[Any, ...] = ()


def late() -> Clocks:
    """Of promises that are broken and not made good yet."""
    return Clocks(_LATE)


def due_soon(now: datetime) -> Clocks:
    """Of promises that run out within the hour."""
    return Clocks(_SOON, (connection.ops.adapt_datetimefield_value(now + SOON),))


def tickets_of(clocks: Clocks, where: str, values: Sequence[Any], *, limit: int) -> list[int]:
    """The tickets that have such a clock and meet a condition, the one that is due first before the others.

    Of a desk that is far behind, only the first LOOKED_AT clocks are looked at.
    """
    first = f"SELECT ticket_id, due_at FROM desk_slaclock WHERE {clocks.where} ORDER BY due_at, ticket_id"
    by_its_key = f"(SELECT 1 FROM desk_ticket WHERE desk_ticket.id = c.ticket_id AND {where}) IS NOT NULL"
    sql = f"SELECT c.ticket_id FROM ({first} LIMIT {LOOKED_AT}) AS c WHERE {by_its_key} ORDER BY c.due_at, c.ticket_id"
    found = db.rows(sql, [*clocks.values, *values])
    return list(dict.fromkeys(row[0] for row in found))[:limit]


def of(numbers: Iterable[int]) -> dict[int, Promise]:
    """The most pressing open promise of each ticket, by number; one statement."""
    clocks = (
        SlaClock.objects.filter(ticket_id__in=list(numbers), finished_at__isnull=True, due_at__isnull=False)
        .exclude(policy__objective=_THEIRS)
        .order_by("-due_at")
        .values_list("ticket_id", "due_at", "breached_at", "policy__name")
    )
    return {
        ticket: Promise(due_at, breached_at is not None, policy)
        for ticket, due_at, breached_at, policy in clocks
        if due_at is not None
    }


class Kept(msgspec.Struct, frozen=True):
    """One promise on a ticket as its page shows it; moments are aware, None where they do not apply."""

    policy: str
    due_at: datetime | None  # None while it is paused
    breached_at: datetime | None
    finished_at: datetime | None


def all_of(ticket_id: int) -> list[Kept]:
    """Every promise made on a ticket, the open ones first."""
    clocks = SlaClock.objects.filter(ticket_id=ticket_id).order_by("id")
    rows = clocks.values_list("policy__name", "due_at", "breached_at", "finished_at")
    return sorted((Kept(*row) for row in rows), key=lambda one: one.finished_at is not None)
