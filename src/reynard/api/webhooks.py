"""Watching webhooks, and sending once more what was sent to them: our own addition (webhooks.md §3)."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from reynard.api import formats, parse, shapes
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.formats import WireDateTime
from reynard.api.paging import page_size
from reynard.desk.actions import webhooks
from reynard.desk.errors import NotFound
from reynard.desk.models import Webhook, WebhookAttempt
from reynard.desk.selectors import webhooks as lists
from reynard.desk.selectors.webhooks import Delivery


def list_webhooks(call: Call) -> Answer:
    return Answer(value=[_webhook(row) for row in lists.everyone()])


def list_deliveries(call: Call, id: str) -> Answer:
    webhook_id = _known(id)
    size = page_size(call.query.get("size"))
    before = parse.whole_number(call.query.get("before", ""))
    failed_only = call.query.get("failed", "").lower() in {"true", "1", "yes", "on"}
    found = lists.deliveries(webhook_id, limit=size + 1, before=before, failed_only=failed_only)
    data = [_delivery(one) for one in found[:size]]
    return Answer(value=shapes.WebhookDeliveryPage(data, data[-1].id if len(found) > size else None))


def read_delivery(call: Call, id: str, delivery: str) -> Answer:
    found = lists.delivery(_known(id), int(delivery))
    if found is None:
        raise NotFound
    requests = [_request(attempt) for attempt in lists.attempts(found.entry.id)]
    return Answer(value=shapes.WebhookDeliveryLog(**msgspec.structs.asdict(_delivery(found)), requests=requests))


def redeliver(call: Call, id: str, delivery: str) -> Answer:
    webhook_id = _known(id)

    def apply() -> Answer:
        entry = webhooks.redeliver(webhook_id, int(delivery), now=call.now)
        found = lists.delivery(webhook_id, entry.id)
        assert found is not None
        return Answer(encoded=formats.encode("json", _delivery(found)), shape=shapes.WebhookDelivery)

    return call.once(apply)


def _known(id: str) -> int:
    if lists.by_id(int(id)) is None:
        raise NotFound
    return int(id)


def _webhook(row: Webhook) -> shapes.Webhook:
    return shapes.Webhook(
        id=row.id,
        name=row.name,
        url=row.url,
        events=row.events,
        categories=[category.id for category in row.categories.all()],
        active=row.active,
        off_because=row.off_because,
        failing_since=_moment(row.failing_since),
        show_cf_changes=row.show_cf_changes,
        envelope=row.envelope,
        signature_encoding=row.signature_encoding,
        created_at=_at(row.created_at),
    )


def _delivery(found: Delivery) -> shapes.WebhookDelivery:
    entry: Any = found.entry
    ended_at = entry.done_at or entry.dead_at
    return shapes.WebhookDelivery(
        id=entry.id,
        delivery_id=entry.message_id,
        event=entry.kind,
        ticket=entry.ticket_id,
        update_id=entry.update_id,
        state=found.state,
        attempts=entry.attempts,
        created_at=_at(entry.created_at),
        next_try_at=None if ended_at else _at(entry.next_try_at),
        ended_at=_moment(ended_at),
        last_status=found.status,
        last_error=entry.last_error,
    )


def _request(attempt: WebhookAttempt) -> shapes.WebhookRequest:
    return shapes.WebhookRequest(
        started_at=_at(attempt.started_at),
        duration_ms=attempt.duration_ms,
        headers=_headers(attempt.request_headers),
        body_sha256=attempt.body_sha256,
        body_bytes=attempt.body_bytes,
        response_status=attempt.status,
        response_headers=_headers(attempt.response_headers),
        response_body=attempt.response,
        error=attempt.error,
    )


def _headers(stored: dict[str, str]) -> list[shapes.Header]:
    return [shapes.Header(name, value) for name, value in stored.items()]


def _moment(moment: datetime | None) -> WireDateTime | None:
    return _at(moment) if moment else None


def _at(moment: datetime) -> WireDateTime:
    return WireDateTime(f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}")
