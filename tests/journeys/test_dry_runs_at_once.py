"""Dry runs between real writes, on a real server: only the real ones are there afterwards."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.servers import RunningDesk, request

pytestmark = pytest.mark.server


def test_only_what_was_really_written_is_there(demo: RunningDesk) -> None:
    number = request(demo, "GET", "tickets/?size=10&status=_pending")[1]["data"][0]["id"]
    staff = next(person["id"] for person in request(demo, "GET", "staff/")[1] if person["is_account_admin"])
    before = request(demo, "GET", f"ticket/{number}/")[1]
    count = request(demo, "GET", "tickets/")[1]["page_info"]["last_index"]

    def write(step: int) -> tuple[int, Any]:
        dry = step % 2 == 0
        query = "?dry_run=true" if dry else ""
        note = {"staff": staff, "text": f"zebra{step}", "tags": "rehearsed" if dry else "done"}
        if dry and step % 4 == 0:
            return request(demo, "POST", f"ticket/{number}/delete/{query}", {"staff_id": staff})
        return request(demo, "POST", f"ticket/{number}/staff_pvtnote/{query}", note)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(write, range(48)))

    assert [status for status, _ in answers] == [200] * 48
    after = request(demo, "GET", f"ticket/{number}/")[1]
    added = [update["message"]["text"].strip() for update in after["updates"][len(before["updates"]) :]]
    assert sorted(added) == sorted(f"zebra{step}" for step in range(1, 48, 2))
    assert "done" in after["tags"]
    assert "rehearsed" not in after["tags"]
    assert request(demo, "GET", "tickets/")[1]["page_info"]["last_index"] == count
    assert request(demo, "GET", "tickets/?minify_response=true&q=zebra2")[1]["data"] == []
    assert request(demo, "GET", "tickets/?minify_response=true&q=zebra1")[1]["data"] == [number]
