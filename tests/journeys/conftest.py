from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers import RunningDesk, request, running_desk


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """`reynard demo` on an empty folder, shared by the tests of one journey."""
    with running_desk(tmp_path_factory.mktemp("journey") / "var") as desk:
        yield desk


@pytest.fixture(scope="module")
def category(demo: RunningDesk) -> dict[str, Any]:
    """A public category, with a value for each field it requires."""
    found = next(row for row in request(demo, "GET", "categories/")[1] if row["public"])
    fields = [
        field
        for field in request(demo, "GET", "ticket_custom_fields/")[1]
        if field["required"] and any(place["category"] == found["id"] for place in field["categories"])
    ]
    return {"category": found["id"], **{f"t-cf-{field['id']}": _value(field) for field in fields}}


def _value(field: dict[str, Any]) -> Any:
    if field["choices"]:
        return field["choices"][0]["id"]
    return {"number": 3, "date": "2026-03-20"}.get(field["type"], "54")
