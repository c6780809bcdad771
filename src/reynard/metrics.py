"""What the processes of this desk have done, counted for `/metrics`.

Each process counts in a file of its own that is mapped into memory, so that a count costs a microsecond and no process
waits for another. Who reads adds up all files. The file of a process that has ended, or was killed, is not locked any
more: who finds it adds it to those of the past. So counts never fall while the data folder lives. Why it is not a
library: docs/decisions/0007.

Nothing fails because something cannot be counted: without a file, a full disk say, numbers stay where nobody sees them.
"""

from __future__ import annotations

import fcntl
import itertools
import mmap
import os
import secrets
import threading
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from django.conf import settings

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # upper ends of the steps of a histogram
DOORS, METHODS, STATUSES = ("api", "page", "other"), ("read", "write"), ("2xx", "3xx", "4xx", "5xx")
_SERIES = list(itertools.product(DOORS, METHODS, STATUSES))
_WIDTH = len(SECONDS) + 2  # one step more, without an end, and the sum of all seconds

CHANNELS, OUTCOMES = ("mail", "webhook"), ("sent", "failed", "given_up")
SOURCES = ("imap", "pipe", "lmtp")
_EVENTS = [*itertools.product(CHANNELS, OUTCOMES), *(("received", source) for source in SOURCES)]
_PLACES = {event: len(_SERIES) * _WIDTH + place for place, event in enumerate(_EVENTS)}
_NUMBERS = len(_SERIES) * _WIDTH + len(_EVENTS)
_BYTES = 8 * _NUMBERS
_LAYOUT = f"{zlib.crc32(repr((SECONDS, _SERIES, _EVENTS)).encode()):08x}"  # another version may count other things
_PLACE_OF_SERIES = {series: place * _WIDTH for place, series in enumerate(_SERIES)}


class Requests(msgspec.Struct, frozen=True):
    """Answered requests of one kind; `steps` has how many took up to each of SECONDS, and longer."""

    door: str
    method: str
    status: str
    steps: list[int]
    seconds: float


class Counts(msgspec.Struct, frozen=True):
    """`events` by what happened: ("mail", "sent"), ("received", "imap") and so on."""

    requests: list[Requests]
    events: dict[tuple[str, str], int]


def request(path: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request."""
    door = "api" if path.startswith(_API) else "other" if path.startswith(_OTHER) else "page"
    kind = "read" if method in {"GET", "HEAD", "OPTIONS"} else "write"
    place = _PLACE_OF_SERIES.get((door, kind, f"{status // 100}xx"))
    if place is not None:
        _own.add((place + bisect_left(SECONDS, seconds), 1), (place + _WIDTH - 1, seconds))


_API = ("/api/", "/attachments/", "/get_hdp_temporarily_attachment/")
_OTHER = ("/healthz", "/metrics", "/static/")


def count(what: str, how: str, number: int = 1) -> None:
    """Count something that happened: a channel and an outcome, or "received" and a source."""
    if settings.REYNARD_METRICS:
        _own.add((_PLACES[what, how], number))


def read() -> Counts:
    """What was counted by all processes of this data folder."""
    totals = _added_up(_folder())
    requests = []
    for series, place in _PLACE_OF_SERIES.items():
        steps = list(map(int, totals[place : place + _WIDTH - 1]))
        requests.append(Requests(*series, steps, totals[place + _WIDTH - 1]))
    return Counts(requests, {event: int(totals[place]) for event, place in _PLACES.items()})


class _Own:
    """The numbers of this process; its file is made when something is counted first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: memoryview[float] | None = None

    def add(self, *numbers: tuple[int, float]) -> None:
        """Each number to what stands in its place."""
        with self._lock:
            if self._numbers is None:
                self._numbers = _mapped(_folder())
            for place, number in numbers:
                self._numbers[place] += number


_own = _Own()


def _folder() -> Path:
    return Path(settings.REYNARD_DATA_DIR) / "metrics"


def _mapped(folder: Path) -> memoryview[float]:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _added_up(folder)  # so that processes that come and go leave no files behind
        return memoryview(_new_file(folder)).cast("d")
    except OSError:
        return memoryview(bytearray(_BYTES)).cast("d")


def _new_file(folder: Path) -> mmap.mmap:
    """It has its name when it is locked, and its room on the disk before anything is written into it."""
    hidden = folder / f".{secrets.token_hex(8)}"
    file = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)  # open, and locked, for good
    try:
        os.posix_fallocate(file, 0, _BYTES)
        fcntl.flock(file, fcntl.LOCK_EX)
        found = mmap.mmap(file, _BYTES)
        hidden.rename(folder / f"{os.getpid()}-{secrets.token_hex(4)}.{_LAYOUT}")
    except OSError:
        os.close(file)
        hidden.unlink(missing_ok=True)
        raise
    return found


def _added_up(folder: Path) -> list[float]:
    past = folder / f"past.{_LAYOUT}"
    totals = [0.0] * _NUMBERS
    if not folder.is_dir():
        return totals
    with _turn(folder):
        before = _numbers_in(past)
        for path in folder.glob(f"*-*.{_LAYOUT}"):
            found = _numbers_in(path)
            if _has_ended(path):
                before = [a + b for a, b in zip(before, found, strict=True)]
                _replace(past, before)
                path.unlink()
            else:
                totals = [a + b for a, b in zip(totals, found, strict=True)]
    return [a + b for a, b in zip(totals, before, strict=True)]


def _numbers_in(path: Path) -> list[float]:
    content = path.read_bytes() if path.exists() else b""
    return list(memoryview(content).cast("d")) if len(content) == _BYTES else [0.0] * _NUMBERS


def _has_ended(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _replace(path: Path, numbers: list[float]) -> None:
    content = memoryview(bytearray(_BYTES)).cast("d")
    for place, number in enumerate(numbers):
        content[place] = number
    fresh = path.with_name(f".{path.name}")
    fresh.write_bytes(content)
    fresh.replace(path)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    with (folder / ".turn").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
