"""Colleagues named in private notes."""

import html
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from reynard.desk.models import Mention, OutboxEntry, Ticket, Update
from tests import factories

SignIn = Callable[..., Client]


@pytest.fixture
def amara(desk: SimpleNamespace) -> Any:
    return factories.make_staff("Amara", desk.workshop, last_name="Okafor")


def _note(client: Client, ticket: Ticket, text: str) -> Update:
    client.post(f"/inbox/ticket/{ticket.id}/send/", {"mode": "note", "note": text})
    return Update.objects.latest("id")


def _unread(client: Client) -> int:
    """The number beside Mentions in the rail."""
    page = client.get("/inbox/").content.decode()
    link = page.split('href="/inbox/?view=mentions"', 1)[1].split("</a>", 1)[0]
    number = re.search(r'class="n">(\d+)<', link)
    return int(number[1]) if number else 0


def test_whom_a_note_names_is_told_by_mail_and_in_a_view_until_they_open_the_ticket(
    desk: SimpleNamespace, ticket: Ticket, amara: Any, priya: Client, sign_in: SignIn
) -> None:
    note = _note(priya, ticket, "@Amara Okafor could you look at the hub?")
    assert OutboxEntry.objects.get(update=note).recipients["to"] == [amara.email]
    hers = sign_in(amara)
    assert _unread(hers) == 1
    assert _unread(priya) == 0
    assert "Brake cable frayed" in hers.get("/inbox/?view=mentions").content.decode()
    assert "Brake cable frayed" not in priya.get("/inbox/?view=mentions").content.decode()
    page = hers.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    assert '<span class="mention">@Amara Okafor</span>' in page
    assert _unread(hers) == 0
    assert "Brake cable frayed" in hers.get("/inbox/?view=mentions").content.decode()


def test_who_has_the_ticket_open_has_read_what_comes(
    desk: SimpleNamespace, ticket: Ticket, amara: Any, priya: Client, sign_in: SignIn
) -> None:
    hers = sign_in(amara)
    before = Update.objects.latest("id").id
    _note(priya, ticket, "@Amara look")
    assert b"look" in hers.get(f"/inbox/ticket/{ticket.id}/news/?after={before}").content
    assert _unread(hers) == 0


def test_a_colleague_who_may_not_see_the_ticket_is_neither_offered_nor_told(
    desk: SimpleNamespace, ticket: Ticket, amara: Any, priya: Client, sign_in: SignIn
) -> None:
    page = priya.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    offered = re.findall(r'data-name="([^"]+)"', page.split('id="mention-list"', 1)[1].split("</ul>", 1)[0])
    assert offered == ["Amara Okafor"]  # not Jonas of the office, who left, nor oneself
    note = _note(priya, ticket, f"@{desk.jonas.name} @{desk.gone.name} @{desk.priya.name} hello")
    assert not Mention.objects.exists()
    assert not OutboxEntry.objects.filter(update=note).exists()


def test_a_mention_is_of_no_use_where_the_ticket_is_not_seen_any_more(
    desk: SimpleNamespace, ticket: Ticket, amara: Any, priya: Client, sign_in: SignIn
) -> None:
    _note(priya, ticket, "@Amara look")
    priya.post(f"/inbox/ticket/{ticket.id}/change/", {"category": str(desk.office.id)})
    hers = sign_in(amara)
    assert _unread(hers) == 0
    assert "Brake cable frayed" not in hers.get("/inbox/?view=mentions").content.decode()


def test_a_deleted_note_names_nobody(
    desk: SimpleNamespace, ticket: Ticket, amara: Any, priya: Client, sign_in: SignIn, api: Any
) -> None:
    note = _note(priya, ticket, "@Amara look")
    api.post(f"ticket/{ticket.id}/update/{note.id}/delete/", {"staff_id": desk.priya.id})
    assert _unread(sign_in(amara)) == 0


def test_replies_and_notes_of_programs_tell_nobody(
    desk: SimpleNamespace, ticket: Ticket, amara: Any, priya: Client, api: Any
) -> None:
    """A client of the API chooses by `alert` who hears of its notes (tickets.md §10)."""
    priya.post(f"/inbox/ticket/{ticket.id}/send/", {"mode": "reply", "reply": "@Amara comes.", "last_seen": "0"})
    api.post(f"ticket/{ticket.id}/staff_pvtnote/", {"staff": desk.priya.id, "text": "@Amara look"})
    assert not Mention.objects.exists()
    assert (
        "mention"
        not in priya.get(f"/inbox/ticket/{ticket.id}/")
        .content.decode()
        .split('class="dock"', 1)[0]
        .split('aria-label="Conversation"', 1)[1]
    )


def test_who_is_mentioned_and_subscribed_gets_one_mail(
    desk: SimpleNamespace, ticket: Ticket, amara: Any, priya: Client, sign_in: SignIn
) -> None:
    priya.post(f"/inbox/ticket/{ticket.id}/change/", {"assignee": str(amara.id)})
    note = _note(priya, ticket, "@Amara Okafor and @Amara, look")
    assert OutboxEntry.objects.get(update=note).recipients["to"] == [amara.email]
    assert Mention.objects.count() == 1


def test_the_mail_says_so(desk: SimpleNamespace, ticket: Ticket, amara: Any, priya: Client, settings: Any) -> None:
    from reynard.desk.actions import outgoing_mail

    settings.REYNARD_MAIL_FROM = "Rollwerk <desk@rollwerk.example>"
    entry = OutboxEntry.objects.get(update=_note(priya, ticket, "@Amara look"))
    with outgoing_mail.compose(entry.id, now=factories.NOON).message as mail:
        said = html.unescape(mail.read().decode().replace("=\r\n", ""))
    assert f"{desk.priya.name} wrote a private note and mentioned Amara Okafor." in said
