"""GET tickets/?updated_since=: tickets that were changed at a moment or later (docs/syncing.md)."""

from datetime import timedelta

import pytest

from tests import factories
from tests.api.reading import staff_update
from tests.api.searching import search
from tests.api.writing import shape_l
from tests.factories import NOON


@pytest.fixture
def tickets(desk):
    """Four tickets opened at noon, changed an hour, two hours, three hours later, and never."""
    made = [factories.make_ticket(desk.lena, desk.workshop) for _ in range(4)]
    for hour, ticket in enumerate(made[:3], 1):
        staff_update(ticket, desk, note=True, text="Seen.", now=NOON + timedelta(hours=hour))
    return made


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2026-03-09 12:00:00", 4),
        ("2026-03-09 12:00:01", 3),
        ("2026-03-09 13:00:00", 3),
        ("2026-03-09T14:00:00Z", 2),
        ("2026-03-09T14:00:00z", 2),
        ("2026-03-09T16:00:00+02:00", 2),
        ("2026-03-09T16:00:00 02:00", 2),  # a plus that was not escaped
        ("2026-03-09 16:00 0200", 2),
        ("2026-03-09T12:00:00.5-02:00", 1),
        ("2026-03-09 14:00", 2),
        ("2026-03-09 15:00:00.000001", 0),
        (" 2026-03-09T14:00:00 ", 2),
        ("9999-12-31T23:59:59Z", 0),
        ("0001-01-01T00:00:00Z", 4),
    ],
)
def test_the_last_change_of_any_kind_counts(api, tickets, since, found):
    wanted = [ticket.id for ticket in (tickets[3], *tickets[:3])]
    assert search(api, updated_since=since, sort="last_modifieda") == wanted[4 - found :]


def test_a_change_that_does_not_move_last_updated_counts_too(api, desk, tickets):
    body = {"staff_id": desk.priya.id}
    assert api.post(f"ticket/{tickets[3].id}/subscribe/", body).status_code == 200

    assert search(api, updated_since="2026-03-10T00:00:00Z") == [tickets[3].id]


def test_the_order_and_all_else_stay_as_without_it(api, desk, tickets):
    plain = api.get("tickets/").json()
    asked = api.get("tickets/", {"updated_since": "2026-03-09T00:00:00Z"}).json()

    assert asked == plain


def test_it_combines_with_every_other_filter(api, desk, tickets):
    staff_update(tickets[1], desk, status=desk.closed.id, now=NOON + timedelta(hours=2))
    since = {"updated_since": "2026-03-09 14:00:00"}

    assert search(api, **since, status="_pending") == [tickets[2].id]
    assert search(api, **since, status="_completed") == [tickets[1].id]
    assert search(api, **since, category=desk.office.id) == []
    named = "id:" + ",".join(str(ticket.id) for ticket in tickets[::2])
    assert search(api, named, **since) == [tickets[2].id]
    assert search(api, **since, unresponded="true", sort="ticketd") == [tickets[2].id]


def test_pages_and_totals_are_those_of_the_tickets_found(api, desk, tickets):
    for _ in range(12):
        factories.make_ticket(desk.lena, desk.workshop, now=NOON + timedelta(days=1))

    page = api.get("tickets/", {"updated_since": "2026-03-10T00:00:00Z", "size": 10, "page": 2}).json()

    assert page["page_info"] == {
        "count": 2,
        "start_index": 11,
        "end_index": 12,
        "last_index": 12,
        "page_count": 2,
        "next": None,
        "total": 12,
    }


@pytest.mark.parametrize(
    "since",
    ["", "yesterday", "2026-03-09", "2026-02-30 10:00:00", "2026-03-09 24:01", "1773045955", "\x00", "2026-03-09T10"],
)
@pytest.mark.parametrize("more", [{}, {"q": "brake"}, {"after_id": "0", "sort": "ticketa"}])
def test_what_is_no_moment_is_refused(api, tickets, since, more):
    answer = api.get("tickets/", {"updated_since": since, **more})

    text = "Enter a valid date/time, such as 2026-03-09 14:30:00 or 2026-03-09T14:30:00Z."
    assert (answer.status_code, answer.json()) == (400, shape_l({"updated_since": text}))
