"""Promised times run out while several workers look at the clock and staff answer: each breach is counted once."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.servers import RunningDesk, request

pytestmark = pytest.mark.server

TICKETS = 200
ANSWERS = 40
WORKERS = 4
PROMISED_SECONDS = 1
PROMISE = f"""
schedules: [{{name: Always, time_zone: UTC, hours: always}}]
policies:
  - name: At once
    objective: first_response
    within: {PROMISED_SECONDS}s
    target: 100
    schedule: Always
    condition: "tag:race"
"""


def test_each_breach_is_counted_once(demo: RunningDesk, tmp_path: Any) -> None:
    file = tmp_path / "promise.yaml"
    file.write_text(PROMISE)
    assert demo.run("sla", "import", str(file)).returncode == 0
    assert demo.run("sla", "advance").returncode == 0  # what the demo itself has promised
    before = _total(demo, "breached=true")
    numbers = _open_tickets(demo)
    time.sleep(PROMISED_SECONDS)

    with ThreadPoolExecutor(WORKERS + 2) as pool:
        workers = [pool.submit(demo.run, "sla", "advance") for _ in range(WORKERS)]
        answers = [pool.submit(_answer, demo, number) for number in numbers[:ANSWERS]]
        assert [answer.result() for answer in answers] == [200] * ANSWERS
        done = [worker.result() for worker in workers]
    assert [worker.returncode for worker in done] == [0] * WORKERS, [worker.stderr for worker in done]
    assert demo.run("sla", "advance").returncode == 0  # for tickets that were being written before

    assert _total(demo, "breached=true") == before + TICKETS
    assert _total(demo, "q=tag:race breached:true") == TICKETS
    pages = [request(demo, "GET", f"tickets/?tag=race&size=50&page={page}")[1] for page in range(1, TICKETS // 50 + 1)]
    assert {row["id"]: row["sla_breaches"] for page in pages for row in page["data"]} == dict.fromkeys(numbers, 1)


def _open_tickets(demo: RunningDesk) -> list[int]:
    service = next(row["id"] for row in request(demo, "GET", "categories/")[1] if row["name"] == "Customer service")
    item = {"name": "Racer", "email": "racer@promises.example", "category": service, "subject": "Now", "text": "Please"}
    results = []
    for _ in range(TICKETS // 100):
        results += request(demo, "POST", "tickets/", [item | {"tags": "race"}] * 100)[1]
    return [result["id"] for result in results]


def _answer(demo: RunningDesk, number: int) -> int:
    staff = request(demo, "GET", "staff/")[1][0]["id"]
    return request(demo, "POST", f"ticket/{number}/staff_update/", {"staff": staff, "plaintext": "Here."})[0]


def _total(demo: RunningDesk, query: str) -> int:
    return int(request(demo, "GET", f"tickets/?{query.replace(' ', '%20')}")[1]["page_info"]["last_index"])
