"""What webhooks can hear of, and which of them hear of what (webhooks.md §2, W-03)."""

import uuid
from collections.abc import Iterable, Set

import msgspec

CREATED = "ticket.created"
UPDATED = "ticket.updated"
DELETED = "ticket.deleted"
RULE = "rule"  # a smart rule says so
EVENTS = (CREATED, UPDATED, DELETED, RULE)


class Subscription(msgspec.Struct, frozen=True):
    """What one active webhook wants to hear of; no categories for all."""

    webhook_id: int
    identity: str
    events: frozenset[str]
    categories: frozenset[int]

    def wants(self, event: str, categories: Set[int]) -> bool:
        """`categories` are those the ticket is in, and was in until this event: who watches one sees it leave."""
        return event in self.events and (not self.categories or bool(self.categories & categories))


def wanting(subscriptions: Iterable[Subscription], event: str, categories: Set[int]) -> list[Subscription]:
    return [subscription for subscription in subscriptions if subscription.wants(event, categories)]


def of_update(*, first: bool, deletes: bool) -> str:
    """The event that an entry of a ticket's history is."""
    return CREATED if first else DELETED if deletes else UPDATED


def id_of_update(identity: str, update_id: int) -> str:
    """The delivery id of an entry of a history for one webhook: a replay sends it under the same one."""
    return _id(identity, f"update:{update_id}")


def id_of_version(identity: str, ticket_id: int, version: int) -> str:
    """The delivery id of a change that leaves no entry."""
    return _id(identity, f"version:{ticket_id}:{version}")


def _id(identity: str, name: str) -> str:
    return str(uuid.uuid5(uuid.UUID(identity), name))
