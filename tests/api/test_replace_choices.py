"""PUT ticket_custom_field/<id>/: replacing the choices of a field, and tickets that held a deleted one
(custom-fields.md §5, F-04)."""

import json
from types import SimpleNamespace
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.desk.models import CustomField, CustomFieldChoice, Ticket
from reynard.desk.selectors import reference
from tests import factories
from tests.api.writing import (
    FIELD_REQUIRED,
    FORM,
    NEEDED_TO_COMPLETE,
    REQUIRED,
    YAML,
    everything,
    last_update,
    shape_l,
    values_of,
)


@pytest.fixture
def fields(desk):
    """Two fields with choices; Rim depends on one of Services, Tyre on one of Rim."""
    here = [desk.workshop]
    services = factories.make_field(
        "Services", "multiple_choice", categories=here, choices=("Tune-up", "Truing", "Wash"), required=True
    )
    tune, truing, wash = services.choices.order_by("order")
    rim = factories.make_field("Rim", "choice", categories=here, choices=("Alloy", "Carbon"), depends_on_choice=truing)
    alloy, carbon = rim.choices.order_by("order")
    tyre = factories.make_field("Tyre", categories=here, depends_on_choice=alloy)
    frame = factories.make_field("Frame", categories=here)
    return SimpleNamespace(
        services=services,
        tune=tune,
        truing=truing,
        wash=wash,
        rim=rim,
        alloy=alloy,
        carbon=carbon,
        tyre=tyre,
        frame=frame,
    )


@pytest.fixture
def put(api):
    def send(field, choices, **options):
        return api.put(f"ticket_custom_field/{field.id}/", {"choices": choices}, **options)

    return send


@pytest.fixture
def refused(put):
    """Sends choices that must be refused; returns the texts at `choices`."""

    def send(field, choices):
        before = everything()
        answer = put(field, choices)
        assert answer.status_code == 400, answer.content
        assert everything() == before
        [problem] = answer.json()["error"]
        assert problem["field"] == "choices"
        return problem["errors"]

    return send


def as_is(*choices):
    return [{"id": choice.id, "text": choice.text} for choice in choices]


# --- every row of the table


def test_choices_are_kept_renamed_added_deleted_and_ordered(api, put, fields):
    answer = put(
        fields.services,
        [
            {"id": fields.truing.id, "text": "Wheel truing", "dependant_fields": [fields.rim.id]},
            {"id": None, "text": " Express "},
            {"id": str(fields.tune.id), "text": "Tune-up", "more": 1},
        ],
    )
    new = CustomFieldChoice.objects.get(text="Express")
    assert answer.status_code == 200
    assert answer.json() == {
        "id": fields.services.id,
        "name": "Services",
        "type": "multiple_choice",
        "required": True,
        "compulsory_on_completed": False,
        "compulsory_on_move": False,
        "depends_on_choice": None,
        "visible_to_staff_only": False,
        "categories": [{"category": fields.services.in_categories.get().category_id, "order": 0}],
        "choices": [
            {"id": fields.truing.id, "text": "Wheel truing", "dependant_fields": [fields.rim.id]},
            {"id": new.id, "text": "Express", "dependant_fields": []},
            {"id": fields.tune.id, "text": "Tune-up", "dependant_fields": []},
        ],
    }
    assert api.get(f"ticket_custom_field/{fields.services.id}/").json() == answer.json()


def test_what_was_read_can_be_sent_back(api, put, fields):
    before = api.get("ticket_custom_fields/").json()
    for field in (fields.services, fields.rim):
        assert put(field, api.get(f"ticket_custom_field/{field.id}/").json()["choices"]).status_code == 200
    assert api.get("ticket_custom_fields/").json() == before


def test_an_empty_list_deletes_all(put, fields):
    assert put(fields.rim, []).json()["choices"] == []


def test_ids_are_never_used_again(put, fields):
    last = put(fields.services, [{"id": None, "text": "New"}]).json()["choices"][0]["id"]
    assert last > max(fields.carbon.id, fields.wash.id)
    again = put(fields.services, [{"id": None, "text": "New"}]).json()["choices"][0]["id"]
    assert again > last
    assert not CustomFieldChoice.objects.filter(id=last).exists()


def test_the_same_label_twice_is_allowed_and_blanks_around_it_are_not_kept(put, fields):
    choices = put(
        fields.rim, [{"id": None, "text": " A\n"}, {"id": None, "text": 700}, {"id": None, "text": "A"}]
    ).json()
    assert [choice["text"] for choice in choices["choices"]] == ["A", "700", "A"]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"id": 999_999, "text": "x"}, "Select a valid choice. 999999 is not one of the available choices."),
        ({"id": None, "text": ""}, "Choice 2, text: This field is required."),
        ({"id": None, "text": " \n "}, "Choice 2, text: This field is required."),
        ({"id": None}, "Choice 2, text: This field is required."),
        ({"id": None, "text": None}, "Choice 2, text: This field is required."),
        ({"id": None, "text": "x" * 256}, "Choice 2, text: Ensure this value has at most 255 characters (it has 256)."),
        ({"id": None, "text": "a\x00b"}, "Choice 2, text: Null characters are not allowed."),
        ({"id": None, "text": ["x"]}, "Choice 2, text: Enter a text."),
        ({"text": "x"}, "Choice 2, id: Give the id of the choice, or null for a new one."),
        (
            {"id": "x", "text": "x"},
            "Choice 2, id: Select a valid choice. That choice is not one of the available choices.",
        ),
        (
            {"id": 2**63, "text": "x"},
            "Choice 2, id: Select a valid choice. That choice is not one of the available choices.",
        ),
        ({"id": None, "text": "x", "dependant_fields": 5}, "Choice 2, dependant_fields: Enter a list of ids."),
        ({"id": None, "text": "x", "dependant_fields": ["x"]}, "Choice 2, dependant_fields: Enter a list of ids."),
        ({"id": None, "text": "x", "dependant_fields": [2**64]}, "Choice 2, dependant_fields: Enter a list of ids."),
        (
            {"id": None, "text": "x", "dependant_fields": [999_999]},
            "No ticket field has id 999999, which is listed in dependant_fields.",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_entry_changes_nothing(refused, fields, entry, text):
    assert refused(fields.services, [*as_is(fields.tune), entry]) == [text]


def test_a_choice_of_another_field_is_unknown(refused, fields):
    assert refused(fields.rim, as_is(fields.tune)) == [
        f"Select a valid choice. {fields.tune.id} is not one of the available choices."
    ]


def test_a_repeated_id_is_refused(refused, fields):
    assert refused(fields.rim, as_is(fields.alloy, fields.alloy)) == [
        f"Choice {fields.alloy.id} is listed more than once."
    ]


def test_all_problems_are_told_at_once(refused, fields):
    texts = refused(fields.rim, [{"id": None, "text": ""}, {"id": 999_999, "text": "x"}, *as_is(fields.alloy) * 2])
    assert len(texts) == 3


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, REQUIRED),
        ({"choices": None}, REQUIRED),
        ({"choices": {}}, "Enter a list of objects."),
        ({"choices": "x"}, "Enter a list of objects."),
        ({"choices": [None]}, "Enter a list of objects."),
        ({"choices": [[]]}, "Enter a list of objects."),
        ({"choices": [{"id": None, "text": "x"}] * 1001}, "Give at most 1000 of them."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_list_itself_may_be_wrong(api, fields, body, text):
    before = everything()
    answer = api.put(f"ticket_custom_field/{fields.rim.id}/", body)
    assert (answer.status_code, answer.json()) == (400, shape_l({"choices": text}))
    assert everything() == before


def test_a_list_instead_of_an_object_is_refused(api, fields):
    answer = api.put(f"ticket_custom_field/{fields.rim.id}/", [])
    assert (answer.status_code, answer.json()) == (400, shape_l({"__all__": "Send one object, not a list."}))


@pytest.mark.parametrize("type", ["text", "number", "date"])
def test_other_types_have_no_choices(desk, refused, type):
    field = factories.make_field("Other", type, categories=[desk.workshop])
    for choices in ([], [{"id": None, "text": "x"}]):
        assert refused(field, choices) == [f"Other is a field of type {type}, which has no choices."]


def test_an_unknown_field_and_a_contact_field_are_not_found(api, fields):
    contacts = factories.make_field("Level", "choice", choices=("Gold",))
    for id in (contacts.id, 999_999, "9" * 18):
        answer = api.put(f"ticket_custom_field/{id}/", {"choices": []})
        assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})
    assert contacts.choices.count() == 1


# --- formats


def test_forms_carry_the_list_as_json(api, fields):
    choices = json.dumps([*as_is(fields.alloy), {"id": None, "text": "Steel"}])
    path = f"ticket_custom_field/{fields.rim.id}"
    answer = api.put(path, urlencode({"choices": choices}).encode(), content_type=FORM)
    assert [choice["text"] for choice in answer.json()["choices"]] == ["Alloy", "Steel"]
    part = b'--b\r\nContent-Disposition: form-data; name="choices"\r\n\r\n[]\r\n--b--\r\n'
    answer = api.put(path, part, content_type="multipart/form-data; boundary=b")
    assert answer.json()["choices"] == []


def test_yaml_in_and_all_formats_out(api, put, fields):
    body = f"choices:\n- {{id: {fields.alloy.id}, text: Alloy}}\n- {{id: null, text: 29}}\n".encode()
    answer = api.put(f"ticket_custom_field/{fields.rim.id}/", body, content_type=YAML)
    assert [choice["text"] for choice in answer.json()["choices"]] == ["Alloy", "29"]
    kept = answer.json()["choices"]
    assert yaml.safe_load(put(fields.rim, kept, format="yaml").content) == answer.json()
    root = ElementTree.fromstring(put(fields.rim, kept, format="xml").content)
    assert [item.findtext("text") for item in root.findall("choices/resource")] == ["Alloy", "29"]


def test_a_repeated_request_is_applied_once(put, fields):
    wanted = [{"id": None, "text": "Steel"}]
    first = put(fields.rim, wanted, Idempotency_Key="k1")
    after = everything()
    again = put(fields.rim, wanted, Idempotency_Key="k1")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert everything() == after


# --- fields that depend on a choice


def depends_on(field):
    return CustomField.objects.get(id=field.id).depends_on_choice_id


def test_dependent_fields_stay_when_they_are_not_named(put, fields):
    for silent in ({}, {"dependant_fields": None}):
        put(fields.services, [{"id": fields.truing.id, "text": "Renamed"} | silent])
        assert depends_on(fields.rim) == fields.truing.id


def test_dependent_fields_are_set_as_they_are_named(put, fields):
    choices = as_is(fields.tune, fields.truing, fields.wash)
    choices[0]["dependant_fields"] = [fields.frame.id, str(fields.rim.id)]
    choices[1]["dependant_fields"] = []
    answer = put(fields.services, choices).json()
    named = [choice["dependant_fields"] for choice in answer["choices"]]
    assert named == [sorted([fields.rim.id, fields.frame.id]), [], []]
    choices[0]["dependant_fields"] = []
    put(fields.services, choices)
    assert (depends_on(fields.rim), depends_on(fields.frame)) == (None, None)


def test_a_new_choice_may_have_dependent_fields(put, fields):
    new = put(fields.services, [{"id": None, "text": "New", "dependant_fields": [fields.frame.id]}]).json()["choices"][
        0
    ]
    assert new["dependant_fields"] == [fields.frame.id]
    assert depends_on(fields.frame) == new["id"]


def test_a_field_cannot_depend_on_itself(refused, fields):
    text = "{} would depend on itself, through the fields in dependant_fields."
    choices = as_is(fields.tune)
    choices[0]["dependant_fields"] = [fields.services.id]
    assert refused(fields.services, choices) == [text.format("Services")]
    below = as_is(fields.alloy, fields.carbon)
    below[1]["dependant_fields"] = [fields.services.id]
    assert refused(fields.rim, below) == [text.format("Rim")]


def test_a_circle_that_the_same_request_opens_is_fine(put, fields):
    """Rim leaves Services, so Services may depend on Rim."""
    released = as_is(fields.tune, fields.truing, fields.wash)
    released[1]["dependant_fields"] = []
    assert put(fields.services, released).status_code == 200
    below = as_is(fields.alloy, fields.carbon)
    below[1]["dependant_fields"] = [fields.services.id]
    assert put(fields.rim, below).status_code == 200


def test_a_field_depends_on_one_choice(refused, fields):
    choices = as_is(fields.tune, fields.wash)
    for choice in choices:
        choice["dependant_fields"] = [fields.frame.id]
    assert refused(fields.services, choices) == [
        f"Field {fields.frame.id} is listed with two choices; it can depend on one."
    ]


def test_a_field_that_depends_on_a_deleted_choice_never_applies_until_it_is_listed_again(api, desk, put, fields):
    CustomField.objects.filter(id=fields.rim.id).update(required=True)
    put(fields.services, as_is(fields.tune, fields.truing, fields.wash))
    new = {"client": desk.lena.id, "subject": "x", "text": "x", "category": desk.workshop.id}

    def demanded(choice):
        answer = api.post("tickets/", new | {f"t-cf-{fields.services.id}": [choice]})
        return answer.status_code == 400 and answer.json() == shape_l({f"t-cf-{fields.rim.id}": FIELD_REQUIRED})

    assert (demanded(fields.truing.id), demanded(fields.tune.id)) == (True, False)
    put(fields.services, as_is(fields.tune, fields.wash))
    assert (demanded(fields.wash.id), demanded(fields.tune.id)) == (False, False)
    assert api.get(f"ticket_custom_field/{fields.rim.id}/").json()["depends_on_choice"] == fields.truing.id

    unknown = put(fields.services, as_is(fields.truing))
    assert unknown.status_code == 400  # it does not come back
    choices = as_is(fields.tune, fields.wash)
    choices[0]["dependant_fields"] = [fields.rim.id]
    put(fields.services, choices)
    assert (demanded(fields.wash.id), demanded(fields.tune.id)) == (False, True)
    put(fields.services, as_is(fields.tune, fields.wash))
    assert not CustomFieldChoice.objects.filter(deleted=True).exists()


# --- tickets that hold a deleted choice


@pytest.fixture
def held(api, desk, fields, put):
    """A ticket with a value in every field, whose choices Truing and Alloy were deleted afterwards."""
    values = {
        fields.services: [fields.tune.id, fields.truing.id],
        fields.rim: fields.alloy.id,
        fields.tyre: "32 mm",
        fields.frame: "54",
    }
    new = {"client": desk.lena.id, "subject": "x", "text": "x", "category": desk.workshop.id}
    ticket = api.post("tickets/", new | {f"t-cf-{field.id}": value for field, value in values.items()}).json()
    put(fields.services, as_is(fields.wash, fields.tune))
    put(fields.rim, as_is(fields.carbon))
    return ticket


@pytest.fixture
def update(api, desk, held):
    def send(values, **more):
        body = {"staff": desk.priya.id} | {f"t-cf-{field.id}": value for field, value in values.items()} | more
        return api.post(f"ticket/{held['id']}/staff_update/", body)

    return send


def test_it_shows_the_value_without_the_deleted_choice(api, held, fields):
    shown = {"Services": (["Tune-up"], [fields.tune.id]), "Tyre": ("32 mm", None), "Frame": ("54", None)}
    assert values_of(api.get(f"ticket/{held['id']}/").json()) == shown
    assert values_of(api.get("tickets/").json()["data"][0]) == shown


def test_its_etag_is_another_one_and_lists_notice(api, desk, fields, put):
    ticket = factories.make_ticket(desk.lena, desk.workshop, custom_values={fields.services.id: [fields.tune.id]})
    before = api.get(f"ticket/{ticket.id}/")
    assert values_of(api.get("tickets/").json()["data"][0])["Services"] == (["Tune-up"], [fields.tune.id])
    put(fields.services, [{"id": fields.tune.id, "text": "Big tune-up"}])
    after = api.get(f"ticket/{ticket.id}/", If_None_Match=before["ETag"])
    assert after.status_code == 200
    assert after["ETag"] != before["ETag"]
    assert values_of(after.json())["Services"] == (["Big tune-up"], [fields.tune.id])
    assert values_of(api.get("tickets/").json()["data"][0])["Services"] == (["Big tune-up"], [fields.tune.id])


def test_values_show_in_the_new_order(api, desk, fields, put):
    both = {fields.services.id: [fields.tune.id, fields.wash.id]}
    ticket = factories.make_ticket(desk.lena, desk.workshop, custom_values=both)
    put(fields.services, as_is(fields.wash, fields.tune))
    shown = values_of(api.get(f"ticket/{ticket.id}/").json())["Services"]
    assert shown == (["Wash", "Tune-up"], [fields.wash.id, fields.tune.id])
    same = {"staff": desk.priya.id, f"t-cf-{fields.services.id}": ["Tune-up", "Wash"]}
    answer = api.post(f"ticket/{ticket.id}/staff_update/", same)
    assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})


def test_setting_what_is_left_is_no_change(update, fields):
    for values in (
        {fields.services: [fields.tune.id]},
        {fields.rim: None},
        {fields.services: ["tune-up"], fields.rim: ""},
    ):
        answer = update(values)
        assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})


def test_the_history_tells_the_change_from_what_was_left(api, update, held, fields):
    ticket = update({fields.services: [fields.wash.id], fields.rim: "Carbon"}).json()
    assert values_of(ticket)["Services"] == (["Wash"], [fields.wash.id])
    history = api.get(f"ticket/{held['id']}/?show_cf_changes=true").json()["updates"]
    assert [(change["name"], change["from"], change["to"]) for change in history[-1]["custom_field_change"]] == [
        ("Services", "Tune-up", "Wash"),
        ("Rim", "", "Carbon"),
    ]
    assert history[0]["custom_field_change"][0]["to"] == "Tune-up, Truing"  # as it was then


def test_a_deleted_choice_cannot_be_sent(update, fields):
    answer = update({fields.rim: fields.alloy.id})
    text = f"Select a valid choice. {fields.alloy.id} is not one of the available choices."
    assert (answer.status_code, answer.json()) == (400, shape_l({f"t-cf-{fields.rim.id}": text}))


def test_a_required_field_with_nothing_left_counts_as_empty(api, put, update, fields):
    put(fields.services, as_is(fields.wash))
    answer = update({fields.services: []})
    assert answer.json() == shape_l({f"t-cf-{fields.services.id}": FIELD_REQUIRED})
    assert last_update(update({fields.services: "Wash"}))["message"] is None


def test_completing_demands_a_value_for_what_was_lost(desk, update, put, fields):
    CustomField.objects.filter(id__in=[fields.services.id, fields.rim.id]).update(compulsory_on_completed=True)
    put(fields.services, as_is(fields.wash))  # nothing is left of Services
    answer = update({}, status=desk.closed.id)
    assert answer.json() == {"error": {f"t-cf-{fields.services.id}": NEEDED_TO_COMPLETE}}
    assert update({fields.services: "Wash"}, status=desk.closed.id).status_code == 200


def test_fields_below_a_lost_choice_do_not_apply(desk, update, fields):
    """Tyre depends on Alloy, and Rim on Truing: both were chosen and are gone."""
    below = CustomField.objects.filter(id__in=[fields.rim.id, fields.tyre.id])
    below.update(compulsory_on_completed=True, required=True)
    reference.changed()
    assert update({fields.tyre: None, fields.rim: None}, status=desk.closed.id).status_code == 200


def test_no_ticket_is_touched(desk, put, fields):
    for _ in range(5):
        factories.make_ticket(desk.lena, desk.workshop, custom_values={fields.services.id: [fields.tune.id]})
    before = list(Ticket.objects.order_by("id").values())
    with CaptureQueriesContext(connection) as seen:
        put(fields.services, as_is(fields.wash))
    assert not [query for query in seen.captured_queries if "desk_ticket" in query["sql"]]
    assert list(Ticket.objects.order_by("id").values()) == before
