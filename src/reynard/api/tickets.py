"""The six ticket operations (tickets.md §2, 5, 6, 9, 10, 11)."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpResponse, HttpResponseNotModified

from reynard.api import answers, formats, parse, parse_following, shapes, wire
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.operations import BARE_FILTERS
from reynard.api.paging import page_number, page_size
from reynard.desk.actions import bulk, tickets
from reynard.desk.errors import WHOLE_REQUEST, Invalid, NotFound, Problems
from reynard.desk.models import Status
from reynard.desk.rules.tickets import display_id
from reynard.desk.selectors import search, ticket_rows
from reynard.desk.selectors import tickets as ticket_lists
from reynard.desk.selectors.filters import Filters, joined
from reynard.desk.selectors.ticket_rows import ContactRow, TicketRow
from reynard.desk.selectors.tickets import RELEVANCE, Listing
from reynard.logs import current

# --- reading


def list_tickets(call: Call) -> Answer:
    """tickets.md §2."""
    listing = _listing(call)
    page = ticket_lists.page(listing, call.reference)
    info = _page_info(listing, page)
    if call.flag("minify_response") is True:
        numbers = [entry.id for entry in page.entries]
        return Answer(value=shapes.TicketNumberPage(info, numbers))
    with_updates = call.flag("include_updates") is not False
    encoded = wire.encode_tickets(page.entries, call.reference, with_updates=with_updates)
    info.count = len(encoded)
    whole = wire.encode_page(info, encoded)
    names = _wanted_fields(call)
    if names is None:
        return Answer(encoded=whole, shape=shapes.TicketPage)
    return Answer(value=_picked_page(wire.fill_addresses(whole, call.base_url), names))


def _page_info(listing: Listing, page: ticket_lists.Page) -> shapes.PageInfo:
    if listing.after is None:
        return wire.page_info(count=len(page.entries), start=page.start, total=page.total, size=listing.size)
    return wire.page_info_after(count=len(page.entries), total=page.total, size=listing.size, next=page.next)


def read_ticket(call: Call, number: str) -> Answer | HttpResponse:
    """tickets.md §5; `number` may be a display id (our extension)."""
    row, contact = find(call, number)
    tag = etag(row, contact, call)
    if call.has_current(tag):
        response = HttpResponseNotModified()
        response.headers["ETag"] = tag
        return response
    encoded = wire.encode_ticket(row, contact, call.reference, show_field_changes=call.flag("show_cf_changes") is True)
    names = _wanted_fields(call)
    without_updates = call.flag("include_updates") is False
    if names is None and not without_updates:
        return Answer(encoded=encoded, shape=shapes.Ticket, etag=tag)
    names = list(shapes.Ticket.__struct_fields__) if names is None else names
    if without_updates:
        names = [name for name in names if name != "updates"]
    ticket = formats.retype(wire.fill_addresses(encoded, call.base_url), shapes.Ticket)
    return Answer(value=_picked(ticket, names), etag=tag)


def etag(row: TicketRow, contact: ContactRow, call: Call) -> str:
    """Names the state that was read. A ticket with files gets a new one before the addresses in it expire."""
    parts = [row.id, row.version, contact.version, call.reference.version]
    if row.attachments_count:
        parts.append(int(time.time()) // (settings.ATTACHMENT_ADDRESS_SECONDS // 2))
    return '"{}"'.format("-".join(map(str, parts)))


def find(call: Call, number: str) -> tuple[TicketRow, ContactRow]:
    """The ticket that an address names. Raises NotFound."""
    return _find(_ticket_number(number), call)


def _find(number: int, call: Call) -> tuple[TicketRow, ContactRow]:
    found = ticket_rows.one_ticket(number, call.reference)
    if found is None:
        raise NotFound
    return found


def _ticket_number(text: str) -> int:
    """The number in `4127`, `004127`, `RW00004127` or `#RW00004127`."""
    digits = text.lstrip("#")
    digits = digits[len(digits.rstrip("0123456789")) :]
    number = int(digits or 0)
    if not 0 < number <= parse.LARGEST_ID:
        raise NotFound
    return number


def _listing(call: Call) -> Listing:
    query = call.query
    after = parse_following.after_id(query, call.problems)
    if after is not None and query.get("sort") not in ticket_lists.BY_NUMBER:
        call.problems.add("after_id", f"Give it together with sort={' or sort='.join(ticket_lists.BY_NUMBER)}.")
    since = parse_following.moment(query, "updated_since", call.problems)
    call.problems.raise_if_any()
    searched = joined(
        [
            search.read(query.get("q", ""), call.reference, now=call.now),
            search.read_bare(_bare_filters(call), call.reference, now=call.now),
            search.read_since(since) if since else Filters(),
        ]
    )
    return Listing(
        statuses=_statuses(call),
        categories=_ids(words) if (words := _words(call, "category")) else None,
        sort=query.get("sort") or (RELEVANCE if searched.are_scored else "updated"),
        search=searched,
        size=page_size(query.get("size")),
        page=page_number(query.get("page")),
        after=after,
    )


def _bare_filters(call: Call) -> dict[str, list[str]]:
    """Search terms sent as parameters of their own (T-07); quotes around values are accepted there, too."""
    values = {
        name: [value.strip(' "') for text in call.query.getlist(name) for value in text.split(",")]
        for name in BARE_FILTERS
    }
    return {name: found for name, given in values.items() if (found := [value for value in given if value])}


def _statuses(call: Call) -> frozenset[int] | None:
    """`_all`, `_pending`, `_completed`, or ids, repeated or in a comma list. Unknown ids match nothing."""
    words = _words(call, "status")
    if not words or "_all" in words:
        return None
    wanted = set(_ids(words))
    for word, behavior in (("_pending", Status.Behavior.PENDING), ("_completed", Status.Behavior.COMPLETED)):
        if word in words:
            wanted |= {row.id for row in call.reference.statuses.values() if row.behavior == behavior}
    return frozenset(wanted)


def _words(call: Call, name: str) -> set[str]:
    """The values of a parameter that may be repeated, hold a comma list, or both; empty ones count as not sent."""
    return {word.strip() for text in call.query.getlist(name) for word in text.split(",")} - {""}


def _ids(words: set[str]) -> frozenset[int]:
    numbers = map(parse.whole_number, words)
    return frozenset(number for number in numbers if number is not None and 0 < number <= parse.LARGEST_ID)


def _wanted_fields(call: Call) -> list[str] | None:
    """Top-level keys asked for; unknown names are ignored; None for all."""
    if not call.query.get("fields", "").strip():
        return None
    asked = [name.strip() for name in call.query["fields"].split(",")]
    return [name for name in dict.fromkeys(asked) if name in shapes.Ticket.__struct_fields__]


def _picked(ticket: Any, names: list[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(ticket, name)) is not msgspec.UNSET}


def _picked_page(encoded: bytes, names: list[str]) -> dict[str, Any]:
    page: Any = formats.retype(encoded, shapes.TicketPage)
    return {"page_info": page.page_info, "data": [_picked(ticket, names) for ticket in page.data]}


# --- writing


def create_one_or_many(call: Call) -> Answer:
    """tickets.md §6 for an object, §7 for a list."""
    return _create_tickets(call) if isinstance(call.body(), list) else create_ticket(call)


def create_ticket(call: Call) -> Answer:
    """tickets.md §6."""
    data = call.body()
    files = call.files()
    new = parse.new_ticket(data, files, call.problems)

    def apply() -> Answer:
        number = tickets.open_ticket(new, reference=call.reference, now=call.now, problems=call.problems)
        return _ticket_answer(call, number)

    return call.once(apply, files)


def _create_tickets(call: Call) -> Answer:
    data = call.body()
    if not 1 <= len(data) <= bulk.LIMIT:
        call.problems.add(WHOLE_REQUEST, f"Send 1 to {bulk.LIMIT} tickets; this list has {len(data)}.")
        raise Invalid(call.problems)
    items = parse.new_tickets(data)

    def apply() -> Answer:
        opened = bulk.open_tickets(items, reference=call.reference, now=call.now)
        results = [
            _created(call, index, item, result) for index, (item, result) in enumerate(zip(items, opened, strict=True))
        ]
        return Answer(encoded=msgspec.json.encode(results), shape=list[shapes.CreatedTicket])

    return call.once(apply)


def _created(call: Call, index: int, item: bulk.Item, result: int | Problems) -> shapes.CreatedTicket:
    if isinstance(result, Problems):
        return shapes.CreatedTicket(index, False, error=answers.field_errors(result, call.names))
    assert item.new is not None
    assert item.new.category is not msgspec.UNSET
    prefix = call.reference.categories[item.new.category].prefix
    return shapes.CreatedTicket(index, True, id=result, display_id=display_id(prefix, result))


def add_staff_update(call: Call, number: str) -> Answer:
    return write(call, number, parse.staff_update, tickets.add_staff_update)


def add_private_note(call: Call, number: str) -> Answer:
    return write(call, number, parse.private_note, tickets.add_private_note)


def add_user_reply(call: Call, number: str) -> Answer:
    return write(call, number, parse.contact_reply, tickets.add_contact_reply)


def write(
    call: Call,
    number: str,
    read: Callable[..., Any],
    act: Callable[..., Any],
    answer: Callable[[Any], Answer] | None = None,
) -> Answer:
    """Read the body, apply one action to one ticket, answer with the whole ticket, or of what the action returned."""
    data = call.body()
    known = _ticket_number(number)
    files = call.files()
    given = read(data, files, call.problems)

    def apply() -> Answer:
        result = call.unless_unchanged(
            lambda: act(
                known,
                given,
                reference=call.reference,
                now=call.now,
                problems=call.problems,
                expected_versions=call.expected_versions(known),
            )
        )
        return answer(result) if answer else _ticket_answer(call, known)

    return call.once(apply, files)


def _ticket_answer(call: Call, number: int) -> Answer:
    current.ticket = number
    row, contact = _find(number, call)
    return Answer(
        encoded=wire.encode_ticket(row, contact, call.reference),
        shape=shapes.Ticket,
        etag=etag(row, contact, call),
    )
