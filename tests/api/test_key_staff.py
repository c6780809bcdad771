"""API keys that act for a staff member where a request names nobody."""

import pytest

from reynard.desk.actions import people
from reynard.desk.models import Asset, Staff
from reynard.desk.selectors import reference
from tests import factories
from tests.api import every_operation
from tests.api.every_operation import WRITES, furnish, named
from tests.api.writing import NOT_A_CHOICE, REQUIRED, everything, last_update, shape_l
from tests.conftest import Api
from tests.factories import NOON

ACTORS = {"staff", "staff_id", "created_by", "updated_by"}
_KEYS = {operation.id: set(getattr(operation.body, "__struct_fields__", ())) & ACTORS for operation in WRITES}
OF_STAFF = [op for op in WRITES if _KEYS[op.id] or "deleted_by" in op.parameters]


def make_api(person):
    credentials = people.create_api_key(name="bound", now=NOON, staff=person)
    return Api(credentials.api_key, credentials.auth_code)


@pytest.fixture
def bound(desk):
    return make_api(desk.priya)


@pytest.fixture
def known(desk):
    return furnish(desk)


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


def unnamed(operation, known):
    """A request that does not say who acts."""
    request = every_operation.request(operation, known)
    request.path = request.path.partition("?")[0]
    request.body = [{key: value for key, value in body.items() if key not in ACTORS} for body in request.body]
    return request


@pytest.mark.parametrize("operation", OF_STAFF, ids=named)
class TestEveryOperationOfStaff:
    def test_takes_the_staff_member_of_the_key(self, bound, known, operation):
        answer = unnamed(operation, known).send(bound)
        assert answer.status_code == 200, answer.content

    def test_needs_a_name_without_such_a_key(self, api, known, operation):
        before = everything()
        answer = unnamed(operation, known).send(api)
        if operation.id == "updateTags":  # without anybody, the desk itself does it
            assert (answer.status_code, last_update(answer)["by"]) == (200, None)
            return
        assert answer.status_code == 400
        assert REQUIRED in answer.content.decode()
        assert everything() == before

    def test_says_that_the_staff_member_of_the_key_is_gone(self, known, desk, operation):
        gone, before = make_api(desk.gone), everything()
        answer = unnamed(operation, known).send(gone)
        sentence = "This API key acts for Gone Raman, who is not active any more. Name somebody who is."
        [key] = _KEYS[operation.id] or {"deleted_by"}
        said = answer.json()["error"]
        assert answer.status_code == 400
        assert said in ([{"field": key, "errors": [sentence]}], {key: [sentence]})
        assert everything() == before


@pytest.mark.parametrize("body", [{"text": "Done."}, {"staff": None, "text": "Done."}, {"staff": "", "text": "Done."}])
def test_it_is_the_author_where_nobody_is_named(bound, desk, ticket, body):
    answer = bound.post(f"ticket/{ticket.id}/staff_update/", body)
    assert last_update(answer)["by"] == {
        "type": "staff",
        "id": desk.priya.id,
        "name": "Priya Raman",
        "email": "priya@rollwerk.example",
    }


def test_somebody_who_is_named_wins(bound, desk, ticket):
    answer = bound.post(f"ticket/{ticket.id}/staff_update/", {"staff": desk.jonas.id, "text": "Done."})
    assert last_update(answer)["by"]["id"] == desk.jonas.id


@pytest.mark.parametrize("staff", ["gone", "x", 4711, [7]])
def test_somebody_impossible_who_is_named_is_not_replaced(bound, desk, ticket, staff):
    before = everything()
    staff = desk.gone.id if staff == "gone" else staff
    answer = bound.post(f"ticket/{ticket.id}/staff_update/", {"staff": staff, "text": "Done."})
    assert (answer.status_code, answer.json()) == (400, shape_l({"staff": NOT_A_CHOICE}))
    assert everything() == before


def test_tags_are_changed_in_its_name(bound, desk, ticket):
    answer = bound.post(f"ticket/{ticket.id}/update_tags/", {"add": "hub"})
    assert last_update(answer)["by"]["id"] == desk.priya.id


def test_assets_are_its_own(bound, desk, known):
    type_id = known.ids["asset_type"]
    answer = bound.post(f"assets/?asset_type={type_id}", {"name": "Bike", "display_id": "CB-9"})
    assert answer.status_code == 200
    assert Asset.objects.get(display_id="CB-9").created_by_id == desk.priya.id


def test_its_permissions_are_those_of_the_staff_member(desk, ticket):
    leasing = factories.make_category("Bike leasing", "BL")
    answer = make_api(desk.jonas).post(f"ticket/{ticket.id}/move/", {"target_category_id": leasing.id})
    sentence = "Jonas Beck may not do this: the role Workshop has no move_ticket_to_any_category."
    assert (answer.status_code, answer.json()) == (400, shape_l({"staff_id": sentence}))


def test_contacts_still_reply_themselves(bound, desk, ticket):
    answer = bound.post(f"ticket/{ticket.id}/user_reply/", {"text": "Thanks."})
    assert (answer.status_code, answer.json()) == (400, shape_l({"user": REQUIRED}))
    answer = bound.post(f"ticket/{ticket.id}/user_reply/", {"text": "Thanks.", "user": desk.lena.id})
    assert last_update(answer)["by"]["type"] == "user"


def test_somebody_who_comes_back_acts_again(desk, ticket):
    gone = make_api(desk.gone)
    assert gone.get(f"ticket/{ticket.id}/").status_code == 200
    assert gone.post(f"ticket/{ticket.id}/staff_update/", {"text": "x", "staff": desk.priya.id}).status_code == 200
    Staff.objects.filter(id=desk.gone.id).update(active=True)
    reference.changed()
    assert gone.post(f"ticket/{ticket.id}/staff_update/", {"text": "x"}).status_code == 200
