"""`reynard migrate`: Django's, which keeps what it may have to undo on the disk rather than in memory."""

from typing import Any

from django.core.management.commands import migrate

from reynard.ops import database


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with database.temporary_files_on_disk():
            super().handle(*args, **options)
