"""`reynard migrate`: what it may have to undo is on the disk, not in memory."""

from typing import Any

import pytest
from django.core.management.commands import migrate
from django.db import connection

from tests.ops.test_commands import call

FILE, MEMORY = 1, 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL decides by itself")
@pytest.mark.parametrize("fails", [False, True])
def test_temporary_files_are_on_the_disk_meanwhile(
    monkeypatch: pytest.MonkeyPatch, django_db_setup: None, django_db_blocker: Any, fails: bool
) -> None:
    seen = []

    def watch(self: Any, *arguments: Any, **options: Any) -> None:
        seen.append(_temp_store())
        if fails:
            raise ZeroDivisionError

    monkeypatch.setattr(migrate.Command, "handle", watch)
    with django_db_blocker.unblock():  # no transaction, in which SQLite changes nothing of this
        try:
            call("migrate", "--verbosity", "0")
        except ZeroDivisionError:
            assert fails
        assert (seen, _temp_store()) == ([FILE], MEMORY)


def _temp_store() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA temp_store")
        return int(cursor.fetchone()[0])
