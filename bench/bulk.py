"""Rows into either database in bulk."""

import sys
from collections.abc import Sequence
from typing import Any

BATCH = 5_000

Row = tuple[Any, ...]


class Sqlite:
    """Rows go in without journal, foreign keys and indexes, which are made anew at the end."""

    def __init__(self, connection: Any) -> None:
        connection.ensure_connection()
        self._driver = connection.connection
        self._indexes: list[tuple[str, str]] = []

    def begin(self, tables: Sequence[str]) -> None:
        for pragma in ("journal_mode=DELETE", "journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
            self._driver.execute(f"PRAGMA {pragma}")
        self._driver.execute("PRAGMA foreign_keys=OFF")
        places = ", ".join("?" * len(tables))
        self._indexes = self._driver.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({places})",
            tables,
        ).fetchall()
        for name, _ in self._indexes:
            self._driver.execute(f'DROP INDEX "{name}"')
        self._driver.execute("BEGIN")

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        self._driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)

    def finish(self) -> None:
        self._driver.execute("COMMIT")
        for _, sql in self._indexes:
            self._driver.execute(sql)
        broken = self._driver.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            sys.exit(f"bench.data wrote a row that points nowhere: {broken}")
        self._driver.execute("ANALYZE")
        self._driver.execute("PRAGMA journal_mode=WAL")

    def tidy(self) -> None:
        self._driver.execute("ANALYZE")


class Postgres:
    """Rows go in by COPY, without foreign keys and secondary indexes, which are made anew at the end."""

    def __init__(self, connection: Any) -> None:
        connection.ensure_connection()
        self._driver = connection.connection
        self._tables: Sequence[str] = ()
        self._again: list[str] = []

    def begin(self, tables: Sequence[str]) -> None:
        self._tables = tables
        keys = self._driver.execute(
            "SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            [list(tables)],
        ).fetchall()
        indexes = self._driver.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = ANY(%s) "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            [list(tables)],
        ).fetchall()
        for name, table, _ in keys:
            self._driver.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            self._driver.execute(f'DROP INDEX "{name}"')
        self._again = [definition for _, definition in indexes]
        self._again += [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {text}' for name, table, text in keys]
        self._driver.execute("BEGIN")

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        with self._driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def finish(self) -> None:
        self._driver.execute("COMMIT")
        for statement in self._again:
            self._driver.execute(statement)
        for table in self._tables:
            self._driver.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f"(SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
            )
        self._driver.execute("VACUUM (ANALYZE)")
        self._driver.execute("CHECKPOINT")

    def tidy(self) -> None:
        self._driver.execute("VACUUM (ANALYZE)")


class Table:
    """Rows of one table on their way to the database, a batch at a time."""

    def __init__(self, database: Any, name: str, columns: str) -> None:
        self._database = database
        self.name = name
        self._columns = columns.split()
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            self._database.write(self.name, self._columns, self._rows)
            self._rows = []
