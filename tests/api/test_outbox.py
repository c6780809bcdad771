"""What the writes leave in the outbox (tickets.md §18, "Who gets e-mail")."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from reynard.desk.models import OutboxEntry, Role, Subscription, Update
from reynard.desk.selectors import reference
from tests import factories
from tests.api.writing import NOW, everything, stop_clock

LENA = "lena.ortiz@example.org"
PRIYA, JONAS, MIA = (f"{name}@rollwerk.example" for name in ("priya", "jonas", "mia"))


@pytest.fixture(autouse=True)
def _all_see_all_tickets(desk):
    """Staff are told of tickets they may see only."""
    Role.objects.update(permissions=["all_tickets", "web_reply", "close_tickets"])
    reference.changed()


@pytest.fixture
def ticket(desk):
    """Unassigned, and nobody follows it."""
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def mia(desk):
    """An agent of the workshop."""
    return factories.make_staff("Mia", desk.workshop)


@pytest.fixture
def outbox(api, desk, ticket):
    """Does something to the ticket, and returns what it left: `{kind: recipients without empty lists}`."""

    def run(operation, body, number=None):
        OutboxEntry.objects.all().delete()
        path = operation if operation == "tickets/" else f"ticket/{number or ticket.id}/{operation}/"
        answer = api.post(path, body)
        assert answer.status_code == 200, answer.content
        newest = Update.objects.latest("id")
        found = OutboxEntry.objects.all()
        assert all((entry.update_id, entry.ticket_id) == (newest.id, newest.ticket_id) for entry in found)
        return {entry.kind: {key: value for key, value in entry.recipients.items() if value} for entry in found}

    return run


@pytest.fixture
def work(desk, outbox):
    """A staff update of Priya's."""
    return lambda **values: outbox("staff_update", {"staff": desk.priya.id} | values)


@pytest.fixture
def note(desk, outbox):
    return lambda **values: outbox("staff_pvtnote", {"staff": desk.priya.id, "text": "Psst."} | values)


@pytest.fixture
def assigned(desk, ticket):
    ticket.assignee = desk.jonas
    ticket.save()


@pytest.fixture
def followed(ticket, mia, desk):
    Subscription.objects.create(ticket=ticket, staff=mia)
    Subscription.objects.create(ticket=ticket, staff=desk.gone)


COPIES = {"cc": "ann@example.org,Bob <bob@example.org>", "bcc": "eve@example.org"}
COPIED = {"cc": ["ann@example.org", "Bob <bob@example.org>"], "bcc": ["eve@example.org"]}


def test_an_entry_says_all_that_sending_needs(work, desk, ticket, monkeypatch):
    stop_clock(monkeypatch)
    work(text="Ready.", update_customer=True, send_survey=True)
    entry = OutboxEntry.objects.get()
    assert (entry.channel, entry.lane) == ("mail", None)
    assert (entry.created_at, entry.next_try_at, entry.expires_at) == (NOW, NOW, NOW + timedelta(days=3))
    assert (entry.attempts, entry.leased_until, entry.last_error, entry.answers) == (0, None, "", {})
    assert (entry.done_at, entry.dead_at, entry.options) == (None, None, {"survey": True})
    assert entry.message_id.startswith(f"{ticket.id}.{entry.update_id}.message.")
    assert len(entry.message_id.rpartition(".")[2]) == 16


class TestCreate:
    @pytest.fixture
    def create(self, desk, outbox):
        least = {"client": desk.lena.id, "subject": "Bell", "text": "Mute", "category": desk.workshop.id}
        return lambda **values: outbox("tickets/", least | values)

    def test_tells_nobody_of_a_plain_ticket(self, create, mia):
        assert create() == {}

    def test_tells_copies_and_the_assignee(self, create, desk):
        assert create(**COPIES, assignee=desk.jonas.id) == {"message": COPIED, "staff": {"to": [JONAS]}}

    def test_acknowledges_where_the_desk_says_so(self, create, settings):
        settings.REYNARD_ACKNOWLEDGE_TICKETS = True
        assert create() == {"acknowledgement": {"to": [LENA]}}
        assert create(visible_only_staff=True) == {}

    def test_acknowledges_to_new_contacts_and_to_nobody_without_an_address(self, create, desk, settings):
        settings.REYNARD_ACKNOWLEDGE_TICKETS = True
        new = {"client": None, "email": "new@example.org", "name": "New"}
        assert create(**new) == {"acknowledgement": {"to": ["new@example.org"]}}
        assert create(client=factories.make_contact("Phone only", None).id) == {}

    def test_tells_the_category_where_the_desk_says_so(self, create, mia, settings):
        settings.REYNARD_NOTIFY_CATEGORY_STAFF = True
        assert create() == {"staff": {"to": [PRIYA, MIA]}}

    def test_tells_nobody_of_a_ticket_from_long_ago(self, create, desk, settings, mia, monkeypatch):
        stop_clock(monkeypatch)
        settings.REYNARD_ACKNOWLEDGE_TICKETS = settings.REYNARD_NOTIFY_CATEGORY_STAFF = True
        told = create(created_at=(NOW - timedelta(hours=23)).strftime("%Y-%m-%d %H:%M:%S"), **COPIES)
        assert set(told) == {"acknowledgement", "message", "staff"}
        assert create(created_at=(NOW - timedelta(hours=25)).strftime("%Y-%m-%d %H:%M:%S"), **COPIES) == {}

    def test_tells_nobody_when_it_is_refused(self, api, desk):
        before = everything()
        assert api.post("tickets/", {"client": desk.lena.id, **COPIES}).status_code == 400
        assert everything() == before


class TestStaffUpdate:
    def test_tells_the_contact_only_when_asked_to(self, work):
        assert work(text="Ready.", update_customer=True, **COPIES) == {"message": {"to": [LENA], **COPIED}}
        assert work(text="Ready.", **COPIES) == {}

    def test_tells_the_assignee_and_subscribers_who_are_active(self, work, assigned, followed):
        assert work(text="Ready.") == {"staff": {"to": [JONAS, MIA]}}
        assert work(text="Ready.", update_customer="yes") == {"message": {"to": [LENA]}, "staff": {"to": [JONAS, MIA]}}

    def test_does_not_tell_its_author(self, work, desk, ticket):
        work(assignee=desk.priya.id)
        Subscription.objects.create(ticket=ticket, staff=desk.priya)
        assert work(text="Ready.") == {}

    def test_a_contact_without_an_address_is_not_told(self, outbox, desk):
        number = factories.make_ticket(factories.make_contact("Phone only", None), desk.workshop).id
        body = {"staff": desk.priya.id, "text": "Ready.", "update_customer": True}
        assert outbox("staff_update", body, number) == {}

    def test_of_properties_only_tells_subscribers_and_a_new_assignee(self, work, desk, assigned, followed):
        assert work(priority=desk.high.id, update_customer=True, **COPIES) == {"staff": {"to": [MIA]}}
        assert work(assignee=None) == {"staff": {"to": [MIA]}}
        assert work(assignee=desk.jonas.id) == {"staff": {"to": [JONAS, MIA]}}

    def test_the_survey_goes_with_the_mail_to_the_contact(self, work, followed):
        work(text="Ready.", update_customer=True, send_survey=True)
        assert dict(OutboxEntry.objects.values_list("kind", "options")) == {"message": {"survey": True}, "staff": {}}
        work(text="Ready.", send_survey=True)
        assert dict(OutboxEntry.objects.values_list("kind", "options")) == {"staff": {}}


class TestPrivateNote:
    def test_tells_nobody_by_itself(self, note, assigned, followed):
        assert note(**COPIES, update_customer=True) == {}

    def test_tells_whom_it_alerts(self, note, desk, assigned, followed):
        assert note(alert="s") == {"staff": {"to": [MIA]}}
        assert note(alert="c") == {"staff": {"to": [MIA]}}  # and Priya, who is its author
        assert note(alert=desk.jonas.id) == {"staff": {"to": [JONAS]}}
        assert note(alert=f"c,s,{desk.jonas.id}") == {"staff": {"to": [JONAS, MIA]}}

    def test_tells_a_new_assignee(self, note, desk):
        assert note(assignee=desk.jonas.id) == {"staff": {"to": [JONAS]}}

    def test_without_a_message_is_a_change_of_properties(self, note, desk, followed):
        assert note(text=None, priority=desk.high.id) == {"staff": {"to": [MIA]}}


class TestUserReply:
    @pytest.fixture
    def reply(self, desk, outbox):
        return lambda **values: outbox("user_reply", {"user": desk.lena.id, "text": "Again!"} | values)

    def test_tells_copies_the_assignee_and_subscribers(self, reply, assigned, followed):
        assert reply(**COPIES) == {"message": COPIED, "staff": {"to": [JONAS, MIA]}}

    def test_does_not_tell_its_author_who_stands_in_the_copies(self, reply):
        assert reply(cc=f"Lena Ortiz <{LENA}>") == {}

    def test_tells_the_category_of_an_unassigned_ticket_where_the_desk_says_so(
        self, reply, mia, settings, ticket, desk
    ):
        assert reply() == {}
        settings.REYNARD_NOTIFY_CATEGORY_STAFF = True
        assert reply() == {"staff": {"to": [PRIYA, MIA]}}
        ticket.assignee = desk.jonas
        ticket.save()
        assert reply() == {"staff": {"to": [JONAS]}}


class TestForward:
    @pytest.fixture
    def forward(self, desk, outbox):
        least = {"staff_id": desk.priya.id, "to": "parts@hubs.example", "subject": "Batch 2217"}
        return lambda **values: outbox("forward", least | values)

    def test_goes_to_those_it_names(self, forward, assigned, followed):
        assert forward() == {"forward": {"to": ["parts@hubs.example"]}}
        assert forward(**COPIES, to_include_ticket_contact=True) == {
            "forward": {"to": ["parts@hubs.example", LENA], **COPIED}
        }

    def test_says_what_to_quote(self, forward):
        usual = {"all_messages": True, "private_notes": False, "attachments": [], "replies_open_tickets": True}
        forward()
        assert OutboxEntry.objects.get().options == usual
        forward(send_all_messages="FALSE", include_pvt_notes=1, convert_replies_as_new_ticket="no")
        assert OutboxEntry.objects.get().options == {
            "all_messages": False,
            "private_notes": True,
            "attachments": [],
            "replies_open_tickets": False,
        }


class TestOtherActions:
    def test_a_move_tells_a_new_assignee_only(self, outbox, desk, assigned, followed):
        there = {"staff_id": desk.priya.id, "target_category_id": desk.office.id, "move_note": "x"}
        back = there | {"target_category_id": desk.workshop.id}
        assert outbox("move", there) == {}
        assert outbox("move", back | {"assign_to": desk.jonas.id}) == {}
        assert outbox("move", there | {"assign_to": desk.priya.id}) == {}
        assert outbox("move", back | {"assign_to": desk.jonas.id}) == {"staff": {"to": [JONAS]}}

    def test_tags_fields_subscribers_and_deletions_tell_nobody(self, outbox, desk, assigned, followed):
        field = factories.make_field("Frame size", categories=[desk.workshop])
        acting = {"staff_id": desk.priya.id}
        assert outbox("update_tags", acting | {"add": "a"}) == {}
        assert outbox("update_custom_fields", {"staff": desk.priya.id, f"t-cf-{field.id}": "54"}) == {}
        assert outbox("subscribe", acting) == {}
        assert outbox("unsubscribe", acting) == {}
        assert outbox("delete", acting) == {}


def test_a_repeated_write_with_its_key_tells_once(api, desk, ticket, assigned):
    body = {"staff": desk.priya.id, "text": "Ready."}
    for _ in range(2):
        assert api.post(f"ticket/{ticket.id}/staff_update/", body, Idempotency_Key="k").status_code == 200
    assert OutboxEntry.objects.count() == 1


def test_an_update_has_one_mail_of_a_kind(work):
    work(text="Ready.", update_customer=True)
    entry = OutboxEntry.objects.get()
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


def test_a_mail_is_not_both_sent_and_given_up(work):
    work(text="Ready.", update_customer=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxEntry.objects.update(done_at=NOW, dead_at=NOW)
