"""Operations on tickets (tickets.md)."""

from django.conf import settings

from reynard.api import requests, shapes
from reynard.api.operations.operation import CREATE_MANY, WRITE_REFUSALS, Operation
from reynard.api.operations.parameters import BARE_FILTERS
from reynard.desk.actions import bulk

_CREATE = (
    "The ticket belongs to a known contact (`client`), or to whoever has `email`: an address the desk does not know "
    "becomes a contact, and then `name` is needed. Required custom fields of the category must be sent.\n\n"
    "The answer is 200, not 201, with the whole ticket. It has the default status (a `status` in the request is "
    "ignored), the source `TKT_CREATION_API` and one update, by the contact."
)

_CORRECTION_REFUSALS = (
    f"{WRITE_REFUSALS} A missing permission is a problem of `staff_id`; an update without a message, or with a deleted "
    "one, of `update_id`."
)
_KEPT_FOR_AUDITS = "What stood there is kept, for those who may see it (`revisions/`)."

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="tickets/",
        id="listTickets",
        tag="Tickets",
        summary="List tickets",
        description=(
            "Whole tickets with all their updates, page by page, the last updated first. Filters combine: a ticket "
            "must pass them all. Private tickets and tickets of categories that are not public are included.\n\n"
            "For large exports leave out what you do not need, with `fields` or `include_updates=0`, or ask for "
            "numbers only with `minify_response=true`."
        ),
        parameters=(
            "size",
            "page",
            "after_id",
            "status",
            "category",
            "updated_since",
            "sort",
            "fields",
            "include_updates",
            "minify_response",
            "ticket_search",
            *(f"bare_{name}" for name in BARE_FILTERS),
        ),
        answer=shapes.TicketPage,
        answer_text=(
            "One page. With `fields` the tickets have only those keys, with `minify_response` the page has numbers."
        ),
        variants=("PartialTicketPage", "TicketNumberPage"),
        refusals={
            shapes.ErrorList: (
                "The search has too many terms, values, words or characters (`q`), `updated_since` is no date/time, "
                "`after_id` is no whole number or comes without `sort=ticketa` or `sort=ticketd`."
            )
        },
        example_query={"size": "50", "status": "_pending", "sort": "created"},
    ),
    Operation(
        method="POST",
        path="tickets/",
        id="createTicket",
        tag="Tickets",
        summary="Create a ticket",
        description=f"{_CREATE}\n\n{CREATE_MANY}",
        body=requests.CreateTicket,
        answer=shapes.Ticket,
        answer_text="The new ticket; for a list, what became of each item.",
        list_answer=list[shapes.CreatedTicket],
        most_items=bulk.LIMIT,
        refusals={shapes.ErrorList: f"{WRITE_REFUSALS} Or a list is empty or too long, and nothing was created."},
    ),
    Operation(
        method="POST",
        path="new_ticket/",
        id="createTicketAlias",
        tag="Tickets",
        summary="Create a ticket, at its old address",
        description="The same as `tickets/`, for SDKs that still post here. New clients use `tickets/`.",
        body=requests.CreateTicket,
        answer=shapes.Ticket,
        answer_text="The new ticket.",
        refusals={shapes.ErrorList: WRITE_REFUSALS},
        deprecated=True,
    ),
    Operation(
        method="POST",
        path="ticket-inline-attachment",
        id="uploadInlineAttachment",
        tag="Tickets",
        summary="Upload an image for a message",
        description=(
            "Put the address that is answered into the `src` of an `img` in the `html` of a new ticket, a staff "
            "update, a private note or a user reply. The image becomes an attachment of that message, and whoever "
            "reads the message gets HTML with an address that works.\n\n"
            f"An upload may be used several times within {settings.INLINE_UPLOAD_HOURS} hours; then it is gone. An "
            "address the desk does not know stays in the HTML as it is."
        ),
        body=requests.UploadImage,
        answer=shapes.InlineAttachment,
        answer_text="Where the image waits.",
        refusals={shapes.ErrorList: "There is not exactly one `file`, or it is no image or too large."},
    ),
    Operation(
        method="GET",
        path="attachment/{id}/",
        id="readAttachment",
        tag="Tickets",
        summary="Read a file's details, or the file",
        description=(
            "Ids stand in the `attachments` of messages. With `download=true` the answer is the file itself, as a "
            "download that never runs as a page; an address is not needed then."
        ),
        parameters=("attachment", "download"),
        answer=shapes.AttachmentDetails,
        answer_text="What is known of the file, with a fresh address; or the file.",
        may_be_file=True,
        refusals={shapes.ErrorList: "`download` is neither true nor false."},
        finds=True,
    ),
    Operation(
        method="GET",
        path="ticket/{number}/",
        id="readTicket",
        tag="Tickets",
        summary="Read a ticket",
        description=(
            "The ticket with its whole history, oldest update first; the first is its creation. Addresses of files in "
            "it need no credentials and end after five minutes; every read brings fresh ones."
        ),
        parameters=("number", "show_cf_changes", "fields", "include_updates"),
        answer=shapes.Ticket,
        answer_text="The ticket. With `fields` it has only those keys.",
        variants=("PartialTicket",),
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/staff_update/",
        id="addStaffUpdate",
        tag="Tickets",
        summary="Add a staff update",
        description=(
            "A reply the contact can see, changes of properties, or both in one step. Only with `update_customer` is "
            "the reply mailed to the contact.\n\n"
            "- **Nothing to update.** Without a message, and with every value as it was, the answer is 400; with "
            "`noop=ok` it is 200.\n"
            "- **Renaming.** `new_subject` is the ticket's new title; `subject` is that of the reply and changes "
            "nothing.\n"
            "- **Completion.** A status that completes the ticket needs a value in every field that is compulsory "
            "then, on the ticket or in this request.\n"
            "- **Collision.** With `last_staff_message`, a newer public staff message refuses the update, so that two "
            "agents do not answer at once.\n"
            "- **Time.** Where the category has `time_spent_mandatory`, a message needs `time_spent`."
        ),
        parameters=("number", "noop"),
        body=requests.StaffUpdate,
        answer=shapes.Ticket,
        answer_text="The ticket with the new update as its last.",
        refusals={
            shapes.ErrorList: WRITE_REFUSALS,
            shapes.ErrorMap: "The completion rule, or an agent collision (`last_staff_message`).",
            shapes.ErrorText: "Nothing to update.",
        },
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/staff_pvtnote/",
        id="addPrivateNote",
        tag="Tickets",
        summary="Add a private note",
        description=(
            "A message only staff see (`message_type` is `p`), and changes of properties like those of a staff "
            "update. It is never shown or mailed to the contact, and neither `last_staff_reply_at` nor `unresponded` "
            "moves. The keys that concern the contact (`cc`, `update_customer` and so on) are ignored."
        ),
        parameters=("number", "noop"),
        body=requests.PrivateNote,
        answer=shapes.Ticket,
        answer_text="The ticket with the note as its last update.",
        refusals={
            shapes.ErrorList: WRITE_REFUSALS,
            shapes.ErrorMap: "The completion rule.",
            shapes.ErrorText: "Nothing to update.",
        },
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/user_reply/",
        id="addUserReply",
        tag="Tickets",
        summary="Add a user reply",
        description=(
            "A reply in the name of a contact. It need not be the one who opened the ticket: colleagues may answer.\n\n"
            "A reply to a completed ticket reopens it: it gets the default status, and the same update says so in "
            "`status_change`."
        ),
        parameters=("number",),
        body=requests.UserReply,
        answer=shapes.Ticket,
        answer_text="The ticket with the reply as its last update.",
        refusals={shapes.ErrorList: WRITE_REFUSALS},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/update_custom_fields/",
        id="updateCustomFields",
        tag="Tickets",
        summary="Edit custom fields",
        description=(
            "Sets the custom fields that are sent, and leaves the others alone. A required field cannot be emptied. "
            "Fields the ticket's category does not have are ignored. Without any change the answer is 400."
        ),
        parameters=("number", "noop"),
        body=requests.UpdateCustomFields,
        answer=shapes.Ticket,
        answer_text="The ticket, with an update without a message as its last.",
        refusals={shapes.ErrorList: WRITE_REFUSALS, shapes.ErrorText: "Nothing to update."},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/update_tags/",
        id="updateTags",
        tag="Tickets",
        summary="Add and remove tags",
        description=(
            "Adds tags and removes tags in one step. The update in the history shows no change: tags have no key "
            "there. `last_updated_at` does not move, `last_modified` does."
        ),
        parameters=("number", "noop"),
        body=requests.UpdateTags,
        answer=shapes.Ticket,
        answer_text="The ticket, with an update without a message as its last.",
        refusals={shapes.ErrorList: WRITE_REFUSALS, shapes.ErrorText: "Nothing to update."},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/subscribe/",
        id="subscribe",
        tag="Tickets",
        summary="Subscribe staff",
        description=(
            "Staff who follow a ticket are told of replies and changes. Subscribing somebody twice changes nothing "
            "and is no error. The history gets no entry."
        ),
        parameters=("number",),
        body=requests.Subscribe,
        answer=shapes.Done,
        answer_text="The names of all who were asked for, `staff_id` first.",
        refusals={shapes.ErrorList: WRITE_REFUSALS},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/unsubscribe/",
        id="unsubscribe",
        tag="Tickets",
        summary="Unsubscribe a staff member",
        description="Whoever is not subscribed may be unsubscribed; nothing changes then.",
        parameters=("number",),
        body=requests.Unsubscribe,
        answer=shapes.Done,
        answer_text="The name.",
        refusals={shapes.ErrorList: WRITE_REFUSALS},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/forward/",
        id="forwardTicket",
        tag="Tickets",
        summary="Forward a ticket",
        description=(
            "Sends the ticket to others by mail. The history gets a private message with `forward_list`; the contact "
            "does not see it, and neither `last_updated_at` nor `unresponded` moves."
        ),
        parameters=("number",),
        body=requests.ForwardTicket,
        answer=shapes.Done,
        answer_text="Forwarded.",
        refusals={shapes.ErrorList: WRITE_REFUSALS},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/move/",
        id="moveTicket",
        tag="Tickets",
        summary="Move a ticket to another category",
        description=(
            "The display id gets the prefix of the new category; the number stays. Values of custom fields that the "
            "new category does not have are kept, but not shown there.\n\n"
            "- **Permission.** Staff who do not belong to the new category need `move_ticket_to_any_category`.\n"
            "- **Compulsory fields.** Every field that is compulsory on a move and applies must have a value.\n"
            "- **Nothing to update.** A ticket that is in this category already is 400."
        ),
        parameters=("number", "noop"),
        body=requests.MoveTicket,
        answer=shapes.Moved,
        answer_text="Moved.",
        refusals={
            shapes.ErrorList: WRITE_REFUSALS + " A missing permission is a problem of `staff_id`.",
            shapes.ErrorMap: "A field that is compulsory on a move has no value.",
            shapes.ErrorText: "Nothing to update.",
        },
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/delete/",
        id="deleteTicket",
        tag="Tickets",
        summary="Delete a ticket",
        description=(
            "The ticket, its history and its files cannot be reached any more, and this cannot be undone here. Its "
            "number is never given to another ticket."
        ),
        parameters=("number",),
        body=requests.DeleteTicket,
        answer=shapes.Deleted,
        answer_text="The display id of the ticket that is gone.",
        refusals={shapes.ErrorList: WRITE_REFUSALS},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/update/{update_id}/edit/",
        id="editMessage",
        tag="Tickets",
        summary="Edit a message",
        description=(
            "Puts another text in the place of a message, takes files from it, or both. It gets `edited_at`, and a new "
            f"update says who did it, in `correction`. {_KEPT_FOR_AUDITS}\n\n"
            "Nobody is told. A mail about the message that has not left yet leaves with the new text.\n\n"
            "- **Permission**, always asked for: `edit_own_reply`, `edit_staff_reply` or `edit_contact_reply`; of a "
            "private message `edit_own_note` or `edit_staff_note`; for files also `delete_attachments`.\n"
            "- **Nothing to update.** The message reads like this already."
        ),
        parameters=("number", "update_id", "noop"),
        body=requests.EditMessage,
        answer=shapes.Ticket,
        answer_text="The ticket, with an entry about the correction as its last update.",
        refusals={shapes.ErrorList: _CORRECTION_REFUSALS, shapes.ErrorText: "Nothing to update."},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/update/{update_id}/delete/",
        id="deleteMessage",
        tag="Tickets",
        summary="Delete a message",
        description=(
            "The update stays, `hidden`, with null for its message: text, subject, addresses and files are gone from "
            "answers, from the search and from signed addresses. Mails about it that have not left are cancelled. What "
            "else the update changed stays, and so do `messages_count` and `time_spent`. A new update says who did it, "
            f"in `correction`. {_KEPT_FOR_AUDITS} It cannot be undone here.\n\n"
            "The ticket is then as it would be without the message: `first_message` (empty when it was the first one), "
            "`attachments_count`, `unresponded` and the times of the last replies.\n\n"
            "**Permission**, always asked for: `delete_replies`, and `delete_attachments` if it has files."
        ),
        parameters=("number", "update_id"),
        body=requests.HideMessage,
        answer=shapes.Ticket,
        answer_text="The ticket, with an entry about the deletion as its last update.",
        refusals={shapes.ErrorList: _CORRECTION_REFUSALS},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="POST",
        path="ticket/{number}/update/{update_id}/make_private/",
        id="makeMessagePrivate",
        tag="Tickets",
        summary="Make a message private",
        description=(
            "A message of staff that contacts could see becomes one only staff see. `unresponded` and the times of the "
            "last replies are those of the messages that are still public; mails to the contact that have not left are "
            "cancelled. A new update says who did it, in `correction`. There is no way back, and a contact's own "
            "message cannot be hidden from them.\n\n"
            "- **Permission**, always asked for: `edit_own_reply` or `edit_staff_reply`.\n"
            "- **Nothing to update.** The message is private already."
        ),
        parameters=("number", "update_id", "noop"),
        body=requests.HideMessage,
        answer=shapes.Ticket,
        answer_text="The ticket, with an entry about it as its last update.",
        refusals={shapes.ErrorList: _CORRECTION_REFUSALS, shapes.ErrorText: "Nothing to update."},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="GET",
        path="ticket/{number}/update/{update_id}/revisions/",
        id="listRevisions",
        tag="Tickets",
        summary="List what a message was before",
        description=(
            "Every correction of a message, the first one first: who did what and when, and the message until then. "
            "Files have no addresses any more. Empty for a message that was never corrected."
        ),
        parameters=("number", "update_id", "seen_by_staff", "size", "page"),
        answer=shapes.RevisionPage,
        answer_text="One page.",
        refusals={shapes.ErrorList: "`staff_id` is missing, unknown, or may not see this."},
        example_query={"staff_id": "7"},
        finds=True,
    ),
)
