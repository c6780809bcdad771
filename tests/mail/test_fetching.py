"""Mails are fetched from a real IMAP server, each once, whatever happens in between."""

import contextlib
import errno
import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from reynard import worker
from reynard.desk import files
from reynard.desk.actions import inbound, mailboxes, receiving
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.models import InboundMail, Mailbox
from reynard.desk.selectors import mailboxes as mailbox_states
from reynard.mail import fetching, imap
from tests.factories import NOON
from tests.mail import dovecot
from tests.mail.dovecot import Dovecot

pytestmark = dovecot.needed


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running(tls=True) as server:
        yield server


@pytest.fixture
def user(request, server):
    """Somebody with an empty INBOX."""
    name = re.sub(r"\W", "_", request.node.name)[:60].lower()
    server.deliver([], name)
    return name


@pytest.fixture
def mailbox(desk, server, user):
    return make_mailbox(desk, server.url(user))


def make_mailbox(desk, url, name="support"):
    address = f"{name}@rollwerk.example"
    return mailboxes.create(
        name, MailboxSettings(address=address, category_id=desk.workshop.id, imap_url=url), now=NOON
    )


def mail(number, size=0):
    head = f"From: lena.ortiz@example.org\r\nMessage-ID: <{number}@example.org>\r\nSubject: Mail {number}\r\n\r\n"
    lines = (f"{number:08} ".encode() * 8 + b"\r\n" for _ in range(size // 74))
    return head.encode() + b"".join(lines) + b".A line that begins with a dot, and \xe4 in no charset.\r\n"


def fetched(mailbox):
    """What is recorded after fetching once."""
    fetching.fetch(mailbox.id)
    mailbox.refresh_from_db()
    return mailbox


def stored():
    found = []
    for row in InboundMail.objects.order_by("uid"):
        with files.open_bytes(row.sha256) as file:
            found.append(file.read())
    return found


def check(mailbox):
    [found] = fetching.check(mailbox.id, wait_seconds=0)
    return found.server, found.ours, found.fetched


class TestWhatIsNew:
    def test_every_byte_arrives_and_the_mailbox_stays_as_it_was(self, server, user, mailbox):
        server.deliver([mail(1), mail(2)], user)
        assert fetched(mailbox).last_error == ""
        assert stored() == [mail(1), mail(2)]
        assert mailbox.last_success_at is not None
        with server.client(user) as client:
            assert client.search("UNSEEN") == [1, 2]

    def test_two_thousand_mails_are_walked_by_the_checkpoint(self, server, user, mailbox):
        server.deliver([mail(n) for n in range(2000)], user)
        fetched(mailbox)
        assert InboundMail.objects.filter(state="new").count() == 2000
        assert mailbox.folders.get().last_uid == 2000

        server.deliver([mail(2000)], user)
        fetched(mailbox)
        assert InboundMail.objects.count() == 2001
        assert read_bodies(server, user) == 1

    def test_seen_old_and_flagged_mails_are_as_good_as_others(self, server, user, mailbox):
        server.deliver([mail(1)], user)
        with server.client(user) as client:
            client.add_flags([1], ["\\Seen", "\\Flagged"])
            client.append("INBOX", mail(2), flags=["\\Seen"], msg_time=NOON - timedelta(days=900))
        fetched(mailbox)
        assert stored() == [mail(1), mail(2)]

    def test_deleted_mails_leave_gaps_and_nothing_else(self, server, user, mailbox, monkeypatch):
        server.deliver([mail(n) for n in range(6)], user)
        with server.client(user) as client:
            client.delete_messages([2])
            client.expunge()
        ask = imap.Connection.mails

        def ask_late(connection, uids):
            with server.client(user) as client:
                client.delete_messages([4, 6])
                client.expunge()
            return ask(connection, uids)

        monkeypatch.setattr(imap.Connection, "mails", ask_late)
        fetched(mailbox)
        left = list(InboundMail.objects.order_by("uid").values_list("uid", flat=True))
        assert (left, mailbox.folders.get().last_uid, mailbox.last_error) == ([1, 3, 5], 6, "")
        assert check(mailbox) == (3, 3, 0)

    def test_the_same_mail_delivered_twice_is_a_duplicate(self, server, user, mailbox):
        server.deliver([mail(1), mail(1)], user)
        fetched(mailbox)
        assert list(InboundMail.objects.order_by("uid").values_list("state", flat=True)) == ["new", "duplicate"]

    def test_several_folders_have_checkpoints_of_their_own(self, server, user, mailbox):
        server.deliver([mail(1)], user)
        with server.client(user) as client:
            client.create_folder("Straße & Co")
            client.append("Straße & Co", mail(2))
        mailboxes.edit("support", MailboxSettings(folders=["INBOX", "Straße & Co", "Gone"]), now=NOON)
        fetched(mailbox)
        assert InboundMail.objects.count() == 2
        assert mailbox.last_error.startswith("Gone: ")
        assert mailbox.last_success_at is None


class TestLargeMails:
    def test_one_of_25_mb_comes_in_pieces(self, server, user, mailbox, monkeypatch):
        large = mail(1, size=25_000_000)
        server.deliver([large, mail(2)], user)
        pieces = []
        ask = imap.Connection.pieces

        def count(connection, uid, limit=None):
            for piece in ask(connection, uid, limit):
                pieces.append(len(piece))
                yield piece

        monkeypatch.setattr(imap.Connection, "pieces", count)
        fetched(mailbox)
        assert stored() == [large, mail(2)]
        assert (max(pieces), sum(pieces)) == (imap.PIECE_BYTES, len(large))

    def test_of_one_that_is_too_large_the_beginning_is_kept(self, server, user, mailbox, settings):
        settings.MAIL_LIMIT_BYTES, settings.MAIL_BEGINNING_BYTES = 4_000_000, 100_000
        large = mail(1, size=5_000_000)
        server.deliver([large, mail(2)], user)
        fetched(mailbox)
        assert stored() == [large[:100_000], mail(2)]
        row = InboundMail.objects.get(uid=1)
        assert (row.state, row.size, row.full_size) == ("new", 100_000, len(large))
        assert check(mailbox) == (2, 2, 0)


class TestTrouble:
    def test_a_server_that_was_away_for_a_week_loses_nothing(self, desk):
        with dovecot.running() as server:
            server.deliver([mail(1)])
            mailbox = make_mailbox(desk, server.url())
            fetched(mailbox)
            server.stop()
            server.deliver([mail(n) for n in range(2, 502)])

            fetched(mailbox)
            assert "cannot be used: Connection refused" in mailbox.last_error
            with pytest.raises(imap.Unavailable):
                check(mailbox)
            assert (mailbox.failures, InboundMail.objects.count()) == (1, 1)

            server.start()
            assert check(mailbox) == (501, 501, 500)
        mailbox.refresh_from_db()
        assert (mailbox.failures, mailbox.failing_since, mailbox.last_error) == (0, None, "")
        [state] = mailbox_states.states(now=NOON)
        assert (state.folders[0].server_count, state.folders[0].our_count, state.waiting) == (501, 501, 501)

    def test_a_change_of_uidvalidity_brings_no_copies(self, server, user, mailbox):
        server.deliver([mail(n) for n in range(20)], user)
        fetched(mailbox)
        with server.client(user) as client:
            client.delete_messages([3, 4])
            client.expunge()
        server.number_anew(1234, user)
        server.deliver([mail(20)], user)
        fetched(mailbox)
        assert InboundMail.objects.filter(state="new").count() == InboundMail.objects.count() == 21
        assert mailbox.folders.get().uidvalidity == 1234
        assert check(mailbox) == (19, 19, 0)

    def test_what_is_missing_is_found_and_fetched(self, server, user, mailbox):
        server.deliver([mail(n) for n in range(30)], user)
        fetched(mailbox)
        InboundMail.objects.filter(uid__in=[1, 7, 30]).delete()
        fetched(mailbox)
        assert InboundMail.objects.count() == 27
        assert check(mailbox) == (30, 30, 3)
        assert mailbox.folders.get().last_uid == 30

        InboundMail.objects.filter(uid=7).delete()
        mailbox.folders.update(checked_at=NOON)  # longer ago than a day
        fetched(mailbox)
        assert InboundMail.objects.count() == 30

    def test_a_full_disk_moves_no_checkpoint(self, server, user, mailbox, monkeypatch):
        server.deliver([mail(n) for n in range(90_000, 90_100)], user)
        save, saved = default_storage._wrapped.save, []

        def nearly_full(name, content):
            saved.append(name)
            if len(saved) > 70:
                raise OSError(errno.ENOSPC, "No space left on device")
            return save(name, content)

        with monkeypatch.context() as patch:
            patch.setattr(default_storage._wrapped, "save", nearly_full)
            fetched(mailbox)
        assert "No space left on device" in mailbox.last_error
        assert mailbox.folders.get().last_uid == InboundMail.objects.count() == 50

        fetched(mailbox)
        assert InboundMail.objects.count() == 100

    def test_who_dies_before_the_checkpoint_fetches_again(self, server, user, mailbox, monkeypatch):
        server.deliver([mail(n) for n in range(60)], user)
        take = receiving.receive_fetched

        def die(*args, **values):
            monkeypatch.setattr(receiving, "receive_fetched", take)
            raise KeyboardInterrupt

        monkeypatch.setattr(receiving, "receive_fetched", die)
        with pytest.raises(KeyboardInterrupt):
            fetching.fetch(mailbox.id)
        assert InboundMail.objects.count() == 0
        assert mailbox_states.due(now=NOON) == []  # its lease goes on, and runs out

        Mailbox.objects.update(leased_until=NOON)
        fetched(mailbox)
        assert InboundMail.objects.filter(state="new").count() == InboundMail.objects.count() == 60

    def test_a_mail_that_the_server_cannot_read_keeps_no_other_waiting(self, server, user, mailbox):
        server.deliver([mail(n) for n in range(1, 6)], user)
        with server.client(user):
            pass  # the server numbers them
        broken = sorted((server.folder / "mail" / user).glob("*/*.test*"))[2]
        broken.chmod(0)
        fetched(mailbox)
        row = InboundMail.objects.get(uid=3)
        assert (row.state, row.size) == ("failed", 0)
        assert row.last_error.startswith("The mail server does not hand out this mail: ")
        assert InboundMail.objects.filter(state="new").count() == 4
        assert check(mailbox) == (5, 4, 0)
        assert inbound.retry(now=NOON) == 0

        broken.chmod(0o644)
        assert check(mailbox) == (5, 5, 1)
        assert stored()[2] == mail(3)
        assert InboundMail.objects.filter(state="new").count() == 5

    @pytest.mark.parametrize(
        ("scheme", "password", "error"),
        [
            ("imap", "wrong", "refused the login of .*: .*[Aa]uthentication failed"),
            ("imaps", "geh%2F%C3%A9im", ""),
        ],
    )
    def test_signing_in(self, server, desk, user, scheme, password, error):
        server.deliver([mail(1)], user)
        port = server.tls_port if scheme == "imaps" else server.port
        mailbox = fetched(make_mailbox(desk, f"{scheme}://{user}:{password}@127.0.0.1:{port}"))
        assert re.search(error, mailbox.last_error)
        assert bool(error) == bool(mailbox.failing_since)
        assert InboundMail.objects.count() == (0 if error else 1)

    def test_a_certificate_counts_where_one_is_named(self, server, desk, user):
        good = f"imaps://{user}:geh%2F%C3%A9im@localhost:{server.tls_port}/?ca={server.folder}/cert.pem"
        assert fetched(make_mailbox(desk, good)).last_error == ""
        bad = good.replace("localhost", "127.0.0.1")
        assert "its certificate is not valid" in fetched(make_mailbox(desk, bad, "other")).last_error


class TestSeveralWorkers:
    def test_one_of_them_fetches_a_mailbox(self, server, user, mailbox):
        server.deliver([mail(1)], user)
        mark = mailboxes.lease(mailbox.id, now=fetching._now())
        fetched(mailbox)
        assert InboundMail.objects.count() == 0
        with pytest.raises(receiving.LeaseLost):
            check(mailbox)

        mailboxes.give_back(mailbox.id, mark, now=NOON)
        assert mailbox_states.due(now=NOON) == [mailbox.id]
        fetched(mailbox)
        assert InboundMail.objects.count() == 1

    def test_who_lost_its_lease_in_between_writes_nothing(self, server, user, mailbox, monkeypatch):
        server.deliver([mail(n) for n in range(3)], user)
        ask = imap.Connection.mails

        def lose(connection, uids):
            Mailbox.objects.update(lease="somebody else's")
            return ask(connection, uids)

        monkeypatch.setattr(imap.Connection, "mails", lose)
        fetched(mailbox)
        assert InboundMail.objects.count() == 0
        assert (mailbox.lease, mailbox.last_error) == ("somebody else's", "")

    def test_a_worker_that_ends_gives_it_back(self, server, user, mailbox, monkeypatch):
        server.deliver([mail(n) for n in range(3)], user)
        stopping = threading.Event()
        stopping.set()
        monkeypatch.setattr(worker, "stopping", stopping)
        fetched(mailbox)
        assert (mailbox.lease, mailbox.leased_until, mailbox.failing_since) == ("", None, None)
        assert mailbox_states.due(now=fetching._now()) == [mailbox.id]


def read_bodies(server, user):
    """How many mails the last conversation of a user read."""
    deadline = time.monotonic() + dovecot.SECONDS
    while time.monotonic() < deadline:
        counts = re.findall(rf"imap\({user}\).*body_count=(\d+)", server.log)
        if len(counts) >= 2:
            return int(counts[-1])
        time.sleep(0.02)
    raise AssertionError(server.log)


# --- servers that hang


GREETING = b"* OK [CAPABILITY IMAP4rev1] ready\r\n"


@contextlib.contextmanager
def hanging(*, after: bytes, trickle: bool = False):
    """A server that answers as it should until a command comes with these words; then it says nothing, or too little.

    Yields its port.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_hang, args=(listening, after, trickle), daemon=True).start()
        yield listening.getsockname()[1]


def _hang(listening, after, trickle):
    answers = {
        b"LOGIN": b"",
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
        b"EXAMINE": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 4] ok\r\n",
        b"SEARCH": b"* SEARCH 1 2 3\r\n",
        b"RFC822.SIZE": b"".join(b"* %d FETCH (UID %d RFC822.SIZE 2000)\r\n" % (n, n) for n in (1, 2, 3)),
    }
    with contextlib.suppress(OSError):
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(GREETING)
            for line in lines:
                if after in line:
                    connection.sendall(b"* 1 FETCH (UID 1 BODY[] {2000}\r\nFrom: lena")
                    while trickle:
                        connection.sendall(b"a")
                        time.sleep(0.02)
                    connection.recv(1)  # until the other side ends it
                    return
                text = next((text for word, text in answers.items() if word in line), b"")
                connection.sendall(text + line.split()[0] + b" OK done\r\n")


@pytest.mark.parametrize("trickle", [False, True])
def test_one_that_hangs_in_the_middle_of_a_mail_is_left_after_a_while(desk, monkeypatch, trickle):
    monkeypatch.setattr(imap, "FETCH_SECONDS", 0.3)
    monkeypatch.setattr(imap, "CONNECT_SECONDS", 0.3)
    with hanging(after=b"BODY.PEEK[]", trickle=trickle) as port:
        mailbox = fetched(make_mailbox(desk, f"imap://support:secret@127.0.0.1:{port}/"))
    assert "cannot be used: no answer in time." in mailbox.last_error
    assert (InboundMail.objects.count(), mailbox.folders.get().last_uid) == (0, 0)
    assert "secret" not in mailbox.last_error


@pytest.mark.parametrize("after", [b"LOGIN", b"EXAMINE", b"SEARCH"])
def test_every_step_has_its_limit(desk, monkeypatch, after):
    monkeypatch.setattr(imap, "STEP_SECONDS", 0.3)
    with hanging(after=after) as port:
        mailbox = fetched(make_mailbox(desk, f"imap://support:secret@127.0.0.1:{port}/"))
    assert "no answer in time" in mailbox.last_error


def test_who_does_not_speak_at_all_is_left_too(desk, monkeypatch):
    monkeypatch.setattr(imap, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        mailbox = fetched(make_mailbox(desk, f"imaps://support:secret@127.0.0.1:{port}/"))
    assert "no answer in time" in mailbox.last_error


@pytest.mark.parametrize("beginning", [b"* OK ", b"\x16\x03\x03\x3f\xff\x02"])
def test_who_greets_for_ever_is_left_too(desk, monkeypatch, beginning):
    monkeypatch.setattr(imap, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=trickle_on, args=(server, beginning), daemon=True).start()
        scheme = "imap" if beginning.startswith(b"*") else "imaps"
        mailbox = fetched(make_mailbox(desk, f"{scheme}://support:secret@127.0.0.1:{server.getsockname()[1]}/"))
    assert "no answer in time" in mailbox.last_error


def trickle_on(server, beginning):
    with contextlib.suppress(OSError):
        connection, _ = server.accept()
        with connection:
            connection.sendall(beginning)
            while True:
                connection.sendall(b"a")
                time.sleep(0.02)


# --- being told


def test_what_fails_for_a_quarter_of_an_hour_is_an_error_once(desk, caplog):
    mailbox = make_mailbox(desk, "imap://support:secret@127.0.0.1:1/")
    pauses = []
    for minutes in (0, 1, 14, 16, 60, 24 * 60 + 17):
        now = NOON + timedelta(minutes=minutes)
        mailboxes.failed(mailbox.id, take_over(mailbox), "It is down.", now=now)
        mailbox.refresh_from_db()
        pauses.append((mailbox.next_fetch_at - now).total_seconds())
    assert pauses == [30, 60, 120, 240, 480, 600]
    told = [record.message for record in caplog.records if "could not be read since" in record.message]
    assert len(told) == 2
    assert told[0].endswith("It is down.")

    mailboxes.succeeded(mailbox.id, take_over(mailbox), now=NOON + timedelta(days=2))
    assert "is read again" in caplog.records[-1].message


def test_credentials_that_expire_soon_are_an_error_once_a_day(desk, caplog):
    make_mailbox(desk, "imap://support:secret@127.0.0.1:1/")
    expires = NOON + timedelta(days=20)
    mailbox = mailboxes.edit("support", MailboxSettings(credentials_expire_at=expires), now=NOON)
    for days in (0, 5, 7, 7.1, 8.2):
        mailboxes.succeeded(mailbox.id, take_over(mailbox), now=NOON + timedelta(days=days))
    assert [record.message.split()[1] for record in caplog.records] == ["credentials"] * 2


def take_over(mailbox):
    Mailbox.objects.update(leased_until=None)
    return mailboxes.lease(mailbox.id, now=NOON)
