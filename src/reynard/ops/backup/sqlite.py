"""The database of a backup on SQLite: the file itself, as it was at one moment."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from reynard.desk import db
from reynard.ops import database
from reynard.ops.backup.archive import Description, Table

_FILE = "desk.sqlite3"


class Snapshot:
    """A copy of the database. Whoever writes meanwhile waits for nothing and is not in it."""

    tables: dict[str, Table] = {}

    def __init__(self, path: Path, copy: sqlite3.Connection) -> None:
        self.files = [path]
        self._copy = copy

    def rows(self, sql: str) -> Iterator[Sequence[Any]]:
        return self._copy.execute(sql)

    def tables_with_hashes(self) -> list[str]:
        found = self.rows(
            "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND c.name = 'sha256' ORDER BY 1"
        )
        return [name for (name,) in found]


@contextmanager
def snapshot(folder: Path) -> Iterator[Snapshot]:
    """`folder` is where the copy is made."""
    path = folder / _FILE
    database.copy_sqlite(path)
    with closing(sqlite3.connect(path)) as copy:
        yield Snapshot(path, copy)


def is_in_use() -> bool:
    """Whether a process has the database open."""
    path = _path()
    if not path.exists():
        return False
    connection.close()
    with closing(sqlite3.connect(path, timeout=1)) as own:
        try:
            own.execute("PRAGMA locking_mode=EXCLUSIVE")
            own.execute("BEGIN EXCLUSIVE")  # fails while another connection is open, whatever that does
            own.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
        except sqlite3.DatabaseError:  # it is no database: nobody can use it
            return False
    return False


def put(folder: Path, description: Description, *, now: datetime) -> Path | None:
    """Let the unpacked copy be the database; where the one from before is now, if there was one."""
    connection.close()
    kept = _set_aside(now) if _path().exists() else None
    os.replace(folder / _FILE, _path())
    return kept


def _set_aside(now: datetime) -> Path:
    place = database.backup_path(f"desk-before-restore-{now:%Y%m%dT%H%M%SZ}.sqlite3")
    for ending in ("-wal", "-shm", ""):
        part = Path(f"{_path()}{ending}")
        if part.exists():
            os.replace(part, f"{place}{ending}")
    return place


def is_occupied() -> bool:
    """Whether there is a desk already, or a file that is no database at all."""
    path = _path()
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        return database.is_occupied()
    except DatabaseError:
        return True
    finally:
        connection.close()


def _path() -> Path:
    return Path(db.wrapper().settings_dict["NAME"])
