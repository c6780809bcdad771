"""`after_id` on tickets/ and users/: going through a whole list while it changes (docs/syncing.md)."""

import pytest

from reynard.desk.models import Contact, Ticket
from reynard.desk.selectors import tickets as lists
from tests import factories
from tests.api.searching import delete, set_columns
from tests.api.writing import shape_l
from tests.desk.many_tickets import MANY, live_tickets, make_many_tickets
from tests.factories import NOON


def walk(api, path="tickets/", meanwhile=lambda: None, **parameters):
    """The pages from `after_id=0` to the end; `meanwhile` is called between them."""
    query = {"size": 10, **({"sort": "ticketa"} if path == "tickets/" else {}), **parameters}
    pages, after = [], 0
    while after is not None:
        answer = api.get(path, {**query, "after_id": after})
        assert answer.status_code == 200, answer.content
        pages.append(answer.json())
        following = pages[-1]["page_info"]["next"]
        assert following is None or following != after
        after = following
        meanwhile()
    return pages


def ids(pages):
    return [row if isinstance(row, int) else row["id"] for page in pages for row in page["data"]]


@pytest.fixture
def many(desk):
    make_many_tickets(desk)
    return sorted(ticket.id for ticket in live_tickets())


@pytest.mark.parametrize("sort", ["ticketa", "ticketd"])
def test_the_pages_together_are_the_list(api, many, sort):
    pages = walk(api, sort=sort)

    assert ids(pages) == (many if sort == "ticketa" else many[::-1])
    assert [len(page["data"]) for page in pages] == [10] * 6 + [1]


def test_the_next_page_comes_after_the_last_ticket_of_this_one(api, many):
    pages = walk(api)

    assert [page["page_info"]["next"] for page in pages] == [page["data"][-1]["id"] for page in pages[:-1]] + [None]


def test_the_numbers_of_a_page_count_from_there_on(api, many):
    page = api.get("tickets/", {"sort": "ticketa", "size": 10, "after_id": many[29]}).json()

    assert page["page_info"] == {
        "count": 10,
        "start_index": 1,
        "end_index": 10,
        "last_index": MANY,
        "page_count": 7,
        "next": many[39],
        "total": MANY,
    }


def test_a_page_filled_by_the_last_tickets_is_the_last(api, many):
    page = api.get("tickets/", {"sort": "ticketa", "size": 10, "after_id": many[-11]}).json()

    assert (ids([page]), page["page_info"]["next"]) == (many[-10:], None)


@pytest.mark.parametrize("sort", ["ticketa", "ticketd"])
@pytest.mark.parametrize("walked", [False, True], ids=["gathered", "walked"])
@pytest.mark.parametrize(
    "filters",
    [
        {"status": "_pending"},
        {"category": "{workshop}"},
        {"status": "{new}", "category": "{office}"},
        {"priority": "Normal,High"},
        {"assignee": "none"},
        {"unresponded": "true"},
        {"breached": "true"},
        {"q": "created-after:2026/03/08"},
        {"q": "contact:ortiz"},
        {"updated_since": "2026-03-09T15:00:00Z"},
        {"updated_since": "2026-03-09T15:00:00Z", "status": "_completed", "q": "unresponded:false"},
        {"q": "nothing-like-this"},
        {"category": "999"},
    ],
    ids=str,
)
def test_filters_choose_the_same_tickets_as_pages_by_number(api, desk, many, monkeypatch, sort, walked, filters):
    if walked:  # as on a desk with very many tickets of each kind
        monkeypatch.setattr(lists, "GATHER_LIMIT", -1)
        monkeypatch.setattr(lists, "_ONWARD_LIMIT", 15)
    named = {"workshop": desk.workshop.id, "office": desk.office.id, "new": desk.new.id}
    filters = {name: value.format(**named) for name, value in filters.items()}
    found = []
    for page in (1, 2):
        answer = api.get("tickets/", {"minify_response": "true", "size": 50, "page": page, "sort": sort, **filters})
        found += answer.json()["data"]

    pages = walk(api, sort=sort, minify_response="true", **filters)

    assert ids(pages) == found
    assert {page["page_info"]["total"] for page in pages} == {len(found)}


def test_a_page_looks_at_a_bounded_number_of_tickets_and_says_where_to_go_on(api, desk, many, monkeypatch):
    monkeypatch.setattr(lists, "GATHER_LIMIT", -1)
    monkeypatch.setattr(lists, "_ONWARD_LIMIT", 5)
    last = Ticket.objects.get(id=many[-1])
    set_columns(last, priority=factories.make_priority("Lowest"))

    pages = walk(api, priority="Lowest")

    assert [len(page["data"]) for page in pages] == [0] * (len(pages) - 1) + [1]
    assert len(pages) == Ticket.objects.count() / 5
    assert ids(pages) == [last.id]


def test_tickets_that_come_and_go_meanwhile_shift_nothing(api, desk, many):
    gone, come = iter(many[1::2]), iter(range(20))

    def change():
        delete(Ticket.objects.get(id=next(gone)))
        if next(come) < 12:
            factories.make_ticket(desk.lena, desk.workshop)

    seen = ids(walk(api, meanwhile=change))

    assert seen == sorted(set(seen))
    assert {ticket.id for ticket in live_tickets() if ticket.id <= max(seen)} <= set(seen)
    assert max(seen) > many[-1]


def test_beyond_the_end_is_an_empty_page(api, many):
    page = api.get("tickets/", {"sort": "ticketa", "after_id": 10**15}).json()

    assert page["data"] == []
    assert page["page_info"] == {
        "count": 0,
        "start_index": 0,
        "end_index": 0,
        "last_index": MANY,
        "page_count": 7,
        "next": None,
        "total": MANY,
    }
    assert api.get("tickets/", {"sort": "ticketd", "after_id": 1}).json()["data"] == []


def test_an_empty_desk_has_one_empty_page(api, desk):
    assert ids(walk(api)) == ids(walk(api, sort="ticketd")) == []


def test_fields_and_updates_can_be_chosen_as_on_other_pages(api, many):
    query = {"sort": "ticketa", "after_id": many[0], "size": 10}

    assert set(api.get("tickets/", {**query, "fields": "id"}).json()["data"][0]) == {"id"}
    assert "updates" not in api.get("tickets/", {**query, "include_updates": "0"}).json()["data"][0]
    whole = api.get("tickets/", query).json()["data"][0]
    assert whole == api.get(f"ticket/{many[1]}/").json()


@pytest.mark.parametrize("sort", [None, "", "updated", "createa", "relevance", "nonsense"])
def test_other_orders_are_refused(api, many, sort):
    answer = api.get("tickets/", {"after_id": 0} | ({} if sort is None else {"sort": sort}))

    text = "Give it together with sort=ticketa or sort=ticketd."
    assert (answer.status_code, answer.json()) == (400, shape_l({"after_id": text}))


@pytest.mark.parametrize(
    ("after", "text"),
    [
        ("abc", "Enter a whole number."),
        ("", "Enter a whole number."),
        ("1.5", "Enter a whole number."),
        ("-1", "Ensure this value is from 0 to 9223372036854775807."),
        ("9" * 30, "Ensure this value is from 0 to 9223372036854775807."),
    ],
)
@pytest.mark.parametrize("path", ["tickets/", "users/"])
def test_what_is_no_id_is_refused(api, many, path, after, text):
    answer = api.get(path, {"after_id": after, "sort": "ticketa"})

    assert (answer.status_code, answer.json()) == (400, shape_l({"after_id": text}))


@pytest.mark.parametrize("path", ["tickets/", "users/"])
def test_a_page_by_number_as_well_is_refused_but_the_first(api, many, path):
    query = {"after_id": 0, "sort": "ticketa"}

    assert api.get(path, {**query, "page": 1}).status_code == 200
    answer = api.get(path, {**query, "page": 2})
    assert (answer.status_code, answer.json()) == (400, shape_l({"after_id": "Give either after_id or page."}))


class TestContacts:
    @pytest.fixture
    def contacts(self, desk):
        Contact.objects.bulk_create(Contact(name=f"Contact {n}", created_at=NOON, updated_at=NOON) for n in range(31))
        return list(Contact.objects.order_by("id").values_list("id", flat=True))

    def test_the_pages_together_are_the_list(self, api, contacts):
        pages = walk(api, "users/")

        assert ids(pages) == contacts
        assert [page["page_info"]["next"] for page in pages] == [contacts[9], contacts[19], contacts[29], None]
        assert {page["page_info"]["total"] for page in pages} == {33}

    def test_they_can_be_searched(self, api, contacts):
        assert ids(walk(api, "users/", q="lena")) == contacts[:1]

    def test_beyond_the_end_is_an_empty_page(self, api, contacts):
        page = api.get("users/", {"after_id": contacts[-1]}).json()

        assert (page["data"], page["page_info"]["next"], page["page_info"]["total"]) == ([], None, 33)
