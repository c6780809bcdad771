"""The way of HelpStack for Android through the knowledge base: without credentials, one section after the other."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.servers import RunningDesk

pytestmark = pytest.mark.server


def _read(desk: RunningDesk, path: str, **headers: str) -> tuple[int, Any, Any]:
    call = urllib.request.Request(f"{desk.url}/api/1.1/json/{path}", headers=headers)
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_it_shows_the_sections_and_their_articles(demo: RunningDesk) -> None:
    status, sections, headers = _read(demo, "kb/sections/")

    assert (status, headers["Cache-Control"]) == (200, "public, max-age=60")
    shown = [section for section in sections if section["articles"]]  # what it does itself
    assert [section["name"] for section in shown] == ["Care at home", "Leasing and fleets"]
    for section in shown:
        _, found, _ = _read(demo, f"kb/section/{section['id']}/")
        assert found == section
        for article in found["articles"]:
            assert isinstance(article["id"], int)
            assert article["title"]
            assert "<" in article["contents"]
    assert "Prices for fleets" not in json.dumps(sections)
    assert "Torque table" not in json.dumps(sections)


def test_it_need_not_load_again_what_has_not_changed(demo: RunningDesk) -> None:
    _, _, headers = _read(demo, "kb/sections/")

    status, body, again = _read(demo, "kb/sections/", **{"If-None-Match": headers["ETag"]})

    assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])


def test_nothing_else_is_open(demo: RunningDesk) -> None:
    for path in ("kb/internal-articles/", "tickets/", "assets/", "staff/"):
        assert _read(demo, path)[0] == 401
    assert _read(demo, "kb/sections/", Authorization="Basic eDp5")[0] == 401
