"""Every operation this server answers, in the words that are published; api/openapi makes the document of them.

`OPERATIONS` is the table to extend: one entry per method and path of `urls.py`. A test holds the two together.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from msgspec import Struct

from reynard.api import requests, shapes
from reynard.api.formats import CONTENT_TYPES
from reynard.api.paging import SIZE_DEFAULT, SIZE_MAXIMUM, SIZE_MINIMUM
from reynard.api.parse_contacts import BULK_LIMIT
from reynard.desk.actions import bulk
from reynard.desk.selectors.search import LENGTH_LIMIT, TERMS_LIMIT, WORDS_LIMIT
from reynard.desk.selectors.tickets import ORDERS

Json = dict[str, Any]

# Search terms that `tickets/` also takes as parameters of their own (T-07).
BARE_FILTERS = "unresponded breached has_attachments tag duedate priority assignee group contact id".split()

INTRODUCTION = """\
A help desk speaking the HappyFox ticket API 1.1: clients written for HappyFox work here when their host is changed.
This document describes what this server answers, including the rules that surprise.

## Addresses and formats

Every address names the format of its answer: `/api/1.1/json/…`, `/api/1.1/yaml/…` or `/api/1.1/xml/…`. The `Accept`
header is ignored. What one format says, the others say. Version `1.0` in the address means the same as `1.1`. Paths
work with and without the last slash, and nothing is ever redirected. `HEAD` answers like `GET`, without the body.

- JSON is described here in full. Answers may gain keys; ignore those you do not know.
- YAML has the same structure, with dates and times as plain scalars, so that loaders yield real dates.
- XML has `<response>` at the root, an element per key and `<resource>` per list item. Null is the attribute
  `null="True"`; booleans are `True` and `False`.

Requests are JSON, YAML, a form or multipart, chosen by their `Content-Type` alone. Only multipart carries files. Ids,
numbers and flags may be sent as texts too (`"12"`, `"true"`, `"yes"`, `"1"`). Keys the desk does not know are ignored.
In a form a key may be repeated for several values, an empty value counts as not sent, and there is no null.

Moments are texts like `2026-03-09 08:41:17`, in UTC, with a blank and without a zone; only those of assets are like
`2026-03-09T08:41:17Z`. Success is always 200 with a
body, also when something was created.

## Signing in

HTTP Basic: the API key is the user name, its auth code the password. A key speaks for the whole desk; the requests that
act for somebody name that staff member or contact themselves. Only the external knowledge base can be read without a
key, and then articles that need a login are left out.

## Errors

Errors come in the format of the address, in one of four shapes. A request that is refused has changed nothing.

- **List**: everything that is wrong, field by field. `{"error": [{"field": "category", "errors": ["This field is
  required."]}]}`. The field `__all__` is the whole request. In YAML and XML the list stands alone, without `error`.
- **Map**: a rule of the ticket forbids the change. `{"error": {"t-cf-9": "This field should be filled before marking
  this ticket as completed"}}`
- **Asset map**: what is wrong with an asset that is added or changed. `{"error": {"display_id": ["This field is
  required."], "contact_ids": "Enter a list of values.", "custom_fields": {"23": "Enter a valid date."}}}`
- **Text**: one sentence. `{"error": "Nothing to update"}`

An address that does not exist is 404. A method that an address does not take is 405, with the header `Allow`. Both
come after the credentials: without those everything is 401. An address with thousands of parameters is 400.

## Pages

`tickets/`, `users/` and the lists of assets, their types and fields come in pages: `size` (10 to 50, default 10) and
`page` (from 1). Values out of range are moved into it and never an error. `page_info.last_index` is the number of
elements in the whole list. A page past the end is empty.

## Writing safely

- Send an `Idempotency-Key` of your own with every write, such as a UUID. Repeating the request with the same key within
  24 hours replays the stored answer, with `Idempotency-Replayed: true`; the write happens once. The same key with
  another request is 409.
- A ticket's answer carries an `ETag`. Send it back as `If-Match` and the write is refused with 412 when somebody else
  changed the ticket in between; as `If-None-Match` on a read, and an unchanged ticket is 304 without a body.
- Writers on one ticket wait for each other. Nothing is half done.

## Limits

Each key has a number of reads and of writes per minute, set by the operator. `X-RateLimit-Limit`,
`X-RateLimit-Remaining` and `X-RateLimit-Reset` (seconds) tell how it stands; above it the answer is 429 with
`Retry-After`. Files of one message may have 25 MB together, any other body 10 MB.
"""

TAGS = {
    "Tickets": "Conversations with contacts. Most operations answer with the whole ticket.",
    "Contacts": 'The people who open tickets: "users" in addresses, "contacts" in words.',
    "Contact groups": "Organisations that contacts belong to, and who may see the tickets of the others.",
    "Reference data": "What tickets refer to: categories, statuses, priorities, staff. Complete lists, without pages.",
    "Custom fields": "The desk's own fields of tickets and contacts, and their choices.",
    "Assets": "Things the desk looks after, with fields of their own, linked to contacts and contact groups.",
    "Knowledge base": "Articles in sections, for reading. The external ones need no API key.",
    "Service": "Files, health and this description. No API key is needed.",
}


# --- parameters


def _query(name: str, description: str, schema: Json, **more: Any) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _in_path(name: str, description: str, schema: Json, example: Any) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
        "example": example,
    }


def _header(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "description": description, "schema": schema}


_ID: Json = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
_ID_OR_EMAIL: Json = {"type": "string", "pattern": r"^([0-9]{1,18}|[^/]*@[^/]*)$"}

PARAMETERS: dict[str, Json] = {
    "format": _in_path("format", "The format of the answer.", {"type": "string", "enum": list(CONTENT_TYPES)}, "json"),
    "number": _in_path(
        "number",
        "The ticket number. A display id such as `RW00004127` is understood too.",
        {"type": "string", "pattern": r"^#?[A-Za-z]{0,8}[0-9]{1,30}$"},
        "4127",
    ),
    "id": _in_path("id", "The id, as the list of them gives it.", _ID, 12),
    "contact": _in_path(
        "contact", "The id or the e-mail address, in any letter case.", _ID_OR_EMAIL, "noor.haddad@example.org"
    ),
    "person": _in_path("person", "The id or the e-mail address, in any letter case.", _ID_OR_EMAIL, "7"),
    "size": _query(
        "size",
        "Elements per page. Anything smaller or larger is moved to the nearest limit; what is no number is 10.",
        {"type": "integer", "minimum": SIZE_MINIMUM, "maximum": SIZE_MAXIMUM, "default": SIZE_DEFAULT},
    ),
    "page": _query(
        "page",
        "The page, from 1. One past the end is empty, not an error.",
        {"type": "integer", "minimum": 1, "default": 1},
    ),
    "status": _query(
        "status",
        "`_all` (default), `_pending`, `_completed`, or status ids; several mean any of them, repeated or with commas.",
        {"type": "array", "items": {"type": "string", "pattern": "^(_all|_pending|_completed|[0-9]+)$"}},
        style="form",
        explode=True,
        example=["_pending"],
    ),
    "category": _query(
        "category",
        "Category ids; several mean any of them, repeated or with commas. An unknown id matches nothing.",
        {"type": "array", "items": {"type": "integer", "minimum": 1}},
        style="form",
        explode=True,
        example=[12],
    ),
    "sort": _query(
        "sort",
        "The order. Beware: `updated` and `created` are newest first, `updatea` and `createa` oldest first. Other "
        "keys end in `a` (ascending) or `d` (descending). The ticket number decides among equals.",
        {"type": "string", "enum": list(ORDERS), "default": "updated"},
    ),
    "fields": _query(
        "fields",
        "Top-level keys of the ticket, with commas. The answer then has exactly these; unknown names are ignored.",
        {"type": "string"},
        example="id,subject,status",
    ),
    "include_updates": _query(
        "include_updates",
        "`0` or `false` leaves `updates` out, which makes large pages much smaller.",
        {"type": "boolean", "default": True},
    ),
    "minify_response": _query(
        "minify_response",
        "`true`: `data` is only a list of ticket numbers. Wins over `fields`.",
        {"type": "boolean", "default": False},
    ),
    "show_cf_changes": _query(
        "show_cf_changes",
        "`true` fills `custom_field_change` in the updates, which is null otherwise.",
        {"type": "boolean", "default": False},
    ),
    "ticket_search": _query(
        "q",
        "The search language: words, phrases in double quotes and beginnings of words (`brak*`), found in subjects, "
        "messages, notes, tags, names of files, and names and addresses of contacts; and terms `status:`, "
        "`priority:`, `category:`, `tag:`, `assignee:`, `group:`, `contact:`, `id:`, `unresponded:`, `breached:`, "
        "`has_attachments:`, `duedate:`, `created-on:` (`-before`, `-after`, `-on-or-before`, `-on-or-after`; "
        "`last-modified-…`, `last-staff-replied-…`, `last-contact-replied-…`, `last-closed-…` likewise) and "
        '`"Name of a custom field":`. Values with blanks stand in double quotes, commas between values mean "or", and '
        "all terms must match. A value that cannot be is no error and matches nothing. Without `sort` the best "
        f"matches of words come first. At most {TERMS_LIMIT} terms, {WORDS_LIMIT} words and {LENGTH_LIMIT:,} "
        "characters.",
        {"type": "string", "maxLength": LENGTH_LIMIT},
        example='status:"New","Waiting" created-on-or-after:"2026/03/01" brake',
    ),
    "asset_type": _query(
        "asset_type",
        "The type, by its id. Without it the type with the lowest id is meant.",
        {"type": "integer", "minimum": 1},
    ),
    "deleted_by": _query(
        "deleted_by",
        "The active staff member who deletes; needs the permission to manage assets.",
        {"type": "integer", "minimum": 1},
        required=True,
        example=7,
    ),
    **{
        f"bare_{name}": _query(
            name,
            f"The term `{name}:` of the search language as a parameter of its own; several values: any of them.",
            {"type": "string"},
        )
        for name in BARE_FILTERS
    },
    "contact_search": _query(
        "q",
        "Words, and terms `name:`, `email:`, `phone:`, `created_since:`, `updated_since:`; all must match. Values "
        "with blanks stand in double quotes. At most 50 of them.",
        {"type": "string"},
        example='name:"Noor Haddad" created_since:2025-11-01',
    ),
    "partial": _query(
        "partial",
        "`true`: an edit keeps the custom fields it does not send, as edits at `user/` always do.",
        {"type": "boolean", "default": False},
    ),
    "idempotency_key": _header(
        "Idempotency-Key",
        "A name of your own for this write. Repeating it within 24 hours replays the first answer.",
        {"type": "string", "pattern": r"^[ -~]{1,255}$", "examples": ["6f1c2f3e-2c0a-4a55-9a5e-0f7f6d1c9b1e"]},
    ),
    "if_match": _header(
        "If-Match",
        "The `ETag` of the ticket as you know it; a ticket changed since then is 412. `*` allows any.",
        {"type": "string", "examples": ['"4127-9-3-17"']},
    ),
    "if_none_match": _header(
        "If-None-Match",
        "The `ETag` of an answer you have; if it is still true you get 304.",
        {"type": "string", "examples": ['"4127-9-3-17"']},
    ),
    "article_file": _in_path("id", "The attachment's id.", _ID, 12),
    "attachment": _in_path("id", "The attachment's id.", _ID, 640),
    "upload": _in_path(
        "id",
        "The upload's id, which cannot be guessed.",
        {"type": "string", "pattern": "^[0-9]{1,18}$"},
        "417025512280914533",
    ),
    "expires": _in_path("expires", "When the address ends, in Unix seconds.", {"type": "integer"}, 1773045955),
    "signature": _in_path(
        "signature",
        "Proves that the desk made the address.",
        {"type": "string", "pattern": r"^[\w-]{22}$"},
        "b5l0Yx6pWm2cQe9TtUo1Aw",
    ),
}


# --- operations


class Operation(Struct, frozen=True, kw_only=True):
    """One method of one path. `refusals` says when a 400 of each shape is answered."""

    method: str
    path: str  # below /api/1.1/<format>/, or from the root for those of "Service"
    id: str
    tag: str
    summary: str
    description: str = ""
    parameters: tuple[str, ...] = ()  # names in PARAMETERS
    body: type[Struct] | None = None  # of api/requests
    answer: Any = None  # a shape or list of one; the whole is meant where `variants` are
    answer_text: str = ""
    variants: tuple[str, ...] = ()  # other schemas a successful answer may have
    list_answer: Any = None  # the answer to a list of bodies, where one may be sent
    list_item: type[Struct] | None = None  # what such a list has when that is not the body
    most_items: int = 100  # of such a list
    refusals: Mapping[Any, str] = {}
    conditional: bool = False  # If-None-Match on reads, If-Match on writes
    public: bool = False  # may be read without credentials
    finds: bool = False  # the path names an element, which may not exist
    deprecated: bool = False
    example_query: Mapping[str, str] = {}

    @property
    def writes(self) -> bool:
        return self.method != "GET"


_WRITE_REFUSALS = "A field is missing, wrong or unknown to the desk, or the body cannot be read."
_CREATE = (
    "The ticket belongs to a known contact (`client`), or to whoever has `email`: an address the desk does not know "
    "becomes a contact, and then `name` is needed. Required custom fields of the category must be sent.\n\n"
    "The answer is 200, not 201, with the whole ticket. It has the default status (a `status` in the request is "
    "ignored), the source `TKT_CREATION_API` and one update, by the contact."
)

_CREATE_MANY = (
    f"**Lists.** In JSON and YAML the body may be a list of 1 to {bulk.LIMIT} such objects. The answer is then a list "
    "in the same order, with status 200 even if every item failed: an item that is refused leaves nothing behind and "
    "does not stop the others. One `Idempotency-Key` stands for the whole list."
)
_PHONES = (
    "**Phones.** An entry with `id` edits that phone, one without adds the number; a number that is there already, "
    "digits compared, is not added again. Phones that are not mentioned stay. The first phone of a contact becomes "
    "the primary one, and `is_primary` moves that to another."
)
_SAVE_CONTACT = (
    "The address decides, in any letter case: one the desk does not know becomes a new contact, and then `name` and "
    "the required custom fields are needed; any other contact is edited. `email` must be there. It may be null when "
    "`phones` are sent: such a contact is always a new one, unless a phone has an `id`.\n\n"
    "**Beware.** An edit empties every custom field that is not sent, except required ones. `partial=true` keeps "
    "them, and so does `user/`. The operator may turn the reset off.\n\n"
    f"{_PHONES}\n\n{_CREATE_MANY}"
)


def _list(path: str, id: str, tag: str, shape: Any, words: str, order: str) -> Operation:
    return Operation(
        method="GET",
        path=path,
        id=id,
        tag=tag,
        summary=f"List all {words}",
        description=f"The complete list, without pages, by {order}.",
        answer=list[shape],
        answer_text=f"All {words}.",
    )


def _one(path: str, id: str, tag: str, shape: Any, word: str, *parameters: str) -> Operation:
    article = "an" if word[0] in "aeiou" else "a"
    return Operation(
        method="GET",
        path=path,
        id=id,
        tag=tag,
        summary=f"Read {article} {word}",
        parameters=parameters or ("id",),
        answer=shape,
        answer_text=f"The {word}.",
        finds=True,
    )


def _asset_pages(path: str, id: str, shape: Any, words: str, *parameters: str) -> Operation:
    return Operation(
        method="GET",
        path=path,
        id=id,
        tag="Assets",
        summary=f"List {words}",
        description="Page by page, by id.",
        parameters=(*parameters, "size", "page"),
        answer=shape,
        answer_text="One page.",
        refusals={shapes.ErrorList: "There is no such type (`asset_type`)."} if parameters else {},
    )


def _read_kb(path: str, id: str, summary: str, shape: Any, description: str, *, public: bool = True) -> Operation:
    return Operation(
        method="GET",
        path=path,
        id=id,
        tag="Knowledge base",
        summary=summary,
        description=description,
        parameters=("id",) if "{id}" in path else (),
        answer=shape,
        answer_text="As it may be read by the caller.",
        conditional=True,
        public=public,
        finds="{id}" in path,
    )


_KEPT = (
    "Without credentials, articles that need a login are left out, and the answer may be kept for a minute "
    "(`Cache-Control`). Internal articles are never here."
)

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
            "status",
            "category",
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
        refusals={shapes.ErrorList: "The search has too many terms, values, words or characters (`q`)."},
        example_query={"size": "50", "status": "_pending", "sort": "created"},
    ),
    Operation(
        method="POST",
        path="tickets/",
        id="createTicket",
        tag="Tickets",
        summary="Create a ticket",
        description=f"{_CREATE}\n\n{_CREATE_MANY}",
        body=requests.CreateTicket,
        answer=shapes.Ticket,
        answer_text="The new ticket; for a list, what became of each item.",
        list_answer=list[shapes.CreatedTicket],
        most_items=bulk.LIMIT,
        refusals={shapes.ErrorList: f"{_WRITE_REFUSALS} Or a list is empty or too long, and nothing was created."},
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
        refusals={shapes.ErrorList: _WRITE_REFUSALS},
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
            "- **Nothing to update.** Without a message, and with every value as it was, the answer is 400.\n"
            "- **Completion.** A status that completes the ticket needs a value in every field that is compulsory "
            "then, on the ticket or in this request.\n"
            "- **Collision.** With `last_staff_message`, a newer public staff message refuses the update, so that two "
            "agents do not answer at once.\n"
            "- **Time.** Where the category has `time_spent_mandatory`, a message needs `time_spent`."
        ),
        parameters=("number",),
        body=requests.StaffUpdate,
        answer=shapes.Ticket,
        answer_text="The ticket with the new update as its last.",
        refusals={
            shapes.ErrorList: _WRITE_REFUSALS,
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
        parameters=("number",),
        body=requests.PrivateNote,
        answer=shapes.Ticket,
        answer_text="The ticket with the note as its last update.",
        refusals={
            shapes.ErrorList: _WRITE_REFUSALS,
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
        refusals={shapes.ErrorList: _WRITE_REFUSALS},
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
        parameters=("number",),
        body=requests.UpdateCustomFields,
        answer=shapes.Ticket,
        answer_text="The ticket, with an update without a message as its last.",
        refusals={shapes.ErrorList: _WRITE_REFUSALS, shapes.ErrorText: "Nothing to update."},
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
        parameters=("number",),
        body=requests.UpdateTags,
        answer=shapes.Ticket,
        answer_text="The ticket, with an update without a message as its last.",
        refusals={shapes.ErrorList: _WRITE_REFUSALS, shapes.ErrorText: "Nothing to update."},
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
        refusals={shapes.ErrorList: _WRITE_REFUSALS},
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
        refusals={shapes.ErrorList: _WRITE_REFUSALS},
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
        refusals={shapes.ErrorList: _WRITE_REFUSALS},
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
        parameters=("number",),
        body=requests.MoveTicket,
        answer=shapes.Moved,
        answer_text="Moved.",
        refusals={
            shapes.ErrorList: _WRITE_REFUSALS + " A missing permission is a problem of `staff_id`.",
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
        refusals={shapes.ErrorList: _WRITE_REFUSALS},
        conditional=True,
        finds=True,
    ),
    Operation(
        method="GET",
        path="users/",
        id="listContacts",
        tag="Contacts",
        summary="List and search contacts",
        description="Page by page, by id.",
        parameters=("size", "page", "contact_search"),
        answer=shapes.ContactPage,
        answer_text="One page.",
        refusals={shapes.ErrorList: "The search has too many terms (`q`)."},
        example_query={"q": 'email:"@example.org" created_since:2025-11-01', "size": "50"},
    ),
    Operation(
        method="POST",
        path="users/",
        id="saveContact",
        tag="Contacts",
        summary="Add a contact, or edit the one with this address",
        description=_SAVE_CONTACT,
        parameters=("partial",),
        body=requests.SaveContact,
        answer=shapes.Contact,
        answer_text="The contact; for a list, what became of each item.",
        list_answer=list[shapes.SavedContact],
        most_items=BULK_LIMIT,
        refusals={shapes.ErrorList: f"{_WRITE_REFUSALS} Or a list is empty or too long, and nothing was saved."},
    ),
    _one("user/{contact}/", "readContact", "Contacts", shapes.Contact, "contact", "contact"),
    Operation(
        method="POST",
        path="user/{contact}/",
        id="editContact",
        tag="Contacts",
        summary="Edit a contact",
        description=(
            "Only the keys that are sent change; custom fields keep their values. The address may be another one "
            "that no other contact has, or null for a contact with a phone.\n\n" + _PHONES
        ),
        parameters=("contact",),
        body=requests.EditContact,
        answer=shapes.Contact,
        answer_text="The contact.",
        refusals={shapes.ErrorList: _WRITE_REFUSALS},
        finds=True,
    ),
    _list("contact_groups/", "listGroups", "Contact groups", shapes.GroupSummary, "contact groups", "id"),
    Operation(
        method="POST",
        path="contact_groups/",
        id="addGroup",
        tag="Contact groups",
        summary="Add a contact group",
        description=(
            "Contacts who are added from now on join it by the domain of their address; those who are there already "
            "do not."
        ),
        body=requests.AddGroup,
        answer=shapes.Group,
        answer_text="The new group.",
        refusals={shapes.ErrorList: "The name is missing or taken, or something else is wrong."},
    ),
    _one("contact_group/{id}/", "readGroup", "Contact groups", shapes.Group, "contact group"),
    Operation(
        method="POST",
        path="contact_group/{id}/",
        id="editGroup",
        tag="Contact groups",
        summary="Edit a contact group",
        description=(
            "Only the keys that are sent change; an empty text clears the description or the domains. Other domains "
            "move nobody who is there already."
        ),
        parameters=("id",),
        body=requests.EditGroup,
        answer=shapes.Group,
        answer_text="The group.",
        refusals={shapes.ErrorList: "The name is empty or taken, or something else is wrong."},
        finds=True,
    ),
    Operation(
        method="POST",
        path="contact_group/{id}/update_contacts/",
        id="putMembers",
        tag="Contact groups",
        summary="Add contacts to a group, or change what they may see",
        description=(
            f"A list of 1 to {BULK_LIMIT} contacts, in JSON or YAML. The answer has one entry for each, in the same "
            "order; one that is refused does not stop the others.\n\n"
            "In a list, `access_tickets` is false unless it is sent. In the other form, `contacts`, a contact who is "
            "in the group already keeps it."
        ),
        parameters=("id",),
        body=requests.PutMembers,
        answer=list[shapes.SavedMember],
        answer_text="What became of each contact.",
        list_answer=list[shapes.SavedMember],
        list_item=requests.PutMember,
        most_items=BULK_LIMIT,
        refusals={shapes.ErrorList: "There are no contacts in the request, or too many."},
        finds=True,
    ),
    Operation(
        method="POST",
        path="contact_group/{id}/delete_contacts/",
        id="removeMembers",
        tag="Contact groups",
        summary="Remove contacts from a group",
        description="The contacts themselves stay. The answer has one entry for each, in the same order.",
        parameters=("id",),
        body=requests.RemoveMembers,
        answer=list[shapes.RemovedMember],
        answer_text="What became of each contact.",
        refusals={shapes.ErrorList: "There are no contacts in the request, too many, or ids that are none."},
        finds=True,
    ),
    _list("categories/", "listCategories", "Reference data", shapes.Category, "categories", "id"),
    _one("category/{id}/", "readCategory", "Reference data", shapes.Category, "category"),
    _list("statuses/", "listStatuses", "Reference data", shapes.Status, "statuses", "`order`, then id"),
    _one("status/{id}/", "readStatus", "Reference data", shapes.Status, "status"),
    _list("priorities/", "listPriorities", "Reference data", shapes.Priority, "priorities", "`order`, then id"),
    _one("priority/{id}/", "readPriority", "Reference data", shapes.Priority, "priority"),
    _list("staff/", "listStaff", "Reference data", shapes.Staff, "staff members", "id, inactive ones too"),
    _one("staff/{person}/", "readStaff", "Reference data", shapes.Staff, "staff member", "person"),
    _list(
        "ticket_custom_fields/",
        "listTicketFields",
        "Custom fields",
        shapes.TicketField,
        "custom fields of tickets",
        "id",
    ),
    _one(
        "ticket_custom_field/{id}/", "readTicketField", "Custom fields", shapes.TicketField, "custom field of tickets"
    ),
    Operation(
        method="PUT",
        path="ticket_custom_field/{id}/",
        id="replaceChoices",
        tag="Custom fields",
        summary="Replace the choices of a custom field",
        description=(
            "Only for fields of type `choice` and `multiple_choice`. Choices keep their ids, may be renamed, and come "
            "in the order of the list. **A choice that is left out is deleted**, and tickets lose it: a value shows as "
            "null, a list of values without it. An empty list deletes them all. Ids are never used again.\n\n"
            "A field that depends on a deleted choice never applies, until it is listed in `dependant_fields` of "
            "another one. A field may depend on one choice, and not on itself."
        ),
        parameters=("id",),
        body=requests.ReplaceChoices,
        answer=shapes.TicketField,
        answer_text="The whole field.",
        refusals={shapes.ErrorList: "An entry is wrong, or the field has no choices; always told at `choices`."},
        finds=True,
    ),
    _list(
        "user_custom_fields/",
        "listContactFields",
        "Custom fields",
        shapes.ContactField,
        "custom fields of contacts",
        "`order`, then id",
    ),
    _one(
        "user_custom_field/{id}/",
        "readContactField",
        "Custom fields",
        shapes.ContactField,
        "custom field of contacts",
    ),
    _asset_pages("assets/", "listAssets", shapes.AssetPage, "the assets of a type", "asset_type"),
    Operation(
        method="POST",
        path="assets/",
        id="createAsset",
        tag="Assets",
        summary="Add an asset",
        description="The asset is of the type that the address names, or of the one with the lowest id.",
        parameters=("asset_type",),
        body=requests.CreateAsset,
        answer=shapes.Asset,
        answer_text="The new asset.",
        refusals={shapes.AssetErrors: _WRITE_REFUSALS},
    ),
    _one("asset/{id}/", "readAsset", "Assets", shapes.Asset, "asset"),
    Operation(
        method="PUT",
        path="asset/{id}/",
        id="updateAsset",
        tag="Assets",
        summary="Change an asset",
        description=(
            "Only what is sent changes. `contact_ids` and `contact_group_ids` replace the links of that kind, and an "
            "empty list removes them all; `contacts` adds links."
        ),
        parameters=("id",),
        body=requests.UpdateAsset,
        answer=shapes.Asset,
        answer_text="The asset as it is now.",
        refusals={shapes.AssetErrors: _WRITE_REFUSALS, shapes.ErrorText: "Nothing to update: no change was sent."},
        finds=True,
    ),
    Operation(
        method="DELETE",
        path="asset/{id}/",
        id="deleteAsset",
        tag="Assets",
        summary="Delete an asset",
        description="For good, with its links; its `display_id` is free again.",
        parameters=("id", "deleted_by"),
        answer=shapes.DeletedAsset,
        answer_text="It is deleted.",
        refusals={shapes.ErrorList: "`deleted_by` is missing, unknown, or may not do this."},
        finds=True,
    ),
    _asset_pages(
        "asset_custom_fields/", "listAssetFields", shapes.AssetFieldPage, "the fields of a type", "asset_type"
    ),
    _one("asset_custom_fields/{id}/", "readAssetField", "Assets", shapes.AssetField, "field of assets"),
    _one("asset_custom_field/{id}/", "readAssetFieldAlias", "Assets", shapes.AssetField, "field, as clients spell it"),
    _asset_pages("asset_types/", "listAssetTypes", shapes.AssetTypePage, "asset types"),
    _one("asset_type/{id}/", "readAssetType", "Assets", shapes.AssetType, "asset type"),
    _read_kb("kb/articles/", "listArticles", "List all external articles", list[shapes.Article], f"By id. {_KEPT}"),
    _read_kb(
        "kb/internal-articles/",
        "listInternalArticles",
        "List all internal articles",
        list[shapes.Article],
        "By id. These are for staff: they always need credentials, and cannot be read one by one.",
        public=False,
    ),
    _read_kb(
        "kb/sections/",
        "listSections",
        "List all sections with their articles",
        list[shapes.Section],
        f"All sections by id, flat, each with its external articles. {_KEPT}",
    ),
    _read_kb("kb/article/{id}/", "readArticle", "Read an external article", shapes.Article, _KEPT),
    _read_kb("kb/section/{id}/", "readSection", "Read a section with its articles", shapes.Section, _KEPT),
)


# --- what is served outside /api/1.1/, without credentials


def _plain(description: str, media_type: str = "text/plain") -> Json:
    return {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}


def _image(description: str) -> Json:
    return {
        "description": description,
        "headers": {
            "Content-Disposition": {"description": "`inline`, with the file's name.", "schema": {"type": "string"}}
        },
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }


SERVICE: dict[str, Json] = {
    "/attachments/{id}/{expires}-{signature}/": {
        "get": {
            "operationId": "downloadAttachment",
            "tags": ["Service"],
            "summary": "Download a file",
            "description": (
                "The address stands in a message's `attachments`, signed and complete; take it as it is. It may be "
                "used several times until it ends, five minutes after the answer it stood in. The file always comes "
                "as a download and never runs as a page."
            ),
            "parameters": [PARAMETERS["attachment"], PARAMETERS["expires"], PARAMETERS["signature"]],
            "responses": {
                "200": {
                    "description": "The file. A type that a browser might run comes as `application/octet-stream`.",
                    "headers": {
                        "Content-Disposition": {
                            "description": "`attachment`, with the file's name.",
                            "schema": {"type": "string"},
                        }
                    },
                    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
                },
                "403": _plain("The address has ended, or is not one of the desk's."),
                "404": _plain("The file is gone."),
            },
        }
    },
    "/attachments/{id}/inline/{expires}-{signature}/": {
        "get": {
            "operationId": "showAttachment",
            "tags": ["Service"],
            "summary": "Show an image in a message",
            "description": (
                "The address stands in the `src` of an image in a message's `html`, fresh in every answer. Only images "
                "that cannot run anything are shown in place; all else comes as a download."
            ),
            "parameters": [PARAMETERS["attachment"], PARAMETERS["expires"], PARAMETERS["signature"]],
            "responses": {
                "200": _image("The image."),
                "403": _plain("The address has ended, or is not one of the desk's."),
                "404": _plain("The file is gone."),
            },
        }
    },
    "/get_hdp_temporarily_attachment/{id}/": {
        "get": {
            "operationId": "showInlineAttachment",
            "tags": ["Service"],
            "summary": "Show an uploaded image",
            "description": "The address that the upload of an inline attachment was answered with.",
            "parameters": [PARAMETERS["upload"]],
            "responses": {"200": _image("The image."), "404": _plain("There is none, or its time is over.")},
        }
    },
    "/attachments/kb/{id}/{expires}-{signature}/": {
        "get": {
            "operationId": "downloadArticleAttachment",
            "tags": ["Service"],
            "summary": "Download a file of the knowledge base",
            "description": (
                "The address stands in an article's `attachments`, signed and complete; take it as it is. It may be "
                "used several times until it ends, five minutes after the answer it stood in. The file always comes "
                "as a download and never runs as a page."
            ),
            "parameters": [PARAMETERS["article_file"], PARAMETERS["expires"], PARAMETERS["signature"]],
            "responses": {
                "200": {
                    "description": "The file. A type that a browser might run comes as `application/octet-stream`.",
                    "headers": {
                        "Content-Disposition": {
                            "description": "`attachment`, with the file's name.",
                            "schema": {"type": "string"},
                        }
                    },
                    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
                },
                "403": _plain("The address has ended, or is not one of the desk's."),
                "404": _plain("The file is gone."),
            },
        }
    },
    "/healthz": {
        "get": {
            "operationId": "health",
            "tags": ["Service"],
            "summary": "Ask whether the server can work",
            "description": "For load balancers and supervisors.",
            "responses": {"200": _plain("It can."), "503": _plain("It cannot; the text says why.")},
        }
    },
    "/api/openapi.json": {
        "get": {
            "operationId": "readDescription",
            "tags": ["Service"],
            "summary": "Read this document",
            "responses": {
                "200": {
                    "description": "OpenAPI 3.1.",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        }
    },
    "/api/docs": {
        "get": {
            "operationId": "readDescriptionAsPage",
            "tags": ["Service"],
            "summary": "Read this document as a page",
            "responses": {"200": _plain("The page.", "text/html")},
        }
    },
}
