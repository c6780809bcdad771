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
from reynard.desk.models.outbox import OutboxEntry
from reynard.desk.models.people import (
    ApiKey,
    Contact,
    ContactGroup,
    ContactPhone,
    GroupDomain,
    GroupMembership,
    Role,
    Staff,
)
from reynard.desk.models.search import ContactValue, SearchState, TicketTag, TicketValue
from reynard.desk.models.sla import SlaClock, SlaPolicy, WorkSchedule
from reynard.desk.models.tickets import (
    Attachment,
    IdempotencyKey,
    InlineUpload,
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
    "ContactValue",
    "CustomField",
    "CustomFieldCategory",
    "CustomFieldChoice",
    "DeskState",
    "GroupDomain",
    "GroupMembership",
    "IdempotencyKey",
    "InlineUpload",
    "KbState",
    "Language",
    "MessageSource",
    "OutboxEntry",
    "Priority",
    "Role",
    "SearchState",
    "Section",
    "SlaClock",
    "SlaPolicy",
    "Staff",
    "Status",
    "Subscription",
    "Ticket",
    "TicketCounter",
    "TicketTag",
    "TicketValue",
    "Update",
    "WorkSchedule",
]
