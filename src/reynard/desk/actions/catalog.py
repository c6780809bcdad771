"""Setting a desk up: categories, statuses, priorities, roles, custom fields. One function per verb."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from reynard.desk import db
from reynard.desk.errors import NotFound, Problems
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
PERMISSIONS: tuple[str, ...] = tuple(
    # tickets
    "move_tickets move_ticket_to_any_category delete_tickets close_tickets forward_tickets assign_tickets "
    "reassign_tickets set_due_date web_reply email_reply add_tags create_and_add_tags add_existing_tags delete_tags "
    "act_on_closed edit_subject change_ticket_contact merge_tickets split_tickets relate_tickets all_tickets "
    "create_ticket_in_any_category add_call_notes trigger_manual_survey send_sms make_outgoing_calls "
    "manage_ticket_tasks edit_task_assignee edit_ticket_asset_info bulk_edit_50_tickets_or_fewer "
    "bulk_edit_more_than_50_tickets bulk_assign_tickets_in_queue show_basic_ticket_info_of_unassociated_categories "
    "view_created_tickets_in_all_categories view_subscribed_tickets_in_all_categories "
    # messages
    "edit_own_reply edit_staff_reply edit_contact_reply edit_own_note edit_staff_note delete_replies "
    "delete_attachments "
    # contacts
    "create_contacts edit_contacts manage_contacts delete_contacts export_contacts manage_contact_groups "
    "view_contacts_tab view_contact_groups_tab view_unassociated_contacts edit_unassociated_contacts "
    "delete_unassociated_contacts view_unassociated_contact_group manage_contact_password unlock_contact "
    "add_available_time_for_contact_group reduce_available_time_for_contact_group "
    # assets
    "manage_assets manage_asset_types manage_asset_fields manage_inventory manage_import_assets export_asset_info "
    # reports
    "view_reports create_edit_reports export_reports view_performance_reports view_agent_activity_reports "
    "view_sla_reports view_satisfaction_survey_reports view_time_spent_reports view_inflow_reports "
    "view_distribution_reports view_contact_reports view_contact_group_reports view_custom_field_reports "
    "view_canned_actions_reports view_smartrule_reports view_article_reports view_asset_reports "
    "view_all_categories_data_in_reports view_any_assignment_tickets_in_reports "
    # integrations
    "create_edit_jira_issue create_edit_github_issue create_edit_gitlab_issue create_edit_azure_devops_workitem "
    "create_edit_asana_task create_edit_wrike_task create_manage_pager_duty_incident manage_integrations "
    # knowledge base and portal
    "manage_kb access_all_kb_sections_and_articles manage_forum manage_support_center "
    "manage_support_center_appearance manage_support_center_code_customizations manage_support_center_gdpr_settings "
    "manage_support_center_login_settings manage_support_center_seo manage_support_center_translations "
    "manage_contact_portal_preferences manage_service_catalog manage_service_catalog_items "
    # administration
    "manage_account_admins manage_agent_script launch_agent_script manage_billing manage_canned_actions "
    "manage_categories manage_channels manage_client_custom manage_contact_group_custom manage_custom_dashboard "
    "manage_custom_domain manage_data_privacy manage_languages manage_multibranding manage_personal_views "
    "manage_shared_views manage_priorities manage_satisfaction_surveys manage_scheduled_tickets manage_security "
    "manage_sla manage_smart_rules manage_sms manage_staff manage_staff_password unlock_staff manage_statuses "
    "manage_tags manage_task_templates manage_templates manage_ticket_custom manage_ticket_templates manage_voice "
    "view_audit_logs export_audit_logs".split()
)


def add_category(
    *,
    name: str,
    prefix: str,
    description: str = "",
    public: bool = True,
    time_spent_mandatory: bool = False,
) -> Category:
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


def set_category_public(*, category_id: int, public: bool) -> None:
    """Let contacts see a category and write to it, or no longer. Raises NotFound."""
    with db.write():
        if not Category.objects.filter(id=category_id).update(public=public):
            raise NotFound(f"No category has id {category_id}.")
        reference_data.changed()


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
    """A new status; `color` is six hex digits. The default one takes over from the one that was."""
    with db.write():
        if is_default:
            Status.objects.filter(is_default=True).update(is_default=False)
        status = Status.objects.create(name=name, behavior=behavior, color=color, order=order, is_default=is_default)
        reference_data.changed()
    return status


def add_priority(*, name: str, order: int, is_default: bool = False) -> Priority:
    """A new priority. The default one takes over from the one that was."""
    with db.write():
        if is_default:
            Priority.objects.filter(is_default=True).update(is_default=False)
        priority = Priority.objects.create(name=name, order=order, is_default=is_default)
        reference_data.changed()
    return priority


def add_role(*, name: str, permissions: Iterable[str]) -> Role:
    """A new role with some of `PERMISSIONS`. Raises IntegrityError when there is one of that name."""
    with db.write():
        role = Role.objects.create(name=name, permissions=list(permissions))
        reference_data.changed()
    return role


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


class WantedChoice(msgspec.Struct, frozen=True):
    """A choice as it shall be: a new one without `id`. `dependents` are ids of the fields that apply when it is
    selected; UNSET leaves them as they are."""

    id: int | None
    text: str
    dependents: Sequence[int] | UnsetType = UNSET


def replace_choices(
    *, field_id: int, choices: Sequence[WantedChoice], reference: Reference, problems: Problems | None = None
) -> None:
    """Give a ticket field these choices, in this order (custom-fields.md §5). Raises NotAllowed, NotFound, Invalid.

    No ticket is touched, however many hold a choice that goes: what a stored value still says is decided by whoever
    looks at it (rules/custom_fields.present).

    A field that depends on a choice that goes never applies from then on, just as if nobody had ever chosen it. The
    other ways out are worse: applying it everywhere would suddenly demand its value on every ticket, and refusing
    would keep a choice alive that its owner wants gone. It applies again when it is listed with another choice.
    """
    access.demand_whole_desk(reference)
    problems = problems or Problems()
    with db.write():
        DeskState.objects.select_for_update().get(id=1)  # two such changes at once could close a circle
        fields = reference_data.current().ticket_fields
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
