"""Watching mailboxes: our own addition (docs/mailboxes.md)."""

from reynard.api import shapes
from reynard.api.operations.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="mailboxes/",
        id="listMailboxes",
        tag="Mailboxes",
        summary="List all mailboxes, and how they are",
        description="The complete list, without pages, by name. They are set up with `reynard mailbox create`.",
        answer=list[shapes.Mailbox],
        answer_text="All mailboxes, without their secrets.",
    ),
)
