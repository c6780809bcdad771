"""Watching mailboxes by the API."""

from datetime import UTC, datetime, timedelta

from reynard.desk.actions import mailboxes, receiving
from reynard.desk.models import InboundMail, Mailbox
from tests import factories
from tests.factories import NOON

URL = "imaps://support:secret@imap.example/INBOX"


def test_mailboxes_are_listed_with_how_they_are(api, desk):
    now = datetime.now(UTC)
    box = factories.make_mailbox(desk.workshop, imap_url=URL, now=now - timedelta(minutes=5))
    factories.make_mailbox(desk.office, "office")
    inbox = receiving.find("support")
    receiving.receive(inbox, receiving.keep([b"Subject: Hello"]), source=InboundMail.Source.PIPE, now=NOON)
    mailboxes.compared(box.folders.get(), server_count=7, our_count=6, now=NOON)

    answer = api.get("mailboxes/")
    assert "secret" not in answer.content.decode()
    office, support = answer.json()
    assert 300 <= support.pop("lag_seconds") < 400
    assert support == {
        "id": box.id,
        "name": "support",
        "address": "support@rollwerk.example",
        "category": desk.workshop.id,
        "active": True,
        "fetched": True,
        "last_success_at": None,
        "failing_since": None,
        "last_error": "",
        "credentials_expire_at": None,
        "waiting": 1,
        "held": 0,
        "failed": 0,
        "folders": [{"name": "INBOX", "server_count": 7, "our_count": 6, "checked_at": "2026-03-09 12:00:00"}],
    }
    assert (office["name"], office["fetched"], office["lag_seconds"]) == ("office", False, None)


def test_one_that_fails_says_since_when_and_why(api, desk):
    box = factories.make_mailbox(desk.workshop, imap_url=URL)
    mark = mailboxes.lease(box.id, now=NOON)
    mailboxes.failed(box.id, mark, "The mail server cannot be used.", now=NOON)
    [support] = api.get("mailboxes/").json()
    assert support["failing_since"] == "2026-03-09 12:00:00"
    assert support["last_error"] == "The mail server cannot be used."

    Mailbox.objects.update(leased_until=None)
    mark = mailboxes.lease(box.id, now=NOON)
    mailboxes.succeeded(box.id, mark, now=NOON)
    [support] = api.get("mailboxes/").json()
    assert (support["failing_since"], support["last_error"]) == (None, "")
    assert support["last_success_at"] == "2026-03-09 12:00:00"
