"""The OpenAPI 3.1 document of everything this server answers, made from api/operations.

Answers are described by the structs in api/shapes, which encode them, and request keys by those in api/requests.
"""

import re
import shlex
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from reynard.api import answer_examples, requests, shapes
from reynard.api.formats import WireDate, WireDateTime, WireInstant
from reynard.api.operations import INTRODUCTION, OPERATIONS, PARAMETERS, SERVICE, TAGS, Json, Operation

BASE_URL = "https://desk.example.org"  # stands for the desk's own address until the document is served

_REF = "#/components/schemas/{name}"
_ANSWER_TYPES = ("application/json", "application/x-yaml", "application/xml")
_BODY_TYPES = ("application/json", "application/x-yaml", "application/x-www-form-urlencoded")
_SERVERS = [
    {
        "url": f"{BASE_URL}/api/{{version}}",
        "description": "This desk",
        "variables": {"version": {"default": "1.1", "enum": ["1.1", "1.0"], "description": "Both mean the same."}},
    }
]


@lru_cache(maxsize=1)
def document() -> Json:
    """The document of a desk at BASE_URL. Shared: do not change it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Help desk API 1.1",
            "version": "1.1",
            "summary": "Tickets, contacts and reference data of a Reynard desk, for HappyFox clients.",
            "description": INTRODUCTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": _SERVERS,
        "security": [{"apiKey": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "API key as user name, auth code as password.",
                }
            },
            "parameters": {name: PARAMETERS[name] for name in sorted(_shared_parameters())},
            "headers": _HEADERS,
            "responses": _RESPONSES,
            "schemas": schemas(),
        },
    }


def encoded(base_url: str) -> bytes:
    """The document as JSON, for a desk that is reached at `base_url`."""
    return _encoded().replace(BASE_URL.encode(), msgspec.json.encode(base_url)[1:-1])


@lru_cache(maxsize=1)
def _encoded() -> bytes:
    return msgspec.json.format(msgspec.json.encode(document()), indent=1)


# --- paths


def _paths() -> Json:
    paths: Json = {}
    for operation in OPERATIONS:
        described = _operation(operation)
        paths.setdefault(f"/{{format}}/{operation.path}", {})[operation.method.lower()] = described
    for path, item in SERVICE.items():
        paths[path] = {
            "servers": [{"url": BASE_URL}],
            **{method: {**described, "security": []} for method, described in item.items()},
        }
    return paths


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [_parameter_ref(name) for name in parameter_names(operation)],
        "responses": _responses(operation),
        "x-codeSamples": [{"lang": "Shell", "label": "curl", "source": curl(operation)}],
    }
    if operation.description:
        described["description"] = operation.description
    if operation.body:
        described["requestBody"] = _request_body(operation)
    if operation.deprecated:
        described["deprecated"] = True
    if operation.public:
        described["security"] = [{"apiKey": []}, {}]
    return described


def parameter_names(operation: Operation) -> Iterable[str]:
    """In PARAMETERS: the format, the operation's own, and the headers its kind takes."""
    yield "format"
    yield from operation.parameters
    if operation.writes:
        yield "dry_run"
        yield "idempotency_key"
    if operation.conditional:
        yield "if_match" if operation.writes else "if_none_match"


def _shared_parameters() -> set[str]:
    return {name for operation in OPERATIONS for name in parameter_names(operation)}


def _parameter_ref(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


# --- requests


_LISTS_TYPES = {"application/json", "application/x-yaml"}  # protocol.md §4: a form is one object


def _request_body(operation: Operation) -> Json:
    body: Any = operation.body
    ref: Json = {"$ref": _REF.format(name=body.__name__)}
    if _is_multipart_only(body):
        return {"required": True, "content": {"multipart/form-data": {"schema": ref}}}
    item = {"$ref": _REF.format(name=operation.list_item.__name__)} if operation.list_item else ref
    several = {"type": "array", "items": item, "minItems": 1, "maxItems": operation.most_items}
    example = requests.EXAMPLES[body]
    files = {
        "type": "object",
        "properties": {
            "attachments": {
                "description": "One part per file, 25 MB together. A file alone is a message too.",
                "type": "array",
                "items": {"type": "string", "format": "binary"},
            }
        },
    }
    content: Json = {media_type: {"schema": ref, "example": example} for media_type in _BODY_TYPES}
    if operation.list_answer:
        for media_type in _LISTS_TYPES:
            content[media_type]["schema"] = {"anyOf": [ref, several]}
    content["multipart/form-data"] = {"schema": {"allOf": [ref, files]} if getattr(body, "takes_files", True) else ref}
    return {"required": True, "content": content}


def _is_multipart_only(body: Any) -> bool:
    return getattr(body, "multipart_only", False)


def curl(operation: Operation) -> str:
    """A command line that a reader can paste, once the key is in it."""
    path = operation.path
    for name in operation.parameters:
        path = path.replace(
            f"{{{PARAMETERS[name]['name']}}}", quote(str(PARAMETERS[name].get("example", "")), safe="@")
        )
    url = f"{BASE_URL}/api/1.1/json/{path}"
    required = [PARAMETERS[name] for name in operation.parameters if PARAMETERS[name].get("required")]
    query = {p["name"]: p["example"] for p in required if p["in"] == "query"} | dict(operation.example_query)
    if query:
        url += "?" + urlencode(query)
    lines = [f"curl {shlex.quote(url)}", "-u API_KEY:AUTH_CODE"]
    if operation.method in {"PUT", "DELETE"} or (operation.writes and not operation.body):
        lines.append(f"-X {operation.method}")
    if operation.writes:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if operation.body:
        example = requests.EXAMPLES[operation.body]
        if not _is_multipart_only(operation.body):
            lines.append('-H "Content-Type: application/json"')
        if _is_multipart_only(operation.body):
            lines += [f"-F {name}=@{filename}" for name, filename in example.items()]
        else:
            lines.append("-d " + shlex.quote(readable(example)))
    return " \\\n  ".join(lines)


def readable(value: Any) -> str:
    """JSON on several lines, with lists of numbers on one."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return re.sub(
        r"\[[\d,\s]+\]", lambda numbers: re.sub(r"\s+", " ", numbers[0]).replace("[ ", "[").replace(" ]", "]"), text
    )


# --- answers

_HEADERS: Json = {
    "ETag": {
        "description": "Names the state that was answered.",
        "schema": {"type": "string", "examples": ['"4127-9-3-17"']},
    },
    "Cache-Control": {
        "description": "`public, max-age=60` without credentials; with them nothing may be kept.",
        "schema": {"type": "string", "enum": ["public, max-age=60", "no-store"]},
    },
    "Idempotency-Replayed": {
        "description": "`true` when this is the stored answer of an earlier request with the same key.",
        "schema": {"type": "string", "const": "true"},
    },
    "X-Dry-Run": {
        "description": "`true` when the request was a dry run (`dry_run`) and nothing was changed.",
        "schema": {"type": "string", "const": "true"},
    },
    "X-Request-Id": {
        "description": "The request's own `X-Request-Id`, or one made for it. The log of the server has it.",
        "required": True,
        "schema": {"type": "string"},
    },
    "X-RateLimit-Limit": {
        "description": "Calls of this kind (reads or writes) per minute. Absent where there is no limit.",
        "schema": {"type": "integer"},
    },
    "X-RateLimit-Remaining": {"description": "What is left of them.", "schema": {"type": "integer", "minimum": 0}},
    "X-RateLimit-Reset": {"description": "Seconds until the count starts again.", "schema": {"type": "integer"}},
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {"required": True, "schema": {"type": "string", "const": 'Basic realm="API"'}},
}
_ALWAYS = ("X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _text_response(description: str, sentence: str, headers: Json, types: Iterable[str] = _ANSWER_TYPES) -> Json:
    content: Json = {media_type: {"schema": {"$ref": _REF.format(name="ErrorText")}} for media_type in types}
    content["application/json"]["example"] = {"error": sentence}
    return {"description": description, "headers": headers, "content": content}


_RESPONSES: Json = {
    "Unauthorized": _text_response(
        "No credentials, wrong ones, or those of a key that is disabled.",
        "Authorization Required",
        _headers("WWW-Authenticate"),
    ),
    "NotAllowed": _text_response(
        "The API key does not reach that far: it may only read, or is limited to certain categories.",
        "This API key may only read.",
        _headers(*_ALWAYS),
    ),
    "NotFound": _text_response("No such element.", "Cannot find the requested object", _headers(*_ALWAYS)),
    "BadAddress": _text_response(
        "The address has too many parameters, or the `Host` header names no host.",
        "The address has too many parameters.",
        _headers(*_ALWAYS),
    ),
    "NoSuchFormat": _text_response(
        "The address names no format of ours; told in JSON.",
        "Cannot find the requested object",
        _headers(*_ALWAYS),
        ["application/json"],
    ),
    "KeyReused": _text_response(
        "The `Idempotency-Key` was used before, for another request.",
        "This Idempotency-Key was used for another request. Use a new key for a new request.",
        _headers(*_ALWAYS),
    ),
    "Changed": _text_response(
        "The ticket has changed since the state that `If-Match` names.",
        "The ticket has changed since you read it. Read it again and repeat the change.",
        _headers(*_ALWAYS),
    ),
    "TooLarge": _text_response(
        "The body is far beyond the limit of files.", "The request is larger than 64 MB.", {}, ["application/json"]
    ),
    "Throttled": _text_response(
        "Too many calls in this minute.", "Throttled, wait 42 seconds.", _headers("Retry-After", *_ALWAYS)
    ),
    "NotModified": {
        "description": "Nothing has changed since what `If-None-Match` names. No body.",
        "headers": _headers("ETag", *_ALWAYS),
    },
}


def _responses(operation: Operation) -> Json:
    found: Json = {"200": _success(operation)}
    if operation.conditional and not operation.writes:
        found["304"] = {"$ref": "#/components/responses/NotModified"}
    if operation.refusals:
        found["400"] = _refusal(operation)
    else:
        found["400"] = {"$ref": "#/components/responses/BadAddress"}
    names = {"401": "Unauthorized", "403": "NotAllowed", "404": "NotFound" if operation.finds else "NoSuchFormat"}
    if operation.writes:
        names |= {"409": "KeyReused", "413": "TooLarge"}
        if operation.conditional:
            names["412"] = "Changed"
    names["429"] = "Throttled"
    for status, name in sorted(names.items()):
        found[status] = {"$ref": f"#/components/responses/{name}"}
    return found


def _success(operation: Operation) -> Json:
    schema = _schema(operation.answer)
    if operation.variants:
        schema = {"anyOf": [schema, *({"$ref": _REF.format(name=name)} for name in operation.variants)]}
    if operation.list_answer not in (None, operation.answer):
        schema = {"anyOf": [schema, _schema(operation.list_answer)]}
    content: Json = {media_type: {"schema": schema} for media_type in _ANSWER_TYPES}
    content["application/json"]["example"] = answer_examples.of(operation.answer)
    if operation.may_be_file:
        content["*/*"] = {"schema": {"type": "string", "format": "binary"}}
    headers = ["ETag"] if operation.answer is shapes.Ticket or operation.conditional else []
    if operation.public:
        headers.append("Cache-Control")
    if operation.writes:
        headers += ["Idempotency-Replayed", "X-Dry-Run"]
    return {
        "description": operation.answer_text,
        "headers": _headers(*headers, *_ALWAYS),
        "content": content,
    }


def _refusal(operation: Operation) -> Json:
    """400: the shapes this operation uses. Shape L is a bare list in YAML and XML (protocol.md P-10).

    The address itself may be refused everywhere, in shape T.
    """
    used = dict.fromkeys([*operation.refusals, shapes.ErrorText])
    shown = [_schema(shape) for shape in used]
    bare = [_schema(list[shapes.FieldError] if shape is shapes.ErrorList else shape) for shape in used]
    content: Json = {
        media_type: {"schema": {"anyOf": shown if media_type == "application/json" else bare}}
        for media_type in _ANSWER_TYPES
    }
    content["application/json"]["examples"] = {
        shape.__name__: {"summary": text, "value": answer_examples.of(shape)}
        for shape, text in operation.refusals.items()
    }
    words = [f"- {_REFUSAL_NAMES[shape]}: {text}" for shape, text in operation.refusals.items()]
    return {
        "description": "Refused; nothing was changed.\n\n" + "\n".join(words),
        "headers": _headers(*(["X-Dry-Run"] if operation.writes else []), *_ALWAYS),
        "content": content,
    }


_REFUSAL_NAMES: dict[Any, str] = {
    shapes.ErrorList: "List",
    shapes.ErrorMap: "Map",
    shapes.AssetErrors: "Asset map",
    shapes.ErrorText: "Text",
}


def _schema(shape: Any) -> Json:
    """A reference to a shape, or a list of them."""
    return msgspec.json.schema_components([shape], schema_hook=_wire_schema, ref_template=_REF)[0][0]


# --- schemas


def _wire_schema(type_: type) -> Json:
    if type_ is WireDateTime:
        return {"$ref": _REF.format(name="DateTime")}
    if type_ is WireInstant:
        return {"$ref": _REF.format(name="Instant")}
    if type_ is WireDate:
        return {"$ref": _REF.format(name="Date")}
    raise NotImplementedError


_WIRE_SCHEMAS: Json = {
    "DateTime": {
        "title": "DateTime",
        "description": "A moment in UTC, `YYYY-MM-DD HH:MM:SS`: a blank between, no zone, no fraction.",
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        "examples": ["2026-03-09 08:41:17"],
    },
    "Instant": {
        "title": "Instant",
        "description": "A moment of an asset in UTC, `YYYY-MM-DDTHH:MM:SSZ`.",
        "type": "string",
        "format": "date-time",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$",
        "examples": ["2026-03-09T08:41:17Z"],
    },
    "Date": {
        "title": "Date",
        "description": "A day, `YYYY-MM-DD`.",
        "type": "string",
        "format": "date",
        "pattern": r"^\d{4}-\d{2}-\d{2}$",
        "examples": ["2026-03-20"],
    },
    "CustomValue": {
        "title": "CustomValue",
        "description": (
            "What a custom field is set to: a text, a number, a date (`yyyy-mm-dd` or `dd/mm/yyyy`), the id or label "
            "of a choice, or a list of these for several. Null or an empty text clears the field."
        ),
        "anyOf": [
            {"type": "string"},
            {"type": "number"},
            {"type": "array", "items": {"type": ["string", "integer"]}},
            {"type": "null"},
        ],
    },
}


@lru_cache(maxsize=1)
def schemas() -> Json:
    """Every schema by name, from the structs."""
    used = [
        *{operation.answer for operation in OPERATIONS},
        *{operation.list_answer for operation in OPERATIONS if operation.list_answer},
        shapes.TicketNumberPage,
        shapes.ErrorList,
        shapes.ErrorMap,
        shapes.AssetErrors,
        shapes.ErrorText,
        *requests.EXAMPLES,
        *{operation.list_item for operation in OPERATIONS if operation.list_item},
    ]
    _, found = msgspec.json.schema_components(used, schema_hook=_wire_schema, ref_template=_REF)
    for body in requests.EXAMPLES:
        _finish_request(found[body.__name__], body)
    for shape, fields in _DETAILS.items():
        for name, more in fields.items():
            found[shape]["properties"][name] |= more
    partial = {key: value for key, value in found["Ticket"].items() if key != "required"}
    found["PartialTicket"] = {**partial, "title": "PartialTicket", "description": "A ticket with the keys asked for."}
    page = found["TicketPage"]
    found["PartialTicketPage"] = {
        **page,
        "title": "PartialTicketPage",
        "properties": {
            **page["properties"],
            "data": {"type": "array", "items": {"$ref": _REF.format(name="PartialTicket")}},
        },
    }
    return dict(sorted((found | _WIRE_SCHEMAS).items()))


def _finish_request(schema: Json, body: Any) -> None:
    """What a struct cannot say: keys of custom fields, and groups of keys of which one must be there."""
    if body.custom_keys:
        value = {"$ref": _REF.format(name="CustomValue")}
        schema["patternProperties"] = {f"^{key}-[0-9]{{1,18}}$": value for key in body.custom_keys}
    groups = getattr(body, "one_of", ())
    if groups:
        schema["allOf"] = [{"anyOf": [{"required": [key]} for key in group]} for group in groups]
    schema["additionalProperties"] = True


_FIELD_TYPES = ["text", "number", "choice", "multiple_choice", "date"]
_ASSET_FIELD_TYPES = ["text", "textarea", "number", "dropdown", "multiple_option", "date"]
_VALUE: Json = {
    "anyOf": [
        {"type": "string"},
        {"type": "number"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "null"},
    ]
}

# What is known about fields beyond their types in api/shapes: their values, and words where the name says too little.
_DETAILS: dict[str, dict[str, Json]] = {
    "Status": {
        "behavior": {"enum": ["pending", "completed"]},
        "color": {"pattern": "^[0-9A-Fa-f]{6}$"},
        "order": {"description": "Its place in lists."},
    },
    "Priority": {"order": {"description": "Its place in lists."}},
    "Category": {"prepopulate_cc": {"description": "A setting of the agents' editor; no effect in the API."}},
    "Staff": {
        "email": {"description": "Unique among staff, in any letter case."},
        "active": {"description": "Inactive staff stay in the list but can neither act nor be assigned."},
        "permissions": {"description": "Codes of what the role may do."},
    },
    "Choice": {
        "id": {"description": "Sent as the field's value."},
        "text": {"description": "The label."},
    },
    "FieldPlace": {"order": {"description": "The field's place in this category."}},
    "TicketField": {
        "type": {"enum": _FIELD_TYPES},
        "required": {"description": "A new ticket must have a value."},
        "compulsory_on_completed": {"description": "A ticket must have a value before it is completed."},
        "compulsory_on_move": {"description": "A ticket must have a value before it moves to another category."},
        "depends_on_choice": {"description": "The field applies only where this choice of another field is selected."},
        "visible_to_staff_only": {"description": "Contacts do not see it."},
        "categories": {"description": "The categories whose tickets have the field."},
        "choices": {"description": "Null for types without choices."},
    },
    "ContactField": {
        "type": {"enum": _FIELD_TYPES},
        "required": {"description": "A new contact must have a value."},
        "depends_on_choice": {"description": "The field applies only where this choice of another field is selected."},
        "visible_to_staff_only": {"description": "Contacts do not see it."},
        "order": {"description": "Its place among the fields of contacts."},
        "choices": {"description": "Null for types without choices."},
    },
    "TicketFieldValue": {
        "id": {"description": "The field's id; its request key is `t-cf-<id>`."},
        "type": {"enum": _FIELD_TYPES},
        "value": _VALUE,
        "visible_to_staff_only": {"description": "Contacts do not see it."},
    },
    "ContactFieldValue": {
        "id": {"description": "The field's id; its request key is `c-cf-<id>`."},
        "type": {"enum": _FIELD_TYPES},
        "value": _VALUE,
        "visible_to_staff_only": {"description": "Contacts do not see it."},
    },
    "Phone": {"type": {"enum": ["mo", "w", "m", "h", "o"]}, "is_primary": {"description": "True for one at most."}},
    "GroupOfContact": {
        "tagged_domains": {"description": "Mail domains whose new contacts join the group, with commas."},
        "access_all_tickets_in_group": {"description": "Whether this contact may see all tickets of the group."},
    },
    "Contact": {
        "primary_phone": {"description": "The one of `phones` to ring first."},
        "contact_groups": {"description": "The groups they belong to."},
        "tickets_count": {"description": "All their tickets."},
        "email": {"description": "Null for contacts known by phone only."},
        "custom_fields": {"description": "Every contact field, unset ones with null."},
        "pending_tickets_count": {"description": "Tickets that are not completed."},
        "is_login_enabled": {"description": "Whether they may sign in to the portal."},
    },
    "By": {"type": {"enum": ["user", "staff", "smartrule"]}},
    "AssetChoice": {"id": {"description": "Sent as the field's value."}, "text": {"description": "The label."}},
    "AssetField": {
        "type": {"enum": _ASSET_FIELD_TYPES},
        "choices": {"description": "Null for types without choices."},
    },
    "AssetFieldValue": {
        "id": {"description": "The field's id, its key in `custom_fields`."},
        "type": {"enum": _ASSET_FIELD_TYPES},
        "value": {
            "anyOf": [
                {"type": "string"},
                {"type": "number"},
                {"type": "array", "items": {"type": "integer"}},
                {"type": "null"},
            ]
        },
        "order": {"description": "Its place among the fields of the type."},
    },
    "AttachmentDetails": {"url": {"format": "uri"}},
    "Article": {"full_url": {"format": "uri"}},
    "RelatedArticle": {"full_url": {"format": "uri"}},
    "Attachment": {"url": {"format": "uri"}},
    "InlineAttachment": {"url": {"format": "uri"}},
    "SavedContact": {
        "success": {"description": "Whether the contact is as this item says now."},
        "email": {"description": "The contact's address; of an item that is refused, what was sent."},
        "error": {"description": "What is wrong with the item, which left nothing behind."},
    },
    "Group": {
        "name": {"description": "Unique."},
        "tagged_domains": {"description": "Mail domains whose new contacts join the group, with commas."},
        "contacts": {"description": "Everybody in the group."},
    },
    "GroupSummary": {
        "name": {"description": "Unique."},
        "tagged_domains": {"description": "Mail domains whose new contacts join the group, with commas."},
    },
    "GroupMember": {
        "email": {"description": "Null for contacts known by phone only."},
        "view_tickets_in_group": {"description": "Whether this contact may see all tickets of the group."},
    },
    "CreatedTicket": {
        "success": {"description": "Whether there is a new ticket."},
        "display_id": {"description": "The new ticket's number as people see it."},
    },
    "Message": {
        "text": {"description": "Plain text; ends with two line ends."},
        "subject": {"description": "The reply's own subject, or empty."},
        "cc_list": {"description": "Addresses with commas, or empty."},
        "bcc_list": {"description": "Addresses with commas, or empty."},
        "forward_list": {"description": "The recipients, when the message is a forward."},
        "customer_updated": {"description": "Whether it was mailed to the contact."},
    },
    "Update": {
        "update_id": {"description": "Unique in the desk; later updates have larger ones."},
        "message": {"description": "Null where only properties changed."},
        "status_change": {"description": "This and the other changes: null when unchanged."},
        "satisfaction_survey": {"description": "The answers to a survey, when there was one."},
    },
    "SubjectChange": {"old": {"description": "The title until then."}, "new": {"description": "The title since."}},
    "Ticket": {
        "subject": {"description": "The title."},
        "due_date": {"description": "The day it is due."},
        "created_at": {"description": "When it was asked."},
        "display_id": {"description": "The number as people see it, with the category's prefix."},
        "first_message": {"description": "The opening message as plain text; ends with two line ends."},
        "user": {"description": "The contact who asked."},
        "subscribers": {"description": "Staff who follow the ticket."},
        "custom_fields": {"description": "Every field of the ticket's category, unset ones with null."},
        "messages_count": {"description": "Updates with a message, notes included."},
        "attachments_count": {"description": "Files of all messages."},
        "sla_breaches": {"description": "Promises of service broken so far."},
        "visible_only_staff": {"description": "True: a private ticket. Null: never said."},
        "source": {"description": "How it came in.", "examples": ["TKT_CREATION_API", "TKT_CREATION_EMAIL"]},
        "last_user_reply_at": {"description": "The contact's last message; the opening one counts."},
        "last_staff_reply_at": {"description": "The last public message of staff."},
        "last_updated_at": {"description": "The last update by staff or a contact."},
        "last_modified": {"description": "The last change of any kind."},
        "merged_tickets": {"description": "Numbers of the tickets merged into this one."},
        "merged_to": {"description": "The number of the ticket this one was merged into."},
        "jira_issue_id": {"description": "Kept for clients that read it."},
    },
    "PageInfo": {
        "end_index": {"description": "Index of the last element on this page."},
        "page_count": {"description": "Pages at this size."},
    },
}
