"""Deliveries from the change of a ticket to a receiver, which is a real server (webhooks.md §3)."""

import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from standardwebhooks import Webhook as Verifier

from reynard.desk import files
from reynard.desk.actions import deliveries, ticket_changes, tickets, webhooks
from reynard.desk.actions.ticket_changes import Deletion, FieldChanges
from reynard.desk.actions.tickets import NewTicket
from reynard.desk.models import OutboxEntry, Webhook, WebhookAttempt
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from reynard.webhooks import sending
from tests import factories
from tests.api import reading
from tests.webhooks.receivers import receiving, reply


def open_ticket(contact, category, **values):
    """Now: what is old is not sent."""
    return factories.make_ticket(contact, category, now=datetime.now(UTC), **values)


def update(ticket, desk, **values):
    reading.staff_update(ticket, desk, now=datetime.now(UTC), **values)


def ids_of_updates(receiver):
    return [got.ticket["updates"][-1]["update_id"] for got in receiver.received]


def state(webhook):
    return Webhook.objects.get(id=webhook.id)


def make_due(webhook):
    """Let the time pass until what waits is due."""
    moment = datetime.now(UTC) - timedelta(seconds=1)
    OutboxEntry.objects.filter(webhook=webhook, done_at=None, dead_at=None).update(next_try_at=moment)


class TestADelivery:
    def test_is_the_ticket_as_the_api_gives_it(self, api, desk, webhook, receiver, send):
        ticket = open_ticket(desk.lena, desk.workshop)

        send()

        [got] = receiver.received
        assert got.ticket == api.get(f"ticket/{ticket.id}/").json()
        assert got.headers["content-type"] == "application/json; charset=utf-8"
        assert got.headers["user-agent"].startswith("Reynard/")
        assert got.headers["x-webhook-event"] == "ticket.created"
        assert got.headers["x-webhook-timestamp"] == got.headers["webhook-timestamp"]

    def test_is_signed_for_old_receivers_and_for_new_ones(self, desk, webhook, receiver, send):
        open_ticket(desk.lena, desk.workshop, subject="Lenker » schief")

        send()

        [got] = receiver.received
        expected = hmac.new(webhook.secret.encode(), got.body, hashlib.sha1).hexdigest()
        assert got.headers["x-happyfox-webhook-signature"] == expected
        timed = got.headers["x-webhook-timestamp"].encode() + b"." + got.body
        expected = hmac.new(webhook.secret.encode(), timed, hashlib.sha256).hexdigest()
        assert got.headers["x-webhook-signature-256"] == f"sha256={expected}"
        assert Verifier(webhook.secret).verify(got.body, got.headers)["subject"] == "Lenker » schief"

    def test_ends_with_the_update_that_caused_it(self, desk, webhook, receiver, send):
        ticket = open_ticket(desk.lena, desk.workshop)
        update(ticket, desk, text="One.")
        update(ticket, desk, text="Two.")

        send()

        assert [len(got.ticket["updates"]) for got in receiver.received] == [1, 2, 3]
        assert receiver.received[1].ticket["updates"][-1]["message"]["text"].startswith("One.")

    def test_of_a_deleted_ticket_has_its_last_state(self, desk, webhook, receiver, send):
        ticket = open_ticket(desk.lena, desk.workshop, subject="Wrong desk")
        given = Deletion(staff=desk.priya.id)
        ticket_changes.delete(ticket.id, given, reference=reference.current(), now=datetime.now(UTC))

        send()

        created, deleted = receiver.received
        assert [got.headers["x-webhook-event"] for got in receiver.received] == ["ticket.created", "ticket.deleted"]
        assert created.ticket["subject"] == deleted.ticket["subject"] == "Wrong desk"
        assert deleted.ticket["updates"][-1]["by"]["id"] == desk.priya.id

    def test_has_fresh_addresses_of_files(self, desk, webhook, receiver, send, client, settings):
        settings.REYNARD_BASE_URL = "http://desk.example.org"
        kept = files.keep(SimpleUploadedFile("a.txt", b"hello", "text/plain"))
        open_ticket(desk.lena, desk.workshop, files=[kept])

        send()

        [file] = receiver.received[0].ticket["updates"][0]["message"]["attachments"]
        assert file["url"].startswith("http://desk.example.org/attachments/")
        path = file["url"].removeprefix("http://desk.example.org")
        assert b"".join(client.get(path).streaming_content) == b"hello"

    def test_shows_changes_of_custom_fields_where_asked(self, desk, make_webhook, receiver, send):
        field = factories.make_field("Frame", categories=[desk.workshop])
        make_webhook(receiver.url, show_cf_changes=True)
        make_webhook(receiver.url)
        ticket = open_ticket(desk.lena, desk.workshop)
        given = FieldChanges(staff=desk.priya.id, custom_values={field.id: "XL"})
        now = datetime.now(UTC)
        ticket_changes.update_custom_fields(ticket.id, given, reference=reference.current(), now=now)

        send()

        shown = [got.ticket["updates"][-1]["custom_field_change"] for got in receiver.received]
        assert [change[0]["to"] for change in shown if change] == ["XL"]

    def test_may_be_in_an_envelope(self, desk, make_webhook, receiver, send):
        make_webhook(receiver.url, envelope=True)
        ticket = open_ticket(desk.lena, desk.workshop)

        send()

        assert receiver.received[0].ticket["event"] == "ticket.created"
        assert receiver.received[0].ticket["ticket"]["id"] == ticket.id

    def test_is_logged_with_its_answer(self, desk, webhook, receiver, send):
        receiver.answer = lambda handler, got: reply(handler, 201, b"thanks\0" + b"!" * 5000, **{"X-Id": "7"})
        open_ticket(desk.lena, desk.workshop)

        send()

        [attempt] = WebhookAttempt.objects.all()
        assert (attempt.status, attempt.error) == (201, "")
        assert attempt.response.startswith("thanks�!!")
        assert len(attempt.response) == sending.RESPONSE_KEPT
        assert attempt.response_headers["X-Id"] == "7"
        assert attempt.request_headers["X-Webhook-Event"] == "ticket.created"
        assert attempt.body_sha256 == hashlib.sha256(receiver.received[0].body).hexdigest()
        assert attempt.delivery.done_at


class TestOrder:
    def test_is_kept_when_a_first_delivery_fails(self, desk, webhook, receiver, send):
        ticket = open_ticket(desk.lena, desk.workshop)
        other = open_ticket(desk.lena, desk.workshop)
        for text in ("One.", "Two."):
            update(ticket, desk, text=text)
        failures = iter([500])
        receiver.answer = lambda handler, got: reply(
            handler, next(failures, 200) if got.ticket["id"] == ticket.id else 200
        )

        send()
        mine = [got for got in receiver.received if got.ticket["id"] == ticket.id]
        assert len(mine) == 1  # the others wait for it
        assert {got.ticket["id"] for got in receiver.received} == {ticket.id, other.id}

        make_due(webhook)
        send()
        mine = [got for got in receiver.received if got.ticket["id"] == ticket.id]
        assert [len(got.ticket["updates"]) for got in mine] == [1, 1, 2, 3]
        assert mine[0].headers["x-webhook-delivery"] == mine[1].headers["x-webhook-delivery"]

    def test_is_kept_for_each_ticket_while_tickets_go_in_parallel(self, desk, webhook, receiver, send):
        together = threading.Barrier(4)
        tickets = [open_ticket(desk.lena, desk.workshop) for _ in range(4)]
        for ticket in tickets:
            update(ticket, desk, text="One.")

        def wait_for_others(handler, got):
            if len(got.ticket["updates"]) == 1:
                together.wait(10)  # breaks unless all four are on their way at once
            reply(handler, 200)

        receiver.answer = wait_for_others
        send()

        for ticket in tickets:
            lengths = [len(got.ticket["updates"]) for got in receiver.received if got.ticket["id"] == ticket.id]
            assert lengths == [1, 2]

    def test_of_one_receiver_does_not_wait_for_another_that_hangs(self, desk, make_webhook, receiver, send):
        number = sending.SLOTS + 4
        all_there = threading.Event()

        def count(handler, got):
            reply(handler, 200)
            if len(receiver.received) == number:
                all_there.set()

        with receiving() as hanging:
            receiver.answer = count
            hanging.answer = lambda handler, got: reply(handler, 200 if all_there.wait(10) else 500)
            make_webhook(hanging.url), make_webhook(receiver.url)
            for _ in range(number):
                open_ticket(desk.lena, desk.workshop)
            send()

            assert all_there.is_set()
            assert not OutboxEntry.objects.filter(channel="webhook", done_at=None).exists()


class TestAFailure:
    @pytest.fixture
    def ticket(self, desk, webhook):
        return open_ticket(desk.lena, desk.workshop)

    def delivery(self):
        return OutboxEntry.objects.get(channel="webhook")

    @pytest.mark.parametrize("status", [500, 404, 302, 429])
    def test_is_tried_again_later(self, ticket, receiver, send, status):
        receiver.status = status
        before = datetime.now(UTC)

        send()

        entry = self.delivery()
        assert (entry.attempts, entry.done_at, entry.dead_at) == (1, None, None)
        assert timedelta(seconds=10) <= entry.next_try_at - before <= timedelta(seconds=20)
        assert f"answered {status}" in entry.last_error

    def test_is_tried_seven_times_and_can_be_sent_by_hand_then(self, ticket, webhook, receiver, send):
        receiver.status = 503
        for _ in range(7):
            assert self.delivery().dead_at is None
            make_due(webhook)
            send()
        assert self.delivery().dead_at
        make_due(webhook)
        send()
        assert len(receiver.received) == 7

        receiver.status = 200
        webhooks.redeliver(webhook.id, self.delivery().id, now=datetime.now(UTC))
        send()

        assert self.delivery().done_at
        assert len({got.headers["x-webhook-delivery"] for got in receiver.received}) == 1

    def test_gives_the_next_of_the_ticket_its_turn_when_it_is_the_last(self, desk, ticket, webhook, receiver, send):
        update(ticket, desk, text="One.")
        OutboxEntry.objects.filter(kind="ticket.created").update(attempts=6)
        receiver.answer = lambda handler, got: reply(handler, 500 if len(got.ticket["updates"]) == 1 else 200)

        send()

        assert [len(got.ticket["updates"]) for got in receiver.received] == [1, 2]

    def test_of_410_switches_the_webhook_off(self, desk, ticket, webhook, receiver, send):
        update(ticket, desk, text="One.")
        receiver.status = 410

        send()
        update(ticket, desk, text="Two.")
        send()

        assert len(receiver.received) == 1
        assert not state(webhook).active
        assert "410" in state(webhook).off_because
        assert OutboxEntry.objects.filter(channel="webhook").count() == 2

    def test_for_three_days_switches_the_webhook_off(self, ticket, webhook, receiver, send, caplog):
        receiver.status = 500
        send()
        assert state(webhook).failing_since
        Webhook.objects.update(failing_since=datetime.now(UTC) - timedelta(days=3))
        make_due(webhook)

        send()

        assert not state(webhook).active
        assert "switched off" in caplog.text

    def test_is_forgotten_with_the_next_success(self, ticket, webhook, receiver, send):
        receiver.status = 500
        send()
        receiver.status = 200
        make_due(webhook)

        send()

        assert (state(webhook).active, state(webhook).failing_since) == (True, None)

    def test_goes_on_where_it_was_when_the_webhook_is_on_again(self, desk, ticket, webhook, receiver, send):
        update(ticket, desk, text="One.")
        receiver.status = 410
        send()
        receiver.status = 200

        webhooks.set_active(webhook.id, True)
        send()

        assert [len(got.ticket["updates"]) for got in receiver.received] == [1, 2]

    def test_to_write_the_body_is_no_failure_of_the_receiver(self, ticket, webhook, receiver, send, monkeypatch):
        def fail(*arguments):
            raise ValueError

        monkeypatch.setattr(sending.message, "body", fail)
        send()

        assert receiver.received == []
        assert "could not be written" in self.delivery().last_error
        assert state(webhook).failing_since is None


class TestALease:
    def test_that_ran_out_lets_somebody_else_send_the_same_delivery(self, desk, webhook, receiver, send):
        open_ticket(desk.lena, desk.workshop)
        now = datetime.now(UTC)
        [lost] = deliveries.claim(Q(webhook_id=webhook.id), limit=5, now=now)  # by a worker that is killed now
        send()
        assert receiver.received == []

        OutboxEntry.objects.update(leased_until=now, next_try_at=now)
        send()

        [got] = receiver.received
        assert got.headers["x-webhook-delivery"] == lost.message_id

    def test_that_was_lost_records_nothing(self, desk, webhook):
        open_ticket(desk.lena, desk.workshop)
        now = datetime.now(UTC)
        [lost] = deliveries.claim(Q(webhook_id=webhook.id), limit=5, now=now)
        OutboxEntry.objects.update(leased_by="somebody else")

        webhooks.record(
            lost,
            WebhookAttempt(
                started_at=now,
                duration_ms=1,
                request_headers={},
                body_bytes=1,
                response_headers={},
                error="",
                status=200,
            ),
            now=now,
        )

        assert OutboxEntry.objects.get().done_at is None
        assert not WebhookAttempt.objects.exists()


class TestOnceMore:
    def test_a_delivered_one_leaves_again_under_its_id(self, desk, webhook, receiver, send):
        open_ticket(desk.lena, desk.workshop)
        send()
        [first] = OutboxEntry.objects.filter(webhook=webhook)

        again = webhooks.redeliver(webhook.id, first.id, now=datetime.now(UTC))
        send()

        assert again.id != first.id
        one, two = receiver.received
        assert one.headers["x-webhook-delivery"] == two.headers["x-webhook-delivery"]
        assert json.loads(one.body) == json.loads(two.body)

    def test_a_replay_arrives_in_order(self, desk, make_webhook, receiver, send):
        ticket = open_ticket(desk.lena, desk.workshop)
        for text in ("One.", "Two.", "Three."):
            update(ticket, desk, text=text)
        second = ticket.updates.order_by("id")[1]
        webhook = make_webhook(receiver.url)

        [*_, count] = webhooks.replay(webhook, since=second.id, now=datetime.now(UTC))
        send()

        assert count == 3
        assert ids_of_updates(receiver) == [entry.id for entry in ticket.updates.order_by("id")[1:]]


class TestOldDeliveries:
    def test_are_forgotten_with_their_requests(self, desk, webhook, receiver, send, settings):
        open_ticket(desk.lena, desk.workshop)
        send()
        settings.REYNARD_WEBHOOK_KEEP_DAYS = 30
        waiting = open_ticket(desk.lena, desk.workshop)
        future = datetime.now(UTC) + timedelta(days=31)

        webhooks.forget_old(now=future)

        assert [entry.ticket_id for entry in OutboxEntry.objects.all()] == [waiting.id]
        assert not WebhookAttempt.objects.exists()

    def test_stay_while_they_are_young(self, desk, webhook, receiver, send):
        open_ticket(desk.lena, desk.workshop)
        send()

        webhooks.forget_old(now=datetime.now(UTC) + timedelta(days=1))

        assert WebhookAttempt.objects.count() == 1

    def test_go_with_their_webhook(self, desk, webhook, receiver, send):
        now = datetime.now(UTC)
        open_ticket(desk.lena, desk.workshop)
        send()
        open_ticket(desk.lena, desk.workshop)

        webhooks.delete(webhook.id, now=now)
        webhooks.forget_old(now=now)
        assert not OutboxEntry.objects.exists()
        assert state(webhook).secret == ""
        webhooks.forget_old(now=now + timedelta(hours=2))

        assert not Webhook.objects.exists()

    def test_of_a_deleted_webhook_are_removed_also_when_they_were_being_written_then(self, desk, webhook, send):
        before = reference.current()
        webhooks.delete(webhook.id, now=datetime.now(UTC))
        number = tickets.open_ticket(
            NewTicket(contact=desk.lena.id, subject="Bell", message=compose("Mute.", ""), category=desk.workshop.id),
            reference=before,
            now=datetime.now(UTC),
        )
        assert OutboxEntry.objects.get().ticket_id == number

        send()
        webhooks.forget_old(now=datetime.now(UTC) + timedelta(hours=2))

        assert not OutboxEntry.objects.exists()
        assert not Webhook.objects.exists()
