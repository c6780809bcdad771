"""How many statements the hot operations cost: the same number at any size (docs/performance.md).

Numbers include one for the version of the reference data, and on writes the SAVEPOINT pairs that stand for BEGIN and
COMMIT in tests. Nothing is kept from request to request unless a test says so.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.api import wire
from reynard.desk import db, files
from reynard.desk.actions import knowledge_base, sla
from reynard.desk.models import Attachment, ContactGroup, Ticket, Update
from reynard.desk.selectors import reference
from tests import factories
from tests.api.reading import staff_update
from tests.factories import NOON

SIZES = [3, 60]


@pytest.fixture
def statements(monkeypatch):
    """Runs a call with nothing kept of tickets and contacts, but with the set-up known; returns the SQL."""

    def run(call):
        for cache in ("_ticket_cache", "_contact_cache"):
            monkeypatch.setattr(wire, cache, wire._Cache(10**6))
        reference.current()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = call()
        assert answer.status_code == 200, answer.content
        return [query["sql"] for query in captured.captured_queries]

    return run


def make_tickets(desk, number, *, updates=2, with_file=True):
    """Tickets of several contacts with conversations; the last one is returned."""
    kept = files.keep(SimpleUploadedFile("a.txt", b"a", "text/plain"))
    contacts = [factories.make_contact(f"Contact {n}", f"contact{n}@example.org") for n in range(1 + number // 3)]
    for n in range(number):
        moment = NOON + timedelta(minutes=n)
        ticket = factories.make_ticket(contacts[n % len(contacts)], desk.workshop, now=moment)
        for _ in range(updates):
            staff_update(ticket, desk, text="Ordered.", files=[kept] if with_file else [], now=moment)
    return ticket


@pytest.mark.parametrize("size", SIZES)
class TestReadingOneTicket:
    def test_costs_four_with_files(self, api, desk, statements, size):
        ticket = make_tickets(desk, 1, updates=size)

        assert len(statements(lambda: api.get(f"ticket/{ticket.id}/"))) == 4

    def test_costs_three_without(self, api, desk, statements, size):
        ticket = make_tickets(desk, 1, updates=size, with_file=False)

        assert len(statements(lambda: api.get(f"ticket/{ticket.id}/"))) == 3

    def test_costs_two_when_the_reader_has_it(self, api, desk, statements, size):
        ticket = make_tickets(desk, 1, updates=size, with_file=False)
        tag = api.get(f"ticket/{ticket.id}/")["ETag"]

        with CaptureQueriesContext(connection) as captured:
            assert api.get(f"ticket/{ticket.id}/", If_None_Match=tag).status_code == 304
        assert len(captured) == 2


@pytest.mark.parametrize("size", SIZES)
class TestListingTickets:
    @pytest.mark.parametrize(
        "query",
        [
            "",
            "status=_pending",
            "status=_all&category={category}",
            "sort=due",
            "sort=assigneea",
            "sort=statusd",
            "sort=subjecta&status=_pending,_completed",
            "fields=id,subject",
            "show_cf_changes=true",
        ],
    )
    def test_costs_seven_whatever_is_asked_for(self, api, desk, statements, size, query):
        make_tickets(desk, size)
        query = query.format(category=desk.workshop.id)

        assert len(statements(lambda: api.get(f"tickets/?size=50&{query}"))) == 7

    def test_costs_three_when_everything_on_the_page_is_known(self, api, desk, size):
        make_tickets(desk, size)
        api.get("tickets/?size=50")

        with CaptureQueriesContext(connection) as captured:
            api.get("tickets/?size=50")
        assert len(captured) == 3

    def test_costs_three_for_numbers_and_five_without_histories(self, api, desk, statements, size):
        make_tickets(desk, size)

        assert len(statements(lambda: api.get("tickets/?minify_response=true"))) == 3
        assert len(statements(lambda: api.get("tickets/?include_updates=0"))) == 5

    def test_of_which_a_page_past_the_end_costs_two(self, api, desk, statements, size):
        make_tickets(desk, size)

        assert len(statements(lambda: api.get("tickets/?page=100"))) == 2


def _read_to_the_end(answer):
    assert answer.getvalue()
    return answer


@pytest.mark.parametrize("size", SIZES)
class TestFollowing:
    """On PostgreSQL one more than on SQLite: which ids are settled."""

    def test_a_page_of_changes_costs_four_and_an_empty_one_two(self, api, desk, statements, size):
        make_tickets(desk, size)
        end = Update.objects.order_by("id").last().id
        settled = int(db.is_postgres())

        assert len(statements(lambda: api.get("changes/?size=200"))) == 4 + settled
        assert len(statements(lambda: api.get(f"changes/?since={end - 5}"))) == 4 + settled
        assert len(statements(lambda: api.get(f"changes/?since={end}"))) == 2 + settled

    def test_deleted_tickets_cost_two(self, api, desk, statements, size):
        make_tickets(desk, size)
        for ticket in Ticket.objects.all():
            api.post(f"ticket/{ticket.id}/delete/", {"staff_id": desk.priya.id})

        assert len(statements(lambda: api.get("deleted_tickets/"))) == 2 + int(db.is_postgres())

    def test_a_page_after_a_number_costs_as_much_as_one_by_number(self, api, desk, statements, size):
        make_tickets(desk, size)

        query = "sort=ticketa&size=10&after_id=0"
        assert len(statements(lambda: api.get(f"tickets/?{query}"))) == 7 + int(db.is_postgres())
        assert len(statements(lambda: api.get(f"users/?size=10&after_id={desk.lena.id}"))) == 4 + int(db.is_postgres())


@pytest.mark.parametrize("size", SIZES)
class TestOtherReads:
    def test_a_page_of_contacts_costs_four(self, api, desk, statements, size):
        make_tickets(desk, size)

        assert len(statements(lambda: api.get("users/?size=50"))) == 4

    def test_reference_data_costs_one_once_it_is_known(self, api, desk, statements, size):
        for n in range(size):
            factories.make_category(f"Category {n}")
            factories.make_staff(f"Person{n}")
            factories.make_field(f"Field {n}", "choice", choices=("a", "b"), categories=[desk.workshop])

        for path in ("categories/", "statuses/", "priorities/", "staff/", "ticket_custom_fields/"):
            assert len(statements(lambda path=path: api.get(path))) == 1

    def test_a_file_by_its_id_costs_two_and_what_a_key_is_one(self, api, desk, statements, size):
        kept = files.keep(SimpleUploadedFile("a.txt", b"a"))
        for _ in range(size):
            factories.make_ticket(desk.lena, desk.workshop, files=[kept])
        file_id = Attachment.objects.first().id

        assert len(statements(lambda: api.get(f"attachment/{file_id}/"))) == 2
        assert len(statements(lambda: _read_to_the_end(api.get(f"attachment/{file_id}/?download=1")))) == 2
        assert len(statements(lambda: api.get("me/"))) == 1

    def test_reference_data_itself_is_read_by_the_same_number_at_any_size(self, api, desk, size):
        for n in range(size):
            factories.make_category(f"Category {n}")
            factories.make_staff(f"Person{n}")
            factories.make_field(f"Field {n}", "choice", choices=("a", "b"), categories=[desk.workshop])

        with CaptureQueriesContext(connection) as captured:
            api.get("staff/")
        assert len(captured) == 12


@pytest.mark.parametrize("size", SIZES)
class TestAssets:
    @pytest.fixture
    def bikes(self, desk, size):
        bikes = factories.make_asset_type()
        for n in range(6):
            factories.make_asset_field(bikes, f"Field {n}", "dropdown", choices=("a", "b"))
        group = ContactGroup.objects.create(name="Nordlicht")
        contacts = [factories.make_contact(f"Contact {n}", f"contact{n}@example.org").id for n in range(size)]
        for n in range(size):
            links = {"contact_ids": contacts[: n + 1], "contact_group_ids": [group.id]}
            factories.make_asset(bikes, desk.priya, f"CB-{n}", **links)
        return bikes

    def test_a_page_costs_six(self, api, bikes, statements, size):
        api.get("assets/")  # the types are known then

        assert len(statements(lambda: api.get("assets/?size=50"))) == 6

    def test_types_and_fields_cost_one_once_they_are_known(self, api, bikes, statements, size):
        api.get("assets/")

        for path in ("asset_types/", "asset_custom_fields/", f"asset_type/{bikes.id}/"):
            assert len(statements(lambda path=path: api.get(path))) == 1

    def test_adding_one_costs_the_same(self, api, desk, bikes, statements, size):
        api.get("assets/")
        body = {"name": "a", "display_id": "b", "created_by": desk.priya.id, "contact_ids": [desk.lena.id]}

        assert len(statements(lambda: api.post("assets/", body))) <= 20


@pytest.mark.parametrize("size", SIZES)
class TestReports:
    @pytest.mark.parametrize(
        ("view", "cost"),
        [
            ("", 4),
            ("tabulardata/?size=50", 6),
            ("responsestats/", 5),
            ("staffperformance/", 5),
            ("staffactivity/?period_type=str&period_date_range_type=ytd", 6),
            ("customeractivity/", 5),
        ],
    )
    def test_a_view_costs_the_same_at_any_size(self, api, desk, statements, size, view, cost):
        make_tickets(desk, size)
        report = factories.make_report()

        limits = 3 * int(db.is_postgres())  # of time, and the savepoint they stand in
        assert len(statements(lambda: api.get(f"report/{report}/{view}"))) - limits == cost


@pytest.mark.parametrize("size", SIZES)
class TestTheKnowledgeBase:
    def test_costs_the_same_at_any_size(self, api, desk, statements, size):
        factories.fill_knowledge_base(desk)
        for n in range(size):
            section = knowledge_base.add_section(name=f"Section {n}", categories=[desk.workshop])
            factories.make_article(desk, f"Article {n}", section=section, related=[desk.brakes])

        assert len(statements(lambda: api.get("kb/sections/"))) == 7
        assert len(statements(lambda: api.get("kb/articles/"))) == 5
        assert len(statements(lambda: api.get(f"kb/article/{desk.brakes.id}"))) == 5

    def test_costs_two_for_who_has_it(self, api, desk, size):
        factories.fill_knowledge_base(desk)
        tag = api.get("kb/sections/")["ETag"]

        with CaptureQueriesContext(connection) as captured:
            assert api.get("kb/sections/", If_None_Match=tag).status_code == 304
        assert len(captured) == 2


@pytest.mark.parametrize("size", SIZES)
class TestWriting:
    """At most 20 each; the exact numbers may fall."""

    def test_creating_a_ticket(self, api, desk, statements, size):
        make_tickets(desk, size)
        body = {"client": desk.lena.id, "category": desk.workshop.id, "subject": "a", "text": "b", "tags": "x"}

        sql = statements(lambda: api.post("tickets/", body))

        assert len(sql) == CREATE

    def test_creating_a_ticket_for_a_new_contact(self, api, desk, statements, size):
        make_tickets(desk, size)
        body = {"name": "New", "email": "new@example.org", "category": desk.workshop.id, "subject": "a", "text": "b"}

        sql = statements(lambda: api.post("tickets/", body, Idempotency_Key="k"))

        assert len(sql) <= 22  # two of them for the search index, four for the key

    def test_a_staff_update_with_a_change_of_status(self, api, desk, statements, size):
        ticket = make_tickets(desk, size)
        body = {"staff": desk.priya.id, "plaintext": "Done.", "status": desk.closed.id}

        sql = statements(lambda: api.post(f"ticket/{ticket.id}/staff_update/", body))

        assert len(sql) == STAFF_UPDATE

    def test_a_staff_update_that_tells_the_contact_and_any_number_of_staff(self, api, desk, statements, size):
        ticket = make_tickets(desk, size)
        for n in range(size):
            ticket.subscriptions.create(staff=factories.make_staff(f"Person{n}"))
        body = {"staff": desk.priya.id, "plaintext": "Done.", "status": desk.closed.id, "update_customer": True}

        sql = statements(lambda: api.post(f"ticket/{ticket.id}/staff_update/", body))

        assert len(sql) == STAFF_UPDATE + 2

    def test_creating_a_ticket_that_tells_somebody(self, api, desk, statements, size):
        make_tickets(desk, size)
        body = {"client": desk.lena.id, "category": desk.workshop.id, "subject": "a", "text": "b", "tags": "x"}
        told = {"assignee": desk.jonas.id, "cc": "ann@example.org"}

        sql = statements(lambda: api.post("tickets/", body | told))

        assert len(sql) == CREATE + 2  # one for its assignment, in reports

    def test_the_other_actions(self, api, desk, statements, size):
        ticket = make_tickets(desk, size)
        field = factories.make_field("Frame size", categories=[desk.workshop])
        staff = [factories.make_staff(f"Person{n}").id for n in range(size)]
        acting = {"staff_id": desk.priya.id}
        costs = {
            operation: len(statements(lambda o=operation, b=body: api.post(f"ticket/{ticket.id}/{o}/", b)))
            for operation, body in {
                "update_custom_fields": {"staff": desk.priya.id, f"t-cf-{field.id}": "54"},
                "update_tags": {"add": "a,b"},
                "subscribe": acting | {"data": staff},
                "unsubscribe": acting,
                "forward": acting | {"to": "x@hubs.example", "subject": "x", "to_include_ticket_contact": True},
                "move": acting | {"target_category_id": desk.office.id, "assign_to": desk.jonas.id},
                "delete": acting,
            }.items()
        }
        assert costs == ACTIONS

    def test_correcting_a_message_and_reading_what_it_was(self, api, desk, statements, size):
        ticket = make_tickets(desk, size)
        path, acting = f"ticket/{ticket.id}", {"staff_id": desk.priya.id}
        for n in range(size):
            api.post(f"{path}/user_reply/", {"user": desk.lena.id, "text": f"Reply {n}."})
        file = SimpleUploadedFile("a.txt", b"a", "text/plain")
        reply = {"staff": desk.priya.id, "text": "Old.", "update_customer": True, "attachments": file}
        answer = api.post(f"{path}/staff_update/", reply, content_type="multipart").json()
        update = f"{path}/update/{answer['updates'][-1]['update_id']}"

        costs = {
            kind: len(statements(lambda kind=kind, more=more: api.post(f"{update}/{kind}/", acting | more)))
            for kind, more in {"edit": {"text": "New."}, "make_private": {}, "delete": {}}.items()
        }
        costs["revisions"] = len(statements(lambda: api.get(f"{update}/revisions/", acting)))

        assert costs == CORRECTIONS

    def test_adding_and_editing_a_contact(self, api, desk, statements, size):
        for n in range(size):
            factories.make_group(f"Group {n}", f"group{n}.example")
        make_tickets(desk, size)
        phones = [{"number": "1"}]

        added = statements(lambda: api.post("users/", {"email": "a@group1.example", "name": "A", "phones": phones}))
        edited = statements(lambda: api.post(f"user/{desk.lena.id}/", {"name": "L", "phones": phones}))

        assert (len(added), len(edited)) == (ADD_CONTACT, EDIT_CONTACT)

    def test_members_of_a_group(self, api, desk, statements, size):
        group = factories.make_group()
        contacts = [factories.make_contact(f"C{n}", f"c{n}@example.org").id for n in range(size)]
        path = f"contact_group/{group.id}"

        put = statements(lambda: api.post(f"{path}/update_contacts/", [{"contact": id} for id in contacts]))
        renamed = statements(lambda: api.post(f"{path}/", {"name": "Vans"}))
        removed = statements(lambda: api.post(f"{path}/delete_contacts/", {"contacts": contacts}))

        turn = int(db.is_postgres())  # writers of many contacts take turns there
        assert (len(put) - turn, len(renamed), len(removed) - turn) == (PUT_MEMBERS, RENAME_GROUP, REMOVE_MEMBERS)


def add_policies(desk):
    for objective in ("first_response", "assignment", "reply_to_contact"):
        factories.make_policy(objective, exclusions=[desk.waiting])


@pytest.mark.parametrize("size", SIZES)
class TestPromises:
    """What policies add to a write. Without any they add nothing: the numbers above."""

    def test_starting_clocks_costs_one_and_their_conditions_one(self, api, desk, statements, size):
        make_tickets(desk, size)
        add_policies(desk)
        body = {"client": desk.lena.id, "category": desk.workshop.id, "subject": "a", "text": "b", "tags": "x"}

        plain = statements(lambda: api.post("tickets/", body))
        factories.make_policy(name="vip", condition="tag:x brake priority:High")
        factories.make_policy(name="all", condition="tag:x")
        asked = statements(lambda: api.post("tickets/", body))

        assert (len(plain), len(asked)) == (CREATE + 1, CREATE + 2)

    def test_an_update_costs_one_and_one_for_each_clock_that_changes(self, api, desk, statements, size):
        make_tickets(desk, size)
        body = {"staff": desk.priya.id, "plaintext": "Done."}
        changes = [{"status": desk.closed.id}, {"status": desk.new.id}, {"priority": desk.high.id}]

        def costs():
            path = f"ticket/{factories.make_ticket(desk.lena, desk.workshop, now=datetime.now(UTC)).id}/staff_update/"
            return [len(statements(lambda more=more: api.post(path, body | more))) for more in changes]

        without = costs()
        add_policies(desk)
        added = [cost - before for cost, before in zip(costs(), without, strict=True)]
        assert added == [3, 2, 1]  # one stops and one pauses; one resumes; none changes

    def test_running_out_costs_the_same_for_a_batch_of_any_size(self, desk, size):
        add_policies(desk)
        make_tickets(desk, size, updates=0)
        reference.current()

        with CaptureQueriesContext(connection) as captured:
            assert sla.advance_due(NOON + timedelta(days=9)) == 2 * size
        assert len(captured) == 10

    def test_clocks_that_are_not_due_cost_one_look_at_an_index(self, desk, size):
        add_policies(desk)
        make_tickets(desk, size, updates=0)

        with CaptureQueriesContext(connection) as captured:
            assert sla.advance_due(NOON) == 0
        assert len(captured) == 1


CREATE = 13  # one statement brings the ticket into the search index, one its tags
# One for the search index, one for reports; one asks for subscribers; whom an event tells costs one INSERT together.
STAFF_UPDATE = 14
ACTIONS = {
    "update_custom_fields": 11,  # two for the values that are found by
    "update_tags": 12,  # three for what is found by
    "subscribe": 7,
    "unsubscribe": 6,
    "forward": 8,
    "move": 9,  # one for reports
    "delete": 14,  # six so that nothing finds or counts it any more
}
# Hiding a message costs five more: what reports count of the ticket is made anew.
CORRECTIONS = {"edit": 21, "make_private": 25, "delete": 27, "revisions": 6}
ADD_CONTACT, EDIT_CONTACT = 12, 15  # one, and five, for what a contact is found by
PUT_MEMBERS, RENAME_GROUP, REMOVE_MEMBERS = 8, 10, 8
