"""Does anybody wait while others are served? `python -m bench.fairness`.

16 clients keep their connections to 2 workers for 10 seconds of reading and writing, one request after the other;
then 16 writers work on one ticket. For each: the longest wait of any request, and how many requests the busiest and
the least busy client got through. As many connections go to each worker as the kernel happens to decide.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import load
from bench.desks import Desk, Server, desk, server

CLIENTS = 16
LIMIT_SECONDS = 1.0
Request = tuple[str, str, str]


def reading_and_writing(rng: random.Random, facts: dict[str, Any]) -> Request:
    tickets = facts["tickets"]
    kind = rng.random()
    if kind < 0.6:
        return "GET", f"/api/1.1/json/ticket/{rng.randint(1, tickets)}/", ""
    if kind < 0.7:
        return "GET", f"/api/1.1/json/tickets/?size=50&page={rng.randint(1, tickets // 50)}", ""
    if kind < 0.85:
        body = load.new_ticket(facts, rng.randint(1, 1000), f"person{rng.randint(1, 1000)}@example.com")
        return "POST", "/api/1.1/json/tickets/", json.dumps(body)
    return _update(rng, rng.randint(1, tickets))


def writing_one_ticket(rng: random.Random, facts: dict[str, Any]) -> Request:
    return _update(rng, facts["tickets"] // 2)


def _update(rng: random.Random, number: int) -> Request:
    body = load.staff_update(rng.randint(1, 6), rng.randint(1, 20))
    return "POST", f"/api/1.1/json/ticket/{number}/staff_update/", json.dumps(body)


def client(
    seed: int, port: int, facts: dict[str, Any], choose: Callable[..., Request], ends: float, found: Any
) -> None:
    """One client's waits, in seconds, put into the queue `found`; refusals with them."""
    rng = random.Random(seed)
    headers = {"Authorization": load.authorization(facts), "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    waits: list[float] = []
    refused: list[str] = []
    while time.monotonic() < ends:
        method, path, body = choose(rng, facts)
        started = time.monotonic()
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        waits.append(time.monotonic() - started)
        if answer.status != 200:
            refused.append(f"{answer.status} {content[:200]!r}")
    connection.close()
    found.put((waits, refused))


def run(
    one: Desk, running: Server, choose: Callable[..., Request], seconds: float
) -> tuple[list[list[float]], list[str]]:
    """Each client's waits, and the refusals. Clients are processes, so that none waits for another of them."""
    context = multiprocessing.get_context("spawn")
    found = context.Queue()
    ends = time.monotonic() + seconds + 2  # the time it takes them to start
    clients = [
        context.Process(target=client, args=(seed, running.port, one.facts, choose, ends, found))
        for seed in range(CLIENTS)
    ]
    for process in clients:
        process.start()
    results = [found.get(timeout=seconds + 60) for _ in clients]
    for process in clients:
        process.join()
    return [waits for waits, _ in results], [text for _, refused in results for text in refused]


def row(name: str, clients: list[list[float]], spread: list[int]) -> str:
    waits = sorted(wait * 1000 for waits in clients for wait in waits)
    counts = [len(waits) for waits in clients]
    verdict = "met" if waits[-1] <= LIMIT_SECONDS * 1000 and min(counts) > 0 else "**missed**"
    return (
        f"| {name} | {len(waits):,} | {waits[-1]:.0f} {verdict} | {waits[int(len(waits) * 0.99)]:.0f} | "
        f"{statistics.median(waits):.1f} | {min(counts):,} / {max(counts):,} | {'+'.join(map(str, spread))} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__.split("\n\n")[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--prepared", type=Path, help="a folder to keep filled desks in, for the next time")
    given = parser.parse_args()
    rows, failures = [], []
    with ExitStack() as stack:
        prepared = given.prepared.absolute() if given.prepared else None
        one = stack.enter_context(desk(given.tickets, os.environ.get("DATABASE_URL", ""), prepared))
        running = stack.enter_context(server(one))
        kinds = {"reading and writing": reading_and_writing, "writing one ticket": writing_one_ticket}
        for name, choose in kinds.items():
            watcher = _Spread(running, given.seconds)
            clients, refused = run(one, running, choose, given.seconds)
            rows.append(row(name, clients, watcher.stop()))
            failures += refused
    print("| 16 clients | requests | longest wait, ms | p99 | p50 | fewest / most of a client | on the workers |")
    print("|---|---|---|---|---|---|---|")
    print("\n".join(rows))
    print(f"\nRefused: {len(failures)}" + "".join(f"\n* {text}" for text in failures[:5]))
    sys.exit(bool(failures))


class _Spread:
    """Looks once, in the middle of the run, how the kernel spread the clients."""

    def __init__(self, running: Server, seconds: float) -> None:
        import threading

        self._seen: list[int] = []
        self._timer = threading.Timer(seconds / 2 + 2, lambda: self._seen.extend(running.connections()))
        self._timer.start()

    def stop(self) -> list[int]:
        self._timer.join()
        return self._seen


if __name__ == "__main__":
    main()
