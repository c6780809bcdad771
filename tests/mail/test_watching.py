"""A real IMAP server says that a mail has come, and the mailbox is looked into at once."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from reynard import worker
from reynard.desk.actions import mailboxes
from reynard.desk.models import Mailbox
from reynard.mail import imap, watching
from tests.factories import NOON
from tests.mail import dovecot
from tests.mail.dovecot import Dovecot
from tests.mail.test_fetching import hanging, mail, make_mailbox

pytestmark = dovecot.needed
LATER = NOON + timedelta(hours=1)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as server:
        yield server


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    event = threading.Event()
    monkeypatch.setattr(worker, "stopping", event)
    return event


def test_what_comes_is_looked_for_at_once(
    desk: SimpleNamespace, server: Dovecot, stopping: threading.Event, monkeypatch: Any
) -> None:
    server.deliver([], "news")
    mailbox = make_mailbox(desk, server.url("news"))
    Mailbox.objects.update(next_fetch_at=LATER)
    look_soon = mailboxes.look_soon

    def look(mailbox_id: int, **more: Any) -> None:
        look_soon(mailbox_id, now=NOON)
        stopping.set()

    monkeypatch.setattr(mailboxes, "look_soon", look)
    monkeypatch.setattr(watching.database, "close", lambda: None)  # of this test's own transaction

    def deliver() -> None:
        number = 0
        while not stopping.wait(0.3):
            server.deliver([mail(number)], "news")
            number += 1

    delivering = threading.Thread(target=deliver)
    delivering.start()
    try:
        assert watching.watch(mailbox.id) is None
    finally:
        stopping.set()
        delivering.join()
    assert Mailbox.objects.get().next_fetch_at == NOON


def test_nothing_new_is_no_news(server: Dovecot) -> None:
    server.deliver([mail(1)], "quiet")
    connection = connect(server, "quiet")
    connection.examine("INBOX")
    assert connection.tells_news
    assert connection.wait_for_news(0.1, stopped=lambda: False) is False
    assert connection.uids(1, None) == [1]  # the conversation goes on
    connection.close()


def connect(server: Dovecot, user: str) -> imap.Connection:
    from reynard.desk.rules import imap_url

    url = imap_url.parse(server.url(user))
    return imap.Connection(url.server, imap.Login(password=url.password))


def test_a_worker_that_ends_does_not_wait(server: Dovecot) -> None:
    server.deliver([], "ending")
    connection = connect(server, "ending")
    connection.examine("INBOX")
    assert connection.wait_for_news(3600, stopped=lambda: True) is False
    connection.close()


@pytest.mark.parametrize("after", [b"LOGIN", b"EXAMINE"])
def test_one_that_hangs_is_left_and_recorded_nowhere(desk: SimpleNamespace, monkeypatch: Any, after: bytes) -> None:
    monkeypatch.setattr(imap, "STEP_SECONDS", 0.3)
    with hanging(after=after) as port:
        mailbox = make_mailbox(desk, f"imap://support:secret@127.0.0.1:{port}/")
        assert watching.watch(mailbox.id) == watching.PAUSE_SECONDS
    mailbox.refresh_from_db()
    assert (mailbox.failing_since, mailbox.lease) == (None, "")


def test_one_that_cannot_is_asked_again_much_later(desk: SimpleNamespace) -> None:
    with hanging(after=b"NEVER") as port:  # offers no IDLE
        mailbox = make_mailbox(desk, f"imap://support:secret@127.0.0.1:{port}/")
        assert watching.watch(mailbox.id) == watching.NO_IDLE_SECONDS


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["disabled", "no address", "by the settings"])
def test_what_is_not_fetched_is_not_watched(desk: SimpleNamespace, settings: Any, how: str) -> None:
    mailbox = make_mailbox(desk, "imap://support:secret@127.0.0.1:1/")
    settings.REYNARD_IMAP_IDLE = how != "by the settings"
    Mailbox.objects.update(**{"disabled": {"active": False}, "no address": {"imap_url": ""}}.get(how, {}))
    assert watching.watch(mailbox.id) is None


@pytest.mark.parametrize("failing", [False, True])
def test_a_mailbox_that_fails_keeps_its_pause(desk: SimpleNamespace, failing: bool) -> None:
    mailbox = make_mailbox(desk, "imap://support:secret@127.0.0.1:1/")
    Mailbox.objects.update(next_fetch_at=LATER, failing_since=NOON if failing else None)
    mailboxes.look_soon(mailbox.id, now=NOON)
    assert Mailbox.objects.get().next_fetch_at == (LATER if failing else NOON)
