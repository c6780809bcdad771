"""`reynard backup`: the whole desk in one file, while it serves."""

import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from reynard.ops import backup, command, database
from reynard.ops.backup import Made

_SHOWN = 5


class Command(command.Command):
    help = (
        "Write the database, all files and the secret key to one archive, while the desk serves. FILE appears when it "
        "is complete, in place of the one that may be there. Whoever has it can read everything on the desk."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="e.g. /backups/desk.tar.gz")

    def handle(self, *args: Any, **options: Any) -> None:
        if not database.is_there():
            raise CommandError("There is no desk here: REYNARD_DATA_DIR and DATABASE_URL say where it is.")
        target = options["file"].absolute()
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left half done
        try:
            made = backup.make(target, now=datetime.now(UTC))
        except OSError as error:
            raise CommandError(f"The backup cannot be written: {error}") from None
        finally:
            signal.signal(signal.SIGTERM, before)
        self._report(target, made)

    def _report(self, target: Path, made: Made) -> None:
        self.say(f"{target}: {made.size:,} bytes, with the database and {_count(made.files)}.")
        self.say("It contains the desk's secret key: keep it where nobody else can read it.")
        _complain("Lost by the data folder before, and not in the backup", made.missing)
        _complain("Damaged in the data folder before, and in the backup as they are", made.changed)


def _complain(what: str, hashes: list[str]) -> None:
    if hashes:
        names = ", ".join(hashes[:_SHOWN]) + (", …" if len(hashes) > _SHOWN else "")
        print(f"reynard: {what}: {_count(len(hashes))} ({names})", file=sys.stderr)


def _count(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"
