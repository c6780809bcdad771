"""GET assets/, asset/<id>/, and the types and fields of assets (assets.md §1)."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
import yaml

from reynard.desk.models import AssetFieldChoice, ContactGroup
from reynard.desk.selectors import reference
from tests import factories
from tests.api.assets import make_fleet
from tests.api.writing import NOT_A_CHOICE, shape_l


@pytest.fixture
def fleet(desk):
    return make_fleet(desk)


@pytest.fixture
def asset(desk, fleet):
    return factories.make_asset(
        fleet.bikes,
        desk.jonas,
        contact_ids=[desk.stranger.id, desk.lena.id],
        contact_group_ids=[ContactGroup.objects.create(name="Nordlicht").id],
        custom_values={
            fleet.frame.id: "FR-2207",
            fleet.load.id: "80.5",
            fleet.motor.id: fleet.hub.id,
            fleet.extras.id: [fleet.rain.id, fleet.box.id],
            fleet.checked.id: "2026-09-01",
        },
    )


def test_an_asset_has_its_links_and_every_field_of_its_type(api, desk, fleet, asset):
    assert api.get(f"asset/{asset.id}/").json() == {
        "id": asset.id,
        "name": "Cargo bike 4",
        "display_id": "CB-004",
        "asset_type": {"id": fleet.bikes.id, "name": "Cargo bike"},
        "contacts": [
            {"id": desk.lena.id, "name": "Lena Ortiz", "email": "lena.ortiz@example.org"},
            {"id": desk.stranger.id, "name": "Sam Stranger", "email": "sam@elsewhere.example"},
        ],
        "contact_groups": [{"id": ContactGroup.objects.get().id, "name": "Nordlicht"}],
        "custom_fields": [
            {"id": fleet.frame.id, "name": "Frame number", "type": "text", "value": "FR-2207", "order": 1},
            {"id": fleet.history.id, "name": "History", "type": "textarea", "value": None, "order": 2},
            {"id": fleet.load.id, "name": "Load (kg)", "type": "number", "value": 80.5, "order": 3},
            {"id": fleet.motor.id, "name": "Motor", "type": "dropdown", "value": fleet.hub.id, "order": 4},
            {
                "id": fleet.extras.id,
                "name": "Extras",
                "type": "multiple_option",
                "value": [fleet.box.id, fleet.rain.id],
                "order": 5,
            },
            {"id": fleet.checked.id, "name": "Checked", "type": "date", "value": "2026-09-01", "order": 6},
        ],
        "created_by": desk.jonas.id,
        "updated_by": None,
        "created_at": "2026-03-09T12:00:00Z",
        "updated_at": "2026-03-09T12:00:00Z",
    }


def test_its_moments_have_a_t_and_a_z_in_every_format(api, asset):
    text = api.get(f"asset/{asset.id}/", format="yaml").content.decode()
    root = ElementTree.fromstring(api.get(f"asset/{asset.id}/", format="xml").content)

    assert "created_at: 2026-03-09T12:00:00Z\n" in text
    loaded = yaml.safe_load(text)
    assert loaded["updated_at"] == datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert loaded["custom_fields"][5]["value"] == date(2026, 9, 1)
    assert root.findtext("created_at") == "2026-03-09T12:00:00Z"
    assert root.find("updated_by").attrib == {"null": "True"}
    assert [found.text for found in root.findall("custom_fields/resource[5]/value/resource")]


def test_a_choice_that_is_gone_is_not_shown(api, fleet, asset):
    AssetFieldChoice.objects.filter(id__in=[fleet.hub.id, fleet.box.id]).delete()
    reference.changed()

    values = [field["value"] for field in api.get(f"asset/{asset.id}/").json()["custom_fields"]]

    assert values == ["FR-2207", None, 80.5, None, [fleet.rain.id], "2026-09-01"]


class TestTheListOfAssets:
    def test_is_of_one_type_and_by_id(self, api, desk, fleet):
        bikes = [factories.make_asset(fleet.bikes, desk.jonas, f"CB-{n}") for n in (3, 1, 2)]
        wrench = factories.make_asset(fleet.tools, desk.jonas, "T-1", name="Torque wrench")

        found = api.get(f"assets/?asset_type={fleet.tools.id}").json()
        first = api.get("assets/").json()

        assert [row["id"] for row in found["data"]] == [wrench.id]
        assert found["page_info"] == {
            "count": 1,
            "start_index": 1,
            "end_index": 1,
            "last_index": 1,
            "page_count": 1,
            "next": None,
            "total": 1,
        }
        assert [row["id"] for row in first["data"]] == [bike.id for bike in bikes], "without a type, the first one's"
        assert first["data"][0] == api.get(f"asset/{bikes[0].id}/").json()

    def test_has_pages(self, api, desk, fleet):
        bikes = [factories.make_asset(fleet.bikes, desk.jonas, f"CB-{n}").id for n in range(23)]

        pages = [api.get(f"assets/?size=10&page={number}").json() for number in (1, 2, 3, 4)]

        assert [[row["id"] for row in page["data"]] for page in pages] == [bikes[:10], bikes[10:20], bikes[20:], []]
        assert pages[2]["page_info"] == {
            "count": 3,
            "start_index": 21,
            "end_index": 23,
            "last_index": 23,
            "page_count": 3,
            "next": None,
            "total": 23,
        }
        assert pages[3]["page_info"] == {
            "count": 0,
            "start_index": 0,
            "end_index": 0,
            "last_index": 23,
            "page_count": 3,
            "next": None,
            "total": 23,
        }

    def test_is_empty_on_a_desk_without_types(self, api):
        nothing = {
            "page_info": {
                "count": 0,
                "start_index": 0,
                "end_index": 0,
                "last_index": 0,
                "page_count": 1,
                "next": None,
                "total": 0,
            },
            "data": [],
        }

        for path in ("assets/", "asset_types/", "asset_custom_fields/"):
            assert api.get(path).json() == nothing
            assert api.get(path, format="xml").status_code == 200

    @pytest.mark.parametrize("path", ["assets/", "asset_custom_fields/"])
    @pytest.mark.parametrize("asked", ["999", "0", "-1", "x", "9" * 30, "1%00", "1.5"])
    def test_of_a_type_that_is_none_is_refused(self, api, fleet, path, asked):
        answer = api.get(f"{path}?asset_type={asked}")

        assert (answer.status_code, answer.json()) == (400, shape_l({"asset_type": NOT_A_CHOICE}))

    def test_of_an_empty_type_is_that_of_the_first(self, api, asset):
        assert [row["id"] for row in api.get("assets/?asset_type=").json()["data"]] == [asset.id]


class TestTypesAndFields:
    def test_types_come_in_pages_and_one_by_one(self, api, fleet):
        page = api.get("asset_types/").json()

        assert page["page_info"]["last_index"] == 2
        assert page["data"][0] == {
            "id": fleet.bikes.id,
            "name": "Cargo bike",
            "description": "Of fleets.",
            "settings": {
                "enable_ticket_association": True,
                "enable_contact_association": True,
                "enable_asset_quantity_for_ticket": False,
            },
        }
        assert page["data"][1]["description"] is None
        assert api.get(f"asset_type/{fleet.tools.id}/").json() == page["data"][1]

    def test_types_beyond_a_page_are_on_the_next(self, api, fleet):
        types = [factories.make_asset_type(f"Type {n}").id for n in range(11)]

        assert [row["id"] for row in api.get("asset_types/?page=2").json()["data"]] == types[-3:]

    def test_fields_are_those_of_one_type_by_id(self, api, fleet):
        torque = factories.make_asset_field(fleet.tools, "Torque", "number", order=2)
        drive = factories.make_asset_field(fleet.tools, "Drive", order=1)

        assert [row["id"] for row in api.get(f"asset_custom_fields/?asset_type={fleet.tools.id}").json()["data"]] == [
            torque.id,
            drive.id,
        ]
        found = api.get("asset_custom_fields/").json()
        assert found["page_info"]["last_index"] == 6
        assert found["data"][3] == {
            "id": fleet.motor.id,
            "name": "Motor",
            "type": "dropdown",
            "asset_type": {"id": fleet.bikes.id, "name": "Cargo bike"},
            "choices": [{"id": fleet.mid.id, "text": "Mid"}, {"id": fleet.hub.id, "text": "Hub"}],
        }
        assert found["data"][0]["choices"] is None

    def test_a_field_is_read_at_both_of_its_addresses(self, api, fleet):
        one, other = (api.get(f"{path}/{fleet.load.id}/") for path in ("asset_custom_fields", "asset_custom_field"))

        assert (one.status_code, one.content) == (200, other.content)
        assert one.json()["type"] == "number"

    @pytest.mark.parametrize("path", ["asset", "asset_type", "asset_custom_field", "asset_custom_fields"])
    @pytest.mark.parametrize("id", ["0", "999", "9" * 18])
    def test_what_is_not_there_is_404(self, api, fleet, path, id):
        answer = api.get(f"{path}/{id}/")

        assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})
