"""Around every request, whichever door it takes: its id, and when it is answered a line of the log and a count.

The line is written past Python's logging, which would cost a tenth of what the whole of a short request does.
"""

import itertools
import os
import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from reynard import metrics
from reynard.logs import current, route_of

HEADER = "X-Request-Id"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}", re.ASCII)  # nothing that could make a line look like another
_STDERR = 2
_ours = secrets.token_hex(6)
_numbers = itertools.count(1)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class _Line(msgspec.Struct, omit_defaults=True):
    """A request in the log, with the names that JsonFormatter has for what both have."""

    time: datetime
    level: str
    logger: str
    message: str
    process: int
    request_id: str
    method: str
    route: str
    status: int
    ms: float
    key: int | None = None
    staff: int | None = None
    ticket: int | None = None

    def as_text(self) -> str:
        more = "".join(
            f" {name}={value}" for name in ("key", "staff", "ticket") if (value := getattr(self, name)) is not None
        )
        moment = f"{self.time.astimezone():%Y-%m-%d %H:%M:%S},{self.time.microsecond // 1000:03}"
        return f"{moment} {self.level} {self.logger}: {self.message} {self.ms} ms [request_id={self.request_id}{more}]"


class Requests:
    """The outermost middleware."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.write = _WRITERS[settings.REYNARD_LOG_FORMAT] if settings.REYNARD_LOG_REQUESTS else None
        self.counts = settings.REYNARD_METRICS

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID")
        request_id: str = given if given and _GIVEN_ID.fullmatch(given) else f"{_ours}-{next(_numbers)}"
        current.request_id = request_id
        current.key = current.ticket = None
        try:
            response = self.get_response(request)
            response.headers[HEADER] = request_id
            seconds = time.perf_counter() - started
            if self.counts:
                metrics.request(request.path_info, request.method or "", response.status_code, seconds)
            if self.write:
                self.write(_line(request, response.status_code, seconds))
            return response
        finally:
            current.request_id = ""


def _line(request: HttpRequest, status: int, seconds: float) -> _Line:
    match, ticket, route = request.resolver_match, current.ticket, route_of(request)
    if ticket is None and match and "number" in match.kwargs:
        ticket = _number(match.kwargs["number"])
    staff = getattr(request, "_cached_user", None)  # of the session, if anybody has looked
    method = request.method or ""
    return _Line(
        time=datetime.now(UTC),
        level="INFO",
        logger="reynard.request",
        message=f"{method} {route} {status}",
        process=os.getpid(),
        request_id=current.request_id,
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        key=current.key,
        staff=staff and staff.pk,
        ticket=ticket,
    )


def _number(text: object) -> int | None:
    """Of a ticket, also in a display id; the view may still find that there is no such ticket."""
    digits = re.search(r"[0-9]{1,18}$", str(text))
    return int(digits[0]) if digits else None


def _write_json(line: _Line) -> None:
    os.write(_STDERR, msgspec.json.encode(line) + b"\n")


def _write_text(line: _Line) -> None:
    os.write(_STDERR, f"{line.as_text()}\n".encode())


_WRITERS = {"json": _write_json, "line": _write_text}
