"""Figures of reports as the shapes of the wire (reports.md §2)."""

from collections.abc import Mapping
from datetime import date

from reynard.api import shapes
from reynard.desk.rules.tickets import display_id
from reynard.desk.selectors.reference import Reference, StaffMember
from reynard.desk.selectors.reports import (
    ContactRow,
    Mean,
    Responses,
    SavedReport,
    Shares,
    SlaFigures,
    StaffFigures,
    TicketRow,
)

NOTHING = "-"
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # whatever the locale


def page_numbers(*, count: int, start: int, total: int, size: int) -> Mapping[str, int]:
    """The keys of a page; `start` counts from 0. An empty page has no indices (P-12)."""
    return {
        "start_index": start + 1 if count else 0,
        "end_index": start + count if count else 0,
        "last_index": total,
        "page_count": max(1, -(-total // size)),
    }


def report(row: SavedReport) -> shapes.Report:
    return shapes.Report(row.id, row.name, row.description)


def ticket(row: TicketRow, reference: Reference) -> shapes.ReportTicket:
    return shapes.ReportTicket(
        id=row.id,
        display_id=display_id(reference.categories[row.category_id].prefix, row.id),
        subject=row.subject,
        status_id=row.status_id,
        status_name=reference.statuses[row.status_id].name,
        assignee=reference.staff[row.assignee_id].name if row.assignee_id else NOTHING,
        due_date=_day(row.due_date),
    )


def _day(day: date | None) -> str:
    return f"{day.day:02d} {_MONTHS[day.month - 1]} {day.year:04d}" if day else NOTHING


def response_stats(figures: Responses) -> list[shapes.ResponseStats]:
    """reports.md §2, in its order."""
    return [
        shapes.ResponseStats(_whole(one.mean), "Responses", **{name: _shares(one)})
        for name, one in (
            ("average_first_response_time", figures.first_response),
            ("average_response_time", figures.response),
            ("average_no_of_replies", figures.replies),
            ("average_no_of_response_to_completed_state", figures.completion),
        )
    ]


def _shares(one: Shares) -> list[str]:
    def percent(part: int) -> float:
        return round(100 * part / one.counted, 2) if one.counted else 0.0

    return [
        f"{percent(one.counted - one.soon - one.later)}% responded after 24 hours",
        f"{percent(one.later)}% responded within 24 hours",
        f"{percent(one.soon)}% responded within first 2 hours",
    ]


def staff_performance(person: StaffMember, figures: StaffFigures) -> shapes.StaffPerformance:
    return shapes.StaffPerformance(
        staff_id=person.id,
        name=person.name,
        average_first_response_time=_average(figures.first_response),
        average_response_time=_average(figures.response),
        average_no_of_responses=_average(figures.replies_each),
        average_no_of_responses_for_completion=_average(figures.replies_to_completion),
        average_time_to_ticket_complete=_whole(figures.completion),
        average_time_spent=_average(figures.minutes_each),
    )


def staff_activity(person: StaffMember, figures: StaffFigures) -> shapes.StaffActivity:
    return shapes.StaffActivity(
        staff_id=person.id,
        name=person.name,
        assigned=figures.assigned,
        completed=figures.completed,
        pending=figures.pending,
        participated=figures.participated,
        no_of_replies=figures.replies,
        private_notes=figures.notes,
        time_spent=figures.minutes,
    )


def contact_activity(row: ContactRow) -> shapes.ContactActivity:
    return shapes.ContactActivity(
        contact_id=row.id,
        name=row.name,
        email=row.email,
        no_of_tickets=row.tickets,
        completed_tickets=row.completed,
        pending_tickets=row.tickets - row.completed,
        no_of_replies=row.replies,
        time_spent=row.minutes,
    )


def sla_entry(row: SlaFigures) -> shapes.SlaEntry:
    achieved = round(100 * (row.checked - row.breached) / row.checked, 2) if row.checked else 100.0
    target = int(row.target) if row.target == int(row.target) else row.target
    return shapes.SlaEntry(row.name, target, achieved, row.checked, row.breached)


def _average(mean: Mean) -> float:
    """With two decimals."""
    return round(mean.sum / mean.count, 2) if mean.count else 0.0


def _whole(mean: Mean) -> int:
    """The nearest whole number, halves upwards."""
    return (2 * mean.sum + mean.count) // (2 * mean.count) if mean.count else 0
