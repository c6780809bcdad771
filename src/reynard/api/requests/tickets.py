"""Requests about tickets (tickets.md)."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from reynard.api.parse import (
    ADDRESSES_LIMIT,
    PHONE_LIMIT,
    SUBJECT_LIMIT,
    TAGS_LIMIT,
    TIME_SPENT_LIMIT,
)
from reynard.api.parse_actions import IDS_LIMIT
from reynard.api.requests.common import A_LIST, ACTS, CONTACT_FIELDS, OPTIONAL, TICKET_FIELDS, DateText, Id, List
from reynard.desk.actions.tickets import NAME_LIMIT
from reynard.desk.rules.markdown import MARKDOWN_LIMIT

_TAGS = f"At most {TAGS_LIMIT}. {A_LIST}"
_MARKDOWN = Meta(
    description=(
        "The message as Markdown (CommonMark with tables and `~~strikethrough~~`; HTML in it is shown as it is "
        f"written), at most {MARKDOWN_LIMIT:,} characters. The text is kept as written, the HTML made of it. It wins "
        "over every other key of the message."
    ),
    max_length=MARKDOWN_LIMIT,
    examples=["The shifter cable was **too long**:\n\n- shortened it\n- tested it"],
)
_ADDRESSES = f"Mail addresses, at most {ADDRESSES_LIMIT}. {A_LIST}"


class CreateTicket(Struct, kw_only=True):
    """A new ticket, of a known contact (`client`) or of whoever has `email`."""

    # One of each group must be sent; files alone are a message too.
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("client", "email"),
        ("text", "html", "markdown", "attachments"),
    )
    custom_keys: ClassVar[tuple[str, ...]] = (TICKET_FIELDS, *CONTACT_FIELDS)

    client: Annotated[
        Id,
        Meta(description="The contact who asks. It wins over `email` and `name`.", examples=[981]),
    ] = OPTIONAL
    email: Annotated[
        str,
        Meta(
            description="Without `client`: finds the contact, in any letter case, or adds a new one.",
            examples=["noor.haddad@example.org"],
            extra_json_schema={"format": "email"},
        ),
    ] = OPTIONAL
    name: Annotated[
        str,
        Meta(
            description="The name of a new contact, required then; ignored for one the desk knows.",
            max_length=NAME_LIMIT,
            examples=["Noor Haddad"],
        ),
    ] = OPTIONAL
    phone: Annotated[
        str,
        Meta(
            description="Added to the contact as type `o`, unless the number is already there.",
            max_length=PHONE_LIMIT,
            examples=["+49 30 5550142"],
        ),
    ] = OPTIONAL
    subject: Annotated[
        str,
        Meta(
            description="The title. Only `new_subject` of a staff update changes it afterwards.",
            min_length=1,
            max_length=SUBJECT_LIMIT,
            examples=["Hub gear slips in third"],
        ),
    ]
    text: Annotated[
        str,
        Meta(
            description="The message as plain text.",
            examples=["Since Monday the hub jumps out of third gear when I climb."],
        ),
    ] = OPTIONAL
    html: Annotated[
        str,
        Meta(
            description="The message as HTML; scripts, styles and handlers are removed. With `text`, each is kept.",
            examples=["<p>Since Monday the hub jumps out of <b>third</b> gear.</p>"],
        ),
    ] = OPTIONAL
    markdown: Annotated[str, _MARKDOWN] = OPTIONAL
    category: Annotated[
        Id, Meta(description="A public category; any other is refused as an invalid choice.", examples=[12])
    ]
    priority: Annotated[Id, Meta(description="Without it the ticket gets the default priority.", examples=[2])] = (
        OPTIONAL
    )
    assignee: Annotated[
        Id | None, Meta(description="An active staff member; null or absent: unassigned.", examples=[7])
    ] = OPTIONAL
    tags: Annotated[List, Meta(description=_TAGS, examples=["warranty,hub"])] = OPTIONAL
    cc: Annotated[List, Meta(description=_ADDRESSES, examples=["fleet@example.org"])] = OPTIONAL
    bcc: Annotated[List, Meta(description=_ADDRESSES, examples=[["archive@example.org"]])] = OPTIONAL
    created_at: Annotated[
        str,
        Meta(
            description=(
                "The moment it was asked, when that was earlier: `yyyy-mm-ddThh:mm:ss`, UTC unless it ends in `Z` "
                "or an offset. The first update and the times of last replies get it too."
            ),
            examples=["2026-03-02T07:45:00"],
        ),
    ] = OPTIONAL
    due_date: Annotated[
        DateText | None,
        Meta(description="`yyyy-mm-dd` or `dd/mm/yyyy`.", examples=["2026-03-20"]),
    ] = OPTIONAL
    visible_only_staff: Annotated[
        bool, Meta(description="A private ticket: contacts do not see it.", examples=[False])
    ] = OPTIONAL


class StaffChanges(Struct, kw_only=True):
    """What a staff update and a private note have in common."""

    custom_keys: ClassVar[tuple[str, ...]] = (TICKET_FIELDS, *CONTACT_FIELDS)

    staff: Annotated[
        Id, Meta(description=f"The active staff member who acts, the update's author. {ACTS}", examples=[7])
    ] = OPTIONAL
    plaintext: Annotated[
        str,
        Meta(
            description="The message as plain text. Without any message, only properties change.",
            examples=["The shifter cable was too long. Please try it again on a hill."],
        ),
    ] = OPTIONAL
    text: Annotated[str, Meta(description="Another name of `plaintext`, for clients that send it.")] = OPTIONAL
    html: Annotated[
        str,
        Meta(
            description="The message as HTML; scripts, styles and handlers are removed.",
            examples=["<p>The shifter cable was <b>too long</b>.</p>"],
        ),
    ] = OPTIONAL
    markdown: Annotated[str, _MARKDOWN] = OPTIONAL
    status: Annotated[Id, Meta(description="The new status.", examples=[2])] = OPTIONAL
    priority: Annotated[Id, Meta(description="The new priority.", examples=[3])] = OPTIONAL
    assignee: Annotated[
        Id | None,
        Meta(description="Who works on it now; null (an empty value in a form) unassigns.", examples=[9]),
    ] = OPTIONAL
    due_date: Annotated[
        DateText | None,
        Meta(description="`yyyy-mm-dd` or `dd/mm/yyyy`; null clears it.", examples=["2026-03-24"]),
    ] = OPTIONAL
    tags: Annotated[List, Meta(description=f"Added to the ticket's tags. {_TAGS}", examples=["hub,test-ride"])] = (
        OPTIONAL
    )
    tags_mode: Annotated[
        Literal["add", "replace"],
        Meta(
            description=(
                "`replace`: the ticket has these `tags` and no others then; empty or null `tags` remove all. "
                "Default: `add`."
            ),
            examples=["replace"],
        ),
    ] = OPTIONAL
    time_spent: Annotated[
        int,
        Meta(
            description="Minutes, added to the ticket's. Some categories demand it (`time_spent_mandatory`).",
            ge=0,
            le=TIME_SPENT_LIMIT,
            examples=[25],
        ),
    ] = OPTIONAL


class StaffUpdate(StaffChanges, kw_only=True):
    """A reply the contact can see, changes of properties, or both."""

    subject: Annotated[
        str,
        Meta(
            description="The subject of the mail to the contact. It never renames the ticket.",
            max_length=SUBJECT_LIMIT,
            examples=["Your bicycle is ready"],
        ),
    ] = OPTIONAL
    new_subject: Annotated[
        str,
        Meta(
            description="The new title of the ticket. The update says so in `subject_change`.",
            min_length=1,
            max_length=SUBJECT_LIMIT,
            examples=["Hub gear slips in third, cable too long"],
        ),
    ] = OPTIONAL
    cc: Annotated[List, Meta(description=_ADDRESSES, examples=["fleet@example.org"])] = OPTIONAL
    bcc: Annotated[List, Meta(description=_ADDRESSES, examples=["archive@example.org"])] = OPTIONAL
    update_customer: Annotated[
        bool,
        Meta(description="Also send the reply to the contact by mail. Default: false.", examples=[True]),
    ] = OPTIONAL
    send_survey: Annotated[bool, Meta(description="Add the satisfaction survey. Default: false.", examples=[False])] = (
        OPTIONAL
    )
    last_staff_message: Annotated[
        int,
        Meta(
            description="The `update_id` of the last public staff message you have seen; a newer one refuses this.",
            ge=0,
            examples=[20934],
        ),
    ] = OPTIONAL
    parent_update: Annotated[Id, Meta(description="The update of this ticket that is answered.", examples=[20911])] = (
        OPTIONAL
    )


class PrivateNote(StaffChanges, kw_only=True):
    """A message only staff see, changes of properties, or both."""

    alert: Annotated[
        List,
        Meta(
            description="Who is told: `s` subscribers, `c` the category's staff, or ids of staff. With commas.",
            examples=["s,9"],
        ),
    ] = OPTIONAL


class UserReply(Struct, kw_only=True):
    """A reply by a contact."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("text", "html", "markdown", "attachments"),)
    custom_keys: ClassVar[tuple[str, ...]] = ()

    user: Annotated[
        Id, Meta(description="The contact who replies; need not be the one who opened the ticket.", examples=[981])
    ]
    text: Annotated[
        str,
        Meta(description="The reply, as plain text or HTML.", examples=["It slips again, but only in the rain."]),
    ] = OPTIONAL
    html: Annotated[
        str,
        Meta(
            description="The reply as HTML, for clients that send it here.",
            examples=["<p>It slips again, but only in the rain.</p>"],
        ),
    ] = OPTIONAL
    markdown: Annotated[str, _MARKDOWN] = OPTIONAL
    cc: Annotated[List, Meta(description=_ADDRESSES, examples=["fleet@example.org"])] = OPTIONAL
    bcc: Annotated[List, Meta(description=_ADDRESSES, examples=["archive@example.org"])] = OPTIONAL


class UpdateCustomFields(Struct, kw_only=True):
    """Custom fields of the ticket; only those that are sent change. One or more are needed."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = (TICKET_FIELDS,)

    staff: Annotated[Id, Meta(description=f"The active staff member who acts. {ACTS}", examples=[7])] = OPTIONAL


class UpdateTags(Struct, kw_only=True):
    """Tags to add and to remove; one of the two is needed. A tag in both lists ends up removed."""

    takes_files: ClassVar[bool] = False
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("add", "remove"),)
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[
        Id, Meta(description="The active staff member who acts. Without any, the update has no author.", examples=[7])
    ] = OPTIONAL
    add: Annotated[List, Meta(description=_TAGS, examples=["hub,test-ride"])] = OPTIONAL
    remove: Annotated[List, Meta(description=_TAGS, examples=["urgent"])] = OPTIONAL


class Subscribe(Struct, kw_only=True):
    """Staff who want to follow the ticket."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description=f"An active staff member to subscribe. {ACTS}", examples=[7])] = OPTIONAL
    data: Annotated[list[Id], Meta(description=f"Further active staff, at most {IDS_LIMIT}.", examples=[[9, 11]])] = (
        OPTIONAL
    )


class Unsubscribe(Struct, kw_only=True):
    """Somebody who no longer wants to follow the ticket."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description=f"The active staff member to unsubscribe. {ACTS}", examples=[9])] = (
        OPTIONAL
    )


class ForwardTicket(Struct, kw_only=True):
    """A mail with the ticket to somebody else."""

    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description=f"The active staff member who forwards. {ACTS}", examples=[7])] = OPTIONAL
    to: Annotated[
        List,
        Meta(
            description=f"Required unless `to_include_ticket_contact` is true. {_ADDRESSES}",
            examples=["parts@hubs.example"],
        ),
    ] = OPTIONAL
    subject: Annotated[
        str, Meta(description="Of the mail.", min_length=1, max_length=SUBJECT_LIMIT, examples=["Batch 2217 again"])
    ]
    message: Annotated[
        str,
        Meta(
            description="Words of your own, as plain text, above what is forwarded.", examples=["Can you replace it?"]
        ),
    ] = OPTIONAL
    text: Annotated[str, Meta(description="Another name of `message`, for clients that send it.")] = OPTIONAL
    html: Annotated[
        str,
        Meta(
            description="The message as HTML; scripts, styles and handlers are removed.",
            examples=["<p>Can you <b>replace</b> it?</p>"],
        ),
    ] = OPTIONAL
    markdown: Annotated[str, _MARKDOWN] = OPTIONAL
    cc: Annotated[List, Meta(description=_ADDRESSES, examples=["fleet@example.org"])] = OPTIONAL
    bcc: Annotated[List, Meta(description=_ADDRESSES, examples=["archive@example.org"])] = OPTIONAL
    to_include_ticket_contact: Annotated[
        bool, Meta(description="Also address the ticket's contact. Default: false.", examples=[False])
    ] = OPTIONAL
    cc_include_ticket_contact: Annotated[
        bool, Meta(description="Also copy to the ticket's contact. Default: false.", examples=[False])
    ] = OPTIONAL
    send_all_messages: Annotated[
        bool, Meta(description="Quote the whole conversation. Default: true.", examples=[True])
    ] = OPTIONAL
    include_pvt_notes: Annotated[
        bool, Meta(description="Quote private notes as well. Default: false.", examples=[False])
    ] = OPTIONAL
    ticket_attachments: Annotated[
        list[Id],
        Meta(description=f"Files of this ticket to send along, by id, at most {IDS_LIMIT}.", examples=[[640]]),
    ] = OPTIONAL
    convert_replies_as_new_ticket: Annotated[
        bool, Meta(description="An answer opens a new ticket. Default: true.", examples=[True])
    ] = OPTIONAL


class MoveTicket(Struct, kw_only=True):
    """Where a ticket should go."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description=f"The active staff member who moves it. {ACTS}", examples=[7])] = OPTIONAL
    target_category_id: Annotated[Id, Meta(description="The new category, public or not.", examples=[14])]
    move_note: Annotated[
        str, Meta(description="Becomes a private message of the update.", examples=["This is a leased one."])
    ] = OPTIONAL
    assign_to: Annotated[Id, Meta(description="Who works on it there: an active staff member.", examples=[9])] = (
        OPTIONAL
    )


class DeleteTicket(Struct, kw_only=True):
    """Who deletes the ticket."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description=f"The active staff member who deletes it. {ACTS}", examples=[7])] = (
        OPTIONAL
    )


class EditMessage(Struct, kw_only=True):
    """What to put in the place of a message, or files to take from it, or both."""

    takes_files: ClassVar[bool] = False
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("text", "plaintext", "html", "markdown", "remove_attachments"),)
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description=f"The active staff member who edits it. {ACTS}", examples=[7])] = OPTIONAL
    text: Annotated[
        str,
        Meta(description="The message as plain text, from now on.", examples=["The shifter cable was too short."]),
    ] = OPTIONAL
    plaintext: Annotated[str, Meta(description="Another name of `text`.")] = OPTIONAL
    html: Annotated[
        str,
        Meta(
            description=(
                "The message as HTML; scripts, styles and handlers are removed. Images of the message stay where they "
                "stand with the addresses they were read with, and new ones may be uploaded before."
            ),
            examples=["<p>The shifter cable was too <b>short</b>.</p>"],
        ),
    ] = OPTIONAL
    markdown: Annotated[str, _MARKDOWN] = OPTIONAL
    remove_attachments: Annotated[
        list[Id],
        Meta(
            description=f"Ids of files of this message, at most {IDS_LIMIT}; they cannot be reached any more.",
            examples=[[640]],
        ),
    ] = OPTIONAL


class HideMessage(Struct, kw_only=True):
    """Who deletes a message, or makes it private."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description=f"The active staff member who does it. {ACTS}", examples=[7])] = OPTIONAL


class ReleaseMail(Struct, kw_only=True):
    """Where a mail belongs, and who says so."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    ticket_id: Annotated[
        Id, Meta(description="The ticket that the mail joins. Without it the mail opens one.", examples=[4127])
    ] = OPTIONAL
    staff_id: Annotated[Id, Meta(description=f"The active staff member who decides. {ACTS}", examples=[7])] = OPTIONAL


class IgnoreMail(Struct, kw_only=True):
    """Who says that nothing becomes of a mail."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description=f"The active staff member who decides. {ACTS}", examples=[7])] = OPTIONAL


class UploadImage(Struct, kw_only=True):
    """An image for the HTML of a message, as multipart only."""

    multipart_only: ClassVar[bool] = True
    custom_keys: ClassVar[tuple[str, ...]] = ()

    file: Annotated[
        str,
        Meta(
            description="One part with the image: PNG, JPEG, GIF, WebP or BMP by its content, at most 25 MB.",
            extra_json_schema={"format": "binary"},
        ),
    ]


EXAMPLES: dict[type[Struct], dict[str, Any]] = {
    CreateTicket: {
        "client": 981,
        "subject": "Hub gear slips in third",
        "text": "Since Monday the hub jumps out of third gear when I climb.",
        "category": 12,
        "tags": "warranty,hub",
        "t-cf-8": "54",
        "t-cf-9": [4, 6],
    },
    StaffUpdate: {
        "staff": 7,
        "plaintext": "The shifter cable was too long. Please try it again on a hill.",
        "status": 2,
        "time_spent": 25,
        "update_customer": True,
    },
    PrivateNote: {
        "staff": 7,
        "plaintext": "Third one this month from that batch. Ask the supplier.",
        "assignee": 9,
        "alert": "s,9",
    },
    UploadImage: {"file": "rim.png"},
    UserReply: {"user": 981, "text": "It slips again, but only in the rain."},
    UpdateCustomFields: {"staff": 7, "t-cf-8": "54", "t-cf-9": [4, 6]},
    UpdateTags: {"staff_id": 7, "add": "hub,test-ride", "remove": "urgent"},
    Subscribe: {"staff_id": 7, "data": [9, 11]},
    Unsubscribe: {"staff_id": 9},
    ForwardTicket: {
        "staff_id": 7,
        "to": "parts@hubs.example",
        "subject": "Batch 2217 again",
        "message": "Can you replace it?",
        "ticket_attachments": [640],
    },
    MoveTicket: {"staff_id": 7, "target_category_id": 14, "move_note": "This is a leased one.", "assign_to": 9},
    DeleteTicket: {"staff_id": 7},
    EditMessage: {"staff_id": 7, "text": "The shifter cable was too short.", "remove_attachments": [640]},
    HideMessage: {"staff_id": 7},
    ReleaseMail: {"ticket_id": 4127, "staff_id": 7},
    IgnoreMail: {"staff_id": 7},
}
