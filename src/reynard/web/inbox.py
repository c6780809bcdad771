"""The list: views, search, the rows of a page."""

import re
from typing import Any

import msgspec
from django.http import Http404, HttpResponse
from django.shortcuts import render

from reynard.desk.selectors import inbox, tickets
from reynard.desk.selectors.filters import joined
from reynard.desk.selectors.inbox import View
from reynard.desk.selectors.tickets import Listing
from reynard.web import rail
from reynard.web.access import StaffRequest, staff_required

PAGE_SIZE = 50


@staff_required
def list_tickets(request: StaffRequest) -> HttpResponse:
    view = _view(request)
    page_number = _page_number(request.GET.get("page", ""))
    page = tickets.page(
        Listing(search=joined([view.filters]), sort=view.sort, size=PAGE_SIZE, page=page_number), request.reference
    )
    rows = inbox.rows([entry.id for entry in page.entries])
    context: dict[str, Any] = {
        "view": view,
        "bands": _bands(rows, request),
        "total": page.total,
        "page": page_number,
        "newer": page_number - 1 if page_number > 1 else None,
        "older": page_number + 1 if page_number * PAGE_SIZE < page.total else None,
    }
    return render(request, "web/inbox.html", context)


def _page_number(given: str) -> int:
    return int(given) if re.fullmatch(r"[1-9]\d{0,5}", given, re.ASCII) else 1


def _view(request: StaffRequest) -> View:
    slug = request.GET.get("view", rail.START)
    everything = (
        *inbox.views(request.staff, request.reference),
        *inbox.category_views(request.staff, request.reference),
    )
    for view in everything:
        if view.slug == slug:
            return view
    raise Http404


class Band(msgspec.Struct):
    name: str
    why: str
    kind: str
    rows: list[Any]


def _bands(rows: list[inbox.Row], request: StaffRequest) -> list[Band]:
    """The rows under the headings of whose move it is; empty ones vanish."""
    reference = request.reference
    shown = [
        {
            "row": row,
            "turn": "ours" if row.unresponded else "theirs" if reference.pending(row.status_id) else "done",
            "status": reference.statuses[row.status_id],
            "assignee": reference.staff.get(row.assignee_id) if row.assignee_id else None,
            "tags": [tag for tag in row.tags.split(",") if tag][:3],
            "since": row.last_contact_reply_at if row.unresponded else row.last_updated_at,
        }
        for row in rows
    ]
    bands = [
        Band("Waiting for us", "", "ours", [item for item in shown if item["turn"] == "ours"]),
        Band("Waiting for the contact", "", "theirs", [item for item in shown if item["turn"] == "theirs"]),
        Band("Done", "", "done", [item for item in shown if item["turn"] == "done"]),
    ]
    return [band for band in bands if band.rows]
