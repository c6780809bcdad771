"""The real server as a process on loopback, with a throw-away Django project instead of the desk."""

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.server

MB = 1_000_000
HEADERS = b"Host: desk.example\r\n"
READY_SECONDS = 20  # to start two Python processes on a busy machine

PROJECT = '''
"""Settings, routes and views in one module."""

import hashlib, os, time
from pathlib import Path

from django.db import connections
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import re_path, reverse

HERE = Path(__file__).parent
ROOT_URLCONF = __name__
SECRET_KEY = "not a secret"
ALLOWED_HOSTS = ["*"]
MIDDLEWARE = []
FILE_UPLOAD_TEMP_DIR = str(HERE)
REYNARD_PATH_PREFIX = "/desk"


def echo(request):
    digest, length = hashlib.sha256(), 0
    while block := request.read(65536):
        digest.update(block)
        length += len(block)
    (HERE / "last-echo").write_text(str(length))
    return JsonResponse({"length": length, "sha256": digest.hexdigest()})


def form(request):
    return JsonResponse({"post": request.POST, "files": {f.name: f.size for f in request.FILES.values()}})


def see(request, rest):
    return JsonResponse({
        "method": request.method, "path": request.path, "path_info": request.path_info, "rest": rest,
        "get": dict(request.GET.lists()), "cookies": request.COOKIES, "address": request.META["REMOTE_ADDR"],
        "headers": dict(request.headers), "url": request.build_absolute_uri(), "reversed": reverse("echo"),
    })


def process(request):
    return JsonResponse({"pid": os.getpid(), "connection": id(connections["default"])})


def sleep(request):
    (HERE / "sleeping").touch()
    time.sleep(2)
    return HttpResponse("slept")


def cookies(request):
    response = HttpResponse("hello", headers={"X-One": "1"})
    response.set_cookie("a", "b c")
    response.set_cookie("d", "e", httponly=True)
    return response


urlpatterns = [
    re_path("^echo$", echo, name="echo"),
    re_path("^form$", form),
    re_path("^see/(?P<rest>.*)$", see),
    re_path("^process$", process),
    re_path("^sleep$", sleep),
    re_path("^cookies$", cookies),
    re_path("^quick$", lambda request: HttpResponse("quick")),
    re_path("^big$", lambda request: HttpResponse(b"x" * 5_000_000)),
    re_path("^file$", lambda request: FileResponse(open(HERE / "attachment.bin", "rb"))),
    re_path("^stream$", lambda request: StreamingHttpResponse(b"part %d;" % n for n in range(1000))),
    re_path("^broken$", lambda request: 1 / 0),
]
'''

IMPATIENT = """
DEBUG_PROPAGATE_EXCEPTIONS = True
from reynard import server
server.STALL_SECONDS = 1
"""

LAUNCH = """
import sys
from reynard import server
{before}
ready = lambda: print("ready", flush=True)
sys.exit(server.serve(host="127.0.0.1", port=int(sys.argv[1]), workers=2, on_ready=ready))
"""


@dataclass
class Server:
    process: subprocess.Popen[str]
    port: int
    folder: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def send(self, raw: bytes) -> socket.socket:
        connection = self.connect()
        connection.sendall(raw)
        return connection

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)) as connection:
            connection.request(method, path, body, headers, encode_chunked="transfer_encoding" in headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def json(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        status, _, content = self.ask(method, path, body, **headers)
        assert status == 200, content
        return json.loads(content)

    def stop(self) -> tuple[int, float]:
        """Exit code, and how many seconds it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15), time.monotonic() - started

    def errors(self) -> str:
        return (self.folder / "stderr").read_text()


def launch(folder: Path, port: int, before: str = "") -> subprocess.Popen[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "throwaway", "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", LAUNCH.format(before=before), str(port)]
    with (folder / "stderr").open("w") as errors:
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)


@contextmanager
def running(folder: Path, *, project: str = PROJECT, before: str = "") -> Iterator[Server]:
    (folder / "throwaway.py").write_text(project)
    (folder / "attachment.bin").write_bytes(b"0123456789" * 100_000)
    port = free_port()
    with launch(folder, port, before) as process:
        server = Server(process, port, folder)
        try:
            assert process.stdout
            watchdog = threading.Timer(READY_SECONDS, process.kill)
            watchdog.start()
            assert process.stdout.readline() == "ready\n", server.errors()
            watchdog.cancel()
            yield server
        finally:
            watchdog.cancel()
            if process.poll() is None:
                server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def read_all(connection: socket.socket) -> bytes:
    """Until the server closes it."""
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def wait_for(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def request_head(method: str, path: str, *headers: str) -> bytes:
    return b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), *(h.encode() for h in headers), HEADERS, b""])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Waits a second for bytes instead of 30 or 60, and lets exceptions escape from Django."""
    folder = tmp_path_factory.mktemp("impatient")
    with running(folder, project=PROJECT + IMPATIENT, before="server.HEADER_SECONDS = 1") as started:
        yield started


class TestRequests:
    @pytest.mark.parametrize("length", [0, 5, 100_000, 5 * MB])
    def test_a_body_arrives_whole(self, server: Server, length: int) -> None:
        body = os.urandom(length)
        expected = {"length": length, "sha256": hashlib.sha256(body).hexdigest()}

        assert server.json("POST", "/echo", body) == expected
        assert server.json("PUT", "/echo", iter([body[:99], body[99:]] if body else [])) == expected

    def test_a_body_with_trailers_arrives_whole(self, server: Server) -> None:
        head = request_head("PUT", "/echo", "Transfer-Encoding: chunked", "Trailer: X-Sum", "Connection: close")
        answer = read_all(server.send(head + b"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"))
        assert answer.startswith(b"HTTP/1.1 200")

    def test_forms_and_uploads_are_parsed_also_when_chunked(self, server: Server) -> None:
        body = (
            b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
            b'--B\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\n\r\nhello\r\n--B--\r\n'
        )
        expected = {"post": {"a": "b"}, "files": {"n.txt": 5}}
        kind = {"Content-Type": "multipart/form-data; boundary=B"}

        assert server.json("POST", "/form", body, **kind) == expected
        assert server.json("POST", "/form", iter([body]), **kind) == expected

    def test_a_view_sees_what_was_asked(self, server: Server) -> None:
        headers = ("X-A: 1", "x-a: 2", "X_A: 3", "Cookie: k=v", "Cookie: l=w", "Connection: close")
        answer = read_all(server.send(request_head("GET", "/see/it?x=1&x=2&y=%20z", *headers)))

        assert json.loads(answer.split(b"\r\n\r\n", 1)[1]) == {
            "method": "GET",
            "path": "/desk/see/it",
            "path_info": "/see/it",
            "rest": "it",
            "get": {"x": ["1", "2"], "y": [" z"]},
            "cookies": {"k": "v", "l": "w"},
            "address": "127.0.0.1",
            "headers": {"X-A": "1,2", "Cookie": "k=v; l=w", "Connection": "close", "Host": "desk.example"},
            "url": "http://desk.example/desk/see/it?x=1&x=2&y=%20z",
            "reversed": "/desk/echo",
        }

    @pytest.mark.parametrize(
        ("path", "rest"),
        [
            ("/see/a%40b%23c", "a@b#c"),
            ("/see/a%2Fb", "a/b"),
            ("/see/%C3%A9", "é"),
            ("/see/a%ffb", "a\ufffdb"),
            ("/see/a%00b", "a\0b"),
            ("/desk/see/x", "x"),
            ("/desk/see/desk/x", "desk/x"),
        ],
    )
    def test_paths_are_decoded_and_lose_their_prefix(self, server: Server, path: str, rest: str) -> None:
        seen = server.json("GET", path)
        assert (seen["rest"], seen["path"]) == (rest, f"/desk/see/{rest}")

    def test_what_only_starts_like_the_prefix_is_another_path(self, server: Server) -> None:
        assert server.ask("GET", "/desktop/see/x")[0] == 404
        assert server.ask("GET", "/desk")[0] == 404

    def test_database_connections_outlive_a_request(self, server: Server) -> None:
        seen = [server.json("GET", "/process") for _ in range(20)]
        assert len({s["connection"] for s in seen}) <= len({s["pid"] for s in seen}) <= 2


class TestResponses:
    def test_headers_and_cookies(self, server: Server) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
            connection.request("GET", "/cookies")
            answer = connection.getresponse()
            assert answer.read() == b"hello"
        assert answer.msg.get_all("Set-Cookie") == ['a="b c"; Path=/', "d=e; HttpOnly; Path=/"]
        assert answer.headers["X-One"] == "1"

    @pytest.mark.parametrize("path", ["/quick", "/file", "/stream", "/cookies"])
    def test_head_has_the_headers_of_get_and_no_body(self, server: Server, path: str) -> None:
        status, headers, body = server.ask("GET", path)
        for answer in (headers, head := server.ask("HEAD", path)[1]):
            answer.pop("date", None)
            answer.pop("transfer-encoding", None)

        assert (status, head) == (200, headers)
        assert server.ask("HEAD", path)[2] == b""
        assert path == "/stream" or head["content-length"] == str(len(body))

    def test_a_file(self, server: Server) -> None:
        status, headers, body = server.ask("GET", "/file")
        assert (status, body) == (200, b"0123456789" * 100_000)
        assert headers["content-length"] == "1000000"
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"] == 'inline; filename="attachment.bin"'

    def test_a_stream(self, server: Server) -> None:
        assert server.ask("GET", "/stream")[2] == b"".join(b"part %d;" % n for n in range(1000))

    def test_errors_of_views(self, server: Server) -> None:
        assert server.ask("GET", "/broken")[0] == 500
        assert server.ask("GET", "/nowhere")[0] == 404

    def test_an_exception_that_escapes_from_django_is_answered_and_logged(self, impatient: Server) -> None:
        status, _, body = impatient.ask("GET", "/broken")
        assert (status, json.loads(body)) == (500, {"error": "Internal error."})
        assert "ZeroDivisionError" in impatient.errors()
        assert impatient.ask("GET", "/quick")[0] == 200


class TestRudeClients:
    @pytest.mark.parametrize("chunked", [False, True])
    def test_a_body_that_is_too_large_is_refused(self, server: Server, chunked: bool) -> None:
        body = bytes(90 * MB)
        status, _, answer = server.ask("POST", "/echo", iter([body[: 45 * MB]] * 2) if chunked else body)
        assert (status, json.loads(answer)) == (413, {"error": "The request is larger than 64 MB."})

    @pytest.mark.parametrize(
        ("framing", "half"), [("Content-Length: 10", b"abc"), ("Transfer-Encoding: chunked", b"3\r\nabc\r\n")]
    )
    def test_half_a_body_never_reaches_a_view(self, server: Server, framing: str, half: bytes) -> None:
        server.json("POST", "/echo", b"x" * 77)
        raw = request_head("POST", "/echo", framing) + half

        server.send(raw).close()
        half_closed = server.send(raw)
        half_closed.shutdown(socket.SHUT_WR)

        assert read_all(half_closed).startswith(b"HTTP/1.1 400")
        assert (server.folder / "last-echo").read_text() == "77"
        assert server.errors().count("Traceback") == server.errors().count("ZeroDivisionError")

    def test_a_body_that_stops_arriving_is_given_up(self, impatient: Server) -> None:
        answer = read_all(impatient.send(request_head("POST", "/echo", "Content-Length: 10") + b"abc"))
        assert answer.startswith(b"HTTP/1.1 408")
        assert answer.endswith(b'{"error": "Nothing more arrived for 1 seconds."}')

    def test_a_slow_body_is_not(self, impatient: Server) -> None:
        connection = impatient.send(request_head("POST", "/echo", "Content-Length: 6", "Connection: close"))
        for byte in b"abcdef":
            time.sleep(0.3)
            connection.sendall(bytes([byte]))
        assert b'"length": 6' in read_all(connection)

    def test_a_connection_that_says_nothing_is_closed(self, impatient: Server) -> None:
        started = time.monotonic()
        assert read_all(impatient.connect()) == b""
        idle = impatient.send(request_head("GET", "/quick"))
        assert read_all(idle).endswith(b"quick")
        assert time.monotonic() - started < 5

    def test_slow_clients_hold_nobody_up(self, server: Server) -> None:
        over = threading.Event()
        with ExitStack() as stack:
            for client in [upload_slowly, read_slowly, say_nothing] * 8:
                thread = threading.Thread(target=client, args=(server, over))
                thread.start()
                stack.callback(thread.join)
            stack.callback(over.set)
            slowest = slowest_quick_request(server, seconds=3)
        # Bounds how long one may wait, not how fast it is: a machine that tests is rarely idle.
        assert slowest < 0.5


def upload_slowly(server: Server, over: threading.Event) -> None:
    with server.send(request_head("POST", "/echo", "Content-Length: 500000")) as connection:
        while not over.wait(0.1):
            connection.sendall(bytes(100))


def read_slowly(server: Server, over: threading.Event) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(request_head("GET", "/big"))
        while not over.wait(0.1):
            connection.recv(100)


def say_nothing(server: Server, over: threading.Event) -> None:
    with server.connect():
        over.wait()


def slowest_quick_request(server: Server, *, seconds: float) -> float:
    slowest, end = 0.0, time.monotonic() + seconds
    while (started := time.monotonic()) < end:
        assert server.ask("GET", "/quick")[2] == b"quick"
        slowest = max(slowest, time.monotonic() - started)
        time.sleep(0.01)
    return slowest


class TestProcess:
    def test_sigterm_lets_a_running_request_finish(self, tmp_path: Path) -> None:
        with running(tmp_path) as server, server.connect(), server.send(request_head("GET", "/quick")):
            asked = server.send(request_head("GET", "/sleep"))
            wait_for((tmp_path / "sleeping").exists)

            code, seconds = server.stop()

            assert b"slept" in read_all(asked)
            assert code == 0
            assert seconds < 6
            assert server.errors() == ""

    def test_sigterm_waits_for_a_stalled_upload_only_so_long(self, tmp_path: Path) -> None:
        with (
            running(tmp_path, before="server.SHUTDOWN_SECONDS = 1") as server,
            server.send(request_head("POST", "/echo", "Content-Length: 10") + b"abc"),
        ):
            time.sleep(0.3)
            code, seconds = server.stop()
            assert code == 0
            assert 0.8 < seconds < 5

    def test_a_killed_worker_comes_back_and_a_killed_server_leaves_none(self, tmp_path: Path) -> None:
        with running(tmp_path) as server:
            victim = server.json("GET", "/process")["pid"]
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda: len(pids(server) - {victim}) == 2)

            server.process.kill()
            wait_for(lambda: not listens(server.port))

    def test_a_taken_port_is_said_in_one_line(self, server: Server, tmp_path: Path) -> None:
        with launch(tmp_path, server.port) as second:
            assert second.wait(15) == 1
        expected = f"reynard: Cannot listen on 127.0.0.1 port {server.port}: Address already in use.\n"
        assert (tmp_path / "stderr").read_text() == expected


def pids(server: Server) -> set[int]:
    """The workers that answer some of the next requests."""
    seen = set()
    for _ in range(20):
        try:
            seen.add(server.json("GET", "/process")["pid"])
        except OSError:  # a connection that was waiting for the killed worker
            continue
    return seen


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
