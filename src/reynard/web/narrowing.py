"""Filters above the list: a view is narrowed by terms of the search language, which stand in `only` of its address."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.utils.translation import gettext as _

from reynard.desk.rules.search_language import Filter, Term, Text, name_key, written
from reynard.desk.selectors import search
from reynard.desk.selectors.filters import Filters
from reynard.desk.selectors.inbox import View
from reynard.desk.selectors.reference import Reference
from reynard.web.access import StaffRequest

NOBODY = "none"  # as the search language has it


class Choice(msgspec.Struct):
    """A value to narrow by; its address adds it, or leaves it out when it is on."""

    name: str
    address: str
    is_on: bool


class Menu(msgspec.Struct):
    term: str
    name: str
    icon: str
    choices: list[Choice]

    @property
    def is_on(self) -> bool:
        return any(choice.is_on for choice in self.choices)


class Chip(msgspec.Struct):
    """A term that narrows the view, and the address without it."""

    words: str
    without: str


class Narrowing(msgspec.Struct):
    chips: list[Chip]
    menus: list[Menu]
    none: str  # the address without any


def made(request: StaffRequest, view: View, tags: Iterable[str]) -> Narrowing:
    """The chips and menus of a view; `tags` are those that stand on the page."""
    terms = search.terms(view.only, request.reference)

    def address(kept: list[Term]) -> str:
        return address_of(request, " ".join(written(term) for term in kept))

    chips = [Chip(_said(term), address([other for other in terms if other is not term])) for term in terms]
    menus = []
    for name, label, icon, values in _menus(request.reference, view.own or view.filters, tags):
        present = next((one for one in terms if isinstance(one, Filter) and one.name == name), None)
        choices = []
        for value, shown in values:
            is_on = present is not None and name_key(value) in {name_key(one) for one in present.values}
            choices.append(Choice(shown, address(_toggled(terms, name, value)), is_on))
        menus.append(Menu(name, label, icon, choices))
    return Narrowing(chips, menus, address([]))


def with_tag(request: StaffRequest) -> str:
    """The list of this request, narrowed by the tag that was typed in `tag`, too."""
    only, tag = request.GET.get("only", ""), " ".join(" ".join(request.GET.getlist("tag")).split())
    return address_of(request, f"{only} {written(Filter('tag', (tag,)))}".strip() if tag else only)


def address_of(request: StaffRequest, only: str) -> str:
    """The list of this request, from its first page, narrowed by `only`."""
    kept = {name: request.GET[name] for name in ("view", "q", "sort") if request.GET.get(name)}
    return "/inbox/" + (f"?{urlencode(kept | ({'only': only} if only else {}))}" if kept or only else "")


def _toggled(terms: list[Term], name: str, value: str) -> list[Term]:
    kept: list[Term] = []
    is_done = False
    for term in terms:
        if not isinstance(term, Filter) or term.name != name or is_done:
            kept.append(term)
            continue
        is_done = True
        values = tuple(one for one in term.values if name_key(one) != name_key(value))
        if len(values) == len(term.values):
            values = (*values, value)
        if values:
            kept.append(Filter(name, values))
    return kept if is_done else [*kept, Filter(name, (value,))]


def _menus(
    reference: Reference, own: Filters, tags: Iterable[str]
) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Each menu with the values that can be found within the view, and the words for them."""

    def named(rows: dict[int, Any], within: frozenset[int] | None) -> list[tuple[str, str]]:
        return [(row.name, row.name) for row in rows.values() if within is None or row.id in within]

    people = [person for person in reference.staff.values() if person.active]
    names = [name_key(person.name) for person in people]
    assignees = [
        (person.name if names.count(name_key(person.name)) == 1 else person.email, person.name)
        for person in people
        if own.assignees is None or person.id in own.assignees
    ]
    if own.assignees is None or 0 in own.assignees:
        assignees.insert(0, (NOBODY, _("Nobody")))
    several = [
        ("category", _("Category"), "folder", named(reference.categories, own.categories)),
        ("assignee", _("Assignee"), "user", assignees),
        ("status", _("Status"), "tag", named(reference.statuses, own.statuses)),
        ("priority", _("Priority"), "flag", named(reference.priorities, own.priorities)),
        ("tag", _("Tag"), "tag", [(tag, tag) for tag in sorted(set(tags), key=str.casefold)]),
    ]
    return [one for one in several if len(one[3]) > 1 or one[0] == "tag"]


_NAMES = {"category": "Category", "assignee": "Assignee", "status": "Status", "priority": "Priority", "tag": "Tag"}


def _said(term: Term) -> str:
    if isinstance(term, Text):
        return f"“{term.text}”"
    values = _(" or ").join(
        _("nobody") if term.name == "assignee" and name_key(value) == NOBODY else value for value in term.values
    )
    return f"{_(_NAMES.get(term.name, term.name))}: {values}"
