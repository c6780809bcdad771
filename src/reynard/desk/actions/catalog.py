"""Setting a desk up: categories, statuses, priorities, roles, custom fields. One function per verb."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from django.db.models import Model
from django.utils.translation import gettext_noop
from msgspec import UNSET, UnsetType

from reynard.desk import db
from reynard.desk.errors import NOT_A_CHOICE, NotFound, Problems
from reynard.desk.models import (
    Category,
    CustomField,
    CustomFieldCategory,
    CustomFieldChoice,
    DeskState,
    Priority,
    Role,
    Status,
)
from reynard.desk.rules import custom_fields, mail_addresses, mail_headers
from reynard.desk.rules.custom_fields import Field
from reynard.desk.rules.mail_addresses import Mailbox
from reynard.desk.selectors import access
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors.reference import Reference

# reference.md "Permission codes", in its groups.
PERMISSION_GROUPS: dict[str, tuple[str, ...]] = {
    name: tuple(codes.split())
    for name, codes in {
        gettext_noop("Tickets"): (
            "move_tickets move_ticket_to_any_category delete_tickets close_tickets forward_tickets assign_tickets "
            "reassign_tickets set_due_date web_reply email_reply add_tags create_and_add_tags add_existing_tags "
            "delete_tags act_on_closed edit_subject change_ticket_contact merge_tickets split_tickets "
            "relate_tickets all_tickets create_ticket_in_any_category add_call_notes trigger_manual_survey "
            "send_sms make_outgoing_calls manage_ticket_tasks edit_task_assignee edit_ticket_asset_info "
            "bulk_edit_50_tickets_or_fewer bulk_edit_more_than_50_tickets bulk_assign_tickets_in_queue "
            "show_basic_ticket_info_of_unassociated_categories view_created_tickets_in_all_categories "
            "view_subscribed_tickets_in_all_categories"
        ),
        gettext_noop("Messages"): (
            "edit_own_reply edit_staff_reply edit_contact_reply edit_own_note edit_staff_note delete_replies "
            "delete_attachments"
        ),
        gettext_noop("Contacts"): (
            "create_contacts edit_contacts manage_contacts delete_contacts export_contacts manage_contact_groups "
            "view_contacts_tab view_contact_groups_tab view_unassociated_contacts edit_unassociated_contacts "
            "delete_unassociated_contacts view_unassociated_contact_group manage_contact_password unlock_contact "
            "add_available_time_for_contact_group reduce_available_time_for_contact_group"
        ),
        gettext_noop("Assets"): (
            "manage_assets manage_asset_types manage_asset_fields manage_inventory manage_import_assets "
            "export_asset_info"
        ),
        gettext_noop("Reports"): (
            "view_reports create_edit_reports export_reports view_performance_reports view_agent_activity_reports "
            "view_sla_reports view_satisfaction_survey_reports view_time_spent_reports view_inflow_reports "
            "view_distribution_reports view_contact_reports view_contact_group_reports view_custom_field_reports "
            "view_canned_actions_reports view_smartrule_reports view_article_reports view_asset_reports "
            "view_all_categories_data_in_reports view_any_assignment_tickets_in_reports"
        ),
        gettext_noop("Integrations"): (
            "create_edit_jira_issue create_edit_github_issue create_edit_gitlab_issue "
            "create_edit_azure_devops_workitem create_edit_asana_task create_edit_wrike_task "
            "create_manage_pager_duty_incident manage_integrations"
        ),
        gettext_noop("Knowledge base and portal"): (
            "manage_kb access_all_kb_sections_and_articles manage_forum manage_support_center "
            "manage_support_center_appearance manage_support_center_code_customizations "
            "manage_support_center_gdpr_settings manage_support_center_login_settings manage_support_center_seo "
            "manage_support_center_translations manage_contact_portal_preferences manage_service_catalog "
            "manage_service_catalog_items"
        ),
        gettext_noop("Administration"): (
            "manage_account_admins manage_agent_script launch_agent_script manage_billing manage_canned_actions "
            "manage_categories manage_channels manage_client_custom manage_contact_group_custom "
            "manage_custom_dashboard manage_custom_domain manage_data_privacy manage_languages "
            "manage_multibranding manage_personal_views manage_shared_views manage_priorities "
            "manage_satisfaction_surveys manage_scheduled_tickets manage_security manage_sla manage_smart_rules "
            "manage_sms manage_staff manage_staff_password unlock_staff manage_statuses manage_tags "
            "manage_task_templates manage_templates manage_ticket_custom manage_ticket_templates manage_voice "
            "view_audit_logs export_audit_logs"
        ),
    }.items()
}
PERMISSIONS: tuple[str, ...] = tuple(code for codes in PERMISSION_GROUPS.values() for code in codes)


def add_category(
    *,
    name: str,
    prefix: str,
    description: str = "",
    public: bool = True,
    time_spent_mandatory: bool = False,
) -> Category:
    """A new category. Raises Invalid."""
    _check_category(name, prefix)
    with db.write():
        category = Category.objects.create(
            name=name,
            prefix=prefix,
            description=description,
            public=public,
            time_spent_mandatory=time_spent_mandatory,
        )
        reference_data.changed()
    return category


def edit_category(
    *, category_id: int, name: str, prefix: str, description: str, public: bool, time_spent_mandatory: bool
) -> None:
    """Change all of this about a category. Raises NotFound, Invalid."""
    _check_category(name, prefix)
    values = {
        "name": name,
        "prefix": prefix,
        "description": description,
        "public": public,
        "time_spent_mandatory": time_spent_mandatory,
    }
    _edit(Category, category_id, values)


_PREFIX = re.compile(r"[A-Za-z]{1,8}", re.ASCII)


def _check_category(name: str, prefix: str) -> None:
    problems = Problems()
    problems.require("name", bool(name.strip()))
    if not _PREFIX.fullmatch(prefix):
        problems.add("prefix", "A prefix is one to eight letters, as it begins the numbers of tickets: #RW00004127.")
    problems.raise_if_any()


def _edit(model: type[Model], row_id: int, values: Mapping[str, Any]) -> None:
    """Write columns of one row of the set-up. Raises NotFound."""
    with db.write():
        if not model._default_manager.filter(pk=row_id).update(**values):
            raise NotFound(f"No {model._meta.verbose_name} has id {row_id}.")
        reference_data.changed()


def set_category_public(*, category_id: int, public: bool) -> None:
    """Let contacts see a category and write to it, or no longer. Raises NotFound."""
    _edit(Category, category_id, {"public": public})


class CategoryMail(msgspec.Struct, frozen=True, kw_only=True):
    """How a category writes and is answered; "" and None: as the desk's settings say. UNSET: as it is."""

    from_name: str | UnsetType = UNSET
    from_address: str | UnsetType = UNSET
    reply_address: str | UnsetType = UNSET
    plus_addressing: bool | None | UnsetType = UNSET


def set_category_mail(*, category_id: int, mail: CategoryMail) -> None:
    """Change how a category writes. Raises NotFound, Invalid."""
    problems = Problems()
    if mail.from_name is not UNSET and mail.from_name != mail_headers.one_line(mail.from_name, mail_headers.NAME_LIMIT):
        problems.add("from_name", f"A name is one line of at most {mail_headers.NAME_LIMIT} characters.")
    for field in ("from_address", "reply_address"):
        address = getattr(mail, field)
        if address is not UNSET and address and (found := mail_addresses.parse(address)) != Mailbox("", address):
            what = "none" if found is None else f"more than that; {found.address} is"
            problems.add(field, f"Enter a valid email address: {address} is {what}.")
    problems.raise_if_any()
    given = {f"mail_{name}": value for name, value in msgspec.structs.asdict(mail).items() if value is not UNSET}
    with db.write():
        if not Category.objects.filter(id=category_id).exists():
            raise NotFound(f"No category has id {category_id}.")
        if given:
            Category.objects.filter(id=category_id).update(**given)
            reference_data.changed()


def add_status(*, name: str, behavior: Status.Behavior, color: str, order: int, is_default: bool = False) -> Status:
    """A new status; `color` is six hex digits. The default one takes over from the one that was. Raises Invalid."""
    _check_status(name, color, behavior, is_default)
    with db.write():
        if is_default:
            Status.objects.filter(is_default=True).update(is_default=False)
        status = Status.objects.create(name=name, behavior=behavior, color=color, order=order, is_default=is_default)
        reference_data.changed()
    return status


def edit_status(*, status_id: int, name: str, color: str, order: int, is_default: bool) -> None:
    """Change a status. What it means for tickets stays: their clocks, counts and reports live by it.

    The default one gives that up only to another one. Raises NotFound, Invalid.
    """
    with db.write():
        status = _locked(Status, status_id)
        _check_status(name, color, status.behavior, is_default)
        _hand_over_default(status, is_default)
        _edit(Status, status_id, {"name": name, "color": color, "order": order, "is_default": is_default})


Row = TypeVar("Row", bound=Model)
_COLOR = re.compile(r"[0-9A-Fa-f]{6}", re.ASCII)


def _check_status(name: str, color: str, behavior: str, is_default: bool) -> None:
    problems = Problems()
    problems.require("name", bool(name.strip()))
    if not _COLOR.fullmatch(color):
        problems.add("color", "A color is six hexadecimal digits, like F2A900.")
    if is_default and behavior != Status.Behavior.PENDING:
        problems.add("is_default", "New tickets would be done before anybody has seen them.")
    problems.raise_if_any()


def _locked(model: type[Row], row_id: int) -> Row:
    row = model._default_manager.select_for_update(no_key=True).filter(pk=row_id).first()
    if row is None:
        raise NotFound(f"No {model._meta.verbose_name} has id {row_id}.")
    return row


def _hand_over_default(row: Status | Priority, is_default: bool) -> None:
    if row.is_default and not is_default:
        problems = Problems()
        problems.add("is_default", "There must be a default. Make another one the default instead.")
        problems.raise_if_any()
    if is_default:
        type(row)._default_manager.filter(is_default=True).exclude(pk=row.pk).update(is_default=False)


def add_priority(*, name: str, order: int, is_default: bool = False) -> Priority:
    """A new priority. The default one takes over from the one that was. Raises Invalid."""
    _require_name(name)
    with db.write():
        if is_default:
            Priority.objects.filter(is_default=True).update(is_default=False)
        priority = Priority.objects.create(name=name, order=order, is_default=is_default)
        reference_data.changed()
    return priority


def edit_priority(*, priority_id: int, name: str, order: int, is_default: bool) -> None:
    """Change a priority. The default one gives that up only to another one. Raises NotFound, Invalid."""
    _require_name(name)
    with db.write():
        _hand_over_default(_locked(Priority, priority_id), is_default)
        _edit(Priority, priority_id, {"name": name, "order": order, "is_default": is_default})


def _require_name(name: str) -> None:
    problems = Problems()
    problems.require("name", bool(name.strip()))
    problems.raise_if_any()


def add_role(*, name: str, permissions: Iterable[str]) -> Role:
    """A new role with some of `PERMISSIONS`. Raises IntegrityError when there is one of that name."""
    with db.write():
        role = Role.objects.create(name=name, permissions=list(permissions))
        reference_data.changed()
    return role


def edit_role(*, role_id: int, name: str, permissions: Iterable[str]) -> None:
    """Change a role and with it what its people may do. Raises NotFound, Invalid, IntegrityError for a name in use."""
    codes = list(permissions)
    problems = Problems()
    problems.require("name", bool(name.strip()))
    for code in sorted(set(codes) - set(PERMISSIONS)):
        problems.add("permissions", f"There is no permission {code}.")
    problems.raise_if_any()
    _edit(Role, role_id, {"name": name, "permissions": codes})


def delete_role(*, role_id: int) -> None:
    """Raises NotFound, Invalid when somebody has it."""
    with db.write():
        role = _locked(Role, role_id)
        if role.staff.exists():
            problems = Problems()
            problems.add("role", f"Somebody has the role {role.name}. Give them another one first.")
            problems.raise_if_any()
        role.delete()
        reference_data.changed()


def add_custom_field(
    *,
    kind: CustomField.Kind,
    name: str,
    type: CustomField.Type,
    choices: Sequence[str] = (),
    categories: Sequence[Category] = (),
    order: int = 0,
    required: bool = False,
    compulsory_on_completed: bool = False,
    compulsory_on_move: bool = False,
    visible_to_staff_only: bool = False,
    depends_on_choice: CustomFieldChoice | None = None,
) -> CustomField:
    """A new field, with its choices in the order given.

    `order` is its position, of a ticket field in each of its categories.
    """
    with db.write():
        field = CustomField.objects.create(
            kind=kind,
            name=name,
            type=type,
            order=order,
            required=required,
            compulsory_on_completed=compulsory_on_completed,
            compulsory_on_move=compulsory_on_move,
            visible_to_staff_only=visible_to_staff_only,
            depends_on_choice=depends_on_choice,
        )
        CustomFieldChoice.objects.bulk_create(
            CustomFieldChoice(field=field, text=text, order=position) for position, text in enumerate(choices)
        )
        CustomFieldCategory.objects.bulk_create(
            CustomFieldCategory(field=field, category=category, order=order) for category in categories
        )
        reference_data.changed()
    return field


def edit_custom_field(
    *,
    field_id: int,
    name: str,
    order: int,
    required: bool,
    compulsory_on_completed: bool,
    compulsory_on_move: bool,
    visible_to_staff_only: bool,
    categories: Collection[int] = (),
    depends_on_choice: int | None = None,
) -> None:
    """Change a field; its kind and type stay, as values are kept by them. Raises NotFound, Invalid.

    `categories` are ids, of a ticket field; it stands at `order` in each. Values in tickets of others stay, unseen.
    """
    with db.write():
        DeskState.objects.select_for_update().get(id=1)  # two such changes at once could close a circle
        reference = reference_data.current()
        field = {**reference.ticket_fields, **reference.contact_fields}.get(field_id)
        if field is None:
            raise NotFound(f"No custom field has id {field_id}.")
        problems = Problems()
        problems.require("name", bool(name.strip()))
        _check_dependency(field, depends_on_choice, reference, problems)
        if set(categories) - reference.categories.keys():
            problems.add("categories", NOT_A_CHOICE)
        problems.raise_if_any()
        values = {
            "name": name,
            "order": order,
            "required": required,
            "compulsory_on_completed": compulsory_on_completed,
            "compulsory_on_move": compulsory_on_move,
            "visible_to_staff_only": visible_to_staff_only,
            "depends_on_choice": depends_on_choice,
        }
        _edit(CustomField, field_id, values)
        CustomFieldCategory.objects.filter(field_id=field_id).delete()
        CustomFieldCategory.objects.bulk_create(
            CustomFieldCategory(field_id=field_id, category_id=id, order=order) for id in categories
        )


def _check_dependency(field: Field, choice_id: int | None, reference: Reference, problems: Problems) -> None:
    if choice_id is None or choice_id == field.depends_on_choice:
        return
    fields = reference.ticket_fields
    owner = next((f.id for f in fields.values() if choice_id in f.choices), None)
    if owner is None or field.id not in fields:
        problems.add("depends_on_choice", NOT_A_CHOICE)
        return
    owners = {f.id: f.depends_on_field for f in fields.values()} | {field.id: owner}
    if custom_fields.depends_on_itself(field.id, owners):
        problems.add("depends_on_choice", f"{field.name} would depend on itself.")


class WantedChoice(msgspec.Struct, frozen=True):
    """A choice as it shall be: a new one without `id`. `dependents` are ids of the fields that apply when it is
    selected; UNSET leaves them as they are."""

    id: int | None
    text: str
    dependents: Sequence[int] | UnsetType = UNSET


def replace_choices(
    *,
    field_id: int,
    choices: Sequence[WantedChoice],
    reference: Reference,
    problems: Problems | None = None,
    kind: CustomField.Kind = CustomField.Kind.TICKET,
) -> None:
    """Give a field of this kind these choices, in this order (custom-fields.md §5).

    Raises NotAllowed, NotFound, Invalid. No ticket is touched, however many hold a choice that goes: what a stored
    value still says is decided by whoever looks at it (rules/custom_fields.present).

    A field that depends on a choice that goes never applies from then on, just as if nobody had ever chosen it. The
    other ways out are worse: applying it everywhere would suddenly demand its value on every ticket, and refusing
    would keep a choice alive that its owner wants gone. It applies again when it is listed with another choice.
    """
    access.demand_whole_desk(reference)
    problems = problems or Problems()
    with db.write():
        DeskState.objects.select_for_update().get(id=1)  # two such changes at once could close a circle
        present = reference_data.current()
        fields = present.ticket_fields if kind == CustomField.Kind.TICKET else present.contact_fields
        field = fields.get(field_id)
        if field is None:
            raise NotFound
        _check_choices(field, choices, problems)
        moves = _moves(field, choices, fields, problems)
        problems.raise_if_any()
        ids = _write_choices(field, choices)
        for dependent, position in moves.items():
            choice_id = None if position is None else ids[position]
            CustomField.objects.filter(id=dependent).update(depends_on_choice_id=choice_id)
        _delete_choices(field.choices.keys() - set(ids))
        reference_data.changed()


def _check_choices(field: Field, choices: Sequence[WantedChoice], problems: Problems) -> None:
    if not field.has_choices:
        problems.add("choices", f"{field.name} is a field of type {field.type}, which has no choices.")
        return
    seen = set()
    for choice in choices:
        if choice.id is not None and choice.id not in field.choices:
            problems.add("choices", f"Select a valid choice. {choice.id} is not one of the available choices.")
        if choice.id in seen:
            problems.add("choices", f"Choice {choice.id} is listed more than once.")
        seen |= {choice.id} - {None}


def _moves(
    field: Field, choices: Sequence[WantedChoice], fields: Mapping[int, Field], problems: Problems
) -> dict[int, int | None]:
    """Which fields come to depend on which of the choices (by position), or on none any more (None)."""
    told = {choice.id for choice in choices if choice.dependents is not UNSET}
    moves: dict[int, int | None] = {f.id: None for f in fields.values() if f.depends_on_choice in told - {None}}
    for position, choice in enumerate(choices):
        listed = set(choice.dependents or ())
        if unknown := listed - fields.keys():
            problems.add("choices", f"No ticket field has id {min(unknown)}, which is listed in dependant_fields.")
        for dependent in sorted(listed & fields.keys()):
            if moves.get(dependent, position) not in {None, position}:
                problems.add("choices", f"Field {dependent} is listed with two choices; it can depend on one.")
            moves[dependent] = position
    owners = {f.id: f.depends_on_field for f in fields.values()}
    owners |= {dependent: None if position is None else field.id for dependent, position in moves.items()}
    if custom_fields.depends_on_itself(field.id, owners):
        problems.add("choices", f"{field.name} would depend on itself, through the fields in dependant_fields.")
    return moves


def _write_choices(field: Field, choices: Sequence[WantedChoice]) -> list[int]:
    """Ids of the choices, in their order."""
    rows = [
        CustomFieldChoice(id=choice.id, field_id=field.id, text=choice.text, order=position)
        for position, choice in enumerate(choices)
    ]
    CustomFieldChoice.objects.bulk_update([row for row in rows if row.id], ["text", "order"])
    CustomFieldChoice.objects.bulk_create([row for row in rows if not row.id])
    return [row.id for row in rows]


def _delete_choices(ids: Iterable[int]) -> None:
    """Those that fields depend on stay, out of sight: something must say on what."""
    CustomFieldChoice.objects.filter(id__in=list(ids)).update(deleted=True)
    CustomFieldChoice.objects.filter(deleted=True, dependent_fields__isnull=True).delete()
