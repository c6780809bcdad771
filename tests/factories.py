"""Small makers of desk objects, with defaults and overrides. They go through the actions wherever there is one."""

from datetime import UTC, datetime
from typing import Any

from reynard.desk.actions import contact_groups, people, tickets
from reynard.desk.actions.contact_groups import GivenGroup
from reynard.desk.actions.tickets import NewTicket
from reynard.desk.models import (
    Category,
    Contact,
    ContactGroup,
    CustomField,
    CustomFieldCategory,
    CustomFieldChoice,
    Priority,
    Role,
    Staff,
    Status,
    Ticket,
)
from reynard.desk.rules import contacts
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference

NOON = datetime(2026, 3, 9, 12, 0, 0, tzinfo=UTC)


def make_category(name: str = "Repair workshop", prefix: str = "RW", **values: Any) -> Category:
    category = Category.objects.create(name=name, prefix=prefix, **values)
    reference.changed()
    return category


def make_status(name: str, behavior: str = "pending", order: int = 1, **values: Any) -> Status:
    status = Status.objects.create(name=name, behavior=behavior, order=order, color="F2A900", **values)
    reference.changed()
    return status


def make_priority(name: str, order: int = 1, **values: Any) -> Priority:
    priority = Priority.objects.create(name=name, order=order, **values)
    reference.changed()
    return priority


def make_staff(first_name: str, category: Category | None = None, *, active: bool = True, **values: Any) -> Staff:
    role, _ = Role.objects.get_or_create(name="Workshop", defaults={"permissions": ["web_reply", "close_tickets"]})
    person = people.add_staff(
        email=f"{first_name.lower()}@rollwerk.example",
        first_name=first_name,
        last_name=values.pop("last_name", "Raman"),
        role=values.pop("role", role),
        password=values.pop("password", None),
        category_ids=[category.id] if category else [],
        **values,
    )
    if not active:
        Staff.objects.filter(id=person.id).update(active=False)
        reference.changed()
    return person


def make_contact(name: str = "Lena Ortiz", email: str | None = "lena.ortiz@example.org", **values: Any) -> Contact:
    return people.add_contact(name=name, email=email, now=values.pop("now", NOON), **values)


def make_group(name: str = "Fleet customers", domains: str = "", **values: Any) -> ContactGroup:
    given = GivenGroup(name=name, domains=contacts.domains(domains), **values)
    return ContactGroup.objects.get(id=contact_groups.add_group(given))


def make_field(
    name: str,
    type: str = "text",
    *,
    categories: list[Category] | None = None,
    choices: tuple[str, ...] = (),
    **values: Any,
) -> CustomField:
    """A ticket field in some categories, or a contact field when `categories` is None."""
    kind = "contact" if categories is None else "ticket"
    field = CustomField.objects.create(kind=kind, name=name, type=type, **values)
    for position, category in enumerate(categories or []):
        CustomFieldCategory.objects.create(field=field, category=category, order=position)
    for order, text in enumerate(choices):
        CustomFieldChoice.objects.create(field=field, text=text, order=order)
    reference.changed()
    return field


def make_ticket(contact: Contact, category: Category, *, text: str = "It is broken.", **values: Any) -> Ticket:
    new = NewTicket(
        contact=contact.id,
        subject=values.pop("subject", "Brake cable frayed"),
        message=compose(text, ""),
        category=category.id,
    )
    now = values.pop("now", NOON)
    for name, value in values.items():
        setattr(new, name, value)
    return Ticket.objects.get(id=tickets.open_ticket(new, reference=reference.current(), now=now))
