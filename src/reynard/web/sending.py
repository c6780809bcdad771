"""What is sent from the page of a ticket: replies, private notes and their drafts; and taking a reply back."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from msgspec import UNSET

from reynard.desk.actions import drafts, sent_forms, tickets, withdrawing
from reynard.desk.actions.sent_forms import SentBefore
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.actions.withdrawing import TooLate
from reynard.desk.errors import NotFound
from reynard.desk.models import Draft, Ticket, Update
from reynard.desk.rules import display
from reynard.desk.rules.markdown import BadMarkdown
from reynard.desk.rules.messages import BadHtml, compose_markdown
from reynard.desk.selectors import conversation
from reynard.web import attached, canned, forms, recipients, thread
from reynard.web import ticket as ticket_page
from reynard.web.access import StaffRequest, staff_required
from reynard.web.attached import BadFiles

HOLD = timedelta(seconds=10)  # before a reply leaves, so that it can be taken back
_YEAR = timedelta(days=365)
FIELDS = ("reply", "note", "reply_minutes", "note_minutes", "status", *recipients.COPIES)
SENT = "sent"  # in the session: the message that is about to leave
TAKEN_BACK = ticket_page.TAKEN_BACK


class Unsendable(Exception):
    """What is written cannot be sent; `errors` are sentences by field."""

    def __init__(self, **errors: str) -> None:
        super().__init__(errors)
        self.errors = errors


@staff_required
@require_POST
def send(request: StaffRequest, number: int) -> HttpResponse:
    """A reply or a private note, as `mode` says; a note with recipients is refused."""
    ticket = ticket_page.find(request, number)
    mode = Draft.Kind.NOTE if request.POST.get("mode") == "note" else Draft.Kind.REPLY
    using = canned.used(request, ticket, mode)
    fields = forms.custom_values(request)
    more = {"mode": mode.value, f"{mode}_canned": using.shown(request.reference), "fields": fields}
    draft = written(request, number, with_uploads=False) | more
    try:
        draft |= written(request, number)
        wanted = _read(request, mode, draft, using)
        if mode == Draft.Kind.REPLY and "anyway" not in request.POST:
            _stop_if_missed(request, ticket, draft)
    except BadFiles as error:
        return ticket_page.page(request, ticket, status=400, errors={"files": str(error)}, draft=draft)
    except Unsendable as error:
        return ticket_page.page(request, ticket, status=400, errors=error.errors, draft=draft)
    leads_to = _where_to(request, ticket, mode)
    made: list[int] = []
    try:
        response = ticket_page.act(
            request, ticket, lambda: made.append(_write(request, number, mode, wanted, leads_to)), draft
        )
    except SentBefore as before:
        return HttpResponseRedirect(before.leads_to)
    if response.status_code != 302:
        return response
    canned.count(using)
    drafts.forget(number, mode, staff_id=request.staff.id)
    _keep_other(request, number, mode)
    if request.session.get(TAKEN_BACK, {}).get("ticket") == number:
        del request.session[TAKEN_BACK]
    if mode == Draft.Kind.REPLY:
        _note_sent(request, ticket, made[0])
    return _remember_to_stay(request, HttpResponseRedirect(leads_to))


def _remember_to_stay(request: StaffRequest, response: HttpResponse) -> HttpResponse:
    """In this browser, as it was chosen with the last reply."""
    if request.POST.get("mode") == "note":
        return response
    if "stay" in request.POST:
        response.set_cookie(
            ticket_page.STAY_COOKIE,
            "1",
            max_age=_YEAR,
            httponly=True,
            samesite="Lax",
            secure=bool(settings.SESSION_COOKIE_SECURE),
        )
    else:
        response.delete_cookie(ticket_page.STAY_COOKIE)
    return response


def _stop_if_missed(request: StaffRequest, ticket: Ticket, draft: dict[str, Any]) -> None:
    """Hold a reply back after a public message that its author has not seen. Raises Unsendable.

    Two that are sent at the same moment are told apart by the action, while the ticket is locked.
    """
    seen = forms.id(request, "seen")
    missed = conversation.missed(ticket.id, after=seen, by=request.staff.id) if seen is not UNSET else None
    if missed is None:
        return
    draft["missed"] = missed.id
    words = (
        _("%(name)s answered while you were writing.")
        if missed.by_staff
        else _("%(name)s wrote while you were writing.")
    )
    raise Unsendable(last_staff_message=words % {"name": missed.author_name})


def _read(request: StaffRequest, mode: Draft.Kind, draft: dict[str, Any], using: canned.Used) -> StaffUpdate:
    """What the form asks for. Raises Unsendable."""
    private, anyway = mode == Draft.Kind.NOTE, "anyway" in request.POST
    if private and (request.POST.get("cc") or request.POST.get("bcc")):
        raise Unsendable(note=_("A private note has no recipients."))
    if using.is_gone:
        raise Unsendable(canned=_("The canned action is gone, and with it what it would set. Send again without it."))
    copies, wrong = ({}, {}) if private else recipients.read(request)
    if wrong:
        raise Unsendable(**wrong)
    try:
        message = compose_markdown(draft.get(mode, ""))
    except (BadHtml, BadMarkdown) as error:
        raise Unsendable(message=str(error)) from None
    incoming = draft[f"{mode}_incoming"]
    if message is None and not incoming:
        raise Unsendable(message=_("Write something first."))
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
        custom_values=draft["fields"],
        time_spent=None if minutes is UNSET else minutes,
        hold=timedelta() if private else HOLD,
        last_staff_message=forms.number(request.POST.get("last_seen", "")) if not private and not anyway else None,
    )
    canned.put_into(wanted, using, request.staff.id)
    return wanted


def _keep_other(request: StaffRequest, number: int, mode: Draft.Kind) -> None:
    """What stands in the other pane stays a draft, also what was typed a moment ago."""
    other = Draft.Kind.REPLY if mode == Draft.Kind.NOTE else Draft.Kind.NOTE
    if other in request.POST:
        drafts.keep(number, other, request.POST[other], staff_id=request.staff.id, now=forms.now())


def _where_to(request: StaffRequest, ticket: Ticket, mode: Draft.Kind) -> str:
    """The page after sending: the next ticket of the view after a reply, unless they stay; this one after a note."""
    if mode == Draft.Kind.REPLY and "stay" not in request.POST:
        after = ticket_page.neighbours(request, ticket.id)
        if after.next_address:
            return after.next_address
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return f"/inbox/ticket/{ticket.id}/{query}#latest"


def _write(request: StaffRequest, number: int, mode: Draft.Kind, wanted: StaffUpdate, leads_to: str) -> int:
    """Once for each form; one that was changed since, after going back to it, is another. The id of the new update.

    Raises SentBefore.
    """
    write = tickets.add_private_note if mode == Draft.Kind.NOTE else tickets.add_staff_update
    now = forms.now()

    def act() -> int:
        return write(number, wanted, reference=request.reference, now=now)

    once = request.POST.get("once", "")
    if not once:
        return act()
    said = [once, mode, wanted.message.text if wanted.message else "", wanted.cc, wanted.bcc]
    content = "\0".join([*said, *(file.sha256 for file in wanted.files)])
    name = sha256(content.encode()).hexdigest()
    return sent_forms.once(act, staff_id=request.staff.id, name=name, leads_to=leads_to, now=now)


def written(request: StaffRequest, number: int, *, with_uploads: bool = True) -> dict[str, Any]:
    """What stands in the composer, to be shown again. Raises BadFiles."""
    draft: dict[str, Any] = {name: request.POST[name] for name in FIELDS if name in request.POST}
    files_of = attached.of_form if with_uploads else attached.kept_before
    for mode in attached.MODES:
        draft[f"{mode}_incoming"] = incoming = files_of(request, number, mode)
        draft[f"{mode}_kept"] = attached.shown(incoming, request.staff.id, number)
    return draft


def _note_sent(request: StaffRequest, ticket: Ticket, update_id: int) -> None:
    request.session[SENT] = {
        "ticket": ticket.id,
        "update": update_id,
        "to": ticket.contact.name,
        "until": (forms.now() + HOLD).timestamp(),
    }


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
