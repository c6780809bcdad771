"""Whom a reply from the ticket page goes to."""

import html
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import Client

from reynard.desk.actions import tickets
from reynard.desk.actions.tickets import ContactReply
from reynard.desk.models import OutboxEntry, Ticket, Update
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories

SignIn = Callable[..., Client]


@pytest.fixture
def ticket(desk: SimpleNamespace) -> Ticket:
    return factories.make_ticket(
        desk.lena, desk.workshop, cc="werkstatt@nordlicht.example,desk@rollwerk.example", bcc="secret@nordlicht.example"
    )


def _page(client: Client, ticket: Ticket) -> str:
    return html.unescape(client.get(f"/inbox/ticket/{ticket.id}/").content.decode())


def _send(client: Client, ticket: Ticket, **form: str) -> HttpResponse:
    fields = {"mode": "reply", "last_seen": "0", "reply": "Please push it.", **form}
    return client.post(f"/inbox/ticket/{ticket.id}/send/", fields)  # type: ignore[return-value]


def _copies_offered(page: str) -> tuple[str, str]:
    values = [page.split(f'name="{name}" value="', 1)[1].split('"', 1)[0] for name in ("reply_cc", "reply_bcc")]
    return values[0], values[1]


def test_an_answer_to_everybody_is_offered_but_never_to_the_desk_itself_or_to_blind_copies(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    desk.workshop.mail_from_address = "Desk@rollwerk.example"
    desk.workshop.save()
    reference.changed()
    page = _page(priya, ticket)
    assert _copies_offered(page) == ("werkstatt@nordlicht.example", "")
    assert "goes to <b>Lena Ortiz</b> (lena.ortiz@example.org)" in page
    assert '<b dir="auto">werkstatt@nordlicht.example</b></span>' in page  # not new here


def test_the_last_public_message_counts_and_its_author_is_answered(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    tom = factories.make_contact("Tom Okafor", "tom@example.org")
    reply = ContactReply(contact=tom.id, message=compose("Me, too.", ""), cc=f"{desk.priya.email},anna@example.org")
    tickets.add_contact_reply(ticket.id, reply, reference=reference.current(), now=factories.NOON)
    priya.post(f"/inbox/ticket/{ticket.id}/send/", {"mode": "note", "note": "Both of them."})
    assert _copies_offered(_page(priya, ticket)) == ("tom@example.org, anna@example.org", "")


def test_copies_go_out_with_the_reply_and_are_those_of_the_form(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    answer = _send(priya, ticket, reply_cc="Anna <anna@example.org>; tom@example.org", reply_bcc="boss@example.org")
    assert answer.status_code == 302
    update = Update.objects.latest("id")
    assert (update.cc, update.bcc) == ("Anna <anna@example.org>,tom@example.org", "boss@example.org")
    mail = OutboxEntry.objects.get(update=update, kind="message")
    assert mail.recipients == {
        "to": ["lena.ortiz@example.org"],
        "cc": ["Anna <anna@example.org>", "tom@example.org"],
        "bcc": ["boss@example.org"],
    }
    _send(priya, ticket, reply_cc="", anyway="1")
    assert Update.objects.latest("id").cc == ""


def test_those_who_are_new_to_the_ticket_are_marked_when_it_is_shown_again(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    known = "Secret@nordlicht.example, Werk <werkstatt+shop@nordlicht.example>"
    page = html.unescape(_send(priya, ticket, reply="", reply_cc=f"{known}, anna@example.org").content.decode())
    assert '<b dir="auto">anna@example.org</b> <span class="tag">new here</span>' in page
    assert page.count(">new here</span>") == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("anna at example.org", "No mail can be sent to “anna at example.org”."),
        ("anna@example.org, desk@rollwerk.example", "desk@rollwerk.example is this desk itself."),
        (",".join(f"a{n}@example.org" for n in range(101)), "Give at most 100 addresses."),
    ],
)
@pytest.mark.parametrize("field", ["reply_cc", "reply_bcc"])
def test_copies_that_cannot_be_are_explained_beside_the_field_and_nothing_is_lost(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, field: str, given: str, said: str
) -> None:
    desk.workshop.mail_from_address = "desk@rollwerk.example"
    desk.workshop.save()
    reference.changed()
    kept = {"note": "Third one.", "reply_minutes": "7", "status": str(desk.closed.id)}
    answer = _send(priya, ticket, **{field: given}, **kept)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 400
    assert said in page.split(f'name="{field}"', 1)[1].split("</span>", 1)[0]
    assert _copies_offered(page)[field == "reply_bcc"] == given
    assert "Please push it.</textarea>" in page
    assert "Third one.</textarea>" in page
    assert 'value="7"' in page
    assert f'<option value="{desk.closed.id}" selected>then' in page
    assert Update.objects.count() == 1


def test_the_copies_and_the_status_of_a_reply_have_nothing_to_do_with_a_note(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    """Without scripts both stand in one form."""
    form = {"mode": "note", "note": "Third one.", "reply_cc": "anna@example.org", "status": str(desk.closed.id)}
    assert _send(priya, ticket, **form).status_code == 302
    update = Update.objects.latest("id")
    assert (update.message_type, update.cc, update.bcc) == ("p", "", "")
    ticket.refresh_from_db()
    assert ticket.status_id == desk.new.id
