"""Lists of tickets in one request (tickets.md §7)."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from reynard.desk import db
from reynard.desk.actions import counters, tickets
from reynard.desk.actions.tickets import NewTicket
from reynard.desk.errors import Invalid, Problems
from reynard.desk.selectors.reference import Reference

LIMIT = 100  # items of one list


class Item(msgspec.Struct):
    """One ticket of a list, None when it could not be read at all, and what its door found wrong with it."""

    new: NewTicket | None
    problems: Problems


def open_tickets(items: Sequence[Item], *, reference: Reference, now: datetime) -> list[int | Problems]:
    """Open each ticket that can be opened; returns its number, or what is wrong with it, in the order of `items`.

    One transaction, so that the answer can be stored with the whole, and a savepoint for each item, so that one
    that is refused leaves nothing behind: no ticket, and no contact either. Later items see the contacts that
    earlier ones brought.

    Locks, on PostgreSQL. An item locks its contact (an old one, or the address of a new one) and keeps it to the
    end, in the order of the list, which another list may have turned around; so lists take turns. All other writers
    lock one contact and then counters. Lists come to the counters last as well, holding none while they wait for a
    contact, so that nobody waits in a circle. The price is that one list at a time is being written.
    """
    with db.write():
        db.take_bulk_turn()
        with counters.gathered():
            return [_open(item, reference, now) for item in items]


def _open(item: Item, reference: Reference, now: datetime) -> int | Problems:
    if item.new is None:
        return item.problems
    try:
        with transaction.atomic():
            return tickets.open_ticket(item.new, reference=reference, now=now, problems=item.problems)
    except Invalid as error:
        return error.problems
