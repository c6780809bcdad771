"""Writes on assets as typed input for the desk, or what is wrong with them (assets.md §2)."""

import re
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from reynard.api.parse import LARGEST_ID, PHONE_LIMIT, Fields, whole_number
from reynard.desk.actions.assets import AssetChanges, NewAsset, NewContact, NewPhone
from reynard.desk.actions.tickets import NAME_LIMIT
from reynard.desk.errors import NOT_A_CHOICE, Problems
from reynard.desk.models import ContactPhone
from reynard.desk.rules.contacts import digits

ASSET_NAME_LIMIT = 200  # characters
DISPLAY_ID_LIMIT = 200
LINKS_LIMIT = 1_000  # ids in one list
NEW_CONTACTS_LIMIT = 100
PHONES_LIMIT = 20

_ENTER_A_LIST = "Enter a list of values."
_FIELD_ID = re.compile(r"0*(\d{1,18})", re.ASCII)


def new_asset(data: Any, asset_type: str | None, problems: Problems) -> NewAsset:
    """`asset_type` is the parameter of the address."""
    fields = Fields(data, problems)
    return NewAsset(
        created_by=fields.id("created_by"),
        asset_type=type_id(asset_type, problems),
        name=fields.line("name", limit=ASSET_NAME_LIMIT),
        display_id=fields.line("display_id", limit=DISPLAY_ID_LIMIT),
        contact_ids=_or_empty(_ids(fields, "contact_ids")),
        contact_group_ids=_or_empty(_ids(fields, "contact_group_ids")),
        contacts=_contacts(fields),
        custom_values=_custom_values(fields),
    )


def asset_changes(data: Any, problems: Problems) -> AssetChanges:
    """What was not sent is UNSET; a null list counts as not sent, an empty one removes all links."""
    fields = Fields(data, problems)
    return AssetChanges(
        updated_by=fields.id("updated_by"),
        name=_if_sent(fields, "name", ASSET_NAME_LIMIT),
        display_id=_if_sent(fields, "display_id", DISPLAY_ID_LIMIT),
        contact_ids=_ids(fields, "contact_ids"),
        contact_group_ids=_ids(fields, "contact_group_ids"),
        contacts=_contacts(fields),
        custom_values=_custom_values(fields),
    )


def type_id(text: str | None, problems: Problems) -> int | None:
    """The type that an address names; None where it names none, and the first one is meant."""
    if not (text or "").strip():
        return None
    number = whole_number(text)
    if number is None or not 0 < number <= LARGEST_ID:
        problems.add("asset_type", NOT_A_CHOICE)
        return None
    return number


def _if_sent(fields: Fields, key: str, limit: int) -> str | UnsetType:
    return UNSET if fields.raw(key) is UNSET else fields.line(key, limit=limit)


def _or_empty(ids: list[int] | UnsetType) -> list[int]:
    return [] if ids is UNSET else ids


def _ids(fields: Fields, key: str) -> list[int] | UnsetType:
    """Ids as numbers or digit strings; a form cannot tell one from a list of one."""
    value = fields.several(key)
    if value is UNSET or value is None:
        return UNSET
    if fields.is_form and not isinstance(value, list):
        value = [value]
    if not isinstance(value, list):
        fields.problems.add(key, _ENTER_A_LIST)
        return UNSET
    if len(value) > LINKS_LIMIT:
        fields.problems.add(key, f"Give at most {LINKS_LIMIT} ids.")
        return UNSET
    ids = [whole_number(item) for item in value]
    for item, number in zip(value, ids, strict=True):
        if number is None or not 0 < number <= LARGEST_ID:
            shown = str(item)[:50]
            fields.problems.add(key, f"Select a valid choice. {shown} is not one of the available choices.")
            return UNSET
    return [number for number in dict.fromkeys(ids) if number is not None]


def _custom_values(fields: Fields) -> dict[int, Any]:
    """Values by field id: from `custom_fields`, and from the keys `a-cf-<id>` of older clients."""
    values = fields.custom_values("a-cf")
    given = fields.raw("custom_fields")
    if fields.is_form and isinstance(given, str):
        given = _json_object(given)
    if given is UNSET or given is None:
        return values
    if not isinstance(given, dict):
        fields.problems.add("custom_fields", "Enter a mapping of field ids to values.")
        return values
    return values | {int(m[1]): value for key, value in given.items() if (m := _FIELD_ID.fullmatch(str(key)))}


def _json_object(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


# --- contacts to be added


def _contacts(fields: Fields) -> list[NewContact]:
    given = fields.several("contacts")
    if given is UNSET or given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        fields.problems.add("contacts", "Enter a list of contacts.")
        return []
    if len(given) > NEW_CONTACTS_LIMIT:
        fields.problems.add("contacts", f"Give at most {NEW_CONTACTS_LIMIT} contacts.")
        return []
    return [_contact(entry, number, fields.problems) for number, entry in enumerate(given, start=1)]


def _contact(entry: dict[str, Any], number: int, problems: Problems) -> NewContact:
    own = Problems()
    fields = Fields(entry, own)
    contact = NewContact(
        name=fields.line("name", limit=NAME_LIMIT),
        email=fields.email("email"),
        phones=_phones(fields),
        custom_values=fields.custom_values("c-cf", "ccf"),
    )
    for field, texts in own.items():
        for text in texts:
            problems.add("contacts", f"Contact {number}, {field}: {text}")
    return contact


def _phones(fields: Fields) -> list[NewPhone]:
    """The number of `phone`, then `phones` (contacts.md §8), the one that shall be primary first."""
    number = fields.line("phone", limit=PHONE_LIMIT).strip()
    found = [(False, NewPhone(number))] if _is_number(number, "phone", fields.problems) else []
    given = fields.raw("phones")
    if given is UNSET or given is None:
        given = []
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        fields.problems.add("phones", "Enter a list of phone numbers.")
    elif len(given) > PHONES_LIMIT:
        fields.problems.add("phones", f"Give at most {PHONES_LIMIT} phone numbers.")
    else:
        found += [phone for entry in given if (phone := _phone(entry, fields.problems)) is not None]
    return [phone for _, phone in sorted(found, key=lambda phone: not phone[0])]


def _phone(entry: dict[str, Any], problems: Problems) -> tuple[bool, NewPhone] | None:
    """Whether it shall be primary, and the number."""
    own = Problems()
    fields = Fields(entry, own)
    number = fields.line("number", limit=PHONE_LIMIT).strip()
    own.require("number", bool(number))
    type_ = fields.text("type") or ContactPhone.Type.OTHER
    is_primary = bool(fields.boolean("is_primary"))
    if type_ not in ContactPhone.Type.values:
        own.add("type", NOT_A_CHOICE)
    _is_number(number, "number", own)
    for _, texts in own.items():
        for text in texts:
            problems.add("phones", text)
    return None if own else (is_primary, NewPhone(number, type_))


def _is_number(number: str, field: str, problems: Problems) -> bool:
    if number and not digits(number):
        problems.add(field, "Enter a valid phone number.")
        return False
    return bool(number)
