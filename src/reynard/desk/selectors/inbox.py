"""What an agent sees of the desk at a glance: the views with their counts, and the rows of a list.

A view is a set of filters and a name. What belongs to categories an agent does not work in is never in one
(`Reference.scope`): not in its rows and not in its counts. Counts of the plain views come from TicketCounter alone.

The order of the day (URGENT): broken promises, those that run out within the hour, who waits for us, who we wait for;
each with the longest waiting first.
"""

import time
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

import msgspec
from django.db.models import F, Max, Q
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from reynard.desk import db
from reynard.desk.errors import Invalid, SearchTooSlow
from reynard.desk.models import Contact, SavedView, Ticket, Update
from reynard.desk.rules.history import Changes
from reynard.desk.selectors import access, mentions, promises, search, tickets
from reynard.desk.selectors.filters import NOTHING, Condition, Filters, joined
from reynard.desk.selectors.promises import Clocks
from reynard.desk.selectors.reference import Reference, StaffMember
from reynard.desk.selectors.tickets import Listing

SNIPPET_LENGTH = 160  # characters of the last message
_SNIPPET_READ = 600  # characters of it that are looked at


URGENT = "urgent"
COUNTED = 1_000  # tickets of a view with conditions; of more it is said that there are more
PRESSING_LIMIT = 200  # tickets with a broken or urgent promise that stand first; the others wait in their place


class View(msgspec.Struct, frozen=True):
    """One view of the inbox: `slug` in its address, the filters of its tickets.

    One that is narrowed by the search terms `only` has its filters without them in `own`.
    """

    slug: str
    name: str
    icon: str
    filters: Filters
    sort: str = URGENT
    query: str = ""  # of a search or a saved view
    saved_id: int | None = None
    only: str = ""
    own: Filters | None = None
    news: Filters | None = None  # what its number counts, where that is not all of it


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket in a list. Moments are aware; `snippet` is the beginning of the last message."""

    id: int
    version: int
    subject: str
    contact_name: str
    status_id: int
    priority_id: int
    category_id: int
    assignee_id: int | None
    tags: str
    unresponded: bool
    attachments_count: int
    sla_breaches: int
    due_date: date | None
    last_contact_reply_at: datetime | None
    last_updated_at: datetime
    created_at: datetime
    snippet: str
    snippet_by: str
    snippet_is_private: bool
    snippet_is_ours: bool


def views(person: StaffMember, reference: Reference) -> list[View]:
    """The views everybody has, in the order they are shown."""
    open_ = open_statuses(reference)
    closed = frozenset(reference.statuses) - open_
    return [
        View("needs-reply", _("Needs reply"), "reply", Filters(unresponded=True)),
        View("mine", _("Mine"), "user", Filters(statuses=open_, assignees=frozenset({person.id}))),
        View("unassigned", _("Unassigned"), "nobody", Filters(statuses=open_, assignees=frozenset({0}))),
        View(
            "mentions",
            _("Mentions"),
            "at",
            Filters(conditions=(mentions.tickets_naming(person),)),
            "updated",
            news=Filters(conditions=(mentions.tickets_naming(person, unread=True),)),
        ),
        View("waiting", _("Waiting for contact"), "hourglass", Filters(statuses=open_, unresponded=False)),
        View("drafts", _("Drafts"), "pencil", Filters(conditions=(_drafted_by(person),)), "updated"),
        View("all", _("All open"), "all", Filters(statuses=open_)),
        View("solved", _("Solved"), "done", Filters(statuses=closed), "updated"),
    ]


def _drafted_by(person: StaffMember) -> Condition:
    mine = "SELECT ticket_id FROM desk_draft WHERE staff_id = %s"
    source = f"SELECT id FROM desk_ticket WHERE deleted_at IS NULL AND id IN ({mine})"
    return Condition(f"id IN ({mine})", (person.id,), source, (person.id,), once=True)


def open_statuses(reference: Reference) -> frozenset[int]:
    return frozenset(row.id for row in reference.statuses.values() if reference.pending(row.id))


def category_views(reference: Reference) -> list[View]:
    """One view for each category that exists for the caller."""
    open_ = open_statuses(reference)
    return [
        View(f"category-{row.id}", row.name, "folder", Filters(statuses=open_, categories=frozenset({row.id})))
        for row in reference.categories.values()
    ]


def saved_views(person: StaffMember, reference: Reference, *, now: datetime) -> list[View]:
    """The shared views, then one's own. One whose search means nothing any more finds nothing."""
    return [saved_view(row, reference, now=now) for row in saved_rows(person)]


def saved_rows(person: StaffMember) -> list[SavedView]:
    """As they were saved, the shared ones first, each in the order people gave them."""
    rows = SavedView.objects.filter(Q(owner=None) | Q(owner=person.id))
    return list(rows.order_by(F("owner_id").asc(nulls_first=True), "position", "id"))


def saved_view(row: SavedView, reference: Reference, *, now: datetime) -> View:
    try:
        filters = search.read(row.query, reference, now=now)
    except Invalid:
        filters = NOTHING
    icon = "bolt" if row.owner_id is None else "search"
    return View(f"view-{row.id}", row.name, icon, filters, row.sort or URGENT, row.query, row.id)


def search_view(query: str, reference: Reference, *, now: datetime) -> View:
    """What a query finds; a blank one finds nothing. Raises Invalid for one that is beyond all use."""
    filters = search.read(query, reference, now=now) if query.strip() else NOTHING
    return View("search", _("Search"), "search", filters, tickets.RELEVANCE if filters.are_scored else "updated", query)


def narrowed(view: View, only: str, reference: Reference, *, now: datetime) -> View:
    """The view and, of its tickets, those that search terms find. Raises Invalid for terms beyond all use."""
    if not only.strip():
        return view
    filters = joined([view.filters, search.read(only, reference, now=now)])
    return msgspec.structs.replace(view, filters=filters, only=only.strip(), own=view.filters)


def counts(several: list[View], reference: Reference) -> dict[str, int]:
    """How many tickets each view has, by slug, in one statement over the counters; of views without conditions."""
    wanted = {view.slug: joined([view.filters, access.tickets_in_scope(reference)]) for view in several}
    kinds = {_anywhere(filters): n for n, filters in enumerate(wanted.values())}
    sums, values = [], []
    for kind in kinds:
        conditions = [tickets.counted(column, value) for column, value in tickets.counted_properties(kind)]
        where = " AND ".join(condition.where for condition in conditions) or "1 = 1"
        sums.append(f"sum(CASE WHEN {where} THEN tickets ELSE 0 END)")
        values += [value for condition in conditions for value in condition.values]
    if not sums:
        return {}
    sql = f"SELECT status_id, category_id, {', '.join(sums)} FROM desk_ticketcounter GROUP BY status_id, category_id"
    places = db.rows(sql, values)
    at = {kind: n for n, kind in enumerate(kinds, start=2)}

    def total(filters: Filters) -> int:
        return sum(
            int(place[at[_anywhere(filters)]])
            for place in places
            if (filters.statuses is None or place[0] in filters.statuses)
            and (filters.categories is None or place[1] in filters.categories)
        )

    return {slug: 0 if filters.nothing else total(filters) for slug, filters in wanted.items()}


def _anywhere(filters: Filters) -> Filters:
    return msgspec.structs.replace(filters, statuses=None, categories=None)


def count(filters: Filters, reference: Reference) -> int | None:
    """How many tickets meet filters of any kind, COUNTED + 1 for more; None when that takes too long to find out.

    The views stand beside every page: what took long is remembered for some seconds.
    """
    filters = joined([filters, access.tickets_in_scope(reference)])
    started = time.monotonic()
    until, number = _slow_counts.get(filters, (0.0, None))
    if until < started:
        number = _counted(filters, reference)
        if time.monotonic() - started > _SLOW_SECONDS:
            if len(_slow_counts) >= _SLOW_COUNTS_KEPT:
                _slow_counts.clear()
            _slow_counts[filters] = (started + tickets.REMEMBERED_SECONDS, number)
    return number


_SLOW_SECONDS = 0.01
_slow_counts: dict[Filters, tuple[float, int | None]] = {}
_SLOW_COUNTS_KEPT = 500


def _counted(filters: Filters, reference: Reference) -> int | None:
    try:
        return tickets.count_up_to(COUNTED + 1, filters, reference)
    except SearchTooSlow:
        return None


def stamp(reference: Reference) -> str:
    """Different whenever anything in a list may have changed, and says no more.

    Looks at the ends of two indexes, in one statement.
    """
    [(update, modified)] = db.rows(f"SELECT ({_LAST_UPDATE}), ({_LAST_MODIFIED})")
    known = f"{reference.version}-{update or 0}-{modified}"
    return blake2b(known.encode(), digest_size=9).hexdigest()


_LAST_UPDATE = "SELECT id FROM desk_update ORDER BY id DESC LIMIT 1"
_LAST_MODIFIED = (
    "SELECT last_modified_at FROM desk_ticket WHERE deleted_at IS NULL ORDER BY last_modified_at DESC, id DESC LIMIT 1"
)


class Page(msgspec.Struct, frozen=True):
    """The numbers of the tickets on a page, in order, and of how many in all; `late` and `soon` stand first."""

    numbers: list[int]
    total: int
    late: frozenset[int] = frozenset()
    soon: frozenset[int] = frozenset()


def page(view: View, number: int, size: int, reference: Reference, *, now: datetime) -> Page:
    """A page of a view. Raises SearchTooSlow."""
    start = (number - 1) * size
    if view.sort != URGENT:
        found = tickets.page(Listing(search=view.filters, sort=view.sort, size=size, page=number), reference)
        return Page([entry.id for entry in found.entries], found.total)
    late = _pressing(view.filters, promises.late(), reference)
    soon = [id for id in _pressing(view.filters, promises.due_soon(now), reference) if id not in set(late)]
    first = [*late, *soon]
    numbers = first[start : start + size]
    others = tickets.page(
        Listing(
            search=view.filters,
            sort=tickets.WAITING,
            size=size - len(numbers),
            offset=max(0, start - len(first)),
            besides=frozenset(first),
        ),
        reference,
    )
    numbers += [entry.id for entry in others.entries]
    return Page(numbers, others.total + len(first), frozenset(late), frozenset(soon))


def _pressing(filters: Filters, clocks: Clocks, reference: Reference) -> list[int]:
    """The open tickets of a view with such a clock, the one that is due first before the others."""
    filters = joined([filters, Filters(statuses=open_statuses(reference)), access.tickets_in_scope(reference)])
    if filters.nothing:
        return []
    with db.time_box(tickets.SEARCH_SECONDS):
        return promises.tickets_of(clocks, *tickets.condition_of(filters), limit=PRESSING_LIMIT)


def late_count(reference: Reference) -> int:
    """How many open tickets of the caller are late; at most PRESSING_LIMIT."""
    return len(_pressing(Filters(), promises.late(), reference))


def visible(numbers: list[int], reference: Reference) -> list[int]:
    """Those of the numbers whose tickets exist for the caller, in their order."""
    found = Ticket.objects.filter(id__in=numbers, deleted_at__isnull=True)
    if reference.scope is not None:
        found = found.filter(category_id__in=reference.scope)
    there = set(found.values_list("id", flat=True))
    return [number for number in numbers if number in there]


def rows(numbers: list[int]) -> list[Row]:
    """The tickets of a page, in the order of `numbers`; three statements."""
    latest = dict(
        Update.objects.filter(
            ticket_id__in=numbers, message_type__in=[Update.MessageType.PUBLIC, Update.MessageType.PRIVATE]
        )
        .values_list("ticket_id")
        .annotate(Max("id"))
    )
    said = {
        update["ticket_id"]: update
        for update in Update.objects.filter(id__in=latest.values())
        .annotate(beginning=Left("text", _SNIPPET_READ))
        .values("ticket_id", "beginning", "author_name", "author_type", "message_type")
    }
    found = {
        ticket.id: _row(ticket, said.get(ticket.id))
        for ticket in Ticket.objects.filter(id__in=numbers).select_related("contact").only(*_COLUMNS)
    }
    return [found[number] for number in numbers if number in found]


_OWN = (
    "id version subject status_id priority_id category_id assignee_id tags unresponded attachments_count sla_breaches "
    "due_date last_contact_reply_at last_updated_at created_at"
).split()
_COLUMNS = (*_OWN, "contact__name")


def _row(ticket: Ticket, message: dict[str, Any] | None) -> Row:
    return Row(
        **{name: getattr(ticket, name) for name in _OWN},
        contact_name=ticket.contact.name,
        snippet=" ".join(message["beginning"].split())[:SNIPPET_LENGTH] if message else "",
        snippet_by=message["author_name"] if message else "",
        snippet_is_private=message is not None and message["message_type"] == Update.MessageType.PRIVATE,
        snippet_is_ours=message is not None and message["author_type"] == Update.Author.STAFF,
    )


def count_of_contact(contact: Contact, reference: Reference) -> int:
    """How many tickets of the contact exist for the caller."""
    if reference.scope is None:
        return contact.tickets_count
    return Ticket.objects.filter(contact=contact, deleted_at=None, category_id__in=reference.scope).count()


class Latest(msgspec.Struct, frozen=True):
    """What happened to a ticket last, and by whom."""

    id: int
    version: int
    author_type: str
    author_name: str
    has_message: bool
    changes: Changes
    is_pending: bool


def latest(numbers: list[int], reference: Reference) -> list[Latest]:
    """The latest entry of each ticket that exists for the caller, or did until it was deleted; two statements."""
    found = Ticket.objects.filter(id__in=numbers)
    if reference.scope is not None:
        found = found.filter(category_id__in=reference.scope)
    tickets_ = list(found.values_list("id", "version", "last_update_id", "status_id"))
    entries = Update.objects.in_bulk([last for _id, _version, last, _status in tickets_])
    return [
        Latest(
            id=id,
            version=version,
            author_type=entries[last].author_type,
            author_name=entries[last].author_name,
            has_message=entries[last].message_type == Update.MessageType.PUBLIC,
            changes=msgspec.json.decode(entries[last].changes or "{}", type=Changes),
            is_pending=reference.pending(status),
        )
        for id, version, last, status in tickets_
        if last in entries
    ]


def tickets_of_contact(contact_id: int, reference: Reference, *, besides: int, limit: int = 5) -> list[Ticket]:
    """The contact's newest other tickets that exist for the caller, with `status` loaded."""
    found = Ticket.objects.filter(contact_id=contact_id, deleted_at__isnull=True).exclude(id=besides)
    if reference.scope is not None:
        found = found.filter(category_id__in=reference.scope)
    return list(found.select_related("status").order_by("-id")[:limit])
