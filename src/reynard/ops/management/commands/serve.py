"""`reynard serve`: the desk, for work."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser

from reynard.desk import db
from reynard.desk.actions import reindexing
from reynard.ops import command, database, listening
from reynard.ops.management.commands import reindex


class Command(command.Command):
    help = "Serve the desk. Migrates SQLite by itself, after a backup; PostgreSQL wants `reynard migrate` first."

    def add_arguments(self, parser: CommandParser) -> None:
        listening.add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        listening.require_free(options)
        now = datetime.now(UTC)
        backup = database.bring_up_to_date(now=now)
        if backup:
            self.say(f"The database was migrated. The one from before is {backup}.")
        self._complete_search()
        url = listening.address(options)
        listening.serve(options, on_ready=lambda: self.say(f"Reynard listens on {url}"))

    def _complete_search(self) -> None:
        """Several servers may share PostgreSQL and somebody must decide; one on SQLite has nobody to ask."""
        if reindexing.is_complete():
            return
        if db.is_postgres():
            self.say("The search does not find everything yet. Run `reynard reindex` beside this server.")
        else:
            self.say("Making the search index; this happens once.")
            reindex.bring_in(self)
