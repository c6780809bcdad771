"""POST ticket/<id>/move/ (tickets.md §16). Permissions are in test_permissions."""

import pytest

from reynard.desk.models import Ticket, TicketCounter
from tests import factories
from tests.api.reading import NO_CHANGES, change
from tests.api.writing import (
    NOON_TEXT,
    NOT_A_CHOICE,
    NOW_TEXT,
    REQUIRED,
    everything,
    last_update,
    shape_l,
    stop_clock,
    values_of,
)

NEEDED_TO_MOVE = "This field should be filled before moving this ticket"


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def move(api, desk, ticket):
    """Moves as Priya to the back office."""

    def send(values, number=ticket.id, **options):
        least = {"staff_id": desk.priya.id, "target_category_id": desk.office.id}
        return api.post(f"ticket/{number}/move/", least | values, **options)

    return send


@pytest.fixture
def read(api, ticket):
    return lambda: api.get(f"ticket/{ticket.id}/")


def test_the_category_changes_and_the_display_id_follows(api, move, read, desk, ticket, monkeypatch):
    stop_clock(monkeypatch)
    answer = move({"move_note": "This is about an invoice.", "assign_to": desk.jonas.id})
    assert (answer.status_code, answer.json()) == (
        200,
        {"status_code": 200, "message": "moved ticket to Back office"},
    )
    entry = last_update(read())
    assert entry == NO_CHANGES | {
        "update_id": entry["update_id"],
        "timestamp": NOW_TEXT,
        "by": {"type": "staff", "id": desk.priya.id, "name": "Priya Raman", "email": "priya@rollwerk.example"},
        "message": {
            "id": entry["update_id"],
            "text": "This is about an invoice.\n\n",
            "html": "<p>This is about an invoice.</p>",
            "subject": "",
            "cc_list": "",
            "bcc_list": "",
            "forward_list": None,
            "message_type": "p",
            "customer_updated": False,
            "attachments": [],
        },
        "category_change": change(desk.workshop, desk.office),
        "assignee_change": change(None, desk.jonas),
    }
    moved = read().json()
    assert moved["display_id"] == f"#BO{ticket.id:08d}"
    assert moved["category"]["id"] == desk.office.id
    assert moved["assigned_to"]["id"] == desk.jonas.id
    assert api.get(f"ticket/RW{ticket.id:08d}/").json() == moved


def test_only_the_time_of_the_last_change_moves_and_a_note_is_counted(move, read, desk, monkeypatch):
    stop_clock(monkeypatch)
    move({})
    ticket = read().json()
    assert (ticket["last_updated_at"], ticket["last_modified"]) == (NOON_TEXT, NOW_TEXT)
    assert (ticket["last_user_reply_at"], ticket["last_staff_reply_at"]) == (NOON_TEXT, None)
    assert (ticket["messages_count"], ticket["unresponded"]) == (1, True)
    assert last_update(read())["message"] is None
    move({"target_category_id": desk.workshop.id, "move_note": "Back again."})
    assert read().json()["messages_count"] == 2


def test_counts_follow(api, move, desk, ticket):
    factories.make_ticket(desk.stranger, desk.workshop)
    move({})
    counters = TicketCounter.objects.filter(tickets__gt=0).values_list("category", "status", "tickets")
    assert sorted(counters) == [(desk.workshop.id, desk.new.id, 1), (desk.office.id, desk.new.id, 1)]
    found = api.get(f"tickets/?category={desk.office.id}").json()
    assert (found["page_info"]["last_index"], found["data"][0]["id"]) == (1, ticket.id)
    assert (desk.lena.tickets_count, api.get(f"user/{desk.lena.id}/").json()["tickets_count"]) == (0, 1)


def test_the_assignee_stays_unless_another_one_is_named(api, desk, move, read):
    ticket = read().json()
    api.post(f"ticket/{ticket['id']}/staff_update/", {"staff": desk.priya.id, "assignee": desk.priya.id})
    move({"assign_to": None})
    assert read().json()["assigned_to"]["id"] == desk.priya.id
    assert last_update(read())["assignee_change"] is None


def test_values_the_new_category_does_not_have_are_kept_but_not_shown(api, move, read, desk, ticket):
    both = factories.make_field("Frame size", categories=[desk.workshop, desk.office])
    here = factories.make_field("Colour", categories=[desk.workshop])
    factories.make_field("Invoice", categories=[desk.office], required=True)
    values = {"staff": desk.priya.id, f"t-cf-{both.id}": "54", f"t-cf-{here.id}": "Red"}
    api.post(f"ticket/{ticket.id}/update_custom_fields/", values)
    assert move({}).status_code == 200
    assert values_of(read().json()) == {"Frame size": ("54", None)}
    assert {field["name"] for field in read().json()["custom_fields"]} == {"Frame size", "Invoice"}
    assert move({"target_category_id": desk.workshop.id}).status_code == 200
    assert values_of(read().json()) == {"Frame size": ("54", None), "Colour": ("Red", None)}


def test_fields_that_are_compulsory_on_a_move_and_apply_must_have_a_value(api, move, desk, ticket):
    here = [desk.workshop]
    frame = factories.make_field("Frame size", categories=here, compulsory_on_move=True)
    kind = factories.make_field("Kind", "choice", categories=here, choices=("Bike", "Tool"), compulsory_on_move=True)
    brand = factories.make_field(
        "Brand", categories=here, compulsory_on_move=True, depends_on_choice=kind.choices.get(text="Bike")
    )
    factories.make_field("Invoice", categories=[desk.office], compulsory_on_move=True)

    def fill(values):
        api.post(f"ticket/{ticket.id}/update_custom_fields/", {"staff": desk.priya.id} | values)

    before = everything()
    answer = move({"move_note": "x"})
    needed = {f"t-cf-{frame.id}": NEEDED_TO_MOVE, f"t-cf-{kind.id}": NEEDED_TO_MOVE}
    assert (answer.status_code, answer.json()) == (400, {"error": needed})
    assert everything() == before
    fill({f"t-cf-{frame.id}": "54", f"t-cf-{kind.id}": "Bike"})
    assert move({}).json() == {"error": {f"t-cf-{brand.id}": NEEDED_TO_MOVE}}
    fill({f"t-cf-{kind.id}": "Tool"})
    assert move({}).status_code == 200


def test_a_ticket_that_is_there_already(move, desk):
    before = everything()
    answer = move({"target_category_id": desk.workshop.id, "move_note": "x", "assign_to": desk.jonas.id})
    assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
    assert everything() == before


def test_it_reports_everything_that_is_wrong_at_once(move, desk):
    before = everything()
    answer = move({"staff_id": None, "target_category_id": 999_999, "move_note": {"a": 1}, "assign_to": desk.gone.id})
    assert answer.status_code == 400
    assert answer.json() == shape_l(
        {
            "move_note": "Enter a text.",
            "staff_id": REQUIRED,
            "target_category_id": NOT_A_CHOICE,
            "assign_to": NOT_A_CHOICE,
        }
    )
    assert everything() == before


def test_what_is_required(api, ticket):
    answer = api.post(f"ticket/{ticket.id}/move/", {})
    assert answer.json() == shape_l({"staff_id": REQUIRED, "target_category_id": REQUIRED})


def test_who_acts_must_be_active_staff(move, desk):
    for wrong in (desk.gone.id, 999_999, "x"):
        answer = move({"staff_id": wrong})
        assert (answer.status_code, answer.json()) == (400, shape_l({"staff_id": NOT_A_CHOICE}))


def test_a_ticket_that_is_not_there(move):
    assert move({}, 999_999).status_code == 404
    assert Ticket.objects.count() == 1
