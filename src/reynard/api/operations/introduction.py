"""What stands before the operations in the published document."""

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

A key may be made for less, or for somebody:

- One that may **only read** gets 403 for every method but `GET` and `HEAD`, whatever the request would have done.
- One that is **limited to categories** works as if the desk had no others: their tickets are 404, are in no list, count
  nowhere and are found by no search; no ticket can be created in or moved to them. A ticket that has moved between
  categories keeps its history, and merged tickets their numbers. Contacts, groups, assets, articles, staff and custom
  fields belong to all categories; it sees and changes them like any other key, except that the numbers of a contact's
  tickets are null, and that the choices of a custom field cannot be replaced (403).
- One that **acts for a staff member** need not name who acts (`staff`, `staff_id`, `created_by`, `updated_by`,
  `deleted_by`). Somebody who is named wins.

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
elements in the whole list, and `total` says the same. A page past the end is empty. Reports
have these numbers beside their rows, without `page_info`.

While elements come and go, pages by number shift. To go through all of `tickets/` (with `sort=ticketa`) or `users/`,
begin with `after_id=0` and go on with `page_info.next` until it is null: whatever happens meanwhile, nothing that stays
is missed and nothing comes twice. Such a page may have fewer elements than `size`, even none, and more to follow. To
keep a copy of the desk up to date, follow `changes/`.

## Writing safely

- Send an `Idempotency-Key` of your own with every write, such as a UUID. Repeating the request with the same key within
  24 hours replays the stored answer, with `Idempotency-Replayed: true`; the write happens once. The same key with
  another request is 409.
- A ticket's answer carries an `ETag`. Send it back as `If-Match` and the write is refused with 412 when somebody else
  changed the ticket in between; as `If-None-Match` on a read, and an unchanged ticket is 304 without a body.
- What changes nothing is refused as "Nothing to update". With `noop=ok` the answer is 200 and what there is, as after
  a change.
- With `dry_run=true` a write is checked and answered as if it were done, and then undone: nothing is changed, stored or
  sent, and an `Idempotency-Key` is not looked at. The answer has `X-Dry-Run: true`; new ids in it are provisional.
- Writers on one ticket wait for each other. Nothing is half done.

## Limits

Each key has a number of reads and of writes per minute, set by the operator. `X-RateLimit-Limit`,
`X-RateLimit-Remaining` and `X-RateLimit-Reset` (seconds) tell how it stands; above it the answer is 429 with
`Retry-After`. Files of one message may have 25 MB together, any other body 10 MB.

Every answer has an `X-Request-Id`, by which the operator finds the request in the log: the one that was sent (at most
128 letters, digits and `._:/+=@-`), or a new one.
"""
TAGS = {
    "Tickets": "Conversations with contacts. Most operations answer with the whole ticket.",
    "Following": "What a copy of the desk is kept up to date by.",
    "Contacts": 'The people who open tickets: "users" in addresses, "contacts" in words.',
    "Contact groups": "Organisations that contacts belong to, and who may see the tickets of the others.",
    "Reference data": "What tickets refer to: categories, statuses, priorities, staff. Complete lists, without pages.",
    "Custom fields": "The desk's own fields of tickets and contacts, and their choices.",
    "Reports": "Saved searches, and what their tickets add up to. Lists have the numbers of their page beside them.",
    "Assets": "Things the desk looks after, with fields of their own, linked to contacts and contact groups.",
    "Knowledge base": "Articles in sections, for reading. The external ones need no API key.",
    "API key": "What your key is, and how far it reaches.",
    "Mails": "Where messages came from, and mails that wait for a decision.",
    "Webhooks": "Who is told what happens to tickets, and what was sent to them.",
    "Mailboxes": "The addresses that mail arrives at, and whether they are read.",
    "Service": "Files, health and this description. No API key is needed.",
}
