"""Making the search index anew, while the desk goes on: after an upgrade, or when it is not to be trusted.

A new generation begins with an empty index. Tickets come in by batches, each in its own transaction with the mark that
they are in; writes keep those up to date that are in already, and leave the others to their batch. So it may be
stopped at any moment and goes on where it was. Until it is complete a search finds what has come in.
"""

from collections.abc import Callable

from django.db.models import F

from reynard.desk import db
from reynard.desk.actions import indexing
from reynard.desk.models import Contact, SearchState, Ticket, TicketTag, TicketValue
from reynard.desk.selectors import fulltext, reference

BATCH = 200


def is_complete() -> bool:
    return SearchState.objects.filter(id=1, complete=True).exists()


def begin() -> None:
    """Empty the index; what is there stays unfound until `go_on` has brought it in."""
    with db.write():
        SearchState.objects.filter(id=1).update(generation=F("generation") + 1, complete=False)
        fulltext.forget_tickets()
        TicketTag.objects.all().delete()
        TicketValue.objects.all().delete()
        reference.changed()


def remaining() -> int:
    """How many tickets and contacts `go_on` has before it."""
    generation = SearchState.objects.get(id=1).generation
    return Ticket.objects.exclude(index_generation=generation).count() + Contact.objects.count()


def go_on(progress: Callable[[int], None]) -> None:
    """Bring in all that is missing; `progress` hears how many more were done."""
    _bring_in_contacts(progress)
    _bring_in_tickets(progress)
    with db.write():
        SearchState.objects.filter(id=1).update(complete=True)


def _bring_in_contacts(progress: Callable[[int], None]) -> None:
    last = 0
    while True:
        with db.write():
            contacts = list(Contact.objects.select_for_update().filter(id__gt=last).order_by("id")[:BATCH])
            indexing.put_contacts(contacts, reference.current())
        if not contacts:
            return
        last = contacts[-1].id
        progress(len(contacts))


def _bring_in_tickets(progress: Callable[[int], None]) -> None:
    last = 0
    while True:
        with db.write():
            known = reference.current()
            missing = Ticket.objects.exclude(index_generation=known.search_generation).filter(id__gt=last)
            tickets = list(missing.select_for_update(no_key=True).order_by("id")[:BATCH])
            indexing.bring_in(tickets, known)
            Ticket.objects.filter(id__in=[ticket.id for ticket in tickets]).update(
                index_generation=known.search_generation
            )
        if not tickets:
            return
        last = tickets[-1].id
        progress(len(tickets))
