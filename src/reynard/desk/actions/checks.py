"""What several actions look for and check: values of custom fields.

Checks add to `problems`; nothing is raised for the first one.
"""

from collections.abc import Mapping
from typing import Any

from reynard.desk.errors import CUSTOM_FIELD_REQUIRED, Problems
from reynard.desk.rules import custom_fields
from reynard.desk.rules.custom_fields import Field

RawValues = Mapping[int, Any]  # field id → value as it was sent


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
