"""Canned actions: set up, used, forgotten. Their changes happen in the action that sends the message."""

from collections.abc import Sequence

import msgspec
from django.db.models import F

from reynard.desk import db
from reynard.desk.errors import NOT_A_CHOICE, NotFound, Problems
from reynard.desk.models import CannedAction
from reynard.desk.rules import canned_actions as rules
from reynard.desk.rules.placeholders import BadTemplate
from reynard.desk.rules.tickets import join_list
from reynard.desk.selectors.reference import Reference

NAME_LIMIT = 100


class GivenCannedAction(msgspec.Struct, kw_only=True):
    """A whole canned action; no categories for all. `assignee` goes with `assigns` "person" only."""

    name: str
    text: str = ""
    status: int | None = None
    priority: int | None = None
    assigns: str = CannedAction.Assigns.NOTHING
    assignee: int | None = None
    tags: Sequence[str] = ()
    categories: Sequence[int] = ()


def save(given: GivenCannedAction, *, reference: Reference, action_id: int | None = None) -> CannedAction:
    """Add one, or change the one with this id. Raises NotFound, Invalid.

    Who is limited to categories makes and changes what is for these, and no others.
    """
    problems = Problems()
    name = " ".join(given.name.split())
    with db.write():
        action = CannedAction() if action_id is None else _locked(action_id, reference)
        _check(given, name, action, reference, problems)
        problems.raise_if_any()
        action.name, action.text = name, given.text.strip()
        action.status_id, action.priority_id = given.status, given.priority
        action.assigns, action.assignee_id = given.assigns, given.assignee
        action.tags = join_list(list(given.tags))
        action.save()
        action.categories.set(given.categories)
    return action


def delete(action_id: int, *, reference: Reference) -> CannedAction:
    """Raises NotFound."""
    with db.write():
        action = _locked(action_id, reference)
        name = action.name
        action.delete()
        action.name = name
    return action


def count_use(action_id: int) -> None:
    CannedAction.objects.filter(id=action_id).update(used_count=F("used_count") + 1)


def may_change(action: CannedAction, reference: Reference) -> bool:
    """Whether all tickets it is for exist for who asks."""
    categories = {category.id for category in action.categories.all()}
    return reference.scope is None or (bool(categories) and categories <= reference.scope)


def _locked(action_id: int, reference: Reference) -> CannedAction:
    action = CannedAction.objects.select_for_update(no_key=True).filter(id=action_id).first()
    if action is None or not may_change(action, reference):
        raise NotFound(f"There is no canned action with id {action_id} to change.")
    return action


def _check(given: GivenCannedAction, name: str, action: CannedAction, reference: Reference, problems: Problems) -> None:
    problems.require("name", bool(name))
    if len(name) > NAME_LIMIT:
        problems.add("name", f"A name may have {NAME_LIMIT} characters.")
    elif CannedAction.objects.filter(name=name).exclude(id=action.id).exists():
        problems.add("name", f"There is a canned action named {name} already.")
    try:
        rules.check(given.text)
    except BadTemplate as error:
        problems.add("text", str(error))
    if given.status is not None and given.status not in reference.statuses:
        problems.add("status", NOT_A_CHOICE)
    if given.priority is not None and given.priority not in reference.priorities:
        problems.add("priority", NOT_A_CHOICE)
    if given.assigns not in CannedAction.Assigns:
        problems.add("assigns", NOT_A_CHOICE)
    elif (given.assigns == CannedAction.Assigns.PERSON) != (given.assignee is not None):
        problems.add("assignee", "Say who gets the ticket, or choose otherwise who does.")
    elif given.assignee is not None and given.assignee not in reference.staff:
        problems.add("assignee", NOT_A_CHOICE)
    if set(given.categories) - reference.categories.keys():
        problems.add("categories", NOT_A_CHOICE)
    if reference.scope is not None and not given.categories:
        problems.add("categories", "Choose the categories it is for; one for all is made by who sees all of them.")
    nothing = not (given.text.strip() or given.status or given.priority or given.assigns or given.tags)
    if nothing and "text" not in problems:
        problems.add("text", "It would do nothing. Write a text, or choose something to set.")
