"""Saving reports: one function per verb. What they count: selectors/reports."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from reynard.desk import db
from reynard.desk.errors import Invalid, NotFound, Problems
from reynard.desk.models import Report
from reynard.desk.rules.periods import Period
from reynard.desk.selectors import search
from reynard.desk.selectors.filters import Filters
from reynard.desk.selectors.reference import Reference

NAME_LIMIT = 200  # characters
DESCRIPTION_LIMIT = 2000
NULLS = "Null characters are not allowed."
NOTHING_MATCHES = "No ticket can ever match this search. Check the names in it."


class GivenReport(msgspec.Struct, kw_only=True):
    """What a report is to be; UNSET stays as it is. Without a period it is about all time."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    query: str | UnsetType = UNSET  # in the language of `q`
    period: Period | None | UnsetType = UNSET


def add_report(given: GivenReport, *, reference: Reference, now: datetime, problems: Problems | None = None) -> int:
    """Save a report and return its id. Raises Invalid, with the fields name, description, q and those of the period."""
    problems = problems or Problems()
    with db.write():
        report = Report()
        _apply(report, given, reference, now, problems)
        problems.require("name", bool(report.name))
        problems.raise_if_any()
        report.save()
    return report.id


def change_report(
    report_id: int, given: GivenReport, *, reference: Reference, now: datetime, problems: Problems | None = None
) -> None:
    """Change what was given. Raises NotFound, and Invalid like `add_report`."""
    problems = problems or Problems()
    with db.write():
        report = Report.objects.select_for_update().filter(id=report_id).first()
        if report is None:
            raise NotFound(f"No report has id {report_id}.")
        _apply(report, given, reference, now, problems)
        problems.require("name", bool(report.name))
        problems.raise_if_any()
        report.save()


def _apply(report: Report, given: GivenReport, reference: Reference, now: datetime, problems: Problems) -> None:
    if given.name is not UNSET:
        report.name = given.name.strip()
        _check_length("name", report.name, NAME_LIMIT, problems)
        if "name" not in problems and Report.objects.filter(name__iexact=report.name).exclude(id=report.id).exists():
            problems.add("name", f"There is a report {report.name} already.")
    if given.description is not UNSET:
        report.description = given.description.strip()
        _check_length("description", report.description, DESCRIPTION_LIMIT, problems)
    if given.query is not UNSET:
        report.query = given.query.strip()
        _check_query(report.query, reference, now, problems)
    if given.period is not UNSET:
        period = given.period or Period("cr", "")
        report.period_type, report.period_range = period.type, period.range
        report.period_start, report.period_end = period.start, period.end


def _check_length(field: str, text: str, limit: int, problems: Problems) -> None:
    if len(text) > limit:
        problems.add(field, f"Ensure this value has at most {limit} characters (it has {len(text)}).")
    if "\x00" in text:
        problems.add(field, NULLS)


def _can_match(filters: Filters) -> bool:
    sets = (filters.statuses, filters.categories, filters.priorities, filters.assignees)
    return not filters.nothing and all(ids is None or ids for ids in sets)


def _check_query(query: str, reference: Reference, now: datetime, problems: Problems) -> None:
    """A search that is beyond all use is refused now, not whenever somebody looks at the report."""
    if "\x00" in query:
        problems.add("q", NULLS)
    try:
        filters = search.read(query, reference, now=now)
    except Invalid as error:
        for field, texts in error.problems.items():
            for text in texts:
                problems.add(field, text)
        return
    if not _can_match(filters):
        problems.add("q", NOTHING_MATCHES)
