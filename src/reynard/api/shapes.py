"""The shapes of the wire: what a HappyFox client receives, field by field (tickets.md §1, contacts.md §1, …).

These structs encode the answers and are the source of the OpenAPI document, so their docstrings and descriptions
are published. api/wire fills them; parts it has encoded before stand in their places as `msgspec.Raw`.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from reynard.api.formats import WireDate, WireDateTime, WireInstant

Id = Annotated[int, Meta(ge=1)]


class Status(Struct, gc=False):
    """A state a ticket can be in. What it means for the ticket is its behavior, not its name."""

    id: Id
    name: str
    color: Annotated[str, Meta(description="Six hex digits, without #.")]
    order: int
    default: Annotated[bool, Meta(description="New tickets get this status; exactly one has true.")]
    behavior: Annotated[str, Meta(description="`pending` (open) or `completed` (closed).")]


class Priority(Struct, gc=False):
    id: Id
    name: str
    order: int
    default: Annotated[bool, Meta(description="New tickets get this priority; exactly one has true.")]


class Category(Struct, gc=False):
    """Where tickets are worked."""

    id: Id
    name: str
    description: str
    public: Annotated[bool, Meta(description="Only public categories accept tickets through the API.")]
    time_spent_mandatory: Annotated[bool, Meta(description="Replies need `time_spent`.")]
    prepopulate_cc: str


class Role(Struct, gc=False):
    id: Id
    name: str


class Staff(Struct, gc=False):
    """Somebody who answers."""

    id: Id
    name: str
    email: str
    active: bool
    is_active: Annotated[bool, Meta(description="The same as `active`, for clients that look for it here.")]
    is_account_admin: bool
    role: Role
    categories: Annotated[list[Id], Meta(description="The categories the person belongs to.")]
    permissions: list[str]


class Choice(Struct, gc=False):
    id: Id
    text: str
    dependant_fields: Annotated[list[Id], Meta(description="Fields that apply when this choice is selected.")]


class FieldPlace(Struct, gc=False):
    category: Id
    order: int


class TicketField(Struct, gc=False):
    """The definition of a custom field of tickets; its request key is `t-cf-<id>`."""

    id: Id
    name: str
    type: Annotated[str, Meta(description="`text`, `number`, `choice`, `multiple_choice` or `date`.")]
    required: bool
    compulsory_on_completed: bool
    compulsory_on_move: bool
    depends_on_choice: Id | None
    visible_to_staff_only: bool
    categories: list[FieldPlace]
    choices: list[Choice] | None


class ContactField(Struct, gc=False):
    """The definition of a custom field of contacts; its request key is `c-cf-<id>`."""

    id: Id
    name: str
    type: Annotated[str, Meta(description="`text`, `number`, `choice`, `multiple_choice` or `date`.")]
    required: bool
    depends_on_choice: Id | None
    visible_to_staff_only: bool
    order: int
    choices: list[Choice] | None


class _FieldValue(Struct, gc=False):
    id: Id
    name: str
    type: str
    value: Annotated[Any, Meta(description="A text, number, date, label, list of labels, or null when not set.")]
    value_id: Annotated[int | list[int] | None, Meta(description="The chosen id or ids of fields with choices.")]
    visible_to_staff_only: bool

    def __post_init__(self) -> None:
        """The type of a value depends on the field's, which no annotation can say: a date is one in YAML too (P-08)."""
        if self.type == "date" and self.value is not None:
            self.value = WireDate(self.value)


class ContactFieldValue(_FieldValue, gc=False):
    pass


class TicketFieldValue(_FieldValue, gc=False):
    compulsory_on_complete: Annotated[bool, Meta(description="Without a final d, unlike in the definition.")]


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
    tickets_count: int
    pending_tickets_count: int
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


class CustomFieldChange(Struct, gc=False):
    id: Annotated[str, Meta(description="The field's id, as a string.")]
    name: str
    from_: Annotated[str, Meta(description="Empty for nothing.")] = msgspec.field(name="from")
    to: Annotated[str, Meta(description="Empty for nothing.")]


class Attachment(Struct, gc=False):
    id: Id
    filename: str
    url: Annotated[str, Meta(description="Needs no credentials and expires five minutes after the answer.")]
    size: Annotated[int, Meta(description="Bytes.")]
    content_type: str


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


class PageInfo(Struct, gc=False):
    count: Annotated[int, Meta(description="Elements on this page.")]
    start_index: Annotated[int, Meta(description="Index of the first element, from 1; 0 when there is none.")]
    end_index: int
    last_index: Annotated[int, Meta(description="Elements in the whole list.")]
    page_count: int


class TicketPage(Struct, gc=False):
    page_info: PageInfo
    data: list[Ticket]


class TicketNumberPage(Struct, gc=False):
    page_info: PageInfo
    data: list[Id]


class ContactPage(Struct, gc=False):
    page_info: PageInfo
    data: list[Contact]


class Done(Struct, gc=False):
    """What was done, in one sentence."""

    message: Annotated[str, Meta(description="For people.")]


class Moved(Struct, gc=False):
    """Where the ticket is now."""

    status_code: Annotated[int, Meta(description="Always 200, as the answer's own.")]
    message: Annotated[str, Meta(description="For people; names the category.")]


class Deleted(Struct, gc=False):
    """Which ticket is gone."""

    deleted_ticket: Annotated[str, Meta(description="The display id it had.")]


class AssetTypeName(Struct, gc=False):
    id: Id
    name: str


class AssetSettings(Struct, gc=False):
    enable_ticket_association: Annotated[bool, Meta(description="Tickets may name such assets.")]
    enable_contact_association: Annotated[bool, Meta(description="Such assets may be linked to contacts.")]
    enable_asset_quantity_for_ticket: Annotated[bool, Meta(description="A ticket names a number of them.")]


class AssetType(Struct, gc=False):
    """A kind of asset, with fields of its own."""

    id: Id
    name: str
    description: str | None
    settings: Annotated[AssetSettings, Meta(description="What assets of the type are used for.")]


class AssetChoice(Struct, gc=False):
    id: Id
    text: str


class AssetField(Struct, gc=False):
    """The definition of a field of the assets of one type; its key in `custom_fields` is its id."""

    id: Id
    name: str
    type: Annotated[str, Meta(description="`text`, `textarea`, `number`, `dropdown`, `multiple_option` or `date`.")]
    asset_type: Annotated[AssetTypeName, Meta(description="The type whose assets have the field.")]
    choices: list[AssetChoice] | None


class AssetFieldValue(Struct, gc=False):
    id: Id
    name: str
    type: str
    value: Annotated[
        Any, Meta(description="A text, number or date; the id of a choice, or a list of them; null when not set.")
    ]
    order: int

    def __post_init__(self) -> None:
        if self.type == "date" and self.value is not None:
            self.value = WireDate(self.value)


class LinkedContact(Struct, gc=False):
    id: Id
    name: str
    email: str | None


class LinkedGroup(Struct, gc=False):
    id: Id
    name: str


class Asset(Struct, gc=False):
    """A thing the desk looks after. Its moments have a T and a Z, unlike all others."""

    id: Id
    name: str
    display_id: Annotated[str, Meta(description="What stands on its label: any text, once in the desk.")]
    asset_type: Annotated[AssetTypeName, Meta(description="What kind of thing it is.")]
    contacts: Annotated[list[LinkedContact], Meta(description="Contacts it is linked to, by id.")]
    contact_groups: Annotated[list[LinkedGroup], Meta(description="Groups it is linked to, by id.")]
    custom_fields: Annotated[list[AssetFieldValue], Meta(description="Every field of its type, unset ones with null.")]
    created_by: Annotated[Id | None, Meta(description="The staff member who added it.")]
    updated_by: Annotated[Id | None, Meta(description="The staff member who changed it last; null until then.")]
    created_at: WireInstant
    updated_at: WireInstant


class DeletedAsset(Struct, gc=False):
    message: Annotated[str, Meta(description="`Asset deleted`")]
    id: Id


class AssetPage(Struct, gc=False):
    page_info: PageInfo
    data: list[Asset]


class AssetTypePage(Struct, gc=False):
    page_info: PageInfo
    data: list[AssetType]


class AssetFieldPage(Struct, gc=False):
    page_info: PageInfo
    data: list[AssetField]


class Language(Struct, gc=False):
    id: Id
    name: str
    enabled: Annotated[bool, Meta(description="Articles may be written in it.")]
    visible: Annotated[bool, Meta(description="Readers may choose it.")]


class ArticleAttachment(Struct, gc=False):
    id: Id
    filename: str
    url: Annotated[str, Meta(description="Needs no credentials and expires five minutes after the answer.")]


class RelatedArticle(Struct, gc=False):
    id: Id
    title: Annotated[str, Meta(description="The headline.")]
    full_url: Annotated[str, Meta(description="Its address in the portal.")]


class Article(Struct, gc=False):
    """An article of the knowledge base."""

    id: Id
    title: Annotated[str, Meta(description="The headline.")]
    contents: Annotated[str, Meta(description="Clean HTML; the addresses in it are absolute.")]
    slug: Annotated[str, Meta(description="The headline as it stands in `full_url`.")]
    full_url: Annotated[str, Meta(description="Its address in the portal.")]
    section_id: Annotated[Id, Meta(description="The section it is in.")]
    section_name: Annotated[str, Meta(description="The name of that section.")]
    tags: Annotated[list[str], Meta(description="Words it is filed under.")]
    language: Annotated[Language, Meta(description="The language it is written in.")]
    views: Annotated[int, Meta(description="How often it was read. Reading through the API does not count.")]
    last_updated_at: Annotated[WireDateTime, Meta(description="When it was last edited.")]
    attachments: list[ArticleAttachment]
    related_articles: Annotated[list[RelatedArticle], Meta(description="What to read next.")]


class Section(Struct, gc=False):
    """A chapter of the knowledge base with its external articles."""

    id: Id
    name: str
    description: str
    parent_section_id: Annotated[Id | None, Meta(description="The section it is part of.")]
    parent_section_name: Annotated[str | None, Meta(description="The name of that section.")]
    categories: Annotated[list[Category], Meta(description="The categories it belongs to.")]
    articles: Annotated[list[Article], Meta(description="By id; always a list, which may be empty.")]


class FieldError(Struct, gc=False):
    field: Annotated[str, Meta(description="A request key, or `__all__` for the whole request.")]
    errors: list[str]


class ErrorList(Struct, gc=False):
    """Shape L: what is wrong with which field, all of it at once."""

    error: list[FieldError]


class ErrorMap(Struct, gc=False):
    """Shape M: a rule of the ticket forbids the change."""

    error: dict[str, str]


class AssetErrors(Struct, gc=False):
    """Shape A: what is wrong with an asset, by field: sentences, one sentence, or sentences by field id."""

    error: dict[str, list[str] | str | dict[str, str]]


class ErrorText(Struct, gc=False):
    """Shape T: one sentence."""

    error: str


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
