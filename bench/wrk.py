"""Running wrk against a server, and what it measured."""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from bench.desks import Server

_SCRIPT = Path(__file__).with_name("wrk") / "requests.lua"
_EVEN_TRIES = 40
_SETTLE_SECONDS = 0.12
_QUIET_CORES = 0.25  # what others on this machine may use while we measure
_QUIET_TRIES = 6
_QUIET_WAIT_SECONDS = 20
_TICK = os.sysconf("SC_CLK_TCK")


class Asking(NamedTuple):
    """What to ask for: see wrk/requests.lua. `lines` is a file."""

    mode: str
    prefix: str
    authorization: str
    lines: Path


class Measured(NamedTuple):
    per_second: float
    p50: float  # milliseconds, as all times
    p99: float
    longest: float
    cpu: float  # of the server, for one request
    bytes: float  # of one answer, with its headers
    others: float  # cores that were busy with something else


def require() -> None:
    if not shutil.which("wrk"):
        sys.exit("wrk is needed to measure: install it (Debian and Ubuntu: apt-get install wrk).")


def run(server: Server, asking: Asking, *, seconds: float, connections: int = 4, seed: int = 1) -> Measured:
    """One run, when nobody else uses the machine: repeated a few times otherwise, and the quietest one taken."""
    runs: list[Measured] = []
    while not runs or (runs[-1].others > _QUIET_CORES and len(runs) < _QUIET_TRIES):
        _wait_for_quiet()
        runs.append(_run(server, asking, seconds, connections, seed))
    return min(runs, key=lambda one: one.others)


def _run(server: Server, asking: Asking, seconds: float, connections: int, seed: int) -> Measured:
    """Connections are spread evenly over the workers; otherwise the kernel's dice are measured too."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(_SCRIPT), server.url]
    command += ["--", asking.mode, asking.prefix, asking.authorization, str(seed), str(asking.lines)]
    for attempt in range(_EVEN_TRIES):
        before = _Used(server)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            time.sleep(_SETTLE_SECONDS)
            counts = server.connections()
            if connections >= len(counts) and max(counts) - min(counts) > 1 and attempt < _EVEN_TRIES - 1:
                continue
            output, _ = process.communicate(timeout=seconds + 60)
            return _measured(output, before, _Used(server))
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    raise AssertionError("unreachable")


class _Used:
    """Seconds of CPU spent so far: by the server, by wrk, by a PostgreSQL here, and by the whole machine."""

    def __init__(self, server: Server) -> None:
        self.clock = time.monotonic()
        self.server = server.cpu_seconds()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.ours = self.server + children.ru_utime + children.ru_stime + _postgres_seconds()
        self.machine = _machine_seconds()


def _machine_seconds() -> float:
    """user, nice, system, irq, softirq and steal of all cores."""
    fields = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]))
    return (sum(fields[:3]) + sum(fields[5:8])) / _TICK


def _postgres_seconds() -> float:
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        if name == "postgres":
            fields = rest.split()
            total += sum(map(int, fields[11:15]))  # its own, and those of its children that ended
    return total / _TICK


def _wait_for_quiet() -> None:
    ends = time.monotonic() + _QUIET_WAIT_SECONDS
    while time.monotonic() < ends:
        before = _machine_seconds()
        time.sleep(0.4)
        if _machine_seconds() - before < 0.4 * _QUIET_CORES:
            return


def _measured(output: str, before: _Used, after: _Used) -> Measured:
    try:
        found: dict[str, Any] = json.loads(output.splitlines()[-1])
    except (ValueError, IndexError):
        sys.exit(f"wrk failed:\n{output}")
    if found["errors"]:
        sys.exit(f"{found['errors']} of {found['requests']} requests failed:\n{output}")
    done = max(1, found["requests"])
    others = (after.machine - before.machine) - (after.ours - before.ours)
    return Measured(
        per_second=done / found["seconds"],
        p50=found["p50"],
        p99=found["p99"],
        longest=found["max"],
        cpu=(after.server - before.server) * 1000 / done,
        bytes=found["bytes"] / done,
        others=max(0.0, others / (after.clock - before.clock)),
    )


def median(runs: list[Measured]) -> Measured:
    return Measured(*(statistics.median(values) for values in zip(*runs, strict=True)))
