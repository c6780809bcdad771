"""Hostile and broken input (protocol.md §4, §8): always a 4xx that names the field, and nothing is changed."""

import json
from xml.etree import ElementTree

import pytest

from tests import factories
from tests.api.writing import FORM, NOT_A_CHOICE, NULLS, REQUIRED, YAML, everything, last_update, shape_l

WHOLE = "__all__"
OPERATIONS = ("tickets", "staff_update", "staff_pvtnote", "user_reply")


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def send(api, desk, ticket):
    """Sends one of the four writes, with the least it needs unless told otherwise."""

    def send(operation, values, **options):
        staff = {"staff": desk.priya.id, "text": "x"}
        least = {
            "tickets": {"client": desk.lena.id, "subject": "Brake", "text": "x", "category": desk.workshop.id},
            "staff_update": staff,
            "staff_pvtnote": staff,
            "user_reply": {"user": desk.lena.id, "text": "x"},
        }
        path = "tickets/" if operation == "tickets" else f"ticket/{ticket.id}/{operation}/"
        if isinstance(values, dict):
            return api.post(path, least[operation] | values, **options)
        return api.client.generic(
            "POST", f"/api/1.1/json/{path}", values, headers={"Authorization": api.authorization}, **options
        )

    return send


@pytest.fixture
def refused(send):
    """Sends, and checks that it was refused with 400 and nothing is changed; returns the list of problems."""
    before = {}

    def check(operation, values, **options):
        before.update(before or everything())
        answer = send(operation, values, **options)
        assert answer.status_code == 400, answer.content
        assert everything() == before
        return answer.json()["error"]

    return check


NO_IDS = [0, -1, 1.5, True, False, 2**63, 2**64, -(2**63) - 1, 10**300, "9" * 20, "9" * 5000, "-1", "1.0", "0x1"]
NO_IDS += ["1e3", "x", "1 2", "²", "\u0661", " ", "null", [1], [], {}, {"id": 1}, "1\x00", "1;DROP TABLE desk_ticket"]
IDS = {
    "tickets": ["client", "category", "priority", "assignee"],
    "staff_update": ["staff", "status", "priority", "assignee", "parent_update"],
    "staff_pvtnote": ["staff", "status", "priority", "assignee"],
    "user_reply": ["user"],
}


@pytest.mark.parametrize("value", NO_IDS, ids=lambda value: repr(value)[:20])
def test_what_is_no_id(refused, value):
    for operation, keys in IDS.items():
        problems = refused(operation, dict.fromkeys(keys, value))
        assert {problem["field"]: problem["errors"] for problem in problems} == {key: [NOT_A_CHOICE] for key in keys}


@pytest.mark.parametrize("value", [2**63 - 1, "9223372036854775807", 999_999, "0" * 18 + "999999"], ids=str)
def test_ids_of_nothing(refused, value):
    for operation, keys in IDS.items():
        problems = refused(operation, dict.fromkeys(keys, value))
        assert {problem["field"]: problem["errors"] for problem in problems} == {key: [NOT_A_CHOICE] for key in keys}


@pytest.mark.parametrize("value", [["a"], {"a": 1}, True, False, [[]]], ids=str)
def test_what_is_no_text(refused, value):
    for operation, keys in {
        "tickets": ["subject", "text", "html", "email", "name", "phone"],
        "staff_update": ["plaintext", "text", "html", "subject"],
        "staff_pvtnote": ["plaintext", "text", "html"],
        "user_reply": ["text", "html"],
    }.items():
        for key in keys:
            assert refused(operation, {key: value}) == [{"field": key, "errors": ["Enter a text."]}]


@pytest.mark.parametrize("key", ["cc", "bcc", "tags"])
@pytest.mark.parametrize("value", [{"a": 1}, True, [["a"]], [None], [{"a": 1}]], ids=str)
def test_what_is_no_list_of_texts(refused, key, value):
    assert refused("staff_update", {key: value}) == [{"field": key, "errors": ["Enter texts, separated by commas."]}]


@pytest.mark.parametrize(
    ("key", "values", "text"),
    [
        ("time_spent", ["1.5", 1.5, "x", [5], {}, True, "1e3"], "Enter a whole number."),
        ("time_spent", [-1, "-7", -(10**300)], "Ensure this value is greater than or equal to 0."),
        ("time_spent", [10**6 + 1, 2**64, "9" * 29], "Ensure this value is less than or equal to 1000000."),
        ("last_staff_message", ["x", 1.5, [], True], "Enter a whole number."),
        (
            "due_date",
            ["2026-02-30", "00/01/2026", "2026", 20260101, 1.5, True, [], {}, "9" * 5000],
            "Enter a valid date.",
        ),
        ("update_customer", ["perhaps", 2, -1, 1.0, [], {}, "y" * 5000], "Enter true or false."),
        ("send_survey", ["perhaps", [True]], "Enter true or false."),
    ],
)
def test_wrong_types_of_a_staff_update(refused, key, values, text):
    for value in values:
        assert refused("staff_update", {key: value}) == [{"field": key, "errors": [text]}]


@pytest.mark.parametrize(
    "value", [1, True, [], {}, "2026-03-09", "x", "2026-13-01T00:00:00", "2026-03-09T25:00:00"], ids=str
)
def test_what_is_no_moment(refused, value):
    assert refused("tickets", {"created_at": value}) == [
        {"field": "created_at", "errors": ["Enter a valid date/time."]}
    ]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_moments_beyond_the_calendar(refused, moment):
    problem = {"field": "created_at", "errors": ["Enter a valid date/time."]}
    assert refused("tickets", {"created_at": moment}) == [problem]
    assert problem in refused("tickets", f"created_at: {moment}".encode(), content_type=YAML)
    problem = {"field": "due_date", "errors": ["Enter a valid date."]}
    assert problem in refused("tickets", f"due_date: {moment}".encode(), content_type=YAML)


ADDRESSES = [
    "nobody",
    "a@b@c",
    "<>",
    "(" * 5000 + "a@b.example",
    "a@b.example\r\nBcc: c@d.example",
    "a" * 400 + "@b.example",
]


@pytest.mark.parametrize("value", ADDRESSES, ids=lambda value: value[:10])
def test_what_is_no_address(refused, value):
    for key in ("cc", "bcc"):
        (problem,) = refused("user_reply", {key: value})
        assert problem["field"] == key
        assert problem["errors"][0].startswith("Enter a valid email address: ")
    newcomer = {"client": None, "name": "Ada", "email": value}
    assert [problem["field"] for problem in refused("tickets", newcomer)] == ["email"]


def test_null_characters(refused):
    text = {"field": "text", "errors": [NULLS]}
    for operation in OPERATIONS:
        assert refused(operation, {"text": "a\x00b"}) == [text]
    newcomer = {"client": None, "name": "A\x00da", "email": "ada\x00@new.example", "phone": "1\x002", "subject": "\x00"}
    problems = refused("tickets", newcomer | {"tags": "a\x00,b", "cc": ["a\x00@b.example"], "html": "\x00"})
    assert problems == shape_l(dict.fromkeys("email name phone subject html tags cc".split(), NULLS))["error"]
    form = b"user=1&text=a%00b"
    assert text in refused("user_reply", form, content_type=FORM)


def test_characters_that_xml_cannot_carry(send):
    odd = "a\x01\x02\x0b\x1f\ufffe\uffffb 🚲"
    for options in ({}, {"format": "yaml"}, {"format": "xml"}):
        assert send("staff_update", {"text": odd, "tags": "\x01\x02"}, **options).status_code == 200
    answer = send("staff_update", {"text": "x"})
    assert answer.json()["updates"][1]["message"]["text"] == odd + "\n\n"
    root = ElementTree.fromstring(send("staff_update", {"text": "x"}, format="xml").content)
    assert root.findall("updates/resource")[1].findtext("message/text") == "a" + "\ufffd" * 6 + "b 🚲\n\n"
    assert root.findtext("tags") == "\ufffd\ufffd"


HUGE = [
    ("staff_update", "text", "x" * 1_000_001, "Ensure this value has at most 1000000 characters (it has 1000001)."),
    ("tickets", "html", "x" * 1_000_001, "Ensure this value has at most 1000000 characters (it has 1000001)."),
    ("tickets", "subject", "x" * 1001, "Ensure this value has at most 1000 characters (it has 1001)."),
    ("tickets", "phone", "1" * 65, "Ensure this value has at most 64 characters (it has 65)."),
    ("tickets", "name", "x" * 256, "Ensure this value has at most 255 characters (it has 256)."),
    ("tickets", "tags", "x" * 101, "Ensure each tag has at most 100 characters."),
    ("tickets", "tags", [f"tag{number}" for number in range(200_000)], "Give at most 100 tags."),
    ("tickets", "cc", [f"a{number}@b.example" for number in range(101)], "Give at most 100 addresses."),
    ("staff_update", "html", "<div>" * 150_000 + "x", "This HTML is nested too deeply."),
    ("user_reply", "text", "<b><p>" * 150_000 + "</p>", "This HTML is nested too deeply."),
]


@pytest.mark.parametrize(("operation", "key", "value", "text"), HUGE, ids=lambda value: str(value)[:10])
def test_huge_values(refused, operation, key, value, text):
    assert refused(operation, {key: value}) == [{"field": key, "errors": [text]}]


def test_large_values_that_are_allowed(send):
    text = "brake 🚲 " * 100_000
    assert last_update(send("staff_update", {"text": text}))["message"]["text"] == text + "\n\n"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b'{"a": 1,}', "application/json"),
        (b'{"a": NaN}', "application/json"),
        (b'{"a": "\\ud800"}', "application/json"),
        (b'"text"', "application/json"),
        (b"17", "application/json"),
        (b"null", "application/json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json"),
        (b"[" * 100_000 + b"]" * 100_000, "application/json"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "application/json"),
        (b"\xff\xfe", "application/json"),
        ('{"text": "é"}'.encode("latin-1"), "application/json"),
        (b'{"a": 1}', "application/json; charset=klingon"),
        (b'{"a": 1}', "application/xml"),
        (b"a: [", YAML),
        (b"a: &x 1\nb: *x", YAML),
        (b"a: !!python/object/apply:os.system [ls]", YAML),
        (b"<<: {a: 1}", YAML),
        (b"a: 1\n--- \nb: 2", YAML),
        (b"[" * 5000, YAML),
        (b"text", YAML),
        (b"? {a: 1}\n: 2", YAML),
        (b"&".join(b"a=1" for _ in range(3000)), FORM),
        (b"text=%ff", FORM),
    ],
    ids=lambda value: repr(value)[:30],
)
@pytest.mark.parametrize("operation", ["tickets", "user_reply"])
def test_a_body_that_cannot_be_read(refused, operation, body, content_type):
    (problem,) = refused(operation, body, content_type=content_type)
    assert problem["field"] == WHOLE


@pytest.mark.parametrize("operation", OPERATIONS[1:])  # of the first one, lists are understood
def test_a_list_where_an_object_is_expected(refused, operation):
    (problem,) = refused(operation, b'[{"text": "x"}]')
    assert problem["field"] == WHOLE
    assert refused(operation, b"- text: x", content_type=YAML)[0]["field"] == WHOLE


def test_an_empty_body_misses_everything(refused):
    for content_type in ("application/json", YAML, FORM):
        for body in (b"", b" \n"):
            problems = refused("user_reply", body, content_type=content_type)
            assert problems == shape_l({"user": REQUIRED, "text": REQUIRED})["error"]


PART = b"--b\r\nContent-Disposition: form-data; name=text\r\n\r\nhello\r\n"
BROKEN_MULTIPART = {
    "no boundary": (PART + b"--b--\r\n", "multipart/form-data"),
    "empty boundary": (PART + b"--b--\r\n", "multipart/form-data; boundary="),
    "boundary of no characters": (PART, 'multipart/form-data; boundary="é"'),
    "another boundary": (PART + b"--b--\r\n", "multipart/form-data; boundary=c"),
    "cut off in a part": (PART + PART[:40], "multipart/form-data; boundary=b"),
    "cut off before the end": (PART, "multipart/form-data; boundary=b"),
    "thousands of fields": (PART * 3000 + b"--b--\r\n", "multipart/form-data; boundary=b"),
    "thousands of files": (
        PART.replace(b"name=text", b"name=attachments; filename=x") * 3000 + b"--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    "bytes that are no text": (
        PART.replace(b"hello", b"gr\xfc\xdfe") + b"--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    "unknown charset": (PART + b"--b--\r\n", "multipart/form-data; boundary=b; charset=klingon"),
    "charset of no text": (PART + b"--b--\r\n", "multipart/form-data; boundary=b; charset=rot13"),
    "charset of addresses": (PART + b"--b--\r\n", "multipart/form-data; boundary=b; charset=punycode"),
    "half a surrogate": (
        PART.replace(b"hello", b"+2AA-") + b"--b--\r\n",
        "multipart/form-data; boundary=b; charset=utf-7",
    ),
}


@pytest.mark.parametrize("case", BROKEN_MULTIPART)
def test_broken_multipart(refused, case):
    body, content_type = BROKEN_MULTIPART[case]
    (problem,) = refused("user_reply", body, content_type=content_type)
    assert problem["field"] == WHOLE


def test_multipart_in_another_charset(send, desk):
    body = PART.replace(b"hello", b"gr\xfc\xdfe") + PART.replace(b"=text", b"=user").replace(
        b"hello", b"%d" % desk.lena.id
    )
    content_type = "multipart/form-data; boundary=b; charset=iso-8859-1"
    answer = send("user_reply", body + b"--b--\r\n", content_type=content_type)
    assert last_update(answer)["message"]["text"] == "grüße\n\n"


def test_a_body_beyond_all_limits(refused, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    large = json.dumps({"text": "x" * 2000}).encode()
    part = PART.replace(b"hello", b"x" * 2000) + b"--b--\r\n"
    for body, content_type in ((large, ""), (b"text=" + large, FORM), (part, "multipart/form-data; boundary=b")):
        (problem,) = refused("user_reply", body, content_type=content_type)
        assert problem["field"] == WHOLE
        assert problem["errors"][0].startswith("The body is larger than ")


ANY_TYPE = [{"a": 1}, [[1]], True, "\x00", "x" * 20_000]
HOSTILE_VALUES = {
    "text": [*ANY_TYPE, [1, 2]],
    "number": [*ANY_TYPE, [1, 2], 10**300],
    "choice": [*ANY_TYPE, [1, 2], 10**300],
    "multiple_choice": [*ANY_TYPE, 10**300],
    "date": [*ANY_TYPE, [1, 2], 10**300],
}


@pytest.mark.parametrize("type", HOSTILE_VALUES)
def test_hostile_values_of_custom_fields(refused, desk, type):
    choices = ("A", "B") if "choice" in type else ()
    key = f"t-cf-{factories.make_field('Field', type, categories=[desk.workshop], choices=choices).id}"
    for value in HOSTILE_VALUES[type]:
        for operation in ("tickets", "staff_update", "staff_pvtnote"):
            assert [problem["field"] for problem in refused(operation, {key: value})] == [key]
