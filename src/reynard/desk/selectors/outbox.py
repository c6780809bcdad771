"""What must leave the desk, what has left, and what could not: for pages, commands and metrics."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Count, Min, Q, QuerySet

from reynard.desk.models import OutboxEntry

_WAITING = Q(done_at=None, dead_at=None)


class State(enum.StrEnum):
    WAITING = "waiting"
    SENDING = "sending"  # somebody has a lease on it
    DONE = "done"
    DEAD = "dead"
    BOUNCED = "bounced"  # it had left, and a report says that somebody did not get it


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the outbox as people see it.

    `recipients` are all addresses of a mail, or that of a webhook; `refused` says which of them it did not reach, and
    why: a refused recipient of a mail that is done, or all of a dead one. `next_try_at` is None when it has ended.
    """

    id: int
    channel: str
    kind: str
    ticket: int | None  # none: a mail about an account, or a warning
    update: int | None
    recipients: list[str]
    state: State
    attempts: int
    created_at: datetime
    next_try_at: datetime | None
    ended_at: datetime | None
    error: str
    refused: dict[str, str]
    message_id: str


class Backlog(msgspec.Struct, frozen=True):
    """Of one channel: what waits or is being sent, since when the oldest of it waits, and what is dead."""

    waiting: int
    oldest: datetime | None
    dead: int


def _entries() -> QuerySet[OutboxEntry]:
    return OutboxEntry.objects.select_related("webhook")


def of_ticket(number: int, *, now: datetime) -> list[Delivery]:
    """All entries of a ticket that are still remembered, oldest first."""
    return [_delivery(entry, now) for entry in _entries().filter(ticket_id=number).order_by("id")]


def mails_of(update_ids: Sequence[int], *, now: datetime) -> dict[int, list[Delivery]]:
    """The mails about some entries of a history that are still remembered, by the id of the entry, oldest first."""
    found: dict[int, list[Delivery]] = {}
    mails = _entries().filter(channel=OutboxEntry.Channel.MAIL, update__in=update_ids)
    for entry in mails.order_by("id"):
        found.setdefault(entry.update_id or 0, []).append(_delivery(entry, now))
    return found


def waiting(*, now: datetime, limit: int) -> list[Delivery]:
    """What waits or is being sent, of each channel what is tried next, at most `limit` of it."""
    found: list[OutboxEntry] = []
    for channel in OutboxEntry.Channel:
        found += _entries().filter(_WAITING, channel=channel).order_by("next_try_at", "id")[:limit]
    return [_delivery(entry, now) for entry in found]


def dead(*, now: datetime, limit: int) -> list[Delivery]:
    """What was given up, the latest first."""
    found = _entries().filter(dead_at__isnull=False).order_by("-dead_at", "-id")[:limit]
    return [_delivery(entry, now) for entry in found]


def bounced(*, now: datetime, limit: int) -> list[Delivery]:
    """Mails that had left and did not arrive, the latest report first."""
    found = _entries().filter(bounced_at__isnull=False).order_by("-bounced_at", "-id")[:limit]
    return [_delivery(entry, now) for entry in found]


def backlogs() -> dict[str, Backlog]:
    """By channel. Costs grow with what waits and is dead, not with what has left."""
    waiting = _by_channel(OutboxEntry.objects.filter(_WAITING).values("channel"), oldest=Min("created_at"))
    given_up = _by_channel(OutboxEntry.objects.filter(dead_at__isnull=False).values("channel"))
    return {
        channel.value: Backlog(
            waiting=waiting.get(channel, {}).get("count", 0),
            oldest=waiting.get(channel, {}).get("oldest"),
            dead=given_up.get(channel, {}).get("count", 0),
        )
        for channel in OutboxEntry.Channel
    }


def _by_channel(entries: Any, **more: Any) -> dict[str, dict[str, Any]]:
    return {row["channel"]: row for row in entries.order_by().annotate(count=Count("id"), **more)}


def _delivery(entry: OutboxEntry, now: datetime) -> Delivery:
    state = _state(entry, now)
    ended = entry.done_at or entry.dead_at
    return Delivery(
        id=entry.id,
        channel=entry.channel,
        kind=entry.kind,
        ticket=entry.ticket_id,
        update=entry.update_id,
        recipients=[entry.webhook.url] if entry.webhook else _addresses(entry.recipients),
        state=state,
        attempts=entry.attempts,
        created_at=entry.created_at,
        next_try_at=None if ended else entry.next_try_at,
        ended_at=ended,
        error=entry.last_error,
        refused={address: error for address, error in entry.answers.items() if error},
        message_id=entry.message_id,
    )


def _state(entry: OutboxEntry, now: datetime) -> State:
    if entry.done_at:
        return State.BOUNCED if entry.bounced_at else State.DONE
    if entry.dead_at:
        return State.DEAD
    return State.SENDING if entry.leased_until and entry.leased_until > now else State.WAITING


def _addresses(recipients: dict[str, Sequence[str]]) -> list[str]:
    return [address for role in ("to", "cc", "bcc") for address in recipients.get(role, ())]
