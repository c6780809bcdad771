"""Lists of new tickets that meet: none waits for another in a circle, and every count is right afterwards."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.servers import RunningDesk, request

pytestmark = pytest.mark.server

PEOPLE = [f"racer{number}@lists.example" for number in range(20)]


@pytest.fixture(scope="module")
def places(demo: RunningDesk) -> list[dict[str, Any]]:
    """Two public categories, each with a value for every field it requires."""
    fields = request(demo, "GET", "ticket_custom_fields/")[1]
    public = [row["id"] for row in request(demo, "GET", "categories/")[1] if row["public"]]
    return [{"category": id, **_required(fields, id)} for id in public][:2]


def _required(fields: list[dict[str, Any]], category: int) -> dict[str, Any]:
    here = [field for field in fields if any(place["category"] == category for place in field["categories"])]
    values = {"number": 3, "date": "2026-03-20", "text": "54"}
    return {
        f"t-cf-{field['id']}": field["choices"][0]["id"] if field["choices"] else values[field["type"]]
        for field in here
        if field["required"]
    }


def _at_once(works: list[Callable[[], Any]]) -> list[Any]:
    gate = threading.Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def test_lists_in_opposite_orders_and_single_tickets_all_succeed(
    demo: RunningDesk, places: list[dict[str, Any]]
) -> None:
    def ticket(email: str, place: int) -> dict[str, Any]:
        return {"email": email, "name": "Racer", "subject": "Race", "text": "Go.", **places[place % len(places)]}

    forth = [ticket(email, index) for index, email in enumerate(PEOPLE)]
    back = forth[::-1]

    def one_by_one(item: dict[str, Any]) -> list[tuple[int, Any]]:
        return [request(demo, "POST", "tickets/", item) for _ in range(30)]

    lists = [lambda items=items: [request(demo, "POST", "tickets/", items)] for items in (forth, back) * 4]
    singles = [lambda item=item: one_by_one(item) for item in forth[-4:]]
    answers = [answer for found in _at_once([*lists, *singles]) for answer in found]
    assert [status for status, _ in answers] == [200] * (8 + 4 * 30)
    results = [result for _, body in answers if isinstance(body, list) for result in body]
    assert len(results) == 8 * len(PEOPLE)
    assert all(result["success"] for result in results)

    by_person = [request(demo, "GET", f"user/{email}/")[1]["tickets_count"] for email in PEOPLE]
    assert by_person == [8] * (len(PEOPLE) - 4) + [38] * 4
    total = sum(
        request(demo, "GET", f"tickets/?category={category['id']}")[1]["page_info"]["last_index"]
        for category in request(demo, "GET", "categories/")[1]
    )
    assert total == request(demo, "GET", "tickets/")[1]["page_info"]["last_index"]
