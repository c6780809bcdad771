"""Custom fields: reading a value, when a field applies, when it is demanded (custom-fields.md §2 to §4).

Values are kept as JSON in one document per ticket or contact, `{"<field id>": value}`; an empty field has no key:

    text             "54 cm"          number           300 or 2.5
    choice           4 (choice id)    multiple_choice  [4, 6] (choice ids, in the order of the field)
    date             "2026-03-20"
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

import msgspec

from reynard.desk.rules.dates import BadDate, read_date, read_searched_day

TEXT_LIMIT = 10_000  # characters
SEARCH_KEY_LIMIT = 200  # characters of a text that is found by itself
NUMBER_LIMIT = 10**15  # digits beyond it do not survive a float
_DECIMALS = Decimal("0.01")

Values = Mapping[str, Any]


class Choice(msgspec.Struct, frozen=True):
    id: int
    text: str


class Field(msgspec.Struct, frozen=True):
    """A definition. `choices` and `categories` (category id → position there) are in display order."""

    id: int
    kind: str
    name: str
    type: str
    required: bool = False
    compulsory_on_completed: bool = False
    compulsory_on_move: bool = False
    visible_to_staff_only: bool = False
    order: int = 0
    depends_on_choice: int | None = None
    depends_on_field: int | None = None  # the field that owns that choice
    choices: dict[int, Choice] = {}
    categories: dict[int, int] = {}

    @property
    def has_choices(self) -> bool:
        return self.type in {"choice", "multiple_choice", "dropdown", "multiple_option"}


class FormValue(msgspec.Struct, frozen=True):
    """What a form sent under one key, where everything is text and may be repeated: the type of the field decides."""

    last: str
    several: list[Any]


class BadValue(Exception):
    """A value the field cannot take; the text is for the person who sent it."""


class BadChoice(BadValue):
    """No choice of the field. `reason` goes after the words that differ from one kind of field to the other."""

    def __init__(self, given: Any) -> None:
        self.reason = f"{_shown(given)} is not one of the available choices."
        super().__init__(f"Select a valid choice. {self.reason}")


def read_value(field: Field, given: Any) -> Any:
    """What to store for a value as a client sent it; None clears the field. Raises BadValue."""
    if isinstance(given, FormValue):
        given = given.several if field.type in {"multiple_choice", "multiple_option"} else given.last
    if given is None or given == "" or given == []:
        return None
    return _READERS[field.type](field, given)


def _read_text(field: Field, given: Any) -> str | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float | date):
        raise BadValue("Enter a text.")
    text = str(given)
    if "\x00" in text:
        raise BadValue("Null characters are not allowed.")
    if len(text) > TEXT_LIMIT:
        raise BadValue(f"Ensure this value has at most {TEXT_LIMIT} characters (it has {len(text)}).")
    return text


def _read_number(field: Field, given: Any) -> int | float:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise BadValue("Enter a number.")
    try:
        number = Decimal(str(given).strip())
    except InvalidOperation:
        raise BadValue("Enter a number.") from None
    if not number.is_finite():
        raise BadValue("Enter a number.")
    if abs(number) >= NUMBER_LIMIT:
        raise BadValue("Enter a number of at most 15 digits.")
    if number != number.quantize(_DECIMALS):
        raise BadValue("Ensure that there are no more than 2 decimal places.")
    return int(number) if number == number.to_integral_value() else float(number)


def _read_date(field: Field, given: Any) -> str:
    try:
        return read_date(given).isoformat()
    except BadDate as error:
        raise BadValue(str(error)) from None


def _read_choice(field: Field, given: Any) -> int:
    if isinstance(given, list) and len(given) == 1:  # from clients that send every value as a list
        given = given[0]
    return _choice(field, given)


def _read_choices(field: Field, given: Any) -> list[int] | None:
    wanted = given if isinstance(given, list) else [given]
    chosen = {_choice(field, item) for item in wanted if item is not None and item != ""}
    return [choice for choice in field.choices if choice in chosen] or None


def _choice(field: Field, given: Any) -> int:
    choice = find_choice(field, given)
    if choice is None:
        raise BadChoice(given)
    return choice


_READERS = {
    "text": _read_text,
    "number": _read_number,
    "choice": _read_choice,
    "multiple_choice": _read_choices,
    "date": _read_date,
    # What fields of assets call the same (assets.md §1).
    "textarea": _read_text,
    "dropdown": _read_choice,
    "multiple_option": _read_choices,
}


def find_choice(field: Field, given: Any) -> int | None:
    """The choice meant by an id, a digit string or a label: exact, then in any letter case (§2)."""
    if isinstance(given, bool) or not isinstance(given, str | int):
        return None
    text = str(given).strip()
    if text.isascii() and text.isdigit() and len(text) < 19 and int(text) in field.choices:
        return int(text)
    for same in (lambda label: label == text, lambda label: label.casefold() == text.casefold()):
        for choice in field.choices.values():
            if same(choice.text):
                return choice.id
    return None


def _shown(given: Any) -> str:
    text = str(given)
    return text if len(text) <= 50 else text[:50] + "…"


def applies(field: Field, fields: Mapping[int, Field], values: Values) -> bool:
    """Whether a field of the right category applies: the choice it depends on is selected, all the way up."""
    seen: set[int] = set()
    while field.depends_on_choice is not None:
        owner = fields.get(field.depends_on_field or 0)
        if owner is None or owner.id in seen:
            return False
        if field.depends_on_choice not in owner.choices:  # deleted, so nobody can have chosen it
            return False
        if not _is_chosen(values.get(str(owner.id)), field.depends_on_choice):
            return False
        seen.add(owner.id)
        field = owner
    return True


def depends_on_itself(field_id: int, owners: Mapping[int, int | None]) -> bool:
    """Whether a field would apply only if it applies; `owners` maps fields to those whose choice they depend on."""
    seen: set[int] = set()
    above = owners.get(field_id)
    while above is not None and above not in seen:
        seen.add(above)
        above = owners.get(above)
    return field_id in seen


def _is_chosen(value: Any, choice: int) -> bool:
    return choice in value if isinstance(value, list) else value == choice


def missing(demanded: Iterable[Field], fields: Mapping[int, Field], values: Values) -> list[Field]:
    """Those of the demanded fields that apply and have no value."""
    return [f for f in demanded if present(f, values.get(str(f.id))) is None and applies(f, fields, values)]


def present(field: Field, value: Any) -> Any:
    """A stored value without choices that were deleted since, in the field's order; None when nothing is left (F-04).

    Values are stored with tickets, and deleting a choice rewrites none of them: whoever looks at a stored value asks
    here what it still says.
    """
    if value is None or not field.has_choices:
        return value
    if field.type == "choice":
        return value if value in field.choices else None
    chosen = [item for item in value if item in field.choices]
    return chosen if len(chosen) == 1 else [choice for choice in field.choices if choice in chosen] or None


def shown(field: Field, value: Any) -> tuple[Any, Any]:
    """`(value, value_id)` as readers get them (§2); a deleted choice is not shown (F-04)."""
    value = present(field, value)
    if value is None or not field.has_choices:
        return value, None
    if field.type == "choice":
        return field.choices[value].text, value
    return [field.choices[item].text for item in value], value


def shown_as_text(field: Field, value: Any) -> str:
    """A value in the words of the history; "" when empty (tickets.md §1.2)."""
    label, _ = shown(field, value)
    if label is None:
        return ""
    return ", ".join(label) if isinstance(label, list) else str(label)


def search_keys(field: Field, value: Any) -> list[str]:
    """What a stored value is found by: texts in one letter case, numbers in one spelling, choices by id."""
    if value is None:
        return []
    if field.type == "multiple_choice":
        return [str(choice) for choice in value]
    if field.type == "number":
        return [_number_key(Decimal(str(value)))]
    return [_text_key(value) if field.type == "text" else str(value)]


def wanted_keys(field: Field, text: str) -> list[str]:
    """The keys of the values that a search for `text` means (tickets.md §3.2); none for an impossible value."""
    if field.has_choices:
        return [str(c.id) for c in field.choices.values() if c.text.strip().casefold() == text.strip().casefold()]
    if field.type == "number":
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            return []
        return [_number_key(number)] if number.is_finite() and abs(number) < NUMBER_LIMIT else []
    if field.type == "date":
        return [day.isoformat()] if (day := read_searched_day(text, month_first=True)) else []
    return [_text_key(text)]


def _number_key(number: Decimal) -> str:
    return f"{number.quantize(_DECIMALS):f}"


def _text_key(text: str) -> str:
    """Whole values are compared (T-12); long ones by their hash, so that an index takes them."""
    key = text.strip().casefold()
    return key if len(key) <= SEARCH_KEY_LIMIT else "sha256:" + sha256(key.encode("utf-8", "replace")).hexdigest()
