"""Canned actions in words."""

from django.utils.translation import gettext as _

from reynard.desk.models import CannedAction
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors.reference import Reference


def changes(action: CannedAction, reference: Reference) -> list[str]:
    """What it changes, in the words of "will also set …"; empty for a text alone."""
    found = []
    if action.status_id is not None:
        found.append(_("the status %(name)s") % {"name": reference.statuses[action.status_id].name})
    if action.priority_id is not None:
        found.append(_("the priority %(name)s") % {"name": reference.priorities[action.priority_id].name})
    if action.assigns == CannedAction.Assigns.ME:
        found.append(_("you as the one who has it"))
    elif action.assigns == CannedAction.Assigns.NOBODY:
        found.append(_("nobody as the one who has it"))
    elif action.assignee_id is not None:
        found.append(_("%(name)s as the one who has it") % {"name": reference.staff[action.assignee_id].name})
    found += [_("the tag %(name)s") % {"name": tag} for tag in split_list(action.tags)]
    return found
