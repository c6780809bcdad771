"""Which tickets run out of a promised time: for the order of the day, and one clock per ticket.

Only promises of ours: one that waits for the contact presses nobody here. Clocks that are paused press nobody now.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection

from reynard.desk.models import SlaClock, SlaPolicy
from reynard.desk.selectors.filters import Condition

SOON = timedelta(hours=1)
_THEIRS = SlaPolicy.Objective.REPLY_BY_CONTACT
_OURS = f"c.policy_id IN (SELECT id FROM desk_slapolicy WHERE objective <> '{_THEIRS}')"
_LATE = "desk_slaclock c WHERE c.finished_at IS NULL AND c.breached_at IS NOT NULL AND " + _OURS
_RUNNING = "c.due_at IS NOT NULL AND c.breached_at IS NULL AND c.finished_at IS NULL"
_SOON = f"desk_slaclock c WHERE {_RUNNING} AND c.due_at < %s AND {_OURS}"


class Promise(msgspec.Struct, frozen=True):
    """The promise of a ticket that is due first, or has been broken."""

    due_at: datetime
    is_late: bool
    policy: str

    def is_soon(self, now: datetime) -> bool:
        return not self.is_late and self.due_at <= now + SOON


def late() -> Condition:
    """Tickets with a promise that is broken and not made good yet."""
    return _clocked(_LATE)


def due_soon(now: datetime) -> Condition:
    """Tickets with a promise that runs out within the hour."""
    return _clocked(_SOON, connection.ops.adapt_datetimefield_value(now + SOON))


def _clocked(clocks: str, *values: Any) -> Condition:
    return Condition(
        where=f"EXISTS (SELECT 1 FROM {clocks} AND c.ticket_id = desk_ticket.id)",
        values=values,
        source=f"SELECT id FROM desk_ticket WHERE deleted_at IS NULL AND id IN (SELECT c.ticket_id FROM {clocks})",
        source_values=values,
        once=True,
    )


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
