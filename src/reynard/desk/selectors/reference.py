"""Reference data: what a desk is set up with, read whole and kept in the process until its version changes.

Everything here is small (tens of rows, seldom thousands). `current()` costs one short statement when nothing
changed. Whoever changes a table read here calls `changed()` in the same transaction.
"""

import copy
import secrets
from typing import Any

import msgspec
from django.db.models import Exists, Prefetch

from reynard.desk import db
from reynard.desk.errors import Problems
from reynard.desk.models import (
    ApiKey,
    Category,
    CustomField,
    CustomFieldCategory,
    CustomFieldChoice,
    DeskState,
    Mailbox,
    MailTemplate,
    Priority,
    SearchState,
    SlaPolicy,
    Staff,
    Status,
    Webhook,
)
from reynard.desk.rules import mail_templates, sla
from reynard.desk.rules.custom_fields import Choice, Field
from reynard.desk.rules.webhook_events import Subscription


class StaffMember(msgspec.Struct, frozen=True):
    id: int
    name: str
    email: str
    username: str
    first_name: str
    last_name: str
    active: bool
    is_account_admin: bool
    role_id: int
    role_name: str
    permissions: tuple[str, ...]
    category_ids: tuple[int, ...]


class Key(msgspec.Struct, frozen=True):
    """An API key that is not revoked, and how far it reaches (selectors/access)."""

    id: int
    name: str
    key: str
    auth_code_sha256: str
    disabled: bool
    staff_id: int | None  # who acts where nobody else is named
    read_only: bool
    categories: frozenset[int] | None  # whose tickets exist for it; None: of all


class Policy(msgspec.Struct, frozen=True):
    """An SLA policy that is active. `condition` is search text, "" for none."""

    id: int
    name: str
    terms: sla.Terms
    condition: str


class Inbox(msgspec.Struct, frozen=True):
    """A mailbox: mails to its address are tickets of its category. `note_address` is "" for none."""

    id: int
    name: str
    address: str
    note_address: str
    category_id: int
    trusted_hosts: frozenset[str]
    active: bool


class Reference:
    """One version of the reference data. Dictionaries are in list order (reference.md).

    What a caller of the API gets is `seen_by` its key, and staff at the pages get it `limited_to` what they may see:
    `categories` are those then, and who asks for rows of tickets with it finds theirs only (selectors/access).
    `whole` is the same version without limits.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        self.whole = self
        self.key: Key | None = None  # whose view this is
        self.scope: frozenset[int] | None = None  # the categories whose tickets exist for the caller; None: all
        self.categories = {row.id: row for row in Category.objects.order_by("id")}
        self.statuses = {row.id: row for row in Status.objects.order_by("order", "id")}
        self.priorities = {row.id: row for row in Priority.objects.order_by("order", "id")}
        self.staff = {row.id: row for row in _staff()}
        fields = _fields()
        self.ticket_fields = {f.id: f for f in fields if f.kind == CustomField.Kind.TICKET}
        self.contact_fields = {f.id: f for f in fields if f.kind == CustomField.Kind.CONTACT}
        self.keys = {key.key: key for key in _keys()}
        promises = Exists(SlaPolicy.objects.filter(active=True))
        words = Exists(MailTemplate.objects.all())
        boxes = Exists(Mailbox.objects.all())
        told = Exists(Webhook.objects.filter(active=True))
        state = SearchState.objects.values_list("generation", promises, words, boxes, told).get(id=1)
        self.search_generation, has_policies, has_words, has_mailboxes, has_webhooks = state
        self.sla_policies = {row.id: row for row in _policies()} if has_policies else {}
        own_words = dict(MailTemplate.objects.values_list("kind", "text")) if has_words else {}
        self.mailboxes = {row.id: row for row in _inboxes()} if has_mailboxes else {}
        self.mail_templates = mail_templates.DEFAULTS | own_words
        self.webhooks = _webhooks() if has_webhooks else []
        self.derived: dict[Any, Any] = {}  # what doors compute from this version, as it is seen, once

    def seen_by(self, key: Key | None) -> "Reference":
        """The same version as the key may see it; as it is for None."""
        if key is None:
            return self
        seen = self.limited_to(key.categories)
        seen.key = key
        return seen

    def limited_to(self, categories: frozenset[int] | None) -> "Reference":
        """The same version for somebody for whom only tickets of these categories exist; None: all do."""
        seen = copy.copy(self)
        if categories is not None:
            seen.scope = categories
            seen.categories = {id: row for id, row in self.categories.items() if id in categories}
            seen.derived = self.derived.setdefault(("seen", categories), {})
        return seen

    @property
    def default_status(self) -> Status:
        return next(status for status in self.statuses.values() if status.is_default)

    @property
    def default_priority(self) -> Priority:
        return next(priority for priority in self.priorities.values() if priority.is_default)

    def pending(self, status_id: int) -> bool:
        return self.statuses[status_id].behavior == Status.Behavior.PENDING

    @property
    def completed(self) -> frozenset[int]:
        """The statuses in which nothing more is to be done."""
        return frozenset(id for id in self.statuses if not self.pending(id))

    def fields_of(self, category_id: int) -> list[Field]:
        """The ticket fields of a category, in its order."""
        by_category = self.derived.setdefault("fields_of", {})
        if category_id not in by_category:
            there = [f for f in self.ticket_fields.values() if category_id in f.categories]
            by_category[category_id] = sorted(there, key=lambda f: (f.categories[category_id], f.id))
        return by_category[category_id]


_kept: Reference | None = None


def current() -> Reference:
    """The reference data of this moment."""
    version = db.rows("SELECT reference_version FROM desk_deskstate WHERE id = 1")[0][0]
    return at(version)


def at(version: int) -> Reference:
    """The reference data for a version just read from the database."""
    global _kept
    kept = _kept  # threads of a worker may ask for different versions
    if kept is None or kept.version != version:
        kept = _kept = Reference(version)
    return kept


def changed() -> None:
    """Tell every process that reference data changed. Call it in the transaction of the change.

    Versions are drawn, not counted: one that was rolled back never comes again with other data.
    """
    DeskState.objects.filter(id=1).update(reference_version=secrets.randbits(48))


def _keys() -> list[Key]:
    usable = ApiKey.objects.filter(revoked_at__isnull=True).prefetch_related("categories")
    return [
        Key(
            id=row.id,
            name=row.name,
            key=row.key,
            auth_code_sha256=row.auth_code_sha256,
            disabled=row.disabled_at is not None,
            staff_id=row.staff_id,
            read_only=row.read_only,
            categories=frozenset(category.id for category in row.categories.all()) if row.is_limited else None,
        )
        for row in usable
    ]


def _staff() -> list[StaffMember]:
    everybody = Staff.objects.select_related("role").prefetch_related("categories").order_by("id")
    return [
        StaffMember(
            id=person.id,
            name=person.name,
            email=person.email,
            username=person.username,
            first_name=person.first_name,
            last_name=person.last_name,
            active=person.active,
            is_account_admin=person.is_account_admin,
            role_id=person.role.id,
            role_name=person.role.name,
            permissions=tuple(person.role.permissions),
            category_ids=tuple(sorted(category.id for category in person.categories.all())),
        )
        for person in everybody
    ]


def _fields() -> list[Field]:
    choices = Prefetch("choices", CustomFieldChoice.objects.filter(deleted=False).order_by("order", "id"))
    places = Prefetch("in_categories", CustomFieldCategory.objects.order_by("category_id"))
    rows = CustomField.objects.select_related("depends_on_choice").prefetch_related(choices, places)
    return [
        Field(
            id=row.id,
            kind=row.kind,
            name=row.name,
            type=row.type,
            required=row.required,
            compulsory_on_completed=row.compulsory_on_completed,
            compulsory_on_move=row.compulsory_on_move,
            visible_to_staff_only=row.visible_to_staff_only,
            order=row.order,
            depends_on_choice=row.depends_on_choice_id,
            depends_on_field=row.depends_on_choice.field_id if row.depends_on_choice else None,
            choices={choice.id: Choice(choice.id, choice.text) for choice in row.choices.all()},
            categories={place.category_id: place.order for place in row.in_categories.all()},
        )
        for row in rows.order_by("order", "id")
    ]


def _policies() -> list[Policy]:
    rows = SlaPolicy.objects.filter(active=True).select_related("schedule")
    return [
        Policy(id=row.id, name=row.name, terms=terms_of(row), condition=row.condition)
        for row in rows.prefetch_related("categories", "exclusion_statuses").order_by("id")
    ]


def _inboxes() -> list[Inbox]:
    return [
        Inbox(
            id=row.id,
            name=row.name,
            address=row.address,
            note_address=row.note_address,
            category_id=row.category_id,
            trusted_hosts=frozenset(row.trusted_hosts),
            active=row.active,
        )
        for row in Mailbox.objects.order_by("id")
    ]


def terms_of(policy: SlaPolicy) -> sla.Terms:
    """What a stored policy promises; its schedule was checked when it was stored."""
    problems = Problems()
    stored = policy.schedule
    schedule = sla.read_schedule(stored.time_zone, stored.hours, stored.holidays, problems)
    problems.raise_if_any()
    assert schedule is not None
    return sla.Terms(
        objective=sla.Objective(policy.objective),
        seconds=policy.allowed_seconds,
        schedule=schedule,
        status=policy.target_status_id,
        categories=frozenset(category.id for category in policy.categories.all()),
        exclusions=frozenset(status.id for status in policy.exclusion_statuses.all()),
    )


def _webhooks() -> list[Subscription]:
    """The active ones."""
    return [
        Subscription(
            webhook_id=row.id,
            identity=row.identity,
            events=frozenset(row.events),
            categories=frozenset(category.id for category in row.categories.all()),
        )
        for row in Webhook.objects.filter(active=True).prefetch_related("categories").order_by("id")
    ]
