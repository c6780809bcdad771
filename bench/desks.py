"""Desks to measure on: made by bench.data in a folder and a database of their own, served, and removed again."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
TICK = os.sysconf("SC_CLK_TCK")


class Desk:
    """A filled desk: its folder, its database address ("" for SQLite), and what bench.json says."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.facts: dict[str, Any] = json.loads((folder / "bench.json").read_text())

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.folder, self.database_url)

    def warm(self) -> None:
        """Bring SQLite's file back into the kernel's cache, which some machines empty behind our back."""
        for path in self.folder.glob("desk.sqlite3*"):
            with path.open("rb") as file:
                while file.read(1 << 20):
                    pass

    def rows(self, sql: str) -> list[Any]:
        """Rows of a query, for choosing what to ask for."""
        if self.database_url:
            import psycopg

            with psycopg.connect(self.database_url, autocommit=True) as connection:
                return connection.execute(sql).fetchall()
        import sqlite3

        connection = sqlite3.connect(f"file:{self.folder / 'desk.sqlite3'}?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


def environment(folder: Path, database_url: str) -> dict[str, str]:
    """Nothing of the caller's own settings reaches the desk."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("REYNARD_")}
    kept |= {"REYNARD_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "bench.settings", "DATABASE_URL": database_url}
    kept.pop("REDIS_URL", None)
    return kept


@contextmanager
def desk(tickets: int, database_url: str, prepared: Path | None = None) -> Iterator[Desk]:
    """A fresh desk with so many tickets; gone afterwards. `prepared`: a folder that keeps filled desks to copy."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what follows is removed then, too
    with tempfile.TemporaryDirectory(prefix="reynard-bench-") as temporary:
        folder = Path(temporary) / "desk"
        if not database_url:
            yield _sqlite(tickets, folder, prepared)
            return
        name = f"reynard_bench_{tickets}_{os.getpid()}"
        own = with_name(database_url, name)
        try:
            yield _postgres(tickets, folder, own, name, prepared)
        finally:
            _administer(database_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _sqlite(tickets: int, folder: Path, prepared: Path | None) -> Desk:
    if prepared is None:
        _fill(tickets, folder, "")
        return Desk(folder, "")
    kept = prepared / f"sqlite-{tickets}-{_fingerprint()}"
    if not (kept / "bench.json").exists():
        shutil.rmtree(kept, ignore_errors=True)
        _fill(tickets, kept, "")
    shutil.copytree(kept, folder)
    return Desk(folder, "")


def _postgres(tickets: int, folder: Path, own: str, name: str, prepared: Path | None) -> Desk:
    if prepared is None:
        _administer(own, f'CREATE DATABASE "{name}"')
        _fill(tickets, folder, own)
        return Desk(folder, own)
    kept = prepared / f"postgres-{tickets}-{_fingerprint()}"
    template = f"reynard_bench_{tickets}_{_fingerprint()}"
    if not (kept / "bench.json").exists():
        shutil.rmtree(kept, ignore_errors=True)
        _administer(own, f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
        _administer(own, f'CREATE DATABASE "{template}"')
        _fill(tickets, kept, with_name(own, template))
    _administer(own, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    shutil.copytree(kept, folder)
    return Desk(folder, own)


def _fingerprint() -> str:
    """Another one when the tables, or what is put into them, are others."""
    sources = [ROOT / "bench" / f"{name}.py" for name in ("bulk", "data", "life", "setup", "texts")]
    sources += sorted((ROOT / "src/reynard/desk/migrations").glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]


def _fill(tickets: int, folder: Path, database_url: str) -> None:
    folder.mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-m", "bench.data", "--tickets", str(tickets)],
        env=environment(folder, database_url),
        cwd=ROOT,
        check=True,
    )


def with_name(database_url: str, name: str) -> str:
    parts = urlsplit(database_url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"  # urlunsplit drops the slashes of an empty host


def _administer(database_url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(with_name(database_url, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


# --- a server


class Server:
    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._process = process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers: the children that listen."""
        main = self._process.pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        listening = {inode for inode, state in self._sockets() if state == "0A"}
        return [pid for pid in map(int, children) if listening & self._open_sockets(pid)]

    def connections(self) -> list[int]:
        """How many clients each worker has."""
        established = {inode for inode, state in self._sockets() if state == "01"}
        return [len(established & self._open_sockets(pid)) for pid in self.workers]

    def cpu_seconds(self) -> float:
        """Spent by the server's processes so far."""
        return sum(self._cpu_seconds(pid) for pid in (self._process.pid, *self.workers))

    def _cpu_seconds(self, pid: int) -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def _sockets(self) -> Iterator[tuple[str, str]]:
        """`(inode, state)` of the sockets on this server's port."""
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == self.port:
                yield fields[9], fields[3]

    def _open_sockets(self, pid: int) -> set[str]:
        found = set()
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = os.readlink(entry)
            except OSError:
                continue
            if target.startswith("socket:["):
                found.add(target[8:-1])
        return found


@contextmanager
def server(desk: Desk, workers: int = 2) -> Iterator[Server]:
    port = _free_port()
    command = [sys.executable, "-m", "bench.serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(command, env=desk.environment, cwd=ROOT)
    running = Server(port, process)
    try:
        _wait(running, process, workers)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(running: Server, process: subprocess.Popen[bytes], workers: int) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            sys.exit(f"The server ended at once, with code {process.returncode}.")
        try:
            urllib.request.urlopen(f"{running.url}/bench/floor/100", timeout=5).read()
            if len(running.workers) == workers:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"The server was not ready after {START_SECONDS} s.")
