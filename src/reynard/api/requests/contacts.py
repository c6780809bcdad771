"""Requests about contacts and contact groups (contacts.md)."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from reynard.api.parse import (
    EMAIL_LIMIT,
    PHONE_LIMIT,
)
from reynard.api.parse_contacts import (
    BULK_LIMIT,
    DESCRIPTION_LIMIT,
    DOMAINS_LIMIT,
    GROUP_NAME_LIMIT,
    PHONES_LIMIT,
    REMOVALS_LIMIT,
)
from reynard.api.requests.common import A_LIST, CONTACT_FIELDS, OPTIONAL, Id, List
from reynard.desk.actions.tickets import NAME_LIMIT


class PhoneEntry(Struct, kw_only=True):
    """A phone of a contact; with `id` one that is there."""

    id: Annotated[Id, Meta(description="The phone to edit; it must belong to the contact.", examples=[51])] = OPTIONAL
    type: Annotated[
        Literal["mo", "w", "m", "h", "o"],
        Meta(description="Mobile, work, main, home, other. A new phone is `o`, an edited one keeps its type."),
    ] = OPTIONAL
    number: Annotated[
        str,
        Meta(
            description="Required without `id`. At least one digit.",
            max_length=PHONE_LIMIT,
            pattern="[0-9]",
            examples=["+49 30 5550142"],
        ),
    ] = OPTIONAL
    is_primary: Annotated[bool, Meta(description="True for the one to ring first; the others are not then.")] = OPTIONAL


class ContactData(Struct, kw_only=True):
    """What adding and editing a contact have in common."""

    custom_keys: ClassVar[tuple[str, ...]] = CONTACT_FIELDS
    takes_files: ClassVar[bool] = False

    name: Annotated[
        str,
        Meta(description="Required for a new contact.", min_length=1, max_length=NAME_LIMIT, examples=["Noor Haddad"]),
    ] = OPTIONAL
    phones: Annotated[list[PhoneEntry], Meta(description="Phones to add or edit.", max_length=PHONES_LIMIT)] = OPTIONAL
    is_login_enabled: Annotated[
        bool, Meta(description="Whether they may sign in to the portal. A new contact may.", examples=[True])
    ] = OPTIONAL


class SaveContact(ContactData, kw_only=True):
    """A contact to be added, or to be edited if the address is known."""

    email: Annotated[
        str | None,
        Meta(
            description="Says who is meant. Null only together with `phones`.",
            examples=["noor.haddad@example.org"],
            extra_json_schema={"maxLength": EMAIL_LIMIT},
        ),
    ]


class EditContact(ContactData, kw_only=True):
    """Changes of a contact; what is not sent stays."""

    email: Annotated[
        str | None,
        Meta(
            description="The new address. Null takes it from a contact who has a phone.",
            examples=["noor@haddad.example"],
            extra_json_schema={"maxLength": EMAIL_LIMIT},
        ),
    ] = OPTIONAL


_GROUP_NAME: Any = Meta(
    description="Unique among groups.", min_length=1, max_length=GROUP_NAME_LIMIT, examples=["Stadtwerke Erlenau"]
)
_DESCRIPTION: Any = Meta(
    description="What staff should know. An empty text clears it.",
    max_length=DESCRIPTION_LIMIT,
    examples=["Meter readers on e-bikes."],
)
_DOMAINS: Any = Meta(
    description=f"Mail domains, at most {DOMAINS_LIMIT}; an empty text clears them. {A_LIST}",
    examples=["stadtwerke-erlenau.example"],
)


class AddGroup(Struct, kw_only=True):
    """A new contact group."""

    custom_keys: ClassVar[tuple[str, ...]] = ()
    takes_files: ClassVar[bool] = False

    name: Annotated[str, _GROUP_NAME]
    description: Annotated[str, _DESCRIPTION] = OPTIONAL
    tagged_domains: Annotated[List, _DOMAINS] = OPTIONAL


class EditGroup(Struct, kw_only=True):
    """Changes of a contact group; what is not sent stays."""

    custom_keys: ClassVar[tuple[str, ...]] = ()
    takes_files: ClassVar[bool] = False

    name: Annotated[str, _GROUP_NAME] = OPTIONAL
    description: Annotated[str, _DESCRIPTION] = OPTIONAL
    tagged_domains: Annotated[List, _DOMAINS] = OPTIONAL


class PutMember(Struct, kw_only=True):
    """A contact to be in a group."""

    contact: Annotated[Id, Meta(description="The contact's id.", examples=[981])]
    access_tickets: Annotated[bool, Meta(description="May see all tickets of the group. Default: false.")] = OPTIONAL


class MemberById(Struct, kw_only=True):
    """A contact to be in a group, named as some clients do."""

    id: Annotated[Id, Meta(description="The contact's id.", examples=[981])]
    access_tickets: Annotated[
        bool, Meta(description="May see all tickets of the group. Without it a member keeps what they have.")
    ] = OPTIONAL


class PutMembers(Struct, kw_only=True):
    """Contacts to be in a group, in the form of some clients; others send a list."""

    custom_keys: ClassVar[tuple[str, ...]] = ()
    takes_files: ClassVar[bool] = False

    contacts: Annotated[list[MemberById], Meta(description="Who.", min_length=1, max_length=BULK_LIMIT)]


class RemoveMembers(Struct, kw_only=True):
    """Contacts to leave a group."""

    custom_keys: ClassVar[tuple[str, ...]] = ()
    takes_files: ClassVar[bool] = False

    contacts: Annotated[
        list[Id],
        Meta(description="Ids of contacts.", min_length=1, max_length=REMOVALS_LIMIT, examples=[[981, 982]]),
    ]


EXAMPLES: dict[type[Struct], dict[str, Any]] = {
    SaveContact: {
        "email": "noor.haddad@example.org",
        "name": "Noor Haddad",
        "phones": [{"type": "mo", "number": "+49 30 5550142", "is_primary": True}],
        "c-cf-3": "K-2207",
    },
    EditContact: {"phones": [{"id": 51, "number": "+49 30 5550143"}], "is_login_enabled": False},
    AddGroup: {"name": "Stadtwerke Erlenau", "tagged_domains": "stadtwerke-erlenau.example"},
    EditGroup: {"description": "Meter readers on e-bikes. Invoices by cost centre."},
    PutMembers: {"contacts": [{"id": 981, "access_tickets": True}]},
    RemoveMembers: {"contacts": [981, 982]},
}
