"""Mailboxes at the pages: set up, their state, and secrets that stay where they were meant for."""

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from reynard.desk.actions import catalog, mailboxes
from reynard.desk.models import Mailbox
from reynard.desk.selectors import reference
from tests import factories

SignIn = Callable[..., Client]
SECRET = "open % sesame / 7"


def _form(desk: SimpleNamespace, **given: Any) -> dict[str, Any]:
    return {
        "name": "support",
        "address": "support@rollwerk.example",
        "category_id": desk.workshop.id,
        "host": "imap.example.org",
        "tls": "imaps",
        "port": "",
        "user": "support@rollwerk.example",
        "password": SECRET,
        "folders": "",
        **given,
    }


def _make(client: Client, desk: SimpleNamespace, **given: Any) -> Mailbox:
    answer = client.post("/manage/mailboxes/new/", _form(desk, **given))
    assert answer.status_code == 302, answer.content.decode()
    return Mailbox.objects.get()


def test_one_is_made_and_its_password_never_seen_again(
    priya: Client, desk: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mailbox = _make(priya, desk, folders="INBOX, Help desk", trusted_hosts="mx.example.org")
    assert mailbox.imap_url == "imaps://support%40rollwerk.example@imap.example.org:993"
    assert mailboxes.password_of(mailbox) == SECRET
    assert sorted(mailbox.folders.values_list("name", flat=True)) == ["Help desk", "INBOX"]
    assert mailbox.trusted_hosts == ["mx.example.org"]
    for path in ("", f"{mailbox.id}/"):
        page = priya.get(f"/manage/mailboxes/{path}").content.decode()
        assert "sesame" not in page
        assert mailbox.secret not in page
    assert "sesame" not in caplog.text + str(Mailbox.objects.values())
    page = priya.post("/manage/mailboxes/new/", _form(desk, host="bad host")).content.decode()
    assert "sesame" not in page


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ({"name": "two words"}, "name", "A name has letters, digits"),
        ({"address": "support"}, "address", "Enter a valid email address: support is none."),
        ({"category_id": "999"}, "category_id", "Select a valid choice"),
        ({"note_address": "support@rollwerk.example"}, "note_address", "must be told from others"),
        ({"host": "imap.example.org/x?ca=/etc/passwd"}, "host", "Give the name of the server alone"),
        ({"user": ""}, "user", "Who signs in there?"),
        ({"password": ""}, "password", "Give the password"),
        ({"port": "99999"}, "port", "less than or equal to 65535"),
        ({"trusted_hosts": "not a host"}, "trusted_hosts", "is no name of a mail server"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    priya: Client, desk: SimpleNamespace, form: dict[str, Any], field: str, said: str
) -> None:
    answer = priya.post("/manage/mailboxes/new/", _form(desk, **form))
    assert answer.status_code == 400
    assert said in " ".join(answer.context["form"].errors[field])
    assert not Mailbox.objects.exists()


def test_other_settings_change_without_the_password(priya: Client, desk: SimpleNamespace) -> None:
    mailbox = _make(priya, desk)
    form = _form(desk, password="", port="993", category_id=desk.office.id, folders="Help")
    assert priya.post(f"/manage/mailboxes/{mailbox.id}/", form).status_code == 302
    mailbox.refresh_from_db()
    assert (mailbox.category_id, mailboxes.password_of(mailbox)) == (desk.office.id, SECRET)
    assert list(mailbox.folders.filter(active=True).values_list("name", flat=True)) == ["Help"]


@pytest.mark.parametrize(
    "form", [{"host": "evil.example"}, {"port": "1993"}, {"user": "other@rollwerk.example"}, {"tls": "imap"}]
)
def test_a_password_is_never_sent_to_another_place_than_it_was_given_for(
    priya: Client, desk: SimpleNamespace, form: dict[str, str]
) -> None:
    mailbox = _make(priya, desk)
    elsewhere = _form(desk, password="", port="993") | form
    assert priya.post(f"/manage/mailboxes/{mailbox.id}/", elsewhere).status_code == 400
    # Nor in two steps: without a server, and then with another one.
    assert priya.post(f"/manage/mailboxes/{mailbox.id}/", elsewhere | {"host": ""}).status_code == 302
    assert priya.post(f"/manage/mailboxes/{mailbox.id}/", elsewhere).status_code in {400}
    mailbox.refresh_from_db()
    assert mailbox.imap_url == ""
    assert priya.post(f"/manage/mailboxes/{mailbox.id}/", elsewhere | {"password": "another"}).status_code == 302
    mailbox.refresh_from_db()
    assert mailboxes.password_of(mailbox) == "another"


def test_the_server_of_a_token_stays(priya: Client, desk: SimpleNamespace) -> None:
    mailbox = _make(priya, desk)
    Mailbox.objects.update(sign_in="oauth2")
    form = _form(desk, host="evil.example", password="x", address="help@rollwerk.example")
    assert priya.post(f"/manage/mailboxes/{mailbox.id}/", form).status_code == 302
    mailbox.refresh_from_db()
    assert mailbox.imap_url.endswith("@imap.example.org:993")
    assert (mailbox.address, mailbox.sign_in) == ("help@rollwerk.example", "oauth2")
    assert mailboxes.password_of(mailbox) == SECRET


def test_the_certificates_to_trust_stay_with_the_server(priya: Client, desk: SimpleNamespace) -> None:
    wanted = mailboxes.MailboxSettings(
        address="support@rollwerk.example",
        category_id=desk.workshop.id,
        imap_url="imaps://me:secret@imap.example.org/?ca=/etc/our.pem",
    )
    mailbox = mailboxes.create("support", wanted, now=factories.NOON)
    form = _form(desk, user="me", port="1993", password="fresh")
    assert priya.post(f"/manage/mailboxes/{mailbox.id}/", form).status_code == 302
    mailbox.refresh_from_db()
    assert mailbox.imap_url == "imaps://me@imap.example.org:1993?ca=/etc/our.pem"


def test_how_it_goes_is_said_in_words(priya: Client, desk: SimpleNamespace) -> None:
    mailbox = _make(priya, desk)
    assert "not read yet" in priya.get("/manage/mailboxes/").content.decode()
    Mailbox.objects.update(failing_since=factories.NOON, last_error="The server refuses <the password>.")
    page = priya.get("/manage/mailboxes/").content.decode()
    assert "fails since" in page
    assert "The server refuses &lt;the password&gt;." in page
    priya.post(f"/manage/mailboxes/{mailbox.id}/switch/", {"to": "off"})
    assert "switched off" in priya.get("/manage/mailboxes/").content.decode()
    priya.post(f"/manage/mailboxes/{mailbox.id}/switch/", {"to": "on"})
    mailbox.refresh_from_db()
    assert mailbox.active
    assert priya.get(f"/manage/mailboxes/{mailbox.id}/switch/").status_code == 405


def test_mailboxes_of_other_categories_do_not_exist(priya: Client, desk: SimpleNamespace, sign_in: SignIn) -> None:
    mailbox = _make(priya, desk)
    desk.jonas.role = catalog.add_role(name="Channels", permissions=["manage_channels"])
    desk.jonas.save()
    reference.changed()
    jonas = sign_in(desk.jonas)  # of the back office
    assert "support" not in jonas.get("/manage/mailboxes/").content.decode()
    assert jonas.get(f"/manage/mailboxes/{mailbox.id}/").status_code == 404
    assert jonas.post(f"/manage/mailboxes/{mailbox.id}/", _form(desk)).status_code == 404
    assert jonas.post(f"/manage/mailboxes/{mailbox.id}/switch/", {"to": "off"}).status_code == 404
    form = _form(desk, name="office", address="office@rollwerk.example")
    assert jonas.post("/manage/mailboxes/new/", form).status_code == 400
    assert jonas.post("/manage/mailboxes/new/", form | {"category_id": desk.office.id}).status_code == 302
