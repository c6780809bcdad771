"""Who may open a page: preconditions of views, visible on the view."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from reynard.desk.selectors import access
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors.reference import Reference, StaffMember

View = Callable[..., HttpResponseBase]


class StaffRequest(HttpRequest):
    """A request of a signed-in, active member of staff; tickets they may not see do not exist for its reference."""

    staff: StaffMember
    reference: Reference


def staff_required(view: View) -> View:
    """The view gets `request.staff` and `request.reference`; anybody else is asked to sign in."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in(request)
        request.reference = reference_data.current()
        person = request.reference.staff.get(request.user.pk)
        if person is None or not person.active:
            logout(request)
            return _sign_in(request)
        request.staff = person
        request.reference = request.reference.limited_to(access.categories_seen(person))
        return view(request, *args, **kwargs)

    return guarded


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page; a fragment is answered so that the whole page goes there."""
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = "/login/"
        return response
    return redirect_to_login(request.get_full_path(), "/login/")
