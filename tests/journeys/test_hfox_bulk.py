"""hfox, unmodified: lists of tickets, inline images and choices of fields, with what they leave behind read back."""

import base64
import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_hfox import Hfox
from tests.servers import RunningDesk, request

pytestmark = pytest.mark.server

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def hfox(demo: RunningDesk, tmp_path_factory: pytest.TempPathFactory) -> Hfox:
    return Hfox(demo, tmp_path_factory.mktemp("hfox"))


@pytest.fixture
def ticket(hfox: Hfox) -> dict[str, Any]:
    """A ticket that the demo desk takes, in a public category that has a field with several choices."""
    fields = hfox.read("system", "ticket-custom-fields")
    public = {row["id"] for row in hfox.read("system", "categories") if row["public"]}
    several = next(field for field in fields if field["type"] == "multiple_choice")
    category = next(place["category"] for place in several["categories"] if place["category"] in public)
    values = {"text": "54", "number": 3, "date": "2026-03-20"}
    required = {
        f"t-cf-{field['id']}": field["choices"][0]["id"] if field["choices"] else values[field["type"]]
        for field in fields
        if field["required"] and _is_in(field, category)
    }
    return {"subject": "One of many", "text": "Bulk.", "category": category, **required}


def _is_in(field: Any, category: int) -> bool:
    return any(place["category"] == category for place in field["categories"])


def test_a_list_is_created_but_for_the_item_that_cannot_be(
    hfox: Hfox, demo: RunningDesk, ticket: dict[str, Any], tmp_path: Path
) -> None:
    ada = {"email": "ada@bulk.example", "name": "Ada Bulk"}
    listed = tmp_path / "tickets.json"
    listed.write_text(json.dumps([ticket | ada, ticket | ada | {"subject": ""}, ticket | {"email": ada["email"]}]))
    done = hfox.run("tickets", "create-bulk", "--file", str(listed))
    assert done.returncode != 0  # one failed, which the client says by its exit code
    first, failed, last = json.loads(done.stdout)
    assert [first["success"], failed["success"], last["success"]] == [True, False, True]
    assert failed["error"] == [{"field": "subject", "errors": ["This field is required."]}]
    for result in (first, last):
        read = hfox.read("tickets", "get", str(result["id"]))
        assert (read["display_id"], read["subject"]) == (result["display_id"], "One of many")
        assert read["user"]["email"] == "ada@bulk.example"
    assert request(demo, "GET", "user/ada@bulk.example/")[1]["tickets_count"] == 2


def test_a_good_list_is_a_success(hfox: Hfox, ticket: dict[str, Any], tmp_path: Path) -> None:
    listed = tmp_path / "tickets.json"
    listed.write_text(json.dumps([ticket | {"email": f"p{n}@bulk.example", "name": f"P {n}"} for n in range(30)]))
    results = hfox.read("tickets", "create-bulk", "--file", str(listed))
    assert [result["index"] for result in results] == list(range(30))
    assert len({result["id"] for result in results}) == 30


def test_an_uploaded_image_is_seen_in_the_ticket(
    hfox: Hfox, demo: RunningDesk, ticket: dict[str, Any], tmp_path: Path
) -> None:
    image = tmp_path / "rim.png"
    image.write_bytes(PNG)
    url = hfox.read("tickets", "inline-attachment", str(image))["url"]
    assert urllib.request.urlopen(url).read() == PNG

    listed = tmp_path / "tickets.json"
    html = {"html": f'<p>See <img src="{url}"></p>', "email": "img@bulk.example", "name": "Img"}
    listed.write_text(json.dumps([ticket | html]))
    number = hfox.read("tickets", "create-bulk", "--file", str(listed))[0]["id"]
    read = hfox.read("tickets", "get", str(number))
    message = read["updates"][0]["message"]
    assert read["attachments_count"] == 1
    assert message["attachments"][0]["filename"] == "rim.png"
    source = re.search(r'src="([^"]+)"', message["html"])
    assert source is not None
    assert source[1] != url
    with urllib.request.urlopen(source[1]) as shown:
        assert (shown.headers["Content-Type"], shown.read()) == ("image/png", PNG)


def test_what_is_no_image_is_refused_in_the_clients_words(hfox: Hfox, tmp_path: Path) -> None:
    svg = tmp_path / "rim.png"
    svg.write_text("<svg/>")
    done = hfox.run("tickets", "inline-attachment", str(svg))
    assert done.returncode != 0
    assert "Upload an image" in done.stdout + done.stderr


def test_choices_are_replaced_and_tickets_lose_those_that_went(
    hfox: Hfox, ticket: dict[str, Any], tmp_path: Path
) -> None:
    field = next(
        row
        for row in hfox.read("system", "ticket-custom-fields")
        if row["type"] == "multiple_choice" and _is_in(row, ticket["category"])
    )
    kept, gone, *_ = field["choices"]
    listed = tmp_path / "tickets.json"
    who = {"email": "cf@bulk.example", "name": "Cf", f"t-cf-{field['id']}": [kept["id"], gone["id"]]}
    listed.write_text(json.dumps([ticket | who]))
    number = str(hfox.read("tickets", "create-bulk", "--file", str(listed))[0]["id"])

    wanted = [
        {"id": None, "text": "Express service", "dependant_fields": []},
        {"id": kept["id"], "text": "Renamed"},
        *(choice for choice in field["choices"] if choice not in (kept, gone)),
    ]
    answer = hfox.read("tickets", "set-cf-choices", str(field["id"]), "--choices-json", json.dumps(wanted), "--yes")
    assert [choice["text"] for choice in answer["choices"]][:2] == ["Express service", "Renamed"]
    assert gone["id"] not in {choice["id"] for choice in answer["choices"]}
    assert answer["choices"][1]["dependant_fields"] == kept["dependant_fields"]
    read = next(row for row in hfox.read("system", "ticket-custom-fields") if row["id"] == field["id"])
    assert read == answer
    values = {value["id"]: value for value in hfox.read("tickets", "get", number)["custom_fields"]}
    assert (values[field["id"]]["value"], values[field["id"]]["value_id"]) == (["Renamed"], [kept["id"]])


def test_a_choice_of_another_field_is_refused(hfox: Hfox) -> None:
    field = next(row for row in hfox.read("system", "ticket-custom-fields") if row["choices"])
    wanted = json.dumps([{"id": 999_999, "text": "x"}])
    done = hfox.run("tickets", "set-cf-choices", str(field["id"]), "--choices-json", wanted, "--yes")
    assert done.returncode != 0
    assert "choices" in done.stdout + done.stderr
    assert field in hfox.read("system", "ticket-custom-fields")
