"""Choosing a canned action for what is being written on a ticket."""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from msgspec import UNSET

from reynard.desk.errors import NotFound
from reynard.desk.models import CannedAction, Draft, Ticket
from reynard.desk.selectors import access
from reynard.desk.selectors import canned_actions as found
from reynard.web import attached, canned, forms, sending, ticket
from reynard.web.access import StaffRequest, staff_required
from reynard.web.attached import BadFiles

LIMIT = 20


@staff_required
@require_http_methods(["GET", "POST"])
def choose(request: StaffRequest, number: int) -> HttpResponse:
    """Those that fit the ticket and `q`, as JSON for the menu; to a form, as a page to choose from.

    With the chosen one in `canned` it is the ticket again, with the text below what was written.
    """
    try:
        row = access.find_ticket(number, request.reference)
    except NotFound:
        raise Http404 from None
    if request.method == "GET":
        fitting = found.fitting(row.category_id, request.GET.get("q", ""), limit=LIMIT)
        return JsonResponse({"actions": [_described(action, row, request) for action in fitting]})
    mode = Draft.Kind.NOTE if request.POST.get("into") == "note" else Draft.Kind.REPLY
    try:
        draft = sending.written(request, number) | {"mode": mode.value}
    except BadFiles as error:
        draft = sending.written(request, number, with_uploads=False)
        return ticket.page(request, row, status=400, errors={"files": str(error)}, draft=draft)
    chosen = forms.id(request, "canned")
    if chosen is UNSET:
        fitting = found.fitting(row.category_id, request.POST.get("q", ""), limit=LIMIT)
        context = {
            "ticket": row,
            "actions": [_described(action, row, request) for action in fitting],
            "written": {name: draft[name] for name in sending.FIELDS if name in draft},
            "kept": {f"{mode}_kept": draft[f"{mode}_kept"] for mode in attached.MODES},
            "into": mode.value,
            "q": request.POST.get("q", ""),
            "query_string": request.GET.urlencode(),
        }
        return render(request, "web/canned.html", context)
    action = found.fits(chosen, row.category_id)
    if action is None:
        raise Http404
    text = found.text_for(action, row, request.staff, request.reference)
    draft[mode] = f"{draft.get(mode, '').rstrip()}\n\n{text}".strip()
    draft[f"{mode}_canned"] = canned.applied(action, request.reference)
    return ticket.page(request, row, draft=draft)


def _described(action: CannedAction, row: Ticket, request: StaffRequest) -> dict[str, Any]:
    text = found.text_for(action, row, request.staff, request.reference)
    also = canned.applied(action, request.reference).also
    return {"id": action.id, "name": action.name, "text": text, "also": also}
