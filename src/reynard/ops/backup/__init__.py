"""One file with the whole desk: made while the desk serves, and put in the place of another one.

The database comes first, as it was at one moment, then every file it names: bytes that a row refers to are never
removed, and what has lost its row meanwhile is only set aside for a month (desk/files). A backup appears under its name
when it is complete and on the disk. Nothing is changed by a restore before the whole archive was unpacked beside the
desk and compared with its checksums; the database is what changes last, so that one that was interrupted before has
changed nothing that counts, and can be repeated in any case.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

import reynard
from reynard.desk import db, files
from reynard.ops.backup import archive, postgres, sqlite
from reynard.ops.backup.archive import Damaged, Description

_FILES = "files"
_DATABASE = "database"
_SMALL = ("secret_key", "demo.json")
_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Made(msgspec.Struct):
    """What a backup has: `size` of the archive in bytes, and the hashes of files that the desk itself has no more."""

    size: int
    files: int = 0
    missing: list[str] = []
    changed: list[str] = []  # whose content is not what it was when they came


class Restored(msgspec.Struct):
    description: Description
    previous: Path | None  # the database from before, where one was kept


def make(target: Path, *, now: datetime) -> Made:
    """Write a backup to `target`, in place of the one that may be there. Raises CommandError, OSError."""
    if not target.parent.is_dir():
        raise CommandError(f"There is no folder {target.parent}.")
    if target.is_dir():
        raise CommandError(f"{target} is a folder. Name the file the backup shall be.")
    with _beside(target) as folder:
        complete = folder / "archive"
        with open(complete, "xb", opener=archive.private) as stream, (folder / archive.SUMS).open("w+b") as sums:
            made = _write(archive.Writer(stream, sums), folder, now)
            stream.flush()
            os.fsync(stream.fileno())
            made.size = stream.tell()
        os.replace(complete, target)
        _flush_folder(target.parent)
    return made


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".unfinished", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(writer: archive.Writer, folder: Path, now: datetime) -> Made:
    made = Made(size=0)
    with _engine().snapshot(folder) as snapshot:
        migrations = [f"{app}.{name}" for app, name in snapshot.rows("SELECT app, name FROM django_migrations")]
        writer.describe(
            Description(
                format=archive.FORMAT,
                made_by=reynard.__version__,
                made_at=now.isoformat(timespec="seconds"),
                database=connection.vendor,
                migrations=migrations,
                tables=snapshot.tables,
            )
        )
        for path in snapshot.files:
            with path.open("rb") as file:
                writer.add(f"{_DATABASE}/{path.name}", file, _size(file))
        writer.add_bytes("secret_key", settings.SECRET_KEY.encode())
        handout = Path(settings.REYNARD_DATA_DIR) / "demo.json"
        if handout.exists():
            writer.add_bytes("demo.json", handout.read_bytes())
        _write_files(writer, snapshot, made)
    writer.end()
    return made


def _write_files(writer: archive.Writer, snapshot: Any, made: Made) -> None:
    tables = snapshot.tables_with_hashes()
    if not tables:
        return
    hashes = " UNION ".join(f"SELECT sha256 FROM {table}" for table in tables)  # noqa: S608  # names of our tables
    for (sha256,) in snapshot.rows(f"SELECT sha256 FROM ({hashes}) AS every WHERE sha256 <> '' ORDER BY 1"):  # noqa: S608
        try:
            file = files.open_bytes(sha256)
        except FileNotFoundError:
            made.missing.append(sha256)
            continue
        with file:
            found = writer.add(f"{_FILES}/{files.place_of(sha256)}", file, _size(file))
        made.files += 1
        if found != sha256:
            made.changed.append(sha256)


def restore(source: Path, *, force: bool, now: datetime) -> Restored:
    """Put the desk of a backup into this data folder and database. Raises CommandError, OSError.

    Without `force` only where there is no desk yet. The database has the tables of the version the backup was made by;
    bringing it up to date is the caller's.
    """
    _require_place(force)
    with _staging() as folder:
        try:
            with archive.reading(source) as reader:
                description = reader.description()
                _require_fitting(description)
                reader.unpack(folder)
        except Damaged as error:
            raise CommandError(f"{source} is no complete backup, and nothing was changed. {error}") from None
        _require_key(folder)
        _require_place(force)
        return Restored(description, _put(folder, description, now))


def _require_place(force: bool) -> None:
    engine = _engine()
    if engine.is_in_use():
        raise CommandError("The desk is running. Stop its servers and workers first.")
    if not force and engine.is_occupied():
        raise CommandError(
            "There is a desk already. Set REYNARD_DATA_DIR to an empty folder (and DATABASE_URL to an empty database), "
            "or replace this desk with --force."
        )


def _require_fitting(description: Description) -> None:
    if description.format > archive.FORMAT:
        raise _newer(description, f"format {description.format}")
    if description.database != connection.vendor:
        theirs, ours = _KINDS.get(description.database, description.database), _KINDS[connection.vendor]
        raise CommandError(
            f"The backup is of a desk on {theirs}, and this one is on {ours}. Backups are restored on the same kind of "
            "database: DATABASE_URL says which."
        )
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    unknown = [name for name in description.migrations if tuple(name.split(".", 1)) not in known]
    if unknown:
        raise _newer(description, ", ".join(unknown))


def _newer(description: Description, what: str) -> CommandError:
    return CommandError(
        f"The backup was made by a newer version, {description.made_by}, and has what this one, {reynard.__version__}, "
        f"does not know: {what}. Restore it with that version or a later one."
    )


def _require_key(folder: Path) -> None:
    key = (folder / "secret_key").read_text() if (folder / "secret_key").exists() else ""
    if not key:
        raise CommandError("The backup has no secret key.")
    if os.environ.get("REYNARD_SECRET_KEY", "").strip() not in {"", key}:
        raise CommandError(
            "REYNARD_SECRET_KEY is set, and is not the key of the backup: stored passwords could not be read. Unset it "
            "(the key of the backup is then kept in the data folder), or set it to the key the desk had."
        )


def _put(folder: Path, description: Description, now: datetime) -> Path | None:
    for path in (folder / _FILES).glob("*/*/*"):
        files.adopt(path)
    os.sync()
    for name in _SMALL:
        if (folder / name).exists():
            os.replace(folder / name, Path(settings.REYNARD_DATA_DIR) / name)
    previous = _engine().put(folder / _DATABASE, description, now=now)
    os.sync()
    return previous


@contextmanager
def _staging() -> Iterator[Path]:
    """A folder beside the desk's files, also when a restore that was killed left one behind."""
    folder = Path(settings.REYNARD_DATA_DIR) / "restoring"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _engine() -> Any:
    """The module that knows this kind of database."""
    return postgres if db.is_postgres() else sqlite


def _size(file: IO[bytes]) -> int:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _flush_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
