"""The cast, and a client of the API."""

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from reynard.desk.actions import people
from reynard.desk.selectors import tickets
from tests import factories
from tests.factories import NOON


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks the database: only that need run again on another one."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        marked = item.get_closest_marker("django_db") or item.get_closest_marker("server")
        if marked or names & {"db", "transactional_db"}:
            item.add_marker(pytest.mark.database)


@pytest.fixture(autouse=True)
def _counts_have_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is: a count that takes too long is left out of the pages."""
    monkeypatch.setattr(tickets, "COUNT_SECONDS", 60.0)


@pytest.fixture
def desk(db: None) -> SimpleNamespace:
    """A small desk: two categories (one not public), three statuses, two priorities, three staff, two contacts."""
    workshop = factories.make_category("Repair workshop", "RW")
    office = factories.make_category("Back office", "BO", public=False)
    return SimpleNamespace(
        workshop=workshop,
        office=office,
        new=factories.make_status("New", order=1, is_default=True),
        waiting=factories.make_status("Waiting", order=2),
        closed=factories.make_status("Closed", "completed", order=3),
        normal=factories.make_priority("Normal", order=1, is_default=True),
        high=factories.make_priority("High", order=2),
        priya=factories.make_staff("Priya", workshop, is_account_admin=True),
        jonas=factories.make_staff("Jonas", office, last_name="Beck"),
        gone=factories.make_staff("Gone", workshop, active=False),
        lena=factories.make_contact("Lena Ortiz", "lena.ortiz@example.org"),
        stranger=factories.make_contact("Sam Stranger", "sam@elsewhere.example"),
    )


class Api:
    """Calls the API as an integration does; `format` is a segment of the address."""

    def __init__(self, api_key: str, auth_code: str) -> None:
        self.client = Client()
        self.authorization = "Basic " + base64.b64encode(f"{api_key}:{auth_code}".encode()).decode()

    def get(self, path: str, query: dict[str, Any] | None = None, *, format: str = "json", **headers: str) -> Any:
        return self.client.get(f"/api/1.1/{format}/{path}", query, headers=self._headers(headers))

    def put(self, path: str, body: Any = None, *, format: str = "json", content_type: str = "", **headers: str) -> Any:
        """Sends JSON unless told otherwise; bytes are sent as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.put(
            f"/api/1.1/{format}/{path}",
            data,
            content_type=content_type or "application/json",
            headers=self._headers(headers),
        )

    def delete(self, path: str, *, format: str = "json", **headers: str) -> Any:
        return self.client.delete(f"/api/1.1/{format}/{path}", headers=self._headers(headers))

    def post(self, path: str, body: Any = None, *, format: str = "json", content_type: str = "", **headers: str) -> Any:
        """Sends JSON unless told otherwise; bytes are sent as they are, multipart with content_type="multipart"."""
        address = f"/api/1.1/{format}/{path}"
        if content_type == "multipart":
            return self.client.post(address, body, headers=self._headers(headers))
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(
            address, data, content_type=content_type or "application/json", headers=self._headers(headers)
        )

    def request(self, method: str, path: str, **headers: str) -> Any:
        return self.client.generic(method, path, headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": self.authorization, **{name.replace("_", "-"): text for name, text in more.items()}}


@pytest.fixture
def api(desk: SimpleNamespace) -> Api:
    credentials = people.create_api_key(name="tests", now=NOON)
    return Api(credentials.api_key, credentials.auth_code)
