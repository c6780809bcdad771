"""`reynard outbox`: what an operator sees of mails that did not leave, and sends again."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management.base import CommandError

from reynard.desk.models import OutboxEntry, Ticket
from reynard.desk.selectors import outbox
from tests import factories
from tests.desk.outbox import make_entry, make_mail
from tests.factories import NOON
from tests.ops.test_commands import call

pytestmark = pytest.mark.django_db

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def ticket(desk: SimpleNamespace) -> Ticket:
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def dead(ticket: Ticket) -> OutboxEntry:
    refused = {ANN: "550 No such user", BOB: "550 Away"}
    return make_mail(ticket, ANN, BOB, dead_at=NOON, attempts=3, last_error="550 No such user", answers=refused)


@pytest.fixture
def waiting(ticket: Ticket) -> OutboxEntry:
    return make_mail(ticket, ANN, next_try_at=NOON + timedelta(hours=1), attempts=1, last_error="450 Later")


class TestList:
    def test_shows_what_waits_and_what_was_given_up(self, ticket: Ticket, dead: Any, waiting: Any) -> None:
        make_mail(ticket, ANN, done_at=NOON)
        make_entry(ticket)
        lines = [line.split() for line in call("outbox", "list").splitlines()]
        assert lines[0] == "ID CHANNEL KIND TICKET STATE TRIES NEXT TRY (UTC) TO".split()
        assert lines[1] == f"{waiting.id} mail message {ticket.id} waiting 1 2026-03-09 13:00 {ANN}".split()
        assert lines[2] == "450 Later".split()
        assert lines[3][1:5] == ["webhook", "message", str(ticket.id), "waiting"]
        assert lines[4] == f"{dead.id} mail message {ticket.id} dead 3 {ANN}, {BOB}".split()
        assert lines[5:8] == [
            "550 No such user".split(),
            f"{ANN}: 550 No such user".split(),
            f"{BOB}: 550 Away".split(),
        ]
        assert lines[8] == "mail: 1 waiting, 1 given up".split()
        assert lines[9] == "webhook: 1 waiting, 0 given up".split()

    def test_says_that_no_mail_server_is_set(self, ticket: Ticket, settings: Any) -> None:
        assert "No mail server is set (REYNARD_SMTP_URL)" in call("outbox", "list")
        settings.REYNARD_SMTP_URL = object()
        assert "REYNARD_SMTP_URL" not in call("outbox", "list")

    def test_as_json(self, ticket: Ticket, dead: Any, waiting: Any) -> None:
        first, second = json.loads(call("outbox", "list", "--json"))
        assert first == {
            "id": waiting.id,
            "channel": "mail",
            "kind": "message",
            "ticket": ticket.id,
            "update": waiting.update_id,
            "recipients": [ANN],
            "state": "waiting",
            "attempts": 1,
            "created_at": "2026-03-09T12:00:00Z",
            "next_try_at": "2026-03-09T13:00:00Z",
            "ended_at": None,
            "error": "450 Later",
            "refused": {},
            "message_id": waiting.message_id,
        }
        assert (second["id"], second["state"], second["ended_at"]) == (dead.id, "dead", "2026-03-09T12:00:00Z")
        assert second["refused"] == {ANN: "550 No such user", BOB: "550 Away"}

    def test_only_the_dead_and_so_many(self, ticket: Ticket, waiting: Any) -> None:
        ids = [make_mail(ticket, ANN, dead_at=NOON + timedelta(minutes=n)).id for n in range(3)]
        shown = json.loads(call("outbox", "list", "--dead", "--limit", "2", "--json"))
        assert [entry["id"] for entry in shown] == [ids[2], ids[1]]

    def test_a_limit_is_a_positive_number(self, ticket: Ticket) -> None:
        with pytest.raises(CommandError, match="--limit must be 1 or more"):
            call("outbox", "list", "--limit", "0")


class TestRetry:
    def test_lets_entries_leave_now(self, dead: OutboxEntry, waiting: OutboxEntry) -> None:
        assert call("outbox", "retry", str(dead.id), str(waiting.id)) == "2 entries leave as soon as possible.\n"
        for entry in OutboxEntry.objects.all():
            assert entry.dead_at is None
            assert entry.next_try_at <= datetime.now(UTC)

    def test_all_that_were_given_up(self, dead: OutboxEntry, waiting: OutboxEntry) -> None:
        assert call("outbox", "retry", "--dead") == "1 entry leaves as soon as possible.\n"
        waiting.refresh_from_db()
        assert waiting.next_try_at == NOON + timedelta(hours=1)
        assert call("outbox", "retry", "--dead") == "Nothing was given up.\n"

    def test_of_what_is_not_there_or_has_left_is_said(self, ticket: Ticket, dead: OutboxEntry) -> None:
        done = make_mail(ticket, ANN, done_at=NOON)
        with pytest.raises(CommandError, match=f"or being sent at this moment: {done.id}, 987654."):
            call("outbox", "retry", str(dead.id), str(done.id), "987654")
        dead.refresh_from_db()
        assert dead.dead_at is None

    @pytest.mark.parametrize("arguments", [(), ("1", "--dead")])
    def test_wants_ids_or_all(self, ticket: Ticket, arguments: tuple[str, ...]) -> None:
        with pytest.raises(CommandError, match="Say which"):
            call("outbox", "retry", *arguments)


def test_what_came_back_is_listed_with_the_reason(ticket: Ticket) -> None:
    make_mail(ticket, ANN, done_at=NOON, bounced_at=NOON, answers={ANN: "5.1.1 550 No such user"})
    listed = call("outbox", "list")
    assert "bounced" in listed
    assert f"{ANN}: 5.1.1 550 No such user" in listed
    assert "bounced" not in call("outbox", "list", "--dead")


def test_a_ticket_knows_what_became_of_its_mails(ticket: Ticket, dead: OutboxEntry, waiting: OutboxEntry) -> None:
    now = NOON + timedelta(minutes=1)
    sent = make_mail(ticket, ANN, done_at=NOON)
    sending = make_mail(ticket, ANN, leased_until=now + timedelta(seconds=1))
    abandoned = make_mail(ticket, ANN, leased_until=now)
    found = {delivery.id: delivery.state for delivery in outbox.of_ticket(ticket.id, now=now)}
    assert found == {
        dead.id: "dead",
        waiting.id: "waiting",
        sent.id: "done",
        sending.id: "sending",
        abandoned.id: "waiting",
    }
    assert outbox.of_ticket(ticket.id + 1, now=now) == []


def test_a_backlog_says_how_much_and_since_when(ticket: Ticket, dead: OutboxEntry, waiting: OutboxEntry) -> None:
    make_mail(ticket, ANN, created_at=NOON - timedelta(hours=2))
    backlogs = outbox.backlogs()
    assert backlogs["mail"] == outbox.Backlog(waiting=2, oldest=NOON - timedelta(hours=2), dead=1)
    assert backlogs["webhook"] == outbox.Backlog(waiting=0, oldest=None, dead=0)
