"""What those read who follow the desk (docs/syncing.md)."""

from typing import Annotated

from msgspec import Meta, Struct

from reynard.api.formats import WireDateTime
from reynard.api.shapes.tickets import Update

_Next = Annotated[int, Meta(ge=0, description="The `since` to go on with, also when this page is empty.")]
_More = Annotated[bool, Meta(description="There is more already: ask at once. False: ask again after a while.")]


class TicketChange(Struct, gc=False):
    """One entry of the history of one ticket."""

    id: Annotated[int, Meta(ge=1, description="The update's id: its place in the feed.")]
    ticket_id: Annotated[int, Meta(ge=1, description="The ticket number.")]
    display_id: Annotated[str, Meta(description="The ticket's number as people see it now.")]
    ticket_deleted: Annotated[
        bool, Meta(description="The ticket is gone by now: deleted, or moved out of the key's categories.")
    ]
    update: Annotated[
        Update | None,
        Meta(description="As in the ticket's `updates`. Null: the ticket is gone, and this is not its deletion."),
    ]


class ChangePage(Struct, gc=False):
    data: list[TicketChange]
    next: _Next
    more: _More


class DeletedTicket(Struct, gc=False):
    """A ticket that is gone."""

    id: Annotated[int, Meta(ge=1, description="The ticket number, never given again.")]
    display_id: Annotated[str, Meta(description="The number as people saw it.")]
    deleted_at: Annotated[WireDateTime, Meta(description="When it was deleted.")]
    update_id: Annotated[int, Meta(ge=1, description="The deletion's entry in the change feed.")]


class DeletedTicketPage(Struct, gc=False):
    data: list[DeletedTicket]
    next: _Next
    more: _More
