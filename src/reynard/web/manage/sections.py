"""The pages of the set-up, and who may open which: the one list of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from reynard.desk.selectors import access
from reynard.desk.selectors.reference import StaffMember
from reynard.web.access import StaffRequest, View, staff_required

ADMIN = ""  # for account admins alone, whatever the role

INTEGRATIONS = "manage_integrations"
CANNED_ACTIONS = "manage_canned_actions"
MAILBOXES = "manage_channels"


class Section(msgspec.Struct, frozen=True):
    """`code`: the permission it takes, or ADMIN."""

    group: Any
    name: Any
    icon: str
    address: str
    code: str = ADMIN


_TICKETS, _PEOPLE, _CONNECTIONS = _("Tickets"), _("People"), _("Connections")
SECTIONS = (
    Section(_TICKETS, _("Categories"), "folder", "/manage/all/desk/category/"),
    Section(_TICKETS, _("Statuses"), "tag", "/manage/all/desk/status/"),
    Section(_TICKETS, _("Priorities"), "flag", "/manage/all/desk/priority/"),
    Section(_TICKETS, _("Custom fields"), "all", "/manage/all/desk/customfield/"),
    Section(_TICKETS, _("Canned actions"), "bolt", "/manage/canned/", CANNED_ACTIONS),
    Section(_TICKETS, _("Promised times"), "clock", "/manage/all/desk/slapolicy/"),
    Section(_TICKETS, _("Working hours"), "calendar", "/manage/all/desk/workschedule/"),
    Section(_PEOPLE, _("Staff"), "user", "/manage/all/desk/staff/"),
    Section(_PEOPLE, _("Roles"), "users", "/manage/all/desk/role/"),
    Section(_PEOPLE, _("Contact groups"), "users", "/manage/all/desk/contactgroup/"),
    Section(_CONNECTIONS, _("Words of mails"), "mail", "/manage/all/desk/mailtemplate/"),
    Section(_CONNECTIONS, _("Mailboxes"), "inbox", "/manage/mailboxes/", MAILBOXES),
    Section(_CONNECTIONS, _("Held mails"), "hourglass", "/manage/held/", MAILBOXES),
    Section(_CONNECTIONS, _("API keys"), "key", "/manage/keys/", INTEGRATIONS),
    Section(_CONNECTIONS, _("Webhooks"), "globe", "/manage/webhooks/", INTEGRATIONS),
)


def may_open(person: StaffMember, code: str) -> bool:
    return person.is_account_admin or (code != ADMIN and access.may(person, code))


def of(person: StaffMember) -> list[Section]:
    """What somebody may set up; empty for most."""
    return [section for section in SECTIONS if may_open(person, section.code)]


def set_up_required(code: str) -> Callable[[View], View]:
    """The view is for account admins and those whose role has the permission; others are told that it is not theirs."""

    def decorate(view: View) -> View:
        @staff_required
        @wraps(view)
        def guarded(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may_open(request.staff, code):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


@staff_required
def start(request: StaffRequest) -> HttpResponse:
    """Leads to the first page that is theirs."""
    theirs = of(request.staff)
    if not theirs:
        raise PermissionDenied
    return HttpResponseRedirect(theirs[0].address)
