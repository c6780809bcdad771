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


def test_it_shows_a_field_problem_to_the_person(hfox: Hfox) -> None:
    done = hfox.run("tickets", "create", "--subject", "x", "--text", "y", "--category", "99999", "--contact-id", "1")
    assert done.returncode != 0
    assert "category" in done.stdout + done.stderr


def test_it_lists_contacts(hfox: Hfox) -> None:
    found = _rows(hfox.read("contacts", "list"))
    assert hfox.read("contacts", "get", str(found[0]["id"])) == found[0]


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
