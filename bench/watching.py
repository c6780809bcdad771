"""What a line in the log and the counts for `/metrics` add to a request: `python -m bench.watching`, on SQLite.

One process answers requests in turn with both, with one of them and with neither, from granian's scope to the bytes of
the answer, on a desk of 5,000 tickets; lines go to a file. Goal: 5 % of a read.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from bench.desks import desk

TICKETS = 5000
WAYS = ((True, True), (True, False), (False, True), (False, False))  # whether there is a log, and whether counts
COUNTS = {"read": 4000, "create": 600, "update": 600}  # of each kind, each way


def measure(folder: Path) -> None:
    import django

    django.setup()
    from django.conf import settings

    from bench.profile import REYNARD, Desk, requests

    facts = json.loads((folder / "bench.json").read_text())
    settings.REYNARD_LOG_FORMAT = "json"
    made = []
    for settings.REYNARD_LOG_REQUESTS, settings.REYNARD_METRICS in WAYS:
        made.append(Desk(facts))
    with tempfile.TemporaryFile() as lines:
        os.dup2(lines.fileno(), sys.stderr.fileno())
        for kind, count in COUNTS.items():
            asked = requests(kind, REYNARD, facts)
            times: list[list[float]] = [[] for _ in WAYS]
            for number, (method, path, body) in enumerate(islice(asked, len(WAYS) * (count + 20))):
                begun = time.thread_time()
                made[number % len(WAYS)](method, path, body)
                times[number % len(WAYS)].append((time.thread_time() - begun) * 1e6)
            both, log, counts, neither = (statistics.median(values[20:]) for values in times)
            print(f"{kind}: {neither:.0f} µs of processor time with neither, {log - neither:+.0f} by the log, ", end="")
            print(f"{counts - neither:+.0f} by the counts, {both - neither:+.0f} by both", flush=True)
        lines.seek(0)
        print(f"{sum(1 for _ in lines)} lines in the log")


if __name__ == "__main__":
    with desk(TICKETS, "") as filled:
        os.environ.update(filled.environment)
        measure(filled.folder)
