"""Saved reports and what they say (reports.md). What the figures mean: selectors/reports and docs/reports.md."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from reynard.api import shapes, wire_reports
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.paging import page_number, page_size
from reynard.desk.errors import NotFound
from reynard.desk.rules import periods
from reynard.desk.selectors import reports
from reynard.desk.selectors.reports import TICKET_KEYS, Chosen, SavedReport, StaffFigures

BY_NAME = ("name",)


def list_reports(call: Call) -> Answer:
    """The newest first, as in the vendor's sample (R-02)."""
    size, number = page_size(call.query.get("size")), page_number(call.query.get("page"))
    total, rows = reports.page(size=size, page=number)
    numbers = wire_reports.page_numbers(count=len(rows), start=(number - 1) * size, total=total, size=size)
    return Answer(value=shapes.ReportPage([wire_reports.report(row) for row in rows], **numbers))


def read_summary(call: Call, id: str) -> Answer:
    """Counts of the report as it was saved: run-time filters are for the other views."""
    report = _find(id)
    with reports.reading():
        chosen = reports.choose(report, report.period, call.reference, now=call.now)
        found = reports.summary(chosen, call.reference)
    return Answer(value=shapes.ReportSummary(*found))


def read_tickets(call: Call, id: str) -> Answer:
    report, size, number = _find(id), page_size(call.query.get("size")), page_number(call.query.get("page"))
    key, descending = _sorting(call, TICKET_KEYS)
    with _chosen(call, report) as chosen:
        total, rows = reports.ticket_rows(
            chosen, call.reference, key=key, descending=descending, size=size, page=number
        )
    shaped = [wire_reports.ticket(row, call.reference) for row in rows]
    return _page(shapes.ReportTicketPage, shaped, total, size, number, key, descending=descending)


def read_response_stats(call: Call, id: str) -> Answer:
    with _chosen(call, _find(id)) as chosen:
        found = reports.responses(chosen)
    return Answer(value=wire_reports.response_stats(found))


def read_staff_performance(call: Call, id: str) -> Answer:
    return _staff(call, id, shapes.StaffPerformancePage, wire_reports.staff_performance)


def read_staff_activity(call: Call, id: str) -> Answer:
    return _staff(call, id, shapes.StaffActivityPage, wire_reports.staff_activity)


def read_contact_activity(call: Call, id: str) -> Answer:
    report, size, number = _find(id), page_size(call.query.get("size")), page_number(call.query.get("page"))
    key, descending = _sorting(call, BY_NAME)
    with _chosen(call, report) as chosen:
        total, rows = reports.contact_rows(chosen, call.reference, descending=descending, size=size, page=number)
    shaped = [wire_reports.contact_activity(row) for row in rows]
    return _page(shapes.ContactActivityPage, shaped, total, size, number, key, descending=descending)


def read_sla_entries(call: Call, id: str) -> Answer:
    with _chosen(call, _find(id)) as chosen:
        found = reports.sla_figures(chosen)
    return Answer(value=[wire_reports.sla_entry(row) for row in found])


def _staff(call: Call, id: str, shape: Any, row: Callable[..., Any]) -> Answer:
    """Everybody who works at the desk, and those who left but have figures, by name."""
    report, size, number = _find(id), page_size(call.query.get("size")), page_number(call.query.get("page"))
    key, descending = _sorting(call, BY_NAME)
    with _chosen(call, report) as chosen:
        figures = reports.staff_figures(chosen, call.reference)
    people = [person for person in call.reference.staff.values() if person.active or person.id in figures]
    people.sort(key=lambda person: (person.name.casefold(), person.id), reverse=descending)
    start = (number - 1) * size
    shaped = [row(person, figures.get(person.id, StaffFigures())) for person in people[start : start + size]]
    return _page(shape, shaped, len(people), size, number, key, descending=descending)


def _find(id: str) -> SavedReport:
    report = reports.one(int(id))
    if report is None:
        raise NotFound
    return report


@contextmanager
def _chosen(call: Call, report: SavedReport) -> Iterator[Chosen]:
    """The tickets of a report, in the period that is asked for or else the saved one. Raises Invalid."""
    period = periods.read({name: call.query.get(name) for name in periods.PARAMETERS}, call.problems)
    call.problems.raise_if_any()
    with reports.reading():
        yield reports.choose(report, period or report.period, call.reference, now=call.now)


def _sorting(call: Call, keys: Sequence[str]) -> tuple[str, bool]:
    """What to sort by, and whether it goes down; unknown keys fall back to the first one (reports.md §4)."""
    asked = (call.query.get("sort_key") or "").strip()
    return asked if asked in keys else keys[0], (call.query.get("sort_dir") or "").strip() == "d"


def _page(shape: Any, rows: Sequence[Any], total: int, size: int, number: int, key: str, *, descending: bool) -> Answer:
    numbers = wire_reports.page_numbers(count=len(rows), start=(number - 1) * size, total=total, size=size)
    return Answer(value=shape(rows, sort_key=key, sort_order="d" if descending else "a", **numbers))
