"""The worker: what the desk does by itself, beside the requests it answers.

`reynard.jobs` names every job. Each has a thread of its own in a worker process, so that one that waits for the
network, fails or hangs keeps none of the others waiting:

* A job is called again after its pause, or at once when it says that there is more to do.
* A job that raises is logged and called again after a while, longer with each failure in a row.
* A job that is busy beyond its limit is taken for hung: its stack is logged, and the process ends with exit code 1
  when the other jobs have finished what they have in hand. Who supervises the process starts it again.

Stopping (SIGTERM or SIGINT): jobs finish what they have in hand, for at most `SHUTDOWN_SECONDS`; long ones look at
`stopping` between their steps. The exit code is 0. Whatever is cut off, or killed, is left as a job leaves it at any
moment: transactions are whole, and leases run out. So any number of workers may share a desk.

`Supervisor` keeps one worker process running beside a server, and ends it with it.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess

import msgspec

SHUTDOWN_SECONDS = 10
FAILURE_PAUSE_LIMIT_SECONDS = 300
RESTART_PAUSE_LIMIT_SECONDS = 60
_SHORT_PAUSE_SECONDS = 60  # a job that comes again sooner keeps its database connection

stopping = threading.Event()  # set for good when this process is to end

logger = logging.getLogger("reynard.worker")


class Job(msgspec.Struct, frozen=True):
    """Something to do again and again. Several workers may do it at the same moment.

    `run` is given the present moment, does a bounded amount of work and returns whether there is more to do. It should
    return soon after `stopping` is set, and be done within `limit_seconds` whatever happens on the network.
    """

    name: str
    every_seconds: float
    run: Callable[[datetime], object]
    limit_seconds: float = 900


class _Turns(threading.Thread):
    """A job in its thread."""

    def __init__(self, job: Job) -> None:
        super().__init__(name=job.name, daemon=True)
        self.job = job
        self.busy_since: float | None = None  # of time.monotonic
        self._failures = 0

    def run(self) -> None:
        pause = 0.0
        while not stopping.wait(pause):
            pause = self._turn()

    def _turn(self) -> float:
        """Do the job once; the pause that follows, in seconds."""
        self.busy_since = time.monotonic()
        try:
            more = self.job.run(datetime.now(UTC))
            self._failures = 0
            return 0 if more else self.job.every_seconds
        except Exception:
            self._failures += 1
            pause = min(2.0**self._failures, FAILURE_PAUSE_LIMIT_SECONDS)
            logger.exception("The job %s failed and is tried again in %.0f seconds", self.job.name, pause)
            return max(pause, self.job.every_seconds)
        finally:
            _let_go_of_database(for_long=self.job.every_seconds >= _SHORT_PAUSE_SECONDS)
            self.busy_since = None

    @property
    def hangs(self) -> bool:
        since = self.busy_since
        return since is not None and time.monotonic() - since > self.job.limit_seconds


def _let_go_of_database(*, for_long: bool) -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        if for_long:
            connection.close()
        else:
            connection.close_if_unusable_or_obsolete()


def work(
    jobs: Sequence[Job],
    *,
    signals: Collection[signal.Signals] = (signal.SIGTERM, signal.SIGINT),
    on_ready: Callable[[], None] | None = None,
) -> int:
    """Do these jobs until one of the signals comes, or the process that started this one is gone; the exit code.

    To be called in the main thread, once in a process.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # in all threads: they are taken one by one, below
    threads = [_Turns(job) for job in jobs]
    for thread in threads:
        thread.start()
    if on_ready:
        on_ready()
    while not (hung := [thread for thread in threads if thread.hangs]):
        if signal.sigtimedwait(signals, 1) or _orphaned():
            break
    for thread in hung:
        _report_hung(thread)
    stopping.set()
    _finish([thread for thread in threads if thread not in hung])
    return 1 if hung else 0


def _orphaned() -> bool:
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


def _report_hung(thread: _Turns) -> None:
    frame = sys._current_frames().get(thread.ident or 0)
    stack = "".join(traceback.format_stack(frame)) if frame else ""
    logger.critical(
        "The job %s is not done after %.0f seconds; the worker ends.\n%s", thread.name, thread.job.limit_seconds, stack
    )


def _finish(threads: Sequence[_Turns]) -> None:
    deadline = time.monotonic() + SHUTDOWN_SECONDS
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
        if thread.is_alive():
            logger.warning("The job %s was cut off", thread.name)


def work_beside_a_server(address: str) -> None:
    """A worker process of `Supervisor`, from its first line to its last."""
    os.environ["REYNARD_BASE_URL"] = address  # nobody calls this process and says where the desk is
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of the terminal; the server tells us
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reynard.settings")
    import django

    django.setup()
    gc.freeze()
    sys.exit(work(load_jobs(), signals=[signal.SIGTERM]))


def load_jobs() -> Sequence[Job]:
    """The jobs that the settings name, with Django set up."""
    from django.conf import settings
    from django.utils.module_loading import import_string

    jobs: Sequence[Job] = import_string(settings.WORKER_JOBS)
    return jobs


class Supervisor:
    """One worker process beside a server, replaced whenever it dies; `address` is where people find the server."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="worker supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the worker has ended; one that does not end in time is killed."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        pause = 1.0
        while not self._stop.is_set():
            started = time.monotonic()
            process = multiprocessing.get_context("spawn").Process(
                target=work_beside_a_server, args=[self._address], name="worker"
            )
            process.start()
            logger.info("The worker is process %s", process.pid)
            self._stay_with(process)
            if self._stop.is_set():
                break
            pause = 1.0 if time.monotonic() - started > RESTART_PAUSE_LIMIT_SECONDS else pause * 2
            pause = min(pause, RESTART_PAUSE_LIMIT_SECONDS)
            logger.error("The worker ended with code %s; a new one starts in %.0f s", process.exitcode, pause)
            self._stop.wait(pause)

    def _stay_with(self, process: BaseProcess) -> None:
        """Until the worker has ended, by itself or because the server stops."""
        while not self._stop.is_set():
            if multiprocessing.connection.wait([process.sentinel], timeout=0.2):
                break
        else:
            process.terminate()
        process.join(SHUTDOWN_SECONDS + 2)
        if process.is_alive():
            logger.warning("The worker does not end and is killed")
            process.kill()
            process.join()
