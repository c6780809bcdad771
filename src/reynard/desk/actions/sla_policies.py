"""Setting up promised times: work schedules and SLA policies (reference.md "SLA").

A change holds for clocks that start later. Running clocks keep their due moment; what is left of a paused one is laid
into the hours that are valid when it goes on. A policy that is no longer active ends its open clocks at once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Literal

import msgspec
from django.db.models import QuerySet

from reynard.desk import db
from reynard.desk.actions import sla
from reynard.desk.errors import NOT_A_CHOICE, Invalid, NotFound, Problems
from reynard.desk.models import DeskState, SlaClock, SlaPolicy, WorkSchedule
from reynard.desk.rules import sla as rules
from reynard.desk.rules.search_language import Text, name_key, parse
from reynard.desk.rules.sla import Objective
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors import search
from reynard.desk.selectors.reference import Reference

NAME_LIMIT = 200

Outcome = Literal["added", "changed", "unchanged"]


class GivenSchedule(msgspec.Struct, kw_only=True):
    """`hours`: `{"monday": ["09:00-12:30", "13:00-17:00"], …}`, days without hours left out or empty."""

    name: str
    time_zone: str
    hours: Mapping[str, Sequence[str]]
    holidays: Sequence[str | date] = ()


class GivenPolicy(msgspec.Struct, kw_only=True):
    """A whole policy. `schedule` is a name; `status`, the one to reach, goes with the objective `status` only.

    No categories: all of them. `condition` is search text as in `q` (tickets.md §3), "" for every ticket.
    """

    name: str
    objective: str
    seconds: int  # working time allowed
    target: float  # percent
    schedule: str
    status: int | None = None
    condition: str = ""
    categories: Sequence[int] = ()
    exclusions: Sequence[int] = ()  # statuses in which clocks pause
    active: bool = True


class Item(msgspec.Struct):
    """One entry of a list, None when it could not be read at all, and what its door found wrong with it."""

    given: GivenSchedule | GivenPolicy | None
    problems: Problems


def add_schedule(given: GivenSchedule, *, problems: Problems | None = None) -> WorkSchedule:
    """Raises Invalid."""
    with _turn():
        return _write_schedule(WorkSchedule(), given, problems or Problems())[0]


def change_schedule(schedule_id: int, given: GivenSchedule, *, problems: Problems | None = None) -> WorkSchedule:
    """Raises NotFound, Invalid."""
    with _turn():
        schedule = WorkSchedule.objects.filter(id=schedule_id).first()
        if schedule is None:
            raise NotFound(f"No work schedule has id {schedule_id}.")
        return _write_schedule(schedule, given, problems or Problems())[0]


def add_policy(given: GivenPolicy, *, now: datetime, problems: Problems | None = None) -> SlaPolicy:
    """Raises Invalid."""
    with _turn():
        return _write_policy(SlaPolicy(), given, problems or Problems(), now)[0]


def change_policy(policy_id: int, given: GivenPolicy, *, now: datetime, problems: Problems | None = None) -> SlaPolicy:
    """Raises NotFound, Invalid."""
    with _turn():
        policy = SlaPolicy.objects.filter(id=policy_id).first()
        if policy is None:
            raise NotFound(f"No SLA policy has id {policy_id}.")
        return _write_policy(policy, given, problems or Problems(), now)[0]


def bring(items: Sequence[Item], *, now: datetime, keep: bool = True) -> list[Outcome]:
    """Add the schedules and policies of a list, or change those that have the same name: all of them or none.

    Returns what became of each. With `keep` False it only says what would. Raises Invalid with the problems of every
    item, each field beginning with the item's position in the list (`0.hours`).
    """
    every, outcomes, broken = Problems(), [], set()
    with _turn(keep=keep):
        for position, item in enumerate(items):
            given = item.given
            _refuse_repeated(given, items[:position], item.problems)
            try:
                outcomes.append(_bring(item, now))
            except Invalid as error:
                if isinstance(given, GivenSchedule):
                    broken.add(given.name)
                for field, texts in error.problems.items():
                    if isinstance(given, GivenPolicy) and field == "schedule" and given.schedule in broken:
                        continue  # it is there, and what is wrong with it was said
                    for text in texts:
                        every.add(f"{position}.{field}", text)
        every.raise_if_any()
    return outcomes


@contextmanager
def _turn(*, keep: bool = True) -> Iterator[None]:
    """One transaction; two that set up policies at once wait for each other, so that names stay unique."""
    with db.write() if keep else db.rehearsal():
        DeskState.objects.select_for_update().get(id=1)
        yield


def _refuse_repeated(given: GivenSchedule | GivenPolicy | None, earlier: Sequence[Item], problems: Problems) -> None:
    names = {item.given.name.strip() for item in earlier if type(item.given) is type(given) and item.given}
    if given and given.name.strip() in names:
        problems.add("name", "This name is in the list more than once.")


def _bring(item: Item, now: datetime) -> Outcome:
    given = item.given
    if given is None:
        raise Invalid(item.problems)
    if isinstance(given, GivenSchedule):
        schedule = WorkSchedule.objects.filter(name=given.name.strip()).first() or WorkSchedule()
        return _write_schedule(schedule, given, item.problems)[1]
    policy = SlaPolicy.objects.filter(name=given.name.strip()).first() or SlaPolicy()
    return _write_policy(policy, given, item.problems, now)[1]


# --- schedules


def _write_schedule(schedule: WorkSchedule, given: GivenSchedule, problems: Problems) -> tuple[WorkSchedule, Outcome]:
    name = _check_name(given.name, WorkSchedule.objects.exclude(id=schedule.id), problems)
    read = rules.read_schedule(given.time_zone, given.hours, given.holidays, problems)
    if read is not None:
        for policy in SlaPolicy.objects.filter(schedule_id=schedule.id) if schedule.pk else ():
            if rules.too_long(policy.allowed_seconds, read):
                problems.add("hours", f"With these hours the time of the policy {policy.name} would take over a year.")
    problems.raise_if_any()
    assert read is not None
    values = {
        "name": name,
        "time_zone": read.time_zone,
        "hours": rules.hours_as_text(read.week),
        "holidays": [day.isoformat() for day in sorted(read.holidays)],
    }
    outcome = _apply(schedule, values)
    if outcome == "changed":
        reference_data.changed()
    return schedule, outcome


def _check_name(given: str, others: QuerySet[Any], problems: Problems) -> str:
    name = given.strip()
    problems.require("name", bool(name))
    if len(name) > NAME_LIMIT:
        problems.add("name", f"Ensure this value has at most {NAME_LIMIT} characters (it has {len(name)}).")
    elif not name.isprintable():
        problems.add("name", "Give a name of one line, without control characters.")
    elif others.filter(name=name).exists():
        problems.add("name", f"There is another one named {name}.")
    return name


def _apply(record: WorkSchedule | SlaPolicy, values: Mapping[str, object]) -> Outcome:
    """Store the values of a row, when any is another one."""
    fresh = record.pk is None
    if not fresh and all(getattr(record, name) == value for name, value in values.items()):
        return "unchanged"
    for name, value in values.items():
        setattr(record, name, value)
    record.save()
    return "added" if fresh else "changed"


# --- policies


def _write_policy(
    policy: SlaPolicy, given: GivenPolicy, problems: Problems, now: datetime
) -> tuple[SlaPolicy, Outcome]:
    reference = reference_data.current()
    name = _check_name(given.name, SlaPolicy.objects.exclude(id=policy.id), problems)
    schedule = WorkSchedule.objects.filter(name=given.schedule.strip()).first()
    if schedule is None and "schedule" not in problems:
        problems.add("schedule", f"There is no work schedule named {given.schedule}.")
    _check_objective(policy, given, reference, problems)
    _check_time(given, schedule, problems)
    if not 0 <= given.target <= 100 and "target" not in problems:
        problems.add("target", "Give a percentage from 0 to 100.")
    if set(given.categories) - reference.categories.keys():
        problems.add("categories", NOT_A_CHOICE)
    if set(given.exclusions) - reference.statuses.keys():
        problems.add("exclusions", NOT_A_CHOICE)
    elif given.status is not None and given.status in given.exclusions:
        problems.add("exclusions", "Clocks would pause in the status that they wait for.")
    condition = " ".join(given.condition.replace("\x00", "").split())
    _check_condition(condition, reference, now, problems)
    problems.raise_if_any()
    assert schedule is not None
    values = {
        "name": name,
        "objective": given.objective,
        "target_status_id": given.status,
        "allowed_seconds": given.seconds,
        "target": float(given.target),
        "schedule_id": schedule.id,
        "condition": condition,
        "active": given.active,
    }
    outcome = _apply(policy, values)
    moved = [_set_links(policy.categories, given.categories), _set_links(policy.exclusion_statuses, given.exclusions)]
    if any(moved) and outcome == "unchanged":
        outcome = "changed"
    if outcome != "unchanged":
        reference_data.changed()
    if outcome == "changed" and not given.active:
        sla.withdraw(SlaClock.objects.filter(policy_id=policy.id), now=now)
    return policy, outcome


def _check_objective(policy: SlaPolicy, given: GivenPolicy, reference: Reference, problems: Problems) -> None:
    known = ", ".join(Objective)
    if given.objective not in set(Objective) and "objective" not in problems:
        problems.add("objective", f"{given.objective} is no objective. They are {known}.")
    wants_status = given.objective == Objective.STATUS
    if wants_status and given.status is None:
        problems.require("status", False, "Which status is to be reached?")
    elif given.status is not None and not wants_status:
        problems.add("status", f"Only the objective {Objective.STATUS.value} has a status to reach.")
    elif given.status is not None and given.status not in reference.statuses:
        problems.add("status", NOT_A_CHOICE)
    if policy.pk is None or "objective" in problems or "status" in problems:
        return
    if (policy.objective, policy.target_status_id) != (given.objective, given.status):
        problems.add(
            "objective",
            "What a policy promises cannot change, as clocks are running for it. "
            "Make this one inactive and add another one.",
        )


def _check_time(given: GivenPolicy, schedule: WorkSchedule | None, problems: Problems) -> None:
    if "seconds" in problems:
        return
    if given.seconds <= 0:
        problems.add("seconds", "A promise needs more than no time.")
        return
    stored = schedule and rules.read_schedule(schedule.time_zone, schedule.hours, schedule.holidays, Problems())
    if stored and rules.too_long(given.seconds, stored):
        problems.add("seconds", f"In the hours of {given.schedule} this would take over a year.")


_UNKNOWN_TERM = re.compile(r"([^\W\d][\w-]*):")


def _check_condition(condition: str, reference: Reference, now: datetime, problems: Problems) -> None:
    """A search forgives what it does not know; a policy must mean what it says."""
    try:
        filters = search.read(condition, reference, now=now)
    except Invalid as error:
        for _, texts in error.problems.items():
            problems.add("condition", " ".join(texts))
        return
    fields = {name_key(field.name) for field in (*reference.ticket_fields.values(), *reference.contact_fields.values())}
    terms = parse(condition, lambda name: name_key(name) in fields)
    for term in terms:
        if isinstance(term, Text) and not term.phrase and (match := _UNKNOWN_TERM.match(term.text)):
            problems.add("condition", f"There is no search term {match[1]}. Put text with a colon in quotes.")
    named = (filters.statuses, filters.priorities, filters.categories, filters.assignees)
    if filters.nothing or frozenset() in named:
        problems.add("condition", "No ticket can meet this. Check the names in it.")


def _set_links(links: Any, wanted: Sequence[int]) -> bool:
    """Whether that changed anything."""
    before = set(links.values_list("id", flat=True))
    if before == set(wanted):
        return False
    links.set(wanted)
    return True
