"""One's own account: how the pages look, and which keys they mind.

Password, second factor and sessions are django-allauth's pages.
"""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from reynard.web.access import StaffRequest, staff_required

_YEAR = 365 * 24 * 3600  # seconds
THEMES = {"": _("As the system says"), "light": _("Light"), "dark": _("Dark")}


@staff_required
def settings(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        response = HttpResponseRedirect(request.path)
        theme = request.POST.get("theme", "")
        if theme in THEMES:
            response.set_cookie("theme", theme, max_age=_YEAR, samesite="Lax")
        if "keyboard" in request.POST:
            response.set_cookie("letters", "" if "letters" in request.POST else "off", max_age=_YEAR, samesite="Lax")
        return response
    return render(request, "web/account.html", {"themes": THEMES.items()})
