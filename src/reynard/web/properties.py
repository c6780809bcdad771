"""What stands beside the conversation: the properties of a ticket, who hears of it, and its contact."""

from collections.abc import Mapping
from typing import Any

import msgspec

from reynard.desk.models import Ticket
from reynard.desk.rules import custom_fields
from reynard.desk.selectors import access
from reynard.web.access import StaffRequest

_OWN_PLACE = {"subject", "assignee", "status", "priority", "category", "due_date", "tags"}


class ShownField(msgspec.Struct):
    id: int
    name: str
    type: str
    value: Any
    text: str  # or what was sent and refused
    choices: list[Any]
    is_needed: bool  # before the ticket can be completed
    error: str

    @property
    def html_id(self) -> str:
        return f"f-{self.id}"


def shown(request: StaffRequest, ticket: Ticket, wrong: Mapping[str, str]) -> dict[str, Any]:
    """`wrong` is what was refused, by field; what was written there is shown again, to be mended."""
    reference = request.reference
    subscribed = set(ticket.subscriptions.values_list("staff_id", flat=True))
    staff = reference.staff.values()
    fields = _fields(request, ticket, wrong)
    known = _OWN_PLACE | {f"field-{field.id}" for field in fields}
    return {
        "colleagues": [one for one in staff if one.active or one.id == ticket.assignee_id],
        "fields": fields,
        "wrong": wrong,
        "elsewhere_wrong": [sentence for name, sentence in wrong.items() if name not in known],
        "written": request.POST if wrong else {},
        "subscribed": request.staff.id in subscribed,
        "subscribers": [one for one in staff if one.id in subscribed],
        "can_subscribe": [
            one for one in staff if one.active and one.id not in subscribed and access.sees(one, ticket.category_id)
        ],
        "contact_fields": _contact_fields(request, ticket),
        "phones": list(ticket.contact.phones.order_by("-is_primary", "id")),
        "groups": list(ticket.contact.groups.order_by("name")),
    }


def _fields(request: StaffRequest, ticket: Ticket, wrong: Mapping[str, str]) -> list[ShownField]:
    """Those that apply; one that was refused too, as it may apply only to what was wanted."""
    there = {field.id: field for field in request.reference.fields_of(ticket.category_id)}
    values = ticket.custom_values
    found = []
    for field in there.values():
        name = f"field-{field.id}"
        if name not in wrong and not custom_fields.applies(field, there, values):
            continue
        value = custom_fields.present(field, values.get(str(field.id)))
        text = custom_fields.shown_as_text(field, value)
        found.append(
            ShownField(
                id=field.id,
                name=field.name,
                type=field.type,
                value=value,
                text=request.POST.get(name, text) if name in wrong else text,
                choices=list(field.choices.values()),
                is_needed=field.compulsory_on_completed and value in (None, "", []),
                error=wrong.get(name, ""),
            )
        )
    return found


def _contact_fields(request: StaffRequest, ticket: Ticket) -> list[tuple[str, str]]:
    """Names and values of the contact's custom fields that have one."""
    values = ticket.contact.custom_values
    fields = request.reference.contact_fields.values()
    texts = [(field.name, custom_fields.shown_as_text(field, values.get(str(field.id)))) for field in fields]
    return [(name, text) for name, text in texts if text]
