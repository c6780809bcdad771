"""ETag on a ticket, If-Match on writes, If-None-Match on reads (observed.md §2)."""

import pytest

from reynard.desk.actions import people
from tests import factories
from tests.api.writing import NOON, everything

CHANGED = {"error": "The ticket has changed since you read it. Read it again and repeat the change."}


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def write(api, desk, ticket):
    def send(operation="staff_update", text="Hello.", **headers):
        author = {"user": desk.lena.id} if operation == "user_reply" else {"staff": desk.priya.id}
        return api.post(f"ticket/{ticket.id}/{operation}/", author | {"text": text}, **headers)

    return send


@pytest.fixture
def tag(api, ticket):
    """What names the ticket's present state."""
    return lambda **options: api.get(f"ticket/{ticket.id}/", **options)["ETag"]


@pytest.mark.parametrize("operation", ["staff_update", "staff_pvtnote", "user_reply"])
def test_a_write_on_what_was_read_passes_and_a_second_one_does_not(write, tag, operation):
    seen = tag()
    assert write(operation, If_Match=seen).status_code == 200
    before = everything()
    answer = write(operation, If_Match=seen)
    assert (answer.status_code, answer.json()) == (412, CHANGED)
    assert everything() == before


@pytest.mark.parametrize(
    "operation", ["update_custom_fields", "update_tags", "subscribe", "unsubscribe", "forward", "move", "delete"]
)
def test_the_other_writes_obey_it_too(api, desk, ticket, tag, operation):
    field = factories.make_field("Frame size", categories=[desk.workshop])
    api.post(f"ticket/{ticket.id}/subscribe/", {"staff_id": desk.jonas.id})
    stale = tag()
    api.post(f"ticket/{ticket.id}/subscribe/", {"staff_id": desk.priya.id})
    bodies = {
        "update_custom_fields": {"staff": desk.priya.id, f"t-cf-{field.id}": "54"},
        "update_tags": {"add": "a"},
        "forward": {"to": "x@hubs.example", "subject": "x"},
        "move": {"target_category_id": desk.office.id},
    }
    body = {"staff_id": desk.jonas.id if "subscribe" in operation else desk.priya.id} | bodies.get(operation, {})
    before = everything()
    answer = api.post(f"ticket/{ticket.id}/{operation}/", body, If_Match=stale)
    assert (answer.status_code, answer.json()) == (412, CHANGED)
    assert everything() == before
    assert api.post(f"ticket/{ticket.id}/{operation}/", body, If_Match=tag()).status_code == 200


def test_the_refusal_has_the_asked_format(api, desk, ticket):
    url, body = f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id, "text": "x"}
    answer = api.post(url, body, format="xml", If_Match='"1"')
    assert answer.status_code == 412
    assert f"<response><error>{CHANGED['error']}</error></response>" in answer.content.decode()


def test_a_write_answers_with_the_new_tag(write, tag):
    answer = write(If_Match=tag())
    assert answer["ETag"] == tag()
    assert write(If_Match=answer["ETag"]).status_code == 200


def test_create_answers_with_a_tag(api, desk):
    body = {"client": desk.lena.id, "subject": "Brake", "text": "x", "category": desk.workshop.id}
    answer = api.post("tickets/", body)
    url = f"ticket/{answer.json()['id']}/"
    assert answer["ETag"] == api.get(url)["ETag"]


def test_a_star_and_a_list_of_tags(write, tag):
    assert write(If_Match="*").status_code == 200
    assert write(If_Match=f'"other", W/{tag()} , "999999-1"').status_code == 200


@pytest.mark.parametrize(
    "wrong",
    ["", '"', '""', "x", '"-"', '"999999-1"', '"{id}-x"', '"{id}-²"', '"{id}-' + "9" * 5000 + '"', '"{id}-999-1-1"'],
)
def test_a_tag_that_names_no_state_of_this_ticket(write, ticket, wrong):
    before = everything()
    answer = write(If_Match=wrong.format(id=ticket.id))
    assert answer.status_code == 412
    assert everything() == before


def test_a_tag_of_another_ticket(api, desk, write):
    other = factories.make_ticket(desk.lena, desk.workshop)
    assert write(If_Match=api.get(f"ticket/{other.id}/")["ETag"]).status_code == 412


def test_without_if_match_nothing_is_compared(write):
    assert [write(text=str(number)).status_code for number in range(3)] == [200, 200, 200]


def test_a_change_of_the_contact_does_not_stand_in_the_way(write, tag, desk):
    seen = tag()
    people.add_phone(desk.lena, "030 1234", now=NOON)
    assert tag() != seen
    assert write(If_Match=seen).status_code == 200


def test_a_missing_ticket_is_missing_before_it_is_changed(api, desk):
    assert api.post("ticket/999999/staff_update/", {}, If_Match='"999999-1"').status_code == 404


def test_the_tag_is_compared_before_the_fields(api, ticket):
    assert api.post(f"ticket/{ticket.id}/staff_update/", {}, If_Match='"999999-1"').status_code == 412


@pytest.mark.parametrize("format", ["json", "yaml", "xml"])
def test_an_unchanged_ticket_is_not_sent_again(api, ticket, write, tag, format):
    seen = tag(format=format)
    for header in (seen, f"W/{seen}", f'"x", {seen}', "*"):
        answer = api.get(f"ticket/{ticket.id}/", format=format, If_None_Match=header)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", seen)
    write()
    answer = api.get(f"ticket/{ticket.id}/", format=format, If_None_Match=seen)
    assert answer.status_code == 200
    assert answer["ETag"] != seen


def test_a_reader_of_an_unchanged_ticket_sees_a_renamed_status(api, desk, ticket, tag):
    seen = tag()
    desk.new.name = "Fresh"
    desk.new.save()
    factories.reference.changed()
    assert api.get(f"ticket/{ticket.id}/", If_None_Match=seen).json()["status"]["name"] == "Fresh"
