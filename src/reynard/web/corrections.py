"""Correcting messages that were written, from their ticket's page: the actions the API has, asked before for good."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from reynard.desk.actions import corrections
from reynard.desk.actions.corrections import Edit, Hiding
from reynard.desk.errors import DeskError, Invalid, NotFound, NothingToUpdate
from reynard.desk.models import Ticket
from reynard.desk.rules import display
from reynard.desk.rules.messages import BadHtml, compose_markdown
from reynard.desk.selectors import access, revisions
from reynard.desk.selectors.conversation import Entry
from reynard.web import bulk, forms, thread
from reynard.web import ticket as tickets
from reynard.web.access import StaffRequest, staff_required

REVISIONS_SHOWN = 50


@staff_required
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, number: int, update_id: int) -> HttpResponse:
    """The text of a message as a form; puts another one in its place, and takes files from it."""
    ticket, entry = find(request, number, update_id)
    if request.method == "GET":
        return _form(request, ticket, entry, text=entry.text)
    text = request.POST.get("text", "")
    removed = forms.numbers(request.POST.getlist("remove"))
    try:
        same = text.replace("\r\n", "\n").strip() == entry.text.replace("\r\n", "\n").strip()
        wanted = Edit(staff=request.staff.id, message=None if same else compose_markdown(text), remove_files=removed)
        if same and not removed:
            raise NothingToUpdate
        corrections.edit_message(number, wanted, update_id=update_id, reference=request.reference, now=forms.now())
    except BadHtml as error:
        return _form(request, ticket, entry, text=text, errors=[str(error)])
    except Invalid as error:
        return _form(request, ticket, entry, text=text, errors=[*forms.sentences(error, request).values()])
    except NothingToUpdate:
        messages.info(request, _("Nothing was changed."))
    except DeskError as error:
        messages.error(request, str(error))
    else:
        version = Ticket.objects.values_list("version", flat=True).get(id=number)
        bulk.keep_undo(request, "" if removed else "unedit", {} if removed else {str(number): (update_id, version)})
        messages.success(request, _("The message is changed."), extra_tags="" if removed else "undo")
    return HttpResponseRedirect(address(request, number, update_id))


@staff_required
@require_http_methods(["GET", "POST"])
def delete(request: StaffRequest, number: int, update_id: int) -> HttpResponse:
    """Asks, as it is for good; takes the message from the history."""
    return _hide(request, number, update_id, "delete", corrections.delete_message, _("The message is deleted."))


@staff_required
@require_http_methods(["GET", "POST"])
def make_private(request: StaffRequest, number: int, update_id: int) -> HttpResponse:
    """Asks, as it is for good; hides the message from the contact."""
    said = _("The message is private now.")
    return _hide(request, number, update_id, "make_private", corrections.make_private, said)


@staff_required
@require_GET
def read_earlier(request: StaffRequest, number: int, update_id: int) -> HttpResponse:
    """What a message was before each of its corrections, for those who may see the audit log."""
    ticket = tickets.find(request, number)
    if not access.may(request.staff, access.SEE_CORRECTED):
        raise Http404
    try:
        page = revisions.page(ticket.id, update_id, size=REVISIONS_SHOWN, page=1)
    except NotFound:
        raise Http404 from None
    rows = [(row, display.shown(row.html, thread.file_address), page.files.get(row.id, [])) for row in page.rows]
    context = {
        "ticket": ticket,
        "update_id": update_id,
        "rows": rows[::-1],
        "back": address(request, number, update_id),
    }
    return render(request, "web/earlier.html", context)


def find(request: StaffRequest, number: int, update_id: int) -> tuple[Ticket, Entry]:
    ticket = tickets.find(request, number)
    try:
        return ticket, thread.message(ticket.id, update_id)
    except NotFound:
        raise Http404 from None


def _hide(
    request: StaffRequest, number: int, update_id: int, kind: str, act: Callable[..., None], said: str
) -> HttpResponse:
    ticket, entry = find(request, number, update_id)
    if request.method == "GET":
        return _ask(request, ticket, entry, kind)
    try:
        hiding = Hiding(staff=request.staff.id)
        act(number, hiding, update_id=update_id, reference=request.reference, now=forms.now())
    except Invalid as error:
        return _ask(request, ticket, entry, kind, [*forms.sentences(error, request).values()])
    except NothingToUpdate:
        messages.info(request, _("Nothing was changed."))
    except DeskError as error:
        messages.error(request, str(error))
    else:
        bulk.keep_undo(request, "", {})
        messages.success(request, said)
    return HttpResponseRedirect(address(request, number, update_id))


def _form(
    request: StaffRequest, ticket: Ticket, entry: Entry, *, text: str, errors: list[str] | None = None
) -> HttpResponse:
    context = {
        "ticket": ticket,
        "entry": entry,
        "text": text,
        "errors": errors,
        "may_take_files": access.may(request.staff, "delete_attachments"),
        "loses": _loses_its_form(entry),
        "back": address(request, ticket.id, entry.id),
    }
    return render(request, "web/edit_message.html", context, status=400 if errors else 200)


def _loses_its_form(entry: Entry) -> bool:
    """Whether a message has more than its text says, such as pictures or what another program laid out."""
    try:
        plain = compose_markdown(entry.text)
    except BadHtml:
        return True
    return plain is None or plain.html != entry.html


def _ask(
    request: StaffRequest, ticket: Ticket, entry: Entry, kind: str, errors: list[str] | None = None
) -> HttpResponse:
    context = {
        "ticket": ticket,
        "entry": entry,
        "shown": display.shown(entry.html, thread.file_address),
        "kind": kind,
        "errors": errors,
        "back": address(request, ticket.id, entry.id),
    }
    return render(request, "web/hide_message.html", context, status=400 if errors else 200)


def address(request: StaffRequest, number: int, update_id: int) -> str:
    """The message on the page of its ticket, which keeps its place in a view."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return f"/inbox/ticket/{number}/{query}#u{update_id}"
