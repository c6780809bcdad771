"""What is written for webhooks when a ticket changes: which events, for whom, at what cost (webhooks.md §3, W-03)."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.desk import db as desk_db
from reynard.desk.actions import ticket_changes, tickets, webhooks
from reynard.desk.actions.ticket_changes import Deletion, Move, Subscribers, TagChanges
from reynard.desk.actions.tickets import ContactReply
from reynard.desk.models import OutboxEntry
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories
from tests.api.reading import staff_update
from tests.factories import NOON


def written(webhook=None):
    found = OutboxEntry.objects.filter(channel="webhook").order_by("id")
    return [entry.kind for entry in (found.filter(webhook=webhook) if webhook else found)]


def act(action, ticket, given):
    return action(ticket.id, given, reference=reference.current(), now=NOON)


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


class TestAnEvent:
    def test_is_written_for_each_entry_of_the_history(self, desk, make_webhook):
        make_webhook()
        ticket = factories.make_ticket(desk.lena, desk.workshop)
        staff_update(ticket, desk, text="Ordered.")
        staff_update(ticket, desk, text="Psst.", note=True)
        act(tickets.add_contact_reply, ticket, ContactReply(contact=desk.lena.id, message=compose("Thanks.", "")))
        act(ticket_changes.delete, ticket, Deletion(staff=desk.priya.id))

        assert written() == ["ticket.created", *["ticket.updated"] * 3, "ticket.deleted"]

    def test_is_written_for_tags_and_subscribers(self, desk, ticket, make_webhook):
        make_webhook()
        act(ticket_changes.update_tags, ticket, TagChanges(add=["brakes"]))
        act(ticket_changes.subscribe, ticket, Subscribers(staff=desk.priya.id))
        act(ticket_changes.unsubscribe, ticket, Subscribers(staff=desk.priya.id))

        assert written() == ["ticket.updated"] * 3

    def test_is_not_written_for_what_changes_nothing(self, desk, ticket, make_webhook):
        act(ticket_changes.subscribe, ticket, Subscribers(staff=desk.priya.id))
        make_webhook()
        act(ticket_changes.subscribe, ticket, Subscribers(staff=desk.priya.id))

        assert written() == []

    def test_is_not_written_for_what_is_rolled_back(self, desk, ticket, make_webhook):
        make_webhook()

        def change_and_fail():
            with desk_db.write():
                staff_update(ticket, desk, text="Ordered.")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            change_and_fail()

        assert written() == []

    def test_is_written_only_for_those_who_want_it(self, desk, make_webhook):
        new, gone = make_webhook(events=("ticket.created",)), make_webhook(events=("ticket.deleted",))
        ticket = factories.make_ticket(desk.lena, desk.workshop)
        act(ticket_changes.delete, ticket, Deletion(staff=desk.priya.id))

        assert (written(new), written(gone)) == (["ticket.created"], ["ticket.deleted"])

    def test_is_not_written_for_webhooks_that_are_off(self, desk, ticket, make_webhook):
        webhooks.set_active(make_webhook().id, False)
        staff_update(ticket, desk, text="Ordered.")

        assert written() == []

    def test_has_one_delivery_id_for_each_webhook(self, desk, ticket, make_webhook):
        make_webhook(), make_webhook()
        staff_update(ticket, desk, text="Ordered.")
        act(ticket_changes.subscribe, ticket, Subscribers(staff=desk.priya.id))

        ids = OutboxEntry.objects.filter(channel="webhook").values_list("message_id", flat=True)
        assert len(set(ids)) == 4


class TestCategories:
    @pytest.fixture
    def office(self, desk, make_webhook):
        return make_webhook(categories=[desk.office.id])

    def test_limit_what_a_webhook_hears(self, desk, office, ticket, make_webhook):
        workshop = make_webhook(categories=[desk.workshop.id])
        staff_update(ticket, desk, text="Ordered.")

        assert (written(office), written(workshop)) == ([], ["ticket.updated"])

    def test_of_a_move_are_both(self, desk, office, ticket):
        act(ticket_changes.move, ticket, Move(staff=desk.priya.id, category=desk.office.id))
        staff_update(ticket, desk, text="Ours now.")
        act(ticket_changes.move, ticket, Move(staff=desk.priya.id, category=desk.workshop.id))
        staff_update(ticket, desk, text="Theirs again.")

        assert written(office) == ["ticket.updated"] * 3


class TestStatements:
    def cost(self, desk, ticket):
        reference.current()
        with CaptureQueriesContext(connection) as captured:
            staff_update(ticket, desk, text="Ordered.")
        return len(captured)

    def test_are_none_without_webhooks_and_one_for_any_number(self, desk, ticket, make_webhook):
        self.cost(desk, ticket)
        without = self.cost(desk, ticket)
        off = make_webhook()
        webhooks.set_active(off.id, False)
        with_one_that_is_off = self.cost(desk, ticket)
        make_webhook()
        with_one = self.cost(desk, ticket)
        for _ in range(10):
            make_webhook()
        with_many = self.cost(desk, ticket)

        assert with_one_that_is_off == without
        assert with_one == with_many == without + 1


class TestReplay:
    @pytest.fixture
    def history(self, desk, ticket):
        """Two tickets with entries that alternate; the second is deleted in the end."""
        desk.leasing = factories.make_category("Leasing", "LE")
        other = factories.make_ticket(desk.lena, desk.leasing)
        for _ in range(3):
            staff_update(ticket, desk, text="Ordered.")
            staff_update(other, desk, text="Ordered.")
        act(ticket_changes.delete, other, Deletion(staff=desk.priya.id))
        return SimpleNamespace(ticket=ticket, other=other, updates=[*other.updates.order_by("id")])

    def replay(self, webhook, since):
        return [*webhooks.replay(webhook, since=since, now=NOON)]

    def test_writes_every_event_from_an_update_on_in_order(self, history, make_webhook, monkeypatch):
        monkeypatch.setattr(webhooks, "_BATCH", 2)
        webhook = make_webhook()

        counts = self.replay(webhook, history.updates[1].id)

        assert counts[-1] == 6
        deliveries = OutboxEntry.objects.filter(webhook=webhook).order_by("id")
        assert [entry.update_id for entry in deliveries] == sorted(entry.update_id for entry in deliveries)
        assert [entry.kind for entry in deliveries] == ["ticket.updated"] * 5 + ["ticket.deleted"]
        assert {entry.ticket_id for entry in deliveries} == {history.ticket.id, history.other.id}

    def test_keeps_to_what_the_webhook_hears(self, desk, history, make_webhook):
        webhook = make_webhook(events=("ticket.created",), categories=[desk.leasing.id])

        assert self.replay(webhook, 0) == [1]
        assert [entry.ticket_id for entry in OutboxEntry.objects.filter(webhook=webhook)] == [history.other.id]

    def test_gives_events_the_delivery_ids_they_had(self, desk, ticket, make_webhook):
        webhook = make_webhook()
        staff_update(ticket, desk, text="Ordered.")
        [first] = OutboxEntry.objects.filter(webhook=webhook)

        self.replay(webhook, first.update_id)

        assert {entry.message_id for entry in OutboxEntry.objects.filter(webhook=webhook)} == {first.message_id}
        assert OutboxEntry.objects.filter(webhook=webhook).count() == 2
