"""Who else has a ticket open, and whether they write: it informs, and never locks.

Kept in the cache for a few seconds and nowhere else; a sign that is lost costs nothing.
"""

import time

from django.core.cache import cache

from reynard.desk.selectors.reference import Reference, StaffMember

SECONDS = 20  # after the last sign
DOING = ("looking", "reply", "note")


def show(ticket_id: int, staff_id: int, doing: str) -> None:
    """Say that somebody is at a ticket."""
    present = _present(ticket_id)
    present[staff_id] = (doing if doing in DOING else "looking", time.time())
    cache.set(_key(ticket_id), present, SECONDS)


def others(ticket_id: int, staff_id: int, reference: Reference) -> list[tuple[StaffMember, str]]:
    """Who else is at a ticket and what they do, writers first."""
    found = [
        (reference.staff[id], doing)
        for id, (doing, _at) in _present(ticket_id).items()
        if id != staff_id and id in reference.staff
    ]
    return sorted(found, key=lambda one: (one[1] == "looking", one[0].name))


def at_tickets(numbers: list[int], staff_id: int) -> set[int]:
    """The tickets that somebody else looks at."""
    kept = cache.get_many([_key(number) for number in numbers])
    recent = time.time() - SECONDS
    busy = {
        key
        for key, present in kept.items()
        if any(id != staff_id and at > recent for id, (_doing, at) in present.items())
    }
    return {number for number in numbers if _key(number) in busy}


def _present(ticket_id: int) -> dict[int, tuple[str, float]]:
    recent = time.time() - SECONDS
    kept: dict[int, tuple[str, float]] = cache.get(_key(ticket_id)) or {}
    return {id: sign for id, sign in kept.items() if sign[1] > recent}


def _key(ticket_id: int) -> str:
    return f"presence-{ticket_id}"
