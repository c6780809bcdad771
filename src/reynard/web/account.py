"""One's own account: how the pages look, and which keys they mind.

Password, second factor and sessions are django-allauth's pages.
"""

from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from msgspec import UNSET

from reynard.web import forms
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
        if request.POST.get("language") in dict(django_settings.LANGUAGES):
            name = django_settings.LANGUAGE_COOKIE_NAME
            response.set_cookie(name, request.POST["language"], max_age=_YEAR, samesite="Lax")
        if "keyboard" in request.POST:
            response.set_cookie("letters", "" if "letters" in request.POST else "off", max_age=_YEAR, samesite="Lax")
        return response
    return render(request, "web/account.html", {"themes": THEMES.items(), "languages": django_settings.LANGUAGES})


@staff_required
@require_POST
def end_session(request: StaffRequest) -> HttpResponse:
    """Sign one's own `session` out, wherever it is."""
    wanted = forms.id(request, "session")
    session = UserSession.objects.filter(user_id=request.staff.id, id=0 if wanted is UNSET else wanted).first()
    if session is None:
        raise Http404
    session.end()
    messages.success(request, _("Signed out there."))
    return HttpResponseRedirect("/account/sessions/")
