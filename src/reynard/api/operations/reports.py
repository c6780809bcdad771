"""Reading reports (reports.md)."""

from typing import Any

from reynard.api import shapes
from reynard.api.operations.operation import Operation, read_one
from reynard.desk.rules import periods

_PERIOD = (
    "The period that is saved with the report chooses its tickets, unless the four `period_` parameters name another "
    "one. Figures are of the whole history of the chosen tickets."
)


def _view(name: str, id: str, summary: str, shape: Any, text: str, *parameters: str, **more: Any) -> Operation:
    return Operation(
        method="GET",
        path=f"report/{{id}}/{name}/",
        id=id,
        tag="Reports",
        summary=summary,
        description=f"{text} {_PERIOD}",
        parameters=("id", *periods.PARAMETERS, *parameters),
        answer=shape,
        answer_text=more.pop("answer_text", "One page."),
        refusals={shapes.ErrorList: "A period is incomplete, or one of its parameters is none."},
        finds=True,
        **more,
    )


_SORTED = ("sort_dir", "size", "page")
_BY_NAME = ("name_sort_key", *_SORTED)
_STAFF = "Everybody who works at the desk, and those who left but have figures, by name."

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="reports/",
        id="listReports",
        tag="Reports",
        summary="List the saved reports",
        description="Page by page, the newest first.",
        parameters=("size", "page"),
        answer=shapes.ReportPage,
        answer_text="One page.",
    ),
    read_one("report/{id}/", "readReport", "Reports", shapes.ReportSummary, "report's summary"),
    _view(
        "tabulardata",
        "listReportTickets",
        "List the tickets of a report",
        shapes.ReportTicketPage,
        "Tickets without a value to sort by come last; the ticket number decides among equals.",
        "report_sort_key",
        *_SORTED,
    ),
    _view(
        "tabularview",
        "listReportTicketsAlias",
        "List the tickets of a report, as some links spell it",
        shapes.ReportTicketPage,
        "The same as `tabulardata`.",
        "report_sort_key",
        *_SORTED,
    ),
    _view(
        "responsestats",
        "readResponseStats",
        "Read how soon a report's tickets were answered and completed",
        list[shapes.ResponseStats],
        "Four objects: first response, every response, replies, completion.",
        answer_text="The four averages, in this order.",
    ),
    _view(
        "staffperformance",
        "listStaffPerformance",
        "List averages by staff",
        shapes.StaffPerformancePage,
        _STAFF,
        *_BY_NAME,
    ),
    _view("staffactivity", "listStaffActivity", "List counts by staff", shapes.StaffActivityPage, _STAFF, *_BY_NAME),
    _view(
        "customeractivity",
        "listContactActivity",
        "List counts by contact",
        shapes.ContactActivityPage,
        "The contacts whose tickets these are, by name.",
        *_BY_NAME,
    ),
    _view(
        "slaentries",
        "readSlaEntries",
        "Read how promised times were kept",
        list[shapes.SlaEntry],
        "One object for each SLA policy.",
        answer_text="The policies.",
    ),
)
