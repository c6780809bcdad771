"""Contact groups: adding and editing them, who belongs to them (contacts.md §9).

What a reader sees of a group stands in the answers of all its members and of their tickets, which are kept encoded by
version. A group may have a hundred thousand members, so a change of the group itself does not touch them: it counts as
a change of the reference data, one row, whose version is part of every key. That costs each process one reading of the
reference data and its kept tickets; groups are renamed seldom. Members who come and go do raise their own versions.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import IntegrityError, transaction
from msgspec import UNSET, UnsetType

from reynard.desk import db, records
from reynard.desk.actions import people
from reynard.desk.errors import NOT_A_CHOICE, Invalid, NotFound, Problems
from reynard.desk.models import ContactGroup, GroupDomain, GroupMembership
from reynard.desk.rules.tickets import join_list
from reynard.desk.selectors import reference

NAME_TAKEN = "Another contact group has this name."


class GivenGroup(msgspec.Struct, kw_only=True):
    """What somebody sent about a group. UNSET: not sent."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    domains: Sequence[str] | UnsetType = UNSET  # as rules/contacts.domains gives them


class Member(msgspec.Struct, frozen=True):
    """A contact to be in a group. UNSET access: as it is, none for a new member."""

    contact: int
    access_all_tickets: bool | UnsetType = UNSET


class Removal(msgspec.Struct, frozen=True):
    """What became of taking a contact out of a group, in the words that clients compare (contacts.md §9)."""

    contact: int
    success: bool
    message: str


def add_group(given: GivenGroup, *, problems: Problems | None = None) -> int:
    """A new group; contacts who are there already do not join it. Returns its id. Raises Invalid."""
    problems = problems or Problems()
    problems.require("name", bool(given.name) and given.name is not UNSET)
    problems.raise_if_any()
    with db.write():
        group = ContactGroup()
        _set(group, given)
        _save(group, problems)
        _tag(group, given)
    return group.id


def edit_group(group_id: int, given: GivenGroup, *, problems: Problems | None = None) -> None:
    """Change what was sent; other domains move nobody. Raises NotFound, Invalid."""
    problems = problems or Problems()
    with db.write():
        group = records.load(ContactGroup, "id = %s", [group_id], lock=True)
        if group is None:
            raise NotFound
        if given.name is not UNSET:
            problems.require("name", bool(given.name))
        problems.raise_if_any()
        if _set(group, given):
            _save(group, problems)
            _tag(group, given)
            reference.changed()


def put_members(
    group_id: int, several: Sequence[tuple[Member | None, Problems]], *, now: datetime
) -> list[tuple[int, bool] | Problems]:
    """Let contacts join, or change what members may see: for each its id and access, or what is wrong with it.

    Entries are taken in order. Raises NotFound when there is no such group.
    """
    with db.write():
        db.take_bulk_turn()
        _require_group(group_id)
        there = people.lock_contacts({member.contact for member, _ in several if member is not None})
        before = _access(group_id, there)
        after = dict(before)
        outcomes: list[tuple[int, bool] | Problems] = []
        for member, problems in several:
            if member is not None and member.contact not in there:
                problems.add("contact", NOT_A_CHOICE)
            if problems or member is None:
                outcomes.append(problems)
                continue
            present = after.get(member.contact, False)
            after[member.contact] = present if member.access_all_tickets is UNSET else member.access_all_tickets
            outcomes.append((member.contact, after[member.contact]))
        _write_members(group_id, before, after, now)
    return outcomes


def remove_members(group_id: int, contact_ids: Sequence[int], *, now: datetime) -> list[Removal]:
    """Take contacts out of a group, in order. Raises NotFound when there is no such group."""
    with db.write():
        db.take_bulk_turn()
        _require_group(group_id)
        there = people.lock_contacts(contact_ids)
        members = set(_access(group_id, there))
        leaving: set[int] = set()
        outcomes = []
        for contact in contact_ids:
            if contact in members - leaving:
                leaving.add(contact)
                outcomes.append(Removal(contact, True, "Successfully removed contact from group"))
            elif contact in there:
                outcomes.append(Removal(contact, False, "Contact not part of the contact group"))
            else:
                outcomes.append(Removal(contact, False, "Contact does not exist"))
        if leaving:
            GroupMembership.objects.filter(group_id=group_id, contact_id__in=leaving).delete()
            people.changed(leaving, now=now, findable=False)
    return outcomes


def _require_group(group_id: int) -> None:
    if not ContactGroup.objects.filter(id=group_id).exists():
        raise NotFound


def _access(group_id: int, contact_ids: set[int]) -> dict[int, bool]:
    """Which of these are members, and whether they may see all tickets."""
    members = GroupMembership.objects.filter(group_id=group_id, contact_id__in=contact_ids)
    return dict(members.values_list("contact_id", "access_all_tickets"))


def _write_members(group_id: int, before: dict[int, bool], after: dict[int, bool], now: datetime) -> None:
    GroupMembership.objects.bulk_create(
        GroupMembership(group_id=group_id, contact_id=contact, access_all_tickets=access)
        for contact, access in after.items()
        if contact not in before
    )
    for access in (True, False):
        turned = [contact for contact in before if before[contact] != after[contact] == access]
        if turned:
            members = GroupMembership.objects.filter(group_id=group_id, contact_id__in=turned)
            members.update(access_all_tickets=access)
    different = [contact for contact, access in after.items() if before.get(contact) != access]
    if different:
        people.changed(different, now=now, findable=False)


def _set(group: ContactGroup, given: GivenGroup) -> bool:
    """Put what was sent into the group; True when something is different now."""
    before = (group.name, group.description, group.tagged_domains)
    if given.name is not UNSET:
        group.name = given.name
    if given.description is not UNSET:
        group.description = given.description
    if given.domains is not UNSET:
        group.tagged_domains = join_list(list(given.domains))
    return before != (group.name, group.description, group.tagged_domains)


def _save(group: ContactGroup, problems: Problems) -> None:
    """Names are unique in the database, so of two writers of one name the second is told, however close they come."""
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        problems.add("name", NAME_TAKEN)
        raise Invalid(problems) from None


def _tag(group: ContactGroup, given: GivenGroup) -> None:
    """Keep the domains where a new contact finds them."""
    if given.domains is not UNSET:
        group.domains.all().delete()
        GroupDomain.objects.bulk_create(GroupDomain(group=group, domain=domain) for domain in given.domains)
