"""Operations for those who follow the desk (docs/syncing.md)."""

from reynard.api import shapes
from reynard.api.operations.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="changes/",
        id="listChanges",
        tag="Following",
        summary="Follow everything that happens to tickets",
        description=(
            "Every entry of every ticket's history, in the order of ids, private notes included: ask with `since=0`, "
            "then with the `next` of each page for ever. Nothing is missed and nothing comes twice, also while many "
            "write at once; an id that is missing was never used.\n\n"
            "Deleting a ticket is its last entry. From then on all entries of the ticket have `ticket_deleted`, and "
            "only the deletion itself still shows its `update`. Whoever meets the flag forgets the ticket.\n\n"
            "A key that is limited to categories gets what happened in them, and the move that took a ticket away: it "
            "is gone then. A ticket that moves in comes with its move: read it.\n\n"
            "Subscribing staff to a ticket leaves no entry. Tags change with an entry that names none of them: read "
            "the ticket. An idle follower gets 304 for its `ETag`."
        ),
        parameters=("since", "feed_size", "show_cf_changes"),
        answer=shapes.ChangePage,
        answer_text="The entries behind `since`; none at the end.",
        refusals={shapes.ErrorList: "`since` is not a whole number."},
        conditional=True,
        example_query={"since": "20911"},
    ),
    Operation(
        method="GET",
        path="deleted_tickets/",
        id="listDeletedTickets",
        tag="Following",
        summary="List deleted tickets",
        description=(
            "In the order in which they were deleted. Begin with a moment, or with 0 for all, and go on with the "
            "`next` of each page."
        ),
        parameters=("since_or_moment", "feed_size"),
        answer=shapes.DeletedTicketPage,
        answer_text="The tickets deleted behind `since`; none at the end.",
        refusals={shapes.ErrorList: "`since` is neither a whole number nor a date/time."},
        conditional=True,
        example_query={"since": "2026-03-09T00:00:00Z"},
    ),
)
