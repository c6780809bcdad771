"""The list: views, search, and the rows of a page."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reynard.desk.actions import views as view_actions
from reynard.desk.actions.views import GivenView
from reynard.desk.errors import Invalid, NotFound, SearchTooSlow
from reynard.desk.models import Draft, SavedView
from reynard.desk.selectors import inbox, promises
from reynard.desk.selectors.filters import NOTHING
from reynard.desk.selectors.inbox import Row, View
from reynard.web import look, narrowing, presence, rail
from reynard.web.access import StaffRequest, staff_required

PAGE_SIZE = 50
SORTS = {
    inbox.URGENT: gettext_noop("Most urgent first"),
    "updated": gettext_noop("Last updated first"),
    "created": gettext_noop("Newest first"),
    "createa": gettext_noop("Oldest first"),
    "due": gettext_noop("By due date"),
    "priorityd": gettext_noop("By priority"),
}


@staff_required
@require_GET
def list_tickets(request: StaffRequest) -> HttpResponse:
    """The tickets of a view or a search; for htmx, the list alone."""
    now = datetime.now(UTC)
    error = ""
    is_fragment = "HX-Request" in request.headers
    tag = f'"{inbox.stamp(request.reference)}-{now:%H%M}"'  # clocks move every minute
    if is_fragment and request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    if "tag" in request.GET:
        return HttpResponseRedirect(narrowing.with_tag(request))
    try:
        view = find_view(request, now=now)
        number = page_number(request)
        page = inbox.page(view, number, PAGE_SIZE, request.reference, now=now)
    except (Invalid, SearchTooSlow) as refused:
        view = _refused_view(request, now=now)
        number, page, error = 1, inbox.Page([], 0), sentence(refused)
    found = bands(request, view, page, now=now)
    context: dict[str, Any] = {
        "view": view,
        "query": view.query if view.saved_id is None else "",
        "error": error,
        "bands": found,
        "list_query": list_query(view),
        "narrowing": narrowing.made(request, view, _tags(found)),
        "tag": tag,
        "total": page.total,
        "page": number,
        "newer": number - 1 if number > 1 else None,
        "older": number + 1 if number * PAGE_SIZE < page.total else None,
        "sort": view.sort,
        "sorts": SORTS.items(),
        "density": look.density(request),
        "columns": look.columns(request),
        "all_columns": look.COLUMNS.items(),
        "may_share": view_actions.may_share(request.staff),
        **choices(request),
    }
    whole = "web/news.html" if is_fragment else "web/inbox.html"
    response = render(request, whole, context, status=400 if error else 200)
    if is_fragment:
        response.headers["ETag"] = tag
    return response


def _refused_view(request: StaffRequest, *, now: datetime) -> View:
    """What the page says it is when its search or its filters cannot be used: they stand where they can be mended."""
    only = request.GET.get("only", "")
    if request.GET.get("view", rail.START) == "search":
        return View("search", _("Search"), "search", NOTHING, query=request.GET.get("q", ""), only=only)
    return msgspec.structs.replace(_named_view(request, now=now), filters=NOTHING, only=only)


def sentence(error: Invalid | SearchTooSlow) -> str:
    if isinstance(error, Invalid):
        return " ".join(text for _field, texts in error.problems.items() for text in texts)
    return str(error)


def choices(request: StaffRequest) -> dict[str, Any]:
    """What selected tickets can be given."""
    reference = request.reference
    return {
        "statuses": reference.statuses.values(),
        "priorities": reference.priorities.values(),
        "colleagues": [person for person in reference.staff.values() if person.active],
        "targets": reference.categories.values(),
    }


def find_view(request: StaffRequest, *, now: datetime) -> View:
    """The view that `view` and `q` of an address name, narrowed by `only`, in the order of `sort`.

    Raises Http404, Invalid.
    """
    view = inbox.narrowed(_named_view(request, now=now), request.GET.get("only", ""), request.reference, now=now)
    sort = request.GET.get("sort", "")
    return msgspec.structs.replace(view, sort=sort) if sort in SORTS else view


def _named_view(request: StaffRequest, *, now: datetime) -> View:
    slug = request.GET.get("view", rail.START)
    if slug == "search":
        return inbox.search_view(request.GET.get("q", ""), request.reference, now=now)
    if match := re.fullmatch(r"view-(\d{1,18})", slug, re.ASCII):
        row = SavedView.objects.filter(id=int(match[1])).first()
        if row is None or row.owner_id not in {None, request.staff.id}:
            raise Http404
        return inbox.saved_view(row, request.reference, now=now)
    plain = (*inbox.views(request.staff, request.reference), *inbox.category_views(request.reference))
    for view in plain:
        if view.slug == slug:
            return view
    raise Http404


def address_of_list(request: StaffRequest) -> str:
    """Where the ticket of this request was opened from."""
    kept = {name: request.GET[name] for name in ("view", "q", "sort", "only") if request.GET.get(name)}
    if (at := place(request)) > PAGE_SIZE:
        kept["page"] = str((at - 1) // PAGE_SIZE + 1)
    return f"/inbox/?{urlencode(kept)}" if kept else "/inbox/"


def place(request: StaffRequest) -> int:
    """The place in its list that a ticket was opened from, from 1; 0 for none."""
    given = request.GET.get("at", "")
    return int(given) if re.fullmatch(r"[1-9]\d{0,5}", given, re.ASCII) else 0


def list_query(view: View) -> str:
    """What the address of a ticket says of the list it was opened from."""
    asked = {"view": view.slug, "q": "" if view.saved_id else view.query, "only": view.only}
    if view.sort in SORTS and view.sort != inbox.URGENT:
        asked["sort"] = view.sort
    return urlencode({name: value for name, value in asked.items() if value})


def page_number(request: StaffRequest) -> int:
    given = request.GET.get("page", "")
    return int(given) if re.fullmatch(r"[1-9]\d{0,5}", given, re.ASCII) else 1


# --- rows under their headings


class Band(msgspec.Struct):
    kind: str
    name: str
    why: str
    rows: list[dict[str, Any]] = []


def bands(request: StaffRequest, view: View, page: inbox.Page, *, now: datetime) -> list[Band]:
    """The rows of a page under headings of why they stand where they do; empty ones vanish."""
    rows = inbox.rows(page.numbers)
    due = promises.of(row.id for row in rows)
    watched = presence.at_tickets(page.numbers, request.staff.id)
    mine = Draft.objects.filter(staff_id=request.staff.id, ticket_id__in=page.numbers)
    drafted = set(mine.values_list("ticket_id", flat=True))
    first = (page_number(request) - 1) * PAGE_SIZE + 1
    shown = [
        _shown(row, due.get(row.id), request, now=now, watched=watched, drafted=drafted) | {"place": at}
        for at, row in enumerate(rows, start=first)
    ]
    if view.sort != inbox.URGENT:
        return [Band("plain", view.name, "", shown)] if shown else []
    found = [
        Band("late", _("Late"), _("a promised time is over")),
        Band("soon", _("Soon"), _("a promised time ends within the hour")),
        Band("ours", _("Waiting for us"), ""),
        Band("theirs", _("Waiting for the contact"), ""),
        Band("done", _("Done"), ""),
    ]
    by_kind = {band.kind: band for band in found}
    for item in shown:
        id = item["row"].id
        kind = "late" if id in page.late else "soon" if id in page.soon else item["turn"]
        by_kind[kind].rows.append(item)
    return [band for band in found if band.rows]


def _tags(found: list[Band]) -> set[str]:
    return {tag for band in found for item in band.rows for tag in item["all_tags"]}


def _shown(
    row: Row,
    promise: promises.Promise | None,
    request: StaffRequest,
    *,
    now: datetime,
    watched: set[int],
    drafted: set[int],
) -> dict[str, Any]:
    reference = request.reference
    pending = reference.pending(row.status_id)
    tags = [tag for tag in row.tags.split(",") if tag]
    return {
        "row": row,
        "turn": "ours" if row.unresponded else "theirs" if pending else "done",
        "status": reference.statuses[row.status_id],
        "priority": reference.priorities[row.priority_id],
        "assignee": reference.staff.get(row.assignee_id) if row.assignee_id else None,
        "tags": tags[:3],
        "all_tags": tags,
        "category": reference.categories.get(row.category_id),
        "since": row.last_contact_reply_at if row.unresponded else row.last_updated_at,
        "promise": promise if pending else None,
        "is_soon": promise is not None and promise.is_soon(now),
        "is_watched": row.id in watched,
        "has_draft": row.id in drafted,
        "is_due": pending and row.due_date is not None and row.due_date < timezone.localdate(now),
    }


# --- saved views


@staff_required
@require_http_methods(["GET", "POST"])
def views(request: StaffRequest) -> HttpResponse:
    """All views on a page of their own, for screens without a rail; takes a search that is to be kept as one."""
    if request.method != "POST":
        rows = inbox.saved_rows(request.staff)
        theirs = [row for row in rows if view_actions.may_change(row, request.staff)]
        return render(request, "web/views.html", {"theirs": theirs})
    given = GivenView(
        name=request.POST.get("name", ""),
        query=request.POST.get("q", ""),
        sort=request.POST.get("sort", "") if request.POST.get("sort", "") in SORTS else "",
        shared="shared" in request.POST,
    )
    try:
        view = view_actions.save(given, person=request.staff, reference=request.reference, now=datetime.now(UTC))
    except Invalid as error:
        messages.error(request, sentence(error))
        return HttpResponseRedirect(f"/inbox/?{urlencode({'view': 'search', 'q': given.query})}")
    return HttpResponseRedirect(f"/inbox/?view=view-{view.id}")


@staff_required
@require_POST
def change_view(request: StaffRequest, id: int) -> HttpResponse:
    """Its `name`, or with `move` its place: up or down."""
    try:
        if "move" in request.POST:
            view_actions.move(id, -1 if request.POST["move"] == "up" else 1, person=request.staff)
        else:
            view = view_actions.rename(id, request.POST.get("name", ""), person=request.staff)
            messages.success(request, _("The view is called %(name)s now.") % {"name": view.name})
    except NotFound:
        raise Http404 from None
    except Invalid as error:
        messages.error(request, sentence(error))
    return HttpResponseRedirect("/inbox/views/#theirs")


@staff_required
@require_POST
def delete_view(request: StaffRequest, id: int) -> HttpResponse:
    try:
        view = view_actions.delete(id, person=request.staff)
    except NotFound:
        raise Http404 from None
    messages.success(request, _("The view %(name)s is deleted. Its tickets are where they were.") % {"name": view.name})
    return HttpResponseRedirect(f"/inbox/?{urlencode({'view': 'search', 'q': view.query})}")
