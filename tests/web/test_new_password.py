"""A forgotten password: the mail, its link, and what nobody learns by asking (a real mail server takes the mail)."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reynard.desk.actions import outgoing_mail
from reynard.desk.actions.outgoing_mail import NotToBeSent
from reynard.desk.models import OutboxEntry, Staff
from reynard.environment import SmtpServer
from reynard.mail.sending import Allowance, Sender
from tests.mail.arriving import make_mailbox
from tests.mail.sink import Sink, sink
from tests.ops.test_commands import call
from tests.web.conftest import PASSWORD

SignIn = Callable[..., Client]
ASK = "/account/password/reset/"
FRESH = "a better password"
OURS = "https://desk.rollwerk.example"


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


@pytest.fixture
def send(server: Sink) -> Callable[[], list[EmailMessage]]:
    """Deliver what is due; every mail that has arrived so far."""
    sender = Sender(SmtpServer("127.0.0.1", server.port, "none"), per_connection=9, allowance=Allowance(0))

    def send() -> list[EmailMessage]:
        sender.send_due(datetime.now(UTC))
        sender.close()
        return [message_from_bytes(mail.content, policy=policy.default) for mail in server.received]  # type: ignore[misc]

    return send


@pytest.fixture(autouse=True)
def _our_address(settings: Any) -> None:
    settings.EMAIL_BACKEND = "reynard.web.account_mails.OutboxBackend"  # tests have another one
    settings.OWN_ORIGIN = OURS
    settings.REYNARD_MAIL_FROM = "Rollwerk <desk@rollwerk.example>"


def link_in(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    (link,) = re.findall(r"https?://\S+/password/\S+", text)
    return str(link)


def choose(client: Client, link: str, password: str = FRESH) -> Any:
    """Follow a link of a mail and fill the form it leads to."""
    form = client.get(link.removeprefix(OURS), follow=True)
    where = form.redirect_chain[-1][0] if form.redirect_chain else link.removeprefix(OURS)
    return client.post(where, {"password1": password, "password2": password}, follow=True)


def can_sign_in(person: Staff, password: str) -> bool:
    client = Client()
    client.post("/login/", {"login": person.email, "password": password})
    return client.get("/inbox/").status_code == 200


def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(
    desk: SimpleNamespace, sign_in: SignIn, server: Sink, send: Callable[[], list[EmailMessage]]
) -> None:
    elsewhere = sign_in(desk.priya)
    visitor = Client()
    answer = visitor.post(ASK, {"email": desk.priya.email.upper()}, follow=True)
    assert answer.status_code == 200
    assert server.connections == 0  # no request speaks to a mail server

    (mail,) = send()
    assert mail["To"] == desk.priya.email
    assert mail["From"] == "Rollwerk <desk@rollwerk.example>"
    assert mail["Subject"] == "Reynard: A new password"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert server.received[0].sender == ""
    link = link_in(mail)
    assert link.startswith(f"{OURS}/account/password/reset/key/")
    assert f'href="{link}"' in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]

    assert elsewhere.get("/inbox/").status_code == 200
    assert choose(visitor, link).status_code == 200
    assert elsewhere.get("/inbox/").status_code == 302
    assert can_sign_in(desk.priya, FRESH)
    assert not can_sign_in(desk.priya, PASSWORD)

    told = send()[1]
    assert "Your password has been reset." in told.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    page = choose(Client(), link, "yet another password")
    assert "password1" not in page.content.decode()
    assert not can_sign_in(desk.priya, "yet another password")


def test_two_links_are_one_key_the_first_one_used_ends_the_other(
    desk: SimpleNamespace, sign_in: SignIn, send: Callable[[], list[EmailMessage]]
) -> None:
    sign_in(desk.priya)
    for _ in range(2):
        Client().post(ASK, {"email": desk.priya.email})
    first, second = (link_in(mail) for mail in send())
    choose(Client(), second)
    choose(Client(), first, "yet another password")
    assert can_sign_in(desk.priya, FRESH)


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
def test_no_header_of_the_request_decides_where_the_link_leads(
    desk: SimpleNamespace, send: Callable[[], list[EmailMessage]], header: str
) -> None:
    values = {"Forwarded": "host=evil.example"}
    Client().post(ASK, {"email": desk.priya.email}, headers={header: values.get(header, "evil.example")})
    (mail,) = send()
    assert link_in(mail).startswith(f"{OURS}/account/")
    assert "evil" not in mail.as_string()
    assert all("evil" not in part.get_content() for part in mail.walk() if not part.is_multipart())


def test_without_an_address_of_its_own_the_desk_sends_no_link(desk: SimpleNamespace, settings: Any) -> None:
    settings.OWN_ORIGIN = ""
    for email in (desk.priya.email, "nobody@rollwerk.example"):
        assert Client().post(ASK, {"email": email})["Location"] == f"{ASK}done/"
    assert not OutboxEntry.objects.exists()


def test_asking_does_not_tell_who_works_here(desk: SimpleNamespace) -> None:
    answers = []
    for email in (desk.priya.email, "nobody@rollwerk.example", desk.gone.email):
        with CaptureQueriesContext(connection) as statements:
            page = Client().post(ASK, {"email": email}, follow=True)
        written = sum("INSERT INTO" in each["sql"] and "outboxentry" in each["sql"] for each in statements)
        answers.append((page.status_code, page.redirect_chain, page.content, written))  # writing takes time
    assert answers[0] == answers[1] == answers[2]
    assert [entry.recipients["to"] for entry in OutboxEntry.objects.all()] == [[desk.priya.email]]


def test_a_mail_about_an_account_waits_like_any_other_and_is_seen_without_its_text(desk: SimpleNamespace) -> None:
    Client().post(ASK, {"email": desk.priya.email})
    (entry,) = OutboxEntry.objects.all()
    assert (entry.kind, entry.ticket_id, entry.update_id, entry.done_at, entry.dead_at) == ("account",) + (None,) * 4
    assert "password/reset" not in str(entry.options)
    shown = call("outbox", "list")
    assert f"{entry.id} mail account waiting 0" in " ".join(shown.split())
    assert desk.priya.email in shown
    assert '"ticket":null' in call("outbox", "list", "--json")


def test_one_that_left_the_desk_meanwhile_gets_nothing(desk: SimpleNamespace) -> None:
    from reynard.desk.selectors import reference

    Client().post(ASK, {"email": desk.priya.email})
    Staff.objects.filter(id=desk.priya.id).update(active=False)
    reference.changed()
    with pytest.raises(NotToBeSent, match="Nobody with this address works at the desk"):
        outgoing_mail.compose(OutboxEntry.objects.get().id, now=datetime.now(UTC))


def test_it_never_goes_to_a_mailbox_whose_mails_are_tickets(desk: SimpleNamespace) -> None:
    make_mailbox(desk.workshop, address=desk.priya.email)
    Client().post(ASK, {"email": desk.priya.email})
    with pytest.raises(NotToBeSent, match="address of the desk itself"):
        outgoing_mail.compose(OutboxEntry.objects.get().id, now=datetime.now(UTC))


def test_a_mailbox_lends_its_address_where_the_settings_name_none(desk: SimpleNamespace, settings: Any) -> None:
    settings.REYNARD_MAIL_FROM = ""
    Client().post(ASK, {"email": desk.priya.email})
    entry = OutboxEntry.objects.get()
    with pytest.raises(outgoing_mail.MailNotSetUp):
        outgoing_mail.compose(entry.id, now=datetime.now(UTC))
    make_mailbox(desk.workshop, address="support@rollwerk.example")
    with outgoing_mail.compose(entry.id, now=datetime.now(UTC)).message as message:
        assert b"From: Reynard <support@rollwerk.example>" in message.read()
