"""Every table of the desk."""

from reynard.desk.models.assets import (
    Asset,
    AssetContact,
    AssetContactGroup,
    AssetField,
    AssetFieldChoice,
    AssetType,
)
from reynard.desk.models.canned_actions import CannedAction
from reynard.desk.models.catalog import (
    Category,
    CustomField,
    CustomFieldCategory,
    CustomFieldChoice,
    DeskState,
    MailTemplate,
    Priority,
    Status,
)
from reynard.desk.models.inbox import Draft, Mention, SavedView, SentForm, TrustedImages, Visit
from reynard.desk.models.kb import Article, ArticleAttachment, KbState, Language, Section
from reynard.desk.models.mail_in import InboundMail, Mailbox, MailboxFolder
from reynard.desk.models.outbox import AutomaticMail, OutboxEntry
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
from reynard.desk.models.reports import Activity, Report
from reynard.desk.models.search import ContactValue, SearchState, TicketTag, TicketValue
from reynard.desk.models.sla import SlaClock, SlaPolicy, WorkSchedule
from reynard.desk.models.tickets import (
    Attachment,
    IdempotencyKey,
    InlineUpload,
    MessageSource,
    RevisionFile,
    Subscription,
    Ticket,
    TicketCounter,
    Update,
    UpdateRevision,
)
from reynard.desk.models.webhooks import Webhook, WebhookAttempt

__all__ = [
    "Activity",
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
    "AutomaticMail",
    "CannedAction",
    "Category",
    "Contact",
    "ContactGroup",
    "ContactPhone",
    "ContactValue",
    "CustomField",
    "CustomFieldCategory",
    "CustomFieldChoice",
    "DeskState",
    "Draft",
    "GroupDomain",
    "GroupMembership",
    "IdempotencyKey",
    "InboundMail",
    "InlineUpload",
    "KbState",
    "Language",
    "MailTemplate",
    "Mailbox",
    "MailboxFolder",
    "Mention",
    "MessageSource",
    "OutboxEntry",
    "Priority",
    "Report",
    "RevisionFile",
    "Role",
    "SavedView",
    "SearchState",
    "Section",
    "SentForm",
    "SlaClock",
    "SlaPolicy",
    "Staff",
    "Status",
    "Subscription",
    "Ticket",
    "TicketCounter",
    "TicketTag",
    "TicketValue",
    "TrustedImages",
    "Update",
    "UpdateRevision",
    "Visit",
    "Webhook",
    "WebhookAttempt",
    "WorkSchedule",
]
