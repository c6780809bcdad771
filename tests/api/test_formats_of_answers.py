"""What JSON says, YAML and XML say, at every address (protocol.md §3, §6)."""

import json
import re
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk import files
from reynard.desk.actions import people
from reynard.desk.models import ContactGroup, GroupMembership, Subscription, Ticket
from reynard.desk.selectors import reference
from tests import factories
from tests.api.reading import LATER, staff_update
from tests.factories import NOON

MOMENTS = {
    "created_at",
    "updated_at",
    "timestamp",
    "last_user_reply_at",
    "last_staff_reply_at",
    "last_updated_at",
    "last_modified",
    "expires_at",
}
STUBBORN = "<b>&amp;</b> “quoted” 'single' \"double\"\ttab, 2026-03-09, ünï 🚲, \x07bell, ]]> "


def as_yaml_means(value, key="", parent=None):
    """JSON's value as a YAML loader gives it: dates and moments are real ones (P-08)."""
    if isinstance(value, dict):
        return {name: as_yaml_means(item, name, (key, value)) for name, item in value.items()}
    if isinstance(value, list):
        return [as_yaml_means(item, key, parent) for item in value]
    if value is None:
        return None
    if key in MOMENTS:
        return datetime.fromisoformat(value)
    above, siblings = parent or ("", {})
    is_date = key == "due_date" or above == "due_date_change" or (key == "value" and siblings.get("type") == "date")
    return date.fromisoformat(value) if is_date else value


NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_xml(element, value, key=""):
    """`element` is JSON's `value`: the layout of protocol.md §6."""
    assert element.attrib == ({"null": "True"} if value is None else {}), key
    children = list(element)
    if isinstance(value, dict):
        assert [child.tag for child in children] == list(value)
        for child in children:
            check_xml(child, value[child.tag], child.tag)
    elif isinstance(value, list):
        assert [child.tag for child in children] == ["resource"] * len(value)
        for child, item in zip(children, value, strict=True):
            check_xml(child, item, key)
    else:
        assert not children
        assert (element.text or "") == xml_text(value), key


def xml_text(value):
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    return NOT_IN_XML.sub("\ufffd", value)


def check_formats_agree(ask):
    """`ask(format)` gives a response; returns what JSON said."""
    answers = {format: ask(format) for format in ("json", "yaml", "xml")}
    texts = {format: without_signatures(answer.content) for format, answer in answers.items()}
    assert len({answer.status_code for answer in answers.values()}) == 1
    said = json.loads(texts["json"])
    assert yaml.safe_load(texts["yaml"]) == as_yaml_means(said)
    assert texts["xml"].startswith(b'<?xml version="1.0" encoding="utf-8"?>\n')
    root = ElementTree.fromstring(texts["xml"])
    assert root.tag == "response"
    check_xml(root, said)
    return said


def without_signatures(content):
    """Addresses of files are signed anew for each answer, and end later."""
    content = re.sub(rb"(/attachments/\d+/)\d+-[\w-]{22}", rb"\1signed", content)
    return re.sub(rb"(expires_at\W+)\d{4}(-\d\d){2} \d\d(:\d\d){2}", rb"\g<1>2026-03-09 08:45:55", content)


@pytest.fixture
def desk(desk):
    """With one ticket that has everything, whose texts are hard to write, and one that has nothing."""
    here = {"categories": [desk.workshop]}
    fields = {
        factories.make_field("Text", **here): STUBBORN.replace("\x07", ""),
        factories.make_field("Date-like text", **here): "2026-03-09",
        factories.make_field("Number-like text", **here): "0123",
        factories.make_field("Whole", "number", **here): 300,
        factories.make_field("Broken", "number", **here): 12.5,
        factories.make_field("Bought", "date", **here): "2026-02-14",
        factories.make_field("Line", "choice", choices=("yes", "null"), **here): "null",
        factories.make_field("Work", "multiple_choice", choices=("1", "~", "No"), **here): ["1", "No"],
    }
    factories.make_field("Unset", "date", **here)
    since = factories.make_field("Since", "date")
    note = factories.make_field("Note")
    group = ContactGroup.objects.create(name="Fleet & Co", description=STUBBORN)
    GroupMembership.objects.create(contact=desk.lena, group=group)
    people.add_phone(desk.lena, "+49 30 123", now=LATER)
    desk.ticket = factories.make_ticket(
        desk.lena,
        desk.workshop,
        subject="null",
        text=STUBBORN,
        assignee=desk.priya.id,
        tags=["yes", "1"],
        due_date=date(2026, 3, 20),
        custom_values={field.id: value for field, value in fields.items()},
        contact_values={since.id: "2026-01-31", note.id: "true"},
    )
    Subscription.objects.create(ticket=desk.ticket, staff=desk.jonas)
    kept = files.keep(SimpleUploadedFile("ünï & <co>.txt", b"squeak", "text/plain"))
    staff_update(desk.ticket, desk, text=f"- {STUBBORN}", files=[kept], due_date=None, cc="a@x.example", time_spent=5)
    merged = factories.make_ticket(desk.stranger, desk.workshop)
    Ticket.objects.filter(id=merged.id).update(merged_to=desk.ticket)
    reference.changed()
    return desk


READS = """
    tickets/ tickets/?minify_response=true tickets/?fields=id,due_date,custom_fields,user tickets/?fields=nonsense
    tickets/?include_updates=0 tickets/?status=999 tickets/?page=9
    ticket/{ticket}/ ticket/{ticket}/?show_cf_changes=true ticket/{ticket}/?fields=updates,due_date,custom_fields
    ticket/{ticket}/?include_updates=0 ticket/{ticket}/?fields=nonsense
    users/ users/?q=nobody user/{contact}/ user/lena.ortiz@example.org/
    categories/ category/{category}/ statuses/ status/{status}/ priorities/ priority/{priority}/
    staff/ staff/{staff}/ staff/priya@rollwerk.example/
    ticket_custom_fields/ ticket_custom_field/{field}/ user_custom_fields/ user_custom_field/{contact_field}/
    nonsense/ ticket/999/
    """.split()


@pytest.mark.parametrize("path", READS)
def test_reading(api, desk, path):
    known = reference.current()
    path = path.format(
        ticket=desk.ticket.id,
        contact=desk.lena.id,
        category=desk.workshop.id,
        status=desk.new.id,
        priority=desk.normal.id,
        staff=desk.priya.id,
        field=next(iter(known.ticket_fields)),
        contact_field=next(iter(known.contact_fields)),
    )

    check_formats_agree(lambda format: api.get(path, format=format))


def test_the_comparison_has_met_real_dates_lists_and_nulls(api, desk):
    """Guards the tests above."""
    document = yaml.safe_load(api.get(f"ticket/{desk.ticket.id}/", format="yaml").content)

    values = {field["name"]: field["value"] for field in document["custom_fields"]}
    assert values["Bought"] == date(2026, 2, 14)
    assert values["Date-like text"] == "2026-03-09"
    assert (values["Line"], values["Work"], values["Unset"]) == ("null", ["1", "No"], None)
    assert document["created_at"] == datetime(2026, 3, 9, 12)  # noqa: DTZ001
    assert document["updates"][1]["due_date_change"] == {"old": date(2026, 3, 20), "new": None}
    assert document["user"]["custom_fields"][0]["value"] == date(2026, 1, 31)
    assert document["first_message"].startswith("<b>")


WRITES = {
    "tickets/": {"subject": "a", "text": STUBBORN, "created_at": "2026-03-09T12:00:00", "due_date": "2026-03-10"},
    "ticket/{ticket}/staff_update/": {"plaintext": "Ordered.", "due_date": "2026-03-10"},
    "ticket/{ticket}/staff_pvtnote/": {"plaintext": "Check stock."},
    "ticket/{ticket}/user_reply/": {"text": "Thanks."},
}


@pytest.mark.parametrize("path", WRITES)
def test_writing(api, desk, path):
    """One write, whose answer is asked for again in the other formats."""
    body = {**WRITES[path], "client": desk.lena.id, "user": desk.lena.id, "staff": desk.priya.id}
    body |= {"category": desk.second.id} if path == "tickets/" else {}

    def ask(format):
        return api.post(path.format(ticket=desk.ticket.id), body, format=format, Idempotency_Key="the same")

    assert "updates" in check_formats_agree(ask)


@pytest.fixture(autouse=True)
def _second_category(desk):
    desk.second = factories.make_category("Bike leasing", "BL")


class TestErrors:
    def test_a_list_is_wrapped_in_json_and_bare_in_yaml_and_xml(self, api, desk):
        answers = {format: api.post("tickets/", {"client": 0}, format=format) for format in ("json", "yaml", "xml")}

        said = answers["json"].json()["error"]
        assert {answer.status_code for answer in answers.values()} == {400}
        assert {"field": "subject", "errors": ["This field is required."]} in said
        assert yaml.safe_load(answers["yaml"].content) == said
        check_xml(ElementTree.fromstring(answers["xml"].content), said)

    def test_a_map_and_a_text_keep_their_key_in_every_format(self, api, desk):
        field = factories.make_field("Done", categories=[desk.workshop], compulsory_on_completed=True)
        path = f"ticket/{desk.ticket.id}/staff_update/"
        closing = {"staff": desk.priya.id, "status": desk.closed.id}

        assert check_formats_agree(lambda format: api.post(path, closing, format=format)) == {
            "error": {f"t-cf-{field.id}": "This field should be filled before marking this ticket as completed"}
        }
        assert check_formats_agree(lambda format: api.post(path, {"staff": desk.priya.id}, format=format)) == {
            "error": "Nothing to update"
        }


def test_moments_carry_no_zone(api, desk):
    """A zone would shift them in clients that expect none."""
    content = api.get(f"ticket/{desk.ticket.id}/", format="yaml").content.decode()

    assert f"created_at: {NOON.astimezone(UTC):%Y-%m-%d %H:%M:%S}\n" in content
