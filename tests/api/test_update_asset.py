"""PUT asset/<id>/ (assets.md §2): only what is sent changes (A-01)."""

import pytest

from reynard.desk.models import Asset, ContactGroup
from tests import factories
from tests.api.assets import MAY_NOT, MAY_NOT_ADD_CONTACTS, TAKEN, choice, give, make_fleet, shape_a, values_of
from tests.api.writing import FORM, NOT_A_CHOICE, NULLS, REQUIRED, everything, stop_clock


@pytest.fixture
def fleet(desk):
    return make_fleet(desk)


@pytest.fixture
def asset(desk, fleet):
    return factories.make_asset(
        fleet.bikes,
        desk.priya,
        contact_ids=[desk.lena.id],
        contact_group_ids=[ContactGroup.objects.create(name="Nordlicht").id],
        custom_values={fleet.frame.id: "FR-2207", fleet.motor.id: fleet.hub.id},
    )


@pytest.fixture
def update(api, desk, asset):
    """Changes the asset as Jonas unless told otherwise."""

    def update(**values):
        return api.put(f"asset/{asset.id}/", {"updated_by": desk.jonas.id, **values})

    return update


@pytest.fixture
def updated(update):
    def updated(**values):
        answer = update(**values)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return updated


@pytest.fixture
def refused(update):
    def refused(**values):
        before = everything()
        answer = update(**values)
        assert answer.status_code == 400, answer.content
        assert everything() == before
        return answer.json()["error"]

    return refused


def test_what_is_not_sent_stays(api, desk, asset, updated, monkeypatch):
    before = api.get(f"asset/{asset.id}/").json()
    stop_clock(monkeypatch)

    after = updated(name="Cargo bike 5")

    changed = {"name": "Cargo bike 5", "updated_by": desk.jonas.id, "updated_at": "2026-03-09T14:20:55Z"}
    assert after == before | changed
    assert after == api.get(f"asset/{asset.id}/").json()


def test_everything_can_be_changed_at_once(desk, fleet, updated):
    after = updated(
        name="Bike", display_id="X-1", contact_ids=[], contact_group_ids=[], custom_fields={str(fleet.load.id): 80}
    )

    assert (after["name"], after["display_id"], after["contacts"], after["contact_groups"]) == ("Bike", "X-1", [], [])
    assert values_of(after) == {"Frame number": "FR-2207", "Motor": fleet.hub.id, "Load (kg)": 80}


def test_a_field_is_cleared_by_null_or_nothing(fleet, updated):
    after = updated(custom_fields={str(fleet.frame.id): None, f"00{fleet.motor.id}": ""})

    assert values_of(after) == {}


def test_ids_replace_the_links_of_their_kind(desk, updated):
    after = updated(contact_ids=[desk.stranger.id])

    assert [row["id"] for row in after["contacts"]] == [desk.stranger.id]
    assert [row["name"] for row in after["contact_groups"]] == ["Nordlicht"]
    assert updated(contact_ids=[])["contacts"] == []


def test_a_null_list_counts_as_not_sent(desk, updated):
    after = updated(contact_ids=None, contact_group_ids=None, name="Bike")

    assert [row["id"] for row in after["contacts"]] == [desk.lena.id]


def test_contacts_are_linked_beside_those_there_are(desk, updated):
    sam = {"email": "sam@elsewhere.example"}

    after = updated(updated_by=desk.priya.id, contacts=[sam, {"name": "Noor", "email": "noor@example.org"}])

    assert [row["name"] for row in after["contacts"]] == ["Lena Ortiz", "Sam Stranger", "Noor"]
    again = updated(updated_by=desk.priya.id, contact_ids=[desk.lena.id], contacts=[sam])
    assert [row["name"] for row in again["contacts"]] == ["Lena Ortiz", "Sam Stranger"]


def test_its_own_display_id_is_not_taken_but_anothers_is(desk, fleet, asset, updated, refused):
    factories.make_asset(fleet.tools, desk.priya, "T-1")

    assert updated(display_id="CB-004")["display_id"] == "CB-004"
    assert refused(display_id="T-1") == {"display_id": TAKEN}


def test_all_problems_are_said_at_once(refused, fleet):
    assert refused(
        updated_by=None,
        name="x" * 201,
        display_id="",
        contact_ids=[999],
        contact_group_ids="1",
        custom_fields={str(fleet.checked.id): "soon"},
    ) == {
        "name": ["Ensure this value has at most 200 characters (it has 201)."],
        "contact_group_ids": "Enter a list of values.",
        "updated_by": [REQUIRED],
        "display_id": [REQUIRED],
        "contact_ids": choice(999),
        "custom_fields": {str(fleet.checked.id): "Enter a valid date."},
    }


@pytest.mark.parametrize("key", ["name", "display_id"])
def test_a_text_cannot_be_taken_away(refused, key):
    assert refused(**{key: None}) == {key: [REQUIRED]}
    assert refused(**{key: "a\x00b"}) == {key: [NULLS]}


def test_who_acts_must_manage_assets_and_contacts_for_contacts(desk, refused):
    assert refused(contacts=[{"email": "sam@elsewhere.example"}]) == {"updated_by": [MAY_NOT_ADD_CONTACTS]}
    give(desk.jonas, "manage_contacts")
    assert refused(name="Bike") == {"updated_by": [MAY_NOT]}
    assert refused(name="Bike", updated_by=desk.gone.id) == {"updated_by": [NOT_A_CHOICE]}


def test_no_change_at_all_is_nothing_to_update_in_every_format(api, desk, asset, update):
    answer = update(created_by=desk.priya.id, nonsense=1)

    assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
    xml = api.put(f"asset/{asset.id}/", {"updated_by": desk.jonas.id}, format="xml")
    assert b"<response><error>Nothing to update</error></response>" in xml.content


def test_the_same_again_succeeds(api, updated):
    assert updated(name="Cargo bike 4")["name"] == "Cargo bike 4"


def test_the_type_of_an_asset_stays(api, desk, fleet, asset):
    answer = api.put(f"asset/{asset.id}/?asset_type={fleet.tools.id}", {"updated_by": desk.jonas.id, "name": "Bike"})

    assert answer.json()["asset_type"]["id"] == fleet.bikes.id


def test_an_asset_that_is_not_there_is_404_before_anything_is_checked(api, fleet):
    for id in (999, 0, 9 * 10**17):
        answer = api.put(f"asset/{id}/", {"name": ""})
        assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})


def test_a_list_or_an_unreadable_body_is_refused(api, asset):
    for body in ([], [{"name": "x"}]):
        assert api.put(f"asset/{asset.id}/", body).json() == shape_a(__all__=["Send one object, not a list."])
    answer = api.put(f"asset/{asset.id}/", b"<name/>", content_type="application/xml")
    assert (answer.status_code, list(answer.json()["error"])) == (400, ["__all__"])


def test_a_form_and_multipart_are_read_too(api, desk, fleet, asset):
    form = f"updated_by={desk.jonas.id}&name=Bike&display_id=&contact_ids={desk.lena.id}&contact_ids={desk.stranger.id}"
    multipart = (
        f'--b\r\nContent-Disposition: form-data; name="updated_by"\r\n\r\n{desk.jonas.id}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="contact_ids"\r\n\r\n[]\r\n--b--\r\n'
    )

    first = api.put(f"asset/{asset.id}/", form.encode(), content_type=FORM)
    second = api.put(f"asset/{asset.id}/", multipart.encode(), content_type="multipart/form-data; boundary=b")

    assert (first.json()["name"], first.json()["display_id"], len(first.json()["contacts"])) == ("Bike", "CB-004", 2)
    assert second.status_code == 200, second.content
    assert second.json()["contacts"] == []


def test_a_repeated_request_is_applied_once(api, desk, asset):
    body = {"updated_by": desk.jonas.id, "name": "Bike"}
    first = api.put(f"asset/{asset.id}/", body, Idempotency_Key="k")
    api.put(f"asset/{asset.id}/", {**body, "name": "Other"})

    again = api.put(f"asset/{asset.id}/", body, Idempotency_Key="k")

    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert Asset.objects.get().name == "Other"
    assert api.put(f"asset/{asset.id}/", {**body, "name": "x"}, Idempotency_Key="k").status_code == 409
