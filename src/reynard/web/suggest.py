"""What the search box offers while somebody types: terms, their values, and tickets that match."""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from reynard.desk.errors import Invalid, SearchTooSlow
from reynard.desk.selectors import inbox, search, tickets
from reynard.desk.selectors.reference import Reference
from reynard.desk.selectors.tickets import Listing
from reynard.web.access import StaffRequest, staff_required

OFFERED = 6  # of each kind
_LAST = re.compile(r'(?:^|\s)((?P<name>[\w-]+):)?(?P<part>"[^"]*|[^\s"]*)$')
_FLAGS = ("true", "false")


class Offer(msgspec.Struct):
    """One suggestion: `query` is what the box has when it is taken."""

    query: str
    term: str
    hint: Any = ""


@staff_required
@require_GET
def suggest(request: StaffRequest) -> HttpResponse:
    query = request.GET.get("q", "")[:500]
    context = {"offers": offers(query, request.reference), "found": _found(query, request), "query": query}
    return render(request, "web/suggestions.html", context)


def offers(query: str, reference: Reference) -> list[Offer]:
    """How the last word of a query can be completed: names of terms, or values after `name:`."""
    match = _LAST.search(query)
    if match is None:
        return []
    before = query[: match.start("name") if match["name"] else match.start("part")]
    part = match["part"].lstrip('"').casefold()
    if match["name"]:
        values = _values(match["name"].lower(), reference)
        fitting = [value for value in values if value.casefold().startswith(part)] or [
            value for value in values if part in value.casefold()
        ]
        terms = [f"{match['name']}:{_quoted(value)}" for value in fitting]
    else:
        terms = [f"{name}:" for name in _NAMES if part and name.startswith(part)]
    ends = "" if not match["name"] else " "
    return [Offer(before + term + ends, term, _HINTS.get(term, "")) for term in terms[:OFFERED]]


_NAMES = (
    "status priority category assignee tag contact group duedate unresponded breached has_attachments "
    "created-on-or-after last-modified-on-or-after id"
).split()
_HINTS = {
    "unresponded:": gettext_lazy("the contact waits"),
    "breached:": gettext_lazy("a promise was broken"),
    "duedate:": gettext_lazy("a day, 2026-03-20"),
    "contact:": gettext_lazy("a name or an address"),
    "created-on-or-after:": gettext_lazy("a day, 2026-03-09"),
    "last-modified-on-or-after:": gettext_lazy("a day, 2026-03-09"),
}


def _values(name: str, reference: Reference) -> list[str]:
    named: dict[str, Any] = {
        "status": reference.statuses,
        "priority": reference.priorities,
        "category": reference.categories,
    }
    if name in named:
        return [row.name for row in named[name].values()]
    if name == "assignee":
        return ["none", *(person.name for person in reference.staff.values() if person.active)]
    if name in {"unresponded", "breached", "has_attachments"}:
        return list(_FLAGS)
    return []


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"\W", value) else value


def _found(query: str, request: StaffRequest) -> list[inbox.Row]:
    """The best matches of what is in the box already."""
    if len(query.strip()) < 2 or query.rstrip().endswith(":"):
        return []
    try:
        filters = search.read(query, request.reference, now=datetime.now(UTC))
        sort = tickets.RELEVANCE if filters.are_scored else "updated"
        page = tickets.page(Listing(search=filters, sort=sort, size=5), request.reference)
    except (Invalid, SearchTooSlow):
        return []
    return inbox.rows([entry.id for entry in page.entries])
