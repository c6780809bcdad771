"""Where the time of a request goes: `python -m bench.profile read|list|pages|create|update`, on a filled desk.

Runs requests in this process, from granian's scope to the bytes of the answer, without a network: milliseconds for
each, the SQL statements with their times, and with --functions what cProfile says.
"""

import argparse
import cProfile
import itertools
import json
import os
import pstats
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import django

REYNARD, ORM = "/api/1.1/json", "/bench/orm"


class Scope:
    server = "127.0.0.1:8000"
    client = "127.0.0.1:50000"
    scheme = "http"

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.path, _, self.query_string = path.partition("?")


class Proto:
    """Stands for the connection: keeps what it is given."""

    status = 0
    body = b""

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.body = status, body


class Desk:
    """Reynard's application, called as granian does."""

    def __init__(self, facts: dict[str, Any]) -> None:
        from bench.load import authorization
        from reynard.server import Application

        self._application = Application()
        self._headers = {"host": "127.0.0.1:8000", "authorization": authorization(facts)}

    def __call__(self, method: str, path: str, body: bytes = b"") -> bytes:
        headers = dict(self._headers)
        if body:
            headers |= {"content-type": "application/json", "content-length": str(len(body))}
        proto = Proto()
        application: Any = self._application
        application._context.run(application._answer, Scope(method, path), headers, BytesIO(body), proto)
        if proto.status != 200:
            sys.exit(f"{method} {path}: {proto.status} {proto.body[:500]!r}")
        return proto.body


def requests(kind: str, prefix: str, facts: dict[str, Any]) -> Iterator[tuple[str, str, bytes]]:
    from bench import load
    from reynard.desk.models import Contact, Ticket

    rng = random.Random(3)
    numbers = list(Ticket.objects.filter(version=load.READ_LENGTH).values_list("id", flat=True)[:5000])
    statuses = dict(Ticket.objects.filter(version=load.READ_LENGTH).values_list("id", "status_id")[:5000])
    emails = list(Contact.objects.values_list("email", flat=True)[:2000])
    for n in itertools.count():
        number = rng.choice(numbers)
        if kind == "read":
            yield "GET", f"{prefix}/ticket/{number}/", b""
        elif kind == "list":
            yield "GET", f"{prefix}/tickets/?size=50&page=1", b""
        elif kind == "pages":
            yield "GET", f"{prefix}/tickets/?size=50&page={rng.randint(1, facts['tickets'] // 50)}", b""
        elif kind == "create":
            body = load.new_ticket(facts, n, rng.choice(emails) or "")
            yield "POST", f"{prefix}/tickets/", json.dumps(body).encode()
        else:
            statuses[number] = statuses[number] % 6 + 1
            body = load.staff_update(statuses[number], n)
            yield "POST", f"{prefix}/ticket/{number}/staff_update/", json.dumps(body).encode()


def timed(desk: Desk, asked: Iterator[tuple[str, str, bytes]], count: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each request: by the clock, and of this thread's CPU."""
    clock, cpu = [], []
    for method, path, body in itertools.islice(asked, count):
        started = time.perf_counter(), time.thread_time()
        desk(method, path, body)
        clock.append((time.perf_counter() - started[0]) * 1000)
        cpu.append((time.thread_time() - started[1]) * 1000)
    return clock, cpu


def _summary(name: str, times: list[float]) -> str:
    quantiles = statistics.quantiles(times, n=20)
    return f"{name} median {quantiles[9]:.3f} ms, best 5 % {quantiles[0]:.3f}, worst 5 % {quantiles[18]:.3f}"


def statements(desk: Desk, asked: Iterator[tuple[str, str, bytes]], count: int) -> list[tuple[str, float]]:
    """The statements of one request (the last), each with its median time over some requests."""
    from django.db import connections

    connection = desk._application._context.run(lambda: connections["default"])
    seen: list[list[tuple[str, float]]] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seen[-1].append((sql, (time.perf_counter() - started) * 1000))

    with connection.execute_wrapper(watch):
        for method, path, body in itertools.islice(asked, count):
            seen.append([])
            desk(method, path, body)
    last = seen[-1]
    alike = [one for one in seen if len(one) == len(last)]
    return [(sql, statistics.median(one[n][1] for one in alike)) for n, (sql, _) in enumerate(last)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__.split("\n\n")[0])
    parser.add_argument("kind", choices=("read", "list", "pages", "create", "update"))
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--orm", action="store_true", help="the plain ORM instead of Reynard")
    parser.add_argument("--functions", action="store_true")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    from django.conf import settings

    facts = json.loads((Path(settings.REYNARD_DATA_DIR) / "bench.json").read_text())
    desk = Desk(facts)
    asked = requests(given.kind, ORM if given.orm else REYNARD, facts)
    timed(desk, asked, max(5, given.count // 5))
    clock, cpu = timed(desk, asked, given.count)
    print(f"{given.kind}: {_summary('clock', clock)}; {_summary('CPU', cpu)}")
    found = statements(desk, asked, max(5, given.count // 5))
    print(f"{len(found)} statements, {sum(ms for _, ms in found):.3f} ms together:")
    for sql, ms in found:
        print(f"  {ms:7.3f}  {' '.join(sql.split())[:150]}")
    if given.functions:
        profile = cProfile.Profile()
        profile.enable()
        timed(desk, asked, given.count)
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(
            "reynard|django/(core/handlers|urls|http|db/transaction)", 45
        )


if __name__ == "__main__":
    main()
