"""hfox, unmodified, on the assets of a demo desk; and several writers who want one label."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.client_hfox import Hfox
from tests.servers import RunningDesk, request

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def hfox(demo: RunningDesk, tmp_path_factory: pytest.TempPathFactory) -> Hfox:
    return Hfox(demo, tmp_path_factory.mktemp("hfox"))


def _rows(answer: Any) -> list[Any]:
    return answer["data"] if isinstance(answer, dict) else answer


def test_it_reads_types_fields_and_assets(hfox: Hfox) -> None:
    [bikes] = _rows(hfox.read("assets", "types", "list"))
    assert hfox.read("assets", "types", "get", str(bikes["id"])) == bikes
    fields = _rows(hfox.read("assets", "custom-fields", "list", "--asset-type", str(bikes["id"])))
    assert [field["type"] for field in fields] == ["text", "dropdown", "multiple_option", "date"]
    assert hfox.read("assets", "custom-fields", "get", str(fields[1]["id"])) == fields[1]
    assets = _rows(hfox.read("assets", "list", "--size", "50"))
    assert len(assets) >= 5
    assert hfox.read("assets", "get", str(assets[0]["id"])) == assets[0]


def test_it_pages_through_all_assets_and_filters_them_by_name(hfox: Hfox) -> None:
    done = hfox.run("--page-all", "--page-delay", "0", "assets", "list", "--name", "meter")
    assert done.returncode == 0, done.stderr
    pages = [json.loads(line) for line in done.stdout.splitlines()]
    names = [asset["name"] for page in pages for asset in _rows(page)]
    assert names == ["Meter bike 3", "Meter bike 9"]


def test_an_asset_lives_from_creation_to_deletion(hfox: Hfox) -> None:
    fields = {field["name"]: field for field in _rows(hfox.read("assets", "custom-fields", "list"))}
    motor, extras, frame = fields["Motor"], fields["Extras"], fields["Frame number"]
    contact = str(_rows(hfox.read("contacts", "list"))[0]["id"])
    chosen = [choice["id"] for choice in extras["choices"][:2]]

    asset = hfox.read(
        *("assets", "create", "--name", "Cargo bike 12", "--display-id", "CB-012", "--staff", "amara@rollwerk.example"),
        *("--contact-ids", contact, "--cf", f"{motor['id']}={motor['choices'][1]['id']}"),
        *("--cf", f"{extras['id']}={chosen}", "--cf", f"{frame['id']}=LH-20999"),
        *("--new-contacts-json", '[{"name": "Ada Wheeler", "email": "ada@wheeler.example"}]'),
    )
    number = str(asset["id"])
    values = {field["name"]: field["value"] for field in asset["custom_fields"]}
    assert values == {
        "Frame number": "LH-20999",
        "Motor": motor["choices"][1]["id"],
        "Extras": chosen,
        "Last inspection": None,
    }
    assert "Ada Wheeler" in [linked["name"] for linked in asset["contacts"]]
    assert hfox.read("assets", "get", number) == asset

    changed = hfox.read(
        *("assets", "update", number, "--staff", "jonas@rollwerk.example", "--display-id", "CB-012b"),
        *("--contact-ids", "", "--cf", f"{frame['id']}=LH-21000"),
    )
    assert (changed["name"], changed["display_id"]) == ("Cargo bike 12", "CB-012b")
    assert {field["value"] for field in changed["custom_fields"] if field["name"] == "Frame number"} == {"LH-21000"}

    done = hfox.run("assets", "delete", number, "--staff", "jonas@rollwerk.example", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert hfox.run("assets", "get", number).returncode != 0


def test_it_shows_what_is_wrong_to_the_person(hfox: Hfox) -> None:
    taken = hfox.run("assets", "create", "--name", "x", "--display-id", "CB-001", "--staff", "jonas@rollwerk.example")
    refused = hfox.run("assets", "create", "--name", "x", "--display-id", "X-1", "--staff", "lucie@rollwerk.example")

    assert (taken.returncode != 0, refused.returncode != 0) == (True, True)
    assert "display_id" in taken.stdout + taken.stderr
    assert "no permission to manage assets" in refused.stdout + refused.stderr


def test_of_writers_who_want_one_label_one_gets_it(demo: RunningDesk, tmp_path: Path) -> None:
    staff = next(row["id"] for row in request(demo, "GET", "staff/")[1] if row["is_account_admin"])
    before = request(demo, "GET", "assets/")[1]["page_info"]["last_index"]
    body = {"name": "Contested", "display_id": "ONE", "created_by": staff}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: request(demo, "POST", "assets/", body), range(8)))

    assert sorted(status for status, _ in answers) == [200] + [400] * 7
    assert {next(iter(answer["error"])) for status, answer in answers if status == 400} == {"display_id"}
    assert request(demo, "GET", "assets/")[1]["page_info"]["last_index"] == before + 1
