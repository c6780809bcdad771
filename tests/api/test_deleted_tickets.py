"""GET deleted_tickets/: which tickets are gone (docs/syncing.md)."""

from datetime import timedelta

import pytest
from django.test import Client

from reynard.desk.actions import ticket_changes
from reynard.desk.actions.ticket_changes import Deletion
from reynard.desk.models import Ticket
from reynard.desk.selectors import reference
from tests import factories
from tests.api.writing import shape_l
from tests.factories import NOON

NEITHER = "Enter a whole number, or a date/time such as 2026-03-09 14:30:00 or 2026-03-09T14:30:00Z."


def delete(ticket, desk, now=NOON):
    given = Deletion(staff=desk.priya.id)
    ticket_changes.delete(ticket.id, given, reference=reference.current(), now=now)
    return Ticket.objects.get(id=ticket.id)


@pytest.fixture
def tickets(desk):
    """Five tickets; the third, first and fourth are deleted, at noon, one o'clock and two."""
    made = [factories.make_ticket(desk.lena, desk.workshop) for _ in range(5)]
    for hour, index in enumerate((2, 0, 3)):
        made[index] = delete(made[index], desk, NOON + timedelta(hours=hour))
    return made


def read(api, since=None, **parameters):
    answer = api.get("deleted_tickets/", ({} if since is None else {"since": since}) | parameters)
    assert answer.status_code == 200, answer.content
    return answer.json()


def numbers(page):
    return [row["id"] for row in page["data"]]


def test_they_come_in_the_order_in_which_they_went(api, tickets):
    third, first, fourth = tickets[2], tickets[0], tickets[3]
    assert read(api) == {
        "data": [
            {
                "id": ticket.id,
                "display_id": f"#RW{ticket.id:08d}",
                "deleted_at": f"2026-03-09 {hour}:00:00",
                "update_id": ticket.last_update_id,
            }
            for ticket, hour in ((third, 12), (first, 13), (fourth, 14))
        ],
        "next": fourth.last_update_id,
        "more": False,
    }


def test_a_position_is_that_of_the_change_feed(api, tickets):
    page = read(api, tickets[2].last_update_id)

    assert numbers(page) == [tickets[0].id, tickets[3].id]
    changes = {entry["id"]: entry["ticket_id"] for entry in api.get("changes/").json()["data"]}
    assert [changes[row["update_id"]] for row in page["data"]] == numbers(page)


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2026-03-09 11:59:59", 3),
        ("2026-03-09 12:00:00", 3),
        ("2026-03-09T12:00:00.000001Z", 2),
        ("2026-03-09T13:00:00Z", 2),
        ("2026-03-09T14:00:00+01:00", 2),
        ("2026-03-09 14:00", 1),
        ("2026-03-09T14:00:01", 0),
        ("9999-12-31T23:59:59Z", 0),
        ("0001-01-01T00:00:00Z", 3),
    ],
)
def test_a_moment_is_compared_with_the_deletion(api, tickets, since, found):
    assert numbers(read(api, since)) == [tickets[index].id for index in (2, 0, 3)][3 - found :]


def test_who_began_with_a_moment_goes_on_by_position(api, desk, tickets):
    page = read(api, "2026-03-09T13:00:00Z")
    assert read(api, page["next"]) == {"data": [], "next": page["next"], "more": False}

    delete(tickets[1], desk, NOON + timedelta(hours=3))
    assert numbers(read(api, page["next"])) == [tickets[1].id]


def test_after_a_moment_without_deletions_the_next_ones_are_found(api, desk, tickets):
    page = read(api, "2026-03-10T00:00:00Z")
    assert page["data"] == []
    assert page["next"] >= tickets[3].last_update_id

    delete(tickets[1], desk, NOON + timedelta(days=2))
    assert numbers(read(api, page["next"])) == [tickets[1].id]


def test_one_that_was_dated_before_another_and_entered_after_it_is_found(api, desk, tickets):
    """A writer may wait after it looked at the clock."""
    delete(tickets[1], desk, NOON + timedelta(minutes=90))

    assert numbers(read(api, "2026-03-09T13:30:00Z")) == [tickets[3].id, tickets[1].id]
    assert numbers(read(api, "2026-03-09T14:00:00Z")) == [tickets[3].id]


def test_they_come_in_pages(api, desk):
    made = [delete(factories.make_ticket(desk.lena, desk.workshop), desk).id for _ in range(23)]

    pages = [read(api, NOON.isoformat(), size=10)]
    while pages[-1]["more"]:
        pages.append(read(api, pages[-1]["next"], size=10))

    assert [numbers(page) for page in pages] == [made[:10], made[10:20], made[20:]]


def test_who_has_the_page_is_told_so(api, desk, tickets):
    tag = api.get("deleted_tickets/")["ETag"]
    assert api.get("deleted_tickets/", If_None_Match=tag).status_code == 304

    delete(tickets[1], desk)

    assert api.get("deleted_tickets/", If_None_Match=tag).status_code == 200


def test_a_desk_on_which_nothing_was_deleted_has_none(api, desk):
    assert read(api) == read(api, 0) == {"data": [], "next": 0, "more": False}
    assert read(api, "2026-03-09T13:00:00Z") == {"data": [], "next": 0, "more": False}


@pytest.mark.parametrize("since", ["abc", "", "1.5", "\x00", "12:00", "now"])
def test_what_is_neither_number_nor_moment_is_refused(api, tickets, since):
    answer = api.get("deleted_tickets/", {"since": since})

    assert (answer.status_code, answer.json()) == (400, shape_l({"since": NEITHER}))


@pytest.mark.parametrize("since", ["2026-03-09", "2026-13-01T00:00:00Z", "2026-03-09T25:00", "0001-01-01T00:00+14:00"])
def test_a_moment_that_cannot_be_is_refused(api, tickets, since):
    answer = api.get("deleted_tickets/", {"since": since})

    text = "Enter a valid date/time, such as 2026-03-09 14:30:00 or 2026-03-09T14:30:00Z."
    assert (answer.status_code, answer.json()) == (400, shape_l({"since": text}))


def test_strangers_are_refused(desk):
    assert Client().get("/api/1.1/json/deleted_tickets/").status_code == 401
