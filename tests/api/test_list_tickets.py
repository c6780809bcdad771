"""GET tickets/ (tickets.md §2). Order: test_sorting; pages: test_paging."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.api import wire
from reynard.desk import files
from reynard.desk.actions import counters, people, tickets
from reynard.desk.actions.tickets import ContactReply
from reynard.desk.models import ContactGroup, CustomFieldChoice, GroupMembership, Status, Ticket
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories
from tests.api.reading import LATER, staff_update
from tests.factories import NOON


@pytest.fixture
def five(desk):
    """One ticket per place: category by status, the last one private."""
    places = [
        (desk.workshop, desk.new),
        (desk.workshop, desk.waiting),
        (desk.workshop, desk.closed),
        (desk.second, desk.new),
        (desk.second, desk.closed),
    ]
    made = [factories.make_ticket(desk.lena, category) for category, _ in places]
    for ticket, (_, status) in zip(made, places, strict=True):
        if status is not desk.new:
            staff_update(ticket, desk, status=status.id, now=NOON)
    Ticket.objects.filter(id=made[-1].id).update(visible_only_staff=True)
    return made


@pytest.fixture
def desk(desk):
    desk.second = factories.make_category("Bike leasing", "BL")
    return desk


def numbers(api, query):
    answer = api.get(f"tickets/?minify_response=true&sort=ticketa&{query}")
    assert answer.status_code == 200
    return answer.json()["data"]


class TestAPage:
    def test_holds_whole_tickets_exactly_as_they_are_read_one_by_one(self, api, desk, five):
        page = api.get("tickets/?sort=ticketa").json()

        assert page == {
            "page_info": {
                "count": 5,
                "start_index": 1,
                "end_index": 5,
                "last_index": 5,
                "page_count": 1,
                "next": None,
                "total": 5,
            },
            "data": [api.get(f"ticket/{ticket.id}/").json() for ticket in five],
        }

    def test_holds_numbers_only_when_minified_whatever_else_is_asked_for(self, api, five):
        page = api.get("tickets/?minify_response=true&fields=subject&include_updates=0&sort=ticketd").json()

        assert page["data"] == [ticket.id for ticket in reversed(five)]
        assert page["page_info"]["last_index"] == 5

    @pytest.mark.parametrize(
        ("query", "keys"),
        [
            ("fields=subject,id", {"subject", "id"}),
            ("fields= tags ,,tags,nonsense", {"tags"}),
            ("fields=nonsense", set()),
            ("fields=updates,id&include_updates=0", {"id"}),
            ("fields=status,user,attachments_count", {"status", "user", "attachments_count"}),
        ],
    )
    def test_holds_exactly_the_fields_asked_for(self, api, five, query, keys):
        whole = api.get("tickets/").json()["data"]

        assert api.get(f"tickets/?{query}").json()["data"] == [{key: row[key] for key in keys} for row in whole]

    @pytest.mark.parametrize("flag", ["0", "false", "no", "off", "False"])
    def test_leaves_the_history_out_when_asked(self, api, five, flag):
        whole = api.get("tickets/").json()["data"]
        for row in whole:
            del row["updates"]

        assert api.get(f"tickets/?include_updates={flag}").json()["data"] == whole

    @pytest.mark.parametrize(
        "query", ["fields=", "include_updates=1", "minify_response=false", "nonsense=1", "show_cf_changes=1"]
    )
    def test_is_whole_otherwise(self, api, five, query):
        assert api.get(f"tickets/?{query}").json() == api.get("tickets/").json()

    def test_does_not_show_deleted_tickets(self, api, five):
        gone = five[0]
        Ticket.objects.filter(id=gone.id).update(deleted_at=NOON)
        counters.recount()

        page = api.get("tickets/").json()
        assert gone.id not in [row["id"] for row in page["data"]]
        assert page["page_info"]["last_index"] == 4

    def test_is_empty_on_an_empty_desk(self, api):
        assert api.get("tickets/").json() == {
            "page_info": {
                "count": 0,
                "start_index": 0,
                "end_index": 0,
                "last_index": 0,
                "page_count": 1,
                "next": None,
                "total": 0,
            },
            "data": [],
        }


class TestFilters:
    """Indices into `five`; NEW, WAITING, … stand for ids."""

    CASES = [
        ("", [0, 1, 2, 3, 4]),
        ("status=_all", [0, 1, 2, 3, 4]),
        ("status=", [0, 1, 2, 3, 4]),
        ("status=_pending", [0, 1, 3]),
        ("status=_completed", [2, 4]),
        ("status=_pending,_completed", [0, 1, 2, 3, 4]),
        ("status=NEW", [0, 3]),
        ("status=NEW,WAITING", [0, 1, 3]),
        ("status= NEW , WAITING ,", [0, 1, 3]),
        ("status=NEW&status=WAITING", [0, 1, 3]),
        ("status=WAITING&status=_completed", [1, 2, 4]),
        ("status=NEW,_all", [0, 1, 2, 3, 4]),
        ("status=000NEW", [0, 3]),
        ("status=999999", []),
        ("status=NEW,999999", [0, 3]),
        ("status=nonsense", []),
        ("status=-1", []),
        ("status=99999999999999999999999999", []),
        ("category=WORKSHOP", [0, 1, 2]),
        ("category=WORKSHOP&category=SECOND", [0, 1, 2, 3, 4]),
        ("category=WORKSHOP,SECOND", [0, 1, 2, 3, 4]),
        ("category=", [0, 1, 2, 3, 4]),
        ("category=,", [0, 1, 2, 3, 4]),
        ("category=SECOND&category=999999", [3, 4]),
        ("category=OFFICE", []),
        ("category=999999", []),
        ("category=nonsense", []),
        ("category=%00", []),
        ("category=9223372036854775808", []),
        ("category=SECOND&status=NEW", [3]),
        ("category=SECOND&status=_completed", [4]),
        ("category=SECOND,WORKSHOP&status=CLOSED,NEW", [0, 2, 3, 4]),
        ("category=SECOND&status=WAITING", []),
    ]

    @pytest.mark.parametrize(("query", "expected"), CASES)
    def test_each_lets_through_what_it_names(self, api, desk, five, query, expected):
        words = {"NEW": desk.new, "WAITING": desk.waiting, "CLOSED": desk.closed}
        words |= {"WORKSHOP": desk.workshop, "SECOND": desk.second, "OFFICE": desk.office}
        for word, row in words.items():
            query = query.replace(word, str(row.id))

        assert numbers(api, query) == [five[index].id for index in expected]

    def test_private_tickets_and_those_of_hidden_categories_are_included(self, api, desk, five):
        """A key is account-wide."""
        type(desk.second).objects.filter(id=desk.second.id).update(public=False)
        reference.changed()

        assert numbers(api, f"category={desk.second.id}") == [five[3].id, five[4].id]

    @pytest.mark.parametrize("query", ["q=", 'q=""', "q= "])
    def test_an_empty_search_finds_everything(self, api, five, query):
        assert len(numbers(api, query)) == 5

    def test_thousands_of_ids_are_not_too_many(self, api, desk, five):
        ids = ",".join(map(str, [desk.new.id, *range(10**6, 10**6 + 40_000)]))

        assert numbers(api, f"status={ids}&sort=subjecta") == [five[0].id, five[3].id]


class TestNothingStaleIsServed:
    """Encoded tickets are kept by version. After any change the list says what reading each ticket says."""

    @pytest.fixture
    def ticket(self, api, desk):
        desk.line = factories.make_field("Line", "choice", choices=("Cargo", "City"), categories=[desk.workshop])
        desk.member = factories.make_field("Member", "text")
        cargo = desk.line.choices.get(text="Cargo").id
        ticket = factories.make_ticket(desk.lena, desk.workshop, custom_values={desk.line.id: cargo})
        factories.make_ticket(desk.lena, desk.second)
        desk.group = ContactGroup.objects.create(name="Fleet")
        GroupMembership.objects.create(contact=desk.lena, group=desk.group)
        reference.changed()
        return ticket

    def _reply(self, desk, ticket):
        staff_update(ticket, desk, text="Ordered.")

    def _note(self, desk, ticket):
        staff_update(ticket, desk, text="Check stock.", note=True)

    def _properties(self, desk, ticket):
        staff_update(ticket, desk, status=desk.closed.id, tags=["x"], custom_values={desk.line.id: None})

    def _contact_reply(self, desk, ticket):
        reply = ContactReply(contact=desk.stranger.id, message=compose("Hello?", ""))
        tickets.add_contact_reply(ticket.id, reply, reference=reference.current(), now=LATER)

    def _file(self, desk, ticket):
        staff_update(ticket, desk, files=[files.keep(SimpleUploadedFile("a.txt", b"a", "text/plain"))])

    def _another_ticket_of_the_contact(self, desk, ticket):
        factories.make_ticket(desk.lena, desk.workshop)

    def _contact_phone(self, desk, ticket):
        people.add_phone(desk.lena, "030 123", now=LATER)

    def _contact_field(self, desk, ticket):
        staff_update(ticket, desk, contact_values={desk.member.id: "M-7"}, text="Noted.")

    def _group_name(self, desk, ticket):
        ContactGroup.objects.filter(id=desk.group.id).update(name="Fleets")
        reference.changed()

    def _status_name(self, desk, ticket):
        Status.objects.filter(id=desk.new.id).update(name="Fresh")
        reference.changed()

    def _choice_text(self, desk, ticket):
        CustomFieldChoice.objects.filter(field=desk.line, text="Cargo").update(text="Cargo bikes")
        reference.changed()

    def _new_field(self, desk, ticket):
        factories.make_field("Colour", categories=[desk.workshop])

    CHANGES = [
        _reply,
        _note,
        _properties,
        _contact_reply,
        _file,
        _another_ticket_of_the_contact,
        _contact_phone,
        _contact_field,
        _group_name,
        _status_name,
        _choice_text,
        _new_field,
    ]

    @pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
    def test_after(self, api, desk, ticket, change, monkeypatch):
        monkeypatch.setattr(wire.time, "time", lambda: NOON.timestamp())
        before = api.get("tickets/").json()
        assert before == api.get("tickets/").json()

        change(self, desk, ticket)

        after = api.get("tickets/").json()
        assert after["data"] == [api.get(f"ticket/{row['id']}/").json() for row in after["data"]]
        assert after != before
