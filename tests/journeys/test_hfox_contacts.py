"""Contacts and groups by hfox 1.0.0rc3 from PyPI, unmodified; every side effect is read back."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_hfox import Hfox
from tests.servers import RunningDesk

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def hfox(demo: RunningDesk, tmp_path_factory: pytest.TempPathFactory) -> Hfox:
    return Hfox(demo, tmp_path_factory.mktemp("hfox"))


@pytest.fixture(scope="module")
def remark(hfox: Hfox, demo: RunningDesk) -> str:
    """The id of a text field of contacts."""
    fields = hfox.read("system", "contact-custom-fields")
    return str(next(field["id"] for field in fields if field["type"] == "text"))


def _contact(hfox: Hfox, who: Any) -> Any:
    return hfox.read("contacts", "get", str(who))


def _value(contact: Any, field: str) -> Any:
    return next(row["value"] for row in contact["custom_fields"] if str(row["id"]) == field)


def test_a_contact_is_added_and_edited_by_address(hfox: Hfox, remark: str) -> None:
    made = hfox.read(
        *("contacts", "create", "--name", "Ada Wheeler", "--email", "Ada@spokes.example"),
        *("--phone", "+49 30 5550199", "--phone-type", "mo", "--cf", f"{remark}=Rings twice"),
    )
    assert _contact(hfox, "ada@spokes.example") == made
    assert (made["primary_phone"]["type"], _value(made, remark)) == ("mo", "Rings twice")

    edited = hfox.read("contacts", "create", "--name", "Ada Speiche", "--email", "ada@SPOKES.example")
    assert (edited["id"], edited["name"], _value(edited, remark)) == (made["id"], "Ada Speiche", None)
    assert _contact(hfox, made["id"]) == edited
    assert [row["id"] for row in hfox.read("contacts", "list", "-q", "phone:49305550199")["data"]] == [made["id"]]
    assert [row["id"] for row in hfox.read("contacts", "list", "-q", 'name:"ada speiche"')["data"]] == [made["id"]]


def test_an_edit_by_id_keeps_what_is_not_passed(hfox: Hfox, remark: str) -> None:
    made = hfox.read(
        *("contacts", "create", "--name", "Ben", "--email", "ben@spokes.example"),
        *("--phone", "030 1", "--cf", f"{remark}=Likes bells"),
    )
    phone = str(made["phones"][0]["id"])
    more = ["--phone", "030 2", "--phone-id", phone, "--phone-type", "w"]
    edited = hfox.read("contacts", "update", str(made["id"]), *more, "--email", "ben@hubs.example")
    assert [(row["type"], row["number"]) for row in edited["phones"]] == [("w", "030 2")]
    edited = hfox.read("contacts", "update", str(made["id"]), "--phone", "030 3", "--phone-primary")
    assert [row["is_primary"] for row in edited["phones"]] == [False, True]
    assert (edited["name"], edited["email"], _value(edited, remark)) == ("Ben", "ben@hubs.example", "Likes bells")
    assert _contact(hfox, made["id"]) == edited


def test_the_login_is_turned_off_by_address_and_nothing_else_changes(hfox: Hfox) -> None:
    before = hfox.read("contacts", "create", "--name", "Cem", "--email", "cem@spokes.example")
    after = hfox.read("contacts", "update", "cem@spokes.example", "--disable-login")
    assert after == {**before, "is_login_enabled": False, "updated_at": after["updated_at"]}
    assert hfox.read("contacts", "update", str(before["id"]), "--enable-login")["is_login_enabled"] is True


def test_a_contact_is_known_by_phone_only(hfox: Hfox) -> None:
    made = hfox.read("contacts", "create", "--name", "Caller", "--phone", "+49 30 777")
    assert (made["email"], made["phones"][0]["type"], made["phones"][0]["is_primary"]) == (None, "o", True)


def test_many_are_saved_from_a_file_and_a_failure_is_told(hfox: Hfox, tmp_path: Path) -> None:
    file = tmp_path / "contacts.json"
    rows: list[Any] = [{"email": f"bulk{n}@spokes.example", "name": f"Bulk {n}"} for n in range(3)]
    file.write_text(json.dumps(rows))
    assert [row["success"] for row in hfox.read("contacts", "create-bulk", "--file", str(file))] == [True] * 3
    assert _contact(hfox, "bulk2@spokes.example")["name"] == "Bulk 2"

    file.write_text(json.dumps([{"email": "no-at-sign", "name": "x"}, {"email": "bulk0@spokes.example", "name": "Y"}]))
    done = hfox.run("contacts", "create-bulk", "--file", str(file))
    assert done.returncode != 0
    assert "Enter a valid email address." in done.stdout
    assert _contact(hfox, "bulk0@spokes.example")["name"] == "Y"


def test_a_refusal_names_the_field(hfox: Hfox) -> None:
    hfox.read("contacts", "create", "--name", "Dora", "--email", "dora@spokes.example")
    done = hfox.run("contacts", "update", "dora@spokes.example", "--email", "ada@spokes.example")
    assert done.returncode != 0
    assert "email" in done.stdout + done.stderr


def test_a_group_lives_from_creation_to_its_last_member(hfox: Hfox) -> None:
    groups = ("contacts", "groups")
    group = hfox.read(*groups, "create", "--name", "Rim Society", "--domains", "@rims.example, Hubs-And-Rims.example")
    number = str(group["id"])
    assert group["tagged_domains"] == "rims.example,hubs-and-rims.example"
    assert {key: group[key] for key in ("id", "name")} in [
        {key: row[key] for key in ("id", "name")} for row in hfox.read(*groups, "list")
    ]

    joined = hfox.read("contacts", "create", "--name", "Ed", "--email", "ed@rims.example")
    assert [row["id"] for row in joined["contact_groups"]] == [group["id"]]
    added = hfox.read("contacts", "create", "--name", "Fay", "--email", "fay@spokes.example")
    ids = f"{added['id']},{joined['id']}"
    results = hfox.read(*groups, "add-contacts", number, "--contact-ids", ids, "--access-tickets")
    assert [row["data"]["access_tickets"] for row in results] == [True, True]
    members = hfox.read(*groups, "get", number)["contacts"]
    assert [(row["email"], row["view_tickets_in_group"]) for row in members] == [
        ("ed@rims.example", True),
        ("fay@spokes.example", True),
    ]

    hfox.read(*groups, "update", number, "--description", "They meet on Mondays.", "--domains", "")
    shown = _contact(hfox, added["id"])["contact_groups"][0]
    assert (shown["description"], shown["tagged_domains"]) == ("They meet on Mondays.", "")
    assert hfox.read("contacts", "create", "--name", "Gus", "--email", "gus@rims.example")["contact_groups"] == []

    removed = hfox.read(*groups, "remove-contacts", number, "--contact-ids", ids)
    assert [row["success"] for row in removed] == [True, True]
    again = hfox.run(*groups, "remove-contacts", number, "--contact-ids", str(added["id"]))
    assert again.returncode == 0, "who is not in the group is harmless to this client"
    unknown = hfox.run(*groups, "remove-contacts", number, "--contact-ids", "999999999")
    assert unknown.returncode != 0
    assert "Contact does not exist" in unknown.stdout
    assert hfox.read(*groups, "get", number)["contacts"] == []


def test_a_taken_group_name_and_an_unknown_member_are_told(hfox: Hfox) -> None:
    groups = ("contacts", "groups")
    group = hfox.read(*groups, "create", "--name", "Bell Ringers")
    done = hfox.run(*groups, "create", "--name", "Bell Ringers")
    assert done.returncode != 0
    assert "name" in done.stdout + done.stderr
    done = hfox.run(*groups, "add-contacts", str(group["id"]), "--contact-ids", "999999999")
    assert done.returncode != 0
    assert "available choices" in done.stdout
