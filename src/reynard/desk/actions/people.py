"""Contacts, staff and API keys: finding, adding, changing them."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F

from reynard.desk import db, records
from reynard.desk.actions import changes, indexing
from reynard.desk.errors import NotFound
from reynard.desk.models import (
    ApiKey,
    Contact,
    ContactGroup,
    ContactPhone,
    GroupMembership,
    Role,
    Staff,
)
from reynard.desk.rules.contacts import digits, domain, email_key
from reynard.desk.rules.history import FieldChange
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors.reference import Reference


def find_by_email(email: str) -> Contact | None:
    return records.load(Contact, "email_key = %s", [email_key(email)])


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
    reference: Reference | None = None,
) -> Contact:
    """A new contact with valid values; joins the groups that claim the domain of its address (contacts.md §9)."""
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
    indexing.add_contact(contact, reference or reference_data.current())
    return contact


def _join_groups_of_domain(contact: Contact, address_domain: str) -> None:
    claiming = ContactGroup.objects.filter(tagged_domains__icontains=address_domain)
    GroupMembership.objects.bulk_create(
        GroupMembership(contact=contact, group=group)
        for group in claiming
        if address_domain in {item.casefold() for item in split_list(group.tagged_domains)}
    )


def add_phone(contact: Contact, number: str, *, now: datetime, type: str = ContactPhone.Type.OTHER) -> bool:
    """Add a number unless the contact has it, digits compared; the first one becomes the primary one."""
    present = list(contact.phones.values_list("digits", flat=True))
    if digits(number) in present:
        return False
    contact.phones.create(type=type, number=number, digits=digits(number), is_primary=not present)
    _touch(contact, now)
    return True


def set_contact_values(
    contact: Contact, wanted: Mapping[str, Any], *, reference: Reference, now: datetime
) -> list[FieldChange]:
    """Set the custom fields that were sent; the others keep their values. Returns what changed."""
    changed = changes.set_values(contact.custom_values, wanted, reference.contact_fields)
    if changed:
        _touch(contact, now, custom_values=contact.custom_values)
    return changed


def lock_contact(contact_id: int) -> Contact:
    """The contact as it is now, and nobody else changes it before this transaction ends. Raises NotFound."""
    contact = records.load(Contact, "id = %s", [contact_id], lock=True)
    if contact is None:
        raise NotFound
    return contact


def _touch(contact: Contact, now: datetime, **values: Any) -> None:
    Contact.objects.filter(id=contact.id).update(updated_at=now, version=F("version") + 1, **values)
    indexing.put_contact(contact, reference_data.current())


class Credentials(msgspec.Struct, frozen=True):
    """What an integration needs; the auth code is shown once and not kept."""

    name: str
    api_key: str
    auth_code: str


def create_api_key(*, name: str, now: datetime, staff: Staff | None = None) -> Credentials:
    """A key and a 256-bit auth code. As the code is random, one SHA-256 of it is as good as a slow hash."""
    fresh = Credentials(name=name, api_key=secrets.token_hex(16), auth_code=secrets.token_urlsafe(32))
    with db.write():
        ApiKey.objects.create(
            name=name,
            key=fresh.api_key,
            auth_code_sha256=hashlib.sha256(fresh.auth_code.encode()).hexdigest(),
            staff=staff,
            created_at=now,
        )
        reference_data.changed()
    return fresh


def revoke_api_key(*, key: str, now: datetime) -> ApiKey:
    """Refuse a key from this moment on. Raises NotFound when there is no such key."""
    with db.write():
        found = ApiKey.objects.filter(key=key).first()
        if found is None:
            raise NotFound(f"There is no API key {key}.")
        if found.revoked_at is None:
            found.revoked_at = now
            found.save(update_fields=["revoked_at"])
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
