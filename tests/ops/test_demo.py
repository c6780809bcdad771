"""The demo desk. It is loaded twice for the whole module, and rolled back."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, F

from reynard.desk import files
from reynard.desk.actions import catalog, counters
from reynard.desk.models import (
    Asset,
    Attachment,
    Category,
    Contact,
    ContactGroup,
    ContactPhone,
    CustomField,
    MessageSource,
    OutboxEntry,
    Priority,
    Role,
    SlaClock,
    SlaPolicy,
    Staff,
    Status,
    Ticket,
    TicketCounter,
    Update,
)
from reynard.desk.rules import custom_fields
from reynard.desk.selectors import assets, knowledge_base, reference, reports
from reynard.desk.selectors.knowledge_base import Audience
from reynard.ops import demo

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 3, 9, 22, 10, 31, 5, tzinfo=UTC)
MORNING = EVENING.replace(hour=0, minute=3)
MIDNIGHT = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def snapshots(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Any]]:
    """What two loads of one day have made; the second one is in the database."""
    with django_db_blocker.unblock(), transaction.atomic():
        with transaction.atomic():
            demo.load(now=EVENING)
            first = snapshot()
            transaction.set_rollback(True)
        demo.load(now=MORNING)
        yield [first, snapshot()]
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def loaded(snapshots: list[Any]) -> None:
    """Every test of this module looks at the loaded desk."""


def snapshot() -> list[Any]:
    """The tickets in their order with all that hangs on them, and no ids: sequences go on after a rollback."""
    fields = reference.current().ticket_fields
    everything = Ticket.objects.order_by("id").prefetch_related("updates__attachments")
    return [
        {
            "ticket": [
                [ticket.subject, ticket.first_message, ticket.tags, ticket.due_date, ticket.time_spent, ticket.source],
                [ticket.contact.name, ticket.category.name, ticket.status.name, ticket.priority.name],
                [ticket.assignee.name if ticket.assignee else None, ticket.created_at, ticket.last_modified_at],
            ],
            "values": sorted(
                [fields[int(key)].name, custom_fields.shown_as_text(fields[int(key)], value)]
                for key, value in ticket.custom_values.items()
            ),
            "updates": [
                [
                    [update.created_at, update.author_type, update.author_name, update.message_type],
                    [update.text, update.html, update.time_spent, without_ids(json.loads(update.changes or "{}"))],
                    sorted((file.filename, file.sha256) for file in update.attachments.all()),
                ]
                for update in sorted(ticket.updates.all(), key=lambda update: update.id)
            ],
        }
        for ticket in everything.select_related("contact", "category", "status", "priority", "assignee")
    ]


def without_ids(changes: Any) -> Any:
    if isinstance(changes, dict):
        ids = {"id", "old", "new"} if "old_name" in changes or "id" in changes else set()
        return {key: without_ids(value) for key, value in changes.items() if key not in ids}
    return [without_ids(item) for item in changes] if isinstance(changes, list) else changes


def test_it_is_the_same_desk_at_every_hour_of_a_day(snapshots: list[Any]) -> None:
    first, second = snapshots
    assert first == second


def test_it_has_the_promised_size() -> None:
    sizes = {model.__name__: model.objects.count() for model in (Category, Status, Priority, Staff, Contact, Ticket)}
    assert sizes == {"Category": 3, "Status": 5, "Priority": 4, "Staff": 6, "Contact": 40, "Ticket": 200}


def test_it_is_set_up_like_a_workshop() -> None:
    assert Category.objects.filter(public=False).count() == 1
    assert Category.objects.filter(time_spent_mandatory=True).count() == 1
    assert [status.name for status in Status.objects.filter(behavior="completed").order_by("order")] == [
        "Solved",
        "Closed",
    ]
    assert Status.objects.get(is_default=True).name == "New"
    assert Staff.objects.filter(active=True).count() == 6
    assert Staff.objects.get(is_account_admin=True).role.name == "Administrator"
    assert {role.name for role in Role.objects.all()} == {"Administrator", "Workshop", "Sales", "Office"}


def test_roles_hold_permissions_that_exist() -> None:
    for role in Role.objects.all():
        assert set(role.permissions) <= set(catalog.PERMISSIONS)
        assert len(role.permissions) == len(set(role.permissions))


def test_people_have_phones_and_groups() -> None:
    assert not Contact.objects.filter(phones=None).exists()
    assert ContactPhone.objects.filter(is_primary=True).count() == 40
    assert Contact.objects.filter(email=None).count() == 1
    assert ContactGroup.objects.count() == 3
    assert not ContactGroup.objects.filter(memberships=None).exists()
    assert not ContactGroup.objects.filter(tagged_domains="").exists()


def test_reports_have_something_to_say() -> None:
    total, saved = reports.page(size=50, page=1)
    assert total == len(saved) == 3
    for report in saved:
        chosen = reports.choose(report, report.period, reference.current(), now=EVENING)
        assert reports.summary(chosen, reference.current()).tickets > 0, report.name
        assert reports.staff_figures(chosen, reference.current())


def test_bicycles_of_fleets_are_linked_to_those_who_ride_them() -> None:
    [type_] = assets.types(reference.current()).values()
    page = assets.page(type_.id, size=50, page=1)
    assert page.total == len(page.rows) == Asset.objects.count() == 5
    for row in page.rows:
        assert row.contacts
        assert row.contact_groups
        assert {int(key) for key in row.custom_values} == set(type_.fields)
        for key, value in row.custom_values.items():
            assert custom_fields.read_value(type_.fields[int(key)], value) == value


def test_the_knowledge_base_has_something_for_everybody() -> None:
    counts = {audience: len(knowledge_base.articles(audience)) for audience in Audience}
    assert counts == {Audience.STAFF: 1, Audience.CONTACTS: 4, Audience.STRANGERS: 3}
    assert all(section.articles for section in knowledge_base.sections(Audience.STRANGERS))
    for article in knowledge_base.articles(Audience.CONTACTS):
        assert len(article.contents) > 200
        assert article.tags


@pytest.mark.parametrize("type", [type.value for type in CustomField.Type])
def test_every_type_of_field_is_in_use(type: str) -> None:
    used = {key for values in Ticket.objects.values_list("custom_values", flat=True) for key in values}
    known = {key for values in Contact.objects.values_list("custom_values", flat=True) for key in values}
    assert CustomField.objects.filter(kind="ticket", type=type, id__in=map(int, used)).exists()
    assert CustomField.objects.filter(kind="contact", type=type, id__in=map(int, known)).exists()


def test_fields_show_every_rule() -> None:
    ticket_fields = CustomField.objects.filter(kind="ticket")
    assert ticket_fields.filter(required=True).exists()
    assert ticket_fields.filter(compulsory_on_completed=True).exists()
    assert ticket_fields.filter(compulsory_on_move=True).exists()
    assert ticket_fields.filter(depends_on_choice__isnull=False).exists()
    assert ticket_fields.filter(visible_to_staff_only=True).exists()
    assert {field.in_categories.count() for field in ticket_fields} == {1, 2}


def test_stored_values_obey_the_fields() -> None:
    now = reference.current()
    for ticket in Ticket.objects.all():
        there = {field.id: field for field in now.fields_of(ticket.category_id)}
        for key, value in ticket.custom_values.items():
            assert custom_fields.read_value(there[int(key)], value) == value
            assert custom_fields.applies(there[int(key)], now.ticket_fields, ticket.custom_values)
        demanded = [f for f in there.values() if f.required]
        if not now.pending(ticket.status_id):
            demanded += [f for f in there.values() if f.compulsory_on_completed]
        assert custom_fields.missing(demanded, now.ticket_fields, ticket.custom_values) == []


def test_updates_are_numbered_in_the_order_of_time() -> None:
    moments = list(Update.objects.order_by("id").values_list("created_at", flat=True))
    assert moments == sorted(moments)
    assert moments[0] >= MIDNIGHT - timedelta(days=90)
    assert moments[-1] < MIDNIGHT
    created = list(Ticket.objects.order_by("id").values_list("created_at", flat=True))
    assert created == sorted(created)


def test_conversations_have_everything_a_conversation_can_have() -> None:
    kinds = Counter(Update.objects.values_list("author_type", "message_type"))
    assert min(kinds[kind] for kind in (("user", "m"), ("staff", "m"), ("staff", "p"), ("staff", "-"))) >= 20
    for change in ("status", "priority", "assignee", "due_date", "custom_fields", "tags_added"):
        assert Update.objects.filter(author_type="staff", changes__contains=f'"{change}"').count() >= 5
    assert Update.objects.filter(time_spent__gt=0).count() >= 50
    assert MessageSource.objects.count() >= 5
    assert {"New", "In Progress", "Waiting", "Solved", "Closed"} == set(
        Ticket.objects.values_list("status__name", flat=True)
    )
    assert Ticket.objects.filter(unresponded=True).count() >= 10


def test_a_contact_reopens_what_was_solved() -> None:
    assert Update.objects.filter(author_type="user", changes__contains='"old_name":"Solved"').exists()


def test_texts_vary() -> None:
    subjects = set(Ticket.objects.values_list("subject", flat=True))
    assert len(subjects) >= 100
    openings = Counter(Ticket.objects.values_list("first_message", flat=True))
    assert max(openings.values()) <= 2
    assert max(len(text) for text in openings) > 2500
    everything = "".join(Update.objects.values_list("text", flat=True))
    assert all(sign in everything for sign in ("ß", "é", "の", "🎉"))
    assert "{" not in everything


def test_attachments_have_their_bytes() -> None:
    assert set(Attachment.objects.values_list("content_type", flat=True)) == {"image/png", "text/csv", "text/plain"}
    for attachment in Attachment.objects.all():
        with files.open_bytes(attachment.sha256) as stored:
            content = stored.read()
        assert len(content) == attachment.size
        assert content.startswith(b"\x89PNG\r\n") == (attachment.content_type == "image/png")


def test_counters_say_what_counting_says() -> None:
    counted = Counter(map(counters.place_of, Ticket.objects.all()))
    kept = {
        tuple(getattr(row, name) for name in counters.Place._fields): row.tickets
        for row in TicketCounter.objects.all()
        if row.tickets
    }
    assert kept == dict(counted)
    assert not Contact.objects.annotate(real=Count("ticket")).exclude(tickets_count=F("real")).exists()
    pending = Counter(Ticket.objects.filter(status__behavior="pending").values_list("contact_id", flat=True))
    assert (
        dict(Contact.objects.filter(pending_tickets_count__gt=0).values_list("id", "pending_tickets_count")) == pending
    )


def test_tickets_know_their_messages_and_files() -> None:
    with_message = Update.objects.exclude(message_type="-")
    messages = Counter(with_message.values_list("ticket_id", flat=True))
    attachments = Counter(Attachment.objects.values_list("update__ticket_id", flat=True))
    for ticket in Ticket.objects.all():
        assert (ticket.messages_count, ticket.attachments_count) == (messages[ticket.id], attachments[ticket.id])


def test_nobody_is_told_of_it() -> None:
    assert not OutboxEntry.objects.exists()


def test_it_keeps_most_of_its_promises_and_not_all() -> None:
    assert set(SlaPolicy.objects.values_list("name", flat=True)) == {"First answer", "Repair solved"}
    for policy in SlaPolicy.objects.all():
        decided = policy.clocks.exclude(decided_at=None)
        assert decided.count() > 40
        assert 0 < decided.exclude(breached_at=None).count() < decided.count() / 2


def test_its_breaches_are_those_of_its_clocks() -> None:
    by_ticket = dict(SlaClock.objects.exclude(breached_at=None).values_list("ticket").annotate(Count("id")))
    assert by_ticket == dict(Ticket.objects.exclude(sla_breaches=0).values_list("id", "sla_breaches"))
    assert not SlaClock.objects.filter(due_at__lt=MIDNIGHT, breached_at=None, finished_at=None).exists()


def test_somebody_is_mentioned_and_has_not_read_it() -> None:
    amara = Staff.objects.get(first_name="Amara")
    assert amara.mentions.filter(read_at=None).exists()
