"""Where one is after sending."""

from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.models import Ticket
from tests import factories


@pytest.fixture
def tickets(desk: SimpleNamespace) -> list[Ticket]:
    return [factories.make_ticket(desk.lena, desk.workshop) for _n in range(2)]


def _send(client: Client, ticket: Ticket, **form: str) -> str:
    fields = {"mode": "reply", "reply": "Please push it.", "note": "x", "last_seen": "0", "anyway": "1", **form}
    return client.post(f"/inbox/ticket/{ticket.id}/send/?view=all", fields)["Location"]


def _is_ticked(client: Client, ticket: Ticket) -> bool:
    page = client.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    return "checked" in page.split('name="stay"', 1)[1].split(">", 1)[0]


def test_the_next_ticket_follows_a_reply_unless_one_stays_which_the_browser_remembers(
    tickets: list[Ticket], priya: Client
) -> None:
    first, second = tickets
    assert not _is_ticked(priya, first)
    assert _send(priya, first).startswith(f"/inbox/ticket/{second.id}/?view=all")
    assert _send(priya, first, stay="1") == f"/inbox/ticket/{first.id}/?view=all#latest"
    assert priya.cookies["stay"]["httponly"]
    assert _is_ticked(priya, second)
    assert _send(priya, second, stay="1").startswith(f"/inbox/ticket/{second.id}/")
    _send(priya, second)
    assert not _is_ticked(priya, second)


def test_a_note_stays_and_changes_nothing_about_it(tickets: list[Ticket], priya: Client) -> None:
    first, second = tickets
    _send(priya, first, stay="1")
    assert _send(priya, first, mode="note").startswith(f"/inbox/ticket/{first.id}/")
    assert _is_ticked(priya, second)


def test_a_refused_reply_shows_what_was_chosen(tickets: list[Ticket], priya: Client) -> None:
    form = {"mode": "reply", "reply": "", "stay": "1"}
    page = priya.post(f"/inbox/ticket/{tickets[0].id}/send/", form).content.decode()
    assert "checked" in page.split('name="stay"', 1)[1].split(">", 1)[0]
