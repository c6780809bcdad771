"""Whether the database has the tables this version needs, and bringing it there."""

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from reynard.desk import db


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


def _back_up(*, before: str, now: datetime) -> Path:
    """A copy of the SQLite database, which appears under its name when it is complete."""
    folder = Path(settings.REYNARD_DATA_DIR) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"desk-before-{before}-{now:%Y%m%dT%H%M%SZ}.sqlite3"
    unfinished = path.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    connection.ensure_connection()
    with closing(sqlite3.connect(unfinished)) as target:
        connection.connection.backup(target)
    os.replace(unfinished, path)
    return path
