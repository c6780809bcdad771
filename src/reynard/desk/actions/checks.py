"""What several actions look for and check: the ticket, who acts, assignees, values of custom fields.

Checks add to `problems`; nothing is raised for the first one.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from reynard.desk import records
from reynard.desk.errors import CUSTOM_FIELD_REQUIRED, NOT_A_CHOICE, Changed, NotFound, Problems
from reynard.desk.models import Ticket
from reynard.desk.rules import custom_fields
from reynard.desk.rules.custom_fields import Field
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference, StaffMember

RawValues = Mapping[int, Any]  # field id → value as it was sent


def lock_ticket(number: int, expected_versions: frozenset[int] | None, reference: Reference) -> Ticket:
    """The ticket as it is now, if it exists for the caller; other writers of it wait until this transaction ends.

    Raises NotFound, Changed.
    """
    ticket = records.load(Ticket, "id = %s AND deleted_at IS NULL", [number], lock=True)
    if ticket is None or not access.is_in_scope(ticket.category_id, reference):
        raise NotFound
    if expected_versions is not None and ticket.version not in expected_versions:
        raise Changed
    return ticket


def acting_staff(
    staff_id: int | UnsetType, reference: Reference, problems: Problems, *, field: str = "staff", needed: bool = True
) -> StaffMember | None:
    """Who acts: an active staff member (reference.md "Staff"), the one of the caller's key where nobody was named.

    None when there is nobody: a problem of `field` if somebody is `needed`.
    """
    if staff_id is UNSET and field not in problems and reference.key and reference.key.staff_id is not None:
        return _staff_of_key(reference.staff[reference.key.staff_id], field, problems)
    if needed:
        problems.require(field, staff_id is not UNSET)
    if staff_id is UNSET:
        return None
    person = reference.staff.get(staff_id)
    if person is None or not person.active:
        problems.add(field, NOT_A_CHOICE)
        return None
    return person


def _staff_of_key(person: StaffMember, field: str, problems: Problems) -> StaffMember | None:
    if person.active:
        return person
    problems.add(field, f"This API key acts for {person.name}, who is not active any more. Name somebody who is.")
    return None


def check_assignee(
    staff_id: int | None | UnsetType, present: int | None, reference: Reference, problems: Problems
) -> None:
    """Work goes to active staff only; whoever has the ticket already may keep it."""
    if staff_id is None or staff_id is UNSET or staff_id == present:
        return
    person = reference.staff.get(staff_id)
    if person is None or not person.active:
        problems.add("assignee", NOT_A_CHOICE)


def require_message(sent: bool, problems: Problems) -> None:
    """A message must be there; not said again about one that could not be read."""
    if "html" not in problems and "markdown" not in problems:
        problems.require("text", sent)


def read_values(given: RawValues, fields: Mapping[int, Field], kind: str, problems: Problems) -> dict[str, Any]:
    """Valid values by field id as text; unknown fields are ignored (F-03)."""
    values: dict[str, Any] = {}
    for field_id, raw in given.items():
        field = fields.get(field_id)
        if field is None:
            continue
        try:
            values[str(field_id)] = custom_fields.read_value(field, raw)
        except custom_fields.BadValue as error:
            problems.add(f"{kind}:{field_id}", str(error))
    return values


def demand_values(fields: Mapping[int, Field], values: Mapping[str, Any], kind: str, problems: Problems) -> None:
    """The required fields that apply must have a value (custom-fields.md §4)."""
    for field in custom_fields.missing((f for f in fields.values() if f.required), fields, values):
        problems.require(f"{kind}:{field.id}", False, CUSTOM_FIELD_REQUIRED)


def refuse_emptied(
    values: Mapping[str, Any], present: Mapping[str, Any], fields: Mapping[int, Field], kind: str, problems: Problems
) -> None:
    """A required field cannot be emptied while it applies (custom-fields.md §2, §4)."""
    emptied = [fields[int(key)] for key in values if fields[int(key)].required]
    for field in custom_fields.missing(emptied, fields, {**present, **values}):
        problems.add(f"{kind}:{field.id}", CUSTOM_FIELD_REQUIRED)
