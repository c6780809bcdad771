"""`reynard sla`: promised times from a file, and breaching those that are over."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import CommandError, CommandParser

from reynard.desk.actions import sla, sla_policies
from reynard.desk.errors import Invalid
from reynard.desk.selectors import reference
from reynard.ops import command, database, sla_file


class Command(command.Command):
    help = "Import and list work schedules and SLA policies, and breach the promised times that are over."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="import | list | advance")
        load = actions.add_parser("import", help="add or change the schedules and policies of a file, all or none")
        load.add_argument("file", metavar="FILE", help="YAML or JSON; - for standard input")
        load.add_argument("--dry-run", action="store_true", help="check the file and say what it would do")
        shown = actions.add_parser("list", help="show all schedules and policies")
        shown.add_argument("--json", action="store_true", help="as a file that can be imported")
        actions.add_parser("advance", help="breach what is over now, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        now = datetime.now(UTC)
        if options["action"] == "import":
            self._import(_read(options["file"]), now, keep=not options["dry_run"])
        elif options["action"] == "list":
            self._list(as_json=options["json"])
        else:
            self.say(f"{sla.advance_due(now):,} promised times are over.")

    def _import(self, text: str, now: datetime, *, keep: bool) -> None:
        found = sla_file.read(text, reference.current())
        labels = [label for label, _ in found]
        try:
            outcomes = sla_policies.bring([item for _, item in found], now=now, keep=keep)
        except Invalid as error:
            lines = sla_file.explain(error.problems, labels)
            raise CommandError("\n  ".join(["Nothing was changed. The file has problems:", *lines])) from None
        would = "" if keep else "would be "
        self.say(*(f"{label}: {would}{outcome}" for label, outcome in zip(labels, outcomes, strict=True)))

    def _list(self, *, as_json: bool) -> None:
        document = sla_file.document(reference.current())
        if as_json:
            self.say(msgspec.json.format(msgspec.json.encode(document)).decode())
            return
        if not document["policies"]:
            self.say("There are no SLA policies. Bring some in with `reynard sla import FILE`.")
            return
        rows = [("POLICY", "OBJECTIVE", "WITHIN", "TARGET", "SCHEDULE", "")]
        for policy in document["policies"]:
            ended = "" if policy["active"] else "not active"
            aim = f"{policy['target']:g} %"
            rows.append((policy["name"], policy["objective"], policy["within"], aim, policy["schedule"], ended))
        widths = [max(len(row[column]) for row in rows) for column in range(6)]
        self.say(
            *("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows)
        )


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not a text in UTF-8.") from None
