"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from reynard.desk.selectors import access
from reynard.desk.selectors import reference as reference_data
from reynard.web import rail


def desk(request: HttpRequest) -> dict[str, Any]:
    """`desk_name`, `theme`, and for signed-in staff `staff` (a StaffMember) and `rail`, read when a template asks."""
    context: dict[str, Any] = {"desk_name": settings.REYNARD_DESK_NAME, "theme": request.COOKIES.get("theme", "")}
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        reference = getattr(request, "reference", None) or reference_data.current()
        person = reference.staff.get(user.pk)
        if person is not None:
            reference = reference.whole.limited_to(access.categories_seen(person))
            context |= {"staff": person, "rail": SimpleLazyObject(lambda: rail.made(person, reference))}
    return context
