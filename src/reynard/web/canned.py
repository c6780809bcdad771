"""Canned actions in words, and what is sent with one."""

import msgspec
from django.utils.translation import gettext as _
from msgspec import UNSET

from reynard.desk.actions import canned_actions as actions
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.models import CannedAction, Ticket
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors import canned_actions as found
from reynard.desk.selectors.reference import Reference
from reynard.web import forms
from reynard.web.access import StaffRequest


def changes(action: CannedAction, reference: Reference) -> list[str]:
    """What it changes, in words; empty for a text alone."""
    said = []
    if action.status_id is not None:
        said.append(_("the status %(name)s") % {"name": reference.statuses[action.status_id].name})
    if action.priority_id is not None:
        said.append(_("the priority %(name)s") % {"name": reference.priorities[action.priority_id].name})
    if action.assigns == CannedAction.Assigns.ME:
        said.append(_("you as the one who has it"))
    elif action.assigns == CannedAction.Assigns.NOBODY:
        said.append(_("nobody as the one who has it"))
    elif action.assignee_id is not None:
        said.append(_("%(name)s as the one who has it") % {"name": reference.staff[action.assignee_id].name})
    said += [_("the tag %(name)s") % {"name": tag} for tag in split_list(action.tags)]
    return said


# --- what is sent with one


class Applied(msgspec.Struct, frozen=True):
    """The line of the composer about a canned action; `also` is empty when it changes nothing."""

    id: int
    also: str
    left_out: bool = False


def applied(action: CannedAction, reference: Reference, *, left_out: bool = False) -> Applied:
    said = changes(action, reference)
    also = _("“%(name)s” will also set %(changes)s") % {"name": action.name, "changes": ", ".join(said)}
    return Applied(action.id, also if said else "", left_out)


class Used(msgspec.Struct, frozen=True):
    """What a form says about the canned action its message was made with."""

    action: CannedAction | None = None
    is_gone: bool = False
    left_out: bool = False

    def shown(self, reference: Reference) -> Applied | None:
        return applied(self.action, reference, left_out=self.left_out) if self.action else None


def used(request: StaffRequest, row: Ticket, mode: str) -> Used:
    sent = forms.id(request, f"{mode}_canned")
    if sent is UNSET:
        return Used()
    action = found.fits(sent, row.category_id)
    return Used(action, is_gone=action is None, left_out=bool(request.POST.get(f"{mode}_left_out")))


def put_into(wanted: StaffUpdate, using: Used, staff_id: int) -> None:
    """Add its changes to an update; a status that was chosen by hand stands."""
    action = using.action
    if action is None or using.left_out:
        return
    if action.status_id is not None and wanted.status is UNSET:
        wanted.status = action.status_id
    if action.priority_id is not None:
        wanted.priority = action.priority_id
    if action.assigns:
        whom = {CannedAction.Assigns.ME: staff_id, CannedAction.Assigns.NOBODY: None}
        wanted.assignee = whom.get(CannedAction.Assigns(action.assigns), action.assignee_id)
    wanted.tags = split_list(action.tags)


def count(using: Used) -> None:
    if using.action is not None:
        actions.count_use(using.action.id)
