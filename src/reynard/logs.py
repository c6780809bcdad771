"""How log lines are written, for people or for programs, and what each of them knows of its request.

A line says which request, key, member of staff and ticket it is about. It never has an address as it was asked, a
header, a body or a secret: paths stand there as the route they took.
"""

from __future__ import annotations

import logging
import re
import threading
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:  # every process writes a log, and not every one of them answers requests
    from django.http import HttpRequest


class _Current(threading.local):
    """The request that this thread answers. A request runs on one thread, from its first line to its last."""

    request_id = ""  # "" between requests
    key: int | None = None  # of the API
    ticket: int | None = None


current = _Current()

OTHER = "other"  # the route of files of the pages, and of addresses that do not exist
_ORDINARY = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _more(record: logging.LogRecord) -> dict[str, Any]:
    """What was given as `extra`, and the request, unless it is given."""
    found = {name: value for name, value in vars(record).items() if name not in _ORDINARY and value is not None}
    if current.request_id and "request_id" not in found:
        found["request_id"] = current.request_id
        if current.ticket is not None:
            found.setdefault("ticket", current.ticket)
    return found


def route_of(request: HttpRequest) -> str:
    """The route a request takes, as people write it, e.g. `/api/1.1/{fmt}/ticket/{number}`; OTHER for none."""
    match = request.resolver_match
    return _readable(match.route) if match else OTHER


@lru_cache(maxsize=1024)
def _readable(route: str) -> str:
    named = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(\w+)>", r"{\1\2}", route)
    plain = named.replace(r"1\.[01]", "1.1").replace("^", "").replace("$", "").replace("/?", "").replace("\\", "")
    return "/" + plain.strip("/")


def without_address(record: logging.LogRecord) -> bool:
    """A filter: what Django says of requests has their route instead of their path."""
    request = vars(record).pop("request", None)
    if hasattr(request, "resolver_match") and isinstance(record.args, tuple):
        record.args = tuple(route_of(request) if value == request.path else value for value in record.args)
    return True


class LineFormatter(logging.Formatter):
    """`2026-03-09 08:41:17,123 INFO reynard.mail: The sentence. [request_id=5f0c… ticket=4127]`"""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        more = _more(record)
        return f"{line} [{' '.join(f'{name}={value}' for name, value in more.items())}]" if more else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line; `time` in UTC, `job` in a worker."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if record.threadName != "MainThread":
            line["job"] = record.threadName
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return msgspec.json.encode(line | _more(record), enc_hook=str).decode()
