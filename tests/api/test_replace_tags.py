"""`tags_mode` in staff updates and private notes: `tags` are added (T-16), or are all there shall be."""

import json

import pytest

from reynard.desk.models import Role, Update
from tests import factories
from tests.api.searching import search
from tests.api.writing import FORM, REQUIRED, everything, shape_l


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, tags=["warranty", "urgent"])


@pytest.fixture(params=["staff_update", "staff_pvtnote"])
def write(api, desk, ticket, request):
    def send(values, **options):
        return api.post(f"ticket/{ticket.id}/{request.param}/", {"staff": desk.priya.id} | values, **options)

    return send


def test_the_default_is_to_add(write):
    for mode in ({}, {"tags_mode": "add"}, {"tags_mode": None}):
        answer = write({"tags": f"hub{len(str(mode))}"} | mode)
        assert answer.json()["tags"].startswith("warranty,urgent,hub")


def test_they_are_replaced_and_the_history_keeps_what_changed(api, write, ticket):
    answer = write({"tags": "hub,urgent", "tags_mode": "replace"})
    assert answer.json()["tags"] == "urgent,hub"
    stored = json.loads(Update.objects.latest("id").changes)
    assert stored == {"tags_added": ["hub"], "tags_removed": ["warranty"]}
    assert (search(api, "tag:hub"), search(api, "tag:warranty")) == ([ticket.id], [])
    assert (search(api, "hub"), search(api, "warranty")) == ([ticket.id], [])


@pytest.mark.parametrize("nothing", ["", None, []])
def test_an_empty_list_removes_all(write, nothing):
    assert write({"tags": nothing, "tags_mode": "replace"}).json()["tags"] == ""


def test_an_empty_value_of_a_form_removes_all(api, desk, ticket):
    body = f"staff={desk.priya.id}&tags=&tags_mode=replace".encode()
    assert api.post(f"ticket/{ticket.id}/staff_update/", body, content_type=FORM).json()["tags"] == ""


def test_the_same_tags_are_nothing_to_update(write):
    before = everything()
    answer = write({"tags": "urgent,warranty", "tags_mode": "replace"})
    assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
    assert everything() == before


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"tags_mode": "replace"}, {"tags": REQUIRED}),
        ({"tags": "a", "tags_mode": "set"}, {"tags_mode": "Enter add or replace."}),
        ({"tags": "a", "tags_mode": ["replace"]}, {"tags_mode": "Enter a text."}),
    ],
)
def test_a_request_that_makes_no_sense_changes_nothing(write, values, problems):
    before = everything()
    answer = write({"text": "Done."} | values)
    assert (answer.status_code, answer.json()) == (400, shape_l(problems))
    assert everything() == before


def test_it_takes_the_permission_to_remove_tags(api, desk, ticket, settings):
    settings.REYNARD_ENFORCE_PERMISSIONS = True
    role = Role.objects.create(name="Mechanic", permissions=["add_tags"])
    body = {"staff": factories.make_staff("Mia", desk.workshop, role=role).id, "tags_mode": "replace"}
    path = f"ticket/{ticket.id}/staff_update/"
    refused = api.post(path, body | {"tags": "hub"})
    text = "Mia Raman may not do this: the role Mechanic has no delete_tags."
    assert refused.json() == shape_l({"staff": text})
    assert api.post(path, body | {"tags": "hub,warranty,urgent"}).status_code == 200
