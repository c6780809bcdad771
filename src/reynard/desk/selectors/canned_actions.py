"""Canned actions: all of them for the set-up, and those that fit a ticket."""

from django.db.models import Q, QuerySet

from reynard.desk.models import CannedAction, Ticket
from reynard.desk.rules import canned_actions as rules
from reynard.desk.rules import tickets
from reynard.desk.selectors.reference import Reference, StaffMember


def everything(reference: Reference) -> list[CannedAction]:
    """Those for categories that exist for who asks, by name, with their categories loaded."""
    return [action for action in _loaded().order_by("name") if _is_theirs(action, reference)]


def one(action_id: int, reference: Reference) -> CannedAction | None:
    action = _loaded().filter(id=action_id).first()
    return action if action and _is_theirs(action, reference) else None


def _loaded() -> QuerySet[CannedAction]:
    return CannedAction.objects.prefetch_related("categories")


def _is_theirs(action: CannedAction, reference: Reference) -> bool:
    there = [category.id for category in action.categories.all()]
    return reference.scope is None or not there or bool(reference.scope.intersection(there))


def fitting(category_id: int, text: str, *, limit: int) -> list[CannedAction]:
    """Those for tickets of a category that have all words of `text` in name or text, the most used first."""
    found = CannedAction.objects.filter(Q(categories=None) | Q(categories=category_id)).distinct()
    for word in text.split()[:10]:
        found = found.filter(Q(name__icontains=word) | Q(text__icontains=word))
    return list(found.order_by("-used_count", "name")[:limit])


def fits(action_id: int, category_id: int) -> CannedAction | None:
    """This one, when it is for tickets of the category."""
    return CannedAction.objects.filter(Q(categories=None) | Q(categories=category_id), id=action_id).first()


def text_for(action: CannedAction, ticket: Ticket, person: StaffMember, reference: Reference) -> str:
    """Its Markdown, as this member of staff would send it to the contact of this ticket (loaded with it)."""
    words = ticket.contact.name.split()
    values = {
        "contact.name": ticket.contact.name,
        "contact.first_name": words[0] if words else "",
        "ticket.id": tickets.display_id(reference.categories[ticket.category_id].prefix, ticket.id),
        "ticket.subject": ticket.subject,
        "staff.name": person.name,
    }
    return rules.render(action.text, values)
