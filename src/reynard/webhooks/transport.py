"""One POST to a receiver nobody has to trust: where it goes, how long it may take and how much it may answer.

* The name is resolved once, every address of it is checked, and the connection goes to one of those very addresses;
  TLS and `Host` keep the name. So a name that stands for another machine a moment later gains nothing.
* Everything together ends after `SECONDS`: resolving, connecting, TLS, and an answer that comes byte by byte.
* The status is the answer; of its body at most `ANSWER_LIMIT_BYTES` are read. Redirects are answers like others.
* Each request has a connection of its own, and no proxy of the environment is asked.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpcore2 as http
import msgspec

from reynard.desk.rules import webhook_targets
from reynard.desk.rules.webhook_targets import BadTarget

SECONDS = 10.0
ANSWER_LIMIT_BYTES = 64 * 1024

Resolver = Callable[[str, int], list[str]]  # host and port → IP addresses as text, at least one, or OSError


class Answer(msgspec.Struct, frozen=True):
    """What came of a request: `status` is None when no answer came, and then `error` says why."""

    started_at: datetime
    duration_ms: int
    status: int | None = None
    headers: dict[str, str] = {}
    body: bytes = b""  # its beginning
    error: str = ""


def system_resolver(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    internal_allowed: bool,
    resolver: Resolver = system_resolver,
    seconds: float = SECONDS,
) -> Answer:
    """Send, and never raise for what the network or the other side does."""
    deadline = _Deadline(seconds)
    backend = _CheckedBackend(urlsplit(url).scheme, resolver, deadline, internal_allowed=internal_allowed)
    try:
        with http.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool:
            return _exchange(pool, url, body, headers, deadline)
    except BadTarget as error:
        return deadline.answer(error=str(error))
    except http.TimeoutException:
        return deadline.answer(error=f"No whole answer came within {seconds:.0f} seconds.")
    except (http.NetworkError, http.ProtocolError) as error:
        return deadline.answer(error=_sentence(error))


def _exchange(
    pool: http.ConnectionPool, url: str, body: bytes, headers: Mapping[str, str], deadline: "_Deadline"
) -> Answer:
    sent = {"Host": urlsplit(url).netloc, "Connection": "close", **headers}
    with pool.stream("POST", url, headers=list(sent.items()), content=body) as response:
        received = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
        return deadline.answer(status=response.status, headers=received, body=_beginning(response))


def _beginning(response: http.Response) -> bytes:
    """What there is of the body. The status was the answer: a body that is too long or breaks off changes nothing."""
    found = bytearray()
    with suppress(http.TimeoutException, http.NetworkError, http.ProtocolError):
        for chunk in response.iter_stream():
            found += chunk
            if len(found) >= ANSWER_LIMIT_BYTES:
                break
    return bytes(found[:ANSWER_LIMIT_BYTES])


def _sentence(error: Exception) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The receiver's certificate is not accepted: {cause.verify_message}."
    text = (str(error) or str(cause or "") or type(error).__name__).strip().rstrip(".")
    return f"No answer: {text}."


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The authorities this machine trusts (`SSL_CERT_FILE` names others)."""
    return ssl.create_default_context()


class _Deadline:
    """The moment a request ends, whatever state it is in."""

    def __init__(self, seconds: float) -> None:
        self.started_at = datetime.now(UTC)
        self._start = time.monotonic()
        self._seconds = seconds

    def left(self) -> float:
        """Seconds, more than 0. Raises ReadTimeout when there are none."""
        left = self._start + self._seconds - time.monotonic()
        if left <= 0:
            raise http.ReadTimeout
        return left

    def answer(self, **values: Any) -> Answer:
        duration = round((time.monotonic() - self._start) * 1000)
        return Answer(started_at=self.started_at, duration_ms=duration, **values)


class _CheckedBackend(http.NetworkBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(self, scheme: str, resolver: Resolver, deadline: _Deadline, *, internal_allowed: bool) -> None:
        self._scheme = scheme
        self._resolver = resolver
        self._deadline = deadline
        self._internal_allowed = internal_allowed

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> http.NetworkStream:
        addresses = self._resolve(host, port)
        webhook_targets.check(self._scheme, addresses, internal_allowed=self._internal_allowed)
        for address in addresses:
            try:
                return _TimedStream(
                    http.SyncBackend().connect_tcp(address, port, self._deadline.left()), self._deadline
                )
            except http.ConnectError as error:
                refusal = error
        raise refusal

    def _resolve(self, host: str, port: int) -> list[str]:
        """In a thread of its own: the system's resolver cannot be told how long it may take."""
        box: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

        def resolve() -> None:
            try:
                box.put(self._resolver(host, port))
            except (OSError, UnicodeError) as error:
                box.put(OSError(str(error)))

        threading.Thread(target=resolve, name="resolver", daemon=True).start()
        try:
            found = box.get(timeout=self._deadline.left())
        except queue.Empty:
            raise http.ConnectTimeout from None
        if isinstance(found, OSError):
            raise http.ConnectError(f"the name {host} cannot be resolved: {found}")
        return found


class _TimedStream(http.NetworkStream):
    """A connection whose every step has the time that is left."""

    def __init__(self, stream: http.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        own: socket.socket = self._stream.get_extra_info("socket")
        view = memoryview(buffer)
        try:
            while view:
                own.settimeout(self._deadline.left())  # of each part: a receiver may read slowly, too
                view = view[own.send(view) :]
        except TimeoutError as error:
            raise http.WriteTimeout from error
        except OSError as error:
            raise http.WriteError(str(error)) from error

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> http.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
