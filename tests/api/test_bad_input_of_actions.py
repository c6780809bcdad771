"""Hostile and broken input to the ticket actions of tickets.md §12 to §17; the six operations are in test_bad_input."""

import pytest

from tests import factories
from tests.api.test_bad_input import NO_IDS
from tests.api.writing import FORM, NOT_A_CHOICE, NULLS, YAML, everything, shape_l

LEAST = {
    "update_custom_fields": {"t-cf-{field}": "54"},
    "update_tags": {"add": "a"},
    "subscribe": {},
    "unsubscribe": {},
    "forward": {"to": "x@hubs.example", "subject": "x"},
    "move": {"target_category_id": "{office}"},
    "delete": {},
}
ACTORS = dict.fromkeys(LEAST, "staff_id") | {"update_custom_fields": "staff"}


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def refused(api, desk, ticket):
    """Sends with the least an action needs, and checks that it was refused with 400 and nothing is changed."""
    words = {"field": factories.make_field("Frame size", categories=[desk.workshop]).id, "office": desk.office.id}
    before = everything()

    def check(operation, values, **options):
        least = {key.format(**words): value.format(**words) for key, value in LEAST[operation].items()}
        body = {ACTORS[operation]: desk.priya.id} | least | values if isinstance(values, dict) else values
        answer = api.post(f"ticket/{ticket.id}/{operation}/", body, **options)
        assert answer.status_code == 400, answer.content
        assert everything() == before
        return answer.json()

    return check


@pytest.mark.parametrize("operation", LEAST)
def test_what_is_no_id_of_staff(refused, operation):
    for value in NO_IDS:
        assert refused(operation, {ACTORS[operation]: value}) == shape_l({ACTORS[operation]: NOT_A_CHOICE}), value


@pytest.mark.parametrize("key", ["target_category_id", "assign_to"])
def test_other_ids(refused, key):
    for value in [*NO_IDS, 2**63 - 1, 999_999]:
        assert refused("move", {key: value}) == shape_l({key: NOT_A_CHOICE}), value


@pytest.mark.parametrize(
    ("operation", "key"), [("move", "move_note"), ("forward", "message"), ("forward", "html"), ("forward", "subject")]
)
def test_what_is_no_text(refused, operation, key):
    for value in (["a"], {"a": 1}, True):
        assert refused(operation, {key: value}) == shape_l({key: "Enter a text."})
    assert refused(operation, {key: "a\x00b"}) == shape_l({key: NULLS})


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        *(("update_tags", key) for key in ("add", "remove")),
        *(("forward", key) for key in ("to", "cc", "bcc", "ticket_attachments")),
        ("subscribe", "data"),
    ],
)
def test_what_is_no_list(refused, operation, key):
    for value in ({"a": 1}, True, [["a"]], [None], [{"a": 1}]):
        assert refused(operation, {key: value}) == shape_l({key: "Enter texts, separated by commas."})
    assert refused(operation, {key: ["a\x00b"]}) == shape_l({key: NULLS})


def test_a_hundred_addresses_are_enough(refused):
    many = [f"a{n}@hubs.example" for n in range(101)]
    assert refused("forward", {"to": many}) == shape_l({"to": "Give at most 100 addresses."})


def test_a_subject_is_one_line_of_a_thousand_characters(refused):
    text = "Ensure this value has at most 1000 characters (it has 1001)."
    assert refused("forward", {"subject": "x" * 1001}) == shape_l({"subject": text})


@pytest.mark.parametrize("operation", LEAST)
@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"{", ""), (b"[]", ""), (b'[{"staff_id": 1}]', ""), (b"a: [", YAML), (b"<a/>", "text/xml"), (b"\xff=1", FORM)],
)
def test_bodies_that_are_no_object(refused, operation, body, content_type):
    [problem] = refused(operation, body, content_type=content_type)["error"]
    assert problem["field"] == "__all__"
