"""The order of what a search found, and its pages (tickets.md §4, T-14)."""

from datetime import date

import pytest

from reynard.desk.models import Ticket
from tests import factories
from tests.api.searching import (
    at,
    delete,
    make,
    search,
    set_columns,
)
from tests.desk.many_tickets import SORTS, in_order, live_tickets, make_many_tickets


class TestOrder:
    FILTERS = {
        'priority:"High"': lambda ticket: ticket.priority.name == "High",
        "unresponded:true": lambda ticket: ticket.unresponded,
        "assignee:none": lambda ticket: ticket.assignee is None,
        "duedate:2026-03-10,2026-03-20": lambda ticket: ticket.due_date in {date(2026, 3, 10), date(2026, 3, 20)},
        'status:"new","PARKED" contact:ortiz': lambda ticket: (
            ticket.status.name in {"New", "Parked"} and ticket.contact.name == "Lena Ortiz"
        ),
    }

    @staticmethod
    def walk(api, **query):
        numbers, page, pages = [], 1, 1
        while page <= pages:
            answer = api.get("tickets/", {"minify_response": "true", "page": str(page), **query}).json()
            numbers += answer["data"]
            pages, page = answer["page_info"]["page_count"], page + 1
        return numbers

    @pytest.mark.parametrize("sort", SORTS)
    def test_a_filtered_walk_is_in_the_order_of_a_slow_sort(self, api, desk, sort):
        make_many_tickets(desk)
        rows = live_tickets()
        for q, matches in self.FILTERS.items():
            expected = in_order(sort, filter(matches, rows))
            assert 2 < len(expected) < len(rows)
            assert self.walk(api, q=q, sort=sort) == expected
            pending = [row for row in rows if matches(row) and row.status.behavior == "pending"]
            assert self.walk(api, q=q, sort=sort, status="_pending", size="50") == in_order(sort, pending)

    @pytest.mark.parametrize("sort", [{}, {"sort": ""}, {"sort": "nonsense"}])
    def test_without_free_text_the_default_is_last_updated_first(self, api, desk, sort):
        make_many_tickets(desk)
        for q, matches in self.FILTERS.items():
            assert self.walk(api, q=q, **sort) == in_order("updated", filter(matches, live_tickets()))

    def test_bare_parameters_sort_alike(self, api, desk):
        make_many_tickets(desk)
        high = [row for row in live_tickets() if row.priority.name == "High"]

        assert self.walk(api, priority="High") == in_order("updated", high)
        assert self.walk(api, priority="High", sort="subjecta") == in_order("subjecta", high)

    @pytest.fixture
    def derailleurs(self, desk):
        """The word is in the subject of the first, deep in the message of the second, updated last."""
        long = "The chain jumps whenever I pedal hard on the way to work and nothing helps. " * 40
        contents = {
            "subject": ("Derailleur bent", "It fell over."),
            "deep": ("Chain jumps", long + "Maybe the derailleur. " + long),
            "none": ("Bell", "Silent."),
        }
        tickets = {
            name: factories.make_ticket(desk.lena, desk.workshop, subject=subject, text=text)
            for name, (subject, text) in contents.items()
        }
        for name, hour in (("subject", 1), ("deep", 2), ("none", 3)):
            set_columns(tickets[name], last_updated_at=at(f"2026-03-09 0{hour}:00:00"))
        return tickets

    def test_free_text_puts_the_most_relevant_first(self, api, derailleurs):
        assert search(api, "derailleur") == [derailleurs["subject"].id, derailleurs["deep"].id]
        assert search(api, "derailleur status:New") == [derailleurs["subject"].id, derailleurs["deep"].id]
        assert search(api, "derailleur", priority="Normal")[0] == derailleurs["subject"].id

    def test_an_explicit_sort_wins_over_relevance(self, api, derailleurs):
        subject, deep = derailleurs["subject"].id, derailleurs["deep"].id
        assert search(api, "derailleur", sort="updated") == [deep, subject]
        assert search(api, "derailleur", sort="updatea") == [subject, deep]
        assert search(api, "derailleur", sort="subjecta") == [deep, subject]
        assert search(api, "derailleur", sort="ticketd") == [deep, subject]

    def test_equally_relevant_ones_come_last_updated_first_then_by_number(self, api, desk):
        tickets = make(desk, "a b c d")
        hours = {"a": 2, "b": 3, "c": 1, "d": 2}
        for name, ticket in tickets.items():
            set_columns(ticket, last_updated_at=at(f"2026-03-09 0{hours[name]}:00:00"))

        assert search(api, "bicycle") == [tickets[name].id for name in "bdac"]

    @pytest.mark.parametrize(
        "query", [{"q": "wobble"}, {"q": "tag:wheel"}, {"q": "wobble tag:wheel"}, {"tag": "wheel"}]
    )
    def test_a_walk_meets_each_ticket_once_with_the_right_totals(self, api, desk, query):
        wanted = []
        for number in range(30):
            matches = number % 4 != 1
            ticket = factories.make_ticket(
                desk.lena,
                desk.workshop,
                subject="Wobble" if matches else "Rattle",
                tags=["wheel"] if matches else ["x"],
                now=at(f"2026-03-09 10:{number % 7:02d}:00"),
            )
            wanted += [ticket.id] if matches else []
        delete(Ticket.objects.get(id=wanted.pop()))
        assert len(wanted) == 21

        pages = [api.get("tickets/", {"minify_response": "true", "page": str(n), **query}).json() for n in range(1, 5)]

        assert [tuple(page["page_info"].values()) for page in pages] == [
            (10, 1, 10, 21, 3, 2, 21),
            (10, 11, 20, 21, 3, 3, 21),
            (1, 21, 21, 21, 3, None, 21),
            (0, 0, 0, 21, 3, None, 21),
        ]
        walked = [number for page in pages for number in page["data"]]
        assert walked == in_order("updated", Ticket.objects.filter(id__in=wanted))
