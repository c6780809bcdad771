"""POST ticket/<id>/update_tags/ (tickets.md §13)."""

import json

import pytest

from reynard.desk.models import Update
from tests import factories
from tests.api.reading import NO_CHANGES
from tests.api.writing import (
    FORM,
    NOON_TEXT,
    NOT_A_CHOICE,
    NOW_TEXT,
    YAML,
    everything,
    last_update,
    shape_l,
    stop_clock,
)


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, tags=["warranty", "urgent"])


@pytest.fixture
def tags(api, ticket):
    def send(values, number=ticket.id, **options):
        return api.post(f"ticket/{number}/update_tags/", values, **options)

    return send


def test_it_adds_and_removes_in_one_entry_without_a_change_to_show(tags, desk, monkeypatch):
    stop_clock(monkeypatch)
    answer = tags({"add": "hub, test-ride,warranty", "remove": "urgent,unknown", "staff_id": desk.jonas.id})
    assert answer.json()["tags"] == "warranty,hub,test-ride"
    entry = last_update(answer)
    assert entry == NO_CHANGES | {
        "update_id": entry["update_id"],
        "timestamp": NOW_TEXT,
        "by": {"type": "staff", "id": desk.jonas.id, "name": "Jonas Beck", "email": "jonas@rollwerk.example"},
        "message": None,
    }
    stored = json.loads(Update.objects.latest("id").changes)
    assert stored == {"tags_added": ["hub", "test-ride"], "tags_removed": ["urgent"]}


def test_without_a_staff_member_the_update_has_no_author(tags):
    for nobody in ({}, {"staff_id": None}, {"staff_id": ""}):
        assert last_update(tags({"add": f"tag{len(str(nobody))}"} | nobody))["by"] is None


def test_only_the_time_of_the_last_change_moves(tags, monkeypatch):
    stop_clock(monkeypatch)
    ticket = tags({"remove": "urgent"}).json()
    assert (ticket["last_updated_at"], ticket["last_modified"]) == (NOON_TEXT, NOW_TEXT)
    assert (ticket["last_user_reply_at"], ticket["last_staff_reply_at"]) == (NOON_TEXT, None)
    assert (ticket["messages_count"], ticket["unresponded"]) == (1, True)


def test_a_tag_in_both_lists_ends_up_removed(tags):
    assert tags({"add": "a,urgent", "remove": "urgent,b,a", "staff_id": None}).json()["tags"] == "warranty"


def test_tags_are_case_sensitive(tags):
    assert tags({"add": "Warranty", "remove": "URGENT"}).json()["tags"] == "warranty,urgent,Warranty"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"add": ["a", "b"]}', ""),
        (b"add: [a, b]", YAML),
        (b"add=a,b", FORM),
        (b"add=a&add=b", FORM),
        (b'add=["a", "b"]', FORM),
    ],
)
def test_lists_come_in_every_format(tags, body, content_type):
    assert tags(body, content_type=content_type).json()["tags"] == "warranty,urgent,a,b"


def test_nothing_to_update(tags, desk):
    before = everything()
    for nothing in (
        {},
        {"staff_id": desk.jonas.id},
        {"add": "", "remove": " , "},
        {"add": "urgent"},
        {"remove": "unknown"},
        {"add": "new", "remove": "new"},
        {"tags": "new"},
    ):
        answer = tags(nothing)
        assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
    assert everything() == before


def test_it_reports_everything_that_is_wrong_at_once(tags, desk):
    before = everything()
    answer = tags({"staff_id": desk.gone.id, "add": {"a": 1}, "remove": "x" * 101})
    assert answer.status_code == 400
    assert answer.json() == shape_l(
        {
            "add": "Enter texts, separated by commas.",
            "remove": "Ensure each tag has at most 100 characters.",
            "staff_id": NOT_A_CHOICE,
        }
    )
    assert everything() == before


def test_at_most_a_hundred_tags(tags):
    hundred = [f"t{n}" for n in range(100)]
    assert tags({"add": [*hundred, "more"]}).json() == shape_l({"add": "Give at most 100 tags."})
    assert tags({"add": hundred}).status_code == 200


def test_a_ticket_that_is_not_there(tags):
    assert tags({"add": "a"}, 999_999).status_code == 404
