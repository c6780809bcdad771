"""Requests about custom fields (custom-fields.md)."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from reynard.api.parse import (
    CHOICE_TEXT_LIMIT,
    CHOICES_LIMIT,
)
from reynard.api.requests.common import OPTIONAL, Id


class ChoiceGiven(Struct, kw_only=True):
    """A choice as it shall be."""

    id: Annotated[Id | None, Meta(description="A present choice of the field, which keeps its id; null: a new one.")]
    text: Annotated[
        str,
        Meta(
            description="The label, which may be another one than before.", min_length=1, max_length=CHOICE_TEXT_LIMIT
        ),
    ]
    dependant_fields: Annotated[
        list[Id] | None,
        Meta(description="The ticket fields that apply when it is selected; absent or null: as before."),
    ] = OPTIONAL


class ReplaceChoices(Struct, kw_only=True):
    """All choices of a ticket field. Nothing else of the field can be changed."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    choices: Annotated[
        list[ChoiceGiven],
        Meta(description=f"All of them, in the order of display; at most {CHOICES_LIMIT}.", max_length=CHOICES_LIMIT),
    ]


EXAMPLES: dict[type[Struct], dict[str, Any]] = {
    ReplaceChoices: {
        "choices": [
            {"id": 4, "text": "Tune-up", "dependant_fields": []},
            {"id": None, "text": "Express service"},
        ]
    },
}
