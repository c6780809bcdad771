"""Every parameter of a path, query or header, by its name in the document."""

from collections.abc import Mapping
from typing import Any

from reynard.api.formats import CONTENT_TYPES
from reynard.api.operations.operation import Json
from reynard.api.paging import FEED_SIZE_DEFAULT, FEED_SIZE_MAXIMUM, SIZE_DEFAULT, SIZE_MAXIMUM, SIZE_MINIMUM
from reynard.api.requests.common import ACTS
from reynard.desk.db import LARGEST_ID
from reynard.desk.rules import periods
from reynard.desk.selectors.reports import TICKET_KEYS
from reynard.desk.selectors.search import LENGTH_LIMIT, TERMS_LIMIT, WORDS_LIMIT
from reynard.desk.selectors.tickets import ORDERS

# Search terms that `tickets/` also takes as parameters of their own (T-07).
BARE_FILTERS = "unresponded breached has_attachments tag duedate priority assignee group contact id".split()


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


def _codes(meanings: Mapping[str, str]) -> str:
    return f"{'; '.join(f'`{code}`: {meaning}' for code, meaning in meanings.items())}."


_DATE: Json = {"type": "string", "format": "date"}
_ID: Json = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
_POSITION: Json = {"type": "integer", "minimum": 0, "maximum": LARGEST_ID}
_MOMENT: Json = {
    "type": "string",
    "pattern": r"^[0-9]{4}(-[0-9]{2}){2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$",
}
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
    "delivery": _in_path("delivery", "The delivery's id, as the list of them gives it.", _ID, 318),
    "before": _query(
        "before",
        "Only those with smaller ids: `next` of the page before. What is no number is ignored.",
        {"type": "integer", "minimum": 1},
    ),
    "mail_state": _query(
        "state",
        "`held`: they wait for a decision; `failed`: they could not be understood; `ignored` and `duplicate`: nothing "
        "became of them.",
        {"type": "string", "enum": ["held", "failed", "ignored", "duplicate"], "default": "held"},
    ),
    "failed": _query(
        "failed",
        "`true`: only those that were given up.",
        {"type": "boolean", "default": False},
    ),
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
    "after_id": _query(
        "after_id",
        "The id that the page begins behind, instead of `page`: 0, then the `next` of each page until it is null.",
        _POSITION,
    ),
    "updated_since": _query(
        "updated_since",
        "Only tickets whose `last_modified` is this moment or later. UTC, unless an offset says otherwise.",
        _MOMENT,
        example="2026-03-09T14:30:00Z",
    ),
    "since": _query(
        "since",
        "The position: 0, then the `next` of each page. `end` is the position behind all entries that are there.",
        {"anyOf": [_POSITION, {"const": "end"}], "default": 0},
        example=20911,
    ),
    "since_or_moment": _query(
        "since",
        "A moment, or 0 for all, then the `next` of each page.",
        {"anyOf": [_POSITION, _MOMENT], "default": 0},
        example="2026-03-09T00:00:00Z",
    ),
    "feed_size": _query(
        "size",
        "Entries per page. Anything smaller or larger is moved to the nearest limit; what is no number is 50.",
        {"type": "integer", "minimum": SIZE_MINIMUM, "maximum": FEED_SIZE_MAXIMUM, "default": FEED_SIZE_DEFAULT},
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
    "period_type": _query(
        "period_type",
        f"What must have happened in the period. {_codes(periods.TYPES)}",
        {"type": "string", "enum": list(periods.TYPES), "default": periods.CREATION},
    ),
    "period_date_range_type": _query(
        "period_date_range_type",
        f"The period, in UTC days. {_codes(periods.RANGES)} Dates without it mean `{periods.SELECTED}`.",
        {"type": "string", "enum": list(periods.RANGES)},
    ),
    "period_start": _query("period_start", "The first day of a selected range.", _DATE, example="2026-03-01"),
    "period_end": _query("period_end", "The last day of a selected range.", _DATE, example="2026-03-31"),
    "report_sort_key": _query(
        "sort_key",
        "What to sort by: due date, ticket number, order of the status, creation, name of the assignee. Unknown keys "
        "are `duedate`.",
        {"type": "string", "enum": list(TICKET_KEYS), "default": TICKET_KEYS[0]},
    ),
    "name_sort_key": _query("sort_key", "There is one.", {"type": "string", "enum": ["name"], "default": "name"}),
    "sort_dir": _query(
        "sort_dir",
        "`a` ascending, `d` descending. The answer calls it `sort_order`.",
        {"type": "string", "enum": ["a", "d"], "default": "a"},
    ),
    "asset_type": _query(
        "asset_type",
        "The type, by its id. Without it the type with the lowest id is meant.",
        {"type": "integer", "minimum": 1},
    ),
    "deleted_by": _query(
        "deleted_by",
        f"The active staff member who deletes; needs the permission to manage assets. {ACTS}",
        {"type": "integer", "minimum": 1},
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
    "update_id": _in_path("update_id", "The `update_id` of the entry whose message is meant.", _ID, 20934),
    "seen_by_staff": _query(
        "staff_id",
        f"The active staff member who asks; needs the permission `view_audit_logs`. {ACTS}",
        {"type": "integer", "minimum": 1},
        example=7,
    ),
    "source": _query("download", "`true`: the mail itself, as it was received.", {"type": "boolean", "default": False}),
    "noop": _query(
        "noop",
        "`ok`: when there is nothing to update, the answer is 200 and what there is, as if it had been changed, "
        "instead of 400.",
        {"type": "string", "enum": ["ok"]},
    ),
    "dry_run": _query(
        "dry_run",
        "`true`: everything is checked and answered as if it were done, with `X-Dry-Run: true`, and nothing is "
        "changed. Ids and addresses in the answer lead nowhere.",
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
    "download": _query(
        "download", "`true`: the file itself instead of what is known of it.", {"type": "boolean", "default": False}
    ),
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
