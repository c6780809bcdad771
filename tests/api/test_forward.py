"""POST ticket/<id>/forward/ (tickets.md §15). The mail itself is in test_outbox."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk.models import Attachment, OutboxEntry
from tests import factories
from tests.api.reading import NO_CHANGES
from tests.api.writing import (
    NOON_TEXT,
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
def forward(api, desk, ticket):
    """Forwards as Jonas to a supplier."""

    def send(values, number=ticket.id, **options):
        least = {"staff_id": desk.jonas.id, "to": "parts@hubs.example", "subject": "Batch 2217"}
        return api.post(f"ticket/{number}/forward/", least | values, **options)

    return send


@pytest.fixture
def read(api, ticket):
    return lambda: api.get(f"ticket/{ticket.id}/")


def test_it_is_recorded_as_a_private_message_with_its_recipients(forward, read, desk, ticket, monkeypatch):
    stop_clock(monkeypatch)
    answer = forward(
        {
            "to": "parts@hubs.example, Ann <ann@hubs.example>",
            "message": "Can you replace it?",
            "cc": "fleet@example.org",
            "bcc": ["archive@example.org"],
        }
    )
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": f"Successfully forwarded the ticket #RW{ticket.id:08d}"},
    )
    entry = last_update(read())
    assert entry == NO_CHANGES | {
        "update_id": entry["update_id"],
        "timestamp": NOW_TEXT,
        "by": {"type": "staff", "id": desk.jonas.id, "name": "Jonas Beck", "email": "jonas@rollwerk.example"},
        "message": {
            "id": entry["update_id"],
            "text": "Can you replace it?\n\n",
            "html": "<p>Can you replace it?</p>",
            "subject": "Batch 2217",
            "cc_list": "fleet@example.org",
            "bcc_list": "archive@example.org",
            "forward_list": "parts@hubs.example,Ann <ann@hubs.example>",
            "message_type": "p",
            "customer_updated": False,
            "attachments": [],
        },
    }


def test_only_the_time_of_the_last_change_moves_and_a_message_is_counted(forward, read, monkeypatch):
    stop_clock(monkeypatch)
    forward({})
    ticket = read().json()
    assert (ticket["last_updated_at"], ticket["last_modified"]) == (NOON_TEXT, NOW_TEXT)
    assert (ticket["last_user_reply_at"], ticket["last_staff_reply_at"]) == (NOON_TEXT, None)
    assert (ticket["messages_count"], ticket["unresponded"]) == (2, True)
    assert ticket["subject"] == "Brake cable frayed"


def test_words_of_ones_own_are_not_needed(forward, read):
    for nothing in ({}, {"message": None}, {"message": " "}):
        assert forward(nothing).status_code == 200
        message = last_update(read())["message"]
        assert (message["text"], message["html"], message["message_type"]) == ("\n\n", "", "p")


@pytest.mark.parametrize(
    ("key", "html"), [("message", "<p>a &lt; b</p>"), ("text", "<p>a &lt; b</p>"), ("html", "a <b>b</b>")]
)
def test_the_message_has_three_names(forward, read, key, html):
    forward({key: "a <b>b</b><script>x</script>" if key == "html" else "a < b"})
    assert last_update(read())["message"]["html"] == html


def test_the_contact_may_be_included(forward, read, desk):
    assert forward({"to": None, "to_include_ticket_contact": "true"}).status_code == 200
    assert last_update(read())["message"]["forward_list"] == "lena.ortiz@example.org"
    forward({"to_include_ticket_contact": True, "cc_include_ticket_contact": 1, "cc": "fleet@example.org"})
    message = last_update(read())["message"]
    assert message["forward_list"] == "parts@hubs.example,lena.ortiz@example.org"
    assert message["cc_list"] == "fleet@example.org,lena.ortiz@example.org"


def test_a_contact_without_an_address_cannot_be(api, forward, desk):
    silent = factories.make_contact("Phone only", None)
    number = factories.make_ticket(silent, desk.workshop).id
    before = everything()
    text = "The contact of this ticket has no email address."
    for key in ("to_include_ticket_contact", "cc_include_ticket_contact"):
        answer = forward({key: True}, number)
        assert (answer.status_code, answer.json()) == (400, shape_l({key: text}))
    assert everything() == before
    assert forward({}, number).status_code == 200


def test_files_are_kept_with_the_message(forward, read):
    answer = forward(
        {"attachments": SimpleUploadedFile("hub.jpg", b"\xff\xd8", "image/jpeg")}, content_type="multipart"
    )
    assert answer.status_code == 200
    ticket = read().json()
    assert ticket["updates"][-1]["message"]["attachments"][0]["filename"] == "hub.jpg"
    assert ticket["attachments_count"] == 1


@pytest.fixture
def files(api, desk, ticket):
    """Two files of the ticket and one of another, by id."""
    for number in (ticket.id, ticket.id, factories.make_ticket(desk.stranger, desk.workshop).id):
        upload = SimpleUploadedFile("hub.jpg", b"\xff\xd8", "image/jpeg")
        form = {"staff": desk.priya.id, "attachments": upload}
        assert api.post(f"ticket/{number}/staff_pvtnote/", form, content_type="multipart").status_code == 200
    return list(Attachment.objects.order_by("id").values_list("id", flat=True))


def test_files_of_the_ticket_go_along(forward, files):
    own = files[:2]
    for given, options in (
        (own, {}),
        ([str(file) for file in own], {}),
        (",".join(map(str, own)), {}),
        (str(own), {"content_type": "multipart"}),
        (own, {"content_type": "multipart"}),
    ):
        assert forward({"ticket_attachments": given}, **options).status_code == 200
        assert OutboxEntry.objects.latest("id").options["attachments"] == own


def test_other_files_do_not(forward, files):
    before = everything()
    for wrong in ([files[2]], [files[0], 999_999], ["x"], [0], ["1.0"], "hub.jpg"):
        answer = forward({"ticket_attachments": wrong})
        assert (answer.status_code, answer.json()) == (400, shape_l({"ticket_attachments": NOT_A_CHOICE})), wrong
    answer = forward({"ticket_attachments": list(range(1, 102))})
    assert answer.json() == shape_l({"ticket_attachments": "Give at most 100 ids."})
    assert everything() == before


def test_it_reports_everything_that_is_wrong_at_once(forward, desk):
    before = everything()
    answer = forward(
        {
            "staff_id": desk.gone.id,
            "to": "parts",
            "cc": "x@",
            "bcc": {"a": 1},
            "subject": " ",
            "to_include_ticket_contact": "perhaps",
            "cc_include_ticket_contact": "perhaps",
            "send_all_messages": "perhaps",
            "include_pvt_notes": 2,
            "convert_replies_as_new_ticket": [],
            "message": ["x"],
        }
    )
    assert answer.status_code == 400
    assert answer.json() == shape_l(
        {
            "to": "Enter a valid email address: parts is none.",
            "to_include_ticket_contact": "Enter true or false.",
            "cc": "Enter a valid email address: x@ is none.",
            "cc_include_ticket_contact": "Enter true or false.",
            "bcc": "Enter texts, separated by commas.",
            "message": "Enter a text.",
            "send_all_messages": "Enter true or false.",
            "include_pvt_notes": "Enter true or false.",
            "convert_replies_as_new_ticket": "Enter true or false.",
            "staff_id": NOT_A_CHOICE,
            "subject": REQUIRED,
        }
    )
    assert everything() == before


def test_what_is_required(api, ticket):
    answer = api.post(f"ticket/{ticket.id}/forward/", {})
    assert answer.json() == shape_l({"staff_id": REQUIRED, "to": REQUIRED, "subject": REQUIRED})
    answer = api.post(f"ticket/{ticket.id}/forward/", {"to_include_ticket_contact": False, "staff_id": "x"})
    assert answer.json() == shape_l({"staff_id": NOT_A_CHOICE, "to": REQUIRED, "subject": REQUIRED})


def test_a_ticket_that_is_not_there(forward):
    assert forward({}, 999_999).status_code == 404
