"""POST tickets/ with a list (tickets.md §7)."""

from xml.etree import ElementTree

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.desk.models import Contact, Ticket, TicketCounter
from tests import factories
from tests.api.writing import FIELD_REQUIRED, FORM, NOT_A_CHOICE, REQUIRED, YAML, everything, shape_l

NO_OBJECT = [{"field": "__all__", "errors": ["Send an object with the fields of one ticket."]}]


@pytest.fixture
def wanted(desk):
    return {"client": desk.lena.id, "subject": "Brake", "text": "Broken.", "category": desk.workshop.id}


@pytest.fixture
def stranger(wanted):
    """A ticket of somebody the desk does not know."""
    return {key: value for key, value in wanted.items() if key != "client"} | {
        "email": "New@wheels.example",
        "name": "Nell",
    }


def problems(result):
    return {problem["field"]: problem["errors"][0] for problem in result["error"]}


def created(ticket, index=0):
    return {"index": index, "success": True, "id": ticket.id, "display_id": f"#RW{ticket.id:08d}"}


def test_each_item_is_created_or_refused_by_itself_and_answered_in_order(api, desk, wanted):
    answer = api.post("tickets/", [wanted | {"subject": "One"}, wanted | {"subject": " "}, wanted | {"subject": "Two"}])
    one, two = Ticket.objects.order_by("id")
    assert (one.subject, two.subject) == ("One", "Two")
    assert answer.status_code == 200
    assert answer.json() == [
        created(one),
        {"index": 1, "success": False, "error": [{"field": "subject", "errors": [REQUIRED]}]},
        created(two, 2),
    ]


def test_an_item_makes_the_same_ticket_as_it_would_alone(api, desk, wanted):
    service = factories.make_field("Service", "choice", categories=[desk.workshop], choices=("Tune-up",))
    full = wanted | {
        "html": "<b>Broken</b>",
        "tags": ["a", "b"],
        "assignee": str(desk.priya.id),
        "due_date": "20/03/2026",
        "created_at": "2026-03-02T07:45:00",
        f"t-cf-{service.id}": "Tune-up",
    }
    alone = api.post("tickets/", full).json()
    [result] = api.post("tickets/", [full]).json()
    listed = api.get(f"ticket/{result['id']}/").json()
    different = {"id", "display_id", "user", "updates", "last_modified"}
    assert {key: alone[key] for key in alone.keys() - different} == {
        key: listed[key] for key in alone.keys() - different
    }
    assert listed["updates"][0]["message"]["html"] == "<b>Broken</b>"


@pytest.mark.parametrize("count", [0, 101, 500])
def test_a_list_of_another_length_is_refused_whole(api, wanted, count):
    before = everything()
    answer = api.post("tickets/", [wanted] * count)
    assert answer.status_code == 400
    assert answer.json() == shape_l({"__all__": f"Send 1 to 100 tickets; this list has {count}."})
    assert everything() == before


def test_a_hundred_are_created_in_the_order_of_the_list(api, wanted):
    answer = api.post("tickets/", [wanted | {"subject": f"Number {index}"} for index in range(100)])
    numbers = [result["id"] for result in answer.json()]
    assert numbers == sorted(numbers)
    assert [Ticket.objects.get(id=number).subject for number in numbers[::33]] == [
        f"Number {i}" for i in range(0, 100, 33)
    ]


@pytest.mark.parametrize("item", [None, "x", 7, 1.5, True, [], [{}]], ids=str)
def test_what_is_no_object_fails_alone(api, wanted, item):
    failed, fine = api.post("tickets/", [item, wanted]).json()
    assert failed == {"index": 0, "success": False, "error": NO_OBJECT}
    assert fine["success"] is True


def test_all_may_fail_and_nothing_is_left(api, desk, wanted, stranger):
    factories.make_field("Frame size", categories=[desk.workshop], required=True)
    before = everything()
    answer = api.post("tickets/", [{}, wanted | {"client": 999_999, "priority": "x"}, stranger | {"subject": ""}])
    assert answer.status_code == 200
    empty, unknown, new_contact = answer.json()
    frame = f"t-cf-{desk.workshop.custom_fields.get().field_id}"
    assert problems(empty) == dict.fromkeys(("email", "name", "subject", "text", "category"), REQUIRED)
    assert problems(unknown) == {"client": NOT_A_CHOICE, "priority": NOT_A_CHOICE, frame: FIELD_REQUIRED}
    assert problems(new_contact) == {"subject": REQUIRED, frame: FIELD_REQUIRED}
    assert everything() == before


def test_a_new_address_twice_makes_one_contact(api, desk, stranger):
    once, again = api.post("tickets/", [stranger, stranger | {"email": "new@WHEELS.example", "name": "Other"}]).json()
    contact = Contact.objects.get(email_key="new@wheels.example")
    assert (once["success"], again["success"]) == (True, True)
    assert (contact.name, contact.tickets_count, contact.pending_tickets_count) == ("Nell", 2, 2)
    assert set(Ticket.objects.values_list("contact_id", flat=True)) == {contact.id}


def test_an_item_sees_the_contacts_of_earlier_ones_only(api, stranger):
    nameless = {key: value for key, value in stranger.items() if key != "name"}
    before, there, after = api.post("tickets/", [nameless, stranger, nameless]).json()
    assert problems(before) == {"name": REQUIRED}
    assert (there["success"], after["success"]) == (True, True)


def test_a_refused_item_does_not_change_its_contact(api, desk, wanted):
    api.post("tickets/", [wanted | {"phone": "+49 30 5550142", "subject": ""}])
    assert not desk.lena.phones.exists()


def test_counters_and_lists_follow(api, desk, wanted):
    api.post("tickets/", [wanted, {}, wanted, wanted])
    assert list(TicketCounter.objects.values_list("category_id", "status_id", "tickets")) == [
        (desk.workshop.id, desk.new.id, 3)
    ]
    assert api.get("tickets/").json()["page_info"]["last_index"] == 3
    desk.lena.refresh_from_db()
    assert (desk.lena.tickets_count, desk.lena.pending_tickets_count) == (3, 3)


@pytest.mark.parametrize("content_type", ["application/json", YAML])
def test_lists_come_in_json_and_yaml(api, desk, content_type):
    item = f'{{"client": {desk.lena.id}, "subject": "x", "text": "x", "category": {desk.workshop.id}}}'
    answer = api.post("tickets/", f"[{item}, 5]".encode(), content_type=content_type)
    assert [result["success"] for result in answer.json()] == [True, False]


def test_they_are_answered_in_yaml_and_xml(api, wanted):
    as_yaml = yaml.safe_load(api.post("tickets/", [wanted, 5], format="yaml").content)
    assert as_yaml == [created(Ticket.objects.get()), {"index": 1, "success": False, "error": NO_OBJECT}]
    root = ElementTree.fromstring(api.post("tickets/", [5, wanted], format="xml").content)
    assert [item.findtext("success") for item in root.findall("resource")] == ["False", "True"]
    assert root.findtext("resource/error/resource/field") == "__all__"


def test_one_key_stands_for_the_whole_list(api, wanted):
    first = api.post("tickets/", [wanted, {}], Idempotency_Key="k1")
    after = everything()
    again = api.post("tickets/", [wanted, {}], Idempotency_Key="k1")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert (
        yaml.safe_load(api.post("tickets/", [wanted, {}], format="yaml", Idempotency_Key="k1").content) == first.json()
    )
    assert everything() == after
    assert api.post("tickets/", [wanted], Idempotency_Key="k1").status_code == 409


def test_a_refused_list_does_not_use_its_key(api, wanted):
    assert api.post("tickets/", [], Idempotency_Key="k1").status_code == 400
    assert api.post("tickets/", [wanted], Idempotency_Key="k1").status_code == 200


def test_the_old_address_and_forms_take_one_ticket(api, wanted):
    before = everything()
    answer = api.post("new_ticket/", [wanted])
    assert (answer.status_code, answer.json()) == (400, shape_l({"__all__": "Send one object, not a list."}))
    assert api.post("tickets/", b"[]", content_type=FORM).status_code == 400
    assert everything() == before


def test_an_item_costs_the_same_in_a_long_list(api, wanted):
    def statements(count):
        with CaptureQueriesContext(connection) as seen:
            assert api.post("tickets/", [wanted] * count).status_code == 200
        return len(seen)

    statements(1)
    assert statements(40) - statements(20) == 20 * (statements(3) - statements(2))
