"""The two ways to the database that are not the ORM: plain rows for reading, one transaction for writing."""

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction

from reynard.desk.errors import SearchTooSlow

Row = tuple[Any, ...]
LARGEST_ID = 2**63 - 1


def wrapper() -> Any:
    """Django's connection itself: `django.db.connection` looks it up again at every touch, eighty times a write."""
    return connections[DEFAULT_DB_ALIAS]


def is_postgres() -> bool:
    return bool(wrapper().vendor == "postgresql")


def rows(sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """Run one statement written with `%s` places and return its rows as the driver gives them.

    Uses the driver's own cursor (a quarter faster than Django's on SQLite, and with prepared statements on
    PostgreSQL), except while somebody listens to the connection: then every statement is seen.
    """
    own = wrapper()
    if own.execute_wrappers or own.queries_logged:
        with own.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()
    return _driver_cursor(own, sql, params).fetchall()


def _driver_cursor(own: Any, sql: str, params: Sequence[Any]) -> Any:
    """Errors come out as Django's, as with its own cursors."""
    if own.connection is None:
        own.ensure_connection()
    driver: Any = own.connection
    with own.wrap_database_errors:
        if own.vendor == "sqlite":
            return driver.execute(_with_marks(sql), params)
        import psycopg

        return psycopg.Cursor(driver).execute(sql, params)


def execute(sql: str, params: Sequence[Any] = ()) -> None:
    """Run one statement that returns no rows, like `rows`."""
    own = wrapper()
    if own.execute_wrappers or own.queries_logged:
        with own.cursor() as cursor:
            cursor.execute(sql, params)
    else:
        _driver_cursor(own, sql, params)


@contextmanager
def snapshot() -> Iterator[None]:
    """All reading in this block sees the desk as it was at one moment; nobody who writes waits for it.

    For several statements whose results must agree. Within a transaction it is that one's view. Nothing may be
    written here.
    """
    own = wrapper()
    own.ensure_connection()
    if own.in_atomic_block:
        yield
    elif own.vendor == "sqlite":
        own.connection.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            own.connection.execute("ROLLBACK")
    else:
        with transaction.atomic():
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield


@contextmanager
def time_box(seconds: float) -> Iterator[None]:
    """End the reading in this block when it takes longer. Raises SearchTooSlow."""
    own = wrapper()
    own.ensure_connection()
    try:
        with _sqlite_limit(own, seconds) if own.vendor == "sqlite" else _postgres_limit(own, seconds):
            yield
    except OperationalError as error:
        if "interrupted" in str(error) or "statement timeout" in str(error):
            raise SearchTooSlow from None
        raise


@contextmanager
def _sqlite_limit(own: Any, seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + seconds
    driver = own.connection
    driver.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


_STEPS_BETWEEN_LOOKS = 20_000  # of SQLite's machine: a fraction of a millisecond


@contextmanager
def _postgres_limit(own: Any, seconds: float) -> Iterator[None]:
    with transaction.atomic():
        execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        yield


@lru_cache(maxsize=512)
def _with_marks(sql: str) -> str:
    return sql.replace("%s", "?")


def places(values: Sequence[Any]) -> str:
    """`%s, %s, %s`: as many places as there are values."""
    return ", ".join(["%s"] * len(values))


def union(selects: Sequence[str]) -> str:
    """All rows of several SELECTs; nested where there are more than SQLite takes at once."""
    if len(selects) <= _UNION_LIMIT:
        return " UNION ALL ".join(selects)
    chunks = [selects[start : start + _UNION_LIMIT] for start in range(0, len(selects), _UNION_LIMIT)]
    return union([f"SELECT * FROM ({union(chunk)}) AS chunk" for chunk in chunks])  # noqa: S608  # statements of ours


_UNION_LIMIT = 400  # SELECTs in one union; SQLite takes 500


_BULK_TURN = 0x7265796E  # names of locks of ours; any numbers that nothing else uses
_BUDGET_TURN = 0x7265796F


def take_bulk_turn() -> None:
    """Wait until no other transaction that called this is open; call it before locking any row.

    For writes that lock many rows in an order their sender decides, such as lists of tickets: two of them would
    otherwise wait for each other, and PostgreSQL would end one. On SQLite all writers take turns anyway.
    """
    _take_turn(_BULK_TURN)


def take_budget_turn() -> None:
    """Wait until no other transaction that called this is open, for those that count before they write."""
    _take_turn(_BUDGET_TURN)


def take_turn_of(name: str) -> None:
    """Wait until no other transaction that called this with the same name is open."""
    _take_turn(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True))


def _take_turn(name: int) -> None:
    if is_postgres():
        rows("SELECT pg_advisory_xact_lock(%s)", (name,))


def settled(table: str) -> int:
    """The largest id of a table up to which nothing can appear any more, for statements that begin after this one.

    On PostgreSQL ids are drawn before they are committed, so one may become visible after larger ones have been.
    Whoever follows a table by id reads up to here only (docs/decisions/0006). Tables: desk_update, desk_ticket,
    desk_contact; own uncommitted rows count as settled. On SQLite ids are committed in their order.
    """
    return int(rows(f"SELECT {table}_settled()")[0][0]) if is_postgres() else LARGEST_ID


class _LockFiles(threading.local):
    def __init__(self) -> None:
        self.handles: dict[str, int] = {}


_lock_files = _LockFiles()


@contextmanager
def write() -> Iterator[None]:
    """One transaction for one action; inside another it joins that one.

    SQLite has one writer at a time and lets those who wait sleep and guess, so that an unlucky one may wait for
    seconds while others go ahead. A lock on a file beside the database queues them instead.
    """
    if _inside_another():
        yield  # an error that leaves this block ends the outer one too
    else:
        with _turn(), transaction.atomic():
            yield


@contextmanager
def rehearsal() -> Iterator[None]:
    """A `write` of which nothing is left: it is undone at the end, whatever the actions in it did."""
    with write():
        yield
        transaction.set_rollback(True)


def _inside_another() -> bool:
    blocks: Any = connection.atomic_blocks
    return bool(blocks) and not blocks[-1]._from_testcase  # a test's own transaction is not one of ours


@contextmanager
def _turn() -> Iterator[None]:
    database = connection.settings_dict["NAME"]
    if connection.vendor != "sqlite" or "memory" in str(database):
        yield
        return
    lock = _lock_file(f"{database}.writers")
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _lock_file(path: str) -> int:
    """This thread's own handle on the lock file: a lock belongs to the handle."""
    if path not in _lock_files.handles:
        _lock_files.handles[path] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return _lock_files.handles[path]
