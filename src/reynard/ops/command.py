"""What our commands share: one sentence on stderr when something is wrong, and short help."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError


class Command(BaseCommand):
    """Raise CommandError with a sentence for people; the exit code is 1."""

    _called_from_command_line: bool  # Django's
    requires_system_checks: list[str] = []  # nothing a person could act on at this moment
    suppressed_base_arguments = {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--no-color",
        "--force-color",
        "--traceback",
        "--skip-checks",
    }

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (CommandError, OperationalError) as error:
            if options.get("traceback") or not self._called_from_command_line:
                raise
            print(f"reynard: {_sentence(error)}", file=sys.stderr)
            sys.exit(getattr(error, "returncode", 1))

    def say(self, *lines: str) -> None:
        """Print lines at once, also into a pipe."""
        self.stdout.write("\n".join(lines) or " ")
        self.stdout.flush()


def _sentence(error: Exception) -> str:
    if isinstance(error, OperationalError):
        first = str(error).strip().splitlines()
        return f"The database cannot be used: {first[0] if first else type(error).__name__}"
    return str(error)
