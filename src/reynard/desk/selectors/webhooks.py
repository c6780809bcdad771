"""Webhooks and their deliveries, as administrators and the sender see them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db.models import Count, Min, Q, QuerySet

from reynard.desk import db
from reynard.desk.models import OutboxEntry, Webhook, WebhookAttempt
from reynard.desk.rules import webhook_events
from reynard.desk.rules.history import Changes
from reynard.desk.rules.webhook_events import Subscription
from reynard.desk.selectors.reference import Reference

WAITING = Q(done_at__isnull=True, dead_at__isnull=True)


def everyone() -> list[Webhook]:
    """In the order they were set up, with their categories loaded."""
    return list(_known().prefetch_related("categories").order_by("id"))


def _known() -> QuerySet[Webhook]:
    return Webhook.objects.filter(deleted_at=None)


def active() -> list[Webhook]:
    return list(Webhook.objects.filter(active=True).order_by("id"))


def by_id(webhook_id: int) -> Webhook | None:
    return _known().filter(id=webhook_id).first()


def is_within(webhook: Webhook, reference: Reference) -> bool:
    """Whether it hears of nothing that does not exist for who asks."""
    if reference.scope is None:
        return True
    heard = {category.id for category in webhook.categories.all()}
    return bool(heard) and heard <= reference.scope


def find(text: str) -> Webhook | None:
    """By id, name or address; None also for an address that several have."""
    if text.isdecimal() and len(text) < 19 and (found := by_id(int(text))):
        return found
    named = _known().filter(name=text).first()
    if named:
        return named
    there = list(_known().filter(url__in=[text, f"{text}/"])[:2])
    return there[0] if len(there) == 1 else None


def subscription(webhook: Webhook) -> Subscription:
    return Subscription(
        webhook_id=webhook.id,
        identity=webhook.identity,
        events=frozenset(webhook.events),
        categories=frozenset(category.id for category in webhook.categories.all()),
    )


# --- deliveries


class Delivery(msgspec.Struct, frozen=True):
    """One delivery; `status` is that of the last answer, None when there was none."""

    entry: OutboxEntry
    status: int | None

    @property
    def state(self) -> str:
        return "delivered" if self.entry.done_at else "failed" if self.entry.dead_at else "waiting"


def deliveries(webhook_id: int, *, limit: int, before: int | None = None, failed_only: bool = False) -> list[Delivery]:
    """The newest first; those with ids below `before`. Two statements."""
    entries = OutboxEntry.objects.filter(webhook_id=webhook_id).order_by("-id")
    if failed_only:
        entries = entries.filter(dead_at__isnull=False)
    if before is not None:
        entries = entries.filter(id__lt=before)
    return _with_status(list(entries[:limit]))


def delivery(webhook_id: int, delivery_id: int) -> Delivery | None:
    found = _with_status(list(OutboxEntry.objects.filter(id=delivery_id, webhook_id=webhook_id)))
    return found[0] if found else None


def _with_status(entries: Sequence[OutboxEntry]) -> list[Delivery]:
    attempts = WebhookAttempt.objects.filter(delivery_id__in=[entry.id for entry in entries]).order_by("id")
    last = dict(attempts.values_list("delivery_id", "status"))
    return [Delivery(entry, last.get(entry.id)) for entry in entries]


def attempts(delivery_id: int) -> list[WebhookAttempt]:
    """The oldest first; there are few."""
    return list(WebhookAttempt.objects.filter(delivery_id=delivery_id).order_by("id"))


class Queue(msgspec.Struct, frozen=True):
    waiting: int = 0
    oldest: Any = None  # when the oldest waiting one was written


def queues() -> dict[int, Queue]:
    """What waits, by webhook."""
    rows: QuerySet[OutboxEntry, dict[str, Any]] = (
        OutboxEntry.objects.filter(WAITING, webhook_id__isnull=False)
        .order_by()
        .values("webhook_id")
        .annotate(waiting=Count("id"), oldest=Min("created_at"))
    )
    return {row["webhook_id"]: Queue(row["waiting"], row["oldest"]) for row in rows}


# --- history


class Past(msgspec.Struct, frozen=True):
    """An entry of a ticket's history as the event it was, and the categories that saw it."""

    ticket_id: int
    update_id: int
    event: str
    categories: frozenset[int]


_HISTORY = """
    SELECT u.id, u.ticket_id, u.changes, u.category_id, u.left_category_id,
        NOT EXISTS (SELECT 1 FROM desk_update e WHERE e.ticket_id = u.ticket_id AND e.id < u.id)
    FROM desk_update u WHERE u.id >= %s AND u.id <= %s ORDER BY u.id LIMIT %s"""
_changes = msgspec.json.Decoder(Changes).decode


def history(since: int, end: int, *, limit: int) -> list[Past]:
    """Entries from one id to another, both included, over the whole desk, oldest first."""
    return [_past(*row) for row in db.rows(_HISTORY, (since, end, limit))]


def _past(
    update_id: int, ticket_id: int, text: str | None, category_id: int, left_category_id: int | None, first: int
) -> Past:
    changes = _changes(text) if text else Changes()
    event = webhook_events.of_update(first=bool(first), deletes=changes.deleted)
    return Past(ticket_id, update_id, event, frozenset(id for id in (category_id, left_category_id) if id))


def newest_update() -> int:
    return int(db.rows("SELECT coalesce(max(id), 0) FROM desk_update")[0][0])
