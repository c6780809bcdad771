"""Tickets, their history, and what writes on them answer (tickets.md)."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from reynard.api.formats import WireDate, WireDateTime
from reynard.api.shapes.common import Attachment, FieldValue, Id, PageInfo
from reynard.api.shapes.contacts import Contact
from reynard.api.shapes.errors import FieldError
from reynard.api.shapes.reference import Category, Priority, Staff, Status


class TicketFieldValue(FieldValue, gc=False):
    compulsory_on_complete: Annotated[bool, Meta(description="Without a final d, unlike in the definition.")]


class Subscriber(Struct, gc=False):
    id: Id
    first_name: str
    last_name: str
    email: str


class Change(Struct, gc=False):
    """A property before and after, with the names of that moment."""

    old: Id | None
    new: Id | None
    old_name: str | None
    new_name: str | None


class DateChange(Struct, gc=False):
    old: WireDate | None
    new: WireDate | None


class SubjectChange(Struct, gc=False):
    """The ticket was renamed."""

    old: str
    new: str


class CustomFieldChange(Struct, gc=False):
    id: Annotated[str, Meta(description="The field's id, as a string.")]
    name: str
    from_: Annotated[str, Meta(description="Empty for nothing.")] = msgspec.field(name="from")
    to: Annotated[str, Meta(description="Empty for nothing.")]


class AttachmentDetails(Attachment, gc=False):
    """A file of a ticket, and where it belongs."""

    ticket_id: Annotated[Id, Meta(description="The ticket's number.")]
    update_id: Annotated[Id, Meta(description="The entry of the ticket's history whose message has the file.")]


class Message(Struct, gc=False):
    id: Annotated[int, Meta(description="The same as `update_id`; send it as `last_staff_message`.")]
    text: str
    html: Annotated[str, Meta(description="Cleaned of scripts, styles, comments and event handlers.")]
    subject: str
    cc_list: str
    bcc_list: str
    forward_list: str | None
    message_type: Annotated[str | None, Meta(description="`p` for a private note; null: the contact can see it.")]
    customer_updated: bool
    attachments: list[Attachment]


class By(Struct, gc=False, omit_defaults=True):
    """The author; smart rules have only `type` and `id`."""

    type: Annotated[str, Meta(description="`user` (contact), `staff` or `smartrule`.")]
    id: int
    name: str | msgspec.UnsetType = msgspec.UNSET
    email: str | None | msgspec.UnsetType = msgspec.UNSET


class Update(Struct, gc=False):
    """One entry of a ticket's history."""

    update_id: Id
    timestamp: WireDateTime
    by: Annotated[By | None, Meta(description="Null: the desk itself.")]
    message: Message | None
    status_change: Change | None
    priority_change: Change | None
    assignee_change: Change | None
    category_change: Change | None
    due_date_change: DateChange | None
    custom_field_change: Annotated[
        list[CustomFieldChange] | None, Meta(description="Filled with `show_cf_changes=true` only.")
    ]
    time_spent: Annotated[int | None, Meta(description="Minutes.")]
    satisfaction_survey: dict[str, Any] | None
    subject_change: Annotated[SubjectChange | msgspec.UnsetType, Meta(description="Only where it was renamed.")] = (
        msgspec.UNSET
    )


class Ticket(Struct, gc=False):
    """One conversation with a contact."""

    id: Annotated[int, Meta(ge=1, description="The ticket number, used in every address.")]
    display_id: Annotated[str, Meta(examples=["#RW00004127"])]
    subject: str
    first_message: str
    status: Status
    priority: Priority
    category: Category
    assigned_to: Annotated[Staff | None, Meta(description="Null: unassigned.")]
    user: Contact
    subscribers: list[Subscriber]
    tags: Annotated[str, Meta(description="Comma-separated, without blanks.")]
    due_date: WireDate | None
    time_spent: Annotated[int | None, Meta(description="Minutes; null until some was recorded.")]
    custom_fields: list[TicketFieldValue]
    messages_count: int
    attachments_count: int
    sla_breaches: int
    unresponded: Annotated[bool, Meta(description="The contact is waiting for an answer.")]
    visible_only_staff: bool | None
    source: str
    created_at: WireDateTime
    last_user_reply_at: WireDateTime | None
    last_staff_reply_at: WireDateTime | None
    last_updated_at: WireDateTime
    last_modified: WireDateTime
    merged_tickets: list[Id]
    merged_to: Id | None
    jira_issue_id: str | None
    updates: Annotated[
        list[Update] | msgspec.UnsetType, Meta(description="Oldest first; the first entry is the creation.")
    ] = msgspec.UNSET


class TicketPage(Struct, gc=False):
    page_info: PageInfo
    data: list[Ticket]


class TicketNumberPage(Struct, gc=False):
    page_info: PageInfo
    data: list[Id]


class Moved(Struct, gc=False):
    """Where the ticket is now."""

    status_code: Annotated[int, Meta(description="Always 200, as the answer's own.")]
    message: Annotated[str, Meta(description="For people; names the category.")]


class Deleted(Struct, gc=False):
    """Which ticket is gone."""

    deleted_ticket: Annotated[str, Meta(description="The display id it had.")]


class InlineAttachment(Struct, gc=False):
    """An uploaded image, to be used in the HTML of a message."""

    url: Annotated[str, Meta(description="For the `src` of an `img`. Ends after 24 hours; needs no credentials.")]


class CreatedTicket(Struct, gc=False):
    """What became of one item of a list of new tickets."""

    index: Annotated[int, Meta(ge=0, description="Which item of the list, from 0.")]
    success: bool
    id: Annotated[Id | msgspec.UnsetType, Meta(description="The number of the new ticket.")] = msgspec.UNSET
    display_id: str | msgspec.UnsetType = msgspec.UNSET
    error: Annotated[
        list[FieldError] | msgspec.UnsetType, Meta(description="What is wrong with the item, which left nothing.")
    ] = msgspec.UNSET
