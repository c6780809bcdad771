"""The history of the whole desk in one row, for those who follow it, and the tickets that are deleted.

Positions are ids of updates. Whoever reads from a position on gets every entry once, in the order of ids, whatever is
written meanwhile: entries are read only up to the last id that is settled (`db.settled`). An entry keeps its place for
ever. What it shows depends on the present: of a ticket that cannot be read any more nothing but that it is gone.

A key that is limited to categories gets the entries that were made while the ticket was in one of them, and those that
moved it away. So nothing that was passed over turns up behind a position later, and none of its positions tells what
happens elsewhere. A ticket that is elsewhere now is gone for it, until an entry says that it is back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Min

from reynard.desk import db
from reynard.desk.models import Ticket
from reynard.desk.selectors import access, ticket_rows
from reynard.desk.selectors.reference import Reference
from reynard.desk.selectors.ticket_rows import ChangeRow, UpdateRow

_PLACES = ("category_id", "left_category_id")  # of an entry, one of which must be in the scope
_LONGEST_WAIT = timedelta(days=1)  # of a deletion, from the moment it is dated to the id of its entry


class Change(NamedTuple):
    """An entry of the history. Of a ticket that is gone only the deletion itself has its `update`."""

    update_id: int
    ticket_id: int
    category_id: int  # of the ticket now, or the last that is in the scope
    gone: bool  # the ticket cannot be read any more
    update: UpdateRow | None


class Page(NamedTuple):
    changes: list[Change]
    next: int  # the position behind the last change
    more: bool  # there were more when this page was read


class Deletion(NamedTuple):
    ticket_id: int
    update_id: int
    category_id: int
    deleted_at: str  # begins `YYYY-MM-DD HH:MM:SS`, UTC


class Deletions(NamedTuple):
    tickets: list[Deletion]
    next: int
    more: bool


def changes(since: int, size: int, reference: Reference) -> Page:
    """The entries behind a position, at the same cost wherever it is; none at the end and beyond."""
    settled = db.settled("desk_update")  # before anything else is read
    rows = _walk(
        "desk_update",
        "id",
        "id > %s AND id <= %s",
        (since, settled),
        key="id",
        limit=size + 1,
        places=_PLACES,
        scope=reference.scope,
    )
    ids = [row[0] for row in rows[:size]]
    found = [_change(row, reference) for row in ticket_rows.changes(ids)]
    return Page(found, ids[-1] if ids else since, len(rows) > size)


def _change(row: ChangeRow, reference: Reference) -> Change:
    update, category = row.update, row.category_id
    in_reach = access.is_in_scope(category, reference)
    if not in_reach:
        category = row.category_then
        if row.category_left is not None and not access.is_in_scope(category, reference):
            category = row.category_left
    is_deletion = bool(row.deleted) and update.id == row.last_update_id
    shown = in_reach and (is_deletion or not row.deleted)
    return Change(update.id, update.ticket_id, category, bool(row.deleted) or not in_reach, update if shown else None)


def end(reference: Reference) -> int:
    """The position behind every entry that is there; whatever comes later is behind it."""
    settled = db.settled("desk_update")
    if reference.scope is None:
        return int(db.rows("SELECT coalesce(max(id), 0) FROM desk_update WHERE id <= %s", (settled,))[0][0])
    branches = [(place, category) for place in _PLACES for category in sorted(reference.scope)]
    if not branches:
        return 0
    last = "SELECT coalesce(max(id), 0) AS last FROM desk_update WHERE {place} = %s AND id <= %s"
    sql = f"SELECT max(last) FROM ({db.union([last.format(place=place) for place, _ in branches])}) AS lasts"
    return int(db.rows(sql, [value for _, category in branches for value in (category, settled)])[0][0])


def deletions(since: int | datetime, size: int, reference: Reference) -> Deletions:
    """Deleted tickets behind a position, or those deleted at a moment or later, in the order of their entries."""
    settled = db.settled("desk_update")
    ahead = "deleted_at IS NOT NULL AND last_update_id > %s AND last_update_id <= %s"
    values: list[Any] = [since, settled]
    if isinstance(since, datetime):
        ahead += " AND deleted_at >= %s"
        values.append(connection.ops.adapt_datetimefield_value(since))
        since = values[0] = _position_before(since, reference)
    rows = _walk(
        "desk_ticket",
        "id, last_update_id, category_id, deleted_at",
        ahead,
        values,
        key="last_update_id",
        limit=size + 1,
        places=("category_id",),
        scope=reference.scope,
    )
    found = [Deletion(row[0], row[1], row[2], str(row[3])) for row in rows[:size]]
    return Deletions(found, found[-1].update_id if found else since, len(rows) > size)


def _position_before(moment: datetime, reference: Reference) -> int:
    """A position behind which all entries of tickets are that were deleted at a moment or later.

    Those that were dated more than a day after the first of them have later ids: none waits so long.
    """
    newest = end(reference)  # before the deletions are looked at: those that come later are behind it
    since = Ticket.objects.filter(deleted_at__gte=moment)
    if reference.scope is not None:
        since = since.filter(category_id__in=reference.scope)
    first = since.order_by("deleted_at").values_list("deleted_at", flat=True).first()
    if first is None:
        return newest
    near = since.filter(deleted_at__lt=first + _LONGEST_WAIT).aggregate(lowest=Min("last_update_id"))
    return min(newest, near["lowest"] - 1)


def _walk(
    table: str,
    columns: str,
    ahead: str,
    values: Sequence[Any],
    *,
    key: str,
    limit: int,
    places: Sequence[str],
    scope: frozenset[int] | None,
) -> list[db.Row]:
    """The first rows that meet a condition, by `key`; within a scope from the index of each of its categories.

    `places` are the columns of which one must have such a category.
    """
    if scope is None:
        sql = f"SELECT {columns} FROM {table} WHERE {ahead} ORDER BY {key} LIMIT %s"
        return db.rows(sql, (*values, limit))
    branches = [(place, category) for place in places for category in sorted(scope)]
    if not branches:
        return []
    selects = [
        f"SELECT * FROM (SELECT {columns} FROM {table} WHERE {place} = %s AND {ahead} ORDER BY {key} LIMIT %s) AS part"
        for place, _ in branches
    ]
    sql = f"SELECT DISTINCT {columns} FROM ({db.union(selects)}) AS parts ORDER BY {key} LIMIT %s"
    return db.rows(sql, [value for _, category in branches for value in (category, *values, limit)] + [limit])
