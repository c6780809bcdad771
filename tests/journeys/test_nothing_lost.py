"""What was answered is there, once: through a crash in the middle of writes, and under writers that race."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.servers import RunningDesk, request

pytestmark = pytest.mark.server


def _ticket(category: dict[str, Any], subject: str, email: str = "crash@example.org") -> dict[str, Any]:
    return {"email": email, "name": "Crash Test", "subject": subject, "text": "Does it last?", **category}


def _at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0)`, `work(1)`, … in threads that start together."""
    gate = threading.Barrier(count)

    def one(index: int) -> Any:
        gate.wait()
        return work(index)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_a_crash_in_the_middle_of_writes_loses_and_repeats_nothing(demo: RunningDesk, category: dict[str, Any]) -> None:
    answered: dict[int, int] = {}

    def write(index: int) -> None:
        try:
            status, ticket = request(
                demo, "POST", "tickets/", _ticket(category, f"Write {index}"), Idempotency_Key=f"crash-{index}"
            )
        except (OSError, ValueError):
            return  # the server went away, as it should
        assert status == 200, ticket
        answered[index] = ticket["id"]

    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write, index) for index in range(200)]
        while len(answered) < 60 and not all(done.done() for done in writes):
            time.sleep(0.005)
        demo.kill()
        for done in writes:
            done.result()
    before = dict(answered)
    assert 60 <= len(before) < 200
    demo.start()

    for index in before:
        assert request(demo, "GET", f"ticket/{before[index]}/")[1]["subject"] == f"Write {index}"
    for index in range(200):
        write(index)
    assert {index: answered[index] for index in before} == before
    assert len(set(answered.values())) == 200
    assert _count(demo, "Write ") == 200


def _count(demo: RunningDesk, subject: str) -> int:
    """Tickets of the whole desk whose subject begins so."""
    found = page = 0
    while True:
        page += 1
        body = request(demo, "GET", f"tickets/?size=50&page={page}&fields=subject")[1]
        found += sum(ticket["subject"].startswith(subject) for ticket in body["data"])
        if page >= body["page_info"]["page_count"]:
            return found


def test_forty_parallel_updates_of_one_ticket_are_all_there(demo: RunningDesk, category: dict[str, Any]) -> None:
    number = request(demo, "POST", "tickets/", _ticket(category, "Forty"))[1]["id"]
    staff = next(row["id"] for row in request(demo, "GET", "staff/")[1] if row["active"])

    def update(index: int) -> int:
        body = {"staff": staff, "plaintext": f"Reply {index}", "time_spent": 1}
        return request(demo, "POST", f"ticket/{number}/staff_update/", body)[0]

    assert _at_once(40, update) == [200] * 40
    ticket = request(demo, "GET", f"ticket/{number}/")[1]
    texts = {update["message"]["text"].strip() for update in ticket["updates"][1:]}
    assert texts == {f"Reply {index}" for index in range(40)}
    assert ticket["messages_count"] == 41
    assert ticket["time_spent"] == 40


def test_racing_creates_for_a_new_address_make_one_contact(demo: RunningDesk, category: dict[str, Any]) -> None:
    answers = _at_once(
        16, lambda index: request(demo, "POST", "tickets/", _ticket(category, f"Race {index}", "New@Racer.example"))
    )
    assert [status for status, _ in answers] == [200] * 16
    assert len({ticket["user"]["id"] for _, ticket in answers}) == 1
    assert len({ticket["id"] for _, ticket in answers}) == 16
    assert request(demo, "GET", "user/new@racer.example/")[1]["tickets_count"] == 16


def test_racing_requests_with_one_key_apply_once(demo: RunningDesk, category: dict[str, Any]) -> None:
    answers = _at_once(
        16,
        lambda index: request(
            demo, "POST", "tickets/", _ticket(category, "One key", "one@key.example"), Idempotency_Key="one-key"
        ),
    )
    assert [status for status, _ in answers] == [200] * 16
    assert len({ticket["id"] for _, ticket in answers}) == 1
    assert request(demo, "GET", "user/one@key.example/")[1]["tickets_count"] == 1


def test_a_key_made_while_the_desk_serves_works_at_once_and_not_after_it_is_revoked(demo: RunningDesk) -> None:
    import json

    made = json.loads(demo.run("apikey", "create", "second", "--json").stdout)
    mine = demo.api_key, demo.auth_code
    try:
        demo.api_key, demo.auth_code = made["api_key"], made["auth_code"]
        assert request(demo, "GET", "staff/")[0] == 200
        assert demo.run("apikey", "revoke", made["api_key"]).returncode == 0
        assert request(demo, "GET", "staff/")[0] == 401
    finally:
        demo.api_key, demo.auth_code = mine


def test_it_stops_in_order_when_asked(demo: RunningDesk) -> None:
    assert demo.stop() == 0
    demo.start()
    assert request(demo, "GET", "tickets/")[0] == 200
