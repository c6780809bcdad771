"""Writers of contacts and groups who meet: nobody loses what others wrote, and nobody waits in a circle."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.servers import RunningDesk, request

pytestmark = pytest.mark.server


def _at_once(works: list[Callable[[], Any]]) -> list[Any]:
    gate = threading.Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def _post(desk: RunningDesk, path: str, body: Any) -> Callable[[], tuple[int, Any]]:
    return lambda: request(desk, "POST", path, body)


def test_edits_of_one_contact_keep_each_other(demo: RunningDesk) -> None:
    contact = request(demo, "POST", "users/", {"email": "shared@once.example", "name": "Shared"})[1]
    path = f"user/{contact['id']}/"
    works = [_post(demo, path, {"phones": [{"number": f"030 {n}", "is_primary": True}]}) for n in range(10)]
    works += [_post(demo, path, {"name": "Renamed"}), _post(demo, path, {"is_login_enabled": "FALSE"})]
    assert [status for status, _ in _at_once(works)] == [200] * 12
    found = request(demo, "GET", path)[1]
    assert (found["name"], found["is_login_enabled"]) == ("Renamed", False)
    assert sorted(phone["number"] for phone in found["phones"]) == [f"030 {n}" for n in range(10)]
    assert sum(phone["is_primary"] for phone in found["phones"]) == 1


def test_one_new_address_becomes_one_contact(demo: RunningDesk) -> None:
    works = [_post(demo, "users/", {"email": "new@once.example", "name": f"New {n}"}) for n in range(8)]
    answers = _at_once(works)
    assert [status for status, _ in answers] == [200] * 8
    assert len({contact["id"] for _, contact in answers}) == 1


def test_one_group_name_is_given_once(demo: RunningDesk) -> None:
    answers = _at_once([_post(demo, "contact_groups/", {"name": "Once"}) for _ in range(6)])
    assert sorted(status for status, _ in answers) == [200] + [400] * 5
    assert [body["error"][0]["field"] for status, body in answers if status == 400] == ["name"] * 5


def test_one_address_is_taken_by_one_of_two_contacts(demo: RunningDesk) -> None:
    ids = [
        request(demo, "POST", "users/", {"email": f"rival{n}@once.example", "name": "Rival"})[1]["id"] for n in range(4)
    ]
    answers = _at_once([_post(demo, f"user/{id}/", {"email": "prize@once.example"}) for id in ids])
    assert sorted(status for status, _ in answers) == [200, 400, 400, 400]
    assert [body["error"][0]["field"] for status, body in answers if status == 400] == ["email"] * 3


def test_lists_in_opposite_orders_and_members_of_a_group_all_succeed(demo: RunningDesk) -> None:
    group = request(demo, "POST", "contact_groups/", {"name": "Racers", "tagged_domains": "race.example"})[1]["id"]
    forth = [{"email": f"racer{n}@race.example", "name": f"Racer {n}"} for n in range(20)]
    ids = [row["id"] for row in request(demo, "POST", "users/", forth[:10])[1]]
    members = [{"contact": id, "access_tickets": True} for id in ids]
    for _ in range(3):
        answers = _at_once(
            [
                *[_post(demo, "users/", rows) for rows in (forth, forth[::-1]) * 2],
                *[_post(demo, f"contact_group/{group}/update_contacts/", rows) for rows in (members, members[::-1])],
                _post(demo, f"contact_group/{group}/", {"name": "Racers"}),
                *[_post(demo, f"user/{id}/", {"name": "Renamed", "phones": [{"number": "1"}]}) for id in ids[:3]],
            ]
        )
        assert [status for status, _ in answers] == [200] * 10
        assert all(row["success"] for _, body in answers if isinstance(body, list) for row in body)
    assert len(request(demo, "GET", f"contact_group/{group}/")[1]["contacts"]) == 20
