"""Deliveries of webhooks, written in the transaction of what they tell; sending is another process's work.

Which webhooks there are is reference data: a desk without any pays no statement here, one with a hundred pays one.
The deliveries of one ticket to one webhook share a lane of the outbox: they leave in order, one at a time.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from reynard.desk import records
from reynard.desk.actions import deliveries
from reynard.desk.models import OutboxEntry, Ticket, Update
from reynard.desk.rules import webhook_events
from reynard.desk.rules.history import Changes
from reynard.desk.rules.webhook_events import Subscription
from reynard.desk.selectors.reference import Reference


def update_written(
    ticket: Ticket, update: Update, changes: Changes, reference: Reference, *, created: bool, now: datetime
) -> None:
    """Tell of an entry in the history of a ticket that is locked, or new."""
    if not reference.webhooks:
        return
    event = webhook_events.of_update(first=created, deletes=changes.deleted)
    categories = {ticket.category_id}
    if changes.category and changes.category.old:
        categories.add(changes.category.old)
    _tell(
        Told(ticket.id, update.id, event),
        webhook_events.wanting(reference.webhooks, event, categories),
        lambda one: webhook_events.id_of_update(one.identity, update.id),
        now,
    )


def ticket_touched(ticket: Ticket, reference: Reference, *, now: datetime) -> None:
    """Tell of a change of a locked ticket that left no entry in its history."""
    event = webhook_events.UPDATED
    _tell(
        Told(ticket.id, ticket.last_update_id, event),
        webhook_events.wanting(reference.webhooks, event, {ticket.category_id}),
        lambda one: webhook_events.id_of_version(one.identity, ticket.id, ticket.version),
        now,
    )


class Told(msgspec.Struct, frozen=True):
    """An event of a ticket, and the last entry of its history that the message about it shows."""

    ticket_id: int
    update_id: int
    event: str


def _tell(
    told: Told, subscriptions: Sequence[Subscription], id_for: Callable[[Subscription], str], now: datetime
) -> None:
    records.insert_all([_delivery(told, one.webhook_id, id_for(one), now) for one in subscriptions])


def tell_again(history: Sequence[Told], subscription: Subscription, *, now: datetime) -> None:
    """Tell one webhook of past entries, in their order, under the delivery ids they have had."""
    records.insert_all(
        [
            _delivery(
                told, subscription.webhook_id, webhook_events.id_of_update(subscription.identity, told.update_id), now
            )
            for told in history
        ]
    )


def _delivery(told: Told, webhook_id: int, delivery_id: str, now: datetime) -> OutboxEntry:
    return OutboxEntry(
        channel=OutboxEntry.Channel.WEBHOOK,
        kind=told.event,
        webhook_id=webhook_id,
        ticket_id=told.ticket_id,
        update_id=told.update_id,
        lane=f"webhook {webhook_id} ticket {told.ticket_id}",
        message_id=delivery_id,
        created_at=now,
        expires_at=now + deliveries.lifetime(),
        next_try_at=now,
    )
