"""`reynard restore`: a backup becomes the desk."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from reynard.ops import backup, command, database


class Command(command.Command):
    help = (
        "Put the desk of a backup into REYNARD_DATA_DIR (and the database of DATABASE_URL). Nothing is changed unless "
        "the whole archive is sound. A backup of an older version is brought up to date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="made by `reynard backup`")
        parser.add_argument("--force", action="store_true", help="replace the desk that is there")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = backup.restore(options["file"], force=options["force"], now=datetime.now(UTC))
        except OSError as error:
            raise CommandError(f"The backup cannot be restored: {error}") from None
        made_at = parse_datetime(restored.description.made_at)
        self.say(f"Restored: the desk as it was on {made_at:%Y-%m-%d at %H:%M:%S} UTC.")
        if restored.previous:
            self.say(f"The database from before is {restored.previous}.")
        if database.pending_migrations():
            database.migrate()
            self.say(f"It was made by version {restored.description.made_by}, and is up to date now.")
        self.say(
            "What waited to leave then leaves when a worker runs; `reynard serve --no-worker` only shows the desk."
        )
