"""Where merged tickets went."""

from typing import Any

import msgspec

from reynard.desk import db
from reynard.desk.models import Ticket
from reynard.desk.selectors.reference import Reference

SHOWN = 50  # merged tickets of one ticket's page

_TARGET = (
    "SELECT target.id FROM desk_ticket merged JOIN desk_ticket target ON target.id = merged.merged_to_id "
    "WHERE merged.id = %s AND merged.deleted_at IS NULL AND target.deleted_at IS NULL"
)


def target_of(number: int) -> int:
    """The ticket that one was merged into, or that was merged into in turn; itself when it was not merged.

    A ticket stands for itself again when the one it was merged into was deleted.
    """
    while found := db.rows(_TARGET, [number]):
        number = found[0][0]
    return number


class Merged(msgspec.Struct, frozen=True):
    """A ticket as others name it."""

    id: int
    subject: str
    contact_name: str
    messages_count: int


def into(number: int, reference: Reference) -> list[Merged]:
    """The tickets that were merged into one and exist for the caller."""
    return _named({"merged_to_id": number}, reference)


def one(number: int, reference: Reference) -> Merged | None:
    """A ticket by its number, if it exists for the caller."""
    return next(iter(_named({"id": number}, reference)), None)


def _named(wanted: dict[str, Any], reference: Reference) -> list[Merged]:
    found = Ticket.objects.filter(deleted_at__isnull=True, **wanted)
    if reference.scope is not None:
        found = found.filter(category_id__in=reference.scope)
    rows = found.order_by("id").values_list("id", "subject", "contact__name", "messages_count")
    return [Merged(*row) for row in rows[:SHOWN]]
