"""Merging tickets: a page that asks which one stays, and taking that back."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from reynard.desk.actions import merging
from reynard.desk.errors import Changed, DeskError, Invalid, NotFound, NothingToUpdate
from reynard.desk.models import Ticket
from reynard.desk.selectors import inbox, merged
from reynard.web import bulk, forms
from reynard.web.access import StaffRequest, staff_required

_NUMBER = re.compile(r"\s*#?[A-Za-z]{0,8}0*([1-9]\d{0,17})\s*", re.ASCII)


@staff_required
@require_http_methods(["GET", "POST"])
def merge(request: StaffRequest) -> HttpResponse:
    """Asks which of the tickets stays; takes the answer."""
    if request.method == "GET":
        return _page(request)
    into = _into(request)
    if into is None:
        return _page(request, error=_("Say which ticket stays: choose one, or write its number."))
    numbers = [number for number in _numbers(request) if number != into]
    try:
        merging.merge(into, numbers, staff=request.staff.id, reference=request.reference, now=forms.now())
    except Invalid as error:
        return _page(request, error=" ".join(forms.sentences(error, request).values()))
    versions = Ticket.objects.filter(id__in=numbers).values_list("id", "version")
    bulk.keep_undo(request, "unmerge", {str(number): (None, version) for number, version in versions})
    said = ngettext("%(n)d ticket is merged into #%(into)d.", "%(n)d tickets are merged into #%(into)d.", len(numbers))
    messages.success(request, said % {"n": len(numbers), "into": into}, extra_tags="undo")
    return HttpResponseRedirect(f"/inbox/ticket/{into}/")


@staff_required
@require_POST
def unmerge(request: StaffRequest, number: int) -> HttpResponse:
    """Make a merged ticket one of its own again."""
    try:
        merging.unmerge(number, staff=request.staff.id, reference=request.reference, now=forms.now())
    except NotFound:
        raise Http404 from None
    except (NothingToUpdate, Changed):
        messages.info(request, _("Nothing was changed."))
    except DeskError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("This ticket stands for itself again."))
    return HttpResponseRedirect(f"/inbox/ticket/{number}/")


def _page(request: StaffRequest, *, error: str = "") -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    numbers = inbox.visible(_numbers(request), request.reference)
    rows = inbox.rows(numbers)
    if not rows:
        raise Http404
    others = []
    if len(rows) == 1:
        contact = Ticket.objects.values_list("contact_id", flat=True).get(id=rows[0].id)
        others = inbox.tickets_of_contact(contact, request.reference, besides=rows[0].id)
    context: dict[str, Any] = {
        "rows": rows,
        "others": others,
        "chosen": _into(request) or (min(row.id for row in rows) if len(rows) > 1 else 0),
        "other": given.get("other", ""),
        "back": forms.safe_back(given.get("back", "")),
        "error": error,
    }
    return render(request, "web/merge.html", context, status=400 if error else 200)


def _numbers(request: StaffRequest) -> list[int]:
    given = request.POST if request.method == "POST" else request.GET
    found = [int(match[1]) for text in given.getlist("ticket") if (match := _NUMBER.fullmatch(text))]
    return list(dict.fromkeys(found))[: merging.LIMIT + 1]


def _into(request: StaffRequest) -> int | None:
    """The ticket that stays: a number that was written wins over one that was chosen."""
    given = request.POST.get("other", "").strip() or request.POST.get("into", "")
    match = _NUMBER.fullmatch(given)
    return int(match[1]) if match else None


def shown(ticket: Ticket, request: StaffRequest) -> dict[str, Any]:
    """What a ticket's page says of merging: where it went (`merged_to`, by its number alone where the reader may not
    see it), and what came."""
    target = merged.one(ticket.merged_to_id, request.reference) if ticket.merged_to_id else None
    return {"merged_to": target, "merged_tickets": merged.into(ticket.id, request.reference)}
