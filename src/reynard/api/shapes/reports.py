"""Reports (reports.md): lists come with the numbers of their page beside them, without `page_info`."""

from typing import Annotated

from msgspec import Meta, Struct

from reynard.api.shapes.common import Id

_StartIndex = Annotated[int, Meta(description="Index of the first row, from 1; 0 when there is none.")]
_EndIndex = Annotated[int, Meta(description="Index of the last row of the page.")]
_LastIndex = Annotated[int, Meta(description="Rows in the whole list.")]
_PageCount = Annotated[int, Meta(description="Pages of this size.")]
_SortKey = Annotated[str, Meta(description="What the rows are sorted by.")]
_SortOrder = Annotated[str, Meta(description="`a` ascending, `d` descending.")]
_Staff = Annotated[Id, Meta(description="The id of the staff member.")]
_Seconds = Annotated[float, Meta(description="Seconds; 0 when there is nothing to average.")]


class Report(Struct, gc=False):
    """A saved report."""

    id: Id
    name: str
    description: str


class ReportPage(Struct, gc=False):
    rows: Annotated[list[Report], Meta(description="The newest report first.")]
    start_index: _StartIndex
    end_index: _EndIndex
    last_index: _LastIndex
    page_count: _PageCount


class ReportSummary(Struct, gc=False):
    """How many tickets a report is about."""

    ticket_count: Annotated[int, Meta(description="All of them.")]
    completed_count: Annotated[int, Meta(description="Those in a completed status.")]
    pending_count: Annotated[int, Meta(description="The others.")]
    assigned_count: Annotated[int, Meta(description="Those assigned to somebody.")]
    unassigned_count: Annotated[int, Meta(description="Those assigned to nobody.")]


class ReportTicket(Struct, gc=False):
    """A ticket of a report."""

    id: Id
    display_id: Annotated[str, Meta(description="The ticket number with the prefix of its category.")]
    subject: Annotated[str, Meta(description="What the ticket is about.")]
    status_id: Annotated[Id, Meta(description="The id of its status.")]
    status_name: Annotated[str, Meta(description="The name of its status.")]
    assignee: Annotated[str, Meta(description="The name of whom it is assigned to, or `-`.")]
    due_date: Annotated[str, Meta(description="Such as `20 Mar 2026`, or `-`.")]


class ReportTicketPage(Struct, gc=False):
    rows: Annotated[list[ReportTicket], Meta(description="The tickets of the page.")]
    sort_key: _SortKey
    sort_order: _SortOrder
    start_index: _StartIndex
    end_index: _EndIndex
    last_index: _LastIndex
    page_count: _PageCount


class ResponseStats(Struct, gc=False, omit_defaults=True):
    """One of four averages, with the shares of what it is an average of. Exactly one of the four keys is there."""

    avg: Annotated[int, Meta(description="Seconds of the times, else a number of replies.")]
    unit: Annotated[str, Meta(description="`Responses`")]
    average_first_response_time: Annotated[
        list[str] | None,
        Meta(description="Three texts: of the first replies, by the time since the ticket was opened."),
    ] = None
    average_response_time: Annotated[
        list[str] | None,
        Meta(description="Three texts: of the replies that somebody waited for, by the time they waited."),
    ] = None
    average_no_of_replies: Annotated[
        list[str] | None, Meta(description="Three texts: of all replies, by the time since the ticket was opened.")
    ] = None
    average_no_of_response_to_completed_state: Annotated[
        list[str] | None,
        Meta(description="Three texts: of the completed tickets, by the time from opening to completion."),
    ] = None


class StaffPerformance(Struct, gc=False):
    """How one member of staff works on the tickets of a report."""

    staff_id: _Staff
    name: str
    average_first_response_time: _Seconds
    average_response_time: _Seconds
    average_no_of_responses: Annotated[float, Meta(description="Their replies per ticket they replied to.")]
    average_no_of_responses_for_completion: Annotated[
        float, Meta(description="Replies of anybody until completion, per completed ticket assigned to them.")
    ]
    average_time_to_ticket_complete: Annotated[
        int, Meta(description="Seconds from opening to completion of the completed tickets assigned to them.")
    ]
    average_time_spent: Annotated[float, Meta(description="Their minutes per ticket they recorded time on.")]


class StaffPerformancePage(Struct, gc=False):
    staff_performance: Annotated[list[StaffPerformance], Meta(description="The staff of the page.")]
    sort_key: _SortKey
    sort_order: _SortOrder
    start_index: _StartIndex
    end_index: _EndIndex
    last_index: _LastIndex
    page_count: _PageCount


class StaffActivity(Struct, gc=False):
    """What one member of staff did on the tickets of a report."""

    staff_id: _Staff
    name: str
    assigned: Annotated[int, Meta(description="Tickets assigned to them.")]
    completed: Annotated[int, Meta(description="Those of them in a completed status.")]
    pending: Annotated[int, Meta(description="The others.")]
    participated: Annotated[int, Meta(description="Tickets with a reply or private note of theirs.")]
    no_of_replies: Annotated[int, Meta(description="Their replies to contacts.")]
    private_notes: Annotated[int, Meta(description="Their private notes.")]
    time_spent: Annotated[int, Meta(description="Minutes they recorded.")]


class StaffActivityPage(Struct, gc=False):
    staff_activity: Annotated[list[StaffActivity], Meta(description="The staff of the page.")]
    sort_key: _SortKey
    sort_order: _SortOrder
    start_index: _StartIndex
    end_index: _EndIndex
    last_index: _LastIndex
    page_count: _PageCount


class ContactActivity(Struct, gc=False):
    """What happened on the tickets of one contact in a report."""

    contact_id: Annotated[Id, Meta(description="The id of the contact.")]
    name: str
    email: str | None
    no_of_tickets: Annotated[int, Meta(description="Tickets of the contact.")]
    completed_tickets: Annotated[int, Meta(description="Those of them in a completed status.")]
    pending_tickets: Annotated[int, Meta(description="The others.")]
    no_of_replies: Annotated[int, Meta(description="Messages of contacts on these tickets after the opening one.")]
    time_spent: Annotated[int, Meta(description="Minutes that were recorded on these tickets.")]


class ContactActivityPage(Struct, gc=False):
    customer_activity: Annotated[list[ContactActivity], Meta(description="The contacts of the page.")]
    sort_key: _SortKey
    sort_order: _SortOrder
    start_index: _StartIndex
    end_index: _EndIndex
    last_index: _LastIndex
    page_count: _PageCount


class SlaEntry(Struct, gc=False):
    """How one promise was kept on the tickets of a report."""

    name: str
    target: Annotated[float, Meta(description="Percent that should be in time.")]
    achieved: Annotated[float, Meta(description="Percent that were in time; 100 when nothing was checked.")]
    ticketsChecked: Annotated[int, Meta(description="Times it was measured to the end; a ticket may be several.")]
    ticketsBreached: Annotated[int, Meta(description="Those of them that were late.")]
