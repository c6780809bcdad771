"""Promised times as a file: schedules and policies in YAML or JSON, with names in the place of ids.

schedules:
  - {name, time_zone, hours: {monday: ["09:00-17:00"], …} or always, holidays: [2026-12-25, …]}
policies:
  - {name, objective, within: 4h 30m, target: 95, schedule, status, condition, categories, exclusion_statuses, active}
"""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from django.core.management.base import CommandError

from reynard.desk.actions.sla_policies import GivenPolicy, GivenSchedule, Item
from reynard.desk.errors import REQUIRED, Problems
from reynard.desk.models import SlaPolicy, WorkSchedule
from reynard.desk.rules.search_language import name_key
from reynard.desk.rules.sla import WEEKDAYS, read_span, span_as_text
from reynard.desk.selectors.reference import Reference

_ALWAYS = "always"
_SCHEDULE_KEYS = ("name", "time_zone", "hours", "holidays")
_POLICY_KEYS = (
    "name objective within target schedule status condition categories exclusion_statuses active".split()
)  # fmt: skip
_KEY_OF = {"seconds": "within", "exclusions": "exclusion_statuses"}  # where the desk has another name


class _Loader(yaml.SafeLoader):
    """Dates stay text: whoever reads the field says what is wrong with one. The one in C ends the process where
    brackets are nested too deeply."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read(text: str, reference: Reference) -> list[tuple[str, Item]]:
    """What the file asks for, schedules first: `(label, item)`. Raises CommandError for what is no such file."""
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe one
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CommandError(f"This is neither YAML nor JSON: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict) or not document or document.keys() - {"schedules", "policies"}:
        raise CommandError("The file needs `schedules`, `policies` or both, and nothing beside them.")
    found = []
    for kind, read_one in (("schedules", _schedule), ("policies", _policy)):
        entries = document.get(kind) or []
        if not isinstance(entries, list):
            raise CommandError(f"`{kind}` must be a list.")
        for number, entry in enumerate(entries, start=1):
            name = entry.get("name") if isinstance(entry, dict) else None
            label = f"{kind} {number}" + (f" ({name})" if name else "")
            found.append((label, read_one(entry, reference)))
    return found


def explain(problems: Problems, labels: list[str]) -> list[str]:
    """The problems of a list of items (`0.hours`), a line each, in the words of the file."""
    lines = []
    for field, texts in problems.items():
        position, _, name = field.partition(".")
        lines += [f"{labels[int(position)]}: {_KEY_OF.get(name, name)}: {text}" for text in texts]
    return lines


def document(reference: Reference) -> dict[str, Any]:
    """All schedules and policies of the desk as a file has them; what `read` takes."""
    return {
        "schedules": [
            {"name": row.name, "time_zone": row.time_zone, "hours": row.hours, "holidays": row.holidays}
            for row in WorkSchedule.objects.order_by("name")
        ],
        "policies": [
            {
                "name": row.name,
                "objective": row.objective,
                "within": span_as_text(row.allowed_seconds),
                "target": row.target,
                "schedule": row.schedule.name,
                "status": reference.statuses[row.target_status_id].name if row.target_status_id else None,
                "condition": row.condition,
                "categories": [_reference_to(category, reference.categories) for category in row.categories.all()],
                "exclusion_statuses": [
                    _reference_to(status, reference.statuses) for status in row.exclusion_statuses.all()
                ],
                "active": row.active,
            }
            for row in SlaPolicy.objects.select_related("schedule")
            .prefetch_related("categories", "exclusion_statuses")
            .order_by("name")
        ],
    }


def _schedule(entry: Any, reference: Reference) -> Item:
    problems = Problems()
    if not _fits(entry, _SCHEDULE_KEYS, problems):
        return Item(None, problems)
    hours = entry.get("hours")
    if hours == _ALWAYS:
        hours = {day: ["00:00-24:00"] for day in WEEKDAYS}
    problems.require("hours", hours is not None)
    return Item(
        GivenSchedule(
            name=_text(entry, "name", problems),
            time_zone=_text(entry, "time_zone", problems),
            hours=_hours(hours, problems) if hours is not None else {},
            holidays=[str(value) for value in _list(entry, "holidays", problems)],
        ),
        problems,
    )


def _policy(entry: Any, reference: Reference) -> Item:
    problems = Problems()
    if not _fits(entry, _POLICY_KEYS, problems):
        return Item(None, problems)
    status = entry.get("status")
    active = entry.get("active", True)
    if not isinstance(active, bool):
        problems.add("active", "Write true or false.")
    return Item(
        GivenPolicy(
            name=_text(entry, "name", problems),
            objective=_text(entry, "objective", problems),
            seconds=_span(entry.get("within"), problems),
            target=_number(entry, "target", problems),
            schedule=_text(entry, "schedule", problems),
            status=None if status is None else _named("status", status, reference.statuses, problems),
            condition=_text(entry, "condition", problems, required=False),
            categories=_all_named(entry, "categories", reference.categories, problems),
            exclusions=_all_named(entry, "exclusion_statuses", reference.statuses, problems),
            active=active is True,
        ),
        problems,
    )


def _fits(entry: Any, keys: Iterable[str], problems: Problems) -> bool:
    if not isinstance(entry, dict):
        problems.add("entry", "Give each entry as keys with values.")
        return False
    for key in entry:
        if key not in keys:
            problems.add(str(key), f"There is no such key. The keys are {', '.join(keys)}.")
    return True


def _text(entry: dict[str, Any], key: str, problems: Problems, *, required: bool = True) -> str:
    value = entry.get(key)
    if value is None or value == "":
        if required:
            problems.add(key, REQUIRED)
        return ""
    if isinstance(value, str):
        return value
    problems.add(key, "Give a text; in quotes when it looks like a number.")
    return ""


def _number(entry: dict[str, Any], key: str, problems: Problems) -> float:
    value = entry.get(key)
    if value is None:
        problems.add(key, REQUIRED)
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        problems.add(key, "Give a number.")
    else:
        return value
    return 0


def _span(value: Any, problems: Problems) -> int:
    if value is None:
        problems.add("seconds", REQUIRED)
        return 0
    return read_span(value if isinstance(value, str) else "", problems)


def _hours(value: Any, problems: Problems) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        problems.add("hours", f"Give spans by day, like monday: [09:00-17:00], or `{_ALWAYS}`.")
        return {}
    hours = {}
    for day, spans in value.items():
        given = [] if spans is None else [spans] if isinstance(spans, str) else spans
        if isinstance(given, list) and all(isinstance(span, str) for span in given):
            hours[str(day)] = given
        else:
            problems.add("hours", f"{day}: Give a list of spans, like [09:00-12:30, 13:00-17:00].")
    return hours


def _list(entry: dict[str, Any], key: str, problems: Problems) -> list[Any]:
    value = entry.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    problems.add(key, "Give a list, like [a, b].")
    return []


def _all_named(entry: dict[str, Any], key: str, rows: Mapping[int, Any], problems: Problems) -> list[int]:
    found = [_named(key, value, rows, problems) for value in _list(entry, key, problems)]
    return list(dict.fromkeys(id for id in found if id is not None))


def _named(key: str, value: Any, rows: Mapping[int, Any], problems: Problems) -> int | None:
    """The id of what has this name, in any case, or this id."""
    if isinstance(value, int) and not isinstance(value, bool) and value in rows:
        return value
    ids = [id for id, row in rows.items() if isinstance(value, str) and name_key(row.name) == name_key(value)]
    if len(ids) == 1:
        return ids[0]
    if ids:
        problems.add(key, f"There are several named {value}; give one of the ids {', '.join(map(str, ids))}.")
    else:
        names = ", ".join(row.name for row in rows.values()) or "none"
        problems.add(key, f"There is no {value} here. There are: {names}.")
    return None


def _reference_to(row: Any, rows: Mapping[int, Any]) -> str | int:
    """Its name where that says which one."""
    same = [other for other in rows.values() if name_key(other.name) == name_key(row.name)]
    return row.name if len(same) == 1 else row.id
