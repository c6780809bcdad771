"""POST assets/ (assets.md §2)."""

import json

import pytest

from reynard.desk.actions import assets as actions
from reynard.desk.models import Asset, AssetType, Contact, ContactGroup, Staff
from reynard.desk.selectors import reference
from tests import factories
from tests.api.assets import MAY_NOT, MAY_NOT_ADD_CONTACTS, TAKEN, choice, give, make_fleet, shape_a, values_of
from tests.api.writing import FORM, NOT_A_CHOICE, NULLS, REQUIRED, YAML, everything, stop_clock


@pytest.fixture
def fleet(desk):
    return make_fleet(desk)


@pytest.fixture
def create(api, desk, fleet):
    """Adds an asset as Jonas, with the least it needs unless told otherwise."""

    def create(query="", **values):
        body = {"name": "Cargo bike 4", "display_id": "CB-004", "created_by": desk.jonas.id, **values}
        return api.post(f"assets/{query}", body)

    return create


@pytest.fixture
def created(create):
    def created(*args, **values):
        answer = create(*args, **values)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return created


@pytest.fixture
def refused(create):
    """Checks that nothing was changed; returns the errors by field."""

    def refused(*args, **values):
        before = everything()
        answer = create(*args, **values)
        assert answer.status_code == 400, answer.content
        assert everything() == before
        return answer.json()["error"]

    return refused


def test_the_answer_is_the_whole_asset_as_it_can_be_read(api, desk, fleet, create, monkeypatch):
    stop_clock(monkeypatch)

    answer = create(contact_ids=[desk.lena.id], custom_fields={str(fleet.frame.id): "FR-2207"})

    assert answer.status_code == 200
    asset = answer.json()
    assert asset == api.get(f"asset/{asset['id']}/").json()
    assert asset["created_at"] == asset["updated_at"] == "2026-03-09T14:20:55Z"
    assert (asset["created_by"], asset["updated_by"]) == (desk.jonas.id, None)
    assert asset["asset_type"] == {"id": fleet.bikes.id, "name": "Cargo bike"}
    assert values_of(asset) == {"Frame number": "FR-2207"}


def test_the_type_is_that_of_the_address(created, fleet):
    assert created(f"?asset_type={fleet.tools.id}")["asset_type"] == {"id": fleet.tools.id, "name": "Tool"}


@pytest.mark.parametrize("asked", ["999", "0", "x", "9" * 30])
def test_an_unknown_type_is_refused(refused, asked):
    assert refused(f"?asset_type={asked}") == {"asset_type": [NOT_A_CHOICE]}


def test_a_desk_without_types_has_no_assets(api, desk):
    body = {"name": "Bell", "display_id": "B-1", "created_by": desk.priya.id}

    answer = api.post("assets/", body)

    assert (answer.status_code, answer.json()) == (400, shape_a(asset_type=[NOT_A_CHOICE]))


def test_the_list_knows_how_many_there_are(api, created, fleet):
    for n in range(3):
        created(display_id=f"CB-{n}")

    assert api.get("assets/").json()["page_info"]["last_index"] == 3
    assert AssetType.objects.get(id=fleet.bikes.id).assets_count == 3


def test_everything_that_is_wrong_is_said_at_once_in_the_shape_of_assets(refused, fleet):
    assert refused(
        name="", display_id=None, created_by=None, contact_ids=7, custom_fields={str(fleet.motor.id): 99}
    ) == {
        "contact_ids": "Enter a list of values.",
        "created_by": [REQUIRED],
        "name": [REQUIRED],
        "display_id": [REQUIRED],
        "custom_fields": {str(fleet.motor.id): "Provide a valid choice. 99 is not one of the available choices."},
    }


def test_errors_keep_their_shape_in_yaml_and_xml(api, fleet):
    body = {"custom_fields": {str(fleet.motor.id): 99}, "contact_ids": 1}

    xml = api.post("assets/", body, format="xml").content.decode()
    text = api.post("assets/", body, format="yaml").content.decode()

    assert xml.startswith('<?xml version="1.0" encoding="utf-8"?>\n<response><error>')
    assert f'<custom_fields><field name="{fleet.motor.id}">Provide a valid choice.' in xml
    assert "<contact_ids>Enter a list of values.</contact_ids>" in xml
    assert text.startswith("error:\n")


class TestWhoActs:
    def test_needs_the_permission_to_manage_assets(self, desk, refused, created):
        give(desk.priya, "manage_contacts", "web_reply")

        assert refused(created_by=desk.priya.id) == {"created_by": [MAY_NOT]}
        assert created()["created_by"] == desk.jonas.id

    def test_may_be_an_account_admin(self, desk, created):
        assert created(created_by=desk.priya.id)["created_by"] == desk.priya.id

    def test_must_be_active_and_there(self, desk, refused):
        Staff.objects.filter(id=desk.gone.id).update(is_account_admin=True)
        reference.changed()

        for id in (desk.gone.id, 999, 0, "x", "1\x00", [1], True):
            assert refused(created_by=id) == {"created_by": [NOT_A_CHOICE]}


class TestNameAndDisplayId:
    def test_may_have_two_hundred_characters(self, created):
        asset = created(name="ü" * 200, display_id="d" * 200)

        assert (asset["name"], asset["display_id"]) == ("ü" * 200, "d" * 200)

    @pytest.mark.parametrize("key", ["name", "display_id"])
    def test_and_no_more(self, refused, key):
        sentence = "Ensure this value has at most 200 characters (it has 201)."

        assert refused(**{key: "x" * 201}) == {key: [sentence]}
        assert refused(**{key: "a\x00b"}) == {key: [NULLS]}
        assert refused(**{key: ["x"]}) == {key: ["Enter a text."]}
        assert refused(**{key: "  "}) == {key: [REQUIRED]}

    def test_a_number_is_a_text(self, created):
        assert created(display_id=4)["display_id"] == "4"

    def test_a_display_id_belongs_to_one_asset_of_the_desk(self, desk, fleet, create):
        factories.make_asset(fleet.tools, desk.jonas, "CB-004")

        answer = create(display_id=" CB-004 ")

        assert (answer.status_code, answer.json()) == (400, shape_a(display_id=TAKEN))
        assert Asset.objects.count() == 1

    def test_also_when_somebody_takes_it_in_the_same_moment(self, desk, fleet, create, monkeypatch):
        """The check has seen nothing; the database knows."""
        factories.make_asset(fleet.tools, desk.jonas, "CB-004")
        monkeypatch.setattr(actions, "_check_display_id", lambda *arguments: None)

        answer = create()

        assert (answer.status_code, answer.json()) == (400, shape_a(display_id=TAKEN))
        assert Asset.objects.count() == 1
        assert AssetType.objects.get(id=fleet.bikes.id).assets_count == 0


class TestLinks:
    def test_are_made_to_contacts_and_groups_by_numbers_or_texts(self, desk, created):
        group = ContactGroup.objects.create(name="Nordlicht")

        asset = created(contact_ids=[desk.lena.id, str(desk.stranger.id), desk.lena.id], contact_group_ids=[group.id])

        assert [row["id"] for row in asset["contacts"]] == [desk.lena.id, desk.stranger.id]
        assert asset["contact_groups"] == [{"id": group.id, "name": "Nordlicht"}]

    @pytest.mark.parametrize("key", ["contact_ids", "contact_group_ids"])
    def test_need_a_list_of_ids_that_are_there(self, refused, key):
        for wrong in (7, "7", {"id": 7}, True):
            assert refused(**{key: wrong}) == {key: "Enter a list of values."}
        for wrong in (999, 0, -1, "x", 2**64, 1.5, True):
            assert refused(**{key: [wrong]}) == {key: choice(wrong)}
        assert refused(**{key: list(range(1, 1002))}) == {key: "Give at most 1000 ids."}

    def test_may_be_none(self, created):
        asset = created(contact_ids=[], contact_group_ids=None)

        assert (asset["contacts"], asset["contact_groups"]) == ([], [])


class TestContactsInside:
    @pytest.fixture(autouse=True)
    def _may(self, desk, fleet):
        give(desk.priya, "manage_assets", "manage_contacts")

    def test_are_added_and_linked(self, desk, created):
        asset = created(
            created_by=desk.priya.id,
            contact_ids=[desk.lena.id],
            contacts=[
                {"name": "Noor Haddad", "email": "Noor@example.org"},
                {"name": "Kim Phone", "phones": [{"number": "1-1"}, {"number": "2-2", "type": "w", "is_primary": 1}]},
                {"name": "Pat Phone", "phone": "+49 30 555"},
            ],
        )

        assert [row["name"] for row in asset["contacts"]] == ["Lena Ortiz", "Noor Haddad", "Kim Phone", "Pat Phone"]
        kim = Contact.objects.get(name="Kim Phone")
        assert list(kim.phones.order_by("id").values_list("number", "type", "is_primary")) == [
            ("2-2", "w", True),
            ("1-1", "o", False),
        ]
        assert Contact.objects.get(name="Pat Phone").phones.get().number == "+49 30 555"

    def test_who_are_there_already_are_linked_as_they_are(self, desk, created):
        asset = created(
            created_by=desk.priya.id,
            contact_ids=[desk.lena.id],
            contacts=[{"email": "LENA.ortiz@example.org", "name": "Somebody"}, {"email": "sam@elsewhere.example"}],
        )

        assert [row["name"] for row in asset["contacts"]] == ["Lena Ortiz", "Sam Stranger"]
        assert Contact.objects.count() == 2

    def test_need_the_permission_to_manage_all_contacts(self, refused, desk):
        assert refused(contacts=[{"email": "sam@elsewhere.example"}]) == {"created_by": [MAY_NOT_ADD_CONTACTS]}

    def test_need_a_name_and_an_address_or_a_number(self, refused, desk):
        assert refused(created_by=desk.priya.id, contacts=[{"email": "noor@example.org"}, {"name": "Noor"}]) == {
            "contacts": [
                f"Contact 1, name: {REQUIRED}",
                "Contact 2, email: An e-mail address or a phone number is required.",
            ]
        }

    def test_need_addresses_and_numbers_that_are_some(self, refused, desk):
        kim = {"name": "Kim", "email": "no-at-sign"}
        pat = {"name": "Pat", "phone": "none", "phones": [{"type": "w"}, {"number": "1", "type": "fax"}]}

        assert refused(created_by=desk.priya.id, contacts=[kim, pat]) == {
            "contacts": [
                "Contact 1, email: Enter a valid email address.",
                "Contact 2, phone: Enter a valid phone number.",
                f"Contact 2, phones: {REQUIRED}",
                f"Contact 2, phones: {NOT_A_CHOICE}",
            ]
        }

    @pytest.mark.parametrize("wrong", ["x", 7, {"name": "Noor"}, ["x"], [["x"]], [None]])
    def test_are_a_list_of_objects(self, refused, desk, wrong):
        assert refused(created_by=desk.priya.id, contacts=wrong) == {"contacts": ["Enter a list of contacts."]}

    def test_are_a_hundred_at_most(self, refused, desk):
        many = [{"name": f"Contact {n}", "email": f"c{n}@example.org"} for n in range(101)]

        assert refused(created_by=desk.priya.id, contacts=many) == {"contacts": ["Give at most 100 contacts."]}

    def test_must_have_what_every_contact_must_have(self, refused, created, desk):
        field = factories.make_field("Customer number", required=True)
        noor = {"name": "Noor Haddad", "email": "noor@example.org"}

        assert refused(created_by=desk.priya.id, contacts=[noor]) == {
            "contacts": ["Contact 1, Customer number: This field is required"]
        }
        created(created_by=desk.priya.id, contacts=[noor | {f"c-cf-{field.id}": "K-1"}])
        assert Contact.objects.get(name="Noor Haddad").custom_values == {str(field.id): "K-1"}


class TestCustomFields:
    def test_take_a_value_of_their_type(self, created, fleet):
        asset = created(
            custom_fields={
                str(fleet.frame.id): "FR-2207",
                str(fleet.history.id): "Bought used.\nRepainted.",
                str(fleet.load.id): "80",
                str(fleet.motor.id): str(fleet.mid.id),
                str(fleet.extras.id): [fleet.rain.id, str(fleet.box.id)],
                str(fleet.checked.id): "2026-09-01",
            }
        )

        assert values_of(asset) == {
            "Frame number": "FR-2207",
            "History": "Bought used.\nRepainted.",
            "Load (kg)": 80,
            "Motor": fleet.mid.id,
            "Extras": [fleet.box.id, fleet.rain.id],
            "Checked": "2026-09-01",
        }

    def test_refuse_every_other(self, refused, fleet):
        assert refused(
            custom_fields={
                str(fleet.frame.id): "a\x00b",
                str(fleet.history.id): ["x"],
                str(fleet.load.id): "heavy",
                str(fleet.motor.id): [fleet.mid.id, fleet.hub.id],
                str(fleet.extras.id): [fleet.box.id, 5555],
                str(fleet.checked.id): "soon",
            }
        ) == {
            "custom_fields": {
                str(fleet.frame.id): NULLS,
                str(fleet.history.id): "Enter a text.",
                str(fleet.load.id): "Enter a number.",
                str(fleet.motor.id): f"Provide a valid choice. [{fleet.mid.id}, {fleet.hub.id}] is not one of the "
                "available choices.",
                str(fleet.extras.id): "Provide a valid choice. 5555 is not one of the available choices.",
                str(fleet.checked.id): "Enter a valid date.",
            }
        }

    def test_may_stand_beside_the_other_keys_as_older_clients_send_them(self, created, fleet):
        asset = created(**{f"a-cf-{fleet.frame.id}": "FR-1", f"a-cf-{fleet.load.id}": 7})

        assert values_of(asset) == {"Frame number": "FR-1", "Load (kg)": 7}

    def test_of_another_type_or_of_none_are_ignored(self, created, fleet):
        torque = factories.make_asset_field(fleet.tools, "Torque", "number")

        assert values_of(created(custom_fields={str(torque.id): 5, "999": 1, "x": 2})) == {}

    @pytest.mark.parametrize("wrong", ["x", 7, [1], True])
    def test_are_a_mapping(self, refused, wrong):
        assert refused(custom_fields=wrong) == {"custom_fields": ["Enter a mapping of field ids to values."]}


class TestOtherFormats:
    def test_a_form_has_lists_and_mappings_as_json_or_repeated_keys(self, api, desk, fleet):
        values = f'{{"{fleet.motor.id}": {fleet.hub.id}}}'
        body = (
            f"name=Bike&display_id=CB-1&created_by={desk.jonas.id}&contact_ids={desk.lena.id}"
            f"&contact_group_ids=&a-cf-{fleet.extras.id}={fleet.box.id}&a-cf-{fleet.extras.id}={fleet.rain.id}"
            f"&custom_fields={values}"
        ).encode()

        answer = api.post("assets/", body, content_type=FORM)

        assert answer.status_code == 200, answer.content
        assert [row["id"] for row in answer.json()["contacts"]] == [desk.lena.id]
        assert values_of(answer.json()) == {"Motor": fleet.hub.id, "Extras": [fleet.box.id, fleet.rain.id]}

    def test_multipart_without_a_file_is_taken(self, api, desk, fleet):
        body = {
            "name": "Bike",
            "display_id": "CB-1",
            "created_by": desk.jonas.id,
            "contact_ids": json.dumps([desk.lena.id, desk.stranger.id]),
        }

        assert len(api.post("assets/", body, content_type="multipart").json()["contacts"]) == 2

    def test_yaml_has_dates_and_numbers_as_keys(self, api, desk, fleet):
        body = (
            f"name: Bike\ndisplay_id: CB-1\ncreated_by: {desk.jonas.id}\n"
            f"custom_fields:\n  {fleet.checked.id}: 2026-09-01\n"
        ).encode()

        answer = api.post("assets/", body, content_type=YAML)

        assert values_of(answer.json()) == {"Checked": "2026-09-01"}

    def test_a_list_is_not_an_asset(self, api, fleet):
        answer = api.post("assets/", [{"name": "Bike"}])

        assert (answer.status_code, answer.json()) == (400, shape_a(__all__=["Send one object, not a list."]))

    def test_a_body_that_cannot_be_read_is_refused(self, api, fleet):
        answer = api.post("assets/", b"{", content_type="application/json")

        assert answer.status_code == 400
        assert list(answer.json()["error"]) == ["__all__"]


class TestIdempotency:
    def test_a_repeated_request_adds_one_asset_and_gets_the_same_answer(self, api, desk, fleet):
        body = {"name": "Bike", "display_id": "CB-1", "created_by": desk.jonas.id}

        first, again = (api.post("assets/", body, Idempotency_Key="k") for _ in range(2))

        assert (again.status_code, again.content) == (200, first.content)
        assert again["Idempotency-Replayed"] == "true"
        assert api.post("assets/", body, format="xml", Idempotency_Key="k").status_code == 200
        assert Asset.objects.count() == 1

    def test_another_type_in_the_address_is_another_request(self, api, desk, fleet):
        body = {"name": "Bike", "display_id": "CB-1", "created_by": desk.jonas.id}
        api.post("assets/", body, Idempotency_Key="k")

        answer = api.post(f"assets/?asset_type={fleet.tools.id}", body, Idempotency_Key="k")

        assert answer.status_code == 409
