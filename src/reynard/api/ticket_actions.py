"""What staff do to tickets besides answering (tickets.md §12 to §17)."""

from typing import Any

import msgspec

from reynard.api import parse_actions, shapes
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.tickets import write
from reynard.desk.actions import forwarding, ticket_changes


def update_custom_fields(call: Call, number: str) -> Answer:
    return write(call, number, parse_actions.field_changes, ticket_changes.update_custom_fields)


def update_tags(call: Call, number: str) -> Answer:
    return write(call, number, parse_actions.tag_changes, ticket_changes.update_tags)


def subscribe(call: Call, number: str) -> Answer:
    def answer(people: Any) -> Answer:
        names = ", ".join(person.name for person in people)
        return _answer(shapes.Done(message=f"{names}, Subscribers added to ticket"))

    return write(call, number, parse_actions.subscribers, ticket_changes.subscribe, answer)


def unsubscribe(call: Call, number: str) -> Answer:
    def answer(person: Any) -> Answer:
        return _answer(shapes.Done(message=f"{person.name} unsubscribed"))

    return write(call, number, parse_actions.subscriber, ticket_changes.unsubscribe, answer)


def forward(call: Call, number: str) -> Answer:
    def answer(display_id: str) -> Answer:
        return _answer(shapes.Done(message=f"Successfully forwarded the ticket {display_id}"))

    return write(call, number, parse_actions.forward, forwarding.forward, answer)


def move(call: Call, number: str) -> Answer:
    def answer(category: Any) -> Answer:
        return _answer(shapes.Moved(status_code=200, message=f"moved ticket to {category.name}"))

    return write(call, number, parse_actions.move, ticket_changes.move, answer)


def delete(call: Call, number: str) -> Answer:
    def answer(display_id: str) -> Answer:
        return _answer(shapes.Deleted(deleted_ticket=display_id))

    return write(call, number, parse_actions.deletion, ticket_changes.delete, answer)


def _answer(value: Any) -> Answer:
    return Answer(encoded=msgspec.json.encode(value), shape=type(value))
