"""`reynard webhook`, as operators and scripts use it."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reynard.desk.models import OutboxEntry, Webhook
from tests import factories
from tests.webhooks.receivers import reply

URL = "https://hooks.example.org/desk"


def run(*arguments):
    out = io.StringIO()
    call_command("webhook", *arguments, stdout=out)
    return out.getvalue()


def open_ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, now=datetime.now(UTC))


class TestCreate:
    def test_prints_one_json_object(self, desk):
        events = "ticket.created,ticket.updated"

        made = json.loads(run("create", URL, "--events", events, "--category", str(desk.office.id), "--json"))

        webhook = Webhook.objects.get()
        assert made == {"id": webhook.id, "url": URL, "secret": webhook.secret}
        assert webhook.events == events.split(",")
        assert [category.id for category in webhook.categories.all()] == [desk.office.id]

    def test_names_the_webhook_after_its_host(self, desk):
        for _ in range(2):
            run("create", URL, "--events", "ticket.created")

        assert [webhook.name for webhook in Webhook.objects.order_by("id")] == [
            "hooks.example.org",
            "hooks.example.org-2",
        ]

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (["create", "hooks.example.org", "--events", "ticket.created"], "whole address"),
            (["create", URL, "--events", "ticket.opened"], "Choose from ticket.created"),
            (["create", URL, "--events", ""], "Choose from ticket.created"),
            (["create", URL, "--events", "ticket.created", "--category", "99999"], "No category has the ID 99999"),
            (["create", URL, "--events", "ticket.created", "--name", "x" * 101], "100 characters"),
            (["create", URL, "--events", "ticket.created", "--name", "taken"], "named taken already"),
            (["log", "nobody"], "No webhook"),
            (["replay", "taken", "--since", "1"], "switched off"),
        ],
    )
    def test_and_others_refuse_what_cannot_be(self, desk, arguments, text):
        run("create", URL, "--events", "ticket.created", "--name", "taken")
        run("disable", "taken")

        with pytest.raises(CommandError, match=text):
            run(*arguments)

        assert Webhook.objects.count() == 1

    def test_refuses_http_to_others_unless_all_is_allowed(self, desk, settings):
        settings.REYNARD_WEBHOOK_ALLOW_INTERNAL = False
        with pytest.raises(CommandError, match="use https"):
            run("create", "http://hooks.example.org/", "--events", "ticket.created")

    def test_warns_of_receivers_nothing_is_sent_to(self, desk, settings, capsys):
        settings.REYNARD_WEBHOOK_ALLOW_INTERNAL = False

        run("create", "http://127.0.0.1:9000/", "--events", "ticket.created")

        assert "REYNARD_WEBHOOK_ALLOW_INTERNAL" in capsys.readouterr().err


class TestList:
    def test_shows_what_waits_and_why_one_is_off(self, desk, make_webhook):
        webhook = make_webhook(URL)
        make_webhook(URL, name="gone")
        open_ticket(desk)
        Webhook.objects.filter(name="gone").update(active=False, off_because="The receiver answered 410: it is gone.")

        head, one, two, why = run("list").splitlines()

        assert head.split() == ["ID", "NAME", "STATE", "WAITING", "EVENTS", "CATEGORIES", "URL"]
        assert one.split()[:4] == [str(webhook.id), "hooks.example.org", "on", "1"]
        assert two.split()[1:4] == ["gone", "off", "1"]
        assert why == "gone is switched off. The receiver answered 410: it is gone."
        assert webhook.secret not in one

    def test_ends_with_the_last_of_them(self, desk, make_webhook):
        make_webhook(URL)

        assert run("list").endswith(f"{URL}\n")

    def test_says_how_to_begin(self, desk):
        assert "reynard webhook create" in run("list")


class TestOneWebhook:
    @pytest.mark.parametrize("by", ["id", "name", "url"])
    def test_is_found_by(self, desk, make_webhook, by):
        webhook = make_webhook(URL)
        make_webhook("https://other.example.org/")

        run("disable", str(getattr(webhook, by)))

        assert [one.name for one in Webhook.objects.filter(active=False)] == [webhook.name]

    def test_is_switched_off_and_on(self, desk, make_webhook):
        make_webhook(URL, name="desk")

        run("disable", "desk")
        assert not Webhook.objects.get().active
        run("enable", "desk")
        assert Webhook.objects.get().active

    def test_is_deleted_and_its_name_can_be_given_again(self, desk, make_webhook):
        webhook = make_webhook(URL, name="desk")

        run("delete", "desk")

        assert "There are no webhooks" in run("list")
        with pytest.raises(CommandError, match="No webhook"):
            run("log", str(webhook.id))
        run("create", URL, "--events", "ticket.created", "--name", "desk")


class TestDeliveries:
    def test_are_listed_and_shown_with_their_requests(self, desk, webhook, receiver, send):
        receiver.answer = lambda handler, got: reply(handler, 500, b"out of order")
        ticket = open_ticket(desk)
        send()

        _, line = run("log", webhook.name).splitlines()
        shown = run("log", webhook.name, "--delivery", line.split()[0])

        assert "ticket.created" in line
        assert "waiting" in line
        assert f"ticket {ticket.id}" in shown
        assert "500 The receiver answered 500." in shown
        assert "> X-Webhook-Event: ticket.created" in shown
        assert "< out of order" in shown
        assert run("log", webhook.name, "--failed") == "There is nothing.\n"

    def test_stand_in_the_outbox_with_their_receiver(self, desk, webhook):
        open_ticket(desk)
        out = io.StringIO()

        call_command("outbox", "list", stdout=out)

        [line] = [line for line in out.getvalue().splitlines() if "ticket.created" in line]
        assert line.endswith(webhook.url)

    def test_leave_again_one_by_one(self, desk, webhook, receiver, send):
        open_ticket(desk)
        send()

        run("redeliver", webhook.name, str(OutboxEntry.objects.get().id))
        send()

        assert len(receiver.received) == 2

    def test_leave_again_from_an_update_on(self, desk, webhook, receiver, send):
        open_ticket(desk)
        since = open_ticket(desk).last_update_id
        send()

        text = run("replay", webhook.name, "--since", str(since))
        send()

        assert text.startswith(f"1 events from update {since} on")
        assert len(receiver.received) == 3
