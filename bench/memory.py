"""Does a worker's memory stay where it is? `python -m bench.memory`.

10,000 mixed requests on a fresh desk: reading tickets and pages of lists, creating, updating; in all formats. Every
2,000 requests the memory that only this worker holds (USS: private pages, clean and dirty) is read from the kernel.
SQLite's file, which all processes map together, does not count; the cache of encoded tickets does.
"""

import argparse
import http.client
import json
import os
import random
import sys
from contextlib import ExitStack
from pathlib import Path

from bench import load
from bench.desks import Desk, Server, desk, server

LIMIT_MIB = 100
FLAT_MIB = 5  # growth over the second half of the requests
CONNECTIONS = 4


def uss_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    private = [int(line.split()[1]) for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:"))]
    return sum(private) / 1024


def mixed(rng: random.Random, desk: Desk, emails: list[str]) -> tuple[str, str, str]:
    """A request at random: method, path and body."""
    fmt = rng.choice(("json", "json", "json", "yaml", "xml"))
    tickets = desk.facts["tickets"]
    kind = rng.random()
    if kind < 0.5:
        return "GET", f"/api/1.1/{fmt}/ticket/{rng.randint(1, tickets)}/", ""
    if kind < 0.6:
        return "GET", f"/api/1.1/json/tickets/?size=50&page={rng.randint(1, tickets // 50)}", ""
    if kind < 0.65:
        return "GET", f"/api/1.1/{fmt}/tickets/?size=10&status=_pending&page={rng.randint(1, 50)}", ""
    if kind < 0.8:
        body = load.new_ticket(desk.facts, rng.randint(1, 1000), rng.choice(emails))
        return "POST", f"/api/1.1/{fmt}/tickets/", json.dumps(body)
    body = load.staff_update(rng.randint(1, 6), rng.randint(1, 20))
    return "POST", f"/api/1.1/{fmt}/ticket/{rng.randint(1, tickets)}/staff_update/", json.dumps(body)


def run(desk: Desk, running: Server, requests: int, step: int) -> list[list[float]]:
    """USS of each worker in MiB: before, and after each step."""
    emails = [row[0] for row in desk.rows("SELECT email FROM desk_contact ORDER BY id LIMIT 1000")]
    rng = random.Random(5)
    headers = {"Authorization": load.authorization(desk.facts), "Content-Type": "application/json"}
    workers = running.workers
    samples = [[uss_mib(pid) for pid in workers]]
    clients = _one_for_each(running)
    for number in range(1, requests + 1):
        client = clients[number % len(clients)]
        method, path, body = mixed(rng, desk, emails)
        client.request(method, path, body or None, headers)
        answer = client.getresponse()
        content = answer.read()
        if answer.status != 200:
            sys.exit(f"{method} {path}: {answer.status} {content[:500]!r}")
        if number % step == 0:
            samples.append([uss_mib(pid) for pid in workers])
            print(f"{number:,} requests: {_shown(samples[-1])}", file=sys.stderr, flush=True)
    for client in clients:
        client.close()
    return samples


def _one_for_each(running: Server) -> list[http.client.HTTPConnection]:
    """Connections, opened until every worker has at least one."""
    clients: list[http.client.HTTPConnection] = []
    while len(clients) < CONNECTIONS or not all(running.connections()):
        clients.append(http.client.HTTPConnection("127.0.0.1", running.port, timeout=60))
        clients[-1].request("GET", "/bench/floor/100")
        clients[-1].getresponse().read()
    return clients


def _shown(values: list[float]) -> str:
    return ", ".join(f"{value:.1f} MiB" for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__.split("\n\n")[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--step", type=int, default=2_000)
    parser.add_argument("--prepared", type=Path, help="a folder to keep filled desks in, for the next time")
    given = parser.parse_args()
    with ExitStack() as stack:
        prepared = given.prepared.absolute() if given.prepared else None
        one = stack.enter_context(desk(given.tickets, os.environ.get("DATABASE_URL", ""), prepared))
        running = stack.enter_context(server(one))
        samples = run(one, running, given.requests, given.step)
    print("| after requests | USS of each worker |")
    print("|---|---|")
    for number, sample in enumerate(samples):
        print(f"| {number * given.step:,} | {_shown(sample)} |")
    growth = max(last - middle for last, middle in zip(samples[-1], samples[len(samples) // 2], strict=True))
    highest = max(max(sample) for sample in samples)
    verdict = "met" if highest <= LIMIT_MIB and growth <= FLAT_MIB else "**missed**"
    print(f"\nHighest {highest:.1f} MiB, {growth:+.1f} MiB in the second half. ≤ {LIMIT_MIB} MiB and flat: {verdict}.")


if __name__ == "__main__":
    main()
