"""Fields of the ticket inside the composer: those without which the status after sending is refused."""

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
    """Those that are missing, and those filled here before, as they were sent."""
    if "fields" not in draft:  # nothing was sent from the composer
        return []
    given: dict[int, Any] = draft["fields"]
    fields = request.reference.fields_of(ticket.category_id)
    wanted = [field for field in fields if field.id in given or forms.name_of(field.id) in errors]
    return [_field(field, ticket, given, errors.get(forms.name_of(field.id), "")) for field in wanted]


def _field(field: Field, ticket: Ticket, given: dict[int, Any], error: str) -> NeededField:
    kept = custom_fields.present(field, ticket.custom_values.get(str(field.id)))
    value, text = kept, custom_fields.shown_as_text(field, kept)
    if field.id in given:
        sent = given[field.id]
        several = [int(item) for item in ([sent] if isinstance(sent, str) else sent) if item.isdecimal()]
        value = several if field.type == "multiple_choice" else next(iter(several), None)
        text = "" if isinstance(sent, list) else sent
    return NeededField(
        field.id, field.name, field.type, list(field.choices.values()), value or _nothing(field), text, error
    )


def _nothing(field: Field) -> Any:
    return [] if field.type == "multiple_choice" else None
