"""What a delivery says: the ticket as the API gives it, up to the entry that is told of (webhooks.md §3)."""

import time

import msgspec
from django.conf import settings

import reynard
from reynard.api import wire
from reynard.desk.models import OutboxEntry, Webhook
from reynard.desk.rules import webhook_signature
from reynard.desk.selectors import ticket_rows
from reynard.desk.selectors.reference import Reference

_ADDRESS_UNKNOWN = "http://localhost:8000"  # in a worker apart from a server that nobody told where the desk is


def body(delivery: OutboxEntry, webhook: Webhook, reference: Reference) -> bytes:
    """Properties are those of this moment; the history ends with what the delivery is about.

    A ticket that was deleted is shown as it was last.
    """
    assert delivery.ticket_id is not None
    row, contact = ticket_rows.any_ticket(delivery.ticket_id)
    row = row._replace(last_update_id=delivery.update_id or row.last_update_id)
    encoded = wire.encode_ticket(row, contact, reference, show_field_changes=webhook.show_cf_changes)
    ticket = wire.fill_addresses(encoded, settings.REYNARD_BASE_URL or _ADDRESS_UNKNOWN)
    if webhook.envelope:
        return b'{"event":%b,"ticket":%b}' % (msgspec.json.encode(delivery.kind), ticket)
    return ticket


def headers(delivery: OutboxEntry, webhook: Webhook, content: bytes) -> dict[str, str]:
    """Signed for this very moment."""
    timestamp = int(time.time())
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Reynard/{reynard.__version__}",
        "X-Webhook-Event": delivery.kind,
        "X-Webhook-Delivery": delivery.message_id,
        "X-Webhook-Timestamp": str(timestamp),
    } | webhook_signature.headers(
        webhook.secret,
        content,
        delivery_id=delivery.message_id,
        timestamp=timestamp,
        encoding=webhook.signature_encoding,
    )
