"""What staff do with assets: set up types, add, change and delete (assets.md). One function per verb.

Like the actions on tickets, each takes the problems that its door found, so that all are reported at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, models, transaction
from django.db.models import F
from msgspec import UNSET, UnsetType

from reynard.desk import db, records
from reynard.desk.actions import checks, people
from reynard.desk.errors import (
    CUSTOM_FIELD_REQUIRED,
    NOT_A_CHOICE,
    REQUIRED,
    NotFound,
    NothingToUpdate,
    Problems,
)
from reynard.desk.models import (
    Asset,
    AssetContact,
    AssetContactGroup,
    AssetField,
    AssetFieldChoice,
    AssetType,
    Contact,
    ContactGroup,
    ContactPhone,
)
from reynard.desk.rules import custom_fields
from reynard.desk.rules.contacts import email_key
from reynard.desk.selectors import access
from reynard.desk.selectors import assets as lists
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors.reference import Reference, StaffMember

MANAGE_ASSETS, MANAGE_CONTACTS = "manage_assets", "manage_contacts"
_TAKEN = "An asset with this display ID exists already."
_MAY_NOT_MANAGE = "This staff member has no permission to manage assets."
_MAY_NOT_ADD_CONTACTS = "This staff member has no permission to manage all contacts, which adding some needs."


class NewPhone(msgspec.Struct, frozen=True):
    number: str
    type: str = ContactPhone.Type.OTHER


class NewContact(msgspec.Struct, frozen=True):
    """Somebody to be linked: whoever has `email`, or a new contact; the first of `phones` becomes the primary one."""

    name: str = ""
    email: str = ""
    phones: Sequence[NewPhone] = ()
    custom_values: Mapping[int, Any] = {}


class NewAsset(msgspec.Struct, kw_only=True):
    """An asset to be added, of the first type when `asset_type` is None."""

    created_by: int | UnsetType = UNSET
    asset_type: int | None = None
    name: str = ""
    display_id: str = ""
    contact_ids: Sequence[int] = ()
    contact_group_ids: Sequence[int] = ()
    contacts: Sequence[NewContact] = ()
    custom_values: Mapping[int, Any] = {}  # field id → value as it was sent


class AssetChanges(msgspec.Struct, kw_only=True):
    """What to change of an asset. UNSET: stays. Lists of ids replace all links, `contacts` adds some."""

    updated_by: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    display_id: str | UnsetType = UNSET
    contact_ids: Sequence[int] | UnsetType = UNSET
    contact_group_ids: Sequence[int] | UnsetType = UNSET
    contacts: Sequence[NewContact] = ()
    custom_values: Mapping[int, Any] = {}

    @property
    def is_empty(self) -> bool:
        named = (self.name, self.display_id, self.contact_ids, self.contact_group_ids)
        return all(value is UNSET for value in named) and not self.contacts and not self.custom_values


# --- set-up


def add_asset_type(
    *,
    name: str,
    description: str | None = None,
    enable_ticket_association: bool = True,
    enable_contact_association: bool = True,
    enable_asset_quantity_for_ticket: bool = False,
) -> AssetType:
    with db.write():
        added = AssetType.objects.create(
            name=name,
            description=description,
            enable_ticket_association=enable_ticket_association,
            enable_contact_association=enable_contact_association,
            enable_asset_quantity_for_ticket=enable_asset_quantity_for_ticket,
        )
        reference_data.changed()
    return added


def add_asset_field(
    *, asset_type: AssetType, name: str, type: AssetField.Type, choices: Sequence[str] = (), order: int = 0
) -> AssetField:
    """A new field of the assets of a type, with its choices in the order given."""
    with db.write():
        field = AssetField.objects.create(asset_type=asset_type, name=name, type=type, order=order)
        AssetFieldChoice.objects.bulk_create(
            AssetFieldChoice(field=field, text=text, order=position) for position, text in enumerate(choices)
        )
        reference_data.changed()
    return field


# --- assets


def add_asset(new: NewAsset, *, reference: Reference, now: datetime, problems: Problems | None = None) -> int:
    """Add an asset and return its id (assets.md §2). Raises Invalid."""
    problems = problems or Problems()
    with db.write():
        type_ = lists.find_type(new.asset_type, reference)
        if type_ is None and "asset_type" not in problems:
            problems.add("asset_type", NOT_A_CHOICE)
        author = _acting_staff("created_by", new.created_by, reference, problems)
        problems.require("name", bool(new.name.strip()))
        _check_display_id(new.display_id, None, problems)
        links = _check_links(new.contact_ids, new.contact_group_ids, problems)
        known = _check_contacts(new.contacts, "created_by", author, reference, problems)
        values = _read_values(new.custom_values, type_, problems)
        problems.raise_if_any()
        assert type_ is not None
        assert author is not None
        asset = Asset(
            name=new.name.strip(),
            display_id=new.display_id.strip(),
            asset_type_id=type_.id,
            custom_values={key: value for key, value in values.items() if value is not None},
            created_by_id=author.id,
            created_at=now,
            updated_at=now,
        )
        _save(asset, problems)
        _link(asset, links, _bring_contacts(new.contacts, known, reference, now))
        _count(type_.id, 1)
    return asset.pk


def change_asset(
    asset_id: int, given: AssetChanges, *, reference: Reference, now: datetime, problems: Problems | None = None
) -> None:
    """Change what was sent, and nothing else (A-01). Raises NotFound, Invalid, NothingToUpdate."""
    problems = problems or Problems()
    with db.write():
        asset = _lock(asset_id)
        author = _acting_staff("updated_by", given.updated_by, reference, problems)
        if given.name is not UNSET:
            problems.require("name", bool(given.name.strip()))
        if given.display_id is not UNSET:
            _check_display_id(given.display_id, asset.id, problems)
        links = _check_links(given.contact_ids, given.contact_group_ids, problems)
        known = _check_contacts(given.contacts, "updated_by", author, reference, problems)
        type_ = lists.find_type(asset.asset_type_id, reference)
        values = _read_values(given.custom_values, type_, problems)
        problems.raise_if_any()
        assert author is not None
        if given.is_empty:
            raise NothingToUpdate
        _set(asset, given, values)
        asset.updated_by_id, asset.updated_at = author.id, now
        _save(asset, problems)
        _link(asset, links, _bring_contacts(given.contacts, known, reference, now))


def delete_asset(
    asset_id: int,
    *,
    deleted_by: int | UnsetType,
    reference: Reference,
    problems: Problems | None = None,
) -> None:
    """Delete an asset with its links; its display id is free again (assets.md §3). Raises NotFound, Invalid."""
    problems = problems or Problems()
    with db.write():
        asset = _lock(asset_id)
        _acting_staff("deleted_by", deleted_by, reference, problems)
        problems.raise_if_any()
        type_id = asset.asset_type_id
        asset.delete()
        _count(type_id, -1)


def _lock(asset_id: int) -> Asset:
    asset = records.load(Asset, "id = %s", [asset_id], lock=True)
    if asset is None:
        raise NotFound
    return asset


def _set(asset: Asset, given: AssetChanges, values: Mapping[str, Any]) -> None:
    if given.name is not UNSET:
        asset.name = given.name.strip()
    if given.display_id is not UNSET:
        asset.display_id = given.display_id.strip()
    merged = {**asset.custom_values, **values}
    asset.custom_values = {key: value for key, value in merged.items() if value is not None}


def _save(asset: Asset, problems: Problems) -> None:
    """Of several that take one display id at once, one gets it and the others are told. Raises Invalid."""
    try:
        with transaction.atomic():
            asset.save()
    except IntegrityError:
        problems.add("display_id", _TAKEN)
        problems.raise_if_any()


def _count(type_id: int, step: int) -> None:
    """Call it last in a transaction: all who add assets of a type meet at this row."""
    AssetType.objects.filter(id=type_id).update(assets_count=F("assets_count") + step)


# --- checking


def _acting_staff(
    field: str, staff_id: int | UnsetType, reference: Reference, problems: Problems
) -> StaffMember | None:
    """Who acts: active, and allowed to manage assets."""
    person = checks.acting_staff(staff_id, reference, problems, field=field)
    if person is None:
        return None
    if not access.may(person, MANAGE_ASSETS):
        problems.add(field, _MAY_NOT_MANAGE)
    return person


def _check_display_id(display_id: str, own_id: int | None, problems: Problems) -> None:
    text = display_id.strip()
    problems.require("display_id", bool(text))
    owner = Asset.objects.filter(display_id=text).values_list("id", flat=True).first() if text else None
    if owner not in {None, own_id}:
        problems.add("display_id", _TAKEN)


class _Links(msgspec.Struct):
    """Checked ids; UNSET leaves the links as they are."""

    contacts: Sequence[int] | UnsetType
    groups: Sequence[int] | UnsetType


def _check_links(
    contact_ids: Sequence[int] | UnsetType, group_ids: Sequence[int] | UnsetType, problems: Problems
) -> _Links:
    if contact_ids is not UNSET:
        _require_all("contact_ids", contact_ids, Contact.objects, problems)
    if group_ids is not UNSET:
        _require_all("contact_group_ids", group_ids, ContactGroup.objects, problems)
    return _Links(contact_ids, group_ids)


def _require_all(field: str, ids: Sequence[int], there: models.Manager[Any], problems: Problems) -> None:
    found = set(there.filter(id__in=ids).values_list("id", flat=True)) if ids else set()
    unknown = [id for id in ids if id not in found]
    if unknown:
        problems.add(field, f"Select a valid choice. {unknown[0]} is not one of the available choices.")


def _check_contacts(
    given: Sequence[NewContact], actor: str, author: StaffMember | None, reference: Reference, problems: Problems
) -> dict[str, Contact]:
    """The contacts that are there already, by the key of their address."""
    if given and author is not None and not access.may(author, MANAGE_CONTACTS):
        problems.add(actor, _MAY_NOT_ADD_CONTACTS)
    keys = [email_key(entry.email) for entry in given if entry.email]
    known = {row.email_key: row for row in Contact.objects.filter(email_key__in=keys)} if keys else {}
    unreadable = "contacts" in problems  # an address that is missing may be one the door could not read
    for number, entry in enumerate(given, start=1):
        if not entry.email and not entry.phones and not unreadable:
            problems.add("contacts", f"Contact {number}, email: An e-mail address or a phone number is required.")
        is_new = not entry.email or email_key(entry.email) not in known
        for field, text in _problems_of_contact(entry, reference, is_new=is_new):
            problems.add("contacts", f"Contact {number}, {field}: {text}")
    return {str(key): row for key, row in known.items()}


def _problems_of_contact(entry: NewContact, reference: Reference, *, is_new: bool) -> list[tuple[str, str]]:
    """`(field, text)` of what is missing or wrong; a contact who is there needs nothing."""
    found = []
    if is_new and not entry.name.strip():
        found.append(("name", REQUIRED))
    fields = reference.contact_fields
    values: dict[str, Any] = {}
    for field_id, raw in entry.custom_values.items():
        try:
            if field_id in fields:
                values[str(field_id)] = custom_fields.read_value(fields[field_id], raw)
        except custom_fields.BadValue as error:
            found.append((fields[field_id].name, str(error)))
    if is_new:
        demanded = [field for field in fields.values() if field.required]
        missing = custom_fields.missing(demanded, fields, values)
        found += [(field.name, CUSTOM_FIELD_REQUIRED) for field in missing]
    return found


def _read_values(given: Mapping[int, Any], type_: lists.Type | None, problems: Problems) -> dict[str, Any]:
    """Valid values by field id as text; fields the type does not have are ignored, as everywhere (F-03)."""
    fields = type_.fields if type_ else {}
    values: dict[str, Any] = {}
    for field_id, raw in given.items():
        if field_id not in fields:
            continue
        try:
            values[str(field_id)] = custom_fields.read_value(fields[field_id], raw)
        except custom_fields.BadChoice as error:
            problems.add(f"asset_field:{field_id}", f"Provide a valid choice. {error.reason}")
        except custom_fields.BadValue as error:
            problems.add(f"asset_field:{field_id}", str(error))
    return values


# --- links


def _bring_contacts(
    given: Sequence[NewContact], known: Mapping[str, Contact], reference: Reference, now: datetime
) -> list[int]:
    """The ids of contacts that were found or added."""
    return [_bring_contact(entry, known, reference, now).id for entry in given]


def _bring_contact(entry: NewContact, known: Mapping[str, Contact], reference: Reference, now: datetime) -> Contact:
    there = known.get(email_key(entry.email)) if entry.email else None
    if there is not None:
        return there
    values = {
        str(field_id): custom_fields.read_value(reference.contact_fields[field_id], raw)
        for field_id, raw in entry.custom_values.items()
        if field_id in reference.contact_fields
    }
    name = entry.name.strip()
    if entry.email:
        contact, _ = people.find_or_add_contact(
            name=name, email=entry.email, custom_values=values, reference=reference, now=now
        )
    else:
        contact = people.add_contact(name=name, email=None, custom_values=values, reference=reference, now=now)
    for phone in entry.phones:
        people.add_phone(contact, phone.number, type=phone.type, now=now)
    return contact


def _link(asset: Asset, links: _Links, added: Sequence[int]) -> None:
    if links.contacts is not UNSET:
        _replace(AssetContact, asset, "contact_id", links.contacts)
    if links.groups is not UNSET:
        _replace(AssetContactGroup, asset, "group_id", links.groups)
    if added:
        _add_links(AssetContact, asset, "contact_id", added)


def _replace(link: Any, asset: Asset, column: str, ids: Sequence[int]) -> None:
    link.objects.filter(asset=asset).exclude(**{f"{column}__in": list(ids)}).delete()
    _add_links(link, asset, column, ids)


def _add_links(link: Any, asset: Asset, column: str, ids: Sequence[int]) -> None:
    """Those that are there already stay."""
    rows = [link(asset_id=asset.id, **{column: id}) for id in dict.fromkeys(ids)]
    link.objects.bulk_create(rows, ignore_conflicts=True)
