"""Those a private note names (rules/mentions), until they have read it."""

from collections.abc import Sequence
from datetime import datetime

from reynard.desk import db, records
from reynard.desk.models import Mention, Ticket, Update
from reynard.desk.rules import mentions as rules
from reynard.desk.selectors import mentions
from reynard.desk.selectors.reference import Reference


def found_in(text: str, ticket: Ticket, reference: Reference, *, author: int) -> list[int]:
    """Whom a note on a ticket names: colleagues who may see it, and not its author."""
    if "@" not in text:
        return []
    people = mentions.candidates(ticket.category_id, reference.whole, besides=author)
    return rules.named(text, mentions.as_people(people))


def note(update: Update, staff_ids: Sequence[int]) -> None:
    """Remember whom an update names, in its transaction."""
    records.insert_all([Mention(staff_id=id, update_id=update.id) for id in staff_ids])


def read(ticket_id: int, *, staff_id: int, now: datetime) -> None:
    """Somebody has opened a ticket; mostly one look at an index."""
    unread = Mention.objects.filter(staff_id=staff_id, read_at=None, update__ticket_id=ticket_id)
    ids = list(unread.values_list("id", flat=True))
    if ids:
        with db.write():
            Mention.objects.filter(id__in=ids, read_at=None).update(read_at=now)
