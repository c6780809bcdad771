"""POST ticket/<id>/staff_update/ (tickets.md §9)."""

import json

import pytest

from reynard.desk.models import Ticket, TicketCounter, Update
from tests import factories
from tests.api.reading import NO_CHANGES, change
from tests.api.writing import (
    FORM,
    NOON_TEXT,
    NOT_A_CHOICE,
    NOW_TEXT,
    REQUIRED,
    YAML,
    everything,
    last_update,
    shape_l,
    stop_clock,
)


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def update(api, desk, ticket):
    """Sends a staff update of Priya's."""

    def send(values, number=ticket.id, **options):
        return api.post(f"ticket/{number}/staff_update/", {"staff": desk.priya.id} | values, **options)

    return send


def by(staff):
    return {"type": "staff", "id": staff.id, "name": staff.name, "email": staff.email}


def test_a_reply_with_changes_is_one_entry(update, desk, monkeypatch):
    stop_clock(monkeypatch)
    everything_at_once = {
        "plaintext": "Cable ordered.",
        "html": "<p>Cable <i>ordered</i>.</p>",
        "status": desk.waiting.id,
        "priority": desk.high.id,
        "assignee": desk.jonas.id,
        "due_date": "2026-03-20",
        "time_spent": 15,
        "tags": "ordered,cable",
        "subject": "About your brake",
        "cc": "ann@example.org",
        "bcc": "bob@example.org",
        "update_customer": "true",
        "send_survey": 0,
        "private": True,
        "visible_only_staff": True,
    }
    answer = update(everything_at_once)
    entry = last_update(answer)
    assert entry == NO_CHANGES | {
        "update_id": Update.objects.latest("id").id,
        "timestamp": NOW_TEXT,
        "by": by(desk.priya),
        "message": {
            "id": entry["update_id"],
            "text": "Cable ordered.\n\n",
            "html": "<p>Cable <i>ordered</i>.</p>",
            "subject": "About your brake",
            "cc_list": "ann@example.org",
            "bcc_list": "bob@example.org",
            "forward_list": None,
            "message_type": None,
            "customer_updated": True,
            "attachments": [],
        },
        "status_change": change(desk.new, desk.waiting),
        "priority_change": change(desk.normal, desk.high),
        "assignee_change": change(None, desk.jonas),
        "due_date_change": {"old": None, "new": "2026-03-20"},
        "time_spent": 15,
    }
    now = answer.json()
    assert (now["status"]["id"], now["priority"]["id"]) == (desk.waiting.id, desk.high.id)
    assert (now["assigned_to"]["id"], now["due_date"], now["tags"]) == (desk.jonas.id, "2026-03-20", "ordered,cable")
    assert (now["subject"], now["visible_only_staff"]) == ("Brake cable frayed", None)


# What the table of tickets.md §18 says of each operation: which moments it moves, what becomes of the flags.
# An operation is (address, values); the columns are user reply, staff reply, updated, modified, messages,
# unresponded, and the status (None: as it was).
SIDE_EFFECTS = {
    "reply": (("staff_update", {"plaintext": "Done."}), "-uuu", 1, False, None),
    "reply and close": (("staff_update", {"plaintext": "Done.", "status": "closed"}), "-uuu", 1, False, "closed"),
    "properties": (("staff_update", {"priority": "high"}), "--uu", 0, True, None),
    "closing without a word": (("staff_update", {"status": "closed"}), "--uu", 0, False, "closed"),
    "waiting without a word": (("staff_update", {"status": "waiting"}), "--uu", 0, True, "waiting"),
    "due date, tags, time": (
        ("staff_update", {"due_date": "2026-04-01", "tags": "a", "time_spent": 5}),
        "--uu",
        0,
        True,
        None,
    ),
    "note": (("staff_pvtnote", {"plaintext": "Psst."}), "--uu", 1, True, None),
    "note and close": (("staff_pvtnote", {"plaintext": "Psst.", "status": "closed"}), "--uu", 1, False, "closed"),
    "contact reply": (("user_reply", {"text": "And?"}), "u-uu", 1, True, None),
}


@pytest.mark.parametrize("case", SIDE_EFFECTS)
def test_side_effects(api, desk, ticket, monkeypatch, case):
    (operation, values), moved, messages, unresponded, status = SIDE_EFFECTS[case]
    stop_clock(monkeypatch)
    named = {key: getattr(desk, value).id if hasattr(desk, str(value)) else value for key, value in values.items()}
    author = {"user": desk.lena.id} if operation == "user_reply" else {"staff": desk.priya.id}
    answer = api.post(f"ticket/{ticket.id}/{operation}/", author | named)
    assert answer.status_code == 200
    now = answer.json()
    before = [NOON_TEXT, None, NOON_TEXT, NOON_TEXT]
    moments = [now[f"last_{name}"] for name in ("user_reply_at", "staff_reply_at", "updated_at", "modified")]
    assert moments == [NOW_TEXT if mark == "u" else old for mark, old in zip(moved, before, strict=True)]
    assert now["messages_count"] == 1 + messages
    assert now["unresponded"] is unresponded
    assert now["status"]["id"] == (getattr(desk, status) if status else desk.new).id
    assert len(now["updates"]) == 2
    assert (now["updates"][1]["message"] is None) is (messages == 0)
    pending = int(status != "closed")
    assert (now["user"]["tickets_count"], now["user"]["pending_tickets_count"]) == (1, pending)
    place = {(desk.workshop.id, now["status"]["id"])}
    assert set(TicketCounter.objects.filter(tickets__gt=0).values_list("category", "status")) == place
    assert now["created_at"] == NOON_TEXT
    assert now["sla_breaches"] == 0


@pytest.mark.parametrize("key", ["plaintext", "text", "html"])
def test_the_message_has_three_names(update, key):
    assert last_update(update({key: "Done."}))["message"]["text"] == "Done.\n\n"


def test_it_does_not_mail_the_contact_unless_asked(update):
    assert last_update(update({"plaintext": "Done."}))["message"]["customer_updated"] is False
    assert (
        last_update(update({"plaintext": "Done.", "update_customer": "FALSE"}))["message"]["customer_updated"] is False
    )


def test_assignee_null_unassigns(update, desk, ticket):
    update({"assignee": desk.priya.id})
    assert update({"text": "x"}).json()["assigned_to"]["id"] == desk.priya.id
    answer = update({"assignee": None})
    assert answer.json()["assigned_to"] is None
    assert last_update(answer)["assignee_change"] == change(desk.priya, None)


@pytest.mark.parametrize("content_type", ["multipart", FORM])
def test_an_empty_assignee_of_a_form_unassigns_and_other_empty_values_mean_nothing(
    api, update, desk, ticket, content_type
):
    update({"assignee": desk.priya.id, "due_date": "2026-03-20"})
    keys = ["due_date", "status", "priority", "time_spent", "tags", "cc", "html", "update_customer", "assignee"]
    form = dict.fromkeys(keys, "") | {"staff": str(desk.priya.id)}
    body = form if content_type == "multipart" else "&".join(f"{key}={form[key]}" for key in form).encode()
    answer = api.post(f"ticket/{ticket.id}/staff_update/", body, content_type=content_type)
    assert last_update(answer) == last_update(answer) | NO_CHANGES | {"assignee_change": change(desk.priya, None)}
    assert answer.json()["due_date"] == "2026-03-20"


def test_due_date_null_clears(update):
    update({"due_date": "2026-03-20"})
    assert last_update(update({"due_date": None}))["due_date_change"] == {"old": "2026-03-20", "new": None}


def test_time_adds_up(update):
    assert update({"text": "a", "time_spent": 0}).json()["time_spent"] is None
    assert update({"time_spent": "15"}).json()["time_spent"] == 15
    assert update({"time_spent": 30}).json()["time_spent"] == 45


def test_tags_are_added(update):
    update({"tags": "warranty,Urgent"})
    answer = update({"tags": ["urgent", "warranty", "new one"]})
    assert answer.json()["tags"] == "warranty,Urgent,urgent,new one"
    assert last_update(answer) == last_update(answer) | NO_CHANGES | {"message": None}


@pytest.mark.parametrize(
    "nothing",
    [
        {},
        {"subject": "Hello", "cc": "ann@example.org", "update_customer": True, "send_survey": True},
        {"status": "new", "priority": "normal", "assignee": None, "due_date": None, "tags": "old", "time_spent": 0},
        {"plaintext": "  ", "html": "<p> </p><script>x()</script>"},
        {"t-cf-999": "no such field", "visible_only_staff": True, "title": "x"},
    ],
)
def test_nothing_to_update(update, desk, ticket, nothing):
    update({"tags": "old"})
    before = everything()
    named = {
        key: getattr(desk, str(value)).id if value in ("new", "normal") else value for key, value in nothing.items()
    }
    answer = update(named)
    assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
    assert everything() == before


def test_nothing_to_update_in_other_formats(update):
    assert update({}, format="yaml").content == b"error: Nothing to update\n"
    assert b"<response><error>Nothing to update</error></response>" in update({}, format="xml").content


@pytest.mark.parametrize("staff", [None, "", 999_999, "gone", True, "priya@rollwerk.example"])
def test_it_needs_an_active_staff_member(update, desk, staff):
    before = everything()
    answer = update({"staff": desk.gone.id if staff == "gone" else staff, "text": "Done."})
    assert answer.status_code == 400
    assert answer.json() == shape_l({"staff": NOT_A_CHOICE if staff else REQUIRED})
    assert everything() == before


def test_it_reports_everything_that_is_wrong_at_once(update, desk):
    before = everything()
    answer = update(
        {
            "staff": desk.gone.id,
            "text": ["Done."],
            "status": 999_999,
            "priority": "high",
            "assignee": desk.gone.id,
            "due_date": "soon",
            "time_spent": -1,
            "cc": "nobody",
            "last_staff_message": "x",
            "parent_update": 999_999,
        }
    )
    assert answer.status_code == 400
    expected = {
        "staff": NOT_A_CHOICE,
        "text": "Enter a text.",
        "status": NOT_A_CHOICE,
        "priority": NOT_A_CHOICE,
        "assignee": NOT_A_CHOICE,
        "due_date": "Enter a valid date.",
        "time_spent": "Ensure this value is greater than or equal to 0.",
        "cc": "Enter a valid email address: nobody is none.",
        "last_staff_message": "Enter a whole number.",
        "parent_update": NOT_A_CHOICE,
    }
    assert {problem["field"]: problem["errors"] for problem in answer.json()["error"]} == {
        field: [text] for field, text in expected.items()
    }
    assert everything() == before


def test_whoever_left_may_keep_a_ticket(update, desk, ticket):
    Ticket.objects.update(assignee=desk.gone)
    assert update({"assignee": desk.gone.id, "text": "Done."}).status_code == 200


def test_it_answers_another_update_of_the_same_ticket_only(update, desk, ticket):
    other = factories.make_ticket(desk.stranger, desk.workshop)
    assert update({"text": "x", "parent_update": ticket.last_update_id}).status_code == 200
    assert update({"text": "x", "parent_update": other.last_update_id}).json() == shape_l(
        {"parent_update": NOT_A_CHOICE}
    )


def test_it_refuses_a_reply_that_crossed_another_one(update, desk, api, ticket):
    first = last_update(update({"text": "First."}))["message"]["id"]
    assert update({"text": "Seen.", "last_staff_message": str(first)}).status_code == 200
    newest = Update.objects.latest("id").id
    before = everything()
    answer = update({"text": "Not seen.", "last_staff_message": first})
    text = f"Another agent has replied to this ticket (message {newest}). Read it before you send yours."
    assert (answer.status_code, answer.json()) == (400, {"error": {"last_staff_message": text}})
    assert everything() == before


def test_notes_and_the_contacts_messages_are_no_collision(update, desk, api, ticket):
    first = last_update(update({"text": "First."}))["message"]["id"]
    api.post(f"ticket/{ticket.id}/staff_pvtnote/", {"staff": desk.jonas.id, "text": "Psst."})
    api.post(f"ticket/{ticket.id}/user_reply/", {"user": desk.lena.id, "text": "And?"})
    assert update({"text": "Second.", "last_staff_message": first}).status_code == 200


def test_time_is_mandatory_with_a_message_where_the_category_says_so(update, desk):
    strict = factories.make_category("Billed work", "BW", time_spent_mandatory=True)
    number = factories.make_ticket(desk.lena, strict).id
    answer = update({"text": "Done."}, number)
    assert (answer.status_code, answer.json()) == (400, shape_l({"time_spent": REQUIRED}))
    assert update({"priority": desk.high.id}, number).status_code == 200
    assert update({"text": "Done.", "time_spent": 0}, number).status_code == 200


def test_form_and_yaml_say_what_json_says(api, desk, ticket):
    values = {"staff": desk.priya.id, "plaintext": "Done.", "status": desk.closed.id, "time_spent": 5, "tags": "a"}
    number = factories.make_ticket(desk.lena, desk.workshop).id
    yaml_body = "\n".join(f"{key}: {json.dumps(value)}" for key, value in values.items()).encode()
    form = "&".join(f"{key}={value}" for key, value in values.items()).encode()
    for body, content_type in ((yaml_body, YAML), (form, FORM)):
        number = factories.make_ticket(desk.lena, desk.workshop).id
        now = api.post(f"ticket/{number}/staff_update/", body, content_type=content_type).json()
        assert (now["status"]["id"], now["time_spent"], now["tags"]) == (desk.closed.id, 5, "a")


@pytest.mark.parametrize("operation", ["staff_update", "staff_pvtnote", "user_reply"])
def test_a_ticket_that_does_not_exist(api, desk, operation):
    for number in ("999999", "9" * 30, "0", "RW00999999"):
        answer = api.post(f"ticket/{number}/{operation}/", {})
        assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})
