"""How fast is Reynard? `python -m bench.run`, or `python -m bench.run --sizes 10000 1000000`. Needs wrk.

Every figure is a ratio taken in one run: Reynard, the plain ORM and the floor (bench/yardsticks.py) are asked in
turn, round after round, by 4 connections of wrk on a server with 2 workers; medians of the rounds. Reading is measured
before anything is written. With DATABASE_URL on PostgreSQL, otherwise on SQLite with synchronous=FULL.
"""

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bench import load, wrk
from bench.desks import Desk, Server, desk, server
from bench.wrk import Asking, Measured

REYNARD, ORM = "/api/1.1/json", "/bench/orm"
WARM_SECONDS = 1
HEADER_BYTES = 270  # of an answer, about
ASKED = 4_000  # different tickets, spread over the whole desk
LIST = "/tickets/?size=50&page="


class Work(NamedTuple):
    """Something to measure, with its goals: percent of the floor and times plain ORM."""

    name: str
    mode: str
    lines: Path
    floor_goal: dict[str, int] = {}
    orm_goal: dict[str, int] = {}


class Result(NamedTuple):
    work: Work
    reynard: Measured
    orm: Measured
    floor: Measured


# --- what to ask for


def works(desk: Desk, folder: Path) -> list[Work]:
    """Reads first: what is written changes what lists show (and makes the newest tickets short)."""

    def lines(name: str, texts: Sequence[str]) -> Path:
        path = folder / f"{desk.facts['tickets']}-{name}"
        path.write_text("".join(f"{text}\n" for text in texts))
        return path

    pages = range(1, desk.facts["tickets"] // 50 + 1)
    numbers = desk.rows(f"SELECT id FROM desk_ticket WHERE version = {load.READ_LENGTH} ORDER BY id")
    some = random.Random(1).sample([row[0] for row in numbers], min(ASKED, len(numbers)))
    return [
        Work(
            "read one ticket with 6 updates",
            "get",
            lines("read", [f"/ticket/{number}/" for number in some]),
            {"sqlite": 40, "postgresql": 20},
            {"sqlite": 15, "postgresql": 10},
        ),
        Work("list 50 whole tickets", "get", lines("list", [f"{LIST}1"]), {"sqlite": 30, "postgresql": 20}),
        Work("the same, a page nobody asked for before", "get", lines("pages", [f"{LIST}{page}" for page in pages])),
        Work("create a ticket", "create", lines("create", _bodies(desk)), {"sqlite": 12, "postgresql": 6}),
        Work(
            "staff update with a status change",
            "update",
            lines("update", _numbers_and_statuses(desk)),
            {"sqlite": 9, "postgresql": 6},
        ),
    ]


def _bodies(desk: Desk) -> list[str]:
    found = desk.rows(f"SELECT id, email FROM desk_contact ORDER BY id LIMIT {ASKED}")
    return [json.dumps(load.new_ticket(desk.facts, contact, email)) for contact, email in found]


def _numbers_and_statuses(desk: Desk) -> list[str]:
    """Statuses 1 to 6 by number: wrk goes from one to the next."""
    found = desk.rows(f"SELECT id, status_id FROM desk_ticket WHERE version = {load.READ_LENGTH} ORDER BY id")
    some = random.Random(1).sample(found, min(ASKED, len(found)))
    return [f"{number} {status}" for number, status in some]


def asking(work: Work, prefix: str, desk: Desk) -> Asking:
    return Asking(work.mode, prefix, load.authorization(desk.facts), work.lines)


# --- measuring


def measure(work: Work, desk: Desk, running: Server, *, rounds: int, seconds: int, folder: Path) -> Result:
    size = answer_size(work, desk, running)
    floor = _floor(work, desk, size, folder)
    runs: dict[str, list[Measured]] = {"reynard": [], "orm": [], "floor": []}
    for number in range(-1, rounds):
        for name in runs:
            if name == "floor":
                asked = floor
            else:
                if work.mode == "update":
                    work.lines.write_text("".join(f"{line}\n" for line in _numbers_and_statuses(desk)))
                asked = asking(work, REYNARD if name == "reynard" else ORM, desk)
            desk.warm()
            found = wrk.run(running, asked, seconds=seconds if number >= 0 else WARM_SECONDS, seed=number + 2)
            if number >= 0:
                runs[name].append(found)
    result = Result(work, *(wrk.median(runs[name]) for name in ("reynard", "orm", "floor")))
    print(_progress(result, size), file=sys.stderr, flush=True)
    return result


def answer_size(work: Work, desk: Desk, running: Server) -> int:
    """Bytes of the body of an answer, in the mean of some."""
    if work.mode == "get":
        paths = random.Random(2).choices(work.lines.read_text().splitlines(), k=20)
        return sum(len(_read(running, desk, path)) for path in paths) // len(paths)
    probe = wrk.run(running, asking(work, REYNARD, desk), seconds=1)
    return max(100, int(probe.bytes) - HEADER_BYTES)


def _read(running: Server, desk: Desk, path: str) -> bytes:
    headers = {"Authorization": load.authorization(desk.facts)}
    with urllib.request.urlopen(urllib.request.Request(running.url + REYNARD + path, headers=headers)) as answer:
        return bytes(answer.read())


def _floor(work: Work, desk: Desk, size: int, folder: Path) -> Asking:
    """Stored bytes of the same size, for a request with a body of the same size."""
    path = f"/bench/floor/{size}"
    if work.mode == "get":
        lines = folder / "floor"
        lines.write_text(path + "\n")
        return Asking("get", "", load.authorization(desk.facts), lines)
    lines = folder / "floor-bodies"
    body = load.staff_update(1, 1) if work.mode == "update" else load.new_ticket(desk.facts, 1, "a@example.com")
    lines.write_text(json.dumps(body) + "\n")
    return Asking("floor", path, load.authorization(desk.facts), lines)


def _progress(result: Result, size: int) -> str:
    one, orm, floor = result.reynard, result.orm, result.floor
    return (
        f"{result.work.name} ({size:,} bytes): {one.per_second:.0f}/s, floor {floor.per_second:.0f}/s, "
        f"ORM {orm.per_second:.0f}/s; CPU ms {one.cpu:.3f}, floor {floor.cpu:.3f}, ORM {orm.cpu:.3f}; "
        f"others used {one.others:.2f}, {floor.others:.2f}, {orm.others:.2f} cores"
    )


# --- tables


def table(results: Sequence[Result], database: str) -> Iterator[str]:
    yield "| work | req/s | of the floor | goal | times ORM | goal | p50 / p99 ms | CPU ms: Reynard / floor / ORM |"
    yield "|---|---|---|---|---|---|---|---|"
    for work, one, orm, floor in results:
        share = 100 * one.per_second / floor.per_second
        times = one.per_second / orm.per_second
        floor_goal, orm_goal = work.floor_goal.get(database), work.orm_goal.get(database)
        cells = [
            work.name,
            f"{one.per_second:,.0f}",
            f"{share:.0f} %",
            _goal(floor_goal, share, "≥ {} %"),
            f"{times:.1f}",
            _goal(orm_goal, times, "≥ {}"),
            f"{one.p50:.2f} / {one.p99:.1f}",
            f"{one.cpu:.3f} / {floor.cpu:.3f} / {orm.cpu:.2f}",
        ]
        yield f"| {' | '.join(cells)} |"


def _goal(goal: int | None, reached: float, form: str) -> str:
    return "" if goal is None else f"{form.format(goal)} {'met' if reached >= goal else '**missed**'}"


def depth(desk: Desk, running: Server, folder: Path, *, rounds: int, seconds: int) -> Iterator[str]:
    """Page 1,000 against page 1, with one connection: the same page again and again, and pages never asked before."""
    last = desk.facts["tickets"] // 50
    deep = min(1000, last)
    kinds = {
        "page 1": [1],
        f"page {deep:,}": [deep],
        "one of the first 100 pages": range(1, min(100, last) + 1),
        f"one of 100 pages around {deep:,}": range(max(1, deep - 50), min(last, deep + 50) + 1),
    }
    runs: dict[str, list[Measured]] = {name: [] for name in kinds}
    for number in range(rounds):
        for name, pages in kinds.items():
            lines = folder / "depth"
            lines.write_text("".join(f"{LIST}{page}\n" for page in pages))
            asked = Asking("get", REYNARD, load.authorization(desk.facts), lines)
            runs[name].append(wrk.run(running, asked, seconds=seconds, connections=1, seed=number + 1))
    found = {name: wrk.median(measured) for name, measured in runs.items()}
    yield "| list 50 whole tickets, one connection | p50 ms | p99 ms | CPU ms |"
    yield "|---|---|---|---|"
    for name, one in found.items():
        yield f"| {name} | {one.p50:.2f} | {one.p99:.2f} | {one.cpu:.2f} |"
    first, far, some, around = (one.p50 for one in found.values())
    yield ""
    yield f"Page {deep:,} takes {far / first:.2f} times as long as page 1; pages nobody asked for {around / some:.2f}."


def compare_sizes(desks: Sequence[Desk], servers: Sequence[Server], folder: Path, *, rounds: int, seconds: int) -> None:
    """The same work on desks of two sizes, in turn."""
    yield_rows = []
    per_desk = [works(desk, folder) for desk in desks]
    for pair in zip(*per_desk, strict=True):
        runs: list[list[Measured]] = [[] for _ in desks]
        for number in range(-1, rounds):
            for n, (work, one, running) in enumerate(zip(pair, desks, servers, strict=True)):
                if work.mode == "update":
                    work.lines.write_text("".join(f"{line}\n" for line in _numbers_and_statuses(one)))
                one.warm()
                length = seconds if number >= 0 else 2 * WARM_SECONDS
                found = wrk.run(running, asking(work, REYNARD, one), seconds=length, seed=number + 2)
                if number >= 0:
                    runs[n].append(found)
        small, large = (wrk.median(measured) for measured in runs)
        ratio = small.per_second / large.per_second
        verdict = "met" if ratio <= 1.3 else "**missed**"
        row = (
            f"| {pair[0].name} | {small.per_second:,.0f} | {large.per_second:,.0f} | {ratio:.2f} | ≤ 1.3 {verdict} | "
            f"{large.p50:.2f} / {large.p99:.1f} | {small.cpu:.3f} / {large.cpu:.3f} |"
        )
        print(row, file=sys.stderr, flush=True)
        yield_rows.append(row)
    names = [f"{desk.facts['tickets']:,}" for desk in desks]
    print(f"| work | req/s at {names[0]} | at {names[1]} | time | goal | p50 / p99 ms at {names[1]} | CPU ms |")
    print("|---|---|---|---|---|---|---|")
    print("\n".join(yield_rows))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__.split("\n\n")[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--sizes", type=int, nargs=2, metavar=("SMALL", "LARGE"), help="compare two sizes instead")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of one run")
    parser.add_argument("--only", default="", help="only work whose name contains this")
    parser.add_argument("--prepared", type=Path, help="a folder to keep filled desks in, for the next time")
    given = parser.parse_args()
    wrk.require()
    url = os.environ.get("DATABASE_URL", "")
    database = "postgresql" if url else "sqlite"
    prepared = given.prepared.absolute() if given.prepared else None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reynard-bench-")))
        if given.sizes:
            desks = [stack.enter_context(desk(size, url, prepared)) for size in given.sizes]
            servers = [stack.enter_context(server(one)) for one in desks]
            compare_sizes(desks, servers, folder, rounds=given.rounds, seconds=given.seconds)
            return
        one = stack.enter_context(desk(given.tickets, url, prepared))
        running = stack.enter_context(server(one))
        python = platform.python_version()
        print(f"{one.facts['tickets']:,} tickets, {database}, Python {python}, {os.cpu_count()} cores\n")
        results = []
        wanted = [work for work in works(one, folder) if given.only in work.name]
        reads = [work for work in wanted if work.mode == "get"]
        options = {"rounds": given.rounds, "seconds": given.seconds, "folder": folder}
        results += [measure(work, one, running, **options) for work in reads]
        deep = [] if given.only else list(depth(one, running, **options))
        results += [measure(work, one, running, **options) for work in wanted if work not in reads]
        print("\n".join([*table(results, database), "", *deep]))


if __name__ == "__main__":
    main()
