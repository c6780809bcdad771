"""The shapes of the wire: what a HappyFox client receives, field by field (tickets.md §1, contacts.md §1, …).

These structs encode the answers and are the source of the OpenAPI document, so their docstrings and descriptions
are published. api/wire fills them; parts it has encoded before stand in their places as `msgspec.Raw`.
"""

from typing import Any

from reynard.api.shapes.assets import (
    Asset,
    AssetChoice,
    AssetField,
    AssetFieldPage,
    AssetFieldValue,
    AssetPage,
    AssetSettings,
    AssetType,
    AssetTypeName,
    AssetTypePage,
    DeletedAsset,
    LinkedContact,
    LinkedGroup,
)
from reynard.api.shapes.common import Attachment, Done, PageInfo
from reynard.api.shapes.contacts import (
    Contact,
    ContactFieldValue,
    ContactPage,
    Group,
    GroupMember,
    GroupOfContact,
    GroupSummary,
    Membership,
    Phone,
    RemovedContact,
    RemovedMember,
    SavedContact,
    SavedMember,
)
from reynard.api.shapes.errors import AssetErrors, ErrorList, ErrorMap, ErrorText, FieldError
from reynard.api.shapes.feed import ChangePage, DeletedTicket, DeletedTicketPage, TicketChange
from reynard.api.shapes.keys import Limits, Me
from reynard.api.shapes.knowledge_base import Article, Language, RelatedArticle, Section
from reynard.api.shapes.reference import (
    Category,
    Choice,
    ContactField,
    FieldPlace,
    Priority,
    Role,
    Staff,
    Status,
    TicketField,
)
from reynard.api.shapes.tickets import (
    AttachmentDetails,
    By,
    Change,
    Correction,
    CreatedTicket,
    CustomFieldChange,
    DateChange,
    Deleted,
    InlineAttachment,
    Message,
    Moved,
    RevisedMessage,
    Revision,
    RevisionFile,
    RevisionPage,
    SubjectChange,
    Subscriber,
    Ticket,
    TicketFieldValue,
    TicketNumberPage,
    TicketPage,
    Update,
)

# Answers of writes by the names under which they are stored (Idempotency-Key).
_WRITTEN = (Ticket, Done, Moved, Deleted, InlineAttachment, TicketField, Contact, Group, Asset, DeletedAsset)
BY_NAME: dict[str, Any] = {
    **{shape.__name__: shape for shape in _WRITTEN},
    "CreatedTickets": list[CreatedTicket],
    "SavedContacts": list[SavedContact],
    "SavedMembers": list[SavedMember],
    "RemovedMembers": list[RemovedMember],
}


def name_of(shape: Any) -> str:
    return next(name for name, known in BY_NAME.items() if known == shape)


__all__ = [
    "BY_NAME",
    "Article",
    "Asset",
    "AssetChoice",
    "AssetErrors",
    "AssetField",
    "AssetFieldPage",
    "AssetFieldValue",
    "AssetPage",
    "AssetSettings",
    "AssetType",
    "AssetTypeName",
    "AssetTypePage",
    "Attachment",
    "AttachmentDetails",
    "By",
    "Category",
    "Change",
    "ChangePage",
    "Choice",
    "Contact",
    "ContactField",
    "ContactFieldValue",
    "ContactPage",
    "Correction",
    "CreatedTicket",
    "CustomFieldChange",
    "DateChange",
    "Deleted",
    "DeletedAsset",
    "DeletedTicket",
    "DeletedTicketPage",
    "Done",
    "ErrorList",
    "ErrorMap",
    "ErrorText",
    "FieldError",
    "FieldPlace",
    "Group",
    "GroupMember",
    "GroupOfContact",
    "GroupSummary",
    "InlineAttachment",
    "Language",
    "Limits",
    "LinkedContact",
    "LinkedGroup",
    "Me",
    "Membership",
    "Message",
    "Moved",
    "PageInfo",
    "Phone",
    "Priority",
    "RelatedArticle",
    "RemovedContact",
    "RemovedMember",
    "RevisedMessage",
    "Revision",
    "RevisionFile",
    "RevisionPage",
    "Role",
    "SavedContact",
    "SavedMember",
    "Section",
    "Staff",
    "Status",
    "SubjectChange",
    "Subscriber",
    "Ticket",
    "TicketChange",
    "TicketField",
    "TicketFieldValue",
    "TicketNumberPage",
    "TicketPage",
    "Update",
    "name_of",
]
