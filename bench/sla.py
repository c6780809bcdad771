"""What promised times cost: `python -m bench.sla` on a desk bench.data filled, of 50,000 tickets or more.

Takes the desk of the environment (REYNARD_DATA_DIR, DATABASE_URL) and changes it: every ticket measured on gets a
clock. Measures a look at the time while no clock is due, and one worker breaching all of them, then what the clocks
add to a write: creations in turn with and without active policies, in one process.
"""

import argparse
import base64
import json
import os
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

LOOKS = 200
WRITES = 300


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.sla", description=__doc__.split("\n\n")[0])
    parser.add_argument("--clocks", type=int, default=50_000)
    clocks = parser.parse_args().clocks
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()

    from reynard.desk.actions import sla
    from reynard.desk.models import SlaClock, SlaPolicy

    SlaClock.objects.all().delete()
    SlaPolicy.objects.all().delete()
    policies = [_policy(name) for name in ("first_response", "assignment", "reply_to_contact")]
    now = datetime.now(UTC)
    _start(policies[0], clocks, due=now + timedelta(days=1))
    looks = [_timed(lambda: sla.advance_due(now)) for _ in range(LOOKS)]
    print(f"{clocks:,} clocks, none due: {statistics.median(looks) * 1000:.2f} ms")
    SlaClock.objects.update(due_at=now - timedelta(minutes=1))
    took = _timed(lambda: print(f"{sla.advance_due(now):,} breached", end=" "))
    print(f"in {took:.1f} s, {clocks / took:,.0f}/s, batches of {sla.BATCH}")
    _writes(policies)


def _policy(objective: str) -> Any:
    from reynard.desk.models import SlaPolicy, WorkSchedule
    from reynard.desk.selectors import reference

    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    hours = {day: ["09:00-12:30", "13:00-17:00"] for day in days}
    schedule, _ = WorkSchedule.objects.get_or_create(
        name="bench", defaults={"time_zone": "Europe/Berlin", "hours": hours}
    )
    policy = SlaPolicy.objects.create(
        name=objective, objective=objective, allowed_seconds=8 * 3600, target=90, schedule=schedule
    )
    reference.changed()
    return policy


def _start(policy: Any, number: int, *, due: datetime) -> None:
    from reynard.desk.models import SlaClock, Ticket

    ids = list(Ticket.objects.filter(deleted_at=None).order_by("id").values_list("id", flat=True)[:number])
    assert len(ids) == number, f"The desk has {len(ids):,} tickets only."
    SlaClock.objects.bulk_create(
        [SlaClock(ticket_id=id, policy=policy, started_at=due - timedelta(days=2), due_at=due) for id in ids], 5000
    )


def _writes(policies: list[Any]) -> None:
    """Creations and staff updates in turn with and without policies."""
    from django.conf import settings
    from django.test import Client

    from reynard.desk.models import Category, Contact, SlaPolicy, Staff
    from reynard.desk.selectors import reference

    facts = json.loads((Path(settings.REYNARD_DATA_DIR) / "bench.json").read_text())
    client = Client(headers={"Authorization": _basic(facts["api_key"], facts["auth_code"])})
    category, contact = Category.objects.order_by("id").first(), Contact.objects.order_by("id").first()
    staff = Staff.objects.filter(is_account_admin=True).first()
    assert category is not None
    assert contact is not None
    assert staff is not None
    new = {
        "client": contact.id,
        "category": category.id,
        "subject": "The brake squeals",
        "text": "Since yesterday.",
        f"t-cf-{facts['product_field']}": 1,
    }
    reply = {"staff": staff.id, "plaintext": "We look at it."}
    took: dict[tuple[str, bool], list[float]] = {}
    for number in range(WRITES * 2):
        active = number % 2 == 1
        SlaPolicy.objects.update(active=active)
        reference.changed()
        client.get("/api/1.1/json/statuses/")  # the reference data is read here
        started = time.perf_counter()
        answer = client.post("/api/1.1/json/tickets/", json.dumps(new), content_type="application/json")
        took.setdefault(("creation", active), []).append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.content
        path = f"/api/1.1/json/ticket/{json.loads(answer.content)['id']}/staff_update/"
        started = time.perf_counter()
        answer = client.post(path, json.dumps(reply), content_type="application/json")
        took.setdefault(("staff update", active), []).append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.content
    for kind in ("creation", "staff update"):
        without, with_ = (statistics.median(took[kind, active]) * 1000 for active in (False, True))
        print(f"{kind}: {without:.2f} ms, with {len(policies)} policies {with_:.2f} ms, {with_ / without - 1:+.0%}")


def _basic(key: str, code: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{code}".encode()).decode()


def _timed(call: Any) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
