"""What the inbox's pages cost on the server: `python -m bench.pages` on a desk bench.data filled.

Takes the desk of the environment (REYNARD_DATA_DIR, DATABASE_URL) and changes it: an agent of every category gets a
password-less session, LATE tickets a broken promise and SOON ones a promise of this hour. Each page is asked for in
turn, through the whole way of a request in one process, with every count a fresh one; the figures are milliseconds and
the weight of the page in bytes, compressed. The idle poll is one that finds nothing new.
"""

import argparse
import gzip
import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

LATE, SOON = 5_000, 500


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    from django.test import Client

    from reynard.desk.models import Ticket
    from reynard.desk.selectors import tickets

    tickets.REMEMBERED_SECONDS = 0  # every count is a fresh one; the worst case
    _promise()
    client = Client()
    client.force_login(_agent())
    rng = random.Random(7)
    newest = Ticket.objects.order_by("-id").values_list("id", flat=True)[0]

    def some_ticket() -> str:
        return f"/inbox/ticket/{rng.randrange(1, newest)}/"

    client.get("/inbox/")  # imports and templates are paid for before
    print(f"{'':34}{'median':>9}{'p95':>9}{'worst':>9}{'bytes':>9}")
    for name, ask in {
        **{f"list, {slug}": _page(client, lambda slug=slug: f"/inbox/?view={slug}") for slug in _views()},
        "list, all open, page 1,000": _page(client, lambda: "/inbox/?page=1000"),
        "list, all open, last updated": _page(client, lambda: "/inbox/?sort=updated"),
        "search, a tag": _page(client, lambda: "/inbox/?view=search&q=tag:vip"),
        "ticket, any": _page(client, some_ticket),
        "ticket, opened from a view": _page(client, lambda: some_ticket() + "?view=all"),
    }.items():
        _measure(name, ask, rounds)
    _measure("list, idle poll", _idle_poll(client), rounds)


def _views() -> list[str]:
    return ["all", "needs-reply", "mine", "unassigned", "waiting", "solved", "category-1"]


def _page(client: Any, address: Callable[[], str]) -> Callable[[], bytes]:
    def ask() -> bytes:
        answer = client.get(address())
        assert answer.status_code in {200, 404}, answer.status_code
        return bytes(answer.content)

    return ask


def _idle_poll(client: Any) -> Callable[[], bytes]:
    """What an open list asks for every 15 seconds while nothing happens; once a minute the clocks move."""
    tag = ""

    def ask() -> bytes:
        nonlocal tag
        answer = client.get("/inbox/", headers={"HX-Request": "true", "If-None-Match": tag})
        tag = answer.headers["ETag"]
        return b"" if answer.status_code == 304 else bytes(answer.content)

    ask()
    return ask


def _measure(name: str, ask: Callable[[], bytes], rounds: int) -> None:
    took, weight = [], 0
    for _ in range(rounds):
        started = time.perf_counter()
        content = ask()
        took.append((time.perf_counter() - started) * 1000)
        weight = max(weight, len(gzip.compress(content)) if content else 0)
    p95 = sorted(took)[max(0, int(len(took) * 0.95) - 1)]
    print(f"{name:34}{statistics.median(took):9.1f}{p95:9.1f}{max(took):9.1f}{weight:9}", flush=True)


def _agent() -> Any:
    from reynard.desk.models import Category, Staff
    from reynard.desk.selectors import reference

    person = Staff.objects.filter(is_account_admin=True).order_by("id")[0]
    person.categories.set(Category.objects.all())
    reference.changed()
    return person


def _promise() -> None:
    """Broken promises and those of this hour, on open tickets spread over the desk."""
    from reynard.desk.models import SlaClock, SlaPolicy, Status, Ticket, WorkSchedule

    SlaClock.objects.all().delete()
    SlaPolicy.objects.filter(name="bench pages").delete()
    schedule, _ = WorkSchedule.objects.get_or_create(
        name="bench pages", defaults={"time_zone": "UTC", "hours": {"monday": ["09:00-17:00"]}}
    )
    policy = SlaPolicy.objects.create(
        name="bench pages", objective="first_response", allowed_seconds=3600, target=90, schedule=schedule
    )
    pending = Status.objects.filter(behavior="pending").values_list("id", flat=True)
    live = Ticket.objects.filter(deleted_at=None, status_id__in=list(pending)).order_by("-id")
    ids = list(live.values_list("id", flat=True)[: (LATE + SOON) * 4 : 4])
    now = datetime.now(UTC)
    clocks = [
        SlaClock(
            ticket_id=id,
            policy=policy,
            started_at=now - timedelta(hours=9),
            due_at=now + timedelta(minutes=30) if n < SOON else now - timedelta(minutes=n),
            breached_at=None if n < SOON else now - timedelta(minutes=n),
        )
        for n, id in enumerate(ids)
    ]
    SlaClock.objects.bulk_create(clocks, 1000)


if __name__ == "__main__":
    main()
