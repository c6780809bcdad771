"""What staff do to tickets besides answering: custom fields, tags, subscribers, moving, deleting.

As in actions/tickets, each function is one transaction and reports all problems at once.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db.models import QuerySet
from msgspec import UNSET, UnsetType

from reynard.desk import db
from reynard.desk.actions import changes, checks, counters, outbox
from reynard.desk.actions.changes import Author, Entry, Wanted
from reynard.desk.errors import NEEDED_TO_MOVE, NOT_A_CHOICE, NothingToUpdate, Problems, Refused
from reynard.desk.models import Category, Subscription, Ticket
from reynard.desk.rules import custom_fields, notify
from reynard.desk.rules import tickets as rules
from reynard.desk.rules.history import Changes
from reynard.desk.rules.messages import Message
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference, StaffMember


class FieldChanges(msgspec.Struct, kw_only=True):
    staff: int | UnsetType = UNSET
    custom_values: checks.RawValues = {}


class TagChanges(msgspec.Struct, kw_only=True):
    """A tag in both lists ends up removed."""

    staff: int | UnsetType = UNSET
    add: Sequence[str] = ()
    remove: Sequence[str] = ()


class Subscribers(msgspec.Struct, kw_only=True):
    """One staff member, and others to be subscribed together with them."""

    staff: int | UnsetType = UNSET
    others: Sequence[int] = ()


class Move(msgspec.Struct, kw_only=True):
    staff: int | UnsetType = UNSET
    category: int | UnsetType = UNSET
    note: Message | None = None
    assignee: int | UnsetType = UNSET


class Deletion(msgspec.Struct, kw_only=True):
    staff: int | UnsetType = UNSET


def update_custom_fields(
    number: int,
    given: FieldChanges,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> None:
    """Set the custom fields that were sent (tickets.md §12). Raises NotFound, Changed, Invalid, NothingToUpdate."""
    problems = problems or Problems()
    with db.write():
        ticket = checks.lock_ticket(number, expected_versions, reference)
        author = checks.acting_staff(given.staff, reference, problems)
        there = {field.id: field for field in reference.fields_of(ticket.category_id)}
        values = checks.read_values(given.custom_values, there, "ticket_field", problems)
        checks.refuse_emptied(values, ticket.custom_values, there, "ticket_field", problems)
        problems.raise_if_any()
        assert author is not None
        changed = changes.apply(ticket, Wanted(custom_values=values), reference)
        entry = Entry(author=Author.staff(author))
        _record_changes(ticket, changed, entry, rules.CUSTOM_FIELDS, reference, now)


def update_tags(
    number: int,
    given: TagChanges,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> None:
    """Add and remove tags; without anybody who acts, the desk itself does it (tickets.md §13).

    Raises NotFound, Changed, Invalid, NothingToUpdate.
    """
    problems = problems or Problems()
    with db.write():
        ticket = checks.lock_ticket(number, expected_versions, reference)
        author = checks.acting_staff(given.staff, reference, problems, needed=False)
        access.demand(author, access.codes_to_tag(ticket, add=given.add, remove=given.remove), problems)
        problems.raise_if_any()
        changed = changes.apply(ticket, Wanted(add_tags=given.add, remove_tags=given.remove), reference)
        entry = Entry(author=Author.staff(author) if author else changes.SYSTEM)
        _record_changes(ticket, changed, entry, rules.TAGS, reference, now)


def _record_changes(
    ticket: Ticket, changed: Changes, entry: Entry, effect: rules.Effect, reference: Reference, now: datetime
) -> None:
    """Record changes that leave the ticket in its category and status."""
    if not changed.to_text():
        raise NothingToUpdate
    place = counters.place_of(ticket)
    changes.record(ticket, changed, entry, effect, reference, place_before=place, moment=now, now=now)


def subscribe(
    number: int,
    given: Subscribers,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> list[StaffMember]:
    """Subscribe staff and return them, also those who were subscribed before (tickets.md §14).

    Raises NotFound, Changed, Invalid.
    """
    problems = problems or Problems()
    with db.write():
        ticket = checks.lock_ticket(number, expected_versions, reference)
        person = checks.acting_staff(given.staff, reference, problems)
        others = [reference.staff.get(staff_id) for staff_id in given.others]
        people = {one.id: one for one in (person, *others) if one is not None and one.active}
        if any(one is None or not one.active for one in others):
            problems.add("others", NOT_A_CHOICE)
        problems.raise_if_any()
        present = set(_subscriptions(ticket).values_list("staff_id", flat=True))
        fresh = [Subscription(ticket_id=ticket.id, staff_id=staff_id) for staff_id in people if staff_id not in present]
        if fresh:
            Subscription.objects.bulk_create(fresh)
            changes.touch(ticket, reference, now=now)
    return list(people.values())


def unsubscribe(
    number: int,
    given: Subscribers,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> StaffMember:
    """Unsubscribe somebody and return them, also when they were not subscribed (tickets.md §14).

    Raises NotFound, Changed, Invalid.
    """
    problems = problems or Problems()
    with db.write():
        ticket = checks.lock_ticket(number, expected_versions, reference)
        person = checks.acting_staff(given.staff, reference, problems)
        problems.raise_if_any()
        assert person is not None
        removed, _ = _subscriptions(ticket).filter(staff_id=person.id).delete()
        if removed:
            changes.touch(ticket, reference, now=now)
    return person


def _subscriptions(ticket: Ticket) -> QuerySet[Subscription]:
    return Subscription.objects.filter(ticket_id=ticket.id)


def move(
    number: int,
    given: Move,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> Category:
    """Move a ticket to another category, with a private note and a new assignee if wanted (tickets.md §16).

    Returns the category. Values of custom fields it does not have stay on the ticket. Raises NotFound, Changed,
    Invalid, Refused (compulsory fields), NothingToUpdate (it is there already).
    """
    problems = problems or Problems()
    with db.write():
        ticket = checks.lock_ticket(number, expected_versions, reference)
        author = checks.acting_staff(given.staff, reference, problems)
        _check_target(ticket, given.category, author, reference, problems)
        checks.check_assignee(given.assignee, ticket.assignee_id, reference, problems)
        access.demand(author, access.codes_to_assign(ticket, given.assignee), problems)
        problems.raise_if_any()
        assert author is not None
        if given.category == ticket.category_id:
            raise NothingToUpdate(reference.categories[ticket.category_id])
        _refuse_unfilled(ticket, reference)
        place_before = counters.place_of(ticket)
        changed = changes.apply(ticket, Wanted(category=given.category, assignee=given.assignee), reference)
        entry = Entry(author=Author.staff(author), message=given.note, private=True)
        update = changes.record(
            ticket, changed, entry, rules.MOVE, reference, place_before=place_before, moment=now, now=now
        )
        audience = outbox.Audience(ticket, entry, reference, newly_assigned=changed.assignee is not None)
        outbox.tell(notify.Event.MOVED, audience, update, now=now)
    return reference.categories[ticket.category_id]


def _check_target(
    ticket: Ticket,
    category_id: int | UnsetType,
    author: StaffMember | None,
    reference: Reference,
    problems: Problems,
) -> None:
    problems.require("category", category_id is not UNSET)
    if category_id is UNSET:
        return
    if category_id not in reference.categories:
        problems.add("category", NOT_A_CHOICE)
    elif category_id != ticket.category_id:
        access.demand(author, access.codes_to_move(author, category_id), problems)


def _refuse_unfilled(ticket: Ticket, reference: Reference) -> None:
    """Fields that are compulsory on a move and apply before it must have a value (custom-fields.md §4)."""
    there = {field.id: field for field in reference.fields_of(ticket.category_id)}
    demanded = [field for field in there.values() if field.compulsory_on_move]
    empty = custom_fields.missing(demanded, there, ticket.custom_values)
    if empty:
        raise Refused({f"ticket_field:{field.id}": NEEDED_TO_MOVE for field in empty})


def delete(
    number: int,
    given: Deletion,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> str:
    """Delete a ticket and return the display id it had (tickets.md §17). Raises NotFound, Changed, Invalid.

    Nobody finds it any more, and its number is never given again; its row and history are kept for audits.
    """
    problems = problems or Problems()
    with db.write():
        ticket = checks.lock_ticket(number, expected_versions, reference)
        author = checks.acting_staff(given.staff, reference, problems)
        access.demand(author, ["delete_tickets"], problems)
        problems.raise_if_any()
        assert author is not None
        ticket.deleted_at = now
        entry = Entry(author=Author.staff(author))
        place = counters.place_of(ticket)
        changes.record(
            ticket, Changes(deleted=True), entry, rules.DELETE, reference, place_before=place, moment=now, now=now
        )
    return rules.display_id(reference.categories[ticket.category_id].prefix, ticket.id)
