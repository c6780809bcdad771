"""What open pages are told: nothing when nothing happened, and only what is new."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.models import Ticket
from tests import factories


@pytest.fixture
def ticket(desk: SimpleNamespace) -> Ticket:
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def priya(desk: SimpleNamespace, sign_in: Callable[..., Client]) -> Client:
    return sign_in(desk.priya)


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
