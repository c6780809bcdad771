"""Entries of the outbox for tests, made without the actions that cause them."""

from typing import Any

from reynard.desk.models import OutboxEntry, Ticket, Update
from tests.factories import NOON


def make_entry(ticket: Ticket, **values: Any) -> OutboxEntry:
    """A webhook delivery in no lane, due at NOON unless told otherwise: of these a ticket may have any number."""
    return OutboxEntry.objects.create(**entry_values(ticket) | values)


def make_mail(ticket: Ticket, *to: str, **values: Any) -> OutboxEntry:
    """A message to some addresses, about a new entry in the ticket's history."""
    update = Update.objects.create(
        ticket=ticket,
        category_id=ticket.category_id,
        created_at=NOON,
        author_type="staff",
        message_type="m",
        text="Ready.",
        html="<p>Ready.</p>",
    )
    mail = {"channel": "mail", "update_id": update.id, "recipients": {"to": list(to), "cc": [], "bcc": []}}
    return OutboxEntry.objects.create(**entry_values(ticket) | mail | values)


def entry_values(ticket: Ticket) -> dict[str, Any]:
    from reynard.desk.actions import deliveries

    return {
        "channel": "webhook",
        "kind": "message",
        "ticket_id": ticket.id,
        "message_id": f"{ticket.id}.message",
        "created_at": NOON,
        "next_try_at": NOON,
        "expires_at": NOON + deliveries.lifetime(),
    }
