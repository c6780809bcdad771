"""Moving one message out of a ticket: to a new ticket, or to one that is there."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from reynard.desk.actions import splitting
from reynard.desk.actions.splitting import Moving
from reynard.desk.errors import DeskError, Invalid, NotFound
from reynard.desk.models import Ticket
from reynard.desk.selectors import inbox
from reynard.desk.selectors.conversation import Entry
from reynard.web import bulk, corrections, forms
from reynard.web.access import StaffRequest, staff_required

_NUMBER = re.compile(r"\s*#?[A-Za-z]{0,8}0*([1-9]\d{0,17})\s*", re.ASCII)


@staff_required
@require_POST
def split(request: StaffRequest, number: int, update_id: int) -> HttpResponse:
    """Make a ticket of its own of a message."""
    corrections.find(request, number, update_id)
    try:
        made = _move(request, number, update_id, Moving(staff=request.staff.id))
    except DeskError as error:
        said = forms.sentences(error, request).values() if isinstance(error, Invalid) else [str(error)]
        messages.error(request, " ".join(said))
        return HttpResponseRedirect(corrections.address(request, number, update_id))
    return HttpResponseRedirect(f"/inbox/ticket/{made}/")


@staff_required
@require_http_methods(["GET", "POST"])
def move(request: StaffRequest, number: int, update_id: int) -> HttpResponse:
    """Asks which ticket a message belongs to; takes the answer."""
    ticket, entry = corrections.find(request, number, update_id)
    if request.method == "GET":
        return _page(request, ticket, entry)
    match = _NUMBER.fullmatch(request.POST.get("other", "").strip() or request.POST.get("into", ""))
    if match is None:
        return _page(request, ticket, entry, [_("Say where it goes: choose a ticket, or write its number.")])
    try:
        target = _move(request, number, update_id, Moving(staff=request.staff.id, to=int(match[1])))
    except Invalid as error:
        return _page(request, ticket, entry, [*forms.sentences(error, request).values()])
    return HttpResponseRedirect(f"/inbox/ticket/{target}/#latest")


def _move(request: StaffRequest, number: int, update_id: int, given: Moving) -> int:
    try:
        target = splitting.move_message(number, update_id, given, reference=request.reference, now=forms.now())
    except NotFound:
        raise Http404 from None
    bulk.keep_undo(request, "", {})
    link = format_html('<a class="linkish" href="/inbox/ticket/{}/">#{}</a>', number, number)
    messages.success(request, format_html(_("The message is here now. It came from {ticket}."), ticket=link))
    return target


def _page(request: StaffRequest, ticket: Ticket, entry: Entry, errors: list[str] | None = None) -> HttpResponse:
    contact = entry.author_id or ticket.contact_id
    context: dict[str, Any] = {
        "ticket": ticket,
        "entry": entry,
        "others": inbox.tickets_of_contact(contact, request.reference, besides=ticket.id),
        "other": request.POST.get("other", ""),
        "errors": errors,
        "back": corrections.address(request, ticket.id, entry.id),
    }
    return render(request, "web/move_message.html", context, status=400 if errors else 200)
