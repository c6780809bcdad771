"""Fields of the ticket inside the composer: those without which the status after sending is refused."""

from collections.abc import Sequence
from typing import Any

import msgspec

from reynard.desk.models import Ticket
from reynard.desk.rules import custom_fields
from reynard.desk.rules.custom_fields import Field
from reynard.web import forms
from reynard.web.access import StaffRequest


class NeededField(msgspec.Struct, frozen=True):
    id: int
    name: str
    type: str
    choices: list[Any]
    value: Any  # ids of choices
    text: str  # of others
    error: str


def shown(request: StaffRequest, ticket: Ticket, draft: dict[str, Any], errors: dict[str, str]) -> list[NeededField]:
    """Those that are missing, and those filled here before, as they were sent.

    Where something else was wrong, those are shown with it that would be missing next.
    """
    if "fields" not in draft:  # nothing was sent from the composer
        return []
    given: dict[int, Any] = draft["fields"]
    fields = request.reference.fields_of(ticket.category_id)
    next_ones = _missing_next(request, ticket, draft, fields) if errors else set()
    wanted = [
        field for field in fields if field.id in given or forms.name_of(field.id) in errors or field.id in next_ones
    ]
    return [_field(field, ticket, given, errors.get(forms.name_of(field.id), "")) for field in wanted]


def _missing_next(request: StaffRequest, ticket: Ticket, draft: dict[str, Any], fields: Sequence[Field]) -> set[int]:
    status = draft.get("status", "")
    completed = {str(id) for id in request.reference.statuses if not request.reference.pending(id)}
    if draft["mode"] == "note" or status not in completed or not request.reference.pending(ticket.status_id):
        return set()
    demanded = [field for field in fields if field.compulsory_on_completed]
    there = {field.id: field for field in fields}
    return {field.id for field in custom_fields.missing(demanded, there, ticket.custom_values)}


def _field(field: Field, ticket: Ticket, given: dict[int, Any], error: str) -> NeededField:
    kept = custom_fields.present(field, ticket.custom_values.get(str(field.id)))
    value, text = kept, custom_fields.shown_as_text(field, kept)
    if field.id in given:
        sent = given[field.id]
        several = forms.numbers([sent] if isinstance(sent, str) else sent)
        value = several if field.type == "multiple_choice" else next(iter(several), None)
        text = "" if isinstance(sent, list) else sent
    return NeededField(
        field.id, field.name, field.type, list(field.choices.values()), value or _nothing(field), text, error
    )


def _nothing(field: Field) -> Any:
    return [] if field.type == "multiple_choice" else None
