"""Contacts and contact groups (contacts.md)."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from reynard.api.formats import WireDateTime
from reynard.api.shapes.common import FieldValue, Id, PageInfo
from reynard.api.shapes.errors import FieldError

_COUNT = "Null for an API key that is limited to categories: it would tell about tickets of others."


class ContactFieldValue(FieldValue, gc=False):
    pass


class Phone(Struct, gc=False):
    id: Id
    type: Annotated[str, Meta(description="`mo` mobile, `w` work, `m` main, `h` home, `o` other.")]
    number: str
    is_primary: bool


class GroupOfContact(Struct, gc=False):
    id: Id
    name: str
    description: str
    tagged_domains: str
    access_all_tickets_in_group: bool


class Contact(Struct, gc=False):
    """A person who opens tickets ("user" in addresses and keys)."""

    id: Id
    name: str
    email: str | None
    primary_phone: Phone | None
    phones: list[Phone]
    contact_groups: list[GroupOfContact]
    custom_fields: list[ContactFieldValue]
    tickets_count: Annotated[int | None, Meta(description=_COUNT)]
    pending_tickets_count: Annotated[int | None, Meta(description=_COUNT)]
    created_at: WireDateTime
    updated_at: WireDateTime
    is_login_enabled: bool


class GroupSummary(Struct, gc=False):
    """An organisation that contacts belong to."""

    id: Id
    name: str
    description: str
    tagged_domains: str


class GroupMember(Struct, gc=False):
    id: Id
    name: str
    email: str | None
    view_tickets_in_group: bool


class Group(Struct, gc=False):
    """A contact group with everybody in it."""

    id: Id
    name: str
    description: str
    tagged_domains: str
    contacts: list[GroupMember]


class ContactPage(Struct, gc=False):
    page_info: PageInfo
    data: list[Contact]


class SavedContact(Struct, gc=False):
    """What became of one item of a list of contacts."""

    index: Annotated[int, Meta(ge=0, description="Which item of the list, from 0.")]
    success: bool
    email: str | None
    id: Annotated[Id | msgspec.UnsetType, Meta(description="The contact, new or edited.")] = msgspec.UNSET
    error: list[FieldError] | msgspec.UnsetType = msgspec.UNSET


class Membership(Struct, gc=False):
    contact: Annotated[Id, Meta(description="The contact's id.")]
    access_tickets: Annotated[bool, Meta(description="Whether they may see all tickets of the group.")]


class SavedMember(Struct, gc=False):
    """What became of one contact that was to be in a group."""

    success: Annotated[bool, Meta(description="Whether the contact is in the group now.")]
    data: Annotated[Membership | msgspec.UnsetType, Meta(description="The membership, when there is one.")] = (
        msgspec.UNSET
    )
    errors: Annotated[
        list[FieldError] | msgspec.UnsetType, Meta(description="What is wrong with the item; not `error`.")
    ] = msgspec.UNSET


class RemovedContact(Struct, gc=False):
    contact: Annotated[int, Meta(description="The id that was sent.")]
    message: Annotated[str, Meta(description="What happened, in one of three texts.")]


class RemovedMember(Struct, gc=False):
    """What became of one contact that was to leave a group."""

    success: Annotated[bool, Meta(description="Whether the contact was in the group until now.")]
    data: Annotated[RemovedContact, Meta(description="Who, and what happened.")]
