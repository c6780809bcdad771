"""What is sent from the page of a ticket: replies, private notes and their drafts; and taking a reply back."""

from datetime import timedelta
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from msgspec import UNSET

from reynard.desk.actions import drafts, tickets, withdrawing
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.actions.withdrawing import TooLate
from reynard.desk.errors import NotFound
from reynard.desk.models import Draft, Ticket, Update
from reynard.desk.rules import display
from reynard.desk.rules.markdown import BadMarkdown
from reynard.desk.rules.messages import BadHtml, compose_markdown
from reynard.web import attached, canned, forms, recipients, thread
from reynard.web import ticket as ticket_page
from reynard.web.access import StaffRequest, staff_required
from reynard.web.attached import TooMuch

HOLD = timedelta(seconds=10)  # before a reply leaves, so that it can be taken back
FIELDS = ("reply", "note", "reply_minutes", "note_minutes", "status", *recipients.COPIES)
SENT = "sent"  # in the session: the message that is about to leave
TAKEN_BACK = ticket_page.TAKEN_BACK


@staff_required
@require_POST
def send(request: StaffRequest, number: int) -> HttpResponse:
    """A reply or a private note, as `mode` says; a note with recipients is refused."""
    ticket = ticket_page.find(request, number)
    mode = "note" if request.POST.get("mode") == "note" else "reply"
    private = mode == "note"
    using = canned.used(request, ticket, mode)
    try:
        draft = written(request, number)
    except TooMuch as error:
        draft = written(request, number, with_uploads=False) | {"mode": mode}
        return ticket_page.page(request, ticket, status=400, errors={"files": str(error)}, draft=draft)
    draft |= {"mode": mode, f"{mode}_canned": using.shown(request.reference)}
    incoming = draft[f"{mode}_incoming"]

    def refused(**errors: str) -> HttpResponse:
        return ticket_page.page(request, ticket, status=400, errors=errors, draft=draft)

    if private and (request.POST.get("cc") or request.POST.get("bcc")):
        return refused(note=_("A private note has no recipients."))
    if using.is_gone:
        return refused(canned=_("The canned action is gone, and with it what it would set. Send again without it."))
    copies, wrong = ({}, {}) if private else recipients.read(request)
    if wrong:
        return refused(**wrong)
    try:
        message = compose_markdown(draft[mode])
    except (BadHtml, BadMarkdown) as error:
        return refused(message=str(error))
    if message is None and not incoming:
        return refused(message=_("Write something first."))
    minutes = forms.id(request, f"{mode}_minutes")
    wanted = StaffUpdate(
        staff=request.staff.id,
        message=message,
        files=incoming,
        status=UNSET if private else forms.id(request, "status"),
        cc=copies.get("reply_cc", ""),
        bcc=copies.get("reply_bcc", ""),
        update_customer=not private,
        tells_named=private,
        time_spent=None if minutes is UNSET else minutes,
        hold=timedelta() if private else HOLD,
        last_staff_message=_last_seen(request) if not private and "anyway" not in request.POST else None,
    )
    canned.put_into(wanted, using, request.staff.id)
    write = tickets.add_private_note if private else tickets.add_staff_update
    after = ticket_page.neighbours(request, ticket.id)
    response = ticket_page.act(
        request, ticket, lambda: write(number, wanted, reference=request.reference, now=forms.now()), draft
    )
    if response.status_code != 302:
        return response
    canned.count(using)
    drafts.forget(number, Draft.Kind(mode), staff_id=request.staff.id)
    if request.session.get(TAKEN_BACK, {}).get("ticket") == number:
        del request.session[TAKEN_BACK]
    if private:
        return response
    _note_sent(request, ticket)
    return HttpResponseRedirect(after.next_address) if after.next_address else response


def written(request: StaffRequest, number: int, *, with_uploads: bool = True) -> dict[str, Any]:
    """What stands in the composer, to be shown again. Raises TooMuch."""
    draft: dict[str, Any] = {name: request.POST[name] for name in FIELDS if name in request.POST}
    files_of = attached.of_form if with_uploads else attached.kept_before
    for mode in attached.MODES:
        draft[f"{mode}_incoming"] = incoming = files_of(request, number, mode)
        draft[f"{mode}_kept"] = attached.shown(incoming, request.staff.id, number)
    return draft


def _note_sent(request: StaffRequest, ticket: Ticket) -> None:
    own = Update.objects.filter(ticket_id=ticket.id, author_type=Update.Author.STAFF, author_id=request.staff.id)
    update = own.order_by("-id").values_list("id", flat=True).first()
    request.session[SENT] = {
        "ticket": ticket.id,
        "update": update,
        "to": ticket.contact.name,
        "until": (forms.now() + HOLD).timestamp(),
    }


def _last_seen(request: StaffRequest) -> int | None:
    given = request.POST.get("last_seen", "")
    return int(given) if given.isdigit() and len(given) < 19 else None


@staff_required
@require_POST
def preview(request: StaffRequest) -> HttpResponse:
    """What is being written as its reader will see it: a piece of HTML, or a sentence about why there is none."""
    try:
        message = compose_markdown(request.POST.get("text", ""))
    except (BadHtml, BadMarkdown) as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    shown = display.shown(message.html, thread.file_address) if message else None
    return HttpResponse(shown.html + shown.quoted if shown else "")


@staff_required
@require_POST
def keep_draft(request: StaffRequest, number: int) -> HttpResponse:
    """What is being written, as it is typed."""
    ticket = ticket_page.find(request, number)
    kind = Draft.Kind.NOTE if request.POST.get("kind") == "note" else Draft.Kind.REPLY
    drafts.keep(ticket.id, kind, request.POST.get("text", ""), staff_id=request.staff.id, now=forms.now())
    return HttpResponse(status=204)


@staff_required
@require_POST
def withdraw(request: StaffRequest, number: int) -> HttpResponse:
    """Take the message back that is about to leave."""
    update = forms.id(request, "update")
    request.session.pop(SENT, None)
    back = _put_aside(request, number, 0 if update is UNSET else update)
    try:
        withdrawing.withdraw(
            number,
            0 if update is UNSET else update,
            staff_id=request.staff.id,
            reference=request.reference,
            now=forms.now(),
        )
    except NotFound:
        raise Http404 from None
    except TooLate as error:
        messages.error(request, str(error))
    else:
        request.session[TAKEN_BACK] = back
        messages.info(request, _("Taken back. What you wrote is here again."))
    return HttpResponseRedirect(f"/inbox/ticket/{number}/#compose")


def _put_aside(request: StaffRequest, number: int, update_id: int) -> dict[str, Any]:
    """What a message has besides its text, for the composer to show after it was taken back."""
    row = Update.objects.filter(id=update_id, ticket_id=number).first()
    if row is None:
        return {}
    mode = "note" if row.message_type == Update.MessageType.PRIVATE else "reply"
    found = attached.shown(attached.of_update(update_id), request.staff.id, number)
    copies = {"reply_cc": row.cc.replace(",", ", "), "reply_bcc": row.bcc.replace(",", ", ")} if mode == "reply" else {}
    return {"ticket": number, "draft": copies | {f"{mode}_kept": [msgspec.structs.asdict(file) for file in found]}}


@staff_required
@require_POST
def send_now(request: StaffRequest, number: int) -> HttpResponse:
    """Let the message leave at once."""
    update = forms.id(request, "update")
    request.session.pop(SENT, None)
    try:
        withdrawing.send_now(
            number,
            0 if update is UNSET else update,
            staff_id=request.staff.id,
            reference=request.reference,
            now=forms.now(),
        )
    except NotFound:
        raise Http404 from None
    return HttpResponseRedirect(forms.back(request))
