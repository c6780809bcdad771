"""Those who follow the desk, and those who go through all of it, while twenty write: nothing missed, nothing twice.

What they saw is compared with the tables themselves.
"""

import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.servers import RunningDesk, request, running_desk

pytestmark = pytest.mark.server

WRITERS = 20
ROUNDS = 4
PATIENCE_SECONDS = 60
SYNCING = Path(__file__).parents[2] / "docs/syncing.md"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A demo desk with several processes, whatever the machine has, and without limits of requests."""
    unlimited = {"REYNARD_THROTTLE_READS_PER_MINUTE": "0", "REYNARD_THROTTLE_WRITES_PER_MINUTE": "0"}
    with running_desk(tmp_path_factory.mktemp("syncing") / "var", "demo", "--workers", "3", **unlimited) as desk:
        yield desk


class Busy:
    """Twenty writers at work, each on tickets of its own and on one that all share."""

    def __init__(self, desk: RunningDesk, category: dict[str, Any]) -> None:
        self.desk, self.category = desk, category
        self.staff = next(row["id"] for row in request(desk, "GET", "staff/")[1] if row["is_account_admin"])
        self.shared = self._open("Shared")["id"]
        self.answered: list[int] = []  # ids of updates that were answered with 200
        self.kept: list[int] = []  # tickets that were opened and not deleted
        self.deleted: list[int] = []
        self.done = threading.Event()

    def run(self) -> None:
        try:
            with ThreadPoolExecutor(WRITERS) as pool:
                for work in [pool.submit(self._write, index) for index in range(WRITERS)]:
                    work.result()
        finally:
            self.done.set()

    def _write(self, index: int) -> None:
        for turn in range(ROUNDS):
            number = self._open(f"Writer {index}, {turn}")["id"]
            self._update(number, "staff_update", {"staff": self.staff, "text": "Ordered."})
            self._update(self.shared, "staff_pvtnote", {"staff": self.staff, "text": f"Note {index}, {turn}."})
            self._update(number, "update_tags", {"staff_id": self.staff, "add": f"tag{turn}"})
            if turn % 2:
                self._send("POST", f"ticket/{number}/delete/", {"staff_id": self.staff})
                self.deleted.append(number)
            else:
                self.kept.append(number)

    def _open(self, subject: str) -> Any:
        body = {"email": f"{subject.split(',')[0].replace(' ', '')}@sync.example", "name": "Sync", "text": "Hello."}
        ticket = self._send("POST", "tickets/", {**body, "subject": subject, **self.category})
        if hasattr(self, "answered"):
            self.answered.append(ticket["updates"][-1]["update_id"])
        return ticket

    def _update(self, number: int, action: str, body: dict[str, Any]) -> None:
        self.answered.append(self._send("POST", f"ticket/{number}/{action}/", body)["updates"][-1]["update_id"])

    def _send(self, method: str, path: str, body: Any) -> Any:
        status, answer = request(self.desk, method, path, body)
        assert status == 200, answer
        return answer


def _follow(busy: Busy, size: int) -> list[dict[str, Any]]:
    """Every entry of the feed as one follower gets it, from the beginning until the writers are done."""
    seen: list[dict[str, Any]] = []
    since, last_round = 0, False
    while True:
        status, page = request(busy.desk, "GET", f"changes/?since={since}&size={size}")
        assert status == 200, page
        seen += page["data"]
        since = page["next"]
        if not page["more"]:
            if last_round:
                return seen
            last_round = busy.done.wait(0.02)


def _walk(busy: Busy) -> list[int]:
    """The numbers of all tickets, page after page, until the writers are done; goes on at the end it had come to."""
    seen: list[int] = []
    after, last_round = 0, False
    while True:
        path = f"tickets/?sort=ticketa&size=10&minify_response=true&after_id={after}"
        status, page = request(busy.desk, "GET", path)
        assert status == 200, page
        seen += page["data"]
        after = page["page_info"]["next"] or max(page["data"], default=after)
        if page["page_info"]["next"] is None:
            if last_round:
                return seen
            last_round = busy.done.wait(0.02)


def _column(desk: RunningDesk, sql: str) -> list[int]:
    url = desk.environment.get("DATABASE_URL")
    if not url:
        with sqlite3.connect(desk.folder / "desk.sqlite3") as database:
            return [row[0] for row in database.execute(sql)]
    import psycopg

    with psycopg.connect(url) as server:
        return [row[0] for row in server.execute(sql.encode()).fetchall()]


def _wait_until(happened: Callable[[], bool], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)


def test_followers_and_walkers_miss_and_repeat_nothing_while_twenty_write(
    demo: RunningDesk, category: dict[str, Any], tmp_path: Path
) -> None:
    busy = Busy(demo, category)
    with PublishedFollower(demo, tmp_path) as copy, ThreadPoolExecutor(5) as pool:
        followers = [pool.submit(_follow, busy, size) for size in (10, 50)]
        walker = pool.submit(_walk, busy)
        busy.run()
        feeds, numbers = [follower.result() for follower in followers], walker.result()

        everything = _column(demo, "SELECT id FROM desk_update ORDER BY id")
        for feed in feeds:
            assert [entry["id"] for entry in feed] == everything
            last = {entry["ticket_id"]: entry for entry in feed}
            assert all(last[number]["ticket_deleted"] for number in busy.deleted)
            assert not any(entry["ticket_deleted"] for entry in feed if entry["ticket_id"] in busy.kept)
        assert len(busy.answered) == len(set(busy.answered)) == WRITERS * ROUNDS * 4
        assert set(busy.answered) < set(everything)

        assert numbers == sorted(set(numbers))
        live = _column(demo, "SELECT id FROM desk_ticket WHERE deleted_at IS NULL ORDER BY id")
        assert set(live) <= set(numbers) <= set(live) | set(busy.deleted)
        assert len(busy.kept) + len(busy.deleted) == WRITERS * ROUNDS

        deleted = request(demo, "GET", "deleted_tickets/?size=200")[1]
        assert {row["id"] for row in deleted["data"]} >= set(busy.deleted)
        assert [row["update_id"] for row in deleted["data"]] == sorted(row["update_id"] for row in deleted["data"])

        in_copy = "SELECT id FROM tickets ORDER BY id"
        _wait_until(lambda: _in_copy(copy, in_copy) == live, lambda: (tmp_path / "follow.log").read_text())
        _wait_until(
            lambda: _in_copy(copy, "SELECT next FROM position") == [everything[-1]],
            lambda: (tmp_path / "follow.log").read_text(),
        )
    stored = _in_copy(copy, "SELECT json FROM tickets ORDER BY id")
    for text in stored[:: len(stored) // 20]:
        ticket = json.loads(text)
        now = request(demo, "GET", f"ticket/{ticket['id']}/")[1]
        assert [update["update_id"] for update in ticket["updates"]] == [u["update_id"] for u in now["updates"]]
    kept = _column(
        demo,
        "SELECT u.id FROM desk_update u JOIN desk_ticket t ON t.id = u.ticket_id WHERE t.deleted_at IS NULL "
        "ORDER BY u.id",
    )
    assert _in_copy(copy, "SELECT id FROM updates ORDER BY id") == kept


class PublishedFollower:
    """The program of docs/syncing.md, as its readers run it; the path of its copy."""

    def __init__(self, desk: RunningDesk, folder: Path) -> None:
        program = folder / "follow.py"
        [text] = re.findall(r"```python\n(.*?)```", SYNCING.read_text(), re.DOTALL)
        program.write_text(text)
        self.copy = folder / "copy.sqlite3"
        self.log = folder / "follow.log"
        self.command = [sys.executable, str(program), desk.url, desk.api_key, desk.auth_code, str(self.copy)]

    def __enter__(self) -> Path:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        return self.copy

    def __exit__(self, *error: object) -> None:
        running = self.process.poll() is None
        self.process.kill()
        self.process.wait()
        assert running or error[0], self.log.read_text()


def _in_copy(copy: Path, sql: str) -> list[Any]:
    try:
        with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as database:
            return [row[0] for row in database.execute(sql)]
    except sqlite3.OperationalError:  # not there yet
        return []


def test_a_follower_that_stops_and_goes_on_misses_nothing(
    demo: RunningDesk, category: dict[str, Any], tmp_path: Path
) -> None:
    def end() -> int:
        return int(request(demo, "GET", "changes/?since=end")[1]["next"])

    def is_up_to_date() -> bool:
        return _in_copy(copy, "SELECT next FROM position") == [end()]

    with PublishedFollower(demo, tmp_path) as copy:
        _wait_until(is_up_to_date, lambda: (tmp_path / "follow.log").read_text())
    busy = Busy(demo, category)
    request(demo, "POST", f"ticket/{busy.shared}/staff_pvtnote/", {"staff": busy.staff, "text": "While you slept."})
    with PublishedFollower(demo, tmp_path) as copy:
        _wait_until(is_up_to_date, lambda: (tmp_path / "follow.log").read_text())

    assert _in_copy(copy, "SELECT count(*) FROM tickets") == [request(demo, "GET", "tickets/")[1]["page_info"]["total"]]
    [stored] = _in_copy(copy, f"SELECT json FROM tickets WHERE id = {busy.shared}")
    assert json.loads(stored)["updates"][-1]["message"]["text"] == "While you slept.\n\n"
