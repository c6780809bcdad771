"""What open pages are told: nothing when nothing happened, and only what is new."""

import re
from collections.abc import Callable
from html import unescape
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.models import Ticket
from tests import factories


def test_a_list_that_has_not_changed_costs_no_content(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    from reynard.web import inbox

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2026, 3, 9, 12, 0, tzinfo=UTC)  # the same minute throughout

    monkeypatch.setattr(inbox, "datetime", Clock)
    first = priya.get("/inbox/", headers={"HX-Request": "true"})
    assert 'id="tickets"' in first.content.decode()
    assert "<html" not in first.content.decode()
    again = priya.get("/inbox/", headers={"HX-Request": "true", "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    factories.make_ticket(desk.stranger, desk.workshop, subject="Another one")
    changed = priya.get("/inbox/", headers={"HX-Request": "true", "If-None-Match": first["ETag"]})
    assert "Another one" in changed.content.decode()


def test_a_thread_is_told_what_was_added(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    address = f"/inbox/ticket/{ticket.id}/news/"
    first = priya.get(address, {"after": ticket.last_update_id})
    assert "<article" not in first.content.decode()
    known = {"If-None-Match": first["ETag"]}
    assert priya.get(address, {"after": ticket.last_update_id}, headers=known).status_code == 304
    priya.post(f"/inbox/ticket/{ticket.id}/send/", {"mode": "note", "note": "Third one."})
    news = priya.get(address, {"after": ticket.last_update_id}).content.decode()
    assert "Third one." in news
    assert "It is broken." not in news


def test_the_news_of_another_category_are_nobody_elses(
    desk: SimpleNamespace, ticket: Ticket, sign_in: Callable[..., Client]
) -> None:
    assert sign_in(desk.jonas).get(f"/inbox/ticket/{ticket.id}/news/", {"after": 0}).status_code == 404


def test_colleagues_see_who_is_here_and_what_they_write(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, sign_in: Callable[..., Client]
) -> None:
    from reynard.desk.selectors import reference

    desk.jonas.categories.add(desk.workshop)
    reference.changed()
    jonas = sign_in(desk.jonas)
    address = f"/inbox/ticket/{ticket.id}/news/"
    jonas.get(address, {"after": ticket.last_update_id, "doing": "note"})
    news = priya.get(address, {"after": ticket.last_update_id}).content.decode()
    assert "<b>Jonas</b> is writing a private note" in news
    assert "Priya" not in news
    assert "somebody is looking" in priya.get("/inbox/").content.decode()


def test_a_list_that_has_not_changed_is_told_so_in_few_statements(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, django_assert_num_queries: Callable[..., object]
) -> None:
    """The session, its member of staff, the version of the set-up, and the ends of two indexes at once."""
    page = priya.get("/inbox/").content.decode()
    tag = re.search(r'data-tag="([^"]*)"', page)
    assert tag
    headers = {"HX-Request": "true", "If-None-Match": unescape(tag[1])}
    with django_assert_num_queries(4):
        answer = priya.get("/inbox/", headers=headers)
    if answer.status_code != 304:  # a new minute has begun
        headers["If-None-Match"] = answer["ETag"]
        with django_assert_num_queries(4):
            answer = priya.get("/inbox/", headers=headers)
    assert answer.status_code == 304
    assert sum(len(name) + len(value) for name, value in answer.items()) < 1000


@pytest.mark.parametrize("number", [1, 2])
def test_every_page_of_a_list_is_told_of_changes(desk: SimpleNamespace, priya: Client, number: int) -> None:
    assert f'data-live="/inbox/?page={number}"' in priya.get("/inbox/", {"page": number}).content.decode()


# --- what became of tickets that left a list


def _became(client: Client, *tickets: Ticket) -> dict[int, str]:
    page = client.get("/inbox/elsewhere/", {"ticket": [one.id for one in tickets]}).content.decode()
    return {int(id): unescape(words) for id, words in re.findall(r'data-ticket="t(\d+)"[^>]*>([^<]*)<', page)}


def test_it_says_who_did_what(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    other = factories.make_ticket(desk.stranger, desk.workshop)

    def do(do: str, one: Ticket = ticket, **form: str) -> str:
        priya.post("/inbox/bulk/", {"do": do, "ticket": one.id, **form})
        return _became(priya, one)[one.id]

    assert _became(priya, ticket) == {ticket.id: "Lena Ortiz has written"}
    assert do(f"assignee:{desk.priya.id}") == "Assigned to Priya Raman by Priya Raman"
    assert do(f"status:{desk.waiting.id}") == "Set to Waiting by Priya Raman"
    assert do(f"status:{desk.closed.id}") == "Solved by Priya Raman"
    assert do(f"category:{desk.office.id}") == "Moved to Back office by Priya Raman"
    assert do("add_tags:", tags="hub") == "Changed by Priya Raman"
    priya.post(f"/inbox/ticket/{ticket.id}/send/", {"mode": "reply", "reply": "It is ready."})
    assert _became(priya, ticket)[ticket.id] == "Answered by Priya Raman"
    priya.post("/inbox/merge/", {"ticket": [ticket.id, other.id], "into": other.id})
    assert _became(priya, ticket)[ticket.id] == f"Merged into #{other.id} by Priya Raman"
    priya.post("/inbox/bulk/", {"do": "delete:", "ticket": other.id})
    assert do("delete:", other, sure="1") == "Deleted by Priya Raman"


def test_nothing_is_said_of_tickets_one_may_not_see(
    desk: SimpleNamespace, ticket: Ticket, sign_in: Callable[..., Client]
) -> None:
    assert _became(sign_in(desk.jonas), ticket) == {}


def test_nonsense_is_passed_over(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    answer = priya.get("/inbox/elsewhere/", {"ticket": ["x", "²", "9" * 30, str(ticket.id)]})
    assert answer.status_code == 200
    assert f'data-ticket="t{ticket.id}"' in answer.content.decode()
