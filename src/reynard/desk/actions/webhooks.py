"""Webhooks: set up, switched on and off, their deliveries recorded, repeated and forgotten.

What happens to tickets is written for them by actions/webhook_events; what was written leaves by reynard/webhooks.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db.models import QuerySet

from reynard.desk import db
from reynard.desk.actions import deliveries, incidents, webhook_events
from reynard.desk.errors import NOT_A_CHOICE, Invalid, NotFound, Problems, Refused
from reynard.desk.models import OutboxEntry, Webhook, WebhookAttempt
from reynard.desk.rules import webhook_retries, webhook_signature, webhook_targets
from reynard.desk.rules.webhook_events import EVENTS
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors import webhooks as lists
from reynard.desk.selectors.reference import Reference

NAME_LIMIT = 100
_BATCH = 200  # deliveries of one transaction
_LONGEST_WRITE = timedelta(hours=1)  # generously

logger = logging.getLogger("reynard.webhooks")


class NewWebhook(msgspec.Struct, kw_only=True):
    """A whole webhook. `name` is made from the address when it is empty; no categories for all."""

    url: str
    events: Sequence[str]
    name: str = ""
    categories: Sequence[int] = ()
    show_cf_changes: bool = False
    envelope: bool = False
    signature_encoding: str = Webhook.Encoding.HEX


def create(new: NewWebhook, *, reference: Reference, now: datetime) -> Webhook:
    """Set up a receiver, with a fresh secret. Raises Invalid.

    Who is limited to categories sets up what hears of these, and no others.
    """
    url = _checked(new, reference)
    with db.write():
        webhook = Webhook(
            name=new.name or _free_name(url),
            url=url,
            secret=webhook_signature.new_secret(),
            identity=str(uuid.uuid4()),
            events=[event for event in EVENTS if event in new.events],
            show_cf_changes=new.show_cf_changes,
            envelope=new.envelope,
            signature_encoding=new.signature_encoding,
            created_at=now,
        )
        _insert(webhook)
        webhook.categories.set(new.categories)
        reference_data.changed()
    return webhook


def edit(webhook_id: int, wanted: NewWebhook, *, reference: Reference) -> Webhook:
    """Change a receiver; its secret stays, and what waits for it goes to the new address. Raises NotFound, Invalid."""
    url = _checked(wanted, reference)
    with db.write():
        webhook = Webhook.objects.select_for_update(no_key=True).filter(id=webhook_id, deleted_at=None).first()
        if webhook is None or not lists.is_within(webhook, reference):
            raise NotFound(f"No webhook has the ID {webhook_id}.")
        name = wanted.name or webhook.name
        _refuse_taken(name, Webhook.objects.exclude(id=webhook_id))
        webhook.name, webhook.url = name, url
        webhook.events = [event for event in EVENTS if event in wanted.events]
        webhook.show_cf_changes, webhook.envelope = wanted.show_cf_changes, wanted.envelope
        webhook.signature_encoding = wanted.signature_encoding
        webhook.save(
            update_fields=["name", "url", "events", "show_cf_changes", "envelope", "signature_encoding"],
        )
        webhook.categories.set(wanted.categories)
        reference_data.changed()
    return webhook


def _checked(wanted: NewWebhook, reference: Reference) -> str:
    """The address as it is stored."""
    problems = Problems()
    url = _checked_url(wanted.url, problems)
    if not wanted.events or not set(wanted.events) <= set(EVENTS):
        problems.add("events", f"Choose from {', '.join(EVENTS)}.")
    for category in wanted.categories:
        if category not in reference.categories:
            problems.add("categories", f"No category has the ID {category}.")
    if reference.scope is not None and not wanted.categories:
        problems.add("categories", "Choose the categories it hears of; all of them takes who sees all of them.")
    if len(wanted.name) > NAME_LIMIT:
        problems.add("name", f"A name may have {NAME_LIMIT} characters.")
    if wanted.signature_encoding not in Webhook.Encoding:
        problems.add("signature_encoding", NOT_A_CHOICE)
    problems.raise_if_any()
    return url


def _checked_url(text: str, problems: Problems) -> str:
    try:
        url = webhook_targets.url(text)
        if url.startswith("http:") and not (
            settings.REYNARD_WEBHOOK_ALLOW_INTERNAL or webhook_targets.may_be_local(url)
        ):
            raise webhook_targets.BadTarget("Only local receivers may use http; use https.")
        return url
    except webhook_targets.BadTarget as error:
        problems.add("url", str(error))
        return ""


def _free_name(url: str) -> str:
    """The host, with a number where another webhook has it."""
    host = webhook_targets.host(url)[: NAME_LIMIT - 10]
    taken = set(Webhook.objects.filter(name__startswith=host).values_list("name", flat=True))
    names = (host if number == 1 else f"{host}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _insert(webhook: Webhook) -> None:
    _refuse_taken(webhook.name, Webhook.objects.all())
    webhook.save(force_insert=True)


def _refuse_taken(name: str, others: QuerySet[Webhook]) -> None:
    if others.filter(name=name).exists():
        problems = Problems()
        problems.add("name", f"There is a webhook named {name} already.")
        raise Invalid(problems)


def set_active(webhook_id: int, active: bool) -> None:
    """Switch on or off by hand. What waits is kept: it leaves when the webhook is on again, while it is not too old."""
    with db.write():
        Webhook.objects.filter(id=webhook_id).update(active=active, off_because="", failing_since=None)
        reference_data.changed()


def delete(webhook_id: int, *, now: datetime) -> None:
    """Nobody sees it any more, and nothing is sent. Its deliveries go bit by bit (`forget_old`), and then its row."""
    with db.write():
        name = f"deleted {webhook_id}"  # others may have the one it had
        Webhook.objects.filter(id=webhook_id).update(active=False, deleted_at=now, name=name, secret="")
        reference_data.changed()


# --- outcomes


def record(delivery: OutboxEntry, attempt: WebhookAttempt, *, now: datetime) -> None:
    """What came of sending a delivery that is still ours; `attempt` is not saved yet, its `error` empty for success."""
    assert delivery.webhook_id is not None
    with db.write():
        if not _end(delivery, attempt, now):
            return
        attempt.delivery = delivery
        attempt.save(force_insert=True)
        if attempt.error:
            _count_failure(delivery.webhook_id, attempt.status, now)
        else:
            Webhook.objects.filter(id=delivery.webhook_id, failing_since__isnull=False).update(failing_since=None)


def _end(delivery: OutboxEntry, attempt: WebhookAttempt, now: datetime) -> bool:
    if not attempt.error:
        return deliveries.done(delivery, now=now)
    if webhook_retries.is_last(delivery.attempts, attempt.status):
        return deliveries.give_up(delivery, attempt.error, now=now)
    return deliveries.put_off(delivery, attempt.error, now=now)


def _count_failure(webhook_id: int, status: int | None, now: datetime) -> None:
    webhook = Webhook.objects.select_for_update(no_key=True).get(id=webhook_id)
    if not webhook.active:
        return
    webhook.failing_since = webhook.failing_since or now
    webhook.off_because = webhook_retries.off_because(status, webhook.failing_since, now)
    if webhook.off_because:
        webhook.active = False
        incidents.webhook_is_off(webhook, now=now)
        reference_data.changed()
        logger.error("Webhook %s is switched off: %s", webhook.name, webhook.off_because)
    webhook.save(update_fields=["failing_since", "off_because", "active"])


# --- once more


def redeliver(webhook_id: int, delivery_id: int, *, now: datetime) -> OutboxEntry:
    """Send a delivery again, or now if it waits; returns the one that will leave. Raises NotFound, Refused.

    One that was delivered leaves as a new one under the same delivery id; the record of the old one stays.
    """
    with db.write():
        entry = OutboxEntry.objects.select_related("webhook").filter(id=delivery_id, webhook_id=webhook_id).first()
        if entry is None or entry.webhook is None:
            raise NotFound
        _refuse_inactive(entry.webhook)
        if entry.done_at:
            entry.pk = None
            entry.created_at = now
            entry.done_at = None
            entry.attempts = 0
            entry.next_try_at, entry.expires_at = now, now + deliveries.lifetime()
            entry.save(force_insert=True)
        else:
            deliveries.retry(now=now, ids=[entry.id])
            entry.refresh_from_db()
    return entry


def replay(webhook: Webhook, *, since: int, now: datetime) -> Iterator[int]:
    """Send everything again that happened from an update on, in its order, up to this moment; yields how many events
    were taken up, from time to time. Raises Refused.

    Only what the webhook hears of; changes that left no entry in a history are not repeated.
    """
    _refuse_inactive(webhook)
    subscription = lists.subscription(webhook)
    end = lists.newest_update()
    taken = 0
    while batch := lists.history(since, end, limit=_BATCH):
        told = [
            webhook_events.Told(row.ticket_id, row.update_id, row.event)
            for row in batch
            if subscription.wants(row.event, row.categories)
        ]
        with db.write():
            webhook_events.tell_again(told, subscription, now=now)
        since = batch[-1].update_id + 1
        taken += len(told)
        yield taken


def _refuse_inactive(webhook: Webhook) -> None:
    if not webhook.active:
        raise Refused({"webhook": f"The webhook {webhook.name} is switched off. Switch it on first."})


# --- forgetting


def forget_old(*, now: datetime) -> bool:
    """Drop deliveries, with their requests, that are older than `REYNARD_WEBHOOK_KEEP_DAYS`; whether there are more.

    Those that still wait stay, until they are given up. Of a deleted webhook everything goes.
    """
    before = now - timedelta(days=settings.REYNARD_WEBHOOK_KEEP_DAYS)
    more = False
    for webhook in Webhook.objects.order_by("id"):
        oldest = OutboxEntry.objects.filter(webhook=webhook).order_by("id")[:_BATCH]
        if webhook.deleted_at:
            more |= _forget(row.id for row in oldest) == _BATCH
            _remove(webhook, now)
        else:
            more |= _forget(row.id for row in oldest if row.created_at < before and _has_ended(row)) == _BATCH
    return more


def _has_ended(entry: OutboxEntry) -> bool:
    return bool(entry.done_at or entry.dead_at)


def _remove(webhook: Webhook, now: datetime) -> None:
    """Not while a write that began before the deletion may still tell it something."""
    assert webhook.deleted_at is not None
    if now - webhook.deleted_at > _LONGEST_WRITE and not webhook.deliveries.exists():
        with db.write():
            webhook.delete()


def _forget(ids: Iterable[int]) -> int:
    with db.write():
        found = list(ids)
        WebhookAttempt.objects.filter(delivery_id__in=found).delete()
        OutboxEntry.objects.filter(id__in=found).delete()
    return len(found)
