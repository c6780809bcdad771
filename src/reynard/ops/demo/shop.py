"""The empty desk of Rollwerk: set up, with its staff and contacts, before anybody has written."""

import random
from datetime import datetime, timedelta
from typing import Any

import msgspec

from reynard.desk.actions import canned_actions, catalog, contact_groups, people, sla_policies
from reynard.desk.actions.canned_actions import GivenCannedAction
from reynard.desk.actions.contact_groups import GivenGroup, Member
from reynard.desk.actions.sla_policies import GivenPolicy, GivenSchedule
from reynard.desk.errors import Problems
from reynard.desk.models import (
    CannedAction,
    Category,
    Contact,
    ContactGroup,
    ContactPhone,
    CustomField,
    Role,
    Staff,
    Status,
)
from reynard.desk.rules.contacts import domains as domains_in
from reynard.desk.rules.sla import WEEKDAYS, Objective
from reynard.desk.selectors import reference
from reynard.desk.selectors.reference import Reference
from reynard.ops.demo.cast import CLUB_MEMBERS, GROUPS, LOGINS, PEOPLE, PERMISSIONS_OF_ROLES, Person

TYPE = CustomField.Type
_DAYS_BEFORE_FIRST_TICKET = 95

SERVICES = (
    "Tune-up",
    "Brakes",
    "Wheel truing",
    "Drivetrain",
    "Puncture",
    "E-bike diagnosis",
    "Suspension",
    "Safety check",
)


class Desk(msgspec.Struct, frozen=True):
    """Ids by the names that stories use."""

    categories: dict[str, int]
    statuses: dict[str, int]
    priorities: dict[str, int]
    staff: dict[str, int]  # by first name
    contacts: dict[str, int]  # by name
    fields: dict[str, int]  # ticket fields
    reference: Reference


def set_up(end: datetime, rng: random.Random) -> Desk:
    """Everything that is there before the first ticket; the last one is older than `end`."""
    categories = _add_categories()
    statuses = _add_statuses()
    priorities = {
        name: catalog.add_priority(name=name, order=order, is_default=name == "Normal").id
        for order, name in enumerate(("Low", "Normal", "High", "Urgent"), start=1)
    }
    staff = _add_staff(categories)
    fields = _add_ticket_fields(categories)
    contacts = _add_contacts(end, rng, _add_contact_fields())
    _add_promises(categories, statuses, now=end)
    _add_canned_actions(categories, statuses)
    return Desk(
        categories={name: category.id for name, category in categories.items()},
        statuses=statuses,
        priorities=priorities,
        staff=staff,
        contacts=contacts,
        fields=fields,
        reference=reference.current(),
    )


def finish(desk: Desk) -> None:
    """What has changed since the tickets were written: a category was closed to contacts."""
    catalog.set_category_public(category_id=desk.categories["office"], public=False)


def _add_categories() -> dict[str, Category]:
    return {
        "service": catalog.add_category(
            name="Customer service",
            prefix="CS",
            description="Orders, leasing, rental, advice",
        ),
        "workshop": catalog.add_category(
            name="Repair workshop",
            prefix="RW",
            description="Repairs and services; the time goes on the job sheet",
            time_spent_mandatory=True,
        ),
        "office": catalog.add_category(
            name="Back office",
            prefix="BO",
            description="Suppliers, fleet contracts, warranty claims",
        ),
    }


def _add_statuses() -> dict[str, int]:
    pending, completed = Status.Behavior.PENDING, Status.Behavior.COMPLETED
    rows = (
        ("New", pending, "2F80ED"),
        ("In Progress", pending, "F2A900"),
        ("Waiting", pending, "9B51E0"),
        ("Solved", completed, "27AE60"),
        ("Closed", completed, "7A7F87"),
    )
    return {
        name: catalog.add_status(name=name, behavior=behavior, color=color, order=order, is_default=name == "New").id
        for order, (name, behavior, color) in enumerate(rows, start=1)
    }


def _add_canned_actions(categories: dict[str, Category], statuses: dict[str, int]) -> None:
    workshop, service = [categories["workshop"].id], [categories["service"].id]
    given = (
        GivenCannedAction(
            name="Ready to be collected",
            text="Hello {{contact.first_name}},\n\nyour bicycle is ready and waits for you. We are here on weekdays "
            "from 8 to 18, on Saturdays until 14. Please bring the number {{ticket.id}}.\n\n{{staff.name}}",
            status=statuses["Waiting"],
            tags=["collect"],
            categories=workshop,
        ),
        GivenCannedAction(
            name="Which frame number?",
            text="Hello {{contact.first_name}},\n\nto find the right part we need the frame number. It is stamped "
            "below the bottom bracket, mostly ten characters.\n\n{{staff.name}}",
            status=statuses["Waiting"],
            categories=[*workshop, *service],
        ),
        GivenCannedAction(
            name="Thanks, that was all",
            text="Hello {{contact.first_name}},\n\nthank you for telling us. Write whenever something comes up again."
            "\n\n{{staff.name}}",
            status=statuses["Solved"],
        ),
        GivenCannedAction(
            name="I take this",
            text="I look into it and write as soon as I know more.",
            assigns=CannedAction.Assigns.ME,
            status=statuses["In Progress"],
        ),
    )
    for each in given:
        canned_actions.save(each, reference=reference.current())


def _add_promises(categories: dict[str, Category], statuses: dict[str, int], *, now: datetime) -> None:
    """In the opening hours of the demo's calendar, which are UTC."""
    weekdays = {day: ["08:00-18:00"] for day in WEEKDAYS[:5]}
    sla_policies.add_schedule(
        GivenSchedule(name="Opening hours", time_zone="UTC", hours=weekdays | {"saturday": ["08:00-14:00"]})
    )
    first_answer = GivenPolicy(
        name="First answer",
        objective=Objective.FIRST_RESPONSE,
        seconds=10 * 3600,
        target=90,
        schedule="Opening hours",
        categories=[categories["service"].id, categories["workshop"].id],
    )
    repair = GivenPolicy(
        name="Repair solved",
        objective=Objective.STATUS,
        status=statuses["Solved"],
        seconds=60 * 3600,
        target=80,
        schedule="Opening hours",
        categories=[categories["workshop"].id],
        exclusions=[statuses["Waiting"], statuses["Closed"]],
    )
    for policy in (first_answer, repair):
        sla_policies.add_policy(policy, now=now)


def _add_staff(categories: dict[str, Category]) -> dict[str, int]:
    roles = {name: catalog.add_role(name=name, permissions=codes) for name, codes in _roles().items()}
    return {login.first_name: _add_person(login, roles, categories).id for login in LOGINS}


def _roles() -> dict[str, Any]:
    return {"Administrator": catalog.PERMISSIONS, **PERMISSIONS_OF_ROLES}


def _add_person(login: Any, roles: dict[str, Role], categories: dict[str, Category]) -> Staff:
    return people.add_staff(
        email=login.email,
        username=login.first_name.lower(),
        first_name=login.first_name,
        last_name=login.last_name,
        role=roles[login.role],
        password=login.password,
        is_account_admin=login.is_account_admin,
        category_ids=[categories[name].id for name in login.categories],
    )


def _add_ticket_fields(categories: dict[str, Category]) -> dict[str, int]:
    service, workshop, office = categories["service"], categories["workshop"], categories["office"]
    topic = _field("Topic", TYPE.CHOICE, [service], 1, choices=("Order", "Lease", "Advice", "Invoice", "Complaint"))
    services = _field("Services", TYPE.MULTIPLE_CHOICE, [workshop], 2, choices=SERVICES, compulsory_on_completed=True)
    lease = topic.choices.get(text="Lease")
    truing = services.choices.get(text="Wheel truing")
    matters = ("Supplier invoice", "Delivery", "Fleet contract", "Warranty claim", "Other")
    partners = ("Pedalio", "GreenMiles", "Radwerk Leasing")
    fields = [
        topic,
        services,
        _field("Bicycle", TYPE.TEXT, [workshop], 1, required=True),
        _field("Spoke length (mm)", TYPE.NUMBER, [workshop], 3, depends_on_choice=truing),
        _field("Estimate (EUR)", TYPE.NUMBER, [workshop], 4),
        _field("Pick-up date", TYPE.DATE, [workshop, service], 5),
        _field("Workshop remark", TYPE.TEXT, [workshop], 6, visible_to_staff_only=True),
        _field("Leasing partner", TYPE.CHOICE, [service], 2, choices=partners, depends_on_choice=lease),
        _field("Order number", TYPE.TEXT, [service, office], 3),
        _field("Matter", TYPE.CHOICE, [office], 1, choices=matters, compulsory_on_move=True),
        _field("Payable until", TYPE.DATE, [office], 2, visible_to_staff_only=True),
    ]
    return {field.name: field.id for field in fields}


def _field(name: str, type: CustomField.Type, categories: list[Category], order: int, **values: Any) -> CustomField:
    return catalog.add_custom_field(
        kind=CustomField.Kind.TICKET, name=name, type=type, categories=categories, order=order, **values
    )


def _add_contact_fields() -> dict[str, CustomField]:
    ways = ("E-mail", "Phone", "Text message")
    interests = ("Touring", "E-bikes", "Racing", "Cargo bikes", "Children's bikes")
    rows: tuple[tuple[str, CustomField.Type, dict[str, Any]], ...] = (
        ("Customer number", TYPE.NUMBER, {}),
        ("Customer since", TYPE.DATE, {}),
        ("Please answer by", TYPE.CHOICE, {"choices": ways}),
        ("Interests", TYPE.MULTIPLE_CHOICE, {"choices": interests}),
        ("Remark", TYPE.TEXT, {"visible_to_staff_only": True}),
    )
    return {
        name: catalog.add_custom_field(kind=CustomField.Kind.CONTACT, name=name, type=type, order=order, **values)
        for order, (name, type, values) in enumerate(rows, start=1)
    }


def _add_contacts(end: datetime, rng: random.Random, fields: dict[str, CustomField]) -> dict[str, int]:
    for name, (domains, description) in GROUPS.items():
        contact_groups.add_group(GivenGroup(name=name, domains=domains_in(domains), description=description))
    moment = end - timedelta(days=1200)
    step = (end - timedelta(days=_DAYS_BEFORE_FIRST_TICKET) - moment) / len(PEOPLE)
    contacts = {}
    choices = {name: list(field.choices.order_by("order")) for name, field in fields.items()}
    for number, person in enumerate(PEOPLE):
        moment = (moment + step * rng.uniform(0.5, 1)).replace(microsecond=0)
        values = _contact_values(number, moment, rng, fields, choices)
        contacts[person.name] = _add_contact(person, moment, values)
    _join_club(contacts, moment)
    return {name: contact.id for name, contact in contacts.items()}


def _add_contact(person: Person, moment: datetime, values: dict[str, Any]) -> Contact:
    contact = people.add_contact(
        name=person.name,
        email=person.email,
        now=moment,
        custom_values=values,
        is_login_enabled=person.email is not None,
    )
    kind = ContactPhone.Type.WORK if person.circle in {"fleet", "supplier"} else ContactPhone.Type.MOBILE
    for number in person.phones:
        people.add_phone(contact, number, type=kind, now=moment)
        kind = ContactPhone.Type.HOME
    return contact


def _contact_values(
    number: int, moment: datetime, rng: random.Random, fields: dict[str, CustomField], choices: dict[str, list[Any]]
) -> dict[str, Any]:
    """What is known about a contact, as it is stored; most is not known about most."""
    values: dict[str, Any] = {"Customer number": 10_400 + number * 7}
    if rng.random() < 0.7:
        values["Customer since"] = moment.date().isoformat()
    if rng.random() < 0.5:
        values["Please answer by"] = rng.choice(choices["Please answer by"]).id
    if rng.random() < 0.5:
        chosen = sorted(rng.sample(range(len(choices["Interests"])), rng.randint(1, 3)))
        values["Interests"] = [choices["Interests"][position].id for position in chosen]
    if number % 9 == 0:
        values["Remark"] = "Knows more about gears than we do. Offer coffee."
    return {str(fields[name].id): value for name, value in values.items()}


def _join_club(contacts: dict[str, Contact], now: datetime) -> None:
    club = ContactGroup.objects.get(name="Radclub Milan 04")
    members = [Member(contacts[name].id, False) for name in CLUB_MEMBERS]
    members.append(Member(contacts["Valentina Corsi"].id, True))
    contact_groups.put_members(club.id, [(member, Problems()) for member in members], now=now)
