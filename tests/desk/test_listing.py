"""Which tickets stand on which page: the selector against the slow and obvious way (tickets.md §2, §4).

Pages of the far half are walked from the end of an index, and filters become ranges that are merged, so every sort
key is walked through under every kind of filter, at sizes that make the halves meet within pages and between them.
"""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reynard.desk.models import Role, Staff
from reynard.desk.selectors import reference, tickets
from reynard.desk.selectors.tickets import Listing
from tests.desk.many_tickets import MANY, SORTS, in_order, live_tickets, make_many_tickets


@pytest.fixture
def many(desk):
    make_many_tickets(desk)
    return live_tickets()


def pages(sort, statuses, categories, size):
    """Every page up to the first empty one."""
    for number in itertools.count(1):
        page = tickets.page(Listing(statuses, categories, sort, size, number), reference.current())
        assert page.start == (number - 1) * size
        assert len(page.entries) == max(0, min(size, page.total - page.start))
        yield page
        if not page.entries:
            return


def walk(sort, statuses, categories, size):
    """The numbers on all pages, and the totals they claim."""
    walked = list(pages(sort, statuses, categories, size))
    return [entry.id for page in walked for entry in page.entries], {page.total for page in walked}


def let_through(rows, statuses, categories):
    return [
        row
        for row in rows
        if (statuses is None or row.status_id in statuses) and (categories is None or row.category_id in categories)
    ]


def check(rows, sort, statuses, categories, size):
    expected = in_order(sort, let_through(rows, statuses, categories))
    assert walk(sort, statuses, categories, size) == (expected, {len(expected)})


def test_the_generated_tickets_tie_everywhere(many):
    """Else the tests below would prove little."""
    assert len(many) == MANY
    for column in ("last_updated_at", "created_at", "due_date", "subject_key", "assignee_id", "contact_id"):
        assert len({getattr(row, column) for row in many}) < MANY / 4


@pytest.mark.parametrize("sort", SORTS)
def test_a_walk_through_the_pages_meets_every_ticket_once_in_order(many, sort):
    for size in (1, 7, 10, 30, MANY, MANY + 9):
        check(many, sort, None, None, size)


@pytest.mark.parametrize("sort", SORTS)
def test_so_does_a_walk_through_a_filtered_list(many, sort):
    in_use = sorted({row.status_id for row in many})
    places = sorted({row.category_id for row in many})
    filters = [
        (in_use[:1], None),
        (in_use[1:4], None),
        (in_use, None),
        (None, places[:1]),
        (None, places[1:]),
        (in_use[:1], places[:1]),
        (in_use[1:4], places[1:]),
        ([10**6], None),
        (None, [2**63 - 1]),
        ([in_use[0], 10**6], [places[0], 10**6]),
        ([], None),
    ]
    for statuses, categories in filters:
        check(many, sort, _frozen(statuses), _frozen(categories), 10)


def _frozen(ids):
    return None if ids is None else frozenset(ids)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_so_does_any_other_walk(many, data):
    ids = [sorted(table) for table in (reference.current().statuses, reference.current().categories)]
    statuses, categories = (data.draw(st.none() | st.frozensets(st.sampled_from(known))) for known in ids)
    check(many, data.draw(st.sampled_from(SORTS)), statuses, categories, data.draw(st.integers(1, 20)))


@pytest.mark.parametrize("merge_limit", [0, 10**6])
def test_merging_ranges_and_walking_one_index_give_the_same_list(many, monkeypatch, merge_limit):
    monkeypatch.setattr(tickets, "_MERGE_LIMIT", merge_limit)
    statuses = frozenset(reference.current().statuses)

    for sort in ("updated", "updatea"):
        check(many, sort, statuses, None, 10)
        check(many, sort, statuses, frozenset(reference.current().categories), 10)


def test_an_unknown_sort_key_is_the_default_one(many):
    assert walk("created_at", None, None, 50) == walk("updated", None, None, 50)


@pytest.mark.parametrize("sort", ["assigneed", "assigneea"])
def test_hundreds_of_staff_are_not_too_many_to_sort_by(many, sort):
    role = Role.objects.get()
    Staff.objects.bulk_create(
        Staff(email=f"{n}@rollwerk.example", username=f"temp{n:03d}", role=role) for n in range(900)
    )
    reference.changed()

    check(many, sort, None, None, 30)
