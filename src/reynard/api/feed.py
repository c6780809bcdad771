"""What a copy of the desk is kept up to date by: the change feed, and the deleted tickets (docs/syncing.md)."""

import time
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotModified

from reynard.api import formats, parse_following, shapes, wire
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.paging import feed_size
from reynard.desk.rules.tickets import display_id
from reynard.desk.selectors import feed, ticket_rows
from reynard.desk.selectors.feed import Change, Deletion
from reynard.desk.selectors.reference import Reference
from reynard.desk.selectors.ticket_rows import FileRow


def list_changes(call: Call) -> Answer | HttpResponse:
    if call.query.get("since") == "end":
        return _unless_known(call, shapes.ChangePage([], feed.end(call.reference), False))
    since = parse_following.position(call.query, "since", call.problems)
    call.problems.raise_if_any()
    page = feed.changes(since, feed_size(call.query.get("size")), call.reference)
    files = ticket_rows.files(change.update for change in page.changes if change.update)
    shown = [
        _change(change, files, call.reference, show_field_changes=call.flag("show_cf_changes") is True)
        for change in page.changes
    ]
    return _unless_known(call, shapes.ChangePage(shown, page.next, page.more), changing=bool(files))


def _change(
    change: Change, files: dict[int, list[FileRow]], reference: Reference, *, show_field_changes: bool
) -> shapes.TicketChange:
    row = change.update
    return shapes.TicketChange(
        id=change.update_id,
        ticket_id=change.ticket_id,
        display_id=_display_id(change, reference),
        ticket_deleted=change.gone,
        update=wire.update(row, files.get(row.id), show_field_changes) if row else None,
    )


def list_deleted_tickets(call: Call) -> Answer | HttpResponse:
    since = parse_following.position_or_moment(call.query, "since", call.problems)
    call.problems.raise_if_any()
    page = feed.deletions(since, feed_size(call.query.get("size")), call.reference)
    found = [
        shapes.DeletedTicket(row.ticket_id, _display_id(row, call.reference), row.deleted_at[:19], row.update_id)  # type: ignore[arg-type]
        for row in page.tickets
    ]
    return _unless_known(call, shapes.DeletedTicketPage(found, page.next, page.more))


def _display_id(row: Change | Deletion, reference: Reference) -> str:
    return display_id(reference.categories[row.category_id].prefix, row.ticket_id)


def _unless_known(call: Call, page: Any, *, changing: bool = False) -> Answer | HttpResponse:
    """The page, or 304 for those who have it; one with addresses of files is another one before these expire."""
    encoded = formats.encode("json", page)
    parts = [sha256(encoded).hexdigest()[:32]]
    if changing:
        parts.append(str(int(time.time()) // (settings.ATTACHMENT_ADDRESS_SECONDS // 2)))
    tag = f'"{"-".join(parts)}"'
    if not call.has_current(tag):
        return Answer(encoded=encoded, shape=type(page), etag=tag)
    response = HttpResponseNotModified()
    response.headers["ETag"] = tag
    return response
