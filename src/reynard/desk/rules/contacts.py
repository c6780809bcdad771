"""Addresses, domains and phone numbers of contacts: when two are the same, and what becomes of them."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from reynard.desk.errors import NOT_A_CHOICE
from reynard.desk.rules.tickets import split_list

PHONE_TYPES = ("mo", "w", "m", "h", "o")
OTHER = "o"


def email_key(email: str) -> str:
    """What makes two addresses one contact: letter case does not matter (tickets.md §6)."""
    return email.strip().casefold()


def digits(number: str) -> str:
    """A phone number as its digits, for comparing and searching (contacts.md §8)."""
    return "".join(character for character in number if character.isascii() and character.isdigit())


def domain(email: str) -> str:
    return email_key(email).rpartition("@")[2]


def domains(text: str) -> list[str]:
    """The domains in a comma-separated list, as `domain` gives them: `@Fleet.example` is `fleet.example`."""
    return split_list(",".join(item.lstrip("@") for item in split_list(text.casefold())))


class PhoneEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A phone as a client sends it. UNSET: not sent; without an id the number is there."""

    id: int | None = None
    type: str | UnsetType = UNSET
    number: str | UnsetType = UNSET
    is_primary: bool | UnsetType = UNSET


class Phone(msgspec.Struct):
    id: int | None  # None: a new one
    type: str
    number: str
    is_primary: bool


class BadPhone(Exception):
    """An entry that cannot be; the text is for the person who sent it."""


def merge_phones(present: Iterable[Phone], entries: Sequence[PhoneEntry]) -> list[Phone]:
    """The phones of a contact after a request (contacts.md §8), those present first. Raises BadPhone.

    Entries are taken in order; phones they do not mention stay. The first phone of a contact becomes the primary one
    unless its entry says no, and no contact has two.
    """
    phones = [Phone(phone.id, phone.type, phone.number, phone.is_primary) for phone in present]
    for entry in entries:
        phone = _meant(phones, entry)
        if phone is None:
            phone = Phone(None, OTHER, str(entry.number), not phones)
            phones.append(phone)
        elif entry.id is not None and entry.number is not UNSET:
            phone.number = entry.number
            if any(_same(other.number, phone.number) for other in phones if other is not phone):
                raise BadPhone("Another phone of this contact has this number.")
        if entry.type is not UNSET:
            phone.type = entry.type
        if entry.is_primary is not UNSET:
            phone.is_primary = entry.is_primary
        if entry.is_primary is True:
            for other in phones:
                other.is_primary = other is phone
    return phones


def _meant(phones: Sequence[Phone], entry: PhoneEntry) -> Phone | None:
    """The phone an entry edits; None for a new number."""
    if entry.id is None:
        return next((phone for phone in phones if _same(phone.number, str(entry.number))), None)
    found = next((phone for phone in phones if phone.id == entry.id), None)
    if found is None:
        raise BadPhone(NOT_A_CHOICE)
    return found


def _same(number: str, other: str) -> bool:
    return digits(number) == digits(other)
