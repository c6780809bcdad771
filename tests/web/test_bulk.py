"""Several tickets at once, and taking that back."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.models import Ticket, Update
from tests import factories

SignIn = Callable[..., Client]


@pytest.fixture
def two(desk: SimpleNamespace) -> list[Ticket]:
    return [factories.make_ticket(desk.lena, desk.workshop) for _ in range(2)]


@pytest.fixture
def priya(desk: SimpleNamespace, sign_in: SignIn) -> Client:
    return sign_in(desk.priya)


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
