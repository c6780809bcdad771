"""Setting a desk up: categories, statuses, priorities, roles, custom fields. One function per verb."""

from collections.abc import Iterable, Sequence

from reynard.desk import db
from reynard.desk.errors import NotFound
from reynard.desk.models import (
    Category,
    CustomField,
    CustomFieldCategory,
    CustomFieldChoice,
    Priority,
    Role,
    Status,
)
from reynard.desk.selectors import reference

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
        reference.changed()
    return category


def set_category_public(*, category_id: int, public: bool) -> None:
    """Let contacts see a category and write to it, or no longer. Raises NotFound."""
    with db.write():
        if not Category.objects.filter(id=category_id).update(public=public):
            raise NotFound(f"No category has id {category_id}.")
        reference.changed()


def add_status(*, name: str, behavior: Status.Behavior, color: str, order: int, is_default: bool = False) -> Status:
    """A new status; `color` is six hex digits. The default one takes over from the one that was."""
    with db.write():
        if is_default:
            Status.objects.filter(is_default=True).update(is_default=False)
        status = Status.objects.create(name=name, behavior=behavior, color=color, order=order, is_default=is_default)
        reference.changed()
    return status


def add_priority(*, name: str, order: int, is_default: bool = False) -> Priority:
    """A new priority. The default one takes over from the one that was."""
    with db.write():
        if is_default:
            Priority.objects.filter(is_default=True).update(is_default=False)
        priority = Priority.objects.create(name=name, order=order, is_default=is_default)
        reference.changed()
    return priority


def add_role(*, name: str, permissions: Iterable[str]) -> Role:
    """A new role with some of `PERMISSIONS`. Raises IntegrityError when there is one of that name."""
    with db.write():
        role = Role.objects.create(name=name, permissions=list(permissions))
        reference.changed()
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
        reference.changed()
    return field
