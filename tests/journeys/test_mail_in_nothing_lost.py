"""Mails of a real server, fetched by a real worker that is killed in the middle."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.mail import dovecot
from tests.servers import RunningDesk, running_desk

pytestmark = [pytest.mark.server, dovecot.needed]

MAILS = 600
SECONDS = 120  # for anything to happen on a busy machine
COUNT = "from reynard.desk.models import InboundMail as M; print(M.objects.filter(mailbox__name='support').count())"
STATES = "from reynard.desk.models import InboundMail as M; print({m.state for m in M.objects.all()})"
END_LEASES = "from reynard.desk.models import Mailbox as M; M.objects.update(leased_until=None)"


def test_a_worker_that_is_killed_in_the_middle_loses_nothing_and_takes_nothing_twice(tmp_path: Path) -> None:
    with dovecot.running() as server, _silent() as silent, running_desk(tmp_path / "desk") as desk:
        server.deliver([f"Subject: Mail {n}\n\n{'Hello. ' * 500}\n".encode() for n in range(MAILS)])
        desk.stop()
        made = [desk.run("mailbox", "create", "silent", *_where("silent", f"imaps://a:b@127.0.0.1:{silent}/"))]
        made += [desk.run("mailbox", "create", "support", *_where("support", server.url()))]
        assert [done.returncode for done in made] == [0, 0], made

        with _worker(desk) as process:
            _wait_for(lambda: 0 < _count(desk) < MAILS)
            process.send_signal(signal.SIGKILL)
            process.wait()
        before = _count(desk)
        assert before < MAILS
        _shell(desk, END_LEASES)

        with _worker(desk):
            _wait_for(lambda: _count(desk) == MAILS)
        checked = desk.run("mailbox", "check", "support")
        assert checked.stdout == f"support, INBOX: the server has {MAILS}, we have {MAILS}.\n"
        assert checked.returncode == 0
        assert "duplicate" not in _shell(desk, STATES)


def _where(name: str, url: str) -> list[str]:
    return ["--address", f"{name}@rollwerk.example", "--category", "1", "--imap-url", url]


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
