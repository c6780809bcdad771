"""Every table of the desk."""

from reynard.desk.models.catalog import (
    Category,
    CustomField,
    CustomFieldCategory,
    CustomFieldChoice,
    DeskState,
    Priority,
    Status,
)
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
    "Attachment",
    "Category",
    "Contact",
    "ContactGroup",
    "ContactPhone",
    "CustomField",
    "CustomFieldCategory",
    "CustomFieldChoice",
    "DeskState",
    "GroupDomain",
    "GroupMembership",
    "IdempotencyKey",
    "MessageSource",
    "Priority",
    "Role",
    "Staff",
    "Status",
    "Subscription",
    "Ticket",
    "TicketCounter",
    "Update",
]
