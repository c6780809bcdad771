"""What is done with a whole ticket from its page: forward, subscribe, delete."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reynard.desk import files
from reynard.desk.actions import forwarding, reading, ticket_changes
from reynard.desk.actions.forwarding import Forward
from reynard.desk.actions.ticket_changes import Subscribers
from reynard.desk.errors import DeskError, Invalid, NotFound, Problems
from reynard.desk.models import Attachment, Ticket
from reynard.desk.rules.markdown import BadMarkdown
from reynard.desk.rules.messages import BadHtml, compose_markdown
from reynard.desk.selectors import access
from reynard.web import corrections, forms
from reynard.web.access import StaffRequest, staff_required


@staff_required
def forward(request: StaffRequest, number: int) -> HttpResponse:
    """The form of a forward, and the forward: recorded as a private message, sent by mail."""
    ticket = _find(request, number)
    if request.method != "POST":
        return _form(request, ticket, {"subject": ticket.subject, "all_messages": "on"}, {})
    given = request.POST
    problems = Problems()
    message = None
    try:
        message = compose_markdown(given.get("text", ""))
    except (BadHtml, BadMarkdown) as error:
        problems.add("message", str(error))
    wanted = Forward(
        staff=request.staff.id,
        to=given.get("to", ""),
        cc=given.get("cc", ""),
        subject=given.get("subject", "").strip(),
        message=message,
        files=[files.keep(upload) for upload in request.FILES.getlist("files")],
        attachments=forms.numbers(given.getlist("attachment")),
        all_messages="all_messages" in given,
        private_notes="private_notes" in given,
    )
    try:
        forwarding.forward(number, wanted, reference=request.reference, now=forms.now(), problems=problems)
    except Invalid as error:
        return _form(request, ticket, given, forms.sentences(error, request), status=400)
    messages.success(request, _("Forwarded to %(to)s.") % {"to": wanted.to})
    return HttpResponseRedirect(f"/inbox/ticket/{number}/#latest")


def _form(request: StaffRequest, ticket: Ticket, given: Any, errors: dict[str, str], status: int = 200) -> HttpResponse:
    attachments = Attachment.objects.filter(update__ticket_id=ticket.id).order_by("id")
    context = {"ticket": ticket, "given": given, "errors": errors, "attachments": attachments}
    return render(request, "web/forward.html", context, status=status)


@staff_required
@require_POST
def subscribe(request: StaffRequest, number: int) -> HttpResponse:
    """Hear of what happens on a ticket, or let a `colleague` hear; or not any more, as `to` says."""
    ticket = _find(request, number)
    wanted = request.POST.get("to") == "yes"
    colleague = request.reference.staff.get(forms.id(request, "colleague") or 0) if wanted else None
    if colleague is not None and not access.sees(colleague, ticket.category_id):
        raise Http404
    me = Subscribers(staff=(colleague or request.staff).id)
    act = ticket_changes.subscribe if wanted else ticket_changes.unsubscribe
    try:
        act(number, me, reference=request.reference, now=forms.now())
    except DeskError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"/inbox/ticket/{number}/")


@staff_required
@require_POST
def trust_images(request: StaffRequest, number: int, update_id: int) -> HttpResponse:
    """Always show oneself the remote images of a message's author, or not any more, as `trust` says."""
    _ticket, entry = corrections.find(request, number, update_id)
    if entry.author_type == "user" and entry.author_email:
        trusted = request.POST.get("trust") == "yes"
        reading.trust_images(entry.author_email, staff_id=request.staff.id, trusted=trusted)
    return HttpResponseRedirect(corrections.address(request, number, update_id))


def _find(request: StaffRequest, number: int) -> Ticket:
    try:
        return access.find_ticket(number, request.reference)
    except NotFound:
        raise Http404 from None
