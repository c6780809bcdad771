"""Every mail arrives, whatever happens to the workers that send them: real workers, a real mail server."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.mail.sink import Sink, sink
from tests.servers import RunningDesk, request, running_desk

pytestmark = pytest.mark.server

SECONDS = 240  # for all of it on a busy machine
KILLS = 8


@pytest.fixture(scope="module")
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


@pytest.fixture(scope="module")
def desk(server: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A demo desk without a worker."""
    settings = {
        "REYNARD_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
        "REYNARD_MAIL_FROM": "Rollwerk <desk@rollwerk.example>",
        "REYNARD_THROTTLE_WRITES_PER_MINUTE": "0",
        "REYNARD_SQLITE_SYNCHRONOUS": "NORMAL",
    }
    with running_desk(tmp_path_factory.mktemp("mails") / "desk", "demo", "--no-worker", **settings) as desk:
        yield desk


def write_mails(desk: RunningDesk, count: int) -> set[str]:
    """Tickets with a copy to somebody each; returns the addresses, which are all different."""
    category = next(row for row in request(desk, "GET", "categories/")[1] if row["name"] == "Customer service")
    addresses = [f"copy-{number}-{random.getrandbits(40):x}@example.org" for number in range(count)]
    for start in range(0, count, 100):
        tickets = [
            {
                "email": "lena@example.org",
                "name": "Lena",
                "subject": "Bell",
                "text": "It is mute.",
                "category": category["id"],
                "cc": address,
            }
            for address in addresses[start : start + 100]
        ]
        status, answer = request(desk, "POST", "tickets/", tickets)
        assert status == 200, answer
    return set(addresses)


@contextmanager
def working(desk: RunningDesk) -> Iterator[subprocess.Popen[bytes]]:
    with desk.output.open("ab") as output:
        command = [sys.executable, "-m", "reynard", "worker"]
        process = subprocess.Popen(command, env=desk.environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], object], output: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, output.read_text()[-5000:]
        time.sleep(0.05)


def arrived(server: Sink, addresses: set[str]) -> list[tuple[str, str]]:
    """`(address, Message-ID)` of each mail that came for these addresses."""
    return [(mail.recipients[0], mail.message_id) for mail in server.received if mail.recipients[0] in addresses]


def is_empty(desk: RunningDesk) -> bool:
    return bool(json.loads(desk.run("outbox", "list", "--json").stdout) == [])


def test_two_workers_share_the_work_and_repeat_nothing(desk: RunningDesk, server: Sink) -> None:
    addresses = write_mails(desk, 200)
    with working(desk), working(desk):
        wait_for(lambda: len(arrived(server, addresses)) >= 200, desk.output)
        wait_for(lambda: is_empty(desk), desk.output)
    found = arrived(server, addresses)
    assert len(found) == len(dict(found)) == 200
    assert len({mail.connection for mail in server.received}) > 1


def test_workers_that_are_killed_lose_nothing_and_repeat_only_what_they_had_in_hand(
    desk: RunningDesk, server: Sink
) -> None:
    def take_a_moment(message_id: str) -> str:
        time.sleep(0.004)
        return "250 OK"

    server.of_data = take_a_moment
    addresses = write_mails(desk, 1000)
    chance, kills = random.Random(4), 0
    with ExitStack() as all_workers:
        workers = [all_workers.enter_context(working(desk)) for _ in range(2)]
        while kills < KILLS and len(dict(arrived(server, addresses))) < 1000:
            before = len(server.received)
            wait_for(lambda before=before: len(server.received) > before + chance.randrange(80), desk.output)
            victim = chance.randrange(2)
            workers[victim].kill()
            workers[victim] = all_workers.enter_context(working(desk))
            kills += 1
        wait_for(lambda: len(dict(arrived(server, addresses))) == 1000, desk.output)
        wait_for(lambda: is_empty(desk), desk.output)
    found = arrived(server, addresses)
    assert kills == KILLS
    assert dict(found).keys() == addresses
    assert len(set(found)) == 1000  # one that came twice came with the same Message-ID
    assert len(found) - 1000 <= 2 * kills  # a worker has two mails in hand at most
    contents = {mail.message_id: mail.content for mail in server.received}
    assert all(contents[mail.message_id] == mail.content for mail in server.received)
