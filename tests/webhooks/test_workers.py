"""Several workers as processes, killed in the middle: everything arrives, in order for each ticket, recognisably."""

import json
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from tests.servers import RunningDesk, request, running_desk
from tests.webhooks.receivers import Receiver, reply

pytestmark = pytest.mark.server

SECONDS = 60  # for anything to happen on a busy machine
TICKETS = 6
UPDATES = 5  # of each ticket, its creation among them

END_LEASES = """
from datetime import UTC, datetime
from reynard.desk.models import OutboxEntry
now = datetime.now(UTC)
OutboxEntry.objects.filter(leased_until__gt=now).update(leased_until=now, next_try_at=now)
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    folder = tmp_path_factory.mktemp("webhooks") / "desk"
    with running_desk(folder, REYNARD_WEBHOOK_ALLOW_INTERNAL="1") as desk:
        yield desk


def call(desk: RunningDesk, method: str, path: str, body: Any = None) -> Any:
    status, answer = request(desk, method, path, body)
    assert status == 200, answer
    return answer


@contextmanager
def workers(desk: RunningDesk, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """`reynard worker` processes; those that are killed by a test stay in the list."""
    command = [sys.executable, "-m", "reynard", "worker"]
    running: list[subprocess.Popen[bytes]] = []
    with desk.output.open("ab") as output:
        try:
            running += [
                subprocess.Popen(command, env=desk.environment, stdout=output, stderr=output) for _ in range(number)
            ]
            yield running
        finally:
            for process in running:
                process.kill()
                process.wait()


def wait_for(condition: Any, log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-5000:]
        time.sleep(0.05)


def test_everything_arrives_in_order_though_workers_are_killed(desk: RunningDesk, receiver: Receiver) -> None:
    expected = _write_tickets(desk)
    events = "ticket.created,ticket.updated"
    made = json.loads(desk.run("webhook", "create", receiver.url, "--events", events, "--json").stdout)
    receiver.answer = lambda handler, got: (time.sleep(0.02), reply(handler, 200))

    with workers(desk, 2) as others:  # beside the one of the server
        replayed = desk.run("webhook", "replay", str(made["id"]), "--since", str(min(expected)))
        assert replayed.stdout.startswith(f"{len(expected)} events"), replayed.stderr
        for process, share in zip(others, (4, 2), strict=True):
            wait_for(lambda share=share: len(_seen(receiver)) >= len(expected) // share, desk.output)
            process.send_signal(signal.SIGKILL)
            process.wait()
        ended = desk.run("shell", "-v", "0", "-c", END_LEASES)
        assert ended.returncode == 0, ended.stderr
        wait_for(lambda: _seen(receiver) >= expected, desk.output)
    assert desk.stop() == 0

    _check_arrivals(receiver, expected, made["secret"])


def _write_tickets(desk: RunningDesk) -> set[int]:
    """Tickets whose updates alternate; returns the ids of the updates."""
    category = next(row["id"] for row in call(desk, "GET", "categories/") if row["public"])
    staff = next(row["id"] for row in call(desk, "GET", "staff/") if row["active"])
    new = {"name": "Lena Ortiz", "email": "lena@example.org", "text": "It is broken.", "category": category}
    numbers, ids = [], set()
    for n in range(TICKETS):
        ticket = call(desk, "POST", "tickets/", {**new, "subject": f"Brake {n}"})
        numbers.append(ticket["id"])
        ids.add(ticket["updates"][-1]["update_id"])
    for n in range(UPDATES - 1):
        for number in numbers:
            ticket = call(desk, "POST", f"ticket/{number}/staff_pvtnote/", {"staff": staff, "text": f"Note {n}."})
            ids.add(ticket["updates"][-1]["update_id"])
    return ids


def _seen(receiver: Receiver) -> set[int]:
    return {got.ticket["updates"][-1]["update_id"] for got in receiver.received}


def _check_arrivals(receiver: Receiver, expected: set[int], secret: str) -> None:
    lengths = defaultdict(list)
    deliveries = {}
    for got in receiver.received:
        ticket = Verifier(secret).verify(got.body, got.headers)
        update = ticket["updates"][-1]["update_id"]
        lengths[ticket["id"]].append(len(ticket["updates"]))
        assert deliveries.setdefault(update, got.headers["x-webhook-delivery"]) == got.headers["x-webhook-delivery"]
    assert set(deliveries) == expected
    for seen in lengths.values():
        assert seen == sorted(seen), "an older state came after a newer one"
        assert set(seen) == set(range(1, UPDATES + 1))
