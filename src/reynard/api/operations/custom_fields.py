"""Definitions of custom fields and their choices (custom-fields.md)."""

from reynard.api import requests, shapes
from reynard.api.operations.operation import Operation, read_list, read_one

OPERATIONS: tuple[Operation, ...] = (
    read_list(
        "ticket_custom_fields/",
        "listTicketFields",
        "Custom fields",
        shapes.TicketField,
        "custom fields of tickets",
        "id",
    ),
    read_one(
        "ticket_custom_field/{id}/", "readTicketField", "Custom fields", shapes.TicketField, "custom field of tickets"
    ),
    Operation(
        method="PUT",
        path="ticket_custom_field/{id}/",
        id="replaceChoices",
        tag="Custom fields",
        summary="Replace the choices of a custom field",
        description=(
            "Only for fields of type `choice` and `multiple_choice`. Choices keep their ids, may be renamed, and come "
            "in the order of the list. **A choice that is left out is deleted**, and tickets lose it: a value shows as "
            "null, a list of values without it. An empty list deletes them all. Ids are never used again.\n\n"
            "A field that depends on a deleted choice never applies, until it is listed in `dependant_fields` of "
            "another one. A field may depend on one choice, and not on itself."
        ),
        parameters=("id",),
        body=requests.ReplaceChoices,
        answer=shapes.TicketField,
        answer_text="The whole field.",
        refusals={shapes.ErrorList: "An entry is wrong, or the field has no choices; always told at `choices`."},
        finds=True,
    ),
    read_list(
        "user_custom_fields/",
        "listContactFields",
        "Custom fields",
        shapes.ContactField,
        "custom fields of contacts",
        "`order`, then id",
    ),
    read_one(
        "user_custom_field/{id}/",
        "readContactField",
        "Custom fields",
        shapes.ContactField,
        "custom field of contacts",
    ),
)
