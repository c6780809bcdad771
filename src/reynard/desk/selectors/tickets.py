"""Lists of tickets: which numbers stand on a page, in which order, out of how many.

A page is found in an index alone; the tickets themselves are fetched by number afterwards (ticket_rows). How many
there are comes from maintained counters. Pages in the far half are walked from the end.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from reynard.desk import db
from reynard.desk.selectors.reference import Reference

_MERGE_LIMIT = 2_000  # rows that merging several index ranges may touch before walking one index is cheaper
_UNION_LIMIT = 400  # selects in one union; SQLite takes 500


class Listing(msgspec.Struct, frozen=True):
    """Which tickets, in which order (tickets.md §2, §4). None: no filter. `page` counts from 1."""

    statuses: frozenset[int] | None = None
    categories: frozenset[int] | None = None
    sort: str = "updated"
    size: int = 10
    page: int = 1


class Entry(NamedTuple):
    """A place in a list; the versions tell whether something kept of the ticket or contact is still true."""

    id: int
    version: int
    contact_id: int
    contact_version: int


class Page(NamedTuple):
    total: int  # tickets in the whole list
    start: int  # 0-based index of the first entry in the whole list
    entries: list[Entry]


class Range(NamedTuple):
    """A part of a list: a condition, its values, and its place among the parts; parts of one rank are merged."""

    where: str
    values: tuple[Any, ...] = ()
    rank: int = 0


class Order(NamedTuple):
    """An order as columns with their directions, within ranges that follow each other."""

    columns: tuple[tuple[str, str], ...]
    ranges: Callable[[Reference], list[Range]] = lambda reference: [Range("")]

    def clause(self, backwards: bool) -> str:
        turn = {"ASC": "DESC", "DESC": "ASC"}
        return ", ".join(f"{name} {turn[way] if backwards else way}" for name, way in self.columns)


def _by_moment(column: str, way: str) -> Order:
    return Order(((column, way), ("id", way)))


Keys = Callable[[Reference], Mapping[int, Any]]  # id → what it is sorted by


def _by_property(column: str, keys: Keys, way: str) -> Order:
    """By a property of what the ticket refers to, and by ticket number among equals; tickets without one last."""

    def ranges(reference: Reference) -> list[Range]:
        key_of = keys(reference)
        ranks = {key: n for n, key in enumerate(sorted(set(key_of.values()), reverse=way == "DESC"))}
        ids = [Range(f"{column} = %s", (id,), ranks[key]) for id, key in key_of.items()]
        return [*ids, Range(f"{column} IS NULL", (), len(ranks))] if column == "assignee_id" else ids

    return Order((("id", way),), ranges)


def _statuses(reference: Reference) -> Mapping[int, Any]:
    return {row.id: row.order for row in reference.statuses.values()}


def _priorities(reference: Reference) -> Mapping[int, Any]:
    return {row.id: row.order for row in reference.priorities.values()}


def _categories(reference: Reference) -> Mapping[int, Any]:
    return {row.id: row.name.casefold() for row in reference.categories.values()}


def _assignees(reference: Reference) -> Mapping[int, Any]:
    return {row.id: row.username.casefold() for row in reference.staff.values()}


_UPDATED = _by_moment("last_updated_at", "DESC")

# The keys of tickets.md §4. Beware: `created` and `updated` are the descending ones.
ORDERS: dict[str, Order] = {
    "updated": _UPDATED,
    "updatea": _by_moment("last_updated_at", "ASC"),
    "created": _by_moment("created_at", "DESC"),
    "createa": _by_moment("created_at", "ASC"),
    "last_modifiedd": _by_moment("last_modified_at", "DESC"),
    "last_modifieda": _by_moment("last_modified_at", "ASC"),
    "ticketd": Order((("id", "DESC"),)),
    "ticketa": Order((("id", "ASC"),)),
    "due": Order(
        (("due_date", "ASC"), ("id", "DESC")),
        lambda reference: [Range("due_date IS NOT NULL"), Range("due_date IS NULL", rank=1)],
    ),
    "unresponded": Order(
        _UPDATED.columns,
        lambda reference: [Range("unresponded"), Range("NOT unresponded", rank=1)],
    ),
    "statusd": _by_property("status_id", _statuses, "DESC"),
    "statusa": _by_property("status_id", _statuses, "ASC"),
    "priorityd": _by_property("priority_id", _priorities, "DESC"),
    "prioritya": _by_property("priority_id", _priorities, "ASC"),
    "categoryd": _by_property("category_id", _categories, "DESC"),
    "categorya": _by_property("category_id", _categories, "ASC"),
    "subjectd": Order((("subject_key", "DESC"), ("id", "DESC"))),
    "subjecta": Order((("subject_key", "ASC"), ("id", "ASC"))),
    "assigneed": _by_property("assignee_id", _assignees, "DESC"),
    "assigneea": _by_property("assignee_id", _assignees, "ASC"),
    "clientd": Order((("contact_id", "DESC"), ("id", "DESC"))),
    "clienta": Order((("contact_id", "ASC"), ("id", "ASC"))),
}


def page(listing: Listing, reference: Reference) -> Page:
    """One page of a list. A page past the end has no entries (protocol.md P-12)."""
    places = _places(listing)
    total = sum(count for _, _, count in places)
    start = (listing.page - 1) * listing.size
    size = min(listing.size, total - start)
    if size <= 0:
        return Page(total, start, [])
    order = ORDERS.get(listing.sort, _UPDATED)
    far = start > total // 2
    offset = total - start - size if far else start
    sql, values = _select(listing, order, reference, places, backwards=far, size=size, offset=offset)
    entries = [Entry._make(row) for row in db.rows(sql, values)]
    return Page(total, start, entries[::-1] if far else entries)


def _places(listing: Listing) -> list[tuple[int, int, int]]:
    """`(category, status, tickets)` of the counters the filters let through."""
    return [
        row
        for row in db.rows("SELECT category_id, status_id, tickets FROM desk_ticketcounter WHERE tickets > 0")
        if (listing.categories is None or row[0] in listing.categories)
        and (listing.statuses is None or row[1] in listing.statuses)
    ]


def _select(
    listing: Listing,
    order: Order,
    reference: Reference,
    places: list[tuple[int, int, int]],
    *,
    backwards: bool,
    size: int,
    offset: int,
) -> tuple[str, list[Any]]:
    """The statement for the entries of a page, and its values."""
    filters = _filters(listing, order, places, offset + size)
    order_by = order.clause(backwards)
    columns = [name for name, _ in order.columns if name != "id"]
    pieces, values = [], []
    for range_ in order.ranges(reference):
        for filter_ in filters:
            conditions = ["deleted_at IS NULL", *(part.where for part in (range_, filter_) if part.where)]
            pieces.append(
                f"SELECT id, {range_.rank} AS rank{''.join(', ' + name for name in columns)} FROM desk_ticket "
                f"WHERE {' AND '.join(conditions)} ORDER BY {order_by}"
            )
            values.append([*range_.values, *filter_.values])
    return _join(pieces, values, f"rank {'DESC' if backwards else 'ASC'}, {order_by}", size=size, offset=offset)


def _join(
    pieces: list[str], values: list[list[Any]], order_by: str, *, size: int, offset: int
) -> tuple[str, list[Any]]:
    """One index range is read at its offset; several are read from their beginnings and merged."""
    if len(pieces) == 1:
        numbers, all_values = f"{pieces[0]} LIMIT %s OFFSET %s", [*values[0], size, offset]
    else:
        limited = [f"SELECT * FROM ({piece} LIMIT %s) AS part{n}" for n, piece in enumerate(pieces)]
        numbers = f"{_union(limited)} ORDER BY {order_by} LIMIT %s OFFSET %s"
        all_values = [value for part in values for value in (*part, offset + size)] + [size, offset]
    outer = ", ".join(f"p.{term}" for term in order_by.split(", "))
    return (
        "SELECT t.id, t.version, c.id, c.version "
        f"FROM ({numbers}) AS p JOIN desk_ticket t ON t.id = p.id JOIN desk_contact c ON c.id = t.contact_id "
        f"ORDER BY {outer}",
        all_values,
    )


def _union(selects: list[str]) -> str:
    """All their rows; nested where there are more than SQLite takes at once."""
    if len(selects) <= _UNION_LIMIT:
        return " UNION ALL ".join(selects)
    chunks = [selects[start : start + _UNION_LIMIT] for start in range(0, len(selects), _UNION_LIMIT)]
    return _union([f"SELECT * FROM ({_union(chunk)}) AS chunk{n}" for n, chunk in enumerate(chunks)])


def _filters(listing: Listing, order: Order, places: list[tuple[int, int, int]], depth: int) -> list[Range]:
    """The filters as index ranges to be merged, or as one condition on the index of the order."""
    if listing.statuses is None and listing.categories is None:
        return [Range("")]
    if order.columns[0][0] == "last_updated_at" and len(order.columns) == 2:
        ranges = _filter_ranges(listing, places)
        if len(ranges) == 1 or len(ranges) * depth <= _MERGE_LIMIT:
            return ranges
    return [_one_filter(listing, places)]


def _filter_ranges(listing: Listing, places: list[tuple[int, int, int]]) -> list[Range]:
    if listing.categories is None:
        return [Range("status_id = %s", (status,)) for status in sorted({place[1] for place in places})]
    return [Range("category_id = %s AND status_id = %s", place[:2]) for place in sorted(places)]


def _one_filter(listing: Listing, places: list[tuple[int, int, int]]) -> Range:
    """Asks for ids that are in use only: a request may name any number of others."""
    conditions, values = [], []
    used = {"category_id": {place[0] for place in places}, "status_id": {place[1] for place in places}}
    for column, wanted in (("status_id", listing.statuses), ("category_id", listing.categories)):
        if wanted is not None:
            conditions.append(f"{column} IN ({db.places(sorted(used[column]))})")
            values.extend(sorted(used[column]))
    return Range(" AND ".join(conditions), tuple(values))
