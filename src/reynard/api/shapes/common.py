"""What shapes of several areas have in common."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from reynard.api.formats import WireDate, WireDateTime

Id = Annotated[int, Meta(ge=1)]


class FieldValue(Struct, gc=False):
    id: Id
    name: str
    type: str
    value: Annotated[Any, Meta(description="A text, number, date, label, list of labels, or null when not set.")]
    value_id: Annotated[int | list[int] | None, Meta(description="The chosen id or ids of fields with choices.")]
    visible_to_staff_only: bool

    def __post_init__(self) -> None:
        """The type of a value depends on the field's, which no annotation can say: a date is one in YAML too (P-08)."""
        if self.type == "date" and self.value is not None:
            self.value = WireDate(self.value)


class PageInfo(Struct, gc=False):
    count: Annotated[int, Meta(description="Elements on this page.")]
    start_index: Annotated[int, Meta(description="Index of the first element, from 1; 0 when there is none.")]
    end_index: int
    last_index: Annotated[int, Meta(description="Elements in the whole list.")]
    page_count: int
    next: Annotated[
        int | None, Meta(description="The `page` that comes next, or the `after_id` when that was given; null: none.")
    ]
    total: Annotated[int, Meta(description="The same as `last_index`.")]


class Done(Struct, gc=False):
    """What was done, in one sentence."""

    message: Annotated[str, Meta(description="For people.")]


class Attachment(Struct, gc=False):
    """A file, and for a while an address to download it from."""

    id: Id
    filename: str
    url: Annotated[str, Meta(description="Needs no credentials, until `expires_at`.")]
    size: Annotated[int, Meta(description="Bytes.")]
    content_type: str
    expires_at: Annotated[WireDateTime, Meta(description="When `url` ends: five minutes after the answer.")]
