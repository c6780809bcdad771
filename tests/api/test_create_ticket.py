"""POST tickets/ (tickets.md §6)."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
import yaml

from reynard.desk.models import Ticket
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
def wanted(desk):
    """The least that opens a ticket for a known contact."""
    return {
        "client": desk.lena.id,
        "subject": "Brake cable frayed",
        "text": "Three strands left.",
        "category": desk.workshop.id,
    }


def test_it_answers_with_the_whole_ticket(api, desk, wanted, monkeypatch):
    stop_clock(monkeypatch)
    answer = api.post("tickets/", wanted)
    assert answer.status_code == 200
    ticket = answer.json()
    number = Ticket.objects.get().id
    update = ticket["updates"][0]["update_id"]
    assert ticket == {
        "id": number,
        "display_id": f"#RW{number:08d}",
        "subject": "Brake cable frayed",
        "first_message": "Three strands left.\n\n",
        "status": {
            "id": desk.new.id,
            "name": "New",
            "color": "F2A900",
            "order": 1,
            "default": True,
            "behavior": "pending",
        },
        "priority": {"id": desk.normal.id, "name": "Normal", "order": 1, "default": True},
        "category": {
            "id": desk.workshop.id,
            "name": "Repair workshop",
            "description": "",
            "public": True,
            "time_spent_mandatory": False,
            "prepopulate_cc": "AR",
        },
        "assigned_to": None,
        "user": {
            "id": desk.lena.id,
            "name": "Lena Ortiz",
            "email": "lena.ortiz@example.org",
            "primary_phone": None,
            "phones": [],
            "contact_groups": [],
            "custom_fields": [],
            "tickets_count": 1,
            "pending_tickets_count": 1,
            "created_at": NOON_TEXT,
            "updated_at": NOON_TEXT,
            "is_login_enabled": True,
        },
        "subscribers": [],
        "tags": "",
        "due_date": None,
        "time_spent": None,
        "custom_fields": [],
        "messages_count": 1,
        "attachments_count": 0,
        "sla_breaches": 0,
        "unresponded": True,
        "visible_only_staff": None,
        "source": "TKT_CREATION_API",
        "created_at": NOW_TEXT,
        "last_user_reply_at": NOW_TEXT,
        "last_staff_reply_at": None,
        "last_updated_at": NOW_TEXT,
        "last_modified": NOW_TEXT,
        "merged_tickets": [],
        "merged_to": None,
        "jira_issue_id": None,
        "updates": [
            NO_CHANGES
            | {
                "update_id": update,
                "timestamp": NOW_TEXT,
                "by": {"type": "user", "id": desk.lena.id, "name": "Lena Ortiz", "email": "lena.ortiz@example.org"},
                "message": {
                    "id": update,
                    "text": "Three strands left.\n\n",
                    "html": "<p>Three strands left.</p>",
                    "subject": "",
                    "cc_list": "",
                    "bcc_list": "",
                    "forward_list": None,
                    "message_type": None,
                    "customer_updated": False,
                    "attachments": [],
                },
                "status_change": change(None, desk.new),
                "priority_change": change(None, desk.normal),
            }
        ],
    }


def test_it_takes_every_other_field(api, desk, wanted):
    more = {
        "html": "<p>Three <b>strands</b></p>",
        "priority": desk.high.id,
        "assignee": desk.priya.id,
        "tags": " warranty, urgent,, warranty ",
        "cc": "ann@example.org , Bob B <bob@example.org>",
        "bcc": ["eve@example.org", "", "kim@example.org"],
        "due_date": "20/03/2026",
        "visible_only_staff": "TRUE",
        "status": desk.closed.id,
        "unheard_of": {"a": 1},
    }
    ticket = api.post("new_ticket", wanted | more).json()
    assert ticket["priority"]["id"] == desk.high.id
    assert ticket["assigned_to"]["id"] == desk.priya.id
    assert ticket["tags"] == "warranty,urgent"
    assert ticket["due_date"] == "2026-03-20"
    assert ticket["visible_only_staff"] is True
    assert ticket["status"]["id"] == desk.new.id
    first = ticket["updates"][0]
    assert first["message"]["text"] == "Three strands left.\n\n"
    assert first["message"]["html"] == "<p>Three <b>strands</b></p>"
    assert first["message"]["cc_list"] == "ann@example.org,Bob B <bob@example.org>"
    assert first["message"]["bcc_list"] == "eve@example.org,kim@example.org"
    assert first["priority_change"] == change(None, desk.high)
    assert first["assignee_change"] == change(None, desk.priya)
    assert first["due_date_change"] == {"old": None, "new": "2026-03-20"}


@pytest.mark.parametrize("sent", [False, "false", "0", 0, "No", "off"])
def test_it_tells_not_private_from_never_said(api, wanted, sent):
    assert api.post("tickets/", wanted | {"visible_only_staff": sent}).json()["visible_only_staff"] is False
    assert api.post("tickets/", wanted | {"visible_only_staff": None}).json()["visible_only_staff"] is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-01-31T08:41:17", "2026-01-31 08:41:17"),
        ("2026-01-31T08:41:17.999999", "2026-01-31 08:41:17"),
        ("2026-01-31 08:41:17", "2026-01-31 08:41:17"),
        ("2026-01-31T08:41:17Z", "2026-01-31 08:41:17"),
        ("2026-01-31T00:41:17+02:00", "2026-01-30 22:41:17"),
    ],
)
def test_it_can_be_backdated(api, wanted, monkeypatch, sent, read):
    stop_clock(monkeypatch)
    ticket = api.post("tickets/", wanted | {"created_at": sent}).json()
    moments = [ticket[name] for name in ("created_at", "last_user_reply_at", "last_updated_at")]
    assert [*moments, ticket["updates"][0]["timestamp"]] == [read] * 4
    assert ticket["last_modified"] == NOW_TEXT


def test_all_request_formats_open_the_same_ticket(api, desk, wanted, monkeypatch):
    stop_clock(monkeypatch)
    full = wanted | {"tags": ["a", "b"], "assignee": desk.priya.id, "due_date": "2026-03-20", "phone": "5550134"}
    as_strings = {key: json.dumps(value) if isinstance(value, list) else str(value) for key, value in full.items()}
    form = "&".join(f"{key}={value}" for key, value in as_strings.items()).encode()
    unquoted = "\n".join(f"{key}: {value}" for key, value in full.items()).encode()
    answers = [
        api.post("tickets/", full),
        api.post("tickets/", unquoted, content_type=YAML),
        api.post("tickets/", form, content_type=FORM),
        api.post("tickets/", as_strings, content_type="multipart"),
    ]
    first, *others = [_without_numbers(answer.json()) for answer in answers]
    assert first["due_date"] == "2026-03-20"
    assert all(other == first for other in others)


def _without_numbers(ticket):
    for update in ticket["updates"]:
        del update["update_id"], update["message"]["id"]
    return {key: value for key, value in ticket.items() if key not in {"id", "display_id", "user"}}


def test_it_answers_in_the_asked_format(api, wanted):
    ticket = yaml.safe_load(api.post("tickets/", wanted, format="yaml").content)
    assert isinstance(ticket["created_at"], datetime)
    assert ticket["updates"][0]["message"]["text"] == "Three strands left.\n\n"
    root = ElementTree.fromstring(api.post("tickets/", wanted, format="xml").content)
    assert root.findtext("updates/resource/message/text") == "Three strands left.\n\n"
    assert root.find("assigned_to").attrib == {"null": "True"}


def test_it_reports_everything_that_is_missing(api, desk):
    before = everything()
    answer = api.post("tickets/", {})
    assert answer.status_code == 400
    missing = ["email", "name", "subject", "text", "category"]
    assert answer.json() == shape_l(dict.fromkeys(missing, REQUIRED))
    assert everything() == before


@pytest.mark.parametrize("empty", ["", "   ", None])
def test_empty_is_missing(api, wanted, empty):
    answer = api.post("tickets/", wanted | {"subject": empty, "text": empty, "html": "<p> </p>"})
    assert answer.json() == shape_l({"subject": REQUIRED, "text": REQUIRED})


def test_it_reports_everything_that_is_wrong_at_once(api, desk, wanted):
    before = everything()
    wrong = {
        "client": 999_999,
        "category": desk.office.id,
        "priority": 999_999,
        "assignee": desk.gone.id,
        "cc": "nobody",
        "created_at": "yesterday",
        "due_date": "31/02/2026",
        "visible_only_staff": "perhaps",
    }
    answer = api.post("tickets/", wanted | wrong)
    assert answer.status_code == 400
    found = {problem["field"]: problem["errors"] for problem in answer.json()["error"]}
    assert found == {
        "client": [NOT_A_CHOICE],
        "category": [NOT_A_CHOICE],
        "priority": [NOT_A_CHOICE],
        "assignee": [NOT_A_CHOICE],
        "cc": ["Enter a valid email address: nobody is none."],
        "created_at": ["Enter a valid date/time."],
        "due_date": ["Enter a valid date."],
        "visible_only_staff": ["Enter true or false."],
    }
    assert everything() == before


def test_the_list_of_problems_is_wrapped_in_json_only(api, wanted):
    del wanted["subject"]
    answer = api.post("tickets/", wanted, format="yaml")
    assert answer.status_code == 400
    assert yaml.safe_load(answer.content) == [{"field": "subject", "errors": [REQUIRED]}]
    answer = api.post("tickets/", wanted, format="xml")
    expected = "<response><resource><field>subject</field><errors><resource>This field is required.</resource></errors>"
    assert expected + "</resource></response>" in answer.content.decode()


def test_a_text_that_looks_like_html_stays_text(api, wanted):
    message = last_update(api.post("tickets/", wanted | {"text": "if a < b & c\n<b>no markup</b>"}))["message"]
    assert message["html"] == "<p>if a &lt; b &amp; c<br>&lt;b&gt;no markup&lt;/b&gt;</p>"


def test_a_late_or_early_year_is_no_problem(api, wanted):
    for year in ("0001", "9999"):
        ticket = api.post("tickets/", wanted | {"created_at": f"{year}-12-31T00:00:00"}).json()
        assert ticket["created_at"] == f"{year}-12-31 00:00:00"
        assert Ticket.objects.get(id=ticket["id"]).created_at == datetime(int(year), 12, 31, tzinfo=UTC)


def test_the_opening_message_is_the_contacts_whoever_typed_it(api, desk, wanted):
    factories.make_ticket(desk.stranger, desk.workshop)
    assert last_update(api.post("tickets/", wanted))["by"]["type"] == "user"
