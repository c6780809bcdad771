"""Merging tickets that are about the same thing into one, and undoing that.

Nothing is copied and no history is rewritten: a merged ticket keeps its number, messages and files, is completed, and
says where it went; the ticket it went into says what came. Both get an entry in their histories. What contacts answer
to a merged ticket goes to the one it was merged into (actions/tickets.add_contact_reply).

Locks: tickets in the order of their numbers; then their contacts, for which those who write several take turns; the
counters last.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from reynard.desk import db
from reynard.desk.actions import changes, checks, counters
from reynard.desk.actions.changes import Author, Entry, Wanted
from reynard.desk.errors import Changed, NotFound, NothingToUpdate, Problems
from reynard.desk.models import Contact, Subscription, Ticket, Update
from reynard.desk.rules import tickets as rules
from reynard.desk.rules.history import Changes, Merging
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference, StaffMember

LIMIT = 100  # tickets that are merged at once
_CC_READ = 100  # messages of merged tickets whose cc is carried over


def merge(into: int, numbers: Sequence[int], *, staff: int, reference: Reference, now: datetime) -> None:
    """Merge the tickets of `numbers` into another one. All of them or none. Raises Invalid.

    Those that are pending get the first completed status; fields that are compulsory on completion are not asked for,
    as the work goes on elsewhere. If a contact waits in one of them, one waits in the ticket they are merged into, too.
    Subscribers come along; the other contacts and copied addresses are kept as the cc of its new entry. No mail leaves.
    """
    problems = Problems()
    with db.write():
        db.take_bulk_turn()
        locked = _lock_all({into, *numbers}, into, reference, problems)
        author = checks.acting_staff(staff, reference, problems)
        access.demand(author, ["merge_tickets"], problems)
        _check(into, numbers, locked, problems)
        problems.raise_if_any()
        assert author is not None
        target, merged = locked[into], [locked[number] for number in sorted(set(numbers))]
        place, somebody_waits = counters.place_of(target), any(ticket.unresponded for ticket in merged)
        with counters.gathered():
            for ticket in merged:
                _merge_one(ticket, target, author, reference, now)
            _carry_subscribers(target, merged)
            target.contact_spoke_last = target.contact_spoke_last or somebody_waits
            said = Changes(merging=Merging(tickets=[ticket.id for ticket in merged]))
            entry = Entry(author=Author.staff(author), cc=_cc(target, merged))
            changes.record(target, said, entry, rules.MERGE, reference, place_before=place, moment=now, now=now)


def _lock_all(numbers: set[int], into: int, reference: Reference, problems: Problems) -> dict[int, Ticket]:
    locked = {}
    for number in sorted(numbers):
        try:
            locked[number] = checks.lock_ticket(number, None, reference)
        except NotFound:
            problems.add("into" if number == into else "tickets", f"There is no ticket #{number}.")
    return locked


def _check(into: int, numbers: Sequence[int], locked: dict[int, Ticket], problems: Problems) -> None:
    problems.require("tickets", bool(numbers))
    if len(numbers) > LIMIT:
        problems.add("tickets", f"At most {LIMIT} tickets can be merged at once.")
    if into in numbers:
        problems.add("into", "A ticket cannot be merged into itself.")
    for number, ticket in locked.items():
        if ticket.merged_to_id is not None:
            field = "into" if number == into else "tickets"
            problems.add(field, f"Ticket #{number} has been merged into #{ticket.merged_to_id} already.")


def _merge_one(ticket: Ticket, target: Ticket, author: StaffMember, reference: Reference, now: datetime) -> None:
    place = counters.place_of(ticket)
    wanted = Wanted()
    if reference.pending(ticket.status_id) and reference.completed:
        wanted.status = next(status for status in reference.statuses if status in reference.completed)
    changed = changes.apply(ticket, wanted, reference)
    changed.merging = Merging(into=target.id)
    ticket.merged_to_id = target.id
    _record(ticket, changed, place, author, reference, now)


def _record(
    ticket: Ticket,
    changed: Changes,
    place: counters.Place,
    author: StaffMember,
    reference: Reference,
    now: datetime,
) -> None:
    entry = Entry(author=Author.staff(author))
    changes.record(ticket, changed, entry, rules.MERGE, reference, place_before=place, moment=now, now=now)


def _carry_subscribers(target: Ticket, merged: Sequence[Ticket]) -> None:
    present = set(Subscription.objects.filter(ticket_id=target.id).values_list("staff_id", flat=True))
    theirs = Subscription.objects.filter(ticket_id__in=[ticket.id for ticket in merged])
    fresh = set(theirs.values_list("staff_id", flat=True)) - present
    Subscription.objects.bulk_create(Subscription(ticket_id=target.id, staff_id=id) for id in sorted(fresh))


def _cc(target: Ticket, merged: Sequence[Ticket]) -> str:
    """The people of the merged tickets, besides the target's own contact."""
    contacts = {ticket.contact_id for ticket in merged} - {target.contact_id}
    addresses = list(Contact.objects.filter(id__in=contacts, email__isnull=False).values_list("email", flat=True))
    numbers = [ticket.id for ticket in merged]
    messages = Update.objects.filter(ticket_id__in=numbers, message_type=Update.MessageType.PUBLIC).exclude(cc="")
    for cc in messages.order_by("-id").values_list("cc", flat=True)[:_CC_READ]:
        addresses += rules.split_list(cc)
    own = Contact.objects.values_list("email", flat=True).get(id=target.contact_id) or ""
    found = {address.casefold(): address for address in addresses if address and address.casefold() != own.casefold()}
    return rules.join_list(list(found.values()))


def unmerge(number: int, *, staff: int, reference: Reference, now: datetime) -> None:
    """Take a ticket out of the one it was merged into. Raises NotFound, Changed, Invalid, NothingToUpdate.

    It gets the status it had, unless somebody has given it another one since. What was written in the other ticket
    stays there.
    """
    problems = Problems()
    into = Ticket.objects.filter(id=number).values_list("merged_to_id", flat=True).first()
    with db.write():
        locked = _lock_pair(number, into, reference)
        ticket, target = locked[number], locked.get(into or 0)
        author = checks.acting_staff(staff, reference, problems)
        access.demand(author, ["merge_tickets"], problems)
        problems.raise_if_any()
        assert author is not None
        if ticket.merged_to_id != into:
            raise Changed
        if into is None:
            raise NothingToUpdate
        with counters.gathered():
            place = counters.place_of(ticket)
            changed = changes.apply(ticket, Wanted(status=_status_before(ticket, reference)), reference)
            changed.merging = Merging(into=into, undone=True)
            ticket.merged_to_id = None
            _record(ticket, changed, place, author, reference, now)
            if target is not None:
                place = counters.place_of(target)
                target.contact_spoke_last = target.contact_spoke_last and _somebody_waits(target)
                said = Changes(merging=Merging(tickets=[number], undone=True))
                _record(target, said, place, author, reference, now)


def _lock_pair(number: int, into: int | None, reference: Reference) -> dict[int, Ticket]:
    """The ticket, and the one it was merged into unless that one was deleted, wherever that one is."""
    locked = {}
    for one in sorted({number, into or number}):
        try:
            locked[one] = checks.lock_ticket(one, None, reference if one == number else reference.whole)
        except NotFound:
            if one == number:
                raise
    return locked


def _status_before(ticket: Ticket, reference: Reference) -> int:
    """The status that merging took away, or the present one."""
    entries = Update.objects.filter(ticket_id=ticket.id, changes__contains='"merging"').order_by("-id")
    said = msgspec.json.decode(entries.values_list("changes", flat=True).first() or "{}", type=Changes)
    if said.status is None or said.status.new != ticket.status_id or said.status.old not in reference.statuses:
        return ticket.status_id
    return said.status.old


def _somebody_waits(target: Ticket) -> bool:
    """Whether a contact spoke last in the ticket itself, or in one that is still merged into it."""
    public = Update.objects.filter(ticket_id=target.id, message_type=Update.MessageType.PUBLIC).order_by("-id")
    author = public.values_list("author_type", flat=True).first()
    still_merged = Ticket.objects.filter(merged_to_id=target.id, deleted_at__isnull=True, contact_spoke_last=True)
    return author == Update.Author.CONTACT or still_merged.exists()
