"""Every table of the desk."""

from reynard.desk.models.assets import (
    Asset,
    AssetContact,
    AssetContactGroup,
    AssetField,
    AssetFieldChoice,
    AssetType,
)
from reynard.desk.models.catalog import (
    Category,
    CustomField,
    CustomFieldCategory,
    CustomFieldChoice,
    DeskState,
    Priority,
    Status,
)
from reynard.desk.models.kb import Article, ArticleAttachment, KbState, Language, Section
from reynard.desk.models.people import (
    ApiKey,
    Contact,
    ContactGroup,
    ContactPhone,
    GroupMembership,
    Role,
    Staff,
)
from reynard.desk.models.tickets import (
    Attachment,
    IdempotencyKey,
    MessageSource,
    Subscription,
    Ticket,
    TicketCounter,
    Update,
)

__all__ = [
    "ApiKey",
    "Article",
    "ArticleAttachment",
    "Asset",
    "AssetContact",
    "AssetContactGroup",
    "AssetField",
    "AssetFieldChoice",
    "AssetType",
    "Attachment",
    "Category",
    "Contact",
    "ContactGroup",
    "ContactPhone",
    "CustomField",
    "CustomFieldCategory",
    "CustomFieldChoice",
    "DeskState",
    "GroupMembership",
    "IdempotencyKey",
    "KbState",
    "Language",
    "MessageSource",
    "Priority",
    "Role",
    "Section",
    "Staff",
    "Status",
    "Subscription",
    "Ticket",
    "TicketCounter",
    "Update",
]
