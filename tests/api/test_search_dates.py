"""Dates in a search (tickets.md §3.1): five moments by five comparisons, and due dates.

`# [C] ours` marks what the contract leaves open.
"""

from datetime import date

import pytest

from reynard.desk.models import Ticket
from tests.api.searching import (
    at,
    cases,
    check,
    day,
    found,
    make,
    set_columns,
)
from tests.api.writing import stop_clock

MOMENTS = {
    "before": "2026-03-08 23:59:59.999999",
    "start": "2026-03-09 00:00:00",
    "early": "2026-03-09 14:29:59",
    "half": "2026-03-09 14:30:00",
    "late": "2026-03-09 14:30:01",
    "end": "2026-03-09 23:59:59.999999",
    "next": "2026-03-10 00:00:00",
}
COLUMNS = {
    "created": "created_at",
    "last-modified": "last_modified_at",
    "last-staff-replied": "last_staff_reply_at",
    "last-contact-replied": "last_contact_reply_at",
    "last-closed": "last_completed_at",
}
DAY = {
    "on": "start early half late end",
    "on-or-before": "before start early half late end",
    "on-or-after": "start early half late end next",
    "before": "before",
    "after": "next",
}
INSTANT = {
    "on-or-before": "before start early half",
    "on-or-after": "half late end next",
    "before": "before start early",
    "after": "late end next",
}


@pytest.mark.parametrize("term", COLUMNS)
class TestDates:
    """Five columns, five comparisons. The other columns of every ticket hold a moment of another year."""

    @pytest.fixture
    def tickets(self, desk, term):
        tickets = make(desk, " ".join(MOMENTS))
        for name, ticket in tickets.items():
            set_columns(ticket, **dict.fromkeys([*COLUMNS.values(), "last_updated_at"], at("2020-01-01 00:00:00")))
            set_columns(ticket, **{COLUMNS[term]: at(MOMENTS[name])})
        return tickets

    @pytest.mark.parametrize("comparison", DAY)
    def test_a_day_is_a_day_in_utc(self, api, tickets, term, comparison):
        for value in ("2026/03/09", '"2026/03/09"', "2026-03-09", '"2026-03-09"', "“2026/03/09”"):
            check(api, tickets, f"{term}-{comparison}:{value}", DAY[comparison])

    @pytest.mark.parametrize("comparison", INSTANT)
    def test_an_instant_is_compared_as_one(self, api, tickets, term, comparison):
        for value in ('"2026/03/09 14:30"', '"2026/03/09 14:30:00"'):
            check(api, tickets, f"{term}-{comparison}:{value}", INSTANT[comparison])

    def test_several_dates_and_several_terms(self, api, tickets, term):
        check(api, tickets, f"{term}-on:2026/03/08,2026/03/10", "before next")
        check(api, tickets, f"{term}-on-or-after:2026/03/09 {term}-before:2026/03/10", DAY["on"])
        check(api, tickets, f"{term}-after:2026/03/09 {term}-before:2026/03/09", "")
        check(api, tickets, f"{term.upper()}-ON:2026/03/10", "next")

    @pytest.mark.parametrize(
        "value", ["2026/02/30", "2026/13/01", "2026", "today-ish", '"2026/03/09 25:00"', "0000/00/00"]
    )
    def test_what_is_no_date_matches_nothing(self, api, tickets, term, value):
        for comparison in DAY:
            check(api, tickets, f"{term}-{comparison}:{value}", "")

    def test_the_ends_of_the_calendar(self, api, tickets, term):
        everything = " ".join(MOMENTS)
        for q in ("on-or-before:9999/12/31", "before:9999/12/31", "after:0001/01/01", "on-or-after:0001/01/01"):
            check(api, tickets, f"{term}-{q}", everything)
        for q in ("after:9999/12/31", "before:0001/01/01", "on:9999/12/31", "on:0001/01/01"):
            check(api, tickets, f"{term}-{q}", "")

    def test_no_moment_matches_no_date(self, api, desk, tickets, term):
        if Ticket._meta.get_field(COLUMNS[term]).null:
            set_columns(tickets["half"], **{COLUMNS[term]: None})
            for comparison in DAY:
                for value in ("2026/03/09", "0001/01/01", "9999/12/31"):
                    assert "half" not in found(api, tickets, f"{term}-{comparison}:{value}")

    def test_is_no_term_without_its_comparison(self, api, tickets, term):
        """Rule 4: free text then, and no ticket has it."""
        check(api, tickets, f"{term}:2026/03/09", "")
        check(api, tickets, f"{term}-since:2026/03/09", "")


class TestDueDate:
    DAYS = {"before": -2, "yesterday": -1, "today": 0, "tomorrow": 1, "seventh": 7, "eighth": 8}

    @pytest.fixture
    def tickets(self, desk, monkeypatch):
        stop_clock(monkeypatch)
        tickets = make(desk, " ".join([*self.DAYS, "never"]))
        for name, offset in self.DAYS.items():
            set_columns(tickets[name], due_date=day(offset))
        set_columns(tickets["before"], status=desk.closed)
        return tickets

    @cases(
        {
            "duedate:today": "today",
            'duedate:"today"': "today",
            "duedate:yesterday": "yesterday",
            "duedate:tomorrow": "tomorrow",
            "duedate:overdue": "before yesterday",
            'duedate:"next 7 days"': "today tomorrow seventh",
            "duedate:“next 7 days”": "today tomorrow seventh",
            "duedate:today,overdue": "before yesterday today",
            'duedate:yesterday,"next 7 days"': "yesterday today tomorrow seventh",
            'duedate:today duedate:"next 7 days"': "today",
            "duedate:2026/03/17": "eighth",
            'duedate:"2026-03-17"': "eighth",
            "duedate:2026/03/18": "",
            "duedate:2026/02/30": "",
            "duedate:next": "",
            'duedate:"next 8 days"': "",
            "duedate:someday": "",
            "duedate:none": "",
            "DueDate:TODAY": "today",  # [C] ours: the words in any letter case
        }
    )
    def test_by_words_and_dates(self, api, tickets, q, expected):
        check(api, tickets, q, expected)

    @pytest.mark.parametrize("moment", ["2028-02-28 00:00:00", "2028-02-28 23:59:59.999999"])
    def test_over_a_leap_day(self, api, desk, tickets, monkeypatch, moment):
        stop_clock(monkeypatch, at(moment))
        for name, due in {
            "tomorrow": date(2028, 2, 29),
            "seventh": date(2028, 3, 6),
            "eighth": date(2028, 3, 7),
        }.items():
            set_columns(tickets[name], due_date=due)

        check(api, tickets, "duedate:tomorrow", "tomorrow")
        check(api, tickets, "duedate:2028/02/29", "tomorrow")
        check(api, tickets, 'duedate:"next 7 days"', "tomorrow seventh")
        check(api, tickets, "duedate:2027/02/29", "")
