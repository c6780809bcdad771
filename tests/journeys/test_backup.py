"""A backup that was taken while people write, restored elsewhere, is the desk as it was at one moment."""

import base64
import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers import RunningDesk, new_database, request

pytestmark = pytest.mark.server

WRITERS = 3
# What is another one at each reading: signed addresses and their ends, and where the server listens.
VOLATILE = re.compile(rb'(?<="expires_at":)"[^"]*"|http://127\.0\.0\.1:\d+|/\d{9,12}-[\w-]{22}/')


def test_a_backup_taken_under_writes_is_the_desk_at_one_moment(
    demo: RunningDesk, category: dict[str, Any], tmp_path: Path
) -> None:
    archive = tmp_path / "desk.tar.gz"
    with writing(demo, category) as answered:
        wait_for(answered, 2 * WRITERS)
        before = list(answered)
        done = demo.run("backup", str(archive))
        assert (done.returncode, done.stderr) == (0, "")
        wait_for(answered, len(answered) + 2 * WRITERS)
    with restored(archive, tmp_path / "elsewhere") as other:
        ours, theirs = feed(demo), feed(other)
        assert theirs == ours[: len(theirs)], "entries of the history are there up to one moment, each as it was"
        assert len(theirs) < len(ours)

        later = {entry["ticket_id"] for entry in map(json.loads, ours[len(theirs) :])}
        numbers = tickets(other)
        assert set(before) <= set(numbers)
        assert set(numbers) <= set(tickets(demo))
        compared = [number for number in numbers if number not in later]
        assert len(compared) > 200
        files = 0
        for number in compared:
            path = f"ticket/{number}/?show_cf_changes=true&show_updates=true"
            here, there = read(demo, path), read(other, path)
            assert mask(here) == mask(there)
            for url, same in zip(addresses(here), addresses(there), strict=True):
                assert fetch(url) == fetch(same)
                files += 1
        assert files >= 20 + len(before)
        assert "The desk is running" in demo.run("restore", "--force", str(archive)).stderr


def wait_for(answered: list[int], count: int) -> None:
    while len(answered) < count:
        time.sleep(0.01)


@contextmanager
def writing(desk: RunningDesk, category: dict[str, Any]) -> Iterator[list[int]]:
    """People who open tickets with a file and answer them, until this ends; the numbers of tickets that are there."""
    answered: list[int] = []
    finished = threading.Event()
    staff = next(row["id"] for row in request(desk, "GET", "staff/")[1] if row["active"])

    def write(writer: int) -> None:
        count = 0
        while not finished.is_set():
            count += 1
            subject = f"Writer {writer}, ticket {count}"
            email = f"writer{writer}.{count}@example.org"  # a contact's number of tickets stands on each of them
            fields = {"email": email, "name": "W", "subject": subject, "text": "x", **category}
            number = post(desk, "tickets/", fields, file=subject.encode())["id"]
            body = {"staff": staff, "text": "noted", "update_customer": False}
            assert request(desk, "POST", f"ticket/{number}/staff_update/", body)[0] == 200
            answered.append(number)

    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(write, writer) for writer in range(WRITERS)]
        try:
            yield answered
        finally:
            finished.set()
        for one in running:
            one.result()


@contextmanager
def restored(archive: Path, folder: Path) -> Iterator[RunningDesk]:
    """The desk of a backup, served in a folder and a database of its own; without a worker, so that nothing happens."""
    folder.mkdir()
    with new_database() as database:
        desk = RunningDesk(folder, database)
        done = desk.run("restore", str(archive))
        assert done.returncode == 0, done.stderr
        desk.start("serve", "--no-worker")
        try:
            yield desk
        finally:
            desk.kill()


def feed(desk: RunningDesk) -> list[bytes]:
    """The whole history, entry by entry."""
    entries: list[bytes] = []
    position, more = 0, True
    while more:
        page = json.loads(mask(read(desk, f"changes/?since={position}&size=200")))
        entries += [json.dumps(entry).encode() for entry in page["data"]]
        position, more = page["next"], page["more"]
    return entries


def mask(answer: bytes) -> bytes:
    return VOLATILE.sub(lambda found: b'"*"' if found[0].startswith(b'"') else b"*", answer)


def tickets(desk: RunningDesk) -> list[int]:
    found, position = [], 0
    while position is not None:
        page = request(desk, "GET", f"tickets/?sort=ticketa&size=50&fields=id&after_id={position}")[1]
        found += [ticket["id"] for ticket in page["data"]]
        position = page["page_info"]["next"]
    return found


def addresses(ticket: bytes) -> list[str]:
    return re.findall(r'http://127\.0\.0\.1:\d+/attachments/[^"\\]*', ticket.decode())


def read(desk: RunningDesk, path: str) -> bytes:
    return _open(desk, urllib.request.Request(f"{desk.url}/api/1.1/json/{path}"))


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return bytes(answer.read())


def post(desk: RunningDesk, path: str, fields: dict[str, Any], *, file: bytes) -> Any:
    """As multipart/form-data."""
    edge = "an-edge-that-no-field-contains"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts += [f'--{edge}\r\nContent-Disposition: form-data; name="attachments"; filename="note.txt"\r\n\r\n']
    data = "".join(parts).encode() + file + f"\r\n--{edge}--\r\n".encode()
    call = urllib.request.Request(f"{desk.url}/api/1.1/json/{path}", data=data, method="POST")
    call.add_header("Content-Type", f"multipart/form-data; boundary={edge}")
    return json.loads(_open(desk, call))


def _open(desk: RunningDesk, call: urllib.request.Request) -> bytes:
    credentials = base64.b64encode(f"{desk.api_key}:{desk.auth_code}".encode()).decode()
    call.add_header("Authorization", f"Basic {credentials}")
    with urllib.request.urlopen(call, timeout=30) as answer:
        return bytes(answer.read())
