"""What is sent about contacts and their groups as typed input, by the rules of api/parse (contacts.md §4 to §9)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from reynard.api.parse import LARGEST_ID, PHONE_LIMIT, Fields, whole_number
from reynard.desk.actions.contact_groups import GivenGroup, Member
from reynard.desk.actions.people import GivenContact
from reynard.desk.actions.tickets import NAME_LIMIT
from reynard.desk.errors import NOT_A_CHOICE, REQUIRED, WHOLE_REQUEST, Invalid, Problems
from reynard.desk.rules.contacts import PHONE_TYPES, PhoneEntry, digits, domains

BULK_LIMIT = 100  # contacts in one request
REMOVALS_LIMIT = 1000  # members taken out of a group in one request; the contract names no number
PHONES_LIMIT = 100  # in one request
GROUP_NAME_LIMIT = 200
DESCRIPTION_LIMIT = 10_000
DOMAINS_LIMIT = 100
DOMAIN_LIMIT = 255

_DOMAIN = re.compile(r"[^\s@,<>\x00-\x1f\x7f]+")


def contact(data: Any, problems: Problems) -> GivenContact:
    """contacts.md §4: `email` must be there; an empty one in a form is none, as a form has no null."""
    fields = Fields(data, problems)
    return _contact(fields, None if fields.was_sent_empty("email") else _email(fields))


def edit(data: Any, problems: Problems) -> GivenContact:
    """contacts.md §5."""
    fields = Fields(data, problems)
    return _contact(fields, None if fields.raw("email") in (None, "") else _email(fields))


def _contact(fields: Fields, email: str | None | UnsetType) -> GivenContact:
    login = fields.boolean("is_login_enabled")
    return GivenContact(
        email=email,
        name=_name(fields, NAME_LIMIT),
        is_login_enabled=UNSET if login is None else login,
        phones=_phones(fields),
        custom_values=fields.custom_values("c-cf", "ccf"),
    )


def group(data: Any, problems: Problems) -> GivenGroup:
    fields = Fields(data, problems)
    description = fields.text("description", limit=DESCRIPTION_LIMIT)
    return GivenGroup(
        name=_name(fields, GROUP_NAME_LIMIT),
        description=UNSET if fields.raw("description") is UNSET else description.strip(),
        domains=_domains(fields),
    )


def several(
    entries: Any, read: Callable[[Any, Problems], Any], problems: Problems, *, limit: int = BULK_LIMIT
) -> list[tuple[Any, Problems]]:
    """Each entry of a list with its own problems. Raises Invalid for none or too many."""
    if not isinstance(entries, list) or not 0 < len(entries) <= limit:
        problems.add(WHOLE_REQUEST, f"Send a list of 1 to {limit}.")
        raise Invalid(problems)
    found = []
    for entry in entries:
        own = Problems()
        if isinstance(entry, Mapping):
            found.append((read(entry, own), own))
        else:
            own.add(WHOLE_REQUEST, "Send an object.")
            found.append((None, own))
    return found


def members(data: Any, problems: Problems) -> list[tuple[Member | None, Problems]]:
    """A list of `{"contact", "access_tickets"}`, or `{"contacts": [{"id"}]}`, which leaves the access of members."""
    if isinstance(data, list):
        return several(data, lambda entry, own: _member(entry, own, "contact", default=False), problems)
    entries = Fields(data, problems).several("contacts")
    if entries is UNSET or entries is None:
        problems.add("contacts", REQUIRED)
        raise Invalid(problems)
    objects = [entry if isinstance(entry, Mapping) else {"id": entry} for entry in _listed(entries)]
    return several(objects, lambda entry, own: _member(entry, own, "id", default=UNSET), problems)


def _member(entry: Any, problems: Problems, key: str, *, default: bool | UnsetType) -> Member | None:
    """None when it does not say who."""
    fields = Fields(entry, problems)
    access = fields.boolean("access_tickets")
    contact = fields.id(key, field="contact")
    problems.require("contact", contact is not UNSET)
    return None if contact is UNSET else Member(contact, default if access is None else access)


def removals(data: Any, problems: Problems) -> list[int]:
    """The ids in `{"contacts": [ID, ...]}`."""
    entries = Fields(data, problems).several("contacts")
    if entries is UNSET or entries is None:
        problems.add("contacts", REQUIRED)
        raise Invalid(problems)
    numbers = [whole_number(entry) for entry in _listed(entries)]
    if not 0 < len(numbers) <= REMOVALS_LIMIT:
        problems.add("contacts", f"Send a list of 1 to {REMOVALS_LIMIT}.")
    ids = [number for number in numbers if number is not None and 0 < number <= LARGEST_ID]
    if len(ids) < len(numbers):
        problems.add("contacts", NOT_A_CHOICE)
    problems.raise_if_any()
    return ids


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _email(fields: Fields) -> str | UnsetType:
    return fields.email("email") or UNSET


def _name(fields: Fields, limit: int) -> str | UnsetType:
    """ "" when it was sent blank."""
    if fields.raw("name") is UNSET:
        return UNSET
    return fields.line("name", limit=limit).strip()


def _phones(fields: Fields) -> list[PhoneEntry]:
    entries = fields.several("phones")
    if entries is UNSET or entries is None:
        return []
    if not isinstance(entries, list):
        fields.problems.add("phones", "Enter a list of values.")
        return []
    if len(entries) > PHONES_LIMIT:
        fields.problems.add("phones", f"Give at most {PHONES_LIMIT} phones.")
        return []
    return [found for entry in entries if (found := _phone(entry, fields.problems))]


def _phone(entry: Any, problems: Problems) -> PhoneEntry | None:
    """Whatever is wrong with an entry is said on `phones`; None then."""
    if not isinstance(entry, Mapping):
        problems.add("phones", 'Enter objects such as {"type": "mo", "number": "+49 30 5550142"}.')
        return None
    own = Problems()
    fields = Fields(entry, own)
    id, primary = fields.id("id"), fields.boolean("is_primary")
    kind = fields.text("type").strip().lower()
    number = fields.line("number", limit=PHONE_LIMIT).strip()
    if kind and kind not in PHONE_TYPES:
        own.add("type", NOT_A_CHOICE)
    if number and not digits(number):
        own.add("number", "Enter a phone number.")
    own.require("number", bool(number) or (id is not UNSET and fields.raw("number") is UNSET))
    for _, texts in own.items():
        for text in texts:
            problems.add("phones", text)
    if own:
        return None
    return PhoneEntry(
        id=None if id is UNSET else id,
        type=kind or UNSET,
        number=number or UNSET,
        is_primary=UNSET if primary is None else primary,
    )


def _domains(fields: Fields) -> list[str] | UnsetType:
    if fields.raw("tagged_domains") is UNSET:
        return UNSET
    found = domains(",".join(fields.items("tagged_domains")))
    wrong = [item for item in found if len(item) > DOMAIN_LIMIT or not _DOMAIN.fullmatch(item)]
    if wrong:
        fields.problems.add("tagged_domains", f"Enter mail domains: {wrong[0][:DOMAIN_LIMIT]} is none.")
    if len(found) > DOMAINS_LIMIT:
        fields.problems.add("tagged_domains", f"Give at most {DOMAINS_LIMIT} domains.")
    return found
