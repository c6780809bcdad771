"""What a request may look like and still be understood (protocol.md §1, §4)."""

import json

import pytest

from tests import factories
from tests.api.writing import FORM, YAML, last_update


@pytest.fixture
def wanted(desk):
    return {"client": desk.lena.id, "subject": "Größe", "text": "x", "category": desk.workshop.id}


@pytest.fixture
def create(api):
    """Sends bytes exactly as they are, without a content type unless one is given."""

    def send(body, path="/api/1.1/json/tickets/", **headers):
        headers = {"Authorization": api.authorization} | headers
        request = api.client.generic("POST", path, body, content_type="", headers=headers)
        assert request.status_code == 200, request.content
        return request.json()

    return send


def form(values, charset="utf-8"):
    return "&".join(f"{key}={value}" for key, value in values.items()).encode(charset)


def test_without_a_content_type_it_is_a_form_or_json(create, wanted):
    assert create(form(wanted))["subject"] == "Größe"
    assert create(b"\n " + json.dumps(wanted).encode())["subject"] == "Größe"


@pytest.mark.parametrize("path", ["/api/1.0/json/tickets", "/api/1.1/json/tickets", "/api/1.1/json/new_ticket/"])
def test_both_versions_and_both_spellings(create, wanted, path):
    assert create(json.dumps(wanted).encode(), path)["subject"] == "Größe"


@pytest.mark.parametrize(
    ("content_type", "write"),
    [
        ("application/json; charset=latin-1", lambda values: json.dumps(values, ensure_ascii=False).encode("latin-1")),
        ('Application/JSON; Charset="UTF-16"', lambda values: json.dumps(values).encode("utf-16")),
        ("application/json", lambda values: b"\xef\xbb\xbf" + json.dumps(values).encode()),
        (f"{FORM}; charset=iso-8859-1", lambda values: form(values, "iso-8859-1")),
        (f"{FORM}; charset=iso-8859-1", lambda values: form(values | {"subject": "Gr%F6%DFe"})),
        (FORM, lambda values: form(values | {"subject": "Gr%C3%B6%C3%9Fe"})),
        ("text/yaml", lambda values: "\n".join(f"{key}: {value}" for key, value in values.items()).encode()),
    ],
)
def test_a_charset_is_honoured(create, wanted, content_type, write):
    assert create(write(wanted), Content_Type=content_type)["subject"] == "Größe"


def test_of_repeated_keys_the_last_one_wins(create, wanted):
    assert create(form(wanted) + b"&subject=Last")["subject"] == "Last"
    body = json.dumps(wanted)[:-1] + ', "subject": "Last"}'
    assert create(body.encode())["subject"] == "Last"


@pytest.mark.parametrize("write", [int, str, "000{}".format, " {} ".format])
def test_ids_are_numbers_or_digits(api, desk, wanted, write):
    ids = {"category": desk.workshop.id, "priority": desk.high.id, "assignee": desk.priya.id, "client": desk.lena.id}
    ticket = api.post("tickets/", wanted | {key: write(value) for key, value in ids.items()}).json()
    assert (ticket["priority"]["id"], ticket["assigned_to"]["id"]) == (desk.high.id, desk.priya.id)


BOOLEANS = [(word, True) for word in (True, 1, "true", "TRUE", "1", "Yes", "on", " True ")]
BOOLEANS += [(word, False) for word in (False, 0, "false", "FALSE", "0", "No", "off", None, "")]


@pytest.mark.parametrize(("sent", "meant"), BOOLEANS)
def test_booleans(api, desk, wanted, sent, meant):
    number = factories.make_ticket(desk.lena, desk.workshop).id
    values = {"staff": desk.priya.id, "text": "x", "update_customer": sent}
    answer = api.post(f"ticket/{number}/staff_update/", values)
    assert last_update(answer)["message"]["customer_updated"] is meant
    if isinstance(sent, str):
        answer = api.post(f"ticket/{number}/staff_update/", values, content_type="multipart")
        assert last_update(answer)["message"]["customer_updated"] is meant


def test_yaml_has_words_of_its_own_for_true(api, desk):
    number = factories.make_ticket(desk.lena, desk.workshop).id
    body = f"staff: {desk.priya.id}\nplaintext: x\nupdate_customer: on\nassignee: ~\n".encode()
    answer = api.post(f"ticket/{number}/staff_update/", body, content_type=YAML)
    assert last_update(answer)["message"]["customer_updated"] is True


OPTIONAL = "html priority assignee tags cc bcc created_at due_date visible_only_staff phone name email".split()


def test_null_is_not_sent(api, wanted):
    plain = api.post("tickets/", wanted).json()
    nulls = api.post("tickets/", wanted | dict.fromkeys(OPTIONAL)).json()
    assert [plain[key] for key in ("priority", "tags", "due_date", "assigned_to", "visible_only_staff")] == [
        nulls[key] for key in ("priority", "tags", "due_date", "assigned_to", "visible_only_staff")
    ]


@pytest.mark.parametrize("content_type", [FORM, "multipart"])
def test_an_empty_value_of_a_form_is_not_sent(api, wanted, content_type):
    values = wanted | dict.fromkeys(OPTIONAL, "")
    body = form(values) if content_type == FORM else values
    ticket = api.post("tickets/", body, content_type=content_type).json()
    assert (ticket["priority"]["name"], ticket["due_date"], ticket["assigned_to"]) == ("Normal", None, None)


TAGS = ["a, b ,,a,c d", ["a", " b", "", "a", "c d"], ["a,b", "c d"]]
JSON_IN_A_FORM = '["a", "b", "c d"]'


@pytest.mark.parametrize(
    ("sent", "content_type"),
    [*((tags, "") for tags in TAGS), *((tags, "multipart") for tags in [*TAGS, JSON_IN_A_FORM])],
)
def test_lists_of_tags(api, wanted, sent, content_type):
    ticket = api.post("tickets/", wanted | {"tags": sent}, content_type=content_type).json()
    assert ticket["tags"] == "a,b,c d"


@pytest.mark.parametrize("spelling", ["{}", "000{}", "RW{:08}", "%23RW{:08}", "rw{}"])
def test_ways_to_name_the_ticket(api, desk, spelling):
    number = factories.make_ticket(desk.lena, desk.workshop).id
    for operation in ("staff_update", "staff_pvtnote", "user_reply"):
        values = {"staff": desk.priya.id, "user": desk.lena.id, "text": "x"}
        for slash in ("", "/"):
            path = f"ticket/{spelling.format(number)}/{operation}{slash}"
            assert api.post(path, values).json()["id"] == number
