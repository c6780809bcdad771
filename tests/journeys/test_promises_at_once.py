"""Promised times run out by themselves, and while several workers look at the clock and staff answer."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.servers import RunningDesk, request

pytestmark = pytest.mark.server

TICKETS = 200
ANSWERS = 40
SECONDS = 60  # for anything to happen on a busy machine
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


@pytest.fixture(autouse=True)
def promise(demo: RunningDesk, tmp_path: Path) -> None:
    file = tmp_path / "promise.yaml"
    file.write_text(PROMISE)
    assert demo.run("sla", "import", str(file)).returncode == 0


def test_the_worker_beside_the_server_breaches_what_is_over(demo: RunningDesk) -> None:
    (number,) = _open_tickets(demo, 1)
    deadline = time.monotonic() + SECONDS
    while request(demo, "GET", f"ticket/{number}/")[1]["sla_breaches"] == 0:
        assert time.monotonic() < deadline, demo.output.read_text()
        time.sleep(0.2)


def test_each_breach_is_counted_once(demo: RunningDesk) -> None:
    assert demo.run("sla", "advance").returncode == 0  # what the demo itself has promised
    before = _total(demo, "breached=true")
    numbers = _open_tickets(demo, TICKETS, "crowd")
    time.sleep(PROMISED_SECONDS)

    with ThreadPoolExecutor(WORKERS + 2) as pool:
        workers = [pool.submit(demo.run, "sla", "advance") for _ in range(WORKERS)]
        answers = [pool.submit(_answer, demo, number) for number in numbers[:ANSWERS]]
        assert [answer.result() for answer in answers] == [200] * ANSWERS
        done = [worker.result() for worker in workers]
    assert [worker.returncode for worker in done] == [0] * WORKERS, [worker.stderr for worker in done]
    assert demo.run("sla", "advance").returncode == 0  # for tickets that were being written before

    assert _total(demo, "breached=true") == before + TICKETS
    assert _total(demo, "q=tag:crowd breached:true") == TICKETS
    pages = [request(demo, "GET", f"tickets/?tag=crowd&size=50&page={page}")[1] for page in range(1, TICKETS // 50 + 1)]
    assert {row["id"]: row["sla_breaches"] for page in pages for row in page["data"]} == dict.fromkeys(numbers, 1)


def _open_tickets(demo: RunningDesk, number: int, tag: str = "alone") -> list[int]:
    service = next(row["id"] for row in request(demo, "GET", "categories/")[1] if row["name"] == "Customer service")
    item = {"name": "Racer", "email": "racer@promises.example", "category": service, "subject": "Now", "text": "Please"}
    items = [item | {"tags": f"race,{tag}"}] * number
    results = [request(demo, "POST", "tickets/", items[start : start + 100])[1] for start in range(0, number, 100)]
    return [result["id"] for part in results for result in part]


def _answer(demo: RunningDesk, number: int) -> int:
    staff = request(demo, "GET", "staff/")[1][0]["id"]
    return request(demo, "POST", f"ticket/{number}/staff_update/", {"staff": staff, "plaintext": "Here."})[0]


def _total(demo: RunningDesk, query: str) -> int:
    return int(request(demo, "GET", f"tickets/?{query.replace(' ', '%20')}")[1]["page_info"]["last_index"])
