"""POST ticket/<id>/subscribe/ and /unsubscribe/ (tickets.md §14)."""

import pytest

from reynard.desk.models import Subscription, Update
from tests import factories
from tests.api.writing import (
    FORM,
    NOON_TEXT,
    NOT_A_CHOICE,
    NOW_TEXT,
    REQUIRED,
    everything,
    shape_l,
    stop_clock,
)


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def call(api, ticket):
    """Sends to `subscribe` or `unsubscribe`."""

    def send(what, values, number=ticket.id, **options):
        return api.post(f"ticket/{number}/{what}/", values, **options)

    return send


@pytest.fixture
def subscribers(api, ticket):
    return lambda: [person["id"] for person in api.get(f"ticket/{ticket.id}/").json()["subscribers"]]


def test_the_answer_names_everybody_the_first_one_first(api, call, desk, ticket):
    answer = call("subscribe", {"staff_id": desk.jonas.id, "data": [desk.priya.id]})
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "Jonas Beck, Priya Raman, Subscribers added to ticket"},
    )
    assert api.get(f"ticket/{ticket.id}/").json()["subscribers"] == [
        {"id": desk.priya.id, "first_name": "Priya", "last_name": "Raman", "email": "priya@rollwerk.example"},
        {"id": desk.jonas.id, "first_name": "Jonas", "last_name": "Beck", "email": "jonas@rollwerk.example"},
    ]
    assert call("unsubscribe", {"staff_id": desk.jonas.id}).json() == {"message": "Jonas Beck unsubscribed"}
    assert [person["id"] for person in api.get(f"ticket/{ticket.id}/").json()["subscribers"]] == [desk.priya.id]


def test_both_may_be_repeated(call, desk, subscribers):
    both = {"staff_id": desk.priya.id, "data": [desk.jonas.id, desk.priya.id, desk.jonas.id]}
    first = call("subscribe", both)
    after = everything()
    again = call("subscribe", both)
    assert again.json() == first.json() == {"message": "Priya Raman, Jonas Beck, Subscribers added to ticket"}
    assert everything() == after
    call("unsubscribe", {"staff_id": desk.priya.id})
    after = everything()
    assert call("unsubscribe", {"staff_id": desk.priya.id}).json() == {"message": "Priya Raman unsubscribed"}
    assert everything() == after
    assert subscribers() == [desk.jonas.id]


@pytest.mark.parametrize("what", ["subscribe", "unsubscribe"])
def test_the_ticket_is_modified_but_not_updated(api, call, desk, ticket, monkeypatch, what):
    if what == "unsubscribe":
        Subscription.objects.create(ticket=ticket, staff=desk.priya)
    tag = api.get(f"ticket/{ticket.id}/")["ETag"]
    stop_clock(monkeypatch)
    assert call(what, {"staff_id": desk.priya.id}).status_code == 200
    answer = api.get(f"ticket/{ticket.id}/")
    assert (answer.json()["last_updated_at"], answer.json()["last_modified"]) == (NOON_TEXT, NOW_TEXT)
    assert Update.objects.count() == 1
    assert answer["ETag"] != tag


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{{"staff_id": "{0}", "data": ["{1}"]}}', ""),
        ('{{"staff_id": {0}, "data": "{1}"}}', ""),
        ("staff_id={0}&data={1}", FORM),
        ("staff_id={0}&data=[{1}]", FORM),
        ("staff_id={0}&data={1},{0}", FORM),
    ],
)
def test_lists_come_in_every_way(call, desk, subscribers, body, content_type):
    text = body.format(desk.priya.id, desk.jonas.id).encode()
    assert call("subscribe", text, content_type=content_type).status_code == 200
    assert subscribers() == [desk.priya.id, desk.jonas.id]


def test_staff_of_other_categories_may_subscribe_and_tickets_are_apart(call, desk, subscribers):
    other = factories.make_ticket(desk.stranger, desk.workshop)
    call("subscribe", {"staff_id": desk.jonas.id}, other.id)
    assert subscribers() == []


@pytest.mark.parametrize("what", ["subscribe", "unsubscribe"])
def test_who_must_be_active_staff(call, desk, what):
    before = everything()
    assert call(what, {}).json() == shape_l({"staff_id": REQUIRED})
    for wrong in (desk.gone.id, 999_999, "x", 0):
        answer = call(what, {"staff_id": wrong})
        assert (answer.status_code, answer.json()) == (400, shape_l({"staff_id": NOT_A_CHOICE}))
    assert everything() == before


def test_so_must_the_others(call, desk):
    before = everything()
    for wrong in ([desk.gone.id], [desk.priya.id, 999_999], ["x"], [0], [1.5], f"{desk.priya.id},x", [10**30]):
        answer = call("subscribe", {"staff_id": desk.jonas.id, "data": wrong})
        assert (answer.status_code, answer.json()) == (400, shape_l({"data": NOT_A_CHOICE})), wrong
    answer = call("subscribe", {"staff_id": desk.jonas.id, "data": [{"id": desk.priya.id}]})
    assert answer.json() == shape_l({"data": "Enter texts, separated by commas."})
    answer = call("subscribe", {"staff_id": desk.jonas.id, "data": list(range(1, 102))})
    assert answer.json() == shape_l({"data": "Give at most 100 ids."})
    assert everything() == before


@pytest.mark.parametrize("what", ["subscribe", "unsubscribe"])
def test_a_ticket_that_is_not_there(call, desk, what):
    assert call(what, {"staff_id": desk.priya.id}, 999_999).status_code == 404
