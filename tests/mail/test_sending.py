"""Mails leave: what becomes of outbox entries, by what a real mail server says of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from types import SimpleNamespace
from typing import Any

import pytest

from reynard import worker
from reynard.desk.actions import deliveries
from reynard.desk.models import OutboxEntry, Ticket
from reynard.environment import SmtpServer
from reynard.mail import sending
from reynard.mail.sending import Allowance, Sender
from tests import factories
from tests.desk.outbox import make_mail
from tests.mail.sink import BreakOff, Sink, sink

pytestmark = pytest.mark.django_db

ANN, BOB, EVE = "ann@example.org", "bob@example.org", "eve@example.org"


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


@pytest.fixture
def sender(server: Sink) -> Iterator[Sender]:
    made = make_sender(server.port)
    yield made
    made.close()


def make_sender(port: int, *, per_connection: int = 100, per_minute: int = 0) -> Sender:
    server = SmtpServer("127.0.0.1", port, "none")
    return Sender(server, per_connection=per_connection, allowance=Allowance(per_minute))


@pytest.fixture
def ticket(desk: SimpleNamespace, settings: Any) -> Ticket:
    settings.REYNARD_MAIL_FROM = "Rollwerk <desk@rollwerk.example>"
    return factories.make_ticket(desk.lena, desk.workshop)


def due(ticket: Ticket, *to: str, **values: Any) -> OutboxEntry:
    """A mail that is due now."""
    now = datetime.now(UTC) - timedelta(seconds=5)
    times = {"created_at": now, "next_try_at": now, "expires_at": now + deliveries.lifetime()}
    entry = make_mail(ticket, *(to or (ANN,)), **(times | values))
    OutboxEntry.objects.filter(id=entry.id).update(message_id=f"{ticket.id}.{entry.id}")
    return state(entry)


def state(entry: OutboxEntry) -> OutboxEntry:
    return OutboxEntry.objects.get(id=entry.id)


def run(sender: Sender) -> None:
    """Until nothing more can leave now."""
    while sender.send_due(datetime.now(UTC)):
        pass


def again(*entries: OutboxEntry) -> None:
    """Let entries that were put off be due now."""
    OutboxEntry.objects.filter(id__in=[entry.id for entry in entries]).update(next_try_at=datetime.now(UTC))


def is_soon(moment: datetime) -> bool:
    """As early as after a first failure."""
    return timedelta(seconds=5) < moment - datetime.now(UTC) < timedelta(seconds=13)


def test_a_mail_leaves_with_its_id_and_is_done(sender: Sender, server: Sink, ticket: Ticket) -> None:
    entry = due(ticket, ANN, f"Bob <{BOB}>")
    run(sender)
    (mail,) = server.received
    assert mail.recipients == [ANN, BOB]
    assert mail.message_id == f"<{entry.message_id}@rollwerk.example>"
    after = state(entry)
    assert after.done_at is not None
    assert (after.answers, after.attempts, after.last_error) == ({ANN: "", BOB: ""}, 1, "")


class TestConnections:
    def test_one_serves_many_mails(self, sender: Sender, server: Sink, ticket: Ticket) -> None:
        for _ in range(25):
            due(ticket)
        run(sender)
        assert (len(server.received), server.connections) == (25, 1)

    def test_takes_so_many_and_no_more(self, server: Sink, ticket: Ticket) -> None:
        for _ in range(5):
            due(ticket)
        sender = make_sender(server.port, per_connection=2)
        run(sender)
        sender.close()
        assert (len(server.received), server.connections) == (5, 3)

    def test_that_the_server_ended_meanwhile_is_made_anew(self, sender: Sender, server: Sink, ticket: Ticket) -> None:
        due(ticket)
        run(sender)
        said = iter(["421 Idle for too long", "250 OK"])
        server.of_sender = lambda address: next(said)
        second = due(ticket)
        run(sender)
        assert (state(second).attempts, server.connections) == (1, 2)
        assert len(set(server.ids)) == 2

    def test_that_is_idle_is_closed(self, sender: Sender, server: Sink, ticket: Ticket, monkeypatch: Any) -> None:
        due(ticket)
        run(sender)
        monkeypatch.setattr(sending, "IDLE_SECONDS", 0)
        run(sender)
        assert sender._connection is None

    def test_so_many_mails_leave_in_a_minute(self, server: Sink, ticket: Ticket) -> None:
        entries = [due(ticket) for _ in range(5)]
        sender = make_sender(server.port, per_minute=3)
        run(sender)
        run(sender)
        sender.close()
        assert len(server.received) == 3
        assert [state(entry).leased_until for entry in entries[3:]] == [None, None]


class TestRecipients:
    def test_that_are_refused_are_recorded_and_the_rest_has_it(
        self, sender: Sender, server: Sink, ticket: Ticket
    ) -> None:
        server.of_recipient = lambda address: "550 No such user" if address == BOB else "250 OK"
        entry = due(ticket, ANN, BOB)
        run(sender)
        assert state(entry).done_at is not None
        assert state(entry).answers == {ANN: "", BOB: "550 No such user"}

    def test_that_are_refused_for_now_get_it_later_and_they_alone(
        self, sender: Sender, server: Sink, ticket: Ticket
    ) -> None:
        said = {ANN: "250 OK", BOB: "450 Greylisted", EVE: "550 No such user"}
        server.of_recipient = lambda address: said[address]
        entry = due(ticket, ANN, BOB, EVE)
        run(sender)
        waiting = state(entry)
        assert (waiting.done_at, waiting.dead_at, waiting.last_error) == (None, None, "450 Greylisted")
        assert waiting.answers == {ANN: "", EVE: "550 No such user"}
        assert is_soon(waiting.next_try_at)

        said[BOB] = "250 OK"
        again(entry)
        run(sender)
        assert [mail.recipients for mail in server.received] == [[ANN], [BOB]]
        assert len(set(server.ids)) == 1
        assert state(entry).done_at is not None

    def test_that_are_all_refused_end_it(self, sender: Sender, server: Sink, ticket: Ticket) -> None:
        server.of_recipient = lambda address: "550 No such user"
        entry = due(ticket, ANN, BOB)
        run(sender)
        assert state(entry).dead_at is not None
        assert state(entry).last_error == "550 No such user"
        assert state(entry).answers == {ANN: "550 No such user", BOB: "550 No such user"}

    def test_that_the_desk_leaves_out_are_recorded_too(self, sender: Sender, server: Sink, ticket: Ticket) -> None:
        entry = due(ticket, ANN, "not an address")
        run(sender)
        assert state(entry).done_at is not None
        assert state(entry).answers == {ANN: "", "not an address": "No mail can be sent to this address."}

    def test_a_mail_that_must_not_leave_says_why(self, sender: Sender, server: Sink, ticket: Ticket) -> None:
        entry = due(ticket, "desk@rollwerk.example")
        run(sender)
        assert state(entry).dead_at is not None
        assert "This is an address of the desk itself." in state(entry).last_error
        assert server.received == []


class TestServers:
    def test_that_refuse_for_good_end_it_and_do_not_stop_others(
        self, sender: Sender, server: Sink, ticket: Ticket
    ) -> None:
        spam, fine = due(ticket), due(ticket)
        server.of_data = lambda message_id: "554 Spam" if f".{spam.id}@" in message_id else "250 OK"
        run(sender)
        assert state(spam).last_error == "554 Spam"
        assert state(spam).dead_at is not None
        assert state(fine).done_at is not None

    def test_that_answer_4xx_for_days_are_tried_less_and_less_until_it_is_given_up(
        self, sender: Sender, server: Sink, ticket: Ticket, monkeypatch: Any
    ) -> None:
        server.of_sender = lambda address: "451 Busy"
        entry = due(ticket)
        now, tries, pauses = datetime.now(UTC), 0, []
        monkeypatch.setattr(sending, "_now", lambda: now)
        while state(entry).dead_at is None:
            sender.send_due(now)
            tries += 1
            pauses.append(state(entry).next_try_at - now)
            now = state(entry).next_try_at
            assert tries < 30
        assert 12 <= tries <= 18
        assert pauses[0] < timedelta(seconds=13)
        assert timedelta(hours=6) <= pauses[-2] <= timedelta(hours=7.5)
        assert state(entry).last_error == "451 Busy"
        assert server.received == []

    def test_that_die_before_the_final_answer_get_it_again_with_its_id(
        self, sender: Sender, server: Sink, ticket: Ticket
    ) -> None:
        def die(message_id: str) -> str:
            raise BreakOff(keep=True)

        server.of_data = die
        entry = due(ticket)
        run(sender)
        assert state(entry).last_error.startswith("The mail server broke off: ")
        assert is_soon(state(entry).next_try_at)

        server.of_data = lambda message_id: "250 OK"
        again(entry)
        run(sender)
        assert server.ids == [f"<{entry.message_id}@rollwerk.example>"] * 2
        assert state(entry).done_at is not None

    def test_that_always_die_are_left_alone_for_a_while(self, sender: Sender, server: Sink, ticket: Ticket) -> None:
        def die(message_id: str) -> str:
            raise BreakOff

        server.of_data = die
        entries = [due(ticket) for _ in range(5)]
        run(sender)
        assert [state(entry).attempts for entry in entries] == [1, 1, 1, 0, 0]
        assert [state(entry).leased_until for entry in entries] == [None] * 5

    def test_that_cannot_be_reached_cost_no_mail_a_try(self, ticket: Ticket, server: Sink, monkeypatch: Any) -> None:
        with sink() as stopped:
            sender = make_sender(stopped.port)
        entries = [due(ticket) for _ in range(30)]
        run(sender)
        states = [state(entry) for entry in entries]
        assert {(entry.attempts, entry.leased_until) for entry in states} == {(0, None)}
        assert "cannot be reached: Connection refused" in states[0].last_error
        assert is_soon(states[0].next_try_at)
        assert states[-1].last_error == ""  # it was not even claimed

        monkeypatch.setattr(sender, "_server", SmtpServer("127.0.0.1", server.port, "none"))
        sender._pause_until = 0
        again(*entries)
        run(sender)
        sender.close()
        assert len(set(server.ids)) == 30

    def test_that_cannot_be_reached_are_asked_less_and_less_often(self, ticket: Ticket, monkeypatch: Any) -> None:
        with sink() as stopped:
            sender = make_sender(stopped.port)
        entry, pauses = due(ticket), []
        for _ in range(7):
            sender._pause_until = 0
            again(entry)
            run(sender)
            pauses.append(round((state(entry).next_try_at - datetime.now(UTC)).total_seconds(), -1))
        assert pauses == [10, 20, 40, 80, 160, 300, 300]


class TestTrouble:
    def test_without_an_address_to_write_from_mails_wait(
        self, sender: Sender, server: Sink, ticket: Ticket, settings: Any
    ) -> None:
        settings.REYNARD_MAIL_FROM = ""
        entry = due(ticket)
        run(sender)
        assert (state(entry).attempts, state(entry).dead_at) == (0, None)
        assert "REYNARD_MAIL_FROM" in state(entry).last_error

    def test_a_mail_that_cannot_be_composed_does_not_stop_others(
        self, sender: Sender, server: Sink, ticket: Ticket
    ) -> None:
        broken, fine = due(ticket, recipients={"to": 5}), due(ticket)
        run(sender)
        assert state(broken).last_error.startswith("The mail cannot be composed: ")
        assert is_soon(state(broken).next_try_at)
        assert state(fine).done_at is not None

    def test_a_worker_that_is_told_to_stop_gives_back_what_it_has(
        self, sender: Sender, server: Sink, ticket: Ticket, monkeypatch: Any
    ) -> None:
        entries = [due(ticket) for _ in range(3)]
        server.of_data = lambda message_id: (worker.stopping.set(), "250 OK")[1]
        try:
            sender.send_due(datetime.now(UTC))
        finally:
            worker.stopping.clear()
        assert [state(entry).done_at is None for entry in entries] == [False, True, True]
        assert [(state(entry).attempts, state(entry).leased_until) for entry in entries[1:]] == [(0, None), (0, None)]

    def test_a_batch_that_takes_too_long_is_given_back(
        self, sender: Sender, server: Sink, ticket: Ticket, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(sending, "BATCH_SECONDS", -1)
        entry = due(ticket)
        sender.send_due(datetime.now(UTC))
        assert server.received == []
        assert (state(entry).attempts, state(entry).leased_by) == (0, "")

    def test_a_mail_that_somebody_else_sends_meanwhile_is_theirs(
        self, sender: Sender, server: Sink, ticket: Ticket
    ) -> None:
        entry = due(ticket)
        (claimed,) = deliveries.claim(sending._MAILS, limit=1, now=datetime.now(UTC))
        OutboxEntry.objects.filter(id=entry.id).update(leased_by="others")
        sender._deliver(claimed)
        assert (state(entry).leased_by, state(entry).done_at) == ("others", None)


def test_an_allowance_counts_what_is_used_within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1000.0
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: moment))
    allowance = Allowance(30)
    assert [allowance.take(20), allowance.take(20), allowance.take(20)] == [20, 10, 0]
    allowance.give_back(5)
    assert allowance.take(20) == 5
    moment += 60.1
    assert allowance.take(100) == 30
    assert Allowance(0).take(20) == 20


def test_without_a_mail_server_mails_wait(ticket: Ticket, settings: Any) -> None:
    settings.REYNARD_SMTP_URL = None
    entry = due(ticket)
    assert sending.send_due(datetime.now(UTC)) is False
    assert (state(entry).attempts, state(entry).leased_until) == (0, None)


def test_mails_from_before_there_was_a_server_do_not_leave(sender: Sender, server: Sink, ticket: Ticket) -> None:
    old = datetime.now(UTC) - timedelta(days=30)
    entries = [due(ticket, created_at=old, next_try_at=old, expires_at=old + deliveries.lifetime()) for _ in range(3)]
    fresh = due(ticket)
    run(sender)
    assert len(server.received) == 1
    assert {state(entry).last_error for entry in entries} == {"It could not leave within 3 days."}
    assert state(fresh).done_at is not None


class TestAddressesBeyondAscii:
    ZOE = "zoë@example.org"

    def test_get_mails_where_the_server_takes_them(self, ticket: Ticket) -> None:
        with sink(utf8=True) as server:
            sender = make_sender(server.port)
            entry = due(ticket, f"Zoë <{self.ZOE}>", ANN)
            run(sender)
            sender.close()
        (mail,) = server.received
        assert mail.recipients == [self.ZOE, ANN]
        assert "SMTPUTF8" in mail.options
        assert mail.content.isascii()
        read = message_from_bytes(mail.content)
        assert str(make_header(decode_header(read["To"]))) == f"Zoë <{self.ZOE}> :;, {ANN}"
        assert state(entry).answers == {self.ZOE: "", ANN: ""}

    def test_are_refused_for_good_where_it_does_not_and_the_others_get_it(
        self, sender: Sender, server: Sink, ticket: Ticket
    ) -> None:
        alone, together = due(ticket, self.ZOE), due(ticket, self.ZOE, ANN)
        run(sender)
        assert [mail.recipients for mail in server.received] == [[ANN]]
        assert state(alone).dead_at is not None
        assert state(alone).last_error == "550 The mail server takes no addresses with letters beyond ASCII"
        assert state(together).done_at is not None
        assert state(together).answers == {self.ZOE: state(alone).last_error, ANN: ""}
