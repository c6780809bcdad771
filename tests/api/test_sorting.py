"""GET tickets/?sort= (tickets.md §4). Every kind of filter and page size: tests/desk/test_listing.py."""

import pytest

from tests import factories
from tests.desk.many_tickets import SORTS, in_order, live_tickets, make_many_tickets


def walk(api, query):
    """The numbers on every page, in order."""
    first = api.get(f"tickets/?minify_response=true&{query}").json()
    rest = [
        api.get(f"tickets/?minify_response=true&{query}&page={page}").json()["data"]
        for page in range(2, first["page_info"]["page_count"] + 1)
    ]
    return first["data"] + [number for page in rest for number in page]


@pytest.mark.parametrize("sort", SORTS)
def test_a_walk_meets_every_ticket_once_in_order(api, desk, sort):
    make_many_tickets(desk)
    rows = live_tickets()
    open_ones = [row for row in rows if row.status.behavior == "pending"]

    assert walk(api, f"sort={sort}") == in_order(sort, rows)
    assert walk(api, f"sort={sort}&size=50&status=_pending") == in_order(sort, open_ones)
    assert walk(api, f"sort={sort}&category={desk.workshop.id}") == in_order(
        sort, [row for row in rows if row.category_id == desk.workshop.id]
    )


@pytest.mark.parametrize("query", ["", "sort=", "sort=created_at", "sort=UPDATED", "sort=updated%00", "sort=%FF"])
def test_last_updated_first_is_the_default(api, desk, query):
    make_many_tickets(desk)

    assert walk(api, query) == in_order("updated", live_tickets())


@pytest.fixture
def three(desk):
    """Tickets a, b, c, opened in this order, which every key below puts in another one."""
    fields = [
        {"subject": "berg", "assignee": desk.priya.id, "priority": desk.high.id},
        {"subject": "Alm", "assignee": None, "priority": desk.normal.id},
        {"subject": "cave", "assignee": desk.jonas.id, "priority": desk.high.id},
    ]
    contacts = [desk.stranger, desk.lena, desk.stranger]
    made = [
        factories.make_ticket(contact, desk.workshop, **given) for contact, given in zip(contacts, fields, strict=True)
    ]
    return {ticket.id: name for ticket, name in zip(made, "abc", strict=True)}


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("ticketa", "abc"),
        ("ticketd", "cba"),
        ("subjecta", "bac"),
        ("subjectd", "cab"),
        ("assigneea", "cab"),
        ("assigneed", "acb"),
        ("prioritya", "bac"),
        ("priorityd", "cab"),
        ("clienta", "bac"),
        ("clientd", "cab"),
        ("updated", "cba"),
        ("updatea", "abc"),
    ],
)
def test_by_example(api, three, sort, order):
    numbers = api.get(f"tickets/?minify_response=true&sort={sort}").json()["data"]

    assert "".join(three[number] for number in numbers) == order
