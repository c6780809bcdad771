"""What every template may use."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from reynard.desk.selectors import access
from reynard.desk.selectors import reference as reference_data
from reynard.web import bulk, keys, rail
from reynard.web.manage import sections


def desk(request: HttpRequest) -> dict[str, Any]:
    """`desk_name`, `theme`, `letters` ("off": no keys that are letters), and for signed-in staff `staff` (a
    StaffMember), `rail`, read when a template asks, and `set_up`, the pages of it that are theirs."""
    context: dict[str, Any] = {
        "desk_name": settings.REYNARD_DESK_NAME,
        "theme": request.COOKIES.get("theme", ""),
        "letters": request.COOKIES.get("letters", ""),
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        reference = getattr(request, "reference", None) or reference_data.current()
        person = reference.staff.get(user.pk)
        if person is not None:
            reference = reference.whole.limited_to(access.categories_seen(person))
            context |= {
                "staff": person,
                "rail": SimpleLazyObject(lambda: rail.made(person, reference)),
                "set_up": sections.of(person),
                "sent": _about_to_leave(request),
                "run": SimpleLazyObject(lambda: bulk.running(request)),
                "key_groups": keys.GROUPS,
            }
    return context


def _about_to_leave(request: HttpRequest) -> dict[str, Any] | None:
    """The reply that can still be taken back, with the seconds that are left."""
    sent = request.session.get("sent")
    if sent is None:
        return None
    left = int(sent["until"] - time.time())
    return {**sent, "left": left} if left > 0 else None
