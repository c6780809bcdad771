"""Warnings to administrators: one mail for one incident, and none about a warning."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import pytest

from reynard.desk.actions import deliveries, incidents, mailboxes, webhooks
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.models import Mailbox, OutboxEntry, Role, Staff, Ticket, WebhookAttempt
from reynard.desk.rules.incidents import Incident
from reynard.desk.selectors import reference
from reynard.environment import SmtpServer
from reynard.mail.sending import Allowance, Sender
from tests import factories
from tests.desk.outbox import make_entry, make_mail
from tests.factories import NOON
from tests.mail.sink import Sink, sink

pytestmark = pytest.mark.django_db

ADMIN = "priya@rollwerk.example"


@pytest.fixture
def staff(desk: SimpleNamespace, settings: Any) -> SimpleNamespace:
    """The desk, with one who keeps webhooks, and one who keeps mailboxes."""
    settings.REYNARD_MAIL_FROM = "Rollwerk <desk@rollwerk.example>"
    factories.make_staff("Hook", role=Role.objects.create(name="Hooks", permissions=["manage_integrations"]))
    factories.make_staff("Box", role=Role.objects.create(name="Boxes", permissions=["manage_channels"]))
    factories.make_staff("Past", is_account_admin=True, active=False)
    return desk


@pytest.fixture
def ticket(staff: SimpleNamespace) -> Ticket:
    return factories.make_ticket(staff.lena, staff.workshop)


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


def warnings() -> list[OutboxEntry]:
    return list(OutboxEntry.objects.filter(kind="warning").order_by("id"))


def told(name: str) -> tuple[list[str], str]:
    """Who was told, and the subject, of the one warning there is; it mentions `name`."""
    (entry,) = warnings()
    assert name in entry.options["text"]
    return sorted(entry.recipients["to"]), entry.options["subject"]


class TestAWebhook:
    def fail(self, ticket: Ticket, webhook: Any, status: int) -> None:
        claimed = make_entry(ticket, webhook=webhook, kind="ticket.updated", leased_by="me", attempts=1)
        attempt = WebhookAttempt(
            started_at=NOON,
            duration_ms=1,
            request_headers={},
            body_bytes=0,
            status=status,
            response_headers={},
            error="No",
        )
        webhooks.record(claimed, attempt, now=NOON)

    def test_that_is_switched_off_is_told_to_those_who_keep_webhooks(self, ticket: Ticket) -> None:
        webhook = factories.make_webhook("https://hooks.example.org/secret-path", name="Stock")
        self.fail(ticket, webhook, 500)
        assert warnings() == []
        self.fail(ticket, webhook, 410)
        self.fail(ticket, webhook, 410)
        assert told("The receiver answered 410") == (
            ["hook@rollwerk.example", ADMIN],
            "Reynard: The webhook Stock is switched off",
        )
        assert "secret-path" not in str(warnings()[0].options)

    def test_that_is_switched_off_again_is_told_again(self, ticket: Ticket) -> None:
        webhook = factories.make_webhook("https://hooks.example.org/", name="Stock")
        self.fail(ticket, webhook, 410)
        webhooks.set_active(webhook.id, True)
        webhook.refresh_from_db()
        OutboxEntry.objects.filter(kind="warning").update(message_id="warning.before")  # as if time had passed
        self.fail(ticket, webhook, 410)
        assert len(warnings()) == 2


class TestAMailbox:
    @pytest.fixture
    def mailbox(self, staff: SimpleNamespace) -> Mailbox:
        url = "imap://support:secret@127.0.0.1:1/"
        wanted = MailboxSettings(address="support@rollwerk.example", category_id=staff.workshop.id, imap_url=url)
        return mailboxes.create("support", wanted, now=NOON)

    def lease(self, mailbox: Mailbox) -> str:
        Mailbox.objects.update(leased_until=None)
        mark = mailboxes.lease(mailbox.id, now=NOON)
        assert mark
        return mark

    def fail(self, mailbox: Mailbox, *minutes: int) -> None:
        for minute in minutes:
            now = NOON + timedelta(minutes=minute)
            mailboxes.failed(mailbox.id, self.lease(mailbox), "It is down.\r\nBcc: all", now=now)

    def test_that_fails_for_a_quarter_of_an_hour_is_told_once(self, mailbox: Mailbox) -> None:
        self.fail(mailbox, 0, 14)
        assert warnings() == []
        self.fail(mailbox, 16, 60, 24 * 60 + 17, 3 * 24 * 60)
        people = ["box@rollwerk.example", ADMIN]
        assert told("2026-03-09 12:00 UTC") == (people, "Reynard: The mailbox support cannot be read")

    def test_that_was_read_in_between_is_told_again(self, mailbox: Mailbox) -> None:
        self.fail(mailbox, 0, 20)
        mailboxes.succeeded(mailbox.id, self.lease(mailbox), now=NOON + timedelta(minutes=30))
        self.fail(mailbox, 40, 60)
        assert len(warnings()) == 2

    def test_whose_credentials_expire_is_told_once(self, mailbox: Mailbox) -> None:
        expires = NOON + timedelta(days=20)
        mailboxes.edit("support", MailboxSettings(credentials_expire_at=expires), now=NOON)
        for days in (0, 7, 9, 11):
            mailboxes.succeeded(mailbox.id, self.lease(mailbox), now=NOON + timedelta(days=days))
        assert told("2026-03-29 12:00 UTC")[0] == ["box@rollwerk.example", ADMIN]


class TestWhatWasGivenUp:
    def dead(self, ticket: Ticket, **values: Any) -> OutboxEntry:
        known = {"dead_at": NOON, "attempts": 3, "last_error": "550 No such user"}
        return make_mail(ticket, "ann@example.org", **(known | values))

    def test_is_told_to_admins_with_the_first_of_a_day(self, ticket: Ticket) -> None:
        entry = self.dead(ticket)
        self.dead(ticket)
        make_entry(ticket, dead_at=NOON, attempts=7)
        incidents.warn_of_given_up(now=NOON + timedelta(minutes=10))
        people, subject = told(f"* {entry.id}, about ticket {ticket.id}: 550 No such user\n")
        assert (people, subject) == ([ADMIN], "Reynard: 2 mails and 1 webhook delivery could not leave the desk")

    def test_later_that_day_is_told_the_next_day(self, ticket: Ticket) -> None:
        self.dead(ticket)
        incidents.warn_of_given_up(now=NOON + timedelta(minutes=10))
        self.dead(ticket, dead_at=NOON + timedelta(hours=1))
        incidents.warn_of_given_up(now=NOON + timedelta(hours=2))
        assert len(warnings()) == 1
        incidents.warn_of_given_up(now=NOON + timedelta(hours=13))
        incidents.warn_of_given_up(now=NOON + timedelta(hours=14))
        subjects = [entry.options["subject"] for entry in warnings()]
        assert subjects == ["Reynard: 1 mail could not leave the desk"] * 2

    def test_without_having_been_tried_is_told_only_when_it_is_too_late(self, ticket: Ticket) -> None:
        self.dead(ticket, attempts=0, last_error="The message was deleted.")
        incidents.warn_of_given_up(now=NOON)
        assert warnings() == []
        self.dead(ticket, attempts=0, expires_at=NOON, last_error="It could not leave within 3 days.")
        incidents.warn_of_given_up(now=NOON)
        assert told("within 3 days")[0] == [ADMIN]

    def test_because_it_should_not_leave_is_nobodys_failure(self, ticket: Ticket, server: Sink) -> None:
        now = datetime.now(UTC)
        make_mail(ticket, "desk@rollwerk.example", next_try_at=now, expires_at=now + deliveries.lifetime())
        deliver(server)
        (entry,) = OutboxEntry.objects.exclude(dead_at=None)
        assert entry.last_error == "desk@rollwerk.example: This is an address of the desk itself."
        incidents.warn_of_given_up(now=datetime.now(UTC))
        assert warnings() == []


def deliver(server: Sink) -> None:
    sender = Sender(SmtpServer("127.0.0.1", server.port, "none"), per_connection=9, allowance=Allowance(0))
    sender.send_due(datetime.now(UTC))
    sender.close()


def test_a_warning_arrives_as_a_mail_that_nothing_answers(staff: SimpleNamespace, server: Sink, settings: Any) -> None:
    settings.REYNARD_BASE_URL = "https://desk.example.org"
    values = {"name": "Stock {x}", "reason": "<b>No</b>\nBcc: eve@example.org", "days": "3"}
    incidents.warn(Incident.WEBHOOK_OFF, "1", values, now=datetime.now(UTC))
    deliver(server)
    (mail,) = server.received
    assert (mail.sender, sorted(mail.recipients)) == ("", ["hook@rollwerk.example", ADMIN])
    read = message_from_bytes(mail.content, policy=policy.default)
    assert read["Subject"] == "Reynard: The webhook Stock {x} is switched off"
    assert read["Bcc"] is None
    assert read["Auto-Submitted"] == "auto-generated"
    assert "https://desk.example.org/manage/webhooks/" in read.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    html = read.get_body(("html",)).get_content()  # type: ignore[attr-defined]
    assert "&lt;b&gt;No&lt;/b&gt;" in html
    assert '<a href="https://desk.example.org/manage/webhooks/">' in html


def test_a_warning_that_is_refused_warns_nobody(staff: SimpleNamespace, server: Sink) -> None:
    incidents.warn(Incident.WEBHOOK_OFF, "1", {"name": "Stock", "reason": "No.", "days": "3"}, now=datetime.now(UTC))
    server.of_recipient = lambda address: "550 No such user"
    deliver(server)
    assert warnings()[0].dead_at is not None
    incidents.warn_of_given_up(now=datetime.now(UTC))
    assert len(warnings()) == 1


def test_nobody_to_tell_leaves_nothing(desk: SimpleNamespace) -> None:
    Staff.objects.update(is_account_admin=False)
    reference.changed()
    incidents.warn(Incident.GIVEN_UP, "1", {"count": "1 mail", "since": "x", "examples": "y"}, now=NOON)
    assert warnings() == []
