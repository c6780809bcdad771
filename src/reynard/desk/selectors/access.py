"""Who may do what: the one place that decides it (reference.md "Permission codes").

Account admins may do everything. Of the others three rules always hold, because they are documented: moving tickets to
a category one does not belong to, managing assets, and adding contacts while one does. Those about correcting messages,
seeing what they were, merging and splitting tickets, and setting the desk up always hold too: no existing integration
does that. The rest holds only with REYNARD_ENFORCE_PERMISSIONS, as existing integrations act as staff of any role. A
refusal is a problem of the field that names the actor (protocol.md P-09).

Before that comes what the caller's API key reaches (`Reference.key`). One that may only read, only reads. For one that
is limited to categories, tickets of others do not exist: whoever finds tickets asks `tickets_in_scope` (filters of a
list), `in_scope` (a condition of a statement) or `is_in_scope` (of one row). What belongs to no category (contacts,
groups, assets, articles, staff, custom fields) it sees whole, but for the numbers of a contact's tickets.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from django.conf import settings
from msgspec import UNSET, UnsetType

from reynard.desk import db
from reynard.desk.errors import NotAllowed, NotFound, Problems
from reynard.desk.models import Ticket, Update
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors.filters import Condition, Filters
from reynard.desk.selectors.reference import Key, Reference, StaffMember

SEE_CORRECTED = "view_audit_logs"
_ALWAYS = frozenset(
    {
        *("move_ticket_to_any_category", "manage_assets", "manage_contacts", "manage_shared_views"),
        *("edit_own_reply", "edit_staff_reply", "edit_contact_reply", "edit_own_note", "edit_staff_note"),
        *("merge_tickets", "split_tickets", "delete_replies", "delete_attachments", SEE_CORRECTED),
        *("manage_integrations", "manage_channels", "manage_canned_actions"),
    }
)


# --- what a key reaches


def demand_reach(key: Key | None, *, writes: bool, minds_categories: bool) -> None:
    """For every call, before anything else is looked at. Raises NotAllowed.

    `minds_categories`: what is called answers of, and changes, nothing in categories that the key is not limited to.
    """
    if key is None:
        return
    if key.read_only and writes:
        raise NotAllowed("This API key may only read.")
    if key.categories is not None and not minds_categories:
        raise NotAllowed("This API key is limited to certain categories, and this address is not for such keys.")


def demand_whole_desk(reference: Reference) -> None:
    """For changes of what all categories have in common. Raises NotAllowed."""
    if reference.scope is not None:
        raise NotAllowed("This API key is limited to certain categories, and this would change others too.")


def tickets_in_scope(reference: Reference) -> Filters:
    """The tickets that exist for the caller, as filters of a list."""
    return Filters(categories=reference.scope)


def in_scope(reference: Reference, column: str = "category_id") -> Condition:
    """The same as a condition for a statement; `column` has the ticket's category."""
    if reference.scope is None:
        return Condition("1 = 1")
    ids = sorted(reference.scope)
    return Condition(f"{column} IN ({db.places(ids)})" if ids else "1 = 0", tuple(ids))


def is_in_scope(category_id: int, reference: Reference) -> bool:
    """Whether a ticket of this category exists for the caller."""
    return reference.scope is None or category_id in reference.scope


# --- what a member of staff may do


def may(person: StaffMember, code: str) -> bool:
    if person.is_account_admin or code in person.permissions:
        return True
    return not (settings.REYNARD_ENFORCE_PERMISSIONS or code in _ALWAYS)


def categories_seen(person: StaffMember) -> frozenset[int] | None:
    """The categories whose tickets somebody sees on the pages; None: all of them."""
    if person.is_account_admin or "all_tickets" in person.permissions:
        return None
    return frozenset(person.category_ids)


def sees(person: StaffMember, category_id: int) -> bool:
    """Whether tickets of a category exist for somebody."""
    seen = categories_seen(person)
    return seen is None or category_id in seen


def demand(person: StaffMember | None, codes: Iterable[str], problems: Problems) -> None:
    """Add a problem for each permission that who acts does not have; None acts for nobody, or was refused before."""
    if person is None:
        return
    for code in codes:
        if not may(person, code):
            problems.add("staff", f"{person.name} may not do this: the role {person.role_name} has no {code}.")


def codes_to_move(person: StaffMember | None, target: int) -> list[str]:
    """What it takes to move a ticket to a category (tickets.md §16)."""
    if person is None or target in person.category_ids:
        return ["move_tickets"]
    return ["move_ticket_to_any_category"]


def codes_to_assign(ticket: Ticket, assignee: int | None | UnsetType) -> list[str]:
    if assignee is UNSET or assignee == ticket.assignee_id:
        return []
    return ["assign_tickets" if ticket.assignee_id is None else "reassign_tickets"]


def codes_to_tag(ticket: Ticket, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> list[str]:
    present = set(split_list(ticket.tags))
    codes = ["add_tags"] if set(add) - present - set(remove) else []
    return codes + (["delete_tags"] if set(remove) & present else [])


def codes_to_update(
    ticket: Ticket,
    reference: Reference,
    *,
    replies: bool,
    status: int | UnsetType,
    assignee: int | None | UnsetType,
    due_date: date | None | UnsetType,
    subject: str | UnsetType,
    add_tags: Sequence[str],
    remove_tags: Sequence[str],
) -> list[str]:
    """What it takes to reply in public and to change properties; those that stay as they are take nothing."""
    codes = ["web_reply"] if replies else []
    if status is not UNSET and status in reference.statuses and _completes(ticket.status_id, status, reference):
        codes.append("close_tickets")
    codes += codes_to_assign(ticket, assignee)
    if due_date is not UNSET and due_date != ticket.due_date:
        codes.append("set_due_date")
    if subject is not UNSET and subject != ticket.subject:
        codes.append("edit_subject")
    return codes + codes_to_tag(ticket, add=add_tags, remove=remove_tags)


class Written(Protocol):
    """A message of a history, as far as it matters who may correct it."""

    @property
    def author_type(self) -> str: ...
    @property
    def author_id(self) -> int | None: ...
    @property
    def message_type(self) -> str: ...


def codes_to_correct(person: StaffMember | None, update: Written, *, edits: bool, files: bool) -> list[str]:
    """What it takes to change (`edits`) or delete a message, and to take files from it."""
    codes = [_code_to_edit(person, update)] if edits else ["delete_replies"]
    return codes + (["delete_attachments"] if files else [])


def _code_to_edit(person: StaffMember | None, update: Written) -> str:
    if update.author_type == Update.Author.CONTACT:
        return "edit_contact_reply"
    own = person is not None and (update.author_type, update.author_id) == (Update.Author.STAFF, person.id)
    kind = "note" if update.message_type == Update.MessageType.PRIVATE else "reply"
    return f"edit_{'own' if own else 'staff'}_{kind}"


def _completes(old: int, new: int, reference: Reference) -> bool:
    return reference.pending(old) and not reference.pending(new)


def find_ticket(number: int, reference: Reference) -> Ticket:
    """A ticket that exists for the caller, with `contact` loaded. Raises NotFound."""
    ticket = Ticket.objects.select_related("contact").filter(id=number, deleted_at__isnull=True).first()
    if ticket is None or not is_in_scope(ticket.category_id, reference):
        raise NotFound
    return ticket
