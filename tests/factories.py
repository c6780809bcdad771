"""Small makers of desk objects, with defaults and overrides. They go through the actions wherever there is one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from reynard.desk.actions import (
    assets,
    contact_groups,
    knowledge_base,
    mailboxes,
    people,
    receiving,
    reports,
    tickets,
    webhooks,
)
from reynard.desk.actions.assets import NewAsset
from reynard.desk.actions.contact_groups import GivenGroup
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.actions.reports import GivenReport
from reynard.desk.actions.tickets import NewTicket
from reynard.desk.actions.webhooks import NewWebhook
from reynard.desk.files import IncomingFile
from reynard.desk.models import (
    Article,
    Asset,
    AssetField,
    AssetType,
    Category,
    Contact,
    ContactGroup,
    CustomField,
    CustomFieldCategory,
    CustomFieldChoice,
    InboundMail,
    Mailbox,
    Priority,
    Role,
    SlaPolicy,
    Staff,
    Status,
    Ticket,
    Update,
    Webhook,
    WorkSchedule,
)
from reynard.desk.rules import contacts, sla
from reynard.desk.rules.messages import compose
from reynard.desk.rules.periods import Period
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


def make_received_mails(mailbox: Mailbox, update: Update) -> InboundMail:
    """A mail that a message came from, and one that is held, which is returned."""
    inbox = receiving.find(mailbox.name)
    rows = []
    for number in range(2):
        raw = f"From: Lena <lena.ortiz@example.org>\r\nSubject: Rim\r\nX-Number: {number}\r\n\r\nIt is bent.\r\n"
        kept = receiving.keep([raw.encode()])
        id = receiving.receive(inbox, kept, source=InboundMail.Source.PIPE, now=NOON)
        rows.append(InboundMail.objects.get(id=id))
    seen = {"sender": "lena.ortiz@example.org", "subject": "Rim", "verdict": VERDICT, "processed_at": NOON}
    where = {"ticket_id": update.ticket_id, "update_id": update.id, "state": "taken", "reason": "It names no ticket."}
    InboundMail.objects.filter(id=rows[0].id).update(**seen, **where)
    InboundMail.objects.filter(id=rows[1].id).update(
        **seen, state="held", reason="It is forged.", suggested_id=update.ticket_id
    )
    return InboundMail.objects.get(id=rows[1].id)


def copy_of_mail(mail: InboundMail) -> InboundMail:
    mail.pk = None
    mail.save(force_insert=True)
    return mail


VERDICT = {"result": "none", "reason": "Nobody knows.", "host": "", "dmarc": "", "dkim": "", "spf": ""}


def make_report(name: str = "All tickets", query: str = "", period: Period | None = None, **values: Any) -> int:
    """The id of a new saved report."""
    given = GivenReport(name=name, query=query, period=period, **values)
    return reports.add_report(given, reference=reference.current(), now=NOON)


def make_asset_type(name: str = "Cargo bike", **values: Any) -> AssetType:
    return assets.add_asset_type(name=name, **values)


def make_asset_field(type_: AssetType, name: str, type: str = "text", **values: Any) -> AssetField:
    return assets.add_asset_field(asset_type=type_, name=name, type=AssetField.Type(type), **values)


def make_asset(type_: AssetType, staff: Staff, display_id: str = "CB-004", **values: Any) -> Asset:
    new = NewAsset(
        asset_type=type_.id, created_by=staff.id, name=values.pop("name", "Cargo bike 4"), display_id=display_id
    )
    now = values.pop("now", NOON)
    for name, value in values.items():
        setattr(new, name, value)
    return Asset.objects.get(id=assets.add_asset(new, reference=reference.current(), now=now))


def make_mailbox(category: Category, name: str = "support", **values: Any) -> Mailbox:
    now = values.pop("now", NOON)
    wanted = MailboxSettings(address=f"{name}@rollwerk.example", category_id=category.id, **values)
    return mailboxes.create(name, wanted, now=now)


def make_webhook(
    url: str = "https://hooks.example.org/desk",
    events: Sequence[str] = ("ticket.created", "ticket.updated", "ticket.deleted"),
    **values: Any,
) -> Webhook:
    new = NewWebhook(url=url, events=events, **values)
    return webhooks.create(new, reference=reference.current(), now=NOON)


def make_article(desk: Any, title: str, contents: str = "<p>Look.</p>", **values: Any) -> Article:
    """An article of the section `desk.maintenance`, in English."""
    section, now = values.pop("section", desk.maintenance), values.pop("now", NOON)
    return knowledge_base.add_article(
        section=section, language=desk.english, title=title, contents=contents, now=now, **values
    )


def fill_knowledge_base(desk: Any) -> None:
    """Two sections, and articles for everybody, for those who log in, and for staff: `desk.brakes` is everybody's."""
    desk.english = knowledge_base.add_language(name="English")
    desk.maintenance = knowledge_base.add_section(name="Maintenance", categories=[desk.workshop, desk.office])
    desk.leasing = knowledge_base.add_section(name="Leasing", description="For fleets.", parent=desk.maintenance)
    desk.prices = make_article(desk, "Our prices", needs_login=True)
    desk.manual = make_article(desk, "Torque table", internal=True)
    desk.chain = make_article(desk, "Oiling the chain", section=desk.leasing)
    desk.brakes = make_article(
        desk,
        "Checking brake pads",
        '<p>Look for the <b>wear line</b>.<img src="/kb/pads.png"></p>',
        tags=["brakes", "safety"],
        related=[desk.chain, desk.prices, desk.manual],
        files=[IncomingFile(sha256="0" * 64, filename="pads.pdf", content_type="application/pdf", size=3)],
        now=NOON,
    )


ALWAYS = {day: ["00:00-24:00"] for day in sla.WEEKDAYS}


def make_policy(objective: str = "first_response", seconds: int = 3600, **values: Any) -> SlaPolicy:
    """A promise about all tickets; `hours` and `holidays` are those of a schedule of its own, else 24 hours a day."""
    name = values.pop("name", objective)
    schedule = WorkSchedule.objects.create(
        name=f"Hours of {name}",
        time_zone=values.pop("time_zone", "UTC"),
        hours=values.pop("hours", ALWAYS),
        holidays=values.pop("holidays", []),
    )
    categories, exclusions = values.pop("categories", []), values.pop("exclusions", [])
    policy = SlaPolicy.objects.create(
        name=name,
        objective=objective,
        allowed_seconds=seconds,
        target=values.pop("target", 90),
        schedule=schedule,
        **values,
    )
    policy.categories.set(categories)
    policy.exclusion_statuses.set(exclusions)
    reference.changed()
    return policy
