"""What a ticket's page remembers of its reader: what is new to them, and whose remote pictures they want."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from reynard.desk.models import InboundMail, Ticket, TrustedImages, Update, Visit
from reynard.desk.rules.messages import compose
from tests import factories

SignIn = Callable[..., Client]
PICTURE = '<p>Hi <img src="https://pictures.example/p.gif"></p>'


@pytest.fixture
def ticket(desk: SimpleNamespace) -> Ticket:
    return factories.make_ticket(desk.lena, desk.workshop, text="The cable is fraying.")


@pytest.fixture
def write(desk: SimpleNamespace, api: Any) -> Callable[..., Update]:
    """Lena's answer."""

    def write(ticket: Ticket, text: str = "Are you there?", **more: Any) -> Update:
        body = {"user": desk.lena.id, "text": text} | more
        assert api.post(f"ticket/{ticket.id}/user_reply/", body).status_code == 200
        return Update.objects.latest("id")

    return write


def _page(client: Client, ticket: Ticket) -> str:
    return client.get(f"/inbox/ticket/{ticket.id}/").content.decode()


def test_what_came_since_the_last_visit_is_marked_once(
    ticket: Ticket, priya: Client, write: Callable[..., Update]
) -> None:
    assert "New since you last looked" not in _page(priya, ticket)
    first, _second = write(ticket), write(ticket, "Hello?")
    page = _page(priya, ticket)
    assert page.count("New since you last looked") == 1
    assert page.index("New since you last looked") < page.index(f'id="u{first.id}"')
    assert page.count('class="msg new"') == 2
    assert "New since you last looked" not in _page(priya, ticket)


def test_my_own_messages_are_not_new_to_me_but_to_others(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, api: Any, sign_in: SignIn
) -> None:
    emil = sign_in(factories.make_staff("Emil", desk.workshop))
    _page(priya, ticket)
    _page(emil, ticket)
    api.post(f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id, "text": "Come by."})
    assert "New since you last looked" not in _page(priya, ticket)
    assert "New since you last looked" in _page(emil, ticket)


def test_what_arrives_while_i_look_has_been_seen(ticket: Ticket, priya: Client, write: Callable[..., Update]) -> None:
    _page(priya, ticket)
    last = Update.objects.latest("id").id
    update = write(ticket)
    assert f'id="u{update.id}"' in priya.get(f"/inbox/ticket/{ticket.id}/news/?after={last}").content.decode()
    assert "New since you last looked" not in _page(priya, ticket)
    assert Visit.objects.count() == 1


def test_new_messages_are_never_folded_away(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, write: Callable[..., Update]
) -> None:
    _page(priya, ticket)
    updates = [write(ticket, f"Message {n}.") for n in range(10)]
    page = _page(priya, ticket)
    assert '<details class="earlier">' not in page
    assert page.count('class="msg new"') == 10
    assert len(updates) == 10
    assert "Show 6 earlier messages" in _page(priya, ticket)


def test_remote_images_of_an_address_are_always_shown_to_who_says_so(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, write: Callable[..., Update], sign_in: SignIn
) -> None:
    update = write(ticket, "", html=PICTURE)
    address = f"/inbox/ticket/{ticket.id}/message/{update.id}/images/"
    assert "pictures.example" not in _page(priya, ticket)
    assert "Always for Lena Ortiz" in _page(priya, ticket)
    priya.post(address, {"trust": "yes"})
    answer = priya.get(f"/inbox/ticket/{ticket.id}/")
    assert "pictures.example" in answer.content.decode()
    assert "img-src 'self' data: https:" in answer["Content-Security-Policy"]
    emil = sign_in(factories.make_staff("Emil", desk.workshop))
    other = emil.get(f"/inbox/ticket/{ticket.id}/")
    assert "pictures.example" not in other.content.decode()
    assert "https:" not in other["Content-Security-Policy"]
    priya.post(address, {"trust": "no"})
    assert "pictures.example" not in _page(priya, ticket)


def test_a_forged_message_of_that_address_shows_none(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, write: Callable[..., Update]
) -> None:
    update = write(ticket, "", html=PICTURE)
    TrustedImages.objects.create(staff=desk.priya, address="lena.ortiz@example.org")
    factories.make_received_mails(factories.make_mailbox(desk.workshop), update)
    assert "pictures.example" in _page(priya, ticket)
    InboundMail.objects.filter(update=update).update(verdict=factories.VERDICT | {"result": "fail"})
    page = _page(priya, ticket)
    assert "pictures.example" not in page
    assert "Always for" not in page


def test_nobody_trusts_an_address_by_a_ticket_they_may_not_see(
    desk: SimpleNamespace, ticket: Ticket, sign_in: SignIn
) -> None:
    update = Update.objects.get(ticket=ticket)
    answer = sign_in(desk.jonas).post(f"/inbox/ticket/{ticket.id}/message/{update.id}/images/", {"trust": "yes"})
    assert answer.status_code == 404
    assert not TrustedImages.objects.exists()


def test_only_a_long_message_offers_all_of_itself(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    assert "Show all" not in _page(priya, ticket)
    long = factories.make_ticket(desk.lena, desk.workshop, message=compose("word " * 1000, ""))
    page = _page(priya, long)
    assert "Show all" in page
    assert page.count("word") >= 1000


def test_an_unassigned_ticket_is_taken_with_one_button(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    page = _page(priya, ticket)
    assert f'form="take" name="assignee" value="{desk.priya.id}"' in page
    priya.post(f"/inbox/ticket/{ticket.id}/change/", {"assignee": str(desk.priya.id)})
    ticket.refresh_from_db()
    assert ticket.assignee_id == desk.priya.id
    assert "data-take" not in _page(priya, ticket)
