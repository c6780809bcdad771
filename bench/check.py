"""Do Reynard and the plain ORM answer alike? `python -m bench.check`, on a desk filled by bench.data.

Compares whole answers after parsing: two pages of a list, tickets with every length of history, and a ticket each
of them creates and then updates (numbers, ids and moments aside). Ends with 1 at the first difference.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import django

REYNARD, ORM = "/api/1.1/json", "/bench/orm"
_ADDRESS = re.compile(r"/attachments/(\d+)/[^/]*/")  # signed for a moment
_OF_ONE_RUN = {"id", "display_id", "update_id"}


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two parsed answers differ, as paths with both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = list(dict.fromkeys([*one, *other]))
        return [text for key in keys for text in differences(one.get(key), other.get(key), f"{where}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            text for n, pair in enumerate(zip(one, other, strict=True)) for text in differences(*pair, f"{where}[{n}]")
        ]
    return [] if one == other and type(one) is type(other) else [f"{where}: {one!r} and {other!r}"]


def without_moments(value: Any) -> Any:
    """What two tickets made by the same request have in common."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if not key.endswith(("_at", "last_modified", "timestamp"))}
        return {key: None if key in _OF_ONE_RUN else without_moments(item) for key, item in kept.items()}
    return [without_moments(item) for item in value] if isinstance(value, list) else value


class Caller:
    def __init__(self, facts: dict[str, Any]) -> None:
        from django.test import Client

        from bench.load import authorization

        self._client = Client(headers={"Authorization": authorization(facts)})

    def get(self, path: str) -> Any:
        return self._parsed(self._client.get(path))

    def post(self, path: str, value: Any) -> Any:
        return self._parsed(self._client.post(path, json.dumps(value), content_type="application/json"))

    def _parsed(self, response: Any) -> Any:
        if response.status_code != 200:
            sys.exit(f"{response.request['PATH_INFO']}: {response.status_code} {response.content[:500]!r}")
        return json.loads(_ADDRESS.sub(r"/attachments/\1/", response.content.decode()))


def compare(caller: Caller, facts: dict[str, Any]) -> bool:
    from bench import load

    pages = facts["tickets"] // 50
    paths = [f"/tickets/?size=50&page={page}" for page in (1, max(1, pages // 3), pages)]
    paths += [f"/ticket/{number}/" for number in (1, facts["tickets"] // 2, facts["tickets"])]
    paths += [f"/ticket/{number}/" for number in load.with_attachments(2)]
    found = {path: differences(caller.get(REYNARD + path), caller.get(ORM + path)) for path in paths}
    made = []
    for prefix in (REYNARD, ORM):
        created = caller.post(f"{prefix}/tickets/", load.new_ticket(facts, 7))
        updated = caller.post(f"{prefix}/ticket/{created['id']}/staff_update/", load.staff_update(3, 7))
        made.append([without_moments(created), without_moments(updated)])
    for answers in made:  # the second one finds one ticket more
        for answer in answers:
            answer["user"]["tickets_count"] = answer["user"]["pending_tickets_count"] = None
    found["create and staff_update"] = differences(*made)
    for path, texts in found.items():
        print(f"{'differs' if texts else 'equal  '}  {path}")
        for text in texts[:5]:
            print(f"         {text[:300]}")
    return not any(found.values())


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    from django.conf import settings

    facts = json.loads((Path(settings.REYNARD_DATA_DIR) / "bench.json").read_text())
    sys.exit(not compare(Caller(facts), facts))


if __name__ == "__main__":
    main()
