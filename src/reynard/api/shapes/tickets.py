"""Tickets, their history, and what writes on them answer (tickets.md)."""

from typing import Annotated, Any, Literal

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


class Correction(Struct, gc=False):
    """An earlier message was edited, deleted, made private or moved to another ticket."""

    update_id: Annotated[int, Meta(ge=1, description="The update whose message it was.")]
    kind: Annotated[Literal["edited", "deleted", "made_private", "moved"], Meta(description="What was done to it.")]


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


class Merging(Struct, gc=False, omit_defaults=True):
    """Tickets that became one, or are separate again."""

    into: Annotated[int | msgspec.UnsetType, Meta(description="This ticket was merged into that one.")] = msgspec.UNSET
    tickets: Annotated[list[int] | msgspec.UnsetType, Meta(description="Those tickets were merged into this one.")] = (
        msgspec.UNSET
    )
    undone: Annotated[bool | msgspec.UnsetType, Meta(description="True: that was undone.")] = msgspec.UNSET


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
    correction: Annotated[
        Correction | msgspec.UnsetType,
        Meta(description="Only on entries about an earlier message."),
    ] = msgspec.UNSET
    edited_at: Annotated[
        WireDateTime | msgspec.UnsetType, Meta(description="Only where the message was edited: the last time.")
    ] = msgspec.UNSET
    hidden: Annotated[
        bool | msgspec.UnsetType, Meta(description="Only where the message was deleted, and is null: true.")
    ] = msgspec.UNSET
    merging: Annotated[
        Merging | msgspec.UnsetType, Meta(description="Only where tickets were merged, or separated again.")
    ] = msgspec.UNSET
    moved_to: Annotated[
        int | msgspec.UnsetType, Meta(description="Only where a message was moved: the ticket it is in now.")
    ] = msgspec.UNSET
    moved_from: Annotated[
        int | msgspec.UnsetType, Meta(description="Only where this message was moved: the ticket it was in.")
    ] = msgspec.UNSET


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


class RevisionFile(Struct, gc=False):
    """A file that a message had."""

    id: Annotated[int, Meta(ge=1, description="As it was in `attachments`.")]
    filename: str
    content_type: str
    size: Annotated[int, Meta(description="Bytes.")]
    sha256: Annotated[str, Meta(description="Of its bytes, in hex.")]


class RevisedMessage(Struct, gc=False):
    """A message as it was until a correction."""

    text: Annotated[str, Meta(description="Plain text, as it was stored.")]
    html: Annotated[str, Meta(description="Cleaned; images that were files of the message have no addresses.")]
    subject: Annotated[str, Meta(description="The reply's own subject, or empty.")]
    cc_list: Annotated[str, Meta(description="Addresses with commas, or empty.")]
    bcc_list: Annotated[str, Meta(description="Addresses with commas, or empty.")]
    forward_list: Annotated[str | None, Meta(description="The recipients, when it was a forward.")]
    message_type: Annotated[str | None, Meta(description="`p` for a private note; null: the contact could see it.")]
    attachments: list[RevisionFile]


class Revision(Struct, gc=False):
    """One correction of a message."""

    update_id: Annotated[int, Meta(ge=1, description="The entry of the history that records it.")]
    kind: Annotated[Literal["edited", "deleted", "made_private", "moved"], Meta(description="What was done.")]
    timestamp: WireDateTime
    by: Annotated[By, Meta(description="Who did it.")]
    message: Annotated[RevisedMessage, Meta(description="What was there before.")]


class RevisionPage(Struct, gc=False):
    page_info: PageInfo
    data: list[Revision]


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
