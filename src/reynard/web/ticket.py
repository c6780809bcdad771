"""One ticket: its conversation and its properties. Every button calls the API's action."""

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reynard import downloads
from reynard.desk.actions import mentions, ticket_changes, tickets
from reynard.desk.actions import reading as reading_actions
from reynard.desk.actions.ticket_changes import Move
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.errors import DeskError, Invalid, NotFound, NothingToUpdate, Refused
from reynard.desk.models import Category, Draft, Ticket
from reynard.desk.rules import tickets as rules
from reynard.desk.selectors import access, attachments, conversation, inbox, promises, reading
from reynard.desk.selectors import mentions as mentioning
from reynard.web import bulk, forms, merging, needed, presence, properties, recipients, thread
from reynard.web import inbox as lists
from reynard.web.access import StaffRequest, staff_required

TAKEN_BACK = "taken_back"  # in the session: what a message had besides its text
STAY_COOKIE = "stay"  # there for those who stay on a ticket after sending
NEIGHBOURS = 200  # tickets of a view among which the next one is looked for


@staff_required
@require_GET
def read_ticket(request: StaffRequest, number: int) -> HttpResponse:
    ticket = find(request, number)
    mentions.read(ticket.id, staff_id=request.staff.id, now=forms.now())
    return page(request, ticket)


@staff_required
@require_GET
def read_news(request: StaffRequest, number: int) -> HttpResponse:
    """What has been added to the thread `after` an update; nothing new costs no content."""
    ticket = find(request, number)
    last = forms.number(request.GET.get("after", "")) or 0
    presence.show(ticket.id, request.staff.id, request.GET.get("doing", ""))
    others = presence.others(ticket.id, request.staff.id, request.reference)
    tag = f'"{ticket.last_update_id}-{"-".join(f"{person.id}{doing}" for person, doing in others)}"'
    if ticket.last_update_id <= last and request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    mentions.read(ticket.id, staff_id=request.staff.id, now=forms.now())
    history = conversation.of(ticket.id, after=last)
    context = {
        "ticket": ticket,
        "blocks": thread.blocks(request, ticket.id, history, remote=False),
        "last": max(last, ticket.last_update_id),
        "others_here": others,
    }
    if history.entries:
        reading_actions.note_visit(ticket, staff_id=request.staff.id, now=forms.now())
    response = render(request, "web/thread_news.html", context)
    response.headers["ETag"] = tag
    return response


def find(request: StaffRequest, number: int) -> Ticket:
    try:
        return access.find_ticket(number, request.reference)
    except NotFound:
        raise Http404 from None


def page(
    request: StaffRequest,
    ticket: Ticket,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    draft: dict[str, Any] | None = None,
    wrong: dict[str, str] | None = None,
) -> HttpResponse:
    """The ticket; with a `draft`, the composer shows that (sending.FIELDS) and not what is kept.

    `errors` are those of a message, `wrong` those of properties.
    """
    reference = request.reference
    draft = draft or _kept_drafts(request, ticket)
    history = conversation.of(ticket.id, before=forms.number(request.GET.get("before", "")))
    visit = reading.last_visit(ticket.id, request.staff.id)
    blocks = thread.blocks(request, ticket.id, history, seen=visit.last_update_id if visit else None)
    clock = promises.of([ticket.id]).get(ticket.id) if ticket.unresponded else None
    context = {
        "ticket": ticket,
        "display_id": rules.display_id(reference.categories[ticket.category_id].prefix, ticket.id),
        "status": reference.statuses[ticket.status_id],
        "done": not reference.pending(ticket.status_id),
        "pending": reference.pending(ticket.status_id),
        "category": reference.categories[ticket.category_id],
        "assignee": reference.staff.get(ticket.assignee_id) if ticket.assignee_id else None,
        "priority": reference.priorities[ticket.priority_id],
        "statuses": reference.statuses.values(),
        "priorities": reference.priorities.values(),
        "categories": _targets(request),
        "tags": rules.split_list(ticket.tags),
        "blocks": blocks,
        "visit": visit,
        "history": history,
        "contact": ticket.contact,
        "contact_tickets": inbox.count_of_contact(ticket.contact, reference),
        "others": inbox.tickets_of_contact(ticket.contact_id, reference, besides=ticket.id),
        **merging.shown(ticket, request),
        **properties.shown(request, ticket, wrong or {}),
        "query_string": request.GET.urlencode(),
        "back_to_list": lists.address_of_list(request),
        "promises": promises.all_of(ticket.id),
        "clock": clock,
        "is_soon": clock is not None and clock.is_soon(forms.now()),
        "neighbours": neighbours(request, ticket.id),
        "others_here": presence.others(ticket.id, request.staff.id, reference),
        "errors": errors or {},
        "draft": draft,
        "stays": "stay" in request.POST if request.method == "POST" else request.COOKIES.get(STAY_COOKIE) == "1",
        "once": secrets.token_urlsafe(12),
        "mentionable": mentioning.candidates(ticket.category_id, reference, besides=request.staff.id),
        "needed": needed.shown(request, ticket, draft, errors or {}),
        "recipients": recipients.shown(request, ticket, draft),
        "attachments_limit": settings.ATTACHMENTS_LIMIT_BYTES,
        "attachments_count": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
    }
    response = render(request, "web/ticket.html", context, status=status)
    if visit is None or visit.last_update_id < ticket.last_update_id:
        reading_actions.note_visit(ticket, staff_id=request.staff.id, now=forms.now())
    if thread.shows_remote(blocks):
        response._csp_update = {"img-src": ["https:"]}  # type: ignore[attr-defined]
    return response


def _kept_drafts(request: StaffRequest, ticket: Ticket) -> dict[str, Any]:
    kept = dict(Draft.objects.filter(staff_id=request.staff.id, ticket_id=ticket.id).values_list("kind", "text"))
    aside = request.session.get(TAKEN_BACK, {})
    more = aside["draft"] if aside.get("ticket") == ticket.id else {}
    return kept | more | {"mode": "note" if list(kept) == ["note"] else "reply"}


# --- where it stands


class Neighbours(msgspec.Struct):
    """Where a ticket stands in the view it was opened from; empty addresses where there is none."""

    place: int = 0
    total: int = 0
    previous_address: str = ""
    next_address: str = ""


def neighbours(request: StaffRequest, number: int) -> Neighbours:
    """Looked for around the place that `at` of the address names; next to a ticket that has left the view since are
    those that stand around its place now."""
    if "view" not in request.GET:
        return Neighbours()
    now, hint = forms.now(), lists.place(request)

    def numbers_around(place: int) -> tuple[int, inbox.Page]:
        """Those of a view from a place on, which is at least NEIGHBOURS before or at the one asked for."""
        block = max(place - 1, 0) // NEIGHBOURS
        return block * NEIGHBOURS, inbox.page(view, block + 1, NEIGHBOURS, request.reference, now=now)

    def address(place: int) -> str:
        if not 1 <= place <= page.total:
            return ""
        first, around = (start, page) if start < place <= start + NEIGHBOURS else numbers_around(place)
        if place - first > len(around.numbers):
            return ""
        query = request.GET.copy()
        if hint:
            query["at"] = str(place)
        return f"/inbox/ticket/{around.numbers[place - first - 1]}/?{query.urlencode()}"

    try:
        view = lists.find_view(request, now=now)
        start, page = numbers_around(hint)
        if number in page.numbers:
            place = start + page.numbers.index(number) + 1
            return Neighbours(place, page.total, address(place - 1), address(place + 1))
        if hint:
            return Neighbours(hint, page.total, address(hint - 1), address(hint))
    except (DeskError, Http404):
        pass
    return Neighbours()


@staff_required
@require_POST
def change(request: StaffRequest, number: int) -> HttpResponse:
    """Properties of the ticket; those that are not sent stay as they are."""
    ticket = find(request, number)
    if "category" in request.POST and request.POST["category"] != str(ticket.category_id):
        move = Move(staff=request.staff.id, category=forms.id(request, "category"))
        return _apply(request, ticket, lambda: _move(number, move, request))
    wanted = StaffUpdate(
        staff=request.staff.id, status=forms.id(request, "status"), priority=forms.id(request, "priority")
    )
    if "assignee" in request.POST:
        wanted.assignee = None if request.POST["assignee"] == "" else forms.id(request, "assignee")
    if "due_date" in request.POST:
        try:
            wanted.due_date = date.fromisoformat(request.POST["due_date"]) if request.POST["due_date"] else None
        except ValueError:
            sentence = _("There is no such day. Write the date like 2026-02-28.")
            return page(request, ticket, status=400, wrong={"due_date": sentence})
    if "tags" in request.POST:
        wanted.tags = rules.split_list(request.POST["tags"])
        wanted.replace_tags = True
    if request.POST.get("subject", "").strip():
        wanted.new_subject = request.POST["subject"].strip()
    wanted.custom_values = forms.custom_values(request)
    return _apply(
        request,
        ticket,
        lambda: tickets.add_staff_update(number, wanted, reference=request.reference, now=forms.now()),
    )


_TAKEN_BACK_BY = {  # of bulk's actions
    "assignee": "assignee_id",
    "status": "status_id",
    "priority": "priority_id",
    "category": "category_id",
    "tags": "tags",
}


def _offer_undo(request: StaffRequest, before: Ticket, after: Ticket) -> None:
    """Of a change of one property; of several at once there is none."""
    names = [*_TAKEN_BACK_BY.values(), "due_date", "subject", "custom_values"]
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    do = next((do for do, name in _TAKEN_BACK_BY.items() if changed == [name]), "")
    if do:
        bulk.keep_undo(request, do, {str(after.id): (getattr(before, _TAKEN_BACK_BY[do]), after.version)})
        messages.success(request, _("Saved."), extra_tags="undo")


def _apply(request: StaffRequest, ticket: Ticket, action: Callable[[], Any]) -> HttpResponse:
    """Change properties and show the ticket anew; what is refused is said beside its field."""
    try:
        action()
    except NothingToUpdate:
        pass  # such as a form that was sent as it is
    except NotFound:
        raise Http404 from None
    except (Invalid, Refused) as error:
        return page(request, find(request, ticket.id), status=400, wrong=forms.sentences(error, request))
    except DeskError as error:
        return page(request, find(request, ticket.id), status=409, wrong={"message": str(error)})
    after = Ticket.objects.get(id=ticket.id)
    if not access.is_in_scope(after.category_id, request.reference):
        messages.success(request, _("The ticket is moved to a category that you do not see."))
        return HttpResponseRedirect(lists.address_of_list(request))
    _offer_undo(request, ticket, after)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return HttpResponseRedirect(f"/inbox/ticket/{ticket.id}/{query}#latest")


def _targets(request: StaffRequest) -> list[Category]:
    """The categories a ticket can be moved to: also one where the agent does not see it any more, if they may."""
    anywhere = access.may(request.staff, "move_ticket_to_any_category")
    return [
        row for row in request.reference.whole.categories.values() if anywhere or row.id in request.staff.category_ids
    ]


def _move(number: int, move: Move, request: StaffRequest) -> None:
    ticket_changes.move(number, move, reference=request.reference.whole, now=forms.now())


def act(
    request: StaffRequest, ticket: Ticket, action: Callable[[], Any], draft: dict[str, Any] | None = None
) -> HttpResponse:
    """Do it and show the ticket anew; what is refused is said beside what was written, and nothing is lost."""
    try:
        action()
    except NothingToUpdate:
        messages.info(request, _("Nothing was changed."))
    except NotFound:
        raise Http404 from None
    except (Invalid, Refused) as error:
        return page(request, find(request, ticket.id), status=400, errors=forms.sentences(error, request), draft=draft)
    except DeskError as error:
        return page(request, find(request, ticket.id), status=409, errors={"message": str(error)}, draft=draft)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return HttpResponseRedirect(f"/inbox/ticket/{ticket.id}/{query}#latest")


# --- files


@staff_required
@require_GET
def download(request: StaffRequest, id: int) -> HttpResponseBase:
    """A file of a ticket that the reader may see: a picture in its place, a PDF to `open`, all else as a download."""
    row = attachments.one(id, request.reference)
    response = downloads.pdf_to_look_at(row) if row and "open" in request.GET else None
    if row and response is None:
        response = downloads.of_file(row, inline="download" not in request.GET)
    if response is None:
        raise Http404
    response.headers["Cache-Control"] = "private, max-age=3600"  # what an id stands for never changes
    return response
