"""Mails of a real server, fetched by a real worker that is killed in the middle."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from tests.mail import dovecot
from tests.servers import RunningDesk, running_desk

pytestmark = [pytest.mark.server, dovecot.needed]

MAILS = 600
MAIL_BYTES = 3_500
SECONDS = 120  # for anything to happen on a busy machine
COUNT = "from reynard.desk.models import InboundMail as M; print(M.objects.filter(mailbox__name='support').count())"
STATES = "from reynard.desk.models import InboundMail as M; print({m.state for m in M.objects.all()})"
READ = "from reynard.desk.models import Mailbox as M; print(M.objects.get(name='support').last_success_at is not None)"
END_LEASES = "from reynard.desk.models import Mailbox as M; M.objects.update(leased_until=None)"


def test_a_worker_that_is_killed_in_the_middle_loses_nothing_and_takes_nothing_twice(tmp_path: Path) -> None:
    with contextlib.ExitStack() as running:
        server = running.enter_context(dovecot.running())
        wire = running.enter_context(_Wire(server.port, stops_after=MAILS * MAIL_BYTES // 2))
        silent = running.enter_context(_silent())
        desk = running.enter_context(running_desk(tmp_path / "desk"))
        server.deliver([f"Subject: Mail {n}\n\n{'Hello. ' * (MAIL_BYTES // 7)}\n".encode() for n in range(MAILS)])
        desk.stop()
        made = [desk.run("mailbox", "create", "silent", *_where("silent", f"imaps://a:b@127.0.0.1:{silent}/"))]
        url = server.url().replace(f":{server.port}/", f":{wire.port}/")
        made += [desk.run("mailbox", "create", "support", *_where("support", url))]
        assert [done.returncode for done in made] == [0, 0], made

        with _worker(desk) as process:
            _wait_for(lambda: _count(desk) > 0)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert 0 < _count(desk) < MAILS
        wire.release()
        _shell(desk, END_LEASES)

        with _worker(desk):
            _wait_for(lambda: _count(desk) == MAILS)
        checked = desk.run("mailbox", "check", "support")
        assert checked.stdout == f"support, INBOX: the server has {MAILS}, we have {MAILS}.\n"
        assert checked.returncode == 0
        assert "duplicate" not in _shell(desk, STATES)


def test_a_mail_arrives_as_soon_as_the_server_says_so(tmp_path: Path) -> None:
    """Nobody would look for an hour."""
    with dovecot.running() as server, running_desk(tmp_path / "desk", REYNARD_IMAP_POLL_SECONDS="3600") as desk:
        server.deliver([])
        assert desk.run("mailbox", "create", "support", *_where("support", server.url())).returncode == 0
        _wait_for(lambda: "True" in _shell(desk, READ))
        assert _count(desk) == 0

        def deliver_and_look() -> bool:
            server.deliver([b"Subject: Hello\n\nHello\n"])
            return _count(desk) > 0

        _wait_for(deliver_and_look)


def _where(name: str, url: str) -> list[str]:
    return ["--address", f"{name}@rollwerk.example", "--category", "1", "--imap-url", url]


class _Wire:
    """A wire to a server that falls silent half-way, so that a worker is surely in the middle when it is killed."""

    def __init__(self, server_port: int, *, stops_after: int) -> None:
        self._server_port, self._left = server_port, stops_after
        self._released = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._listening.close()

    def release(self) -> None:
        """From now on the wire carries everything."""
        self._released.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listening socket is closed at the end
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, client), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError), source, target:
            while data := source.recv(4096):
                self._left -= len(data)
                if self._left < 0:
                    self._released.wait()
                target.sendall(data)


@contextlib.contextmanager
def _silent():
    """A server that takes connections and says nothing; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@contextlib.contextmanager
def _worker(desk: RunningDesk):
    process = subprocess.Popen([sys.executable, "-m", "reynard", "worker"], env=desk.environment)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        process.wait()


def _count(desk: RunningDesk) -> int:
    return int(_shell(desk, COUNT).split()[-1])


def _shell(desk: RunningDesk, code: str) -> str:
    done = desk.run("shell", "-v0", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
