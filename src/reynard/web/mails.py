"""How a message came, and what became of the mails about it."""

from types import SimpleNamespace

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reynard import downloads
from reynard.desk.actions import resending
from reynard.desk.errors import DeskError, NotFound, NothingToUpdate
from reynard.desk.models import InboundMail
from reynard.desk.selectors import inbound_mails, outbox
from reynard.mail import inbound
from reynard.web import corrections, forms
from reynard.web.access import StaffRequest, staff_required


@staff_required
@require_GET
def read(request: StaffRequest, number: int, update_id: int) -> HttpResponse:
    """The mail that a message came of, with the verdict on its sender; the mails about it, and how they fared."""
    ticket, entry = corrections.find(request, number, update_id)
    mail = _mail(ticket.id, update_id)
    try:
        head = inbound.head(mail) if mail else None
    except FileNotFoundError:
        head = None
    context = {
        "ticket": ticket,
        "entry": entry,
        "mail": mail,
        "mailbox": request.reference.whole.mailboxes[mail.mailbox_id] if mail else None,
        "head": head,
        "deliveries": outbox.mails_of([update_id], now=forms.now()).get(update_id, []),
        "query_string": request.GET.urlencode(),
        "back": corrections.address(request, number, update_id),
    }
    return render(request, "web/mails.html", context)


@staff_required
@require_GET
def download(request: StaffRequest, number: int, update_id: int) -> HttpResponseBase:
    """The bytes of that mail as they came, as a text that no browser shows."""
    ticket, _entry = corrections.find(request, number, update_id)
    mail = _mail(ticket.id, update_id, whole=True)
    if mail is None:
        raise Http404
    stored = SimpleNamespace(sha256=mail.sha256, filename=f"mail-{mail.id}.eml.txt", content_type="text/plain")
    response = downloads.of_file(stored, inline=False)
    if response is None:
        raise Http404
    return response


@staff_required
@require_POST
def send_again(request: StaffRequest, number: int, update_id: int) -> HttpResponse:
    """Try a mail now that waits or was given up."""
    given = forms.id(request, "delivery") or 0
    who, reference = request.staff.id, request.reference
    try:
        resending.send_again(number, update_id, given, staff=who, reference=reference, now=forms.now())
    except NotFound:
        raise Http404 from None
    except NothingToUpdate:
        messages.info(request, _("It has left already, or is leaving now."))
    except DeskError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is tried again now."))
    return HttpResponseRedirect(corrections.address(request, number, update_id))


def _mail(ticket_id: int, update_id: int, *, whole: bool = False) -> InboundMail | None:
    try:
        return inbound_mails.of_update(ticket_id, update_id, whole=whole)
    except NotFound:
        return None
