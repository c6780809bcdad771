"""hfox 1.0.0rc3 from PyPI, unmodified, against a demo desk: the client decides what is right."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.client_hfox import Hfox
from tests.servers import RunningDesk

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def hfox(demo: RunningDesk, tmp_path_factory: pytest.TempPathFactory) -> Hfox:
    return Hfox(demo, tmp_path_factory.mktemp("hfox"))


def test_it_logs_in_and_finds_the_agent_by_email(hfox: Hfox, demo: RunningDesk) -> None:
    me = demo.staff[0]["email"]
    done = hfox.run("auth", "login", "--email", me)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Authenticated" in done.stdout + done.stderr
    assert hfox.run("auth", "status").returncode == 0


def test_it_refuses_a_wrong_key_in_the_clients_own_words(hfox: Hfox) -> None:
    done = hfox.run("system", "staff", HFOX_AUTH_CODE="wrong")
    assert done.returncode != 0
    assert "401" in done.stdout + done.stderr or "key" in (done.stdout + done.stderr).lower()


@pytest.mark.parametrize(("what", "count"), [("categories", 3), ("statuses", 5), ("priorities", 4), ("staff", 6)])
def test_it_lists_the_system(hfox: Hfox, what: str, count: int) -> None:
    assert len(hfox.read("system", what)) == count


def test_it_pages_through_all_tickets(hfox: Hfox) -> None:
    done = hfox.run("--page-all", "--page-limit", "20", "--page-delay", "0", "tickets", "list", "--size", "50")
    assert done.returncode == 0, done.stderr
    pages = [json.loads(line) for line in done.stdout.splitlines()]  # it prints a page a line
    numbers = [ticket["id"] for page in pages for ticket in page["data"]]
    assert len(numbers) == len(set(numbers)) >= 200


def test_it_lists_by_status_category_and_fields(hfox: Hfox) -> None:
    category = hfox.read("system", "categories")[0]["id"]
    found = hfox.read("tickets", "list", "--status", "_pending", "--category", str(category), "--fields", "id,subject")
    assert all(set(ticket) == {"id", "subject"} for ticket in _rows(found))
    assert all(isinstance(number, int) for number in _rows(hfox.read("tickets", "list", "--minify")))


def test_a_ticket_lives_from_creation_to_reopening(hfox: Hfox, tmp_path: Path) -> None:
    receipt = tmp_path / "Rechnung März.txt"
    receipt.write_text("49,90 €")
    category = next(row["id"] for row in hfox.read("system", "categories") if row["public"])
    fields = _required_fields(hfox, category)
    arguments = ["--subject", "Chain slips", "--text", "Since Monday.", "--category", str(category), *fields]
    ticket = hfox.read(
        *("tickets", "create", "--name", "Ada Wheeler", "--email", "Ada@wheeler.example", *arguments),
        *("--tags", "chain, urgent", "--attachment", str(receipt)),
    )
    number = str(ticket["id"])
    assert ticket["tags"] == "chain,urgent"
    assert ticket["updates"][0]["message"]["attachments"][0]["filename"] == "Rechnung März.txt"
    assert hfox.read("contacts", "get", "ada@wheeler.example")["id"] == ticket["user"]["id"]

    staff = str(next(row["id"] for row in hfox.read("system", "staff") if row["active"]))
    time_spent = ["--time-spent", "5"]
    answered = hfox.read(
        "tickets", "reply", number, "--staff-id", staff, "--text", "Come by.", "--update-customer", *time_spent
    )
    assert answered["updates"][-1]["message"]["text"].startswith("Come by.")
    noted = hfox.read("tickets", "note", number, "--staff-id", staff, "--text", "New chain.", *time_spent)
    assert noted["updates"][-1]["message"]["message_type"] == "p"

    completed = next(row["id"] for row in hfox.read("system", "statuses") if row["behavior"] == "completed")
    values = _fields_to_complete(hfox, category)
    closed = hfox.read("tickets", "update", number, "--staff-id", staff, "--status", str(completed), *values)
    assert closed["status"]["id"] == completed
    reopened = hfox.read("tickets", "user-reply", number, "--contact-id", str(ticket["user"]["id"]), "--text", "Again!")
    assert reopened["status"]["behavior"] == "pending"
    assert hfox.read("tickets", "get", number)["updates"] == reopened["updates"] or _same_but_addresses(hfox, number)


@pytest.fixture
def admin(hfox: Hfox) -> Any:
    """An account admin, who may do everything."""
    return next(row for row in hfox.read("system", "staff") if row["is_account_admin"] and row["active"])


@pytest.fixture
def ticket(hfox: Hfox) -> Any:
    """A new ticket in a public category, whose fields that a move or completion needs are filled in."""
    category = next(row["id"] for row in hfox.read("system", "categories") if row["public"])
    needed = [field for field in _fields(hfox) if _is_in(field, category)]
    return hfox.read(
        *("tickets", "create", "--name", "Ada Wheeler", "--email", "ada@wheeler.example", "--subject", "Chain"),
        *("--text", "It slips.", "--category", str(category), "--tags", "chain,urgent", *_values(needed)),
    )


def test_it_edits_custom_fields(hfox: Hfox, ticket: Any, admin: Any) -> None:
    number, text = str(ticket["id"]), next(field for field in ticket["custom_fields"] if field["type"] == "text")
    arguments = ["--staff-id", str(admin["id"]), "--cf", f"{text['id']}=62"]
    edited = hfox.read("tickets", "update-cf", number, *arguments)
    assert next(field["value"] for field in edited["custom_fields"] if field["id"] == text["id"]) == "62"
    assert (edited["updates"][-1]["message"], edited["updates"][-1]["by"]["id"]) == (None, admin["id"])
    assert hfox.run("tickets", "update-cf", number, *arguments).returncode != 0  # nothing to update


def test_it_adds_and_removes_tags(hfox: Hfox, ticket: Any, admin: Any) -> None:
    number = str(ticket["id"])
    tagged = hfox.read(
        "tickets", "tags", number, "--add", "hub,ride", "--remove", "urgent", "--staff-id", str(admin["id"])
    )
    assert tagged["tags"] == "chain,hub,ride"
    assert tagged["last_updated_at"] == ticket["last_updated_at"]
    assert tagged["updates"][-1]["by"]["id"] == admin["id"]


def test_it_subscribes_and_unsubscribes(hfox: Hfox, ticket: Any) -> None:
    first, second = [row for row in hfox.read("system", "staff") if row["active"]][:2]
    number, arguments = str(ticket["id"]), ["--staff-id", str(second["id"]), "--agents", str(first["id"])]
    for _ in range(2):
        answer = hfox.read("tickets", "subscribe", number, *arguments)
        assert answer == {"message": f"{second['name']}, {first['name']}, Subscribers added to ticket"}
    assert _subscribers(hfox, number) == [first["id"], second["id"]]
    answer = hfox.read("tickets", "unsubscribe", number, "--staff", second["email"])
    assert answer == {"message": f"{second['name']} unsubscribed"}
    assert _subscribers(hfox, number) == [first["id"]]


def test_it_forwards_with_files_old_and_new(hfox: Hfox, ticket: Any, admin: Any, tmp_path: Path) -> None:
    photo = tmp_path / "chain.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    number, staff = str(ticket["id"]), ["--staff-id", str(admin["id"])]
    noted = hfox.read("tickets", "note", number, *staff, "--text", "See photo.", "--attachment", str(photo), *TIME)
    kept = noted["updates"][-1]["message"]["attachments"][0]["id"]
    answer = hfox.read(
        *("tickets", "forward", number, *staff, "--to", "parts@hubs.example, ann@hubs.example", "--subject", "Batch"),
        *("--message", "Can you replace it?", "--cc-include-contact", "--ticket-attachments", str(kept)),
        *("--no-convert-replies", "--include-private-notes", "--attachment", str(photo)),
    )
    assert answer == {"message": f"Successfully forwarded the ticket {ticket['display_id']}"}
    read = hfox.read("tickets", "get", number)
    message = read["updates"][-1]["message"]
    assert message["forward_list"] == "parts@hubs.example,ann@hubs.example"
    assert (message["message_type"], message["cc_list"]) == ("p", ticket["user"]["email"])
    assert [file["filename"] for file in message["attachments"]] == ["chain.jpg"]
    assert (read["messages_count"], read["unresponded"]) == (3, True)


def test_it_moves(hfox: Hfox, ticket: Any, admin: Any) -> None:
    target = next(row for row in hfox.read("system", "categories") if row["id"] != ticket["category"]["id"])
    number, staff = str(ticket["id"]), str(admin["id"])
    arguments = ["--to-category", str(target["id"]), "--note", "Theirs.", "--assignee", staff]
    answer = hfox.read("tickets", "move", number, "--staff-id", staff, *arguments)
    assert answer == {"status_code": 200, "message": f"moved ticket to {target['name']}"}
    read = hfox.read("tickets", "get", number)
    assert (read["category"]["id"], read["assigned_to"]["id"]) == (target["id"], admin["id"])
    assert read["display_id"] != ticket["display_id"]
    assert read["updates"][-1]["category_change"]["new_name"] == target["name"]
    assert read["updates"][-1]["message"]["message_type"] == "p"


def test_it_is_told_why_it_may_not_move(hfox: Hfox, ticket: Any) -> None:
    person, target = next(
        (person, category)
        for person in hfox.read("system", "staff")
        if person["active"] and not person["is_account_admin"]
        if "move_ticket_to_any_category" not in person["permissions"]
        for category in hfox.read("system", "categories")
        if category["id"] not in {*person["categories"], ticket["category"]["id"]}
    )
    done = hfox.run(
        "tickets", "move", str(ticket["id"]), "--to-category", str(target["id"]), "--staff-id", str(person["id"])
    )
    assert done.returncode != 0
    assert "move_ticket_to_any_category" in done.stdout + done.stderr
    assert "API key" not in done.stdout + done.stderr
    assert hfox.read("tickets", "get", str(ticket["id"]))["category"] == ticket["category"]


def test_it_deletes(hfox: Hfox, ticket: Any, admin: Any) -> None:
    number, contact = str(ticket["id"]), str(ticket["user"]["id"])
    before = hfox.read("contacts", "get", contact)["tickets_count"]
    answer = hfox.read("tickets", "delete", number, "--staff-id", str(admin["id"]), "--yes")
    assert answer == {"deleted_ticket": ticket["display_id"]}
    assert hfox.run("tickets", "get", number).returncode != 0
    assert hfox.run("tickets", "delete", number, "--staff-id", str(admin["id"]), "--yes").returncode != 0
    assert hfox.read("contacts", "get", contact)["tickets_count"] == before - 1


def test_it_shows_a_field_problem_to_the_person(hfox: Hfox) -> None:
    done = hfox.run("tickets", "create", "--subject", "x", "--text", "y", "--category", "99999", "--contact-id", "1")
    assert done.returncode != 0
    assert "category" in done.stdout + done.stderr


def test_it_lists_contacts(hfox: Hfox) -> None:
    found = _rows(hfox.read("contacts", "list"))
    assert hfox.read("contacts", "get", str(found[0]["id"])) == found[0]


TIME = ("--time-spent", "5")


def _subscribers(hfox: Hfox, number: str) -> list[int]:
    return [person["id"] for person in hfox.read("tickets", "get", number)["subscribers"]]


def _rows(answer: Any) -> list[Any]:
    return answer["data"] if isinstance(answer, dict) else answer


def _same_but_addresses(hfox: Hfox, number: str) -> bool:
    """Addresses of files differ from read to read; everything else is equal."""
    return len(hfox.read("tickets", "get", number)["updates"]) == 5


def _fields(hfox: Hfox) -> list[Any]:
    return hfox.read("system", "ticket-custom-fields")


def _required_fields(hfox: Hfox, category: int) -> list[str]:
    return _values(field for field in _fields(hfox) if field["required"] and _is_in(field, category))


def _fields_to_complete(hfox: Hfox, category: int) -> list[str]:
    return _values(field for field in _fields(hfox) if field["compulsory_on_completed"] and _is_in(field, category))


def _is_in(field: Any, category: int) -> bool:
    return any(place["category"] == category for place in field["categories"])


def _values(fields: Any) -> list[str]:
    """A valid value for each field, as arguments."""
    arguments = []
    for field in fields:
        choice = field["choices"][0]["id"] if field["choices"] else None
        value = {"text": "54", "number": "3", "date": "2026-03-20", "choice": choice, "multiple_choice": f"[{choice}]"}
        arguments += ["--cf", f"{field['id']}={value[field['type']]}"]
    return arguments
