"""Categories, statuses, priorities, staff and custom-field definitions, as lists and one by one (reference.md)."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from reynard.api import parse, shapes, wire
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.desk.actions import catalog
from reynard.desk.errors import NotFound
from reynard.desk.selectors import reference
from reynard.desk.selectors.reference import Reference

Rows = Callable[[Reference], Mapping[int, Any]]
Shape = Callable[[Any, Reference], Any]


def _list_of(rows: Rows, shape: Shape) -> Callable[[Call], Answer]:
    """A view that answers with a complete bare list."""

    def view(call: Call) -> Answer:
        return Answer(value=[shape(row, call.reference) for row in rows(call.reference).values()])

    return view


def _one_of(rows: Rows, shape: Shape) -> Callable[..., Answer]:
    """A view that answers with one element by id."""

    def view(call: Call, id: str) -> Answer:
        row = rows(call.reference).get(int(id))
        if row is None:
            raise NotFound
        return Answer(value=shape(row, call.reference))

    return view


def _both(rows: Rows, shape: Shape) -> tuple[Callable[[Call], Answer], Callable[..., Answer]]:
    return _list_of(rows, shape), _one_of(rows, shape)


list_categories, read_category = _both(lambda ref: ref.categories, lambda row, ref: wire.category(row))
list_statuses, read_status = _both(lambda ref: ref.statuses, lambda row, ref: wire.status(row))
list_priorities, read_priority = _both(lambda ref: ref.priorities, lambda row, ref: wire.priority(row))
list_staff, read_staff = _both(lambda ref: ref.staff, lambda row, ref: wire.staff(row))
list_ticket_fields, read_ticket_field = _both(lambda ref: ref.ticket_fields, wire.ticket_field)
list_contact_fields, read_contact_field = _both(lambda ref: ref.contact_fields, wire.contact_field)


def read_staff_by_email(call: Call, email: str) -> Answer:
    wanted = email.casefold()
    for person in call.reference.staff.values():
        if person.email.casefold() == wanted:
            return Answer(value=wire.staff(person))
    raise NotFound


def replace_choices(call: Call, id: str) -> Answer:
    """PUT of a ticket field (custom-fields.md §5); the answer is the whole field."""
    given = parse.choices(call.body(), call.problems)

    def apply() -> Answer:
        catalog.replace_choices(field_id=int(id), choices=given, reference=call.reference, problems=call.problems)
        fresh = reference.current()
        field = wire.ticket_field(fresh.ticket_fields[int(id)], fresh)
        return Answer(encoded=msgspec.json.encode(field), shape=shapes.TicketField)

    return call.once(apply)
