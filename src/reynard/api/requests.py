"""The shapes of the requests: which keys each write understands, in the words of the published document.

They describe, they do not decode: api/parse reads requests by hand, because it must tell absent from null from empty,
take numbers and flags as texts, and report every problem at once. A test holds the two together, key by key.

Descriptions are published; they may use `code` marks.
"""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from reynard.api.parse import (
    ADDRESSES_LIMIT,
    CHOICE_TEXT_LIMIT,
    CHOICES_LIMIT,
    EMAIL_LIMIT,
    PHONE_LIMIT,
    SUBJECT_LIMIT,
    TAGS_LIMIT,
    TIME_SPENT_LIMIT,
)
from reynard.api.parse_actions import IDS_LIMIT
from reynard.api.parse_assets import ASSET_NAME_LIMIT, DISPLAY_ID_LIMIT, LINKS_LIMIT, NEW_CONTACTS_LIMIT
from reynard.api.parse_contacts import (
    BULK_LIMIT,
    DESCRIPTION_LIMIT,
    DOMAINS_LIMIT,
    GROUP_NAME_LIMIT,
    PHONES_LIMIT,
    REMOVALS_LIMIT,
)
from reynard.desk.actions.tickets import NAME_LIMIT

OPTIONAL: Any = msgspec.field(default_factory=object)  # may be left out; nothing stands for it then

Id = Annotated[int, Meta(ge=1)]
List = str | list[str]
DateText = Annotated[str, Meta(pattern=r"^(\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4})$")]
_A_LIST = "Comma-separated text, or a list."
_TAGS = f"At most {TAGS_LIMIT}. {_A_LIST}"
_ADDRESSES = f"Mail addresses, at most {ADDRESSES_LIMIT}. {_A_LIST}"

TICKET_FIELDS = "t-cf"
CONTACT_FIELDS = ("c-cf", "ccf")


class CreateTicket(Struct, kw_only=True):
    """A new ticket, of a known contact (`client`) or of whoever has `email`."""

    # One of each group must be sent; files alone are a message too.
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("client", "email"), ("text", "html", "attachments"))
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
            description="The title. The API cannot change it afterwards.",
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

    staff: Annotated[Id, Meta(description="The active staff member who acts, and the update's author.", examples=[7])]
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

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("text", "html", "attachments"),)
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
    cc: Annotated[List, Meta(description=_ADDRESSES, examples=["fleet@example.org"])] = OPTIONAL
    bcc: Annotated[List, Meta(description=_ADDRESSES, examples=["archive@example.org"])] = OPTIONAL


class UpdateCustomFields(Struct, kw_only=True):
    """Custom fields of the ticket; only those that are sent change. One or more are needed."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = (TICKET_FIELDS,)

    staff: Annotated[Id, Meta(description="The active staff member who acts.", examples=[7])]


class UpdateTags(Struct, kw_only=True):
    """Tags to add and to remove; one of the two is needed. A tag in both lists ends up removed."""

    takes_files: ClassVar[bool] = False
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("add", "remove"),)
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[
        Id, Meta(description="The active staff member who acts. Without it the update has no author.", examples=[7])
    ] = OPTIONAL
    add: Annotated[List, Meta(description=_TAGS, examples=["hub,test-ride"])] = OPTIONAL
    remove: Annotated[List, Meta(description=_TAGS, examples=["urgent"])] = OPTIONAL


class Subscribe(Struct, kw_only=True):
    """Staff who want to follow the ticket."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description="An active staff member to subscribe.", examples=[7])]
    data: Annotated[list[Id], Meta(description=f"Further active staff, at most {IDS_LIMIT}.", examples=[[9, 11]])] = (
        OPTIONAL
    )


class Unsubscribe(Struct, kw_only=True):
    """Somebody who no longer wants to follow the ticket."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description="The active staff member to unsubscribe.", examples=[9])]


class ForwardTicket(Struct, kw_only=True):
    """A mail with the ticket to somebody else."""

    custom_keys: ClassVar[tuple[str, ...]] = ()

    staff_id: Annotated[Id, Meta(description="The active staff member who forwards.", examples=[7])]
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

    staff_id: Annotated[Id, Meta(description="The active staff member who moves it.", examples=[7])]
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

    staff_id: Annotated[Id, Meta(description="The active staff member who deletes it.", examples=[7])]


class ChoiceGiven(Struct, kw_only=True):
    """A choice as it shall be."""

    id: Annotated[Id | None, Meta(description="A present choice of the field, which keeps its id; null: a new one.")]
    text: Annotated[
        str,
        Meta(
            description="The label, which may be another one than before.", min_length=1, max_length=CHOICE_TEXT_LIMIT
        ),
    ]
    dependant_fields: Annotated[
        list[Id] | None,
        Meta(description="The ticket fields that apply when it is selected; absent or null: as before."),
    ] = OPTIONAL


class ReplaceChoices(Struct, kw_only=True):
    """All choices of a ticket field. Nothing else of the field can be changed."""

    takes_files: ClassVar[bool] = False
    custom_keys: ClassVar[tuple[str, ...]] = ()

    choices: Annotated[
        list[ChoiceGiven],
        Meta(description=f"All of them, in the order of display; at most {CHOICES_LIMIT}.", max_length=CHOICES_LIMIT),
    ]


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


class PhoneEntry(Struct, kw_only=True):
    """A phone of a contact; with `id` one that is there."""

    id: Annotated[Id, Meta(description="The phone to edit; it must belong to the contact.", examples=[51])] = OPTIONAL
    type: Annotated[
        Literal["mo", "w", "m", "h", "o"],
        Meta(description="Mobile, work, main, home, other. A new phone is `o`, an edited one keeps its type."),
    ] = OPTIONAL
    number: Annotated[
        str,
        Meta(
            description="Required without `id`. At least one digit.",
            max_length=PHONE_LIMIT,
            pattern="[0-9]",
            examples=["+49 30 5550142"],
        ),
    ] = OPTIONAL
    is_primary: Annotated[bool, Meta(description="True for the one to ring first; the others are not then.")] = OPTIONAL


class ContactData(Struct, kw_only=True):
    """What adding and editing a contact have in common."""

    custom_keys: ClassVar[tuple[str, ...]] = CONTACT_FIELDS
    takes_files: ClassVar[bool] = False

    name: Annotated[
        str,
        Meta(description="Required for a new contact.", min_length=1, max_length=NAME_LIMIT, examples=["Noor Haddad"]),
    ] = OPTIONAL
    phones: Annotated[list[PhoneEntry], Meta(description="Phones to add or edit.", max_length=PHONES_LIMIT)] = OPTIONAL
    is_login_enabled: Annotated[
        bool, Meta(description="Whether they may sign in to the portal. A new contact may.", examples=[True])
    ] = OPTIONAL


class SaveContact(ContactData, kw_only=True):
    """A contact to be added, or to be edited if the address is known."""

    email: Annotated[
        str | None,
        Meta(
            description="Says who is meant. Null only together with `phones`.",
            examples=["noor.haddad@example.org"],
            extra_json_schema={"maxLength": EMAIL_LIMIT},
        ),
    ]


class EditContact(ContactData, kw_only=True):
    """Changes of a contact; what is not sent stays."""

    email: Annotated[
        str | None,
        Meta(
            description="The new address. Null takes it from a contact who has a phone.",
            examples=["noor@haddad.example"],
            extra_json_schema={"maxLength": EMAIL_LIMIT},
        ),
    ] = OPTIONAL


_GROUP_NAME: Any = Meta(
    description="Unique among groups.", min_length=1, max_length=GROUP_NAME_LIMIT, examples=["Stadtwerke Erlenau"]
)
_DESCRIPTION: Any = Meta(
    description="What staff should know. An empty text clears it.",
    max_length=DESCRIPTION_LIMIT,
    examples=["Meter readers on e-bikes."],
)
_DOMAINS: Any = Meta(
    description=f"Mail domains, at most {DOMAINS_LIMIT}; an empty text clears them. {_A_LIST}",
    examples=["stadtwerke-erlenau.example"],
)


class AddGroup(Struct, kw_only=True):
    """A new contact group."""

    custom_keys: ClassVar[tuple[str, ...]] = ()
    takes_files: ClassVar[bool] = False

    name: Annotated[str, _GROUP_NAME]
    description: Annotated[str, _DESCRIPTION] = OPTIONAL
    tagged_domains: Annotated[List, _DOMAINS] = OPTIONAL


class EditGroup(Struct, kw_only=True):
    """Changes of a contact group; what is not sent stays."""

    custom_keys: ClassVar[tuple[str, ...]] = ()
    takes_files: ClassVar[bool] = False

    name: Annotated[str, _GROUP_NAME] = OPTIONAL
    description: Annotated[str, _DESCRIPTION] = OPTIONAL
    tagged_domains: Annotated[List, _DOMAINS] = OPTIONAL


class PutMember(Struct, kw_only=True):
    """A contact to be in a group."""

    contact: Annotated[Id, Meta(description="The contact's id.", examples=[981])]
    access_tickets: Annotated[bool, Meta(description="May see all tickets of the group. Default: false.")] = OPTIONAL


class MemberById(Struct, kw_only=True):
    """A contact to be in a group, named as some clients do."""

    id: Annotated[Id, Meta(description="The contact's id.", examples=[981])]
    access_tickets: Annotated[
        bool, Meta(description="May see all tickets of the group. Without it a member keeps what they have.")
    ] = OPTIONAL


class PutMembers(Struct, kw_only=True):
    """Contacts to be in a group, in the form of some clients; others send a list."""

    custom_keys: ClassVar[tuple[str, ...]] = ()
    takes_files: ClassVar[bool] = False

    contacts: Annotated[list[MemberById], Meta(description="Who.", min_length=1, max_length=BULK_LIMIT)]


class RemoveMembers(Struct, kw_only=True):
    """Contacts to leave a group."""

    custom_keys: ClassVar[tuple[str, ...]] = ()
    takes_files: ClassVar[bool] = False

    contacts: Annotated[
        list[Id],
        Meta(description="Ids of contacts.", min_length=1, max_length=REMOVALS_LIMIT, examples=[[981, 982]]),
    ]


Ids = Annotated[list[Id], Meta(max_length=LINKS_LIMIT)]
_NEW_CONTACTS = (
    f"At most {NEW_CONTACTS_LIMIT} contacts to link: whoever has the `email`, else a new one, with `name` and `email` "
    "or `phones` (`phone` for one number). Needs the permission to manage all contacts."
)
_VALUES = (
    "Values by field id; only those listed change, and null clears. A text, a number, a date `yyyy-mm-dd`, the id of a "
    "choice, or a list of ids. The keys `a-cf-<id>` mean the same."
)


class AssetBody(Struct, kw_only=True):
    """What adding and changing an asset have in common."""

    custom_keys: ClassVar[tuple[str, ...]] = ("a-cf",)
    takes_files: ClassVar[bool] = False

    contacts: Annotated[
        list[dict[str, Any]],
        Meta(
            description=_NEW_CONTACTS,
            max_length=NEW_CONTACTS_LIMIT,
            examples=[[{"name": "Noor Haddad", "email": "noor.haddad@example.org"}]],
        ),
    ] = OPTIONAL
    custom_fields: Annotated[dict[str, Any], Meta(description=_VALUES, examples=[{"21": "FR-2207", "23": 5}])] = (
        OPTIONAL
    )


class CreateAsset(AssetBody, kw_only=True):
    """A new asset of the type that the address names."""

    created_by: Annotated[
        Id, Meta(description="The active staff member who acts; needs the permission to manage assets.", examples=[7])
    ]
    name: Annotated[
        str, Meta(description="What it is.", min_length=1, max_length=ASSET_NAME_LIMIT, examples=["Cargo bike 4"])
    ]
    display_id: Annotated[
        str,
        Meta(
            description="What stands on its label; no other asset has it.",
            min_length=1,
            max_length=DISPLAY_ID_LIMIT,
            examples=["CB-004"],
        ),
    ]
    contact_ids: Annotated[Ids, Meta(description="Contacts to link.", examples=[[981]])] = OPTIONAL
    contact_group_ids: Annotated[Ids, Meta(description="Contact groups to link.", examples=[[12]])] = OPTIONAL


class UpdateAsset(AssetBody, kw_only=True):
    """What to change of an asset; what is not sent stays."""

    updated_by: Annotated[
        Id, Meta(description="The active staff member who acts; needs the permission to manage assets.", examples=[7])
    ]
    name: Annotated[
        str, Meta(description="The new name.", min_length=1, max_length=ASSET_NAME_LIMIT, examples=["Cargo bike 4"])
    ] = OPTIONAL
    display_id: Annotated[
        str,
        Meta(
            description="The new label; no other asset has it.",
            min_length=1,
            max_length=DISPLAY_ID_LIMIT,
            examples=["CB-004b"],
        ),
    ] = OPTIONAL
    contact_ids: Annotated[
        Ids, Meta(description="The contacts it is linked to from now on, instead of all others.", examples=[[981]])
    ] = OPTIONAL
    contact_group_ids: Annotated[
        Ids, Meta(description="The groups it is linked to from now on, instead of all others.", examples=[[]])
    ] = OPTIONAL


# One example per shape, as a client would send it; the keys of custom fields are the desk's own.
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
    ReplaceChoices: {
        "choices": [
            {"id": 4, "text": "Tune-up", "dependant_fields": []},
            {"id": None, "text": "Express service"},
        ]
    },
    UploadImage: {"file": "rim.png"},
    SaveContact: {
        "email": "noor.haddad@example.org",
        "name": "Noor Haddad",
        "phones": [{"type": "mo", "number": "+49 30 5550142", "is_primary": True}],
        "c-cf-3": "K-2207",
    },
    EditContact: {"phones": [{"id": 51, "number": "+49 30 5550143"}], "is_login_enabled": False},
    AddGroup: {"name": "Stadtwerke Erlenau", "tagged_domains": "stadtwerke-erlenau.example"},
    EditGroup: {"description": "Meter readers on e-bikes. Invoices by cost centre."},
    PutMembers: {"contacts": [{"id": 981, "access_tickets": True}]},
    RemoveMembers: {"contacts": [981, 982]},
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
    CreateAsset: {
        "name": "Cargo bike 4",
        "display_id": "CB-004",
        "created_by": 7,
        "contact_ids": [981],
        "custom_fields": {"21": "FR-2207", "23": 5},
    },
    UpdateAsset: {"updated_by": 7, "display_id": "CB-004b", "custom_fields": {"24": "2026-09-01"}},
}
