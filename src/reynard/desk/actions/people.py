"""Contacts, staff and API keys: finding, adding, changing them."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from msgspec import UNSET, UnsetType

from reynard.desk import db, records
from reynard.desk.actions import changes, checks, indexing
from reynard.desk.actions.checks import RawValues
from reynard.desk.errors import NOT_A_CHOICE, Invalid, NotFound, Problems
from reynard.desk.models import (
    ApiKey,
    Contact,
    ContactPhone,
    GroupDomain,
    GroupMembership,
    Role,
    Staff,
)
from reynard.desk.rules.contacts import BadPhone, Phone, PhoneEntry, digits, domain, email_key, merge_phones
from reynard.desk.rules.history import FieldChange
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors.reference import Reference

KEY_NAME_LIMIT = 100


class GivenContact(msgspec.Struct, kw_only=True):
    """What somebody sent about a contact. UNSET: not sent."""

    email: str | None | UnsetType = UNSET  # None: sent as none
    name: str | UnsetType = UNSET
    is_login_enabled: bool | UnsetType = UNSET
    phones: Sequence[PhoneEntry] = ()
    custom_values: RawValues = {}


# --- finding, and locking


def find_by_email(email: str) -> Contact | None:
    return records.load(Contact, "email_key = %s", [email_key(email)])


def lock_contact(contact: int | str) -> Contact:
    """The contact with this id or address as it is now; nobody else changes it in this transaction. Raises NotFound."""
    condition, value = ("id", contact) if isinstance(contact, int) else ("email_key", email_key(contact))
    found = records.load(Contact, f"{condition} = %s", [value], lock=True)
    if found is None:
        raise NotFound
    return found


def lock_contacts(ids: Iterable[int]) -> set[int]:
    """Lock several contacts; returns the ids that exist.

    They are taken in the order of their ids: two writers of the same contacts wait for each other in one direction.
    """
    rows = Contact.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id")
    return set(rows.values_list("id", flat=True))


def changed(contact_ids: Collection[int], *, now: datetime, findable: bool = True, **values: Any) -> None:
    """Every change of contacts ends here, with their phones, values and memberships written: `values` are columns.

    The version names what a reader sees of the contact, also in tickets. `findable`: something they are found by
    may be another one now.
    """
    Contact.objects.filter(id__in=contact_ids).update(updated_at=now, version=F("version") + 1, **values)
    if findable:
        indexing.put_contacts(list(Contact.objects.filter(id__in=contact_ids)), reference_data.current())


# --- adding


def find_or_add_contact(
    *, name: str, email: str, custom_values: Mapping[str, Any], reference: Reference, now: datetime
) -> tuple[Contact, bool]:
    """The contact with this address, added when there is none; True when this call added it.

    Of several callers that add one address at once, one adds it and the others find it.
    """
    contact = find_by_email(email)
    if contact is not None:
        return contact, False
    try:
        with transaction.atomic():
            return add_contact(name=name, email=email, custom_values=custom_values, reference=reference, now=now), True
    except IntegrityError:
        return Contact.objects.get(email_key=email_key(email)), False


def add_contact(
    *,
    name: str,
    email: str | None,
    now: datetime,
    custom_values: Mapping[str, Any] | None = None,
    is_login_enabled: bool = True,
    phones: Sequence[Phone] = (),
    reference: Reference | None = None,
) -> Contact:
    """A new contact with valid values; joins the groups that claim the domain of its address (contacts.md §9).

    Raises IntegrityError when the address belongs to somebody already.
    """
    contact = Contact.objects.create(
        name=name,
        email=email,
        email_key=email_key(email) if email else None,
        is_login_enabled=is_login_enabled,
        custom_values={key: value for key, value in (custom_values or {}).items() if value is not None},
        created_at=now,
        updated_at=now,
    )
    if email:
        _join_groups_of_domain(contact, domain(email))
    if phones:
        _write_phones(contact, {}, phones)
    indexing.add_contact(contact, [digits(phone.number) for phone in phones], reference or reference_data.current())
    return contact


def _join_groups_of_domain(contact: Contact, address_domain: str) -> None:
    claiming = GroupDomain.objects.filter(domain=address_domain).order_by("group_id")
    GroupMembership.objects.bulk_create(
        GroupMembership(contact=contact, group_id=group_id) for group_id in claiming.values_list("group_id", flat=True)
    )


def add_phone(contact: Contact, number: str, *, now: datetime, type: str = ContactPhone.Type.OTHER) -> bool:
    """Add a number unless the contact has it, digits compared; the first one becomes the primary one."""
    present = list(contact.phones.values_list("digits", flat=True))
    if digits(number) in present:
        return False
    contact.phones.create(type=type, number=number, digits=digits(number), is_primary=not present)
    changed([contact.id], now=now)
    return True


def set_contact_values(
    contact: Contact, wanted: Mapping[str, Any], *, reference: Reference, now: datetime
) -> list[FieldChange]:
    """Set the custom fields that were sent; the others keep their values. Returns what changed."""
    found = changes.set_values(contact.custom_values, wanted, reference.contact_fields)
    if found:
        changed([contact.id], now=now, custom_values=contact.custom_values)
    return found


# --- adding or editing


def save_contact(
    given: GivenContact,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    keep_unsent: bool = False,
) -> Contact:
    """Add a contact, or edit the one with this address (contacts.md §4). Raises Invalid.

    An edit empties the custom fields that were not sent, unless the caller or the desk (REYNARD_CONTACT_RESET) keeps
    them. Required ones are kept in any case, as nobody may empty them.
    """
    problems = problems or Problems()
    with db.write():
        contact = _lock_meant(given, problems)
        if contact is None:
            contact = _add_unless_there(given, reference, now, problems)
            if contact is not None:
                return contact
            contact = lock_contact(str(given.email))  # somebody added it at this moment
        known = msgspec.structs.replace(given, email=UNSET)  # it says who is meant and changes nothing
        reset = settings.REYNARD_CONTACT_RESET and not keep_unsent
        return _edit(contact, known, reference, now, problems, reset=reset)


def save_contacts(
    several: Sequence[tuple[GivenContact | None, Problems]],
    *,
    reference: Reference,
    now: datetime,
    keep_unsent: bool = False,
) -> list[Contact | Problems]:
    """Many contacts as by `save_contact`, in order: for each the contact, or what is wrong with it (contacts.md §6).

    What is None could not be read at all. An item that is refused leaves nothing behind.
    """
    outcomes: list[Contact | Problems] = []
    with db.write():
        db.take_bulk_turn()
        _lock_all_meant([given for given, _ in several if given is not None])
        for given, problems in several:
            if given is None:
                outcomes.append(problems)
                continue
            try:
                with transaction.atomic():
                    contact = save_contact(
                        given, reference=reference, now=now, problems=problems, keep_unsent=keep_unsent
                    )
                outcomes.append(contact)
            except Invalid as error:
                outcomes.append(error.problems)
    return outcomes


def edit_contact(
    contact: int | str,
    given: GivenContact,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
) -> Contact:
    """Change what was sent of the contact with this id or address (contacts.md §5). Raises NotFound, Invalid."""
    with db.write():
        return _edit(lock_contact(contact), given, reference, now, problems or Problems(), reset=False)


def _lock_meant(given: GivenContact, problems: Problems) -> Contact | None:
    """The contact an entry of `users/` is about, locked; None for one to be added."""
    if isinstance(given.email, str):
        return records.load(Contact, "email_key = %s", [email_key(given.email)], lock=True)
    problems.require("email", given.email is None and bool(given.phones or "phones" in problems))
    ids = {phone.id for phone in given.phones if phone.id is not None}
    if not ids:
        return None
    owners = list(ContactPhone.objects.filter(id__in=ids).values_list("contact_id", flat=True))
    if len(owners) < len(ids) or len(set(owners)) > 1:
        problems.add("phones", NOT_A_CHOICE)
        problems.raise_if_any()
    return lock_contact(owners[0])


def _lock_all_meant(several: Sequence[GivenContact]) -> None:
    keys = {email_key(given.email) for given in several if isinstance(given.email, str)}
    phones = {phone.id for given in several for phone in given.phones if phone.id is not None}
    by_address = Contact.objects.filter(email_key__in=keys).values_list("id", flat=True)
    by_phone = ContactPhone.objects.filter(id__in=phones).values_list("contact_id", flat=True)
    lock_contacts({*by_address, *by_phone})


def _add_unless_there(given: GivenContact, reference: Reference, now: datetime, problems: Problems) -> Contact | None:
    """The contact added; None when another writer was first with its address."""
    fields = reference.contact_fields
    values = checks.read_values(given.custom_values, fields, "contact_field", problems)
    checks.demand_values(fields, values, "contact_field", problems)
    problems.require("name", given.name is not UNSET and bool(given.name))
    phones = _merged([], given, problems)
    problems.raise_if_any()
    try:
        with transaction.atomic():
            return add_contact(
                name=str(given.name),
                email=given.email or None,
                now=now,
                custom_values=values,
                is_login_enabled=given.is_login_enabled is not False,
                phones=phones,
                reference=reference,
            )
    except IntegrityError:
        return None


def _edit(
    contact: Contact,
    given: GivenContact,
    reference: Reference,
    now: datetime,
    problems: Problems,
    *,
    reset: bool,
) -> Contact:
    """Change a locked contact; one that is as it was stays untouched."""
    wanted = _wanted_values(contact, given, reference, problems, reset=reset)
    before = {phone.id: phone for phone in contact.phones.order_by("id")}
    phones = _merged([Phone(row.id, row.type, row.number, row.is_primary) for row in before.values()], given, problems)
    columns = _changed_columns(contact, given)
    if given.name is not UNSET:
        problems.require("name", bool(given.name))
    if given.email is None:
        problems.require("email", bool(phones) or "phones" in problems)
    problems.raise_if_any()
    if changes.set_values(contact.custom_values, wanted, reference.contact_fields):
        columns["custom_values"] = contact.custom_values
    if _write_phones(contact, before, phones) or columns:
        _write_columns(contact, columns, now, problems)
    return contact


def _wanted_values(
    contact: Contact, given: GivenContact, reference: Reference, problems: Problems, *, reset: bool
) -> dict[str, Any]:
    fields = reference.contact_fields
    wanted = checks.read_values(given.custom_values, fields, "contact_field", problems)
    checks.refuse_emptied(wanted, contact.custom_values, fields, "contact_field", problems)
    if not reset:
        return wanted
    unsent = {field.id for field in fields.values() if not field.required} - given.custom_values.keys()
    return wanted | {key: None for key in contact.custom_values if int(key) in unsent}


def _changed_columns(contact: Contact, given: GivenContact) -> dict[str, Any]:
    """What was sent and differs, by column."""
    columns: dict[str, Any] = {}
    if given.name is not UNSET and given.name != contact.name:
        columns["name"] = given.name
    if given.email is not UNSET and given.email != contact.email:
        columns |= {"email": given.email, "email_key": email_key(given.email) if given.email else None}
    if given.is_login_enabled is not UNSET and given.is_login_enabled != contact.is_login_enabled:
        columns["is_login_enabled"] = given.is_login_enabled
    return columns


def _write_columns(contact: Contact, columns: Mapping[str, Any], now: datetime, problems: Problems) -> None:
    try:
        with transaction.atomic():
            changed([contact.id], now=now, **columns)
    except IntegrityError:
        problems.add("email", "Another contact has this email address.")
        raise Invalid(problems) from None
    for name, value in columns.items():
        setattr(contact, name, value)


def _merged(present: Iterable[Phone], given: GivenContact, problems: Problems) -> list[Phone]:
    try:
        return merge_phones(present, given.phones)
    except BadPhone as error:
        problems.add("phones", str(error))
        return []


def _write_phones(contact: Contact, before: Mapping[int, ContactPhone], phones: Sequence[Phone]) -> bool:
    """Write the phones that differ, in their order; True when any did."""
    primary = next((phone.id for phone in phones if phone.is_primary), None)
    demoted = [id for id, row in before.items() if row.is_primary and id != primary]
    if demoted:
        contact.phones.filter(id__in=demoted).update(is_primary=False)  # first, as a contact has one at any moment
    written = bool(demoted)
    for phone in phones:
        row = ContactPhone(contact=contact) if phone.id is None else before[phone.id]
        if phone.id is None or (row.type, row.number, row.is_primary) != (phone.type, phone.number, phone.is_primary):
            row.type, row.number, row.is_primary = phone.type, phone.number, phone.is_primary
            row.digits = digits(phone.number)
            row.save()
            written = True
    return written


# --- API keys and staff


class Credentials(msgspec.Struct, frozen=True):
    """What an integration needs; the auth code is shown once and not kept."""

    name: str
    api_key: str
    auth_code: str


def create_api_key(
    *,
    name: str,
    now: datetime,
    staff: Staff | None = None,
    read_only: bool = False,
    categories: Collection[int] | None = None,
) -> Credentials:
    """A key and a 256-bit auth code. As the code is random, one SHA-256 of it is as good as a slow hash.

    `staff` acts where a request names nobody. `categories` are ids; None is no limit. Raises Invalid.
    """
    problems = Problems()
    name = " ".join(name.split())
    if not 0 < len(name) <= KEY_NAME_LIMIT:
        problems.add("name", f"Give the key a name of at most {KEY_NAME_LIMIT} characters.")
    _check_scope(categories, problems)
    problems.raise_if_any()
    fresh = Credentials(name=name, api_key=secrets.token_hex(16), auth_code=secrets.token_urlsafe(32))
    with db.write():
        added = ApiKey.objects.create(
            name=name,
            key=fresh.api_key,
            auth_code_sha256=hashlib.sha256(fresh.auth_code.encode()).hexdigest(),
            staff=staff,
            read_only=read_only,
            is_limited=categories is not None,
            created_at=now,
        )
        added.categories.set(categories or ())
        reference_data.changed()
    return fresh


def _check_scope(categories: Collection[int] | None, problems: Problems) -> None:
    known = reference_data.current().categories
    if categories is not None and not categories:
        problems.add("categories", "A key that is limited to no category at all could do nothing. Give at least one.")
    for category_id in categories or ():
        if category_id not in known:
            problems.add("categories", f"No category has id {category_id}.")


def disable_api_key(*, key: str, now: datetime) -> ApiKey:
    """Refuse a key until it is enabled again. Raises NotFound."""
    return _change_api_key(key, "disabled_at", now)


def enable_api_key(*, key: str) -> ApiKey:
    """Accept a key that was disabled; one that was revoked stays so. Raises NotFound."""
    return _change_api_key(key, "disabled_at", None)


def revoke_api_key(*, key: str, now: datetime) -> ApiKey:
    """Refuse a key from this moment on, for good. Raises NotFound when there is no such key."""
    return _change_api_key(key, "revoked_at", now)


def _change_api_key(key: str, column: str, value: datetime | None) -> ApiKey:
    """A key that is as wanted already keeps the moment since when."""
    with db.write():
        found = ApiKey.objects.filter(key=key).first()
        if found is None:
            raise NotFound(f"There is no API key {key}.")
        if (getattr(found, column) is None) != (value is None):
            setattr(found, column, value)
            found.save(update_fields=[column])
            reference_data.changed()
    return found


def add_staff(
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: Role,
    password: str | None,
    username: str = "",
    is_account_admin: bool = False,
    category_ids: Sequence[int] = (),
) -> Staff:
    """A new staff member, whose user name is the address unless another one is given. Raises IntegrityError."""
    with db.write():
        person = Staff(
            email=email,
            username=username or email,
            first_name=first_name,
            last_name=last_name,
            role=role,
            is_account_admin=is_account_admin,
        )
        if password is None:
            person.set_unusable_password()
        else:
            person.set_password(password)
        person.save(force_insert=True)
        person.categories.set(category_ids)
        reference_data.changed()
    return person


def edit_staff(
    *,
    staff_id: int,
    email: str,
    username: str,
    first_name: str,
    last_name: str,
    role: Role,
    active: bool,
    is_account_admin: bool,
    category_ids: Sequence[int],
    password: str | None = None,
) -> None:
    """Change all of this about a staff member; None keeps the password, which is checked by who asks for it.

    Raises NotFound, Invalid, IntegrityError for an address or user name of somebody else.
    """
    problems = Problems()
    with db.write():
        people = {person.id: person for person in Staff.objects.select_for_update().order_by("id")}
        person = people.get(staff_id)
        if person is None:
            raise NotFound(f"No member of staff has id {staff_id}.")
        others = (other for other in people.values() if other.id != staff_id)
        if not (active and is_account_admin) and not any(other.active and other.is_account_admin for other in others):
            field = "active" if is_account_admin else "is_account_admin"
            problems.add(field, "Nobody would be left to set up this desk. Make somebody else an account admin first.")
        problems.raise_if_any()
        person.email, person.username = email, username
        person.first_name, person.last_name = first_name, last_name
        person.role, person.active, person.is_account_admin = role, active, is_account_admin
        if password is not None:
            person.set_password(password)
        person.save()
        person.categories.set(category_ids)
        reference_data.changed()
