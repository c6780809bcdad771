"""Real servers for tests: Reynard started as a user starts it, on a folder and database of its own."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

START_SECONDS = 60
STOP_SECONDS = 15


class RunningDesk:
    """A `reynard demo` process group. `url`, `api_key`, `auth_code` and `staff` are those of its demo.json."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {**_clean_environment(), "REYNARD_DATA_DIR": str(folder), **environment}
        self.process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder.parent / f"{folder.name}.log"

    def start(self, *arguments: str) -> None:
        """Start (or start again) and wait until the desk says that it is ready."""
        command = [sys.executable, "-m", "reynard", *(arguments or ("demo",)), "--port", str(self.port)]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, f"not ready in time:\n{self.output.read_text()}"
            time.sleep(0.05)
        demo = json.loads((self.folder / "demo.json").read_text())
        self.api_key, self.auth_code, self.staff = demo["api_key"], demo["auth_code"], demo["staff"]

    def stop(self) -> int:
        """Ask it to stop as an operator does; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """Every process of it, at once, in the middle of whatever it does."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another `reynard` command on the same folder."""
        command = [sys.executable, "-m", "reynard", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=180, check=False)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def running_desk(folder: Path, *arguments: str, **environment: str) -> Iterator[RunningDesk]:
    """A demo desk, on PostgreSQL when DATABASE_URL says so (in a new database), else on SQLite.

    `arguments` are those of `start`.
    """
    folder.mkdir(exist_ok=True)
    with new_database() as database:
        desk = RunningDesk(folder, {**database, **environment})
        try:
            desk.start(*arguments)
            yield desk
        finally:
            if desk.process is not None and desk.process.poll() is None:
                desk.kill()


@contextmanager
def new_database() -> Iterator[dict[str, str]]:
    """The environment of a desk: an empty database on PostgreSQL when DATABASE_URL says so, else nothing."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield {}
        return
    import psycopg

    name = f"reynard_journey_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        parts = urlsplit(url)
        yield {
            "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")).replace(
                "postgresql:/" + name, f"postgresql:///{name}"
            )
        }
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean_environment() -> dict[str, str]:
    ours = ("REYNARD_", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def request(desk: RunningDesk, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """One API call with the demo's key; `(status, decoded JSON)`. Errors are answers too."""
    import base64

    credentials = base64.b64encode(f"{desk.api_key}:{desk.auth_code}".encode()).decode()
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(f"{desk.url}/api/1.1/json/{path}", data=data, method=method)
    call.add_header("Authorization", f"Basic {credentials}")
    call.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        call.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
