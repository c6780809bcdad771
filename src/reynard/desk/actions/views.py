"""Saved views: a search with a name, personal or shared."""

from datetime import datetime

import msgspec
from django.db.models import Max

from reynard.desk import db
from reynard.desk.errors import NotFound, Problems
from reynard.desk.models import SavedView
from reynard.desk.selectors import access, search
from reynard.desk.selectors.reference import Reference, StaffMember

NAME_LIMIT = 60
VIEWS_LIMIT = 30  # of one person, and of all together; each is counted when the rail is shown


class GivenView(msgspec.Struct, kw_only=True):
    name: str
    query: str
    sort: str = ""
    shared: bool = False


def save(given: GivenView, *, person: StaffMember, reference: Reference, now: datetime) -> SavedView:
    """Add a view, or give the one of that name another search. Raises Invalid."""
    problems = Problems()
    name = _name(given.name, problems)
    problems.require("query", bool(given.query.strip()))
    if given.shared and not may_share(person):
        problems.add("shared", f"{person.name} may not share views: the role has no manage_shared_views.")
    problems.raise_if_any()
    search.read(given.query, reference, now=now)
    owner_id = None if given.shared else person.id
    with db.write():
        present = SavedView.objects.filter(owner_id=owner_id)
        view = present.filter(name=name).first()
        if view is None:
            if present.count() >= VIEWS_LIMIT:
                problems.add("name", f"There are {VIEWS_LIMIT} views already. Delete one first.")
                problems.raise_if_any()
            last = present.aggregate(last=Max("position"))["last"] or 0
            view = SavedView(owner_id=owner_id, name=name, position=last + 1)
        view.query, view.sort = given.query.strip(), given.sort
        view.save()
    return view


def rename(view_id: int, name: str, *, person: StaffMember) -> SavedView:
    """Raises NotFound as all these do for views that are not theirs, and Invalid."""
    problems = Problems()
    name = _name(name, problems)
    problems.raise_if_any()
    with db.write():
        view = _theirs(view_id, person)
        if SavedView.objects.filter(owner_id=view.owner_id, name=name).exclude(id=view.id).exists():
            problems.add("name", f"There is a view {name} already.")
            problems.raise_if_any()
        view.name = name
        view.save(update_fields=["name"])
    return view


def move(view_id: int, steps: int, *, person: StaffMember) -> SavedView:
    """So many places down, or up, among the views of its owner or those of everybody; never beyond their ends."""
    with db.write():
        view = _theirs(view_id, person)
        several = list(SavedView.objects.filter(owner_id=view.owner_id).order_by("position", "id"))
        at = several.index(view)
        several.insert(max(0, min(len(several) - 1, at + steps)), several.pop(at))
        for position, one in enumerate(several, start=1):
            one.position = position
        SavedView.objects.bulk_update(several, ["position"])
    return view


def delete(view_id: int, *, person: StaffMember) -> SavedView:
    """Delete a view of one's own, or a shared one if that is allowed, and return it. Raises NotFound."""
    with db.write():
        view = _theirs(view_id, person)
        view.delete()
    return view


def _name(given: str, problems: Problems) -> str:
    name = " ".join(given.split())
    problems.require("name", bool(name))
    if len(name) > NAME_LIMIT:
        problems.add("name", f"A name may have {NAME_LIMIT} characters.")
    return name


def _theirs(view_id: int, person: StaffMember) -> SavedView:
    """A view of one's own, or a shared one if that is allowed. Raises NotFound."""
    view = SavedView.objects.filter(id=view_id).first()
    if view is None or not may_change(view, person):
        raise NotFound
    return view


def may_change(view: SavedView, person: StaffMember) -> bool:
    return view.owner_id == person.id or (view.owner_id is None and may_share(person))


def may_share(person: StaffMember) -> bool:
    return access.may(person, "manage_shared_views")
