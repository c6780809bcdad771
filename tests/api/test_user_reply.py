"""POST ticket/<id>/user_reply/ (tickets.md §11)."""

import json

import pytest

from reynard.desk.models import TicketCounter
from tests import factories
from tests.api.reading import NO_CHANGES, change
from tests.api.writing import (
    FORM,
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
def reply(api, desk, ticket):
    """Sends a reply of Lena's."""

    def send(values, **options):
        return api.post(f"ticket/{ticket.id}/user_reply/", {"user": desk.lena.id} | values, **options)

    return send


@pytest.fixture
def closed(api, desk, ticket):
    api.post(f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id, "text": "Done.", "status": desk.closed.id})


def test_it_is_the_last_entry(reply, desk, monkeypatch):
    stop_clock(monkeypatch)
    answer = reply({"text": "Still broken.", "cc": "ann@example.org", "bcc": ["bob@example.org", "eve@example.org"]})
    entry = last_update(answer)
    assert entry == NO_CHANGES | {
        "update_id": entry["update_id"],
        "timestamp": NOW_TEXT,
        "by": {"type": "user", "id": desk.lena.id, "name": "Lena Ortiz", "email": "lena.ortiz@example.org"},
        "message": {
            "id": entry["update_id"],
            "text": "Still broken.\n\n",
            "html": "<p>Still broken.</p>",
            "subject": "",
            "cc_list": "ann@example.org",
            "bcc_list": "bob@example.org,eve@example.org",
            "forward_list": None,
            "message_type": None,
            "customer_updated": False,
            "attachments": [],
        },
    }
    assert (answer.json()["status"]["id"], answer.json()["unresponded"]) == (desk.new.id, True)


def test_it_reopens_a_completed_ticket(reply, desk, closed):
    answer = reply({"text": "Still broken."})
    now = answer.json()
    assert last_update(answer)["status_change"] == change(desk.closed, desk.new)
    assert (now["status"]["id"], now["unresponded"]) == (desk.new.id, True)
    assert (now["user"]["tickets_count"], now["user"]["pending_tickets_count"]) == (1, 1)
    counters = TicketCounter.objects.filter(tickets__gt=0)
    assert list(counters.values_list("category", "status", "tickets")) == [(desk.workshop.id, desk.new.id, 1)]


def test_it_leaves_the_status_of_an_open_ticket(api, reply, desk, ticket):
    api.post(f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id, "text": "Hm.", "status": desk.waiting.id})
    answer = reply({"text": "Still broken.", "status": desk.closed.id})
    assert last_update(answer)["status_change"] is None
    assert answer.json()["status"]["id"] == desk.waiting.id
    assert answer.json()["unresponded"] is True


def test_a_stranger_may_answer_and_the_ticket_stays_the_contacts(reply, desk):
    answer = reply({"user": desk.stranger.id, "text": "Me too."})
    assert last_update(answer)["by"]["id"] == desk.stranger.id
    assert answer.json()["user"]["id"] == desk.lena.id


def test_the_text_may_be_html(reply):
    sent = "<p>Still <b onclick='x()'>broken</b></p><script>x()</script>"
    message = last_update(reply({"text": sent}))["message"]
    assert (message["html"], message["text"]) == ("<p>Still <b>broken</b></p>", "Still broken\n\n")


@pytest.mark.parametrize("text", ["a < b and c > d", "<lena@example.org>", "use <b> for bold", "1 <3"])
def test_angle_brackets_do_not_make_html(reply, text):
    message = last_update(reply({"text": text}))["message"]
    assert message["text"] == text + "\n\n"
    assert "&lt;" in message["html"]


def test_html_has_a_name_of_its_own(reply):
    assert last_update(reply({"html": "<p>Still broken</p>"}))["message"]["text"] == "Still broken\n\n"
    both = last_update(reply({"text": "<p>plain</p>", "html": "<p>rich</p>"}))["message"]
    assert (both["text"], both["html"]) == ("<p>plain</p>\n\n", "<p>rich</p>")


def test_form_and_yaml_say_what_json_says(api, reply, desk, ticket):
    values = {"user": str(desk.lena.id), "text": "Still broken.", "cc": "ann@example.org"}
    yaml_body = "\n".join(f"{key}: {json.dumps(value)}" for key, value in values.items()).encode()
    form = "&".join(f"{key}={value}" for key, value in values.items()).encode()
    for body, content_type in ((yaml_body, YAML), (form, FORM), (form, ""), (values, "multipart")):
        content_type = content_type or FORM
        message = last_update(api.post(f"ticket/{ticket.id}/user_reply", body, content_type=content_type))["message"]
        assert (message["text"], message["cc_list"]) == ("Still broken.\n\n", "ann@example.org")


@pytest.mark.parametrize("user", [None, "", 999_999, -1, "lena.ortiz@example.org", [1], 1.5])
def test_it_needs_a_contact(reply, user):
    before = everything()
    answer = reply({"user": user, "text": "Still broken."})
    missing = user is None or user == ""
    assert (answer.status_code, answer.json()) == (400, shape_l({"user": REQUIRED if missing else NOT_A_CHOICE}))
    assert everything() == before


def test_it_needs_a_text_and_reports_everything_at_once(reply):
    before = everything()
    answer = reply({"user": 999_999, "text": " \n", "cc": "ann@example.org,nobody", "bcc": "ann@"})
    assert answer.status_code == 400
    expected = {
        "cc": "Enter a valid email address: nobody is none.",
        "bcc": "Enter a valid email address: ann@ is none.",
        "user": NOT_A_CHOICE,
        "text": REQUIRED,
    }
    assert answer.json() == shape_l(expected)
    assert everything() == before


def test_a_refused_reply_does_not_reopen(reply, closed):
    before = everything()
    assert reply({"text": ""}).status_code == 400
    assert everything() == before
