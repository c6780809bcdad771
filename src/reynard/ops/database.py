"""Whether the database has the tables this version needs, and bringing it there; copies of it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from reynard.desk import db
from reynard.desk.models import Category, Contact, Priority, Role, Staff, Status, Ticket


def pending_migrations() -> list[str]:
    """Names of the migrations to come, in their order."""
    executor = MigrationExecutor(connection)
    return [migration.name for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def require_migrated() -> None:
    """Raises CommandError when this version needs tables that are not there."""
    if pending_migrations():
        raise CommandError("The database is not up to date. Run `reynard migrate` first.")


def migrate() -> None:
    """Quietly, and without a question."""
    call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def temporary_files_on_disk() -> Iterator[None]:
    """For statements that change whole tables: SQLite keeps what they change, and sorts what goes into indexes."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA temp_store = FILE")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA temp_store = MEMORY")  # as in the settings


def bring_up_to_date(*, now: datetime) -> Path | None:
    """Migrate SQLite, after a backup unless the database is empty; returns the backup, if one was made.

    Raises CommandError on PostgreSQL, where several servers may share the database and somebody must decide.
    """
    pending = pending_migrations()
    if not pending:
        return None
    if db.is_postgres():
        raise CommandError("The database needs migrations. Run `reynard migrate`, then start again.")
    backup = _back_up(before=pending[-1], now=now) if connection.introspection.table_names() else None
    migrate()
    return backup


def is_there() -> bool:
    """Whether there are tables, of whatever version; makes no database file where there is none."""
    path = Path(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not path.exists():
        return False
    return "django_migrations" in connection.introspection.table_names()


def is_occupied() -> bool:
    """Whether there is anything on the desk; false also before the first migration."""
    tables = connection.introspection.table_names()
    parts = (Ticket, Category, Status, Priority, Contact, Staff, Role)
    return any(part._meta.db_table in tables and part.objects.exists() for part in parts)


def _back_up(*, before: str, now: datetime) -> Path:
    """A copy of the SQLite database, which appears under its name when it is complete."""
    path = backup_path(f"desk-before-{before}-{now:%Y%m%dT%H%M%SZ}.sqlite3")
    unfinished = path.with_suffix(".unfinished")
    copy_sqlite(unfinished)
    os.replace(unfinished, path)
    return path


def backup_path(name: str) -> Path:
    """In the folder of databases from before something."""
    folder = Path(settings.REYNARD_DATA_DIR) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / name


def copy_sqlite(path: Path) -> None:
    """Copy the SQLite database as it is at this moment; who writes meanwhile does not wait."""
    path.touch(mode=0o600)
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as target:
        connection.connection.backup(target)
