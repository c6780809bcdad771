"""The shapes of the requests: which keys each write understands, in the words of the published document.

They describe, they do not decode: api/parse reads requests by hand, because it must tell absent from null from empty,
take numbers and flags as texts, and report every problem at once. A test holds the two together, key by key.

Descriptions are published; they may use `code` marks.
"""

from typing import Any

from msgspec import Struct

from reynard.api.requests import assets, contacts, custom_fields, tickets
from reynard.api.requests.assets import AssetBody, CreateAsset, UpdateAsset
from reynard.api.requests.common import CONTACT_FIELDS, OPTIONAL, TICKET_FIELDS
from reynard.api.requests.contacts import (
    AddGroup,
    ContactData,
    EditContact,
    EditGroup,
    MemberById,
    PhoneEntry,
    PutMember,
    PutMembers,
    RemoveMembers,
    SaveContact,
)
from reynard.api.requests.custom_fields import ChoiceGiven, ReplaceChoices
from reynard.api.requests.tickets import (
    CreateTicket,
    DeleteTicket,
    EditMessage,
    ForwardTicket,
    HideMessage,
    IgnoreMail,
    MoveTicket,
    PrivateNote,
    ReleaseMail,
    StaffChanges,
    StaffUpdate,
    Subscribe,
    Unsubscribe,
    UpdateCustomFields,
    UpdateTags,
    UploadImage,
    UserReply,
)

# One example per shape, as a client would send it; the keys of custom fields are the desk's own.
EXAMPLES: dict[type[Struct], dict[str, Any]] = {
    **tickets.EXAMPLES,
    **custom_fields.EXAMPLES,
    **contacts.EXAMPLES,
    **assets.EXAMPLES,
}

__all__ = [
    "CONTACT_FIELDS",
    "EXAMPLES",
    "OPTIONAL",
    "TICKET_FIELDS",
    "AddGroup",
    "AssetBody",
    "ChoiceGiven",
    "ContactData",
    "CreateAsset",
    "CreateTicket",
    "DeleteTicket",
    "EditContact",
    "EditGroup",
    "EditMessage",
    "ForwardTicket",
    "HideMessage",
    "IgnoreMail",
    "MemberById",
    "MoveTicket",
    "PhoneEntry",
    "PrivateNote",
    "PutMember",
    "PutMembers",
    "ReleaseMail",
    "RemoveMembers",
    "ReplaceChoices",
    "SaveContact",
    "StaffChanges",
    "StaffUpdate",
    "Subscribe",
    "Unsubscribe",
    "UpdateAsset",
    "UpdateCustomFields",
    "UpdateTags",
    "UploadImage",
    "UserReply",
]
