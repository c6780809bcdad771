"""How the list looks to somebody: the height of its rows, and what stands in them. Kept in cookies of their browser."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from reynard.web import forms
from reynard.web.access import StaffRequest, staff_required

DENSITIES = ("comfortable", "compact")
COLUMNS = {
    "id": _("Number"),
    "created": _("Opened on"),
    "status": _("Status"),
    "category": _("Category"),
    "priority": _("Priority, unless it is the usual one"),
    "tags": _("Tags"),
    "due": _("Due date"),
    "assignee": _("Assigned to"),
}
_AT_FIRST = frozenset(COLUMNS) - {"created", "category"}
_COOKIE = "columns"
_NONE = "none"
_YEAR = 365 * 24 * 3600  # seconds


def columns(request: HttpRequest) -> frozenset[str]:
    """What stands in a row besides contact and subject."""
    kept = request.COOKIES.get(_COOKIE)
    return _AT_FIRST if kept is None else frozenset(kept.split(".")) & COLUMNS.keys()


def density(request: HttpRequest) -> str:
    return "compact" if request.COOKIES.get("density") == "compact" else "comfortable"


@staff_required
@require_POST
def choose(request: StaffRequest) -> HttpResponse:
    """Takes `density`, or with `columns` those that are ticked as `column`."""
    response = HttpResponseRedirect(forms.back(request))
    if request.POST.get("density") in DENSITIES:
        response.set_cookie("density", request.POST["density"], max_age=_YEAR, samesite="Lax")
    if "columns" in request.POST:
        chosen = [name for name in request.POST.getlist("column") if name in COLUMNS]
        response.set_cookie(_COOKIE, ".".join(chosen) or _NONE, max_age=_YEAR, samesite="Lax")
    return response
