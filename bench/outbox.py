"""What sending costs: `python -m bench.outbox`, on a fresh desk (with DATABASE_URL: in a new database of that server).

* A thousand replies from the outbox to a mail server on this machine, by one worker; goal: 10 s.
* One mail of 34 MiB (25 MiB of files), and the memory of the worker at its highest; goal: 150 MiB.
* A claim with nothing else in the outbox, with 100,000 that wait for their next try, and with 100,000 that are due.
* An API write while a worker sends to a server that is there, to one that is not, and while there is none, in turns.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from bench import mail
from bench.desks import _administer, _free_port, with_name

REPLIES = 1000
WAITING = 100_000
ROUNDS = 6
WRITES = 60  # in a round
GOAL_SECONDS, GOAL_MIB = 10, 150


@contextmanager
def database() -> Iterator[str]:
    """An empty database; "" for SQLite."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield ""
        return
    name = f"reynard_bench_outbox_{os.getpid()}"
    own = with_name(url, name)
    _administer(own, f'CREATE DATABASE "{name}"')
    try:
        yield own
    finally:
        from django.db import connections

        connections.close_all()
        _administer(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen([sys.executable, "-m", *arguments], env=os.environ | environment)
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


@contextmanager
def sink() -> Iterator[int]:
    """A mail server that takes everything, in a process of its own; its port."""
    port = _free_port()
    with process("aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink", "-s", "0"):
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port


def worker(port: int) -> Any:
    return process("reynard", "worker", REYNARD_SMTP_URL=f"smtp://127.0.0.1:{port}")


def waiting() -> int:
    from reynard.desk.models import OutboxEntry

    return OutboxEntry.objects.filter(done_at=None, dead_at=None).count()


class Delivered(NamedTuple):
    seconds: float  # from the first mail that left to the last
    cpu: float  # seconds of the worker, in all, its start included
    mib: float  # of the worker, at its highest


def deliver(port: int) -> Delivered:
    """What waits, by one worker."""
    before = waiting()
    with worker(port) as running:
        while waiting() == before:
            time.sleep(0.005)
        started = time.perf_counter()
        while waiting():
            time.sleep(0.02)
        seconds = time.perf_counter() - started
        status = Path(f"/proc/{running.pid}/status").read_text()
        ticks = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    cpu = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return Delivered(seconds, cpu, int(status.partition("VmHWM:")[2].split()[0]) / 1024)


def claim_ms(count: int = 40) -> float:
    """Of one claim of twenty entries, the median."""
    from django.db.models import Q

    from reynard.desk.actions import deliveries

    times = []
    for _ in range(count):
        now = datetime.now(UTC)
        started = time.perf_counter()
        claimed = deliveries.claim(Q(channel="mail"), limit=20, now=now)
        times.append(time.perf_counter() - started)
        deliveries.release(claimed, at=claimed[0].created_at)
    return 1000 * statistics.median(times)


def another_ticket() -> int:
    from reynard.desk.actions import tickets
    from reynard.desk.actions.tickets import NewTicket
    from reynard.desk.models import Category
    from reynard.desk.rules.messages import compose
    from reynard.desk.selectors import reference

    new = NewTicket(
        email="lena@example.org",
        name="Lena Ortiz",
        subject="Bell mute",
        message=compose("It is mute.", ""),
        category=Category.objects.get().id,
    )
    return tickets.open_ticket(new, reference=reference.current(), now=datetime.now(UTC))


def fill(ticket: int, count: int, *, next_try: datetime) -> None:
    """Mails about entries in the history of one ticket."""
    from django.db import transaction

    from reynard.desk.models import OutboxEntry, Update

    now = datetime.now(UTC)
    update = Update.objects.filter(ticket_id=ticket).latest("id")
    updates = [
        Update(ticket_id=ticket, category_id=update.category_id, created_at=now, author_type="system", message_type="-")
        for _ in range(count)
    ]
    with transaction.atomic():
        Update.objects.bulk_create(updates, batch_size=500)
    entries = (
        OutboxEntry(
            kind="message",
            ticket_id=ticket,
            update_id=one.id,
            recipients={"to": ["lena@example.org"], "cc": [], "bcc": []},
            message_id="x",
            created_at=now,
            expires_at=now + timedelta(days=3),
            next_try_at=next_try,
        )
        for one in updates
    )
    with transaction.atomic():
        OutboxEntry.objects.bulk_create(entries, batch_size=500)


def forget() -> None:
    from reynard.desk.models import OutboxEntry

    OutboxEntry.objects.all().delete()


def writes(client: Callable[[int], None]) -> float:
    """Milliseconds of one write, the median of a round."""
    times = []
    for number in range(WRITES):
        started = time.perf_counter()
        client(number)
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def api_client(ticket: int, staff: int) -> Callable[[int], None]:
    from tests.conftest import Api

    from reynard.desk.actions import people

    key = people.create_api_key(name="bench", now=datetime.now(UTC))
    api = Api(key.api_key, key.auth_code)

    def write(number: int) -> None:
        body = {"staff": staff, "text": f"Ready on day {number}.", "update_customer": True}
        answer = api.post(f"ticket/{ticket}/staff_update/", body)
        assert answer.status_code == 200, answer.content

    return write


def in_turns(ways: dict[str, Callable[[], Any]], client: Callable[[int], None]) -> dict[str, float]:
    """Medians of the rounds of each way, one round of each after the other."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            with way() as running:
                if running:
                    time.sleep(4)  # until it works
                found[name].append(writes(client))
            forget()
    return {name: statistics.median(times) for name, times in found.items()}


@contextmanager
def nobody() -> Iterator[None]:
    yield None


def main() -> None:
    missed = False
    with ExitStack() as stack:
        url = stack.enter_context(database())
        stack.enter_context(mail.fresh_desk(url))
        port = stack.enter_context(sink())
        ticket, staff = mail.make_ticket()
        for number in range(REPLIES):
            mail.reply(ticket, staff, number, [])
        many = deliver(port)
        missed |= many.seconds > GOAL_SECONDS
        print(f"{REPLIES} replies by one worker: {many.seconds:.1f} s, {many.cpu:.1f} s of processor time", flush=True)

        mail.reply(ticket, staff, REPLIES, mail.keep_files())
        large = deliver(port)
        missed |= large.mib > GOAL_MIB
        print(f"a mail of 34 MiB: the worker had {large.mib:.0f} MiB at most", flush=True)

        forget()
        client, other = api_client(ticket, staff), another_ticket()
        print("| in the outbox | a claim of 20 | an API write |\n|---|---|---|")
        for name, count, late in (
            ("20", 0, timedelta(0)),
            ("100,000 that wait", WAITING, timedelta(hours=1)),
            ("100,000 that are due", WAITING, timedelta(0)),
        ):
            forget()
            fill(other, 20, next_try=datetime.now(UTC) - timedelta(hours=1))
            fill(other, count, next_try=datetime.now(UTC) + late)
            print(f"| {name} | {claim_ms():.1f} ms | {writes(client):.1f} ms |", flush=True)

        forget()
        dead = _free_port()
        ways = {
            "none": nobody,
            "a live server": lambda: worker(port),
            "a dead server": lambda: worker(dead),
        }
        found = in_turns(ways, client)
        print("| the worker has | an API write |\n|---|---|")
        for name, milliseconds in found.items():
            print(f"| {name} | {milliseconds:.1f} ms, {milliseconds / found['none']:.2f} of none |")
    sys.exit(missed)


if __name__ == "__main__":
    main()
