"""Several tickets at once, and taking that back."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from reynard.desk.models import CannedAction, Category, Ticket, Update
from reynard.web import bulk
from tests import factories

SignIn = Callable[..., Client]


@pytest.fixture
def two(desk: SimpleNamespace) -> list[Ticket]:
    return [factories.make_ticket(desk.lena, desk.workshop) for _ in range(2)]


def _do(client: Client, tickets: list[Ticket], do: str, **form: str) -> object:
    numbers = [ticket.id for ticket in tickets]
    return client.post("/inbox/bulk/", {"do": do, "ticket": numbers, "back": "/inbox/?view=mine", **form})


def _values(tickets: list[Ticket], column: str) -> list[object]:
    return list(Ticket.objects.filter(id__in=[one.id for one in tickets]).order_by("id").values_list(column, flat=True))


@pytest.mark.parametrize(
    ("do", "column"), [("assignee", "assignee_id"), ("status", "status_id"), ("priority", "priority_id")]
)
def test_properties_are_set_and_taken_back(
    desk: SimpleNamespace, two: list[Ticket], priya: Client, do: str, column: str
) -> None:
    wanted = {"assignee": desk.priya.id, "status": desk.waiting.id, "priority": desk.high.id}[do]
    before = _values(two, column)
    answer = _do(priya, two, f"{do}:{wanted}")
    assert answer["Location"] == "/inbox/?view=mine"
    assert _values(two, column) == [wanted, wanted]
    assert "2 tickets are changed." in priya.get("/inbox/").content.decode()
    priya.post("/inbox/undo/")
    assert _values(two, column) == before


def test_tags_are_added_and_taken_back(desk: SimpleNamespace, two: list[Ticket], priya: Client) -> None:
    _do(priya, two[:1], "add_tags:", tags="hub")
    _do(priya, two, "add_tags:", tags="hub, hill")
    assert _values(two, "tags") == ["hub,hill", "hub,hill"]
    priya.post("/inbox/undo/")
    assert _values(two, "tags") == ["hub", ""]


def test_a_ticket_somebody_has_touched_since_keeps_what_they_did(
    desk: SimpleNamespace, two: list[Ticket], priya: Client
) -> None:
    _do(priya, two, f"priority:{desk.high.id}")
    Ticket.objects.filter(id=two[0].id).update(version=99)
    answer = priya.post("/inbox/undo/", follow=True)
    assert _values(two, "priority_id") == [desk.high.id, desk.normal.id]
    assert "somebody has changed it since" in answer.content.decode()


def test_deleting_asks_and_names_what_goes(desk: SimpleNamespace, two: list[Ticket], priya: Client) -> None:
    page = _do(priya, two, "delete:").content.decode()
    assert "Brake cable frayed" in page
    assert "Delete 2 tickets" in page
    assert _values(two, "deleted_at") == [None, None]
    _do(priya, two, "delete:", sure="1")
    assert None not in _values(two, "deleted_at")


def test_what_one_ticket_refuses_does_not_stop_the_others(
    desk: SimpleNamespace, two: list[Ticket], priya: Client
) -> None:
    field = factories.make_field("Bought on", "date", categories=[desk.workshop], compulsory_on_completed=True)
    Ticket.objects.filter(id=two[0].id).update(custom_values={str(field.id): "2026-01-02"})
    answer = priya.post("/inbox/bulk/", {"do": f"status:{desk.closed.id}", "ticket": [t.id for t in two]}, follow=True)
    assert _values(two, "status_id") == [desk.closed.id, desk.new.id]
    assert "1 ticket is changed." in answer.content.decode()
    assert f"#{two[1].id}" in answer.content.decode()


def test_an_agent_changes_nothing_in_another_category(
    desk: SimpleNamespace, two: list[Ticket], sign_in: SignIn
) -> None:
    before = Update.objects.count()
    jonas = sign_in(desk.jonas)
    for do in ("status:2", "assignee:", "priority:2", "add_tags:", "category:2", "delete:"):
        _do(jonas, two, do, tags="hub", sure="1")
    assert Update.objects.count() == before
    assert _values(two, "deleted_at") == [None, None]


def test_a_whole_view_is_changed(desk: SimpleNamespace, two: list[Ticket], priya: Client) -> None:
    _do(priya, [], f"priority:{desk.high.id}", all="2", view="all")
    assert _values(two, "priority_id") == [desk.high.id, desk.high.id]


@pytest.mark.parametrize("back", ["https://evil.example/inbox/", "//evil.example/inbox/", "/account/"])
def test_nobody_is_led_elsewhere(desk: SimpleNamespace, two: list[Ticket], priya: Client, back: str) -> None:
    assert _do(priya, two, f"priority:{desk.high.id}", back=back)["Location"] == "/inbox/"


def test_a_move_and_tags_that_were_removed_are_taken_back(
    desk: SimpleNamespace, two: list[Ticket], priya: Client
) -> None:
    _do(priya, two, f"category:{desk.office.id}")
    assert _values(two, "category_id") == [desk.office.id] * 2
    priya.post("/inbox/undo/")
    assert _values(two, "category_id") == [desk.workshop.id] * 2
    _do(priya, two, "add_tags:", tags="hub, hill")
    _do(priya, two, "remove_tags:", tags="hub")
    assert _values(two, "tags") == ["hill", "hill"]
    priya.post("/inbox/undo/")
    assert [set(str(tags).split(",")) for tags in _values(two, "tags")] == [{"hub", "hill"}] * 2


# --- many


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request has time for one ticket."""
    monkeypatch.setattr(bulk, "STEP_SECONDS", 0.0)


@pytest.fixture
def five(desk: SimpleNamespace) -> list[Ticket]:
    return [factories.make_ticket(desk.lena, desk.workshop, subject=f"Ticket {n}") for n in range(5)]


def test_many_tickets_are_changed_over_several_requests_and_taken_back(
    desk: SimpleNamespace, five: list[Ticket], priya: Client, slow: None
) -> None:
    _do(priya, [], f"priority:{desk.high.id}", all="5", view="all")
    for done in range(1, 5):
        assert _values(five, "priority_id").count(desk.high.id) == done
        assert f"{done} of 5 are done." in priya.get("/inbox/?view=mine").content.decode()
        news = priya.post("/inbox/run/", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in news
    assert "5 tickets are changed." in news
    assert 'action="/inbox/undo/"' in news
    assert 'id="run"' not in priya.get("/inbox/").content.decode()

    priya.post("/inbox/undo/")
    assert "Undoing" in priya.get("/inbox/").content.decode()
    for _ in range(4):
        page = priya.post("/inbox/run/", {"back": "/inbox/"}, follow=True).content.decode()
    assert "Undone on 5 tickets." in page
    assert _values(five, "priority_id") == [desk.normal.id] * 5


def test_a_run_can_be_stopped_and_what_it_did_be_undone(
    desk: SimpleNamespace, five: list[Ticket], priya: Client, slow: None
) -> None:
    _do(priya, five, f"priority:{desk.high.id}")
    priya.post("/inbox/run/")
    page = priya.post("/inbox/run/", {"stop": "1", "back": "/inbox/"}, follow=True).content.decode()
    assert "2 tickets are changed. 3 are as they were." in page
    priya.post("/inbox/undo/")
    priya.post("/inbox/run/")
    assert _values(five, "priority_id") == [desk.normal.id] * 5


def test_one_run_at_a_time(desk: SimpleNamespace, five: list[Ticket], priya: Client, slow: None) -> None:
    _do(priya, five, f"priority:{desk.high.id}")
    _do(priya, five, f"status:{desk.closed.id}")
    assert "still running" in priya.get("/inbox/").content.decode()
    assert desk.closed.id not in _values(five, "status_id")


def test_a_run_of_others_is_not_seen_and_not_gone_on_with(
    desk: SimpleNamespace, five: list[Ticket], priya: Client, sign_in: SignIn, slow: None
) -> None:
    _do(priya, five, f"priority:{desk.high.id}")
    jonas = sign_in(desk.jonas)
    assert 'id="run"' not in jonas.post("/inbox/run/", headers={"HX-Request": "true"}).content.decode()
    assert _values(five, "priority_id").count(desk.high.id) == 1


def test_a_view_that_is_too_large_is_refused_with_its_number(
    desk: SimpleNamespace, five: list[Ticket], priya: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "LIMIT", 4)
    _do(priya, [], f"priority:{desk.high.id}", all="5", view="all")
    page = priya.get("/inbox/").content.decode()
    assert "There are 5 tickets in this view; 4 are changed at once at most." in page
    assert desk.high.id not in _values(five, "priority_id")


def test_a_search_that_cannot_be_used_changes_nothing(desk: SimpleNamespace, five: list[Ticket], priya: Client) -> None:
    _do(priya, [], f"priority:{desk.high.id}", all="5", view="search", q="a " * 51)
    assert "at most 50 terms" in priya.get("/inbox/").content.decode()


def test_deleting_a_view_deletes_what_was_shown_and_nothing_that_came_since(
    desk: SimpleNamespace, five: list[Ticket], priya: Client
) -> None:
    page = _do(priya, [], "delete:", all="5", view="all").content.decode()
    later = factories.make_ticket(desk.stranger, desk.workshop)
    found = re.search(r'name="asked" value="(\w+)"', page)
    assert found
    old = {"do": "delete:", "sure": "1", "back": "/inbox/", "asked": found[1]}
    priya.post("/inbox/bulk/", old)
    assert None not in _values(five, "deleted_at")
    assert _values([later], "deleted_at") == [None]

    _do(priya, [later], "delete:")
    priya.post("/inbox/bulk/", old)
    assert _values([later], "deleted_at") == [None]


@pytest.mark.parametrize("do", ["assignee", "status", "priority", "category", "canned"])
@pytest.mark.parametrize("value", ["²", "9" * 40, "x"])
def test_a_value_that_is_no_id_changes_nothing(
    desk: SimpleNamespace, two: list[Ticket], priya: Client, do: str, value: str
) -> None:
    _do(priya, two, f"assignee:{desk.priya.id}")
    before = list(Ticket.objects.order_by("id").values())
    assert _do(priya, two, f"{do}:{value}").status_code in {200, 302}
    assert list(Ticket.objects.order_by("id").values()) == before


# --- canned actions


def _canned(text: str, *categories: Category, **changes: Any) -> CannedAction:
    action = CannedAction.objects.create(name="Ready", text=text, **changes)
    action.categories.set(categories)
    return action


def _asked(page: str) -> str:
    found = re.search(r'name="asked" value="(\w+)"', page)
    assert found
    return found[1]


def test_a_canned_action_asks_and_then_writes_to_each_contact(
    desk: SimpleNamespace, two: list[Ticket], priya: Client
) -> None:
    other = factories.make_ticket(desk.stranger, desk.workshop)
    ready = _canned("Hello {{contact.first_name}}, it is ready.", status_id=desk.waiting.id, tags="ready")
    tickets = [two[0], other]
    before = Update.objects.count()
    page = _do(priya, tickets, "canned:").content.decode()
    assert "Send to 2 contacts" in page
    assert "the status Waiting, the tag ready" in page
    assert Update.objects.count() == before

    answer = _do(priya, [], f"canned:{ready.id}", asked=_asked(page))
    assert answer["Location"] == "/inbox/?view=mine"
    assert [one.updates.latest("id").text for one in tickets] == ["Hello Lena, it is ready.", "Hello Sam, it is ready."]
    assert _values(tickets, "status_id") == [desk.waiting.id] * 2
    assert _values(tickets, "tags") == ["ready"] * 2
    ready.refresh_from_db()
    assert ready.used_count == 2


def test_a_canned_action_is_not_sent_without_having_asked(
    desk: SimpleNamespace, two: list[Ticket], priya: Client
) -> None:
    ready = _canned("It is ready.")
    before = Update.objects.count()
    assert "Send to 2 contacts" in _do(priya, two, f"canned:{ready.id}").content.decode()
    _do(priya, two, f"canned:{ready.id}", asked="0123")
    assert Update.objects.count() == before


def test_a_canned_action_of_another_category_is_refused_by_ticket(
    desk: SimpleNamespace, two: list[Ticket], priya: Client
) -> None:
    ready = _canned("It is ready.", desk.office)
    page = _do(priya, two, "canned:").content.decode()
    _do(priya, [], f"canned:{ready.id}", asked=_asked(page))
    assert "not for tickets of this category" in priya.get("/inbox/").content.decode()
    assert _values(two, "status_id") == [desk.new.id] * 2
