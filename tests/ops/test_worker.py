"""The worker as a process: jobs beside each other, failing, hanging, stopping; and the one beside a server."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.servers import RunningDesk, running_desk

pytestmark = pytest.mark.server

SECONDS = 60  # for anything to happen on a busy machine

PROJECT = """
import itertools, time
from pathlib import Path
from reynard import worker
from reynard.worker import Job

HERE = Path(__file__).parent
SECRET_KEY = "not a secret"
WORKER_JOBS = __name__ + ".JOBS"

def note(text):
    with (HERE / "notes").open("a") as notes:
        notes.write(text + "\\n")

left = itertools.chain([True, True], itertools.repeat(False))

def counts(now):
    note("counted")
    return next(left)

def fails(now):
    note("failed")
    raise ValueError("a job that fails")

def hangs(now):
    note("hangs")
    time.sleep(60)

def careful(now):
    note("begun")
    worker.stopping.wait(60)
    time.sleep(0.3)
    note("finished")

JOBS = {jobs}
"""

LAUNCH = """
import sys, django
from reynard import worker
django.setup()
sys.exit(worker.work(worker.load_jobs(), on_ready=lambda: print("ready", flush=True)))
"""


@contextmanager
def working(folder: Path, *jobs: str) -> Iterator[SimpleNamespace]:
    (folder / "throwaway.py").write_text(PROJECT.replace("{jobs}", f"[{', '.join(jobs)}]"))
    path = os.pathsep.join([str(folder), *sys.path])
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "throwaway", "PYTHONPATH": path}
    with (folder / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH], env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    notes = folder / "notes"
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n", (folder / "stderr").read_text()
        yield SimpleNamespace(
            process=process,
            notes=lambda: notes.read_text().split() if notes.exists() else [],
            errors=lambda: (folder / "stderr").read_text(),
        )
    finally:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class TestJobs:
    def test_more_to_do_is_done_at_once_and_then_there_is_a_pause(self, tmp_path: Path) -> None:
        with working(tmp_path, 'Job("counts", 3600, counts)') as worker:
            wait_for(lambda: len(worker.notes()) == 3)

    def test_one_that_fails_or_waits_keeps_nobody_waiting(self, tmp_path: Path) -> None:
        jobs = ('Job("fails", 0, fails)', 'Job("hangs", 1, hangs)', 'Job("counts", 1, counts)')
        with working(tmp_path, *jobs) as worker:
            wait_for(lambda: worker.notes().count("counted") > 3 and worker.notes().count("failed") > 1)
            assert worker.process.poll() is None
        assert "The job fails failed and is tried again in 2 seconds\nTraceback" in worker.errors()
        assert "ValueError: a job that fails" in worker.errors()

    def test_one_that_hangs_ends_the_worker_which_says_where(self, tmp_path: Path) -> None:
        jobs = ('Job("hangs", 1, hangs, limit_seconds=1)', 'Job("careful", 1, careful)')
        with working(tmp_path, *jobs) as worker:
            assert worker.process.wait(SECONDS) == 1
            assert sorted(worker.notes()) == ["begun", "finished", "hangs"]
        assert "The job hangs is not done after 1 seconds; the worker ends." in worker.errors()
        assert "time.sleep(60)" in worker.errors()


class TestStopping:
    @pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
    def test_finishes_what_is_in_hand(self, tmp_path: Path, kind: signal.Signals) -> None:
        with working(tmp_path, 'Job("careful", 1, careful)') as worker:
            wait_for(worker.notes)
            worker.process.send_signal(kind)
            assert worker.process.wait(SECONDS) == 0
            assert worker.notes() == ["begun", "finished"]
            assert worker.errors() == ""


@pytest.mark.django_db
def test_the_jobs_of_the_desk_have_names_and_run_on_an_empty_desk() -> None:
    from datetime import UTC, datetime

    from reynard.jobs import JOBS

    assert len({job.name for job in JOBS}) == len(JOBS)
    for job in JOBS:
        assert not job.run(datetime.now(UTC)), job.name


def test_the_one_beside_a_server_lives_as_long_as_it(tmp_path: Path) -> None:
    with running_desk(tmp_path / "desk") as desk:
        assert desk.process is not None
        wait_for(lambda: len(workers(desk)) == 1)
        os.kill(workers(desk)[0], signal.SIGKILL)
        wait_for(lambda: len(workers(desk)) == 2)
        assert "The worker ended with code -9" in desk.output.read_text()

        assert desk.stop() == 0
        assert not is_alive(workers(desk)[1])

        desk.start("demo", "--no-worker")
        assert desk.stop() == 0
        assert len(workers(desk)) == 2

        desk.start()
        wait_for(lambda: len(workers(desk)) == 3)
        desk.process.kill()
        desk.process.wait()
        wait_for(lambda: not is_alive(workers(desk)[2]))


def workers(desk: RunningDesk) -> list[int]:
    """The process ids of its workers so far."""
    return [int(number) for number in re.findall(r"The worker is process (\d+)", desk.output.read_text())]


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
