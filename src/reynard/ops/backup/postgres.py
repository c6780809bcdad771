"""The database of a backup on PostgreSQL: the rows of every table of ours, all of one moment.

PostgreSQL's own tools are not needed, nor their version: tables are copied out by COPY, and into tables that the
migrations of this program make anew. So it is restored by any account that may make tables, on any version.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from reynard.desk import db
from reynard.ops import database
from reynard.ops.backup.archive import Description, Table

_OWN_PREFIX = "desk_"  # of tables without a model, and of functions
_CHUNK_BYTES = 1024 * 1024


class Snapshot:
    """The desk as it was when this was made, in one read-only transaction; `files` has the copies."""

    def __init__(self, folder: Path) -> None:
        self.tables = {name: Table(_columns(name), _sequence(name)) for name in _own_tables()}
        self.files = [_copy_out(name, table, folder) for name, table in self.tables.items()]

    def rows(self, statement: str) -> Iterator[Sequence[Any]]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement)
            yield from cursor

    def tables_with_hashes(self) -> list[str]:
        return [name for name, table in self.tables.items() if "sha256" in table.columns]


@contextmanager
def snapshot(folder: Path) -> Iterator[Snapshot]:
    """`folder` is where the copies are made."""
    with db.snapshot():
        yield Snapshot(folder)


def is_in_use() -> bool:
    """Whether another process of Reynard is connected."""
    return bool(
        db.rows(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s "
            "AND pid <> pg_backend_pid() LIMIT 1",
            (connection.settings_dict["OPTIONS"].get("application_name", ""),),
        )
    )


def is_occupied() -> bool:
    return database.is_occupied()


def put(folder: Path, description: Description, *, now: datetime) -> None:
    """Let the unpacked rows be the database, with the tables as they were then.

    The desk from before is there until the rows of the backup take its place, in one transaction; only when its tables
    are of another version they are made anew before that.
    """
    if set(_migrations()) != set(description.migrations):
        _drop_all()
        _migrate_to(description.migrations)
    strange = set(description.tables) ^ set(_own_tables())
    if strange:
        raise CommandError(f"The backup and this version do not have the same tables: {', '.join(sorted(strange))}.")
    with transaction.atomic():
        _run("TRUNCATE {}", sql.SQL(", ").join(map(sql.Identifier, description.tables)))
        with _without_indexes(list(description.tables)):
            for name, table in description.tables.items():
                _copy_in(name, table, folder)
    for name in description.tables:
        _run("ANALYZE {}", sql.Identifier(name))


def _own_tables() -> list[str]:
    known = set(connection.introspection.django_table_names(include_views=False)) | {"django_migrations"}
    found = db.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
    return [name for (name,) in found if name in known or name.startswith(_OWN_PREFIX)]


def _columns(table: str) -> list[str]:
    """Those that are stored, not those that PostgreSQL computes."""
    found = db.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s "
        "AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (table,),
    )
    return [name for (name,) in found]


def _sequence(table: str) -> tuple[str, int, bool] | None:
    found = db.rows(
        "SELECT a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname) FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = %s "
        "AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL",
        (table,),
    )
    if not found:
        return None
    column, sequence = found[0]
    last, given = db.rows(f"SELECT last_value, is_called FROM {sequence}")[0]  # noqa: S608  # as PostgreSQL quotes it
    return column, last, given


def _copy_out(name: str, table: Table, folder: Path) -> Path:
    path = folder / f"{name}.copy"
    statement = _copy_statement("COPY {} ({}) TO STDOUT", name, table)
    with path.open("wb") as target, _cursor() as cursor, cursor.copy(statement) as pieces:
        for piece in pieces:
            target.write(piece)
    return path


def _copy_in(name: str, table: Table, folder: Path) -> None:
    path = folder / f"{name}.copy"
    statement = _copy_statement("COPY {} ({}) FROM STDIN", name, table)
    with path.open("rb") as source, _cursor() as cursor, cursor.copy(statement) as copy:
        while piece := source.read(_CHUNK_BYTES):
            copy.write(piece)
    if table.sequence:
        db.rows("SELECT setval(pg_get_serial_sequence(quote_ident(%s), %s), %s, %s)", (name, *table.sequence))


def _copy_statement(template: str, name: str, table: Table) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    return sql.SQL(template).format(sql.Identifier(name), columns)


@contextmanager
def _without_indexes(tables: Sequence[str]) -> Iterator[None]:
    """Without indexes and foreign keys, which are made again at the end: once, instead of row by row."""
    keys = db.rows(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        (tables,),
    )
    indexes = db.rows(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid::regclass::text = ANY(%s) AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)",
        (tables,),
    )
    for table, name, _ in keys:
        db.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        db.execute(definition)
    for table, name, definition in keys:
        db.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _drop_all() -> None:
    with transaction.atomic():
        tables = _own_tables()
        if tables:
            _run("DROP TABLE {} CASCADE", sql.SQL(", ").join(map(sql.Identifier, tables)))
        functions = db.rows(
            "SELECT oid::regprocedure::text FROM pg_proc "
            "WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, %s)",
            (_OWN_PREFIX,),
        )
        for (function,) in functions:
            db.execute(f"DROP FUNCTION {function}")


def _migrate_to(names: Sequence[str]) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([(app, name) for app, name in (full.split(".", 1) for full in names)])


def _migrations() -> list[str]:
    if "django_migrations" not in connection.introspection.table_names():
        return []
    return [f"{app}.{name}" for app, name in db.rows("SELECT app, name FROM django_migrations")]


def _run(template: str, *parts: sql.Composable) -> None:
    with _cursor() as cursor:
        cursor.execute(sql.SQL(template).format(*parts))


def _cursor() -> Any:
    """The driver's own, which can COPY."""
    connection.ensure_connection()
    return connection.connection.cursor()
