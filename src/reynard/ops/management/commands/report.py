"""`reynard report`: saved reports, until there is a page for them."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.core.management.base import CommandError, CommandParser

from reynard.desk.actions import reports
from reynard.desk.actions.reports import GivenReport
from reynard.desk.errors import Invalid, Problems
from reynard.desk.models import Report
from reynard.desk.rules import periods
from reynard.desk.selectors import reference
from reynard.ops import command, database

_OPTIONS = {
    "name": "NAME",
    "description": "--description",
    "q": "--query",
    "period_type": "--period-type",
    "period_date_range_type": "--period",
    "period_start": "--start",
    "period_end": "--end",
}


class Command(command.Command):
    help = "Save and list the reports that the API runs."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="create | list")
        create = actions.add_parser("create", help="save a report")
        create.add_argument("name", metavar="NAME")
        create.add_argument("--query", metavar="Q", default="", help="a search, as in `q`; all tickets without it")
        create.add_argument("--description", metavar="TEXT", default="")
        create.add_argument("--period-type", metavar="CODE", help=f"{_codes(periods.TYPES)} ({periods.CREATION})")
        create.add_argument("--period", metavar="CODE", help=f"{_codes(periods.RANGES)}; all time without it")
        create.add_argument("--start", metavar="YYYY-MM-DD", help="the first day of a selected range")
        create.add_argument("--end", metavar="YYYY-MM-DD", help="its last day")
        create.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        actions.add_parser("list", help="show all reports")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        if options["action"] == "create":
            self._create(options)
        else:
            self._list()

    def _create(self, options: dict[str, Any]) -> None:
        problems = Problems()
        texts = {
            "period_type": options["period_type"],
            "period_date_range_type": options["period"],
            "period_start": options["start"],
            "period_end": options["end"],
        }
        given = GivenReport(
            name=options["name"],
            description=options["description"],
            query=options["query"],
            period=periods.read(texts, problems),
        )
        try:
            id = reports.add_report(given, reference=reference.current(), now=datetime.now(UTC), problems=problems)
        except Invalid as error:
            found = [f"{_OPTIONS[field]}: {' '.join(texts)}" for field, texts in error.problems.items()]
            raise CommandError(" ".join(found)) from None
        if options["json"]:
            self.say(msgspec.json.encode({"id": id}).decode())
        else:
            self.say(f"Report {id} is saved. It is read at /api/1.1/json/report/{id}/.")

    def _list(self) -> None:
        saved = list(Report.objects.order_by("id"))
        if not saved:
            self.say("There are no reports. Make one with `reynard report create NAME --query Q`.")
            return
        line = f"{{:>5}}  {{:{max(4, *(len(report.name) for report in saved))}}}  {{:28}}  {{}}"
        rows = [line.format(report.id, report.name, _period(report), report.query).rstrip() for report in saved]
        self.say(line.format("ID", "NAME", "PERIOD (UTC)", "QUERY"), *rows)


def _codes(meanings: dict[str, str]) -> str:
    return ", ".join(meanings)


def _period(report: Report) -> str:
    if not report.period_range:
        return "all time"
    days = f" {report.period_start} {report.period_end}" if report.period_range == periods.SELECTED else ""
    return f"{report.period_type} {report.period_range}{days}"
