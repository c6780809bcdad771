"""`size`, `page` and `page_info` (protocol.md §9), on both lists that page."""

import pytest

from reynard.desk.models import Contact
from tests.desk.many_tickets import MANY, make_many_tickets
from tests.factories import NOON


def add_contacts(until):
    more = range(until - Contact.objects.count())
    Contact.objects.bulk_create(Contact(name="More", created_at=NOON, updated_at=NOON) for _ in more)


@pytest.fixture
def contacts(desk):
    """137 contacts, by id."""
    made = [
        Contact(name=f"Contact {n}", created_at=NOON, updated_at=NOON) for n in range(137 - Contact.objects.count())
    ]
    Contact.objects.bulk_create(made)
    return list(Contact.objects.order_by("id").values_list("id", flat=True))


def page_of(api, query, path="users/"):
    answer = api.get(f"{path}?{query}")
    assert answer.status_code == 200
    page = answer.json()
    info = page["page_info"]
    assert set(page) == {"page_info", "data"}
    assert list(info) == ["count", "start_index", "end_index", "last_index", "page_count", "next", "total"]
    assert info.pop("total") == info["last_index"]
    assert (info.pop("next") is None) == (not info["count"] or info["end_index"] == info["last_index"])
    return tuple(info.values()), page["data"]


INFOS = [
    ("size=50&page=3", (37, 101, 137, 137, 3)),
    ("size=50&page=1", (50, 1, 50, 137, 3)),
    ("size=50&page=2", (50, 51, 100, 137, 3)),
    ("size=50&page=4", (0, 0, 0, 137, 3)),
    ("size=50&page=9", (0, 0, 0, 137, 3)),
    ("", (10, 1, 10, 137, 14)),
    ("page=14", (7, 131, 137, 137, 14)),
    ("size=30&page=5", (17, 121, 137, 137, 5)),
]


@pytest.mark.parametrize(("query", "info"), INFOS)
def test_the_numbers_of_a_page(api, contacts, query, info):
    found, data = page_of(api, query)

    assert found == info
    assert [row["id"] for row in data] == contacts[info[1] - 1 : info[2]] if info[0] else data == []


def test_every_page_but_the_last_names_the_next(api, contacts):
    pages = [api.get(f"users/?size=50&page={page}").json()["page_info"]["next"] for page in ("", 1, 2, 3, 4, 10**18)]

    assert pages == [2, 2, 3, None, None, None]


# What a `size` asks for, and what it gets; never an error (P-11).
SIZES = [
    ("10", 10),
    ("50", 50),
    ("11", 11),
    ("9", 10),
    ("1", 10),
    ("0", 10),
    ("-5", 10),
    ("51", 50),
    ("1000", 50),
    ("9" * 19, 50),
    ("9" * 40, 50),
    ("-" + "9" * 40, 10),
    ("9" * 5000, 50),
    ("000000000000000000000000000000000000000020", 20),
    ("abc", 10),
    ("", 10),
    ("12.5", 10),
    ("1e1", 10),
    ("%00", 10),
    ("%FF", 10),
    ("%D9%A3%D9%A3", 10),  # digits, but not ours
    ("20&size=30", 30),
]


@pytest.mark.parametrize(("asked", "size"), SIZES)
@pytest.mark.parametrize("path", ["users/", "tickets/"])
def test_a_size_out_of_range_is_brought_into_it(api, contacts, desk, path, asked, size):
    if path == "tickets/":
        make_many_tickets(desk)
    (count, *_), data = page_of(api, f"size={asked}", path)

    assert (count, len(data)) == (size, size)


# What a `page` asks for, and where the page starts; 0 for an empty one.
PAGES = [
    ("1", 1),
    ("2", 51),
    ("%202%20", 51),
    ("0", 1),
    ("-1", 1),
    ("-" + "9" * 40, 1),
    ("abc", 1),
    ("", 1),
    ("1.5", 1),
    ("%00", 1),
    ("3", 0),
    ("4611686018427387904", 0),
    ("9223372036854775807", 0),
    ("9223372036854775808", 0),
    ("9" * 40, 0),
    ("9" * 5000, 0),
]


@pytest.mark.parametrize(("asked", "start"), PAGES)
@pytest.mark.parametrize("path", ["users/", "tickets/"])
def test_a_page_out_of_range_is_the_first_or_an_empty_one(api, desk, path, asked, start):
    make_many_tickets(desk)
    add_contacts(MANY)

    (count, found, end, last, page_count), data = page_of(api, f"size=50&page={asked}", path)

    assert (found, last, page_count) == (start, MANY, 2)
    assert count == len(data) == {0: 0, 1: 50, 51: 11}[start]
    assert end == (start + count - 1 if count else 0)


def test_every_filter_has_its_own_totals(api, desk):
    make_many_tickets(desk)
    whole = page_of(api, "size=50", "tickets/")[0][3]

    parts = [page_of(api, f"status={word}", "tickets/")[0][3] for word in ("_pending", "_completed")]

    assert min(parts) > 0
    assert sum(parts) == whole == MANY


def test_an_empty_list_has_one_empty_page(api, desk):
    for page in (1, 2):
        assert page_of(api, f"page={page}", "tickets/") == ((0, 0, 0, 0, 1), [])
        assert page_of(api, f"q=nobody-has-this&page={page}") == ((0, 0, 0, 0, 1), [])
