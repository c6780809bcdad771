"""`reynard reindex`: the search index, made anew."""

import sys
import time
from typing import Any

from django.core.management.base import CommandParser

from reynard.desk.actions import reindexing
from reynard.ops import command, database

_BAR = 30  # characters


class Command(command.Command):
    help = "Make the search index anew while the desk goes on. Stopped half-way, it goes on where it was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--restart", action="store_true", help="begin again, even if an earlier run was stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        if options["restart"] or reindexing.is_complete():
            reindexing.begin()
        else:
            self.say("Going on where an earlier run was stopped.")
        bring_in(self)


def bring_in(speaker: command.Command) -> None:
    """Bring in all that is missing, with a bar that moves on a terminal and a line at the end anywhere."""
    total, done, started = reindexing.remaining(), 0, time.monotonic()
    terminal = sys.stderr.isatty()

    def progress(more: int) -> None:
        nonlocal done
        done += more
        if terminal:
            filled = _BAR * done // max(total, done)
            bar = "#" * filled + "." * (_BAR - filled)
            print(f"\r[{bar}] {done:,} of {max(total, done):,}", end="", file=sys.stderr, flush=True)

    reindexing.go_on(progress)
    if terminal:
        print(file=sys.stderr)
    speaker.say(f"{done:,} tickets and contacts can be found, after {time.monotonic() - started:.0f} s.")
