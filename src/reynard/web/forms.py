"""What pages send, read once: ids, custom fields, moments; and what the desk answers, as sentences by field."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET

from reynard.desk.errors import Invalid, Refused
from reynard.web.access import StaffRequest

_FIELD = "field-"


def now() -> datetime:
    return datetime.now(UTC)


def is_id(text: str) -> bool:
    """Whether a text is a number that can name something."""
    return text.isascii() and text.isdigit() and len(text) < 19


def number(text: str) -> int | None:
    """The number that a text is, if it can name something."""
    return int(text) if is_id(text) else None


def numbers(texts: Iterable[str]) -> list[int]:
    """Those of several texts; others are left out."""
    return [int(text) for text in texts if is_id(text)]


def id(request: StaffRequest, name: str) -> Any:
    """A number that names something; UNSET for anything else."""
    given = request.POST.get(name, "")
    return int(given) if is_id(given) else UNSET


def name_of(field_id: int) -> str:
    return f"{_FIELD}{field_id}"


def custom_values(request: StaffRequest) -> dict[int, Any]:
    """The custom fields of a form by id, as they were sent (`field-9`; with `many-field-9` a list)."""
    names = [name for name in request.POST if name.startswith(_FIELD) and is_id(name.removeprefix(_FIELD))]
    return {int(name.removeprefix(_FIELD)): _value(request, name) for name in names}


def _value(request: StaffRequest, name: str) -> Any:
    values = [value for value in request.POST.getlist(name) if value]
    if f"many-{name}" in request.POST or len(values) > 1:
        return values
    return values[0] if values else ""


def sentences(error: Invalid | Refused, request: StaffRequest) -> dict[str, str]:
    """What is wrong, by field; custom fields by their names."""
    items = error.fields.items() if isinstance(error, Refused) else error.problems.items()
    found = {}
    for field, texts in items:
        sentence = texts if isinstance(texts, str) else " ".join(texts)
        kind, _colon, number = field.partition(":")
        known = request.reference.ticket_fields.get(int(number)) if kind == "ticket_field" and is_id(number) else None
        found[name_of(known.id) if known else field] = f"{known.name}: {sentence}" if known else sentence
    return found


def back(request: StaffRequest) -> str:
    """Where the form says it came from, if that is a page of the inbox."""
    return safe_back(request.POST.get("back", ""))


def safe_back(given: str) -> str:
    """An address that came with a request, if it is that of a page of the inbox."""
    parts = urlsplit(given)
    return given if not parts.scheme and not parts.netloc and given.startswith("/inbox/") else "/inbox/"
