"""Mails that did not become messages, and what people decide about them."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from msgspec import UNSET, UnsetType

from reynard import downloads
from reynard.desk.actions import held_mails
from reynard.desk.actions.held_mails import Release
from reynard.desk.errors import Invalid, NotFound, Problems
from reynard.desk.models import InboundMail
from reynard.desk.selectors import inbound_mails
from reynard.mail import inbound
from reynard.web import forms
from reynard.web.access import StaffRequest
from reynard.web.manage import sections

ADDRESS = "/manage/held/"
PAGE_SIZE = 50
TEXT_LIMIT = 20_000  # characters shown of a mail
State = InboundMail.State
STATES = {
    State.HELD: gettext_lazy("Held"),
    State.FAILED: gettext_lazy("Not understood"),
    State.IGNORED: gettext_lazy("Left out"),
    State.DUPLICATE: gettext_lazy("Came twice"),
}


@sections.set_up_required(sections.MAILBOXES)
@require_GET
def list_all(request: StaffRequest) -> HttpResponse:
    """Those in `state`, the newest first; `before` an id."""
    state = request.GET.get("state", State.HELD)
    if state not in STATES:
        raise Http404
    before = forms.number(request.GET.get("before", ""))
    rows = inbound_mails.in_state(state, before=before, limit=PAGE_SIZE + 1, reference=request.reference)
    context = {
        "states": STATES.items(),
        "state": state,
        "rows": [_shown(mail, request) for mail in rows[:PAGE_SIZE]],
        "older": rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None,
    }
    return render(request, "web/manage/held_mails.html", context)


def _shown(mail: InboundMail, request: StaffRequest) -> dict[str, Any]:
    return {"mail": mail, "mailbox": request.reference.whole.mailboxes[mail.mailbox_id]}


@sections.set_up_required(sections.MAILBOXES)
@require_GET
def read(request: StaffRequest, id: int) -> HttpResponse:
    """One mail as text, with its headers."""
    return _page(request, _find(request, id))


def _page(request: StaffRequest, mail: InboundMail, problems: Problems | None = None) -> HttpResponse:
    try:
        said = inbound.head(mail)
    except FileNotFoundError:
        raise Http404 from None
    context = {
        **_shown(mail, request),
        "said": said,
        "text": said.text[:TEXT_LIMIT],
        "is_cut": len(said.text) > TEXT_LIMIT,
        "errors": [text for _field, texts in problems.items() for text in texts] if problems else [],
        "given": request.POST.get("ticket", ""),
    }
    return render(request, "web/manage/held_mail.html", context, status=400 if problems else 200)


@sections.set_up_required(sections.MAILBOXES)
@require_GET
def download(request: StaffRequest, id: int) -> HttpResponseBase:
    """The bytes as they came."""
    mail = _find(request, id)
    stored = SimpleNamespace(sha256=mail.sha256, filename=f"mail-{mail.id}.eml", content_type="message/rfc822")
    response = downloads.of_file(stored, inline=False)
    if response is None:
        raise Http404
    return response


@sections.set_up_required(sections.MAILBOXES)
@require_POST
def decide(request: StaffRequest, id: int) -> HttpResponse:
    """`do`: move it to `ticket`, open one of its own, or leave it out."""
    mail = _find(request, id)
    now = datetime.now(UTC)
    problems = Problems()
    try:
        if request.POST.get("do") == "leave":
            held_mails.ignore(id, request.staff.id, reference=request.reference, now=now)
            messages.success(request, _("It is left out. It stays here, under “Left out”."))
            return HttpResponseRedirect(ADDRESS)
        ticket = _ticket(request, problems) if request.POST.get("do") == "move" else UNSET
        given = Release(staff=request.staff.id, ticket=ticket)
        said = inbound.understand(mail)
        row = held_mails.release(id, said, given, reference=request.reference, now=now, problems=problems)
    except Invalid as error:
        return _page(request, mail, error.problems)
    except (NotFound, FileNotFoundError):
        raise Http404 from None
    link = format_html('<a class="linkish" href="/inbox/ticket/{}/">#{}</a>', row.ticket_id, row.ticket_id)
    messages.success(request, format_html(_("It is in the ticket {ticket} now."), ticket=link))
    return HttpResponseRedirect(ADDRESS)


_NUMBER = re.compile(r"#?[A-Za-z]{0,8}0*(\d{1,18})", re.ASCII)


def _ticket(request: StaffRequest, problems: Problems) -> int | UnsetType:
    match = _NUMBER.fullmatch(request.POST.get("ticket", "").strip())
    if match is None:
        problems.add("ticket", _("Give the number of a ticket, like 4127 or #RW00004127."))
        return UNSET
    return int(match[1])


def _find(request: StaffRequest, id: int) -> InboundMail:
    try:
        return inbound_mails.waiting(id, request.reference)
    except NotFound:
        raise Http404 from None
