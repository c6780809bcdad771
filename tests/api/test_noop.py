"""`?noop=ok`: nothing to update is no error then (observed.md §2)."""

import pytest

from tests import factories
from tests.api.writing import everything, shape_l


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, tags=["warranty"])


@pytest.fixture
def unchanged(api, desk, ticket):
    """Requests that change nothing, by the operation: (method, path, body)."""
    acting = {"staff": desk.priya.id}
    field = factories.make_field("Frame size", categories=[desk.workshop])
    asset = factories.make_asset(factories.make_asset_type(), desk.priya)
    path = f"ticket/{ticket.id}"
    return {
        "staff_update": (api.post, f"{path}/staff_update/", acting | {"tags": "warranty", "subject": "Hello"}),
        "staff_pvtnote": (api.post, f"{path}/staff_pvtnote/", acting | {"status": desk.new.id}),
        "update_custom_fields": (api.post, f"{path}/update_custom_fields/", acting | {f"t-cf-{field.id}": None}),
        "update_tags": (api.post, f"{path}/update_tags/", {"add": "warranty", "remove": "unknown"}),
        "move": (api.post, f"{path}/move/", {"staff_id": desk.priya.id, "target_category_id": desk.workshop.id}),
        "asset": (api.put, f"asset/{asset.id}/", {"updated_by": desk.priya.id}),
    }


OPERATIONS = ["staff_update", "staff_pvtnote", "update_custom_fields", "update_tags", "move", "asset"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_it_nothing_to_update_is_an_error(unchanged, operation):
    send, path, body = unchanged[operation]
    before = everything()
    for query in ("", "?noop="):
        answer = send(path + query, body)
        assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
    assert everything() == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_with_it_the_answer_is_as_if_it_had_changed(api, desk, unchanged, ticket, operation):
    send, path, body = unchanged[operation]
    expected = {
        "move": {"status_code": 200, "message": "moved ticket to Repair workshop"},
        "asset": api.get(path).json() if operation == "asset" else None,
    }.get(operation, api.get(f"ticket/{ticket.id}/").json())
    before = everything()
    answer = send(f"{path}?noop=ok", body)
    assert (answer.status_code, answer.json()) == (200, expected)
    assert everything() == before


def test_the_answer_of_a_ticket_names_its_state(api, unchanged, ticket):
    _, path, body = unchanged["update_tags"]
    assert api.post(f"{path}?noop=ok", body)["ETag"] == api.get(f"ticket/{ticket.id}/")["ETag"]


def test_a_change_is_made_as_without_it(api, ticket):
    answer = api.post(f"ticket/{ticket.id}/update_tags/?noop=ok", {"add": "urgent"})
    assert answer.json()["tags"] == "warranty,urgent"


def test_every_other_refusal_stays_one(api, desk, unchanged, ticket):
    path = f"ticket/{ticket.id}/staff_update/?noop=ok"
    assert api.post(path, {}).status_code == 400
    assert api.post("ticket/999999/staff_update/?noop=ok", {"staff": desk.priya.id}).status_code == 404
    assert api.post(path, {"staff": desk.priya.id}, If_Match='"1-0"').status_code == 412


def test_a_key_repeats_the_answer(api, unchanged):
    send, path, body = unchanged["staff_update"]
    first, second = (send(f"{path}?noop=ok", body, Idempotency_Key="k") for _ in range(2))
    assert (second["Idempotency-Replayed"], second.content) == ("true", first.content)
    assert send(path, body, Idempotency_Key="k").status_code == 409


def test_any_other_value_is_refused(unchanged):
    send, path, body = unchanged["staff_update"]
    before = everything()
    answer = send(f"{path}?noop=true", body)
    assert (answer.status_code, answer.json()) == (400, shape_l({"noop": "Enter ok."}))
    assert everything() == before
