"""What reports say (reports.md); docs/reports.md defines every figure.

A report is about the tickets that meet its search and its period (R-03); all figures are of the whole history of these
tickets. They are added up by the database: from the tickets (desk_ticket) and from what the entries of their histories
count for (desk_activity). Averages are of sums, so that they are exact.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from reynard.desk import db
from reynard.desk.rules import periods
from reynard.desk.rules.periods import Period
from reynard.desk.selectors import access, search, tickets
from reynard.desk.selectors.filters import Condition, Filters, joined
from reynard.desk.selectors.reference import Reference
from reynard.desk.selectors.tickets import Selection

REPORT_SECONDS = 10.0  # that one view may take before the caller is told so
SOON, LATER = 2 * 3600, 24 * 3600  # seconds: the bounds of the shares


# --- saved reports


class SavedReport(NamedTuple):
    id: int
    name: str
    description: str
    query: str
    period: Period | None


_COLUMNS = "id, name, description, query, period_type, period_range, period_start, period_end"


def page(*, size: int, page: int) -> tuple[int, list[SavedReport]]:
    """How many there are, and one page of them, the newest first (R-02)."""
    total = int(db.rows("SELECT count(*) FROM desk_report")[0][0])
    sql = f"SELECT {_COLUMNS} FROM desk_report ORDER BY id DESC LIMIT %s OFFSET %s"  # our own names
    return total, [_saved(row) for row in db.rows(sql, (size, (page - 1) * size))]


def one(report_id: int) -> SavedReport | None:
    found = db.rows(f"SELECT {_COLUMNS} FROM desk_report WHERE id = %s", (report_id,))
    return _saved(found[0]) if found else None


def _saved(row: db.Row) -> SavedReport:
    id, name, description, query, type_, range_, start, end = row
    period = Period(type_, range_, _day(start), _day(end)) if range_ else None
    return SavedReport(id, name, description, query, period)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


# --- which tickets


def _plus() -> str:
    """Keeps SQLite from choosing an index by what follows, where it would then look up each ticket by its number."""
    return "" if db.is_postgres() else "+"


class Chosen(msgspec.Struct, frozen=True):
    """The tickets of a report.

    Figures are added up from narrow indexes that have all that is asked for: `ticket_figures` and `activity_staff`.
    """

    found: Selection
    all: bool  # there is no condition but to be there

    @property
    def figures(self) -> tuple[str, Sequence[Any]]:
        """The condition on desk_ticket, for adding up."""
        if self.all:
            return "deleted_at IS NULL", ()
        plus = "" if self.found.few else _plus()
        return f"deleted_at IS NULL AND {plus}id IN ({self.found.numbers})", self.found.number_values

    @property
    def entries(self) -> tuple[str, Sequence[Any]]:
        """The condition on what has a `ticket_id`, after others."""
        return f" AND {_plus()}ticket_id IN ({self.found.numbers})", self.found.number_values


@contextmanager
def reading() -> Iterator[None]:
    """Everything read in this block is of one moment. Raises SearchTooSlow."""
    with db.snapshot(), db.time_box(REPORT_SECONDS):
        yield


def choose(report: SavedReport, period: Period | None, reference: Reference, *, now: datetime) -> Chosen:
    """The tickets that meet the report's search and a period, and exist for the caller (selectors/access)."""
    filters = [search.read(report.query, reference, now=now), access.tickets_in_scope(reference)]
    if period is not None:
        filters.append(Filters(conditions=(_in_period(period, now.astimezone(UTC).date()),)))
    together = joined(filters)
    return Chosen(tickets.selection(together), all=together == Filters())


# What an entry must be for its moment to count; reports.md §3.
_ENTRIES = {
    "as": "assigned",
    "str": "kind = 'r'",
    "cur": "kind = 'c'",
    "prs": "kind = 'n'",
    "srp": "kind IN ('r', 'n')",
    "cl": "completed",
}


def _in_period(period: Period, today: date) -> Condition:
    first, last = period.days(today)
    values = tuple(connection.ops.adapt_datetimefield_value(moment) for moment in (_begin(first), _end(last)))
    within = "created_at >= %s AND created_at < %s"
    if period.type == periods.CREATION:
        source = f"SELECT id FROM desk_ticket WHERE {within} AND deleted_at IS NULL"
        return Condition(within, values, source, values, once=True)
    source = f"SELECT ticket_id AS id FROM desk_activity WHERE {_ENTRIES[period.type]} AND {within}"
    return Condition(f"id IN ({source})", values, source, values)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _end(day: date) -> datetime:
    return datetime.max.replace(tzinfo=UTC) if day == date.max else _begin(day + timedelta(days=1))


# --- figures of the tickets


class Summary(NamedTuple):
    tickets: int
    completed: int
    pending: int
    assigned: int
    unassigned: int


def summary(chosen: Chosen, reference: Reference) -> Summary:
    completed, ids = _is_completed(reference)
    where, values = chosen.figures
    [(tickets_, completed_, assigned)] = db.rows(
        f"SELECT count(*), count(*) FILTER (WHERE {completed}), count(assignee_id) FROM desk_ticket WHERE {where}",
        [*ids, *values],
    )
    return Summary(tickets_, completed_, tickets_ - completed_, assigned, tickets_ - assigned)


def _is_completed(reference: Reference) -> tuple[str, list[int]]:
    ids = sorted(reference.completed)
    return (f"status_id IN ({db.places(ids)})" if ids else "1 = 0"), ids


class TicketRow(NamedTuple):
    id: int
    category_id: int
    subject: str
    status_id: int
    assignee_id: int | None
    due_date: date | None


TICKET_KEYS = ("duedate", "ticket", "status", "created", "assigned")  # the first is the default


def ticket_rows(
    chosen: Chosen, reference: Reference, *, key: str, descending: bool, size: int, page: int
) -> tuple[int, list[TicketRow]]:
    """How many tickets there are, and one page of them; what has no value to sort by comes last either way."""
    where, values = chosen.found.where, chosen.found.values
    total = int(db.rows(f"SELECT count(*) FROM desk_ticket WHERE {where}", values)[0][0])
    start = (page - 1) * size
    if start >= total:
        return total, []
    ranks, rank_values, joined_to, order = _order(key, reference, "DESC" if descending else "ASC")
    numbers = [
        row[0]
        for row in db.rows(
            f"{ranks} SELECT id FROM desk_ticket {joined_to} WHERE {where} ORDER BY {order} LIMIT %s OFFSET %s",
            [*rank_values, *values, size, start],
        )
    ]
    columns = "id, category_id, subject, status_id, assignee_id, due_date"
    sql = f"SELECT {columns} FROM desk_ticket WHERE id IN ({db.places(numbers)})"
    rows = {row[0]: TicketRow._make((*row[:5], _day(row[5]))) for row in db.rows(sql, numbers)}
    return total, [rows[number] for number in numbers]


def _order(key: str, reference: Reference, way: str) -> tuple[str, list[Any], str, str]:
    """A table of ranks with its values, how tickets are joined to it, and the terms to order by."""
    if key == "status":
        return _ranked("status_id", {row.id: row.order for row in reference.statuses.values()}, way)
    if key == "assigned":
        return _ranked("assignee_id", {row.id: row.name.casefold() for row in reference.staff.values()}, way)
    terms = {"duedate": f"due_date IS NULL, due_date {way}, ", "created": f"created_at {way}, "}
    return "", [], "", f"{terms.get(key, '')}id {way}"


def _ranked(column: str, keys: Mapping[int, Any], way: str) -> tuple[str, list[Any], str, str]:
    """In the order of something that the reference data knows; by number among equals."""
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys.values())))}
    pairs = [(id, ranks[key]) for id, key in keys.items()] or [(0, 0)]
    table = f"WITH ranks (ranked, place) AS (VALUES {', '.join(['(%s, %s)'] * len(pairs))})"
    joined_to = f"LEFT JOIN ranks ON ranked = {column}"
    return table, [value for pair in pairs for value in pair], joined_to, f"place IS NULL, place {way}, id {way}"


class ContactRow(NamedTuple):
    """What happened on the tickets of one contact."""

    id: int
    name: str
    email: str | None
    tickets: int
    completed: int
    replies: int
    minutes: int


def contact_rows(
    chosen: Chosen, reference: Reference, *, descending: bool, size: int, page: int
) -> tuple[int, list[ContactRow]]:
    """How many contacts there are, and one page of them, by name: the letters A to Z are the same in either case."""
    completed, ids = _is_completed(reference)
    where, values = chosen.figures
    total = int(db.rows(f"SELECT count(DISTINCT contact_id) FROM desk_ticket WHERE {where}", values)[0][0])
    start = (page - 1) * size
    if start >= total:
        return total, []
    way = "DESC" if descending else "ASC"
    by_name = 'lower(c.name COLLATE "C")' if db.is_postgres() else "lower(c.name)"
    found = db.rows(
        "SELECT c.id, c.name, c.email, f.tickets, f.completed, f.replies, f.minutes FROM ("
        f"SELECT contact_id, count(*) AS tickets, count(*) FILTER (WHERE {completed}) AS completed, "
        "sum(contact_replies) AS replies, coalesce(sum(time_spent), 0) AS minutes "
        f"FROM desk_ticket WHERE {where} GROUP BY {_plus()}contact_id"
        f") AS f JOIN desk_contact c ON c.id = f.contact_id ORDER BY {by_name} {way}, c.id {way} LIMIT %s OFFSET %s",
        [*ids, *values, size, start],
    )
    return total, [ContactRow._make((*row[:5], int(row[5]), int(row[6]))) for row in found]


# --- figures of staff


class Mean(msgspec.Struct, frozen=True):
    """An average before it is divided."""

    sum: int = 0
    count: int = 0


class StaffFigures(msgspec.Struct):
    """What one member of staff has to do with the tickets: those assigned to them, and what they did on any."""

    assigned: int = 0
    completed: int = 0
    participated: int = 0
    replies: int = 0
    notes: int = 0
    minutes: int = 0
    first_response: Mean = Mean()  # seconds
    response: Mean = Mean()  # seconds
    replies_each: Mean = Mean()  # per ticket replied to
    replies_to_completion: Mean = Mean()  # per completed ticket assigned to them
    completion: Mean = Mean()  # seconds
    minutes_each: Mean = Mean()  # per ticket they spent time on

    @property
    def pending(self) -> int:
        return self.assigned - self.completed


def staff_figures(chosen: Chosen, reference: Reference) -> dict[int, StaffFigures]:
    """By the id of the member of staff; those who have nothing to do with the tickets are left out."""
    figures: dict[int, StaffFigures] = {}
    for id, *counts in _assigned(chosen, reference):
        assigned, completed, seconds, replies, finished = map(int, counts)
        one = figures.setdefault(id, StaffFigures())
        one.assigned, one.completed = assigned, completed
        one.completion, one.replies_to_completion = Mean(seconds, finished), Mean(replies, finished)
    for id, *counts in _done(chosen):
        done = _Done._make(map(int, counts))
        one = figures.setdefault(id, StaffFigures())
        one.participated, one.replies, one.notes, one.minutes = done.spoken, done.replies, done.notes, done.minutes
        one.first_response = Mean(done.first_seconds, done.firsts)
        one.response = Mean(done.waited, done.waits)
        one.replies_each = Mean(done.replies, done.replied)
        one.minutes_each = Mean(done.minutes, done.timed)
    return figures


def _assigned(chosen: Chosen, reference: Reference) -> list[db.Row]:
    completed, ids = _is_completed(reference)
    where, values = chosen.figures
    return db.rows(
        f"SELECT assignee_id, count(*), count(*) FILTER (WHERE {completed}), coalesce(sum(completed_seconds), 0), "
        "coalesce(sum(replies_to_completion), 0), count(completed_seconds) "
        f"FROM desk_ticket WHERE {where} AND assignee_id IS NOT NULL GROUP BY assignee_id",
        [*ids, *values],
    )


class _Done(NamedTuple):
    spoken: int  # tickets with a message of theirs
    replied: int  # tickets with a reply of theirs
    timed: int  # tickets with time of theirs
    replies: int
    notes: int
    minutes: int
    waited: int
    waits: int
    first_seconds: int
    firsts: int


def _done(chosen: Chosen) -> list[db.Row]:
    where, values = _of_staff(chosen)
    return db.rows(
        "SELECT staff_id, count(*) FILTER (WHERE first_message_of_author), "
        "count(*) FILTER (WHERE first_reply_of_author), count(*) FILTER (WHERE first_time_of_author), "
        "count(*) FILTER (WHERE kind = 'r'), count(*) FILTER (WHERE kind = 'n'), sum(minutes), "
        "coalesce(sum(waited), 0), count(waited), "
        "coalesce(sum(age) FILTER (WHERE first_response), 0), count(*) FILTER (WHERE first_response) "
        f"FROM desk_activity WHERE {where} GROUP BY staff_id",
        values,
    )


def _of_staff(chosen: Chosen) -> tuple[str, Sequence[Any]]:
    """The condition on desk_activity: entries of staff on the tickets. Deleted tickets have none there."""
    where, values = ("", ()) if chosen.all else chosen.entries
    return f"staff_id IS NOT NULL{where}", values


# --- figures of responses


class Shares(msgspec.Struct, frozen=True):
    """An average, and how much of what was averaged was done within the bounds."""

    mean: Mean
    counted: int  # what the shares are of
    soon: int  # within SOON
    later: int  # after SOON, within LATER


class Responses(NamedTuple):
    first_response: Shares
    response: Shares
    replies: Shares
    completion: Shares


def responses(chosen: Chosen) -> Responses:
    where, values = _of_staff(chosen)
    sums = ", ".join(
        (
            _within("age", "first_response"),
            _within("waited", "waited IS NOT NULL"),
            _within("age", "kind = 'r'"),
        )
    )
    [row] = db.rows(f"SELECT {sums} FROM desk_activity WHERE {where}", values)
    first, response, reply = (_Within(*map(int, row[n : n + 4])) for n in (0, 4, 8))
    where, values = chosen.figures
    [row] = db.rows(
        f"SELECT {_within('completed_seconds', 'completed_seconds IS NOT NULL')}, "
        f"coalesce(sum(replies_to_completion), 0) FROM desk_ticket WHERE {where}",
        values,
    )
    *completion, replies = map(int, row)
    done = _Within(*completion)
    return Responses(
        Shares(Mean(first.seconds, first.count), first.count, first.soon, first.later),
        Shares(Mean(response.seconds, response.count), response.count, response.soon, response.later),
        Shares(Mean(reply.count, first.count), reply.count, reply.soon, reply.later),
        Shares(Mean(replies, done.count), done.count, done.soon, done.later),
    )


class _Within(msgspec.Struct, frozen=True):
    count: int
    seconds: int
    soon: int
    later: int


def _within(seconds: str, condition: str) -> str:
    return (
        f"count(*) FILTER (WHERE {condition}), coalesce(sum({seconds}) FILTER (WHERE {condition}), 0), "
        f"count(*) FILTER (WHERE {condition} AND {seconds} <= {SOON}), "
        f"count(*) FILTER (WHERE {condition} AND {seconds} > {SOON} AND {seconds} <= {LATER})"
    )


# --- promised times


class SlaFigures(NamedTuple):
    """How often a promise was kept on the tickets of a report."""

    name: str
    target: float  # percent
    checked: int  # clocks that were decided
    breached: int


def sla_figures(chosen: Chosen) -> list[SlaFigures]:
    """Of each policy that is active, and of those that ended but were measured, by id."""
    where, values = chosen.entries
    sql = (
        "SELECT policy_id, count(*), count(breached_at) FROM desk_slaclock "
        f"WHERE decided_at IS NOT NULL{where} GROUP BY policy_id"
    )
    counted = {policy: (checked, breached) for policy, checked, breached in db.rows(sql, values)}
    policies = db.rows("SELECT id, name, target, active FROM desk_slapolicy ORDER BY id")
    return [
        SlaFigures(name, target, *counted.get(id, (0, 0)))
        for id, name, target, active in policies
        if active or id in counted
    ]
