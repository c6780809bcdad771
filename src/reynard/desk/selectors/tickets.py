"""Lists of tickets: which numbers stand on a page, in which order, out of how many.

The tickets themselves are fetched by number afterwards (ticket_rows). A page is found in one of two ways:

* **walk** the index of the order and take what meets the filters, from the nearer end: for lists with many tickets;
* **gather** all that meet the filters from the index of the rarest condition, and sort them: for lists with few.

Who goes through a whole list asks for the page after the last number seen (`Listing.after`): whatever is opened or
deleted meanwhile, no ticket is missed and none comes twice. Such a page walks over a bounded number of tickets and may
have fewer than it was asked for; `Page.next` says where to go on.

How many there are comes from maintained counters where the filters are properties that are counted. Else what is
gathered is counted exactly, and a larger count is remembered for some seconds (`REMEMBERED_SECONDS`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from reynard.desk import db
from reynard.desk.selectors import access, fulltext
from reynard.desk.selectors.filters import Condition, Filters, joined
from reynard.desk.selectors.reference import Reference

SEARCH_SECONDS = 2.0  # that finding and counting may take before the caller is told so
REMEMBERED_SECONDS = 15  # of counts above GATHER_LIMIT that no counter knows
GATHER_LIMIT = 5_000  # tickets that are gathered and sorted where walking would need their number first
_FEW = 500  # tickets that are gathered and sorted whatever else is possible
_PROBE_COST = 2  # of asking one ticket for a condition, against fetching one
_SOURCE_LIMIT = 50_000  # rows of a condition's source that are counted to compare it with others
_SCORED_LIMIT = 5_000  # pieces of text with a word; one that more have says little about any of them
_ONWARD_LIMIT = 10_000  # tickets that are looked at for a page after a number
_SMALL_PART = 10  # one of so many tickets is still found sooner by its number than by going over all
_MERGE_LIMIT = 2_000  # rows that merging several index ranges may touch before walking one index is cheaper


class Listing(msgspec.Struct, frozen=True):
    """Which tickets, in which order (tickets.md §2, §4). None: no filter. `page` counts from 1.

    `sort` is a key of ORDERS or RELEVANCE: best match first, the last updated among equals (T-14). With `after`, which
    needs an order BY_NUMBER, the page begins behind that number, 0 for the beginning, and `page` is not looked at; with
    an `offset` it begins there. Tickets of the list that stand elsewhere are named in `besides` and are not counted.
    """

    statuses: frozenset[int] | None = None
    categories: frozenset[int] | None = None
    sort: str = "updated"
    size: int = 10
    page: int = 1
    after: int | None = None
    offset: int | None = None
    besides: frozenset[int] = frozenset()
    search: Filters = Filters()

    @property
    def start(self) -> int:
        return (self.page - 1) * self.size if self.offset is None else self.offset

    @property
    def filters(self) -> Filters:
        return joined([Filters(statuses=self.statuses, categories=self.categories), self.search])


class Entry(NamedTuple):
    """A place in a list; the versions tell whether something kept of the ticket or contact is still true."""

    id: int
    version: int
    contact_id: int
    contact_version: int


class Page(NamedTuple):
    total: int  # tickets in the whole list
    start: int  # 0-based index of the first entry in the whole list; after a number always 0
    entries: list[Entry]
    next: int | None = None  # of a page after a number: the number the next one comes after; None at the end


RELEVANCE = "relevance"


class Range(NamedTuple):
    """A part of a list: a condition, its values, and its place among the parts; parts of one rank are merged."""

    where: str
    values: tuple[Any, ...] = ()
    rank: int = 0


UNRESPONDED, RESPONDED = "unresponded", "NOT unresponded"  # as ranges


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
        lambda reference: [Range(UNRESPONDED), Range(RESPONDED, rank=1)],
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

BY_NUMBER = ("ticketa", "ticketd")


# An order of the pages: who waits for us stands first, and longest first.
WAITING = "waiting"
_PAGE_ORDERS = {
    WAITING: Order(
        (("last_updated_at", "ASC"), ("id", "ASC")),
        lambda reference: [Range(UNRESPONDED), Range(RESPONDED, rank=1)],
    )
}


def page(listing: Listing, reference: Reference) -> Page:
    """One page of a list, of the tickets that exist for the caller.

    A page past the end has no entries (protocol.md P-12). Raises SearchTooSlow.
    """
    filters = joined([listing.filters, access.tickets_in_scope(reference)])
    order = ORDERS.get(listing.sort) or _PAGE_ORDERS.get(listing.sort, _UPDATED)
    if filters.nothing:
        return Page(0, 0, [])
    if filters.conditions:
        with db.time_box(SEARCH_SECONDS):
            find = _searched if listing.after is None else _onward
            return find(listing, filters, order, reference)
    if listing.after is not None:
        return _onward(listing, filters, order, reference)
    places = _places(filters)
    total = sum(place.tickets for place in places) - len(listing.besides)
    if total > 0 and _is_selective(filters):
        driver = _rarest_property(filters)
        if driver.rows <= max(_FEW, _walk_cost(listing, total)):
            return _sliced(listing, _gather(filters, order, reference, driver.condition))
    return _walk(listing, filters, order, reference, places, total)


class Selection(NamedTuple):
    """All tickets of a list, without an order: as a condition on desk_ticket, and as a statement for their numbers."""

    where: str
    values: Sequence[Any]
    numbers: str  # may select a number more than once
    number_values: Sequence[Any]
    few: bool  # a small part of all tickets: better looked up one by one than found by going over all


def selection(filters: Filters) -> Selection:
    """The live tickets that meet the filters, found from where the fewest are."""
    if filters.nothing:
        return Selection("1 = 0", (), "SELECT id FROM desk_ticket WHERE 1 = 0", (), few=True)
    live = _live()
    driver = _rarest_property(filters, live)
    for one in filters.conditions:
        driver = _rarer(driver, one)
    found, few = driver.condition, driver.rows < min(live // _SMALL_PART, _SOURCE_LIMIT)
    where, values = condition_of(filters, None if found is _EVERYTHING else found)
    if len(filters.conditions) + len(counted_properties(filters)) <= 1:  # the driver is all there is
        return Selection(where, values, found.source, found.source_values, few)
    return Selection(where, values, f"SELECT id FROM desk_ticket WHERE {where}", values, few)


def _is_selective(filters: Filters) -> bool:
    """Whether there is more to filter by than what the indexes of the default order begin with."""
    return any(
        wanted is not None
        for wanted in (filters.priorities, filters.assignees, filters.unresponded, filters.breached, filters.with_files)
    )


def _searched(listing: Listing, filters: Filters, order: Order, reference: Reference) -> Page:
    """A page of tickets that meet conditions no counter knows."""
    driver = _rarest(filters)
    ranked = listing.sort == RELEVANCE
    alone = _says_all(driver, filters)
    if driver.rows <= (GATHER_LIMIT if ranked or not alone else _FEW):
        found = _gather(filters, order, reference, driver.condition)
        return _sliced(listing, _by_relevance(found, filters) if ranked else found)
    total = _total(filters, driver) - len(listing.besides)
    if driver.rows < _SOURCE_LIMIT and driver.rows < _walk_cost(listing, total) * _PROBE_COST:
        return _sliced(listing, _gather(filters, order, reference, driver.condition))
    return _walk(listing, filters, order, reference, _places(filters), total)


def _walk_cost(listing: Listing, total: int) -> int:
    """Entries of an index that are walked over for a page of a list of so many tickets, if these lie evenly."""
    return _live() * min(listing.start + listing.size, max(total, 1)) // max(total, 1)


# --- counting


class _Place(NamedTuple):
    category_id: int
    status_id: int
    tickets: int
    unresponded: int  # of them


def _places(filters: Filters) -> list[_Place]:
    """The categories and statuses of the tickets that the counted properties let through, with their number."""
    conditions = ["tickets > 0"]
    values: list[Any] = []
    for column, wanted in counted_properties(filters):
        condition = counted(column, wanted)
        conditions.append(condition.where)
        values.extend(condition.values)
    sql = (
        "SELECT category_id, status_id, sum(tickets), sum(CASE WHEN unresponded THEN tickets ELSE 0 END) "
        f"FROM desk_ticketcounter WHERE {' AND '.join(conditions)} GROUP BY category_id, status_id"
    )
    return [_Place(row[0], row[1], int(row[2]), int(row[3])) for row in db.rows(sql, values)]


def counted_properties(filters: Filters) -> list[tuple[str, Any]]:
    """`(column, wanted)` of the properties that are filtered by, as columns of TicketCounter."""
    named = [
        ("status_id", filters.statuses),
        ("category_id", filters.categories),
        ("priority_id", filters.priorities),
        ("assignee_id", filters.assignees),
        ("unresponded", filters.unresponded),
        ("breached", filters.breached),
        ("with_files", filters.with_files),
    ]
    return [(column, wanted) for column, wanted in named if wanted is not None]


def counted(column: str, wanted: Any) -> Condition:
    """A property that is filtered by, as a condition on TicketCounter."""
    if isinstance(wanted, bool):
        return Condition(column if wanted else f"NOT {column}")
    ids = sorted(wanted)
    return Condition(f"{column} IN ({db.places(ids)})" if ids else "1 = 0", tuple(ids))


class _Driver(NamedTuple):
    """A condition to gather tickets by, and how many there are (at most _SOURCE_LIMIT are counted)."""

    condition: Condition
    rows: int


_EVERYTHING = Condition("", source="SELECT id FROM desk_ticket WHERE deleted_at IS NULL", once=True)


def _rarest_property(filters: Filters, live: int | None = None) -> _Driver:
    """The property with the fewest tickets, by the counters; all live tickets where none is filtered by."""
    best = _Driver(_EVERYTHING, _live() if live is None else live)
    for column, wanted in counted_properties(filters):
        property_ = counted(column, wanted)
        sql = f"SELECT coalesce(sum(tickets), 0) FROM desk_ticketcounter WHERE {property_.where}"
        rows = int(db.rows(sql, property_.values)[0][0])
        if wanted is not False and rows < best.rows:
            condition = _ticket_property(column, wanted)
            source = f"SELECT id FROM desk_ticket WHERE {condition.where} AND deleted_at IS NULL"
            best = _Driver(
                msgspec.structs.replace(condition, source=source, source_values=condition.values, once=True), rows
            )
    return best


def _rarer(best: _Driver, condition: Condition) -> _Driver:
    """The condition, if an index has its tickets and they are fewer; no more are counted than it takes to know."""
    if not condition.source or best.rows == 0:
        return best
    sql = f"SELECT count(*) FROM (SELECT 1 FROM ({condition.source}) AS source LIMIT %s) AS counted"
    rows = db.rows(sql, (*condition.source_values, min(best.rows, _SOURCE_LIMIT)))[0][0]
    return _Driver(condition, rows) if rows < best.rows or best.condition is _EVERYTHING else best


def _rarest(filters: Filters) -> _Driver:
    """The condition or property with the fewest tickets."""
    driver = _rarest_property(filters)
    for condition in filters.conditions:
        driver = _rarer(driver, condition)
    return driver


def _says_all(driver: _Driver, filters: Filters) -> bool:
    """Whether there is no other condition or property than this one, and its source has each ticket once."""
    return filters.conditions == (driver.condition,) and driver.condition.once and not counted_properties(filters)


def _total(filters: Filters, driver: _Driver) -> int:
    """How many tickets meet conditions of which this is the rarest."""
    if _says_all(driver, filters) and driver.rows < _SOURCE_LIMIT:
        return driver.rows
    return _remembered_total(filters, driver)


def _live() -> int:
    return int(db.rows("SELECT coalesce(sum(tickets), 0) FROM desk_ticketcounter")[0][0])


COUNT_SECONDS = 0.2  # that counting for the eye alone may take


def count_up_to(most: int, filters: Filters, reference: Reference) -> int:
    """How many tickets of the caller meet the filters, with conditions at most so many. Raises SearchTooSlow."""
    filters = joined([filters, access.tickets_in_scope(reference)])
    if filters.nothing:
        return 0
    if not filters.conditions:
        return sum(place.tickets for place in _places(filters))
    with db.time_box(COUNT_SECONDS):
        driver = _rarest(filters)
        if _says_all(driver, filters):
            return min(most, driver.rows)
        where, values = condition_of(filters, driver.condition)
        sql = f"SELECT count(*) FROM (SELECT 1 FROM desk_ticket WHERE {where} LIMIT %s) AS counted"
        return int(db.rows(sql, [*values, most])[0][0])


_totals: dict[Any, tuple[float, int]] = {}
_TOTALS_KEPT = 500


def _remembered_total(filters: Filters, driver: _Driver) -> int:
    """How many tickets meet all conditions; one that took walking many is good for some seconds."""
    known = _totals.get(filters)
    if known is None or known[0] < time.monotonic():
        if len(_totals) >= _TOTALS_KEPT:
            _totals.clear()
        known = _totals[filters] = (time.monotonic() + REMEMBERED_SECONDS, _count(filters, driver))
    return known[1]


def _count(filters: Filters, driver: _Driver) -> int:
    if filters.conditions == (driver.condition,) and not counted_properties(filters):
        each = "*" if driver.condition.once else "DISTINCT id"
        sql = f"SELECT count({each}) FROM ({driver.condition.source}) AS source"
        return int(db.rows(sql, driver.condition.source_values)[0][0])
    where, values = condition_of(filters, driver.condition)
    return int(db.rows(f"SELECT count(*) FROM desk_ticket WHERE {where}", values)[0][0])


# --- finding


def _ticket_property(column: str, wanted: Any) -> Condition:
    """A counted property as a condition on desk_ticket."""
    if column == "breached":
        return Condition("sla_breaches > 0" if wanted else "sla_breaches = 0")
    if column == "with_files":
        return Condition("attachments_count > 0" if wanted else "attachments_count = 0")
    if column == "assignee_id" and 0 in wanted:
        others = counted(column, wanted - {0})
        return Condition(f"(assignee_id IS NULL OR {others.where})", others.values)
    return counted(column, wanted)


def condition_of(filters: Filters, driver: Condition | None = None) -> tuple[str, list[Any]]:
    """All filters but `nothing` as one condition on desk_ticket; with `driver`, its tickets are where to begin."""
    pieces = ["deleted_at IS NULL"]
    values: list[Any] = []
    if driver:
        pieces.append(f"id IN ({driver.source})")
        values.extend(driver.source_values)
    properties = [_ticket_property(column, wanted) for column, wanted in counted_properties(filters)]
    for condition in (*properties, *filters.conditions):
        if driver is None or (condition.where, condition.values) != (driver.where, driver.values):
            pieces.append(_unindexed(condition.where) if driver else condition.where)
            values.extend(condition.values)
    return " AND ".join(pieces), values


def _unindexed(where: str) -> str:
    """A condition that SQLite tests on rows it has, instead of looking for an index that begins with it."""
    column, blank, rest = where.partition(" ")
    return f"+{column}{blank}{rest}" if not db.is_postgres() and column in _PLAIN_COLUMNS else where


_PLAIN_COLUMNS = {"status_id", "category_id", "priority_id", "assignee_id", "unresponded", "sla_breaches"}


def _gather(filters: Filters, order: Order, reference: Reference, driver: Condition) -> list[int]:
    """The numbers of all tickets that meet the filters, in order."""
    where, values = condition_of(filters, driver)
    ranges = order.ranges(reference)
    rank, rank_values = "0", []
    if len(ranges) > 1:
        rank = f"CASE {' '.join(f'WHEN {range_.where} THEN {range_.rank}' for range_ in ranges)} ELSE -1 END"
        rank_values = [value for range_ in ranges for value in range_.values]
    as_it_comes = "" if db.is_postgres() else "+"  # SQLite would walk the whole index of the order instead
    terms = [f"{as_it_comes}{name} {way}" for name, way in order.columns]
    sql = f"SELECT id FROM desk_ticket WHERE {where} ORDER BY {', '.join([f'({rank}) ASC', *terms])}"
    if rank == "0":
        sql = f"SELECT id FROM desk_ticket WHERE {where} ORDER BY {', '.join(terms)}"
    return [row[0] for row in db.rows(sql, [*values, *rank_values])]


def _by_relevance(found: list[int], filters: Filters) -> list[int]:
    """Best match first; what matches equally well stays in the order it came in."""
    scores: dict[int, float] = {}
    for condition in filters.conditions:
        if condition.scored:
            for ticket_id, score in fulltext.scores(condition.scored, _SCORED_LIMIT).items():
                scores[ticket_id] = scores.get(ticket_id, 0.0) + score
    return sorted(found, key=lambda ticket_id: -round(scores.get(ticket_id, 0.0), 6))


def _sliced(listing: Listing, found: list[int]) -> Page:
    if listing.besides:
        found = [number for number in found if number not in listing.besides]
    return Page(len(found), listing.start, _entries(found[listing.start : listing.start + listing.size]))


def _entries(numbers: list[int]) -> list[Entry]:
    if not numbers:
        return []
    entries = {
        row[0]: Entry._make(row)
        for row in db.rows(
            "SELECT t.id, t.version, c.id, c.version FROM desk_ticket t JOIN desk_contact c ON c.id = t.contact_id "
            f"WHERE t.id IN ({db.places(numbers)})",
            numbers,
        )
    }
    return [entries[number] for number in numbers if number in entries]


def _onward(listing: Listing, filters: Filters, order: Order, reference: Reference) -> Page:
    """The page of a list by number that comes after one of its tickets."""
    ahead = _ahead(listing)
    driver = _rarest(filters)
    if driver.condition is not _EVERYTHING and driver.rows <= GATHER_LIMIT:
        found = _gather(filters, order, reference, driver.condition)
        first, last = ahead.values
        rest = [number for number in found if first < number <= last]
        end = rest[listing.size - 1] if len(rest) > listing.size else None
        return Page(len(found), 0, _entries(rest[: listing.size]), end)
    if filters == Filters():
        places, total, stop = [], driver.rows, None
    else:
        places, stop = _places(filters), _stop(ahead, order)
        total = _total(filters, driver) if filters.conditions else sum(place.tickets for place in places)
    if stop is not None:
        first, last = ahead.values
        ahead = ahead._replace(values=(first, stop) if listing.sort == "ticketa" else (stop - 1, last))
    sql, values = _select(
        filters, order, reference, places, backwards=False, size=listing.size + 1, offset=0, within=ahead
    )
    entries = [Entry._make(row) for row in db.rows(sql, values)]
    if len(entries) > listing.size:
        stop = entries[listing.size - 1].id
    return Page(total, 0, entries[: listing.size], stop)


def _ahead(listing: Listing) -> Range:
    """The numbers after a ticket, as `(first, last)` of which the first does not belong to them.

    Upwards it ends with the last number below which no other can appear (db.settled).
    """
    assert listing.after is not None
    assert listing.sort in BY_NUMBER
    where = "id > %s AND id <= %s"
    if listing.sort == "ticketa":
        return Range(where, (listing.after, db.settled("desk_ticket")))
    return Range(where, (0, listing.after - 1 if listing.after else db.LARGEST_ID))


def _stop(ahead: Range, order: Order) -> int | None:
    """The number at which a page has looked at enough tickets, deleted ones included; None if it comes to the end."""
    sql = f"SELECT id FROM desk_ticket WHERE {ahead.where} ORDER BY {order.clause(False)} LIMIT 2 OFFSET %s"
    found = db.rows(sql, (*ahead.values, _ONWARD_LIMIT - 1))
    return int(found[0][0]) if len(found) == 2 else None


def _walk(
    listing: Listing, filters: Filters, order: Order, reference: Reference, places: list[_Place], total: int
) -> Page:
    start = listing.start
    size = min(listing.size, total - start)
    if size <= 0:
        return Page(total, start, [])
    exact = not filters.conditions
    far = exact and start > total // 2
    offset = total - start - size if far else start
    besides = tuple(listing.besides)
    within = Range(f"id NOT IN ({db.places(besides)})", besides) if besides else None
    sql, values = _select(filters, order, reference, places, backwards=far, size=size, offset=offset, within=within)
    entries = [Entry._make(row) for row in db.rows(sql, values)]
    return Page(total, start, entries[::-1] if far else entries)


def _select(
    filters: Filters,
    order: Order,
    reference: Reference,
    places: list[_Place],
    *,
    backwards: bool,
    size: int,
    offset: int,
    within: Range | None = None,
) -> tuple[str, list[Any]]:
    """The statement for the entries of a page, and its values; of tickets `within` a range only."""
    ahead = within or Range("")
    order_by = order.clause(backwards)
    columns = [name for name, _ in order.columns if name != "id"]
    pieces, values = [], []
    for range_ in _possible(order.ranges(reference), filters, places):
        for part in _parts(range_, filters, order, places, offset + size):
            conditions = ["deleted_at IS NULL", *(piece.where for piece in (range_, part, ahead) if piece.where)]
            pieces.append(
                f"SELECT id, {range_.rank} AS rank{''.join(', ' + name for name in columns)} FROM desk_ticket "
                f"WHERE {' AND '.join(conditions)} ORDER BY {_without_nulls(order_by, range_)}"
            )
            values.append([*range_.values, *part.values, *ahead.values])
    return _join(pieces, values, f"rank {'DESC' if backwards else 'ASC'}, {order_by}", size=size, offset=offset)


def _without_nulls(order_by: str, range_: Range) -> str:
    """The order of a range in which a column is null throughout; PostgreSQL would sort it all by nothing."""
    return ", ".join(term for term in order_by.split(", ") if range_.where != f"{term.split()[0]} IS NULL")


def _possible(ranges: list[Range], filters: Filters, places: list[_Place]) -> list[Range]:
    """The ranges of an order that can have a ticket of the list: an impossible one would be walked to its end."""
    allowed = {
        "status_id": {place.status_id for place in places},
        "category_id": {place.category_id for place in places},
        "priority_id": filters.priorities,
        "assignee_id": filters.assignees,
    }
    among_all = {
        UNRESPONDED: any(place.unresponded for place in places),
        RESPONDED: any(place.tickets > place.unresponded for place in places),
    }

    def is_possible(range_: Range) -> bool:
        if range_.where in among_all:
            return among_all[range_.where]
        ids = allowed.get(range_.where.partition(" ")[0])
        return ids is None or (range_.values[0] if range_.values else 0) in ids

    return [range_ for range_ in ranges if is_possible(range_)] or ranges[:1]


def _join(
    pieces: list[str], values: list[list[Any]], order_by: str, *, size: int, offset: int
) -> tuple[str, list[Any]]:
    """One index range is read at its offset; several are read from their beginnings and merged."""
    if len(pieces) == 1:
        numbers, all_values = f"{pieces[0]} LIMIT %s OFFSET %s", [*values[0], size, offset]
    else:
        limited = [f"SELECT * FROM ({piece} LIMIT %s) AS part{n}" for n, piece in enumerate(pieces)]
        numbers = f"{db.union(limited)} ORDER BY {order_by} LIMIT %s OFFSET %s"
        all_values = [value for part in values for value in (*part, offset + size)] + [size, offset]
    outer = ", ".join(f"p.{term}" for term in order_by.split(", "))
    return (
        "SELECT t.id, t.version, c.id, c.version "
        f"FROM ({numbers}) AS p JOIN desk_ticket t ON t.id = p.id JOIN desk_contact c ON c.id = t.contact_id "
        f"ORDER BY {outer}",
        all_values,
    )


def _parts(range_: Range, filters: Filters, order: Order, places: list[_Place], depth: int) -> list[Range]:
    """The filters as index ranges to be merged, or as one condition on the index of the order.

    Who waits for us is found in an index of its own; among all others the open ones are few, and found by status.
    """
    if filters == Filters() or range_.where == UNRESPONDED:
        return [_one_filter(filters, places)]
    if range_.where == RESPONDED:
        found = _by_status(filters, places)
        return found if len(found) * depth <= _MERGE_LIMIT else [_one_filter(filters, places)]
    by_update = order.columns[0][0] == "last_updated_at" and len(order.columns) == 2
    if by_update and not filters.conditions and not _is_selective(filters):
        ranges = _filter_ranges(filters, places)
        if len(ranges) == 1 or len(ranges) * depth <= _MERGE_LIMIT:
            return ranges
    return [_one_filter(filters, places)]


def _by_status(filters: Filters, places: list[_Place]) -> list[Range]:
    if filters.statuses is None:
        return [_one_filter(filters, places)]
    rest = _one_filter(msgspec.structs.replace(filters, statuses=None), places)
    statuses = sorted({place.status_id for place in places if place.tickets > place.unresponded})
    where = " AND ".join(piece for piece in ("status_id = %s", rest.where) if piece)
    return [Range(where, (status, *rest.values)) for status in statuses]


def _filter_ranges(filters: Filters, places: list[_Place]) -> list[Range]:
    if filters.categories is None:
        return [Range("status_id = %s", (status,)) for status in sorted({place.status_id for place in places})]
    return [Range("category_id = %s AND status_id = %s", place[:2]) for place in sorted(places)]


def _one_filter(filters: Filters, places: list[_Place]) -> Range:
    """Asks for categories and statuses that are in use only: a request may name any number of others."""
    used = msgspec.structs.replace(
        filters,
        statuses=frozenset(p.status_id for p in places) if filters.statuses is not None else None,
        categories=frozenset(p.category_id for p in places) if filters.categories is not None else None,
    )
    conditions = [_ticket_property(column, wanted) for column, wanted in counted_properties(used)]
    conditions += filters.conditions
    return Range(
        " AND ".join(_unindexed(condition.where) for condition in conditions),
        tuple(value for condition in conditions for value in condition.values),
    )
