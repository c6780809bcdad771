"""POST ticket/<id>/staff_pvtnote/ (tickets.md §10). What it shares with a staff update is in test_staff_update."""

import pytest

from tests import factories
from tests.api.reading import NO_CHANGES, change
from tests.api.writing import (
    NEEDED_TO_COMPLETE,
    NOT_A_CHOICE,
    NOW_TEXT,
    REQUIRED,
    everything,
    last_update,
    shape_l,
    stop_clock,
)


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def note(api, desk, ticket):
    """Sends a private note of Priya's."""

    def send(values, number=ticket.id, **options):
        return api.post(f"ticket/{number}/staff_pvtnote/", {"staff": desk.priya.id} | values, **options)

    return send


def test_a_note_is_for_staff_only_and_ignores_what_is_about_the_contact(note, desk, monkeypatch):
    stop_clock(monkeypatch)
    about_the_contact = {
        "cc": "not an address",
        "bcc": "nor this",
        "subject": "Hello",
        "update_customer": "maybe",
        "send_survey": "maybe",
        "last_staff_message": "maybe",
        "parent_update": "maybe",
    }
    changes = {"status": desk.waiting.id, "priority": desk.high.id, "assignee": desk.jonas.id, "time_spent": 5}
    answer = note({"plaintext": "Is he sure?", "due_date": "2026-03-20"} | changes | about_the_contact)
    entry = last_update(answer)
    assert entry == NO_CHANGES | {
        "update_id": entry["update_id"],
        "timestamp": NOW_TEXT,
        "by": {"type": "staff", "id": desk.priya.id, "name": "Priya Raman", "email": "priya@rollwerk.example"},
        "message": {
            "id": entry["update_id"],
            "text": "Is he sure?\n\n",
            "html": "<p>Is he sure?</p>",
            "subject": "",
            "cc_list": "",
            "bcc_list": "",
            "forward_list": None,
            "message_type": "p",
            "customer_updated": False,
            "attachments": [],
        },
        "status_change": change(desk.new, desk.waiting),
        "priority_change": change(desk.normal, desk.high),
        "assignee_change": change(None, desk.jonas),
        "due_date_change": {"old": None, "new": "2026-03-20"},
        "time_spent": 5,
    }
    assert answer.json()["unresponded"] is True
    assert answer.json()["last_staff_reply_at"] is None


def test_it_leaves_an_answered_ticket_answered(api, note, desk, ticket):
    api.post(f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id, "text": "Done."})
    assert note({"text": "Psst."}).json()["unresponded"] is False


@pytest.mark.parametrize("key", ["plaintext", "text", "html"])
def test_the_note_has_three_names(note, key):
    assert last_update(note({key: "Psst."}))["message"]["text"] == "Psst.\n\n"


def test_changes_without_words_have_no_message(note, desk):
    entry = last_update(note({"priority": desk.high.id, "tags": "a"}))
    assert (entry["message"], entry["priority_change"]) == (None, change(desk.normal, desk.high))


def test_whom_to_alert(note, desk):
    for alert in ("s", "c", "s,c", f"{desk.jonas.id}, s", desk.jonas.id, [str(desk.jonas.id), "c"], "", None):
        assert note({"text": "Psst.", "alert": alert}).status_code == 200


@pytest.mark.parametrize("alert", ["x", "s,x", "999999", "-1", ["s", 999_999], "{gone}"])
def test_alerting_nobody_there_is(note, desk, alert):
    before = everything()
    alert = str(desk.gone.id) if alert == "{gone}" else alert
    answer = note({"text": "Psst.", "alert": alert})
    text = "Give s (subscribers), c (the category's staff) or the ID of an active staff member."
    assert (answer.status_code, answer.json()) == (400, shape_l({"alert": text}))
    assert everything() == before


@pytest.mark.parametrize("nothing", [{}, {"alert": "s"}, {"subject": "x", "cc": "ann@example.org"}, {"text": " "}])
def test_nothing_to_update(note, nothing):
    before = everything()
    answer = note(nothing)
    assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
    assert everything() == before


def test_it_reports_everything_that_is_wrong_at_once(note, desk):
    before = everything()
    answer = note({"staff": None, "text": "x", "status": 0, "due_date": "x", "time_spent": "1.5", "html": {"a": 1}})
    assert answer.status_code == 400
    assert answer.json() == shape_l(
        {
            "html": "Enter a text.",
            "status": NOT_A_CHOICE,
            "due_date": "Enter a valid date.",
            "time_spent": "Enter a whole number.",
            "staff": REQUIRED,
        }
    )
    assert everything() == before


def test_the_completion_rule_holds_for_notes(note, desk):
    field = factories.make_field("Frame size", categories=[desk.workshop], compulsory_on_completed=True)
    before = everything()
    answer = note({"text": "Psst.", "status": desk.closed.id})
    assert (answer.status_code, answer.json()) == (400, {"error": {f"t-cf-{field.id}": NEEDED_TO_COMPLETE}})
    assert everything() == before
    assert note({"text": "Psst.", "status": desk.closed.id, f"t-cf-{field.id}": "54"}).status_code == 200


def test_time_is_mandatory_with_a_note_where_the_category_says_so(note, desk):
    strict = factories.make_category("Billed work", "BW", time_spent_mandatory=True)
    number = factories.make_ticket(desk.lena, strict).id
    assert note({"text": "Psst."}, number).json() == shape_l({"time_spent": REQUIRED})
    assert note({"text": "Psst.", "time_spent": 3}, number).json()["time_spent"] == 3
