"""The HTTP server: granian (Rust) speaks HTTP, Django answers.

Who does what:

* granian accepts connections, parses requests and writes responses on its own threads, so a client that
  reads slowly, or sends nothing, costs memory and a file descriptor but no Python time.
* `Application` receives each request body in the event loop, into memory or a temporary file.
* When a body is complete, Django's ordinary synchronous handler runs right there in the event loop, from the
  first line of the request to the last. A worker process therefore runs one request at a time, on one thread,
  with no hand-over between threads to pay for; other requests wait for it, or go to another worker.

Stopping (SIGTERM or SIGINT to the main process): no new connections, idle ones are closed, running requests
get their answer, and whatever is unfinished after `SHUTDOWN_SECONDS` is cut off. The exit code is 0.
A worker that dies is replaced; one that dies again within seconds ends the server with exit code 1.
"""

from __future__ import annotations

import asyncio
import contextvars
import errno
import functools
import gc
import io
import json
import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import django
from django.conf import settings
from django.core import signals
from django.core.files.base import File
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, QueryDict, parse_cookie
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from granian.rsgi import ProtocolClosed

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPStreamTransport
    from granian.rsgi import Headers, HTTPProtocol, Scope

    from reynard.worker import Supervisor

MIB = 1024 * 1024

BODY_LIMIT_BYTES = 64 * MIB  # above every limit of the desk itself, which explains itself better
BODY_MEMORY_BYTES = 1 * MIB  # a longer body goes to a temporary file
DRAIN_LIMIT_BYTES = 256 * MIB  # read and thrown away after a 413, see `_drain`
DRAIN_SECONDS = 30
STALL_SECONDS = 60  # without a single byte of the body; the whole may take as long as it likes
HEADER_SECONDS = 30  # to send a request's headers, and how long an idle connection is kept
SHUTDOWN_SECONDS = 10
BACKLOG = 1024  # connections the kernel holds for us until they are accepted
CONNECTIONS_PER_WORKER = 2000

logger = logging.getLogger("reynard.server")


@functools.lru_cache(maxsize=512)
def _meta_key(name: str) -> str:
    """The key of a header in `request.META`, or "" for a header to ignore.

    A name with an underscore is ignored: `X_User` and `X-User` would become the same key, and one of them may
    be what a proxy removes from outside requests.
    """
    if "_" in name:
        return ""
    key = name.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


@functools.lru_cache(maxsize=16)
def _server_address(address: str) -> tuple[str, str]:
    """Host and port of "127.0.0.1:8000" or "[::1]:8000"."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), port


class Request(HttpRequest):
    """A Django request read from granian's scope; like Django's own, it does not call `super().__init__`.

    `path_info` is the decoded path without the desk's prefix, whether or not a proxy has already removed it;
    `path` always has the prefix. Bytes that are not UTF-8 arrive from granian as U+FFFD. Values that are the
    same in every request are class attributes, because this runs for each of them.
    """

    _read_started = False
    resolver_match = None
    content_type = ""

    def __init__(self, scope: Scope, headers: Headers, stream: BinaryIO, prefix: str) -> None:
        self._scope = scope
        self._stream = stream
        self.method = scope.method
        self.path_info = path_info = _strip_prefix(scope.path, prefix)
        self.path = prefix + path_info
        server_name, server_port = _server_address(scope.server)
        self.META = meta = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": prefix,
            "PATH_INFO": path_info,
            "QUERY_STRING": scope.query_string,
            "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
            "SERVER_NAME": server_name,
            "SERVER_PORT": server_port,
        }
        for name, value in headers.items():
            key = _meta_key(name)
            if key in meta:
                meta[key] += f"; {value}" if key == "HTTP_COOKIE" else f",{value}"
            elif key:
                meta[key] = value
        if "HTTP_TRANSFER_ENCODING" in meta:  # the length is known by now, and Django's form parser wants it
            meta["CONTENT_LENGTH"] = str(stream.seek(0, io.SEEK_END))
            stream.seek(0)
        self.content_params = {}
        if "CONTENT_TYPE" in meta:
            self._set_content_type_params(meta)  # type: ignore[attr-defined]

    def _get_scheme(self) -> str:
        return self._scope.scheme

    @cached_property
    def GET(self) -> QueryDict:  # type: ignore[override]
        return QueryDict(self.META["QUERY_STRING"], encoding=self.encoding)

    @cached_property
    def COOKIES(self) -> dict[str, str]:  # type: ignore[override]
        return parse_cookie(self.META.get("HTTP_COOKIE", ""))

    def _get_post(self) -> QueryDict:
        if not hasattr(self, "_post"):
            self._load_post_and_files()
        return self._post

    def _set_post(self, post: QueryDict) -> None:
        self._post = post

    @property
    def FILES(self) -> MultiValueDict[str, Any]:  # type: ignore[override]
        if not hasattr(self, "_files"):
            self._load_post_and_files()
        return self._files  # type: ignore[attr-defined]

    POST = property(_get_post, _set_post)

    def close(self) -> None:
        super().close()
        self._stream.close()


def _strip_prefix(path: str, prefix: str) -> str:
    if prefix and path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", "/"}:
        path = path[len(prefix) :]
    return path or "/"


class BodyAborted(Exception):
    """The client left, or broke the framing, before its body was complete. Nobody is there to be told."""


class BodyStalled(Exception):
    """Nothing arrived for `STALL_SECONDS`."""


class BodyTooLarge(Exception):
    """More than `BODY_LIMIT_BYTES`, announced or counted."""


async def receive_body(chunks: AsyncIterator[bytes], headers: Headers) -> BinaryIO:
    """The whole body, at its start. Raises BodyAborted, BodyStalled or BodyTooLarge; then nothing is kept."""
    announced = _content_length(headers)
    if announced is not None and announced > BODY_LIMIT_BYTES:
        raise BodyTooLarge
    folder = settings.FILE_UPLOAD_TEMP_DIR or None
    body = cast(BinaryIO, tempfile.SpooledTemporaryFile(BODY_MEMORY_BYTES, dir=folder))  # noqa: SIM115
    try:
        async with asyncio.timeout(STALL_SECONDS) as limit:
            await _copy_body(chunks, body, announced, limit, has_trailers="trailer" in headers)
    except TimeoutError:
        body.close()
        raise BodyStalled from None
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


async def _copy_body(
    chunks: AsyncIterator[bytes],
    body: BinaryIO,
    announced: int | None,
    limit: asyncio.Timeout,
    *,
    has_trailers: bool,
) -> None:
    """Write the chunks to `body`, moving the time limit with each of them.

    granian reports neither the end nor an error as such: a complete body of unknown length ends with one
    empty chunk; a broken one with two, and so does a complete one with trailers.
    """
    received = empty = 0
    now = asyncio.get_running_loop().time
    while (chunk := await _next_chunk(chunks)) is not None:
        limit.reschedule(now() + STALL_SECONDS)
        received += len(chunk)
        empty += not chunk
        if received > BODY_LIMIT_BYTES:
            raise BodyTooLarge
        body.write(chunk)
        if received == announced:
            return
    if announced is not None or (empty > 1 and not has_trailers):
        raise BodyAborted


async def _next_chunk(chunks: AsyncIterator[bytes]) -> bytes | None:
    """None at the end. (`async for` would ask granian for a second iterator when we read on later.)"""
    try:
        return await chunks.__anext__()
    except StopAsyncIteration:
        return None


def _content_length(headers: Headers) -> int | None:
    """In bytes; None when not announced. hyper has already refused anything but digits."""
    value = headers.get("content-length")
    return None if value is None or "transfer-encoding" in headers else int(value)


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _refuse(proto: HTTPProtocol, status: int, message: str) -> None:
    headers = [("content-type", "application/json")]
    proto.response_bytes(status, headers, json.dumps({"error": message}).encode())


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Read on for a while after a 413 has been sent.

    Many clients look for an answer only when they have sent everything, and closing the connection with
    unread bytes in it would reset it, so that they never see ours.
    """
    drained = 0
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while drained < DRAIN_LIMIT_BYTES and (chunk := await _next_chunk(chunks)) is not None:
                drained += len(chunk)
    except TimeoutError:
        return


class Handler(BaseHandler):
    """Django's synchronous request handler with its middleware loaded; also the sender of request signals."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware()


class Application:
    """What granian calls, one object per worker process.

    Requests run in one `contextvars.Context` that lives as long as the process. Each granian task has a
    context of its own, and inside a running event loop Django keeps its database connections and caches in
    the current context: without this, every request would open a new connection.
    """

    def __init__(self, ready: Connection | None = None) -> None:
        self._prefix: str = getattr(settings, "REYNARD_PATH_PREFIX", "").rstrip("/")
        self._ready = ready
        self._handler = Handler()
        self._context = contextvars.copy_context()
        self._context.run(set_script_prefix, f"{self._prefix}/")

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by granian before it listens; callbacks scheduled here run after it does."""
        # uvloop loses signals that arrive before it runs, and a worker told to stop just then would not.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        loop.call_soon(signal.pthread_sigmask, signal.SIG_UNBLOCK, {signal.SIGTERM})
        # Ctrl-C reaches every process of the terminal; only the main process acts on it, by SIGTERM to us.
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop_when_orphaned(loop)
        if self._ready:
            loop.call_soon(self._ready.send_bytes, b"ready")

    async def __rsgi__(self, scope: Scope, proto: HTTPProtocol) -> None:
        headers = scope.headers
        if scope.method in {"GET", "HEAD"} or not _has_body(headers):
            stream: BinaryIO | None = io.BytesIO()
        else:
            stream = await self._receive(headers, proto)
        if stream:
            # From here to the end nothing awaits.
            self._context.run(self._answer, scope, headers, stream, proto)

    async def _receive(self, headers: Headers, proto: HTTPProtocol) -> BinaryIO | None:
        """The body, or None when the client has been refused."""
        chunks = aiter(proto)
        try:
            return await receive_body(chunks, headers)
        except BodyTooLarge:
            _refuse(proto, 413, f"The request is larger than {BODY_LIMIT_BYTES // MIB} MB.")
            await _drain(chunks)
        except BodyStalled:
            _refuse(proto, 408, f"Nothing more arrived for {STALL_SECONDS} seconds.")
        except BodyAborted:
            _refuse(proto, 400, "The request is not complete.")
        except OSError:
            logger.exception("Cannot keep a request body in a temporary file")
            _refuse(proto, 500, "The request could not be kept.")
        return None

    def _answer(self, scope: Scope, headers: Headers, stream: BinaryIO, proto: HTTPProtocol) -> None:
        """Run Django for one complete request and hand its response to granian."""
        close: Callable[[], object] = functools.partial(_finish_failed, stream)
        try:
            signals.request_started.send(sender=Handler, scope=scope)
            request = Request(scope, headers, stream, self._prefix)
            response = self._handler.get_response(request)
            response._handler_class = Handler  # type: ignore[attr-defined]
            close = response.close
            send_response(proto, scope.method, response)
        except Exception:
            logger.exception("Cannot answer %s %s", scope.method, scope.path)
            _refuse(proto, 500, "Internal error.")  # does nothing when the response has begun
        finally:
            close()


def _finish_failed(stream: BinaryIO) -> None:
    """What closing a response does, when there is none."""
    stream.close()
    signals.request_finished.send(sender=Handler)


def send_response(proto: HTTPProtocol, method: str, response: HttpResponseBase) -> None:
    """Hand a response to granian without waiting for the client.

    A file on disk is read by granian, as fast as the client takes it. Any other streaming response is read to
    its end here and waits in granian's memory for a slow reader; its iterator must not be an asynchronous one.
    hyper leaves out the body of an answer to HEAD, and keeps its length.
    """
    headers = _header_list(response)
    status = response.status_code
    if not response.streaming:
        proto.response_bytes(status, headers, response.content)  # type: ignore[attr-defined]
    elif method == "HEAD":
        proto.response_empty(status, headers)
    elif path := _path_on_disk(response):
        proto.response_file(status, headers, path)
    else:
        _stream(proto.response_stream(status, headers), response)


def _stream(transport: RSGIHTTPStreamTransport, response: HttpResponseBase) -> None:
    try:
        for part in response:
            # An `await` without a coroutine: granian only queues the part, and never suspends.
            for _ in transport.send_bytes(part).__await__():
                pass
    except ProtocolClosed:  # the client left
        return


def _header_list(response: HttpResponseBase) -> list[tuple[str, str]]:
    headers = list(response.items())
    if response.cookies:
        headers += [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
    return headers


def _path_on_disk(response: HttpResponseBase) -> str | None:
    """The absolute path of the file that is the whole body of a FileResponse; None for anything else."""
    file = getattr(response, "file_to_stream", None)
    while isinstance(file, File):  # Django's wrappers, one in another
        file = file.file
    if not isinstance(file, io.BufferedReader) or not isinstance(file.name, str) or file.tell():
        return None
    whole = response.headers.get("Content-Length") == str(os.fstat(file.fileno()).st_size)
    return file.name if whole and os.path.isabs(file.name) else None


def _stop_when_orphaned(loop: asyncio.AbstractEventLoop) -> None:
    """End this worker when the main process is gone (killed, say); it would serve on, and hold the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def stop() -> None:
        loop.remove_reader(parent.sentinel)
        loop.call_later(SHUTDOWN_SECONDS, os._exit, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(parent.sentinel, stop)


def create_application(ready: Connection | None = None) -> Application:
    """Set up Django and the application; `ready` is told when this process listens."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reynard.settings")
    # Django refuses to touch the database inside a running event loop, since another coroutine could use the
    # same connection between two statements. Here a request never awaits, and there is one thread: none can.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    made = Application(ready)
    gc.collect()
    gc.freeze()  # what is loaded by now stays: the collector need not look at it again
    return made


def __getattr__(name: str) -> Application:
    """`reynard.server:application`, made when a worker asks for it: importing this module sets up nothing."""
    if name != "application":
        raise AttributeError(name)
    globals()[name] = made = create_application()
    return made


def serve(
    *,
    host: str,
    port: int,
    workers: int,
    worker: Supervisor | None = None,
    on_ready: Callable[[], None] | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. Web processes take their settings from the environment.

    `worker` runs as long as they do. `on_ready` is called once, in a thread of its own, when all of them listen.
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, RuntimeModes
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    try:
        address = free_address(host, port)
    except OSError as error:
        print(f"reynard: Cannot listen on {host} port {port}: {error.strerror}.", file=sys.stderr)
        return 1
    # A forked worker would inherit whatever the main process had open or locked.
    multiprocessing.set_start_method("spawn", force=True)
    ready, tell_ready = multiprocessing.Pipe(duplex=False)
    server = Granian(
        "reynard.server:application",
        address=address,
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        runtime_mode=RuntimeModes.st,
        http=HTTPModes.http1,  # HTTP/2 is for the proxy that speaks TLS
        websockets=False,
        backlog=BACKLOG,
        backpressure=_connections_per_worker(),
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, keep_alive=True),
        log_level=LogLevels.warning,
        log_dictconfig={"handlers": {}, "loggers": {"_granian": {"handlers": [], "propagate": True}}},
        respawn_failed_workers=True,
        workers_kill_timeout=SHUTDOWN_SECONDS,
    )
    if on_ready:
        threading.Thread(target=_call_when_ready, args=(ready, workers, on_ready), daemon=True).start()
    if worker:
        server.on_startup(worker.start)
        server.on_shutdown(worker.stop)
    load: Callable[..., Any] = functools.partial(create_application, tell_ready)
    try:
        server.serve(target_loader=load, wrap_loader=False)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    return 0


def _call_when_ready(ready: Connection, workers: int, on_ready: Callable[[], None]) -> None:
    try:
        for _ in range(workers):
            ready.recv_bytes()
    except EOFError:  # stopped before it was up
        return
    on_ready()


def free_address(host: str, port: int) -> str:
    """The numeric address of `host`, on which `port` is free. Raises OSError when it is not.

    granian's workers share the port through SO_REUSEPORT, and with any other server that does the same: a
    second Reynard would start without complaint and take half of the first one's requests. A plain bind tells.
    """
    if not 0 < port < 65536:
        raise OSError(errno.EINVAL, "A port is a number from 1 to 65535")
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)
    return str(address[0])


def _connections_per_worker() -> int:
    """How many connections a worker may hold, each with a socket and perhaps a temporary file open.

    Raises this process's limit of open files as far as that needs and the system lets us; workers inherit it.
    """
    wanted = 2 * CONNECTIONS_PER_WORKER + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    enough = soft == resource.RLIM_INFINITY or soft >= wanted
    return CONNECTIONS_PER_WORKER if enough else soft // 3
