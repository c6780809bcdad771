"""What the log says of requests, and what it never says."""

import json
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve

from reynard import logs
from reynard.desk.actions import people
from reynard.desk.models import ApiKey
from tests import factories
from tests.conftest import Api
from tests.factories import NOON

Lines = Callable[[], list[Any]]


@pytest.fixture
def lines(settings: Any, capfd: pytest.CaptureFixture[str]) -> Lines:
    """What was logged of requests since this was asked last."""
    settings.REYNARD_LOG_FORMAT, settings.REYNARD_LOG_REQUESTS = "json", True

    def read() -> list[Any]:
        return [json.loads(line) for line in capfd.readouterr().err.splitlines() if "reynard.request" in line]

    return read


def test_a_request_has_a_line(lines: Lines, api: Api, desk: SimpleNamespace) -> None:
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    assert (
        api.get(f"ticket/%23RW{ticket.id:08}/", {"fields": "subject"}, X_Request_Id="from-the-proxy").status_code == 200
    )
    (line,) = lines()
    assert line.pop("time").endswith("Z")
    assert line.pop("ms") > 0
    assert line.pop("process") > 0
    route = "/api/1.1/{fmt}/ticket/{number}"
    assert line == {
        "level": "INFO",
        "logger": "reynard.request",
        "message": f"GET {route} 200",
        "request_id": "from-the-proxy",
        "method": "GET",
        "route": route,
        "status": 200,
        "key": ApiKey.objects.get().id,
        "ticket": ticket.id,
    }


def test_it_names_the_ticket_that_was_made(lines: Lines, api: Api, desk: SimpleNamespace) -> None:
    body = {"email": "new@example.org", "name": "New", "subject": "S", "text": "T", "category": desk.workshop.id}
    number = api.post("tickets/", body).json()["id"]
    assert [line["ticket"] for line in lines()] == [number]


def test_it_knows_who_was_refused(lines: Lines, api: Api, desk: SimpleNamespace) -> None:
    stranger = Api("nobody", "nothing")
    assert stranger.get("tickets/").status_code == 401
    assert api.get("ticket/99/").status_code == 404
    assert api.client.get("/no-such-page/").status_code == 404
    assert [(line["status"], line["route"], line.get("key"), line.get("ticket")) for line in lines()] == [
        (401, "/api/1.1/{fmt}/tickets", None, None),
        (404, "/api/1.1/{fmt}/ticket/{number}", ApiKey.objects.get().id, 99),
        (404, "other", None, None),
    ]


def test_it_knows_who_was_signed_in(lines: Lines, desk: SimpleNamespace) -> None:
    client = Client()
    client.force_login(desk.priya, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/inbox/").status_code == 200
    (line,) = lines()
    assert (line["route"], line["staff"]) == ("/inbox", desk.priya.id)
    assert "key" not in line


def test_nothing_that_people_wrote_and_no_secret_is_in_it(
    api: Api, desk: SimpleNamespace, settings: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    settings.REYNARD_LOG_FORMAT, settings.REYNARD_LOG_REQUESTS = "json", True
    key = people.create_api_key(name="other", now=NOON)
    other = Api(key.api_key, key.auth_code)
    body = {"email": "private@example.org", "name": "Privy", "subject": "sub-ject", "text": "te-xt"}
    other.post("tickets/", body | {"category": desk.workshop.id})
    other.get("user/private@example.org/")
    other.get("tickets/", {"q": "sub-ject"})
    Client().post("/login/", {"login": "private@example.org", "password": "pass-word"})
    written = capfd.readouterr().err
    assert written.count("reynard.request") == 4
    for word in ("private", "Privy", "sub-ject", "te-xt", "pass-word", key.auth_code, key.api_key, other.authorization):
        assert word not in written


@pytest.mark.parametrize("given", ["", "two words", "a" * 129, 'quo"te', "\u00fcber", "{}"])
def test_an_id_that_could_confuse_the_log_is_replaced(given: str, api: Api, lines: Lines) -> None:
    first = api.get("me/", X_Request_Id=given)["X-Request-Id"]
    second = api.get("me/", X_Request_Id=given)["X-Request-Id"]
    assert [line["request_id"] for line in lines()] == [first, second]
    assert len({first, second, given}) == 3


def test_without_being_asked_for_there_are_no_lines(api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    assert api.get("me/")["X-Request-Id"]
    assert capfd.readouterr().err == ""


def test_a_line_for_people_has_the_same(api: Api, settings: Any, capfd: pytest.CaptureFixture[str]) -> None:
    settings.REYNARD_LOG_REQUESTS = True
    api.get("ticket/7/", X_Request_Id="r1")
    written = capfd.readouterr().err
    assert " INFO reynard.request: GET /api/1.1/{fmt}/ticket/{number} 404 " in written
    assert written.endswith(f" ms [request_id=r1 key={ApiKey.objects.get().id} ticket=7]\n")


class TestOtherLines:
    @pytest.fixture(autouse=True)
    def _within_a_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(logs.current, "request_id", "r1")
        monkeypatch.setattr(logs.current, "ticket", 7)

    def record(self, **extra: Any) -> logging.LogRecord:
        record = logging.getLogger("reynard.mail").makeRecord(
            "reynard.mail", logging.ERROR, "x.py", 1, "No mails for %s seconds", (10,), None, extra=extra
        )
        record.process, record.created = 12, NOON.timestamp()
        return record

    def test_have_the_request_they_were_written_in(self) -> None:
        assert json.loads(logs.JsonFormatter().format(self.record())) == {
            "time": NOON.isoformat(timespec="milliseconds"),
            "level": "ERROR",
            "logger": "reynard.mail",
            "message": "No mails for 10 seconds",
            "process": 12,
            "request_id": "r1",
            "ticket": 7,
        }
        text = logs.LineFormatter().format(self.record())
        assert text.endswith(" ERROR reynard.mail: No mails for 10 seconds [request_id=r1 ticket=7]")

    def test_have_what_they_are_about(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(logs.current, "request_id", "")
        line = json.loads(logs.JsonFormatter().format(self.record(ticket=9, outbox_entry=3)))
        assert (line["ticket"], line["outbox_entry"]) == (9, 3)
        assert "request_id" not in line

    def test_have_their_traceback_in_the_same_line(self) -> None:
        record = self.record()
        try:
            raise ValueError("two\nlines")
        except ValueError as error:
            record.exc_info = (ValueError, error, error.__traceback__)
        text = logs.JsonFormatter().format(record)
        assert "\n" not in text
        assert json.loads(text)["exception"].endswith("ValueError: two\nlines")

    def test_of_django_have_routes_instead_of_addresses(self) -> None:
        request = RequestFactory().get("/account/password/reset/key/abc-secret/?next=secret")
        request.resolver_match = resolve(request.path)
        record = self.record(request=request, status_code=500)
        record.msg, record.args = "%s: %s", ("Internal Server Error", request.path)
        assert logs.without_address(record)
        line = json.loads(logs.JsonFormatter().format(record))
        assert line["message"] == "Internal Server Error: /account/password/reset/key/{uidb36}-{key}"
        assert line["status_code"] == 500
        assert "secret" not in str(line)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/api/1.0/yaml/user/lena@example.org/", "/api/1.1/{fmt}/user/{email}"),
        ("/attachments/5/inline/1773045677-abcdefghijklmnopqrstuv/", "/attachments/{id}/inline/{expires}-{signature}"),
        ("/api/1.1/nothing", "/api/{path}"),
        ("/inbox/ticket/7/send/", "/inbox/ticket/{number}/send"),
        ("/", "/"),
    ],
)
def test_routes_are_readable(path: str, route: str) -> None:
    request = RequestFactory().get(path)
    assert logs.route_of(request) == logs.OTHER
    request.resolver_match = resolve(path)
    assert logs.route_of(request) == route
