"""Promised times (reference.md "SLA"): working hours, and when a clock starts, pauses and stops.

A clock measures one promise of a policy on one ticket. It counts from the event its objective names, also when the
policy comes to apply later; a promise that was over by then was never made, so nobody is late for what they could not
know: imported tickets, tickets that are moved in, policies that are new. A clock runs in working hours only. It pauses
in the exclusion statuses, outside the categories of the policy and, unless its objective is a status, while the ticket
is completed. It stops when what it waits for happens. A clock that ran out is breached and stays so.
"""

import enum
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from reynard.desk.errors import Problems

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOLIDAYS_LIMIT = 1000
DAY_MINUTES = 24 * 60
_MAX_WEEKS = 52  # of working hours that one promise may take
_DAY = timedelta(days=1)
_FIRST = datetime(1, 1, 3)  # noqa: DTZ001  # the calendar ends two days earlier, and any zone is within one

Interval = tuple[int, int]  # minutes since midnight, from and to; 1440 is the end of the day
Week = tuple[tuple[Interval, ...], ...]  # Monday to Sunday; intervals in order, apart from each other


class Schedule(msgspec.Struct, frozen=True):
    """When somebody works: hours of the clock on the wall in a time zone, not on holidays.

    An hour that the clock skips is no working time, one that comes twice is twice. Raises ValueError for a week
    without hours.
    """

    week: Week
    time_zone: str  # IANA, known to exist
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not self.week_seconds:
            raise ValueError("A schedule needs seven days, and working hours on at least one of them.")

    @property
    def week_seconds(self) -> int:
        return 60 * sum(end - start for day in self.week for start, end in day)


def add_working_time(start: datetime, seconds: float, schedule: Schedule) -> datetime:
    """The first moment by which so many working seconds have passed since `start`, in UTC."""
    left = timedelta(seconds=seconds)
    if left <= timedelta():
        return start.astimezone(UTC)
    for begin, end in _periods(_plain(start), schedule):
        if end - begin >= left:
            return (begin + left).replace(tzinfo=UTC)
        left -= end - begin
    raise AssertionError  # working hours never end


def working_seconds(start: datetime, end: datetime, schedule: Schedule) -> float:
    """Working seconds between two moments; 0 when they are the wrong way round."""
    until, total = _plain(end), timedelta()
    if _plain(start) >= until:
        return 0.0
    for begin, stop in _periods(_plain(start), schedule):
        if begin >= until:
            break
        total += min(stop, until) - begin
    return total.total_seconds()


def too_long(seconds: int, schedule: Schedule) -> bool:
    """Whether a promise takes so many weeks that walking through them would be noticed."""
    return seconds > schedule.week_seconds * _MAX_WEEKS


# --- working hours as periods; everything here is UTC without a zone


def _plain(moment: datetime) -> datetime:
    return max(moment.astimezone(UTC).replace(tzinfo=None), _FIRST)


def _periods(begin: datetime, schedule: Schedule) -> Iterator[tuple[datetime, datetime]]:
    """The working time from a moment on, as periods in order; one may begin where another ends."""
    zone = ZoneInfo(schedule.time_zone)
    while True:
        end = datetime.combine(begin.date() + _DAY, time())
        for start, stop, offset in _steady(begin, end, zone):
            for opens, closes in _open(start + offset, stop + offset, schedule):
                yield opens - offset, closes - offset
        begin = end


def _open(start: datetime, stop: datetime, schedule: Schedule) -> Iterator[tuple[datetime, datetime]]:
    """Working hours between two times of the clock on the wall."""
    day = start.date()
    while day <= stop.date():
        if day not in schedule.holidays:
            midnight = datetime.combine(day, time())
            for opens, closes in schedule.week[day.weekday()]:
                first = max(start, midnight + timedelta(minutes=opens))
                last = min(stop, midnight + timedelta(minutes=closes))
                if first < last:
                    yield first, last
        day += _DAY


def _steady(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """A span of at most a day, cut where the zone's distance from UTC changes: `(begin, end, distance)`."""
    offset = _offset(begin, zone)
    while offset != _offset(end, zone):
        change = _first_change(begin, end, offset, zone)
        yield begin, change, offset
        begin, offset = change, _offset(change, zone)
    yield begin, end, offset


def _first_change(begin: datetime, end: datetime, offset: timedelta, zone: ZoneInfo) -> datetime:
    """Zones change at whole seconds."""
    start = begin.replace(microsecond=0)
    before, after = 0, math.ceil((end - start).total_seconds())
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(start + timedelta(seconds=middle), zone) == offset:
            before = middle
        else:
            after = middle
    return start + timedelta(seconds=after)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return offset


# --- schedules as people write them


def read_schedule(
    time_zone: str, hours: Mapping[str, Sequence[str]], holidays: Sequence[str | date], problems: Problems
) -> Schedule | None:
    """A schedule from `{"monday": ["09:00-12:30", "13:00-17:00"], …}` and dates like `2026-12-25`.

    None when something is wrong; it is in `problems` under `time_zone`, `hours`, `holidays`.
    """
    if "time_zone" not in problems and not zone_exists(time_zone):
        problems.add("time_zone", f"There is no time zone {time_zone}. Use a name like Europe/Berlin or UTC.")
    for name in hours.keys() - set(WEEKDAYS):
        problems.add("hours", f"{name} is no day. The days are {', '.join(WEEKDAYS)}.")
    week = tuple(_read_day(name, hours.get(name, ()), problems) for name in WEEKDAYS)
    if "hours" not in problems and not any(week):
        problems.add("hours", "A week needs working hours on at least one day.")
    days = _read_holidays(holidays, problems)
    if any(field in problems for field in ("time_zone", "hours", "holidays")):
        return None
    return Schedule(week, time_zone, days)


_SPAN = re.compile(r"(?:(\d{1,6})\s*h)?\s*(?:(\d{1,6})\s*m)?\s*(?:(\d{1,6})\s*s)?", re.ASCII)


def read_span(text: str, problems: Problems) -> int:
    """Seconds of `4h`, `30m`, `1h 30m`; what is wrong is in `problems` under `seconds`."""
    match = _SPAN.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        problems.add("seconds", "Write working hours and minutes, like 4h, 30m or 1h 30m; a day has no fixed length.")
        return 0
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def span_as_text(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    parts = ((hours, "h"), (rest // 60, "m"), (rest % 60, "s"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number)


def hours_as_text(week: Week) -> dict[str, list[str]]:
    """The opposite of what read_schedule takes; days without hours are left out."""
    return {
        name: [f"{_clock(start)}-{_clock(end)}" for start, end in day]
        for name, day in zip(WEEKDAYS, week, strict=True)
        if day
    }


@lru_cache(maxsize=1000)
def zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the database, like Europe
        return False
    return True


_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})", re.ASCII)


def _read_day(name: str, texts: Sequence[str], problems: Problems) -> tuple[Interval, ...]:
    found = []
    for text in texts:
        match = _INTERVAL.fullmatch(text.strip())
        start, end = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
        if match is None or int(match[2]) > 59 or int(match[4]) > 59 or max(start, end) > DAY_MINUTES:
            problems.add("hours", f"{name}: {text} is no span of hours. Write it like 09:00-17:30.")
        elif start >= end:
            problems.add(
                "hours",
                f"{name}: {text} ends before it begins. Hours past midnight belong to the next day: "
                "22:00-24:00 here, 00:00-06:00 there.",
            )
        else:
            found.append((start, end))
    found.sort()
    for (_, end), (start, _) in pairwise(found):
        if start < end:
            problems.add("hours", f"{name}: two spans overlap at {_clock(start)}.")
    return tuple(found)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _read_holidays(given: Sequence[str | date], problems: Problems) -> frozenset[date]:
    days = set()
    for text in given:
        if isinstance(text, date):
            days.add(text)
            continue
        try:
            if not _DATE.fullmatch(text.strip()):
                raise ValueError
            days.add(date.fromisoformat(text.strip()))
        except ValueError:
            problems.add("holidays", f"{text} is no date. Write it like 2026-12-25.")
    if len(days) > HOLIDAYS_LIMIT:
        problems.add("holidays", f"Give at most {HOLIDAYS_LIMIT} holidays.")
    return frozenset(days)


# --- clocks


class Objective(enum.StrEnum):
    """What is promised, and from when the time counts."""

    FIRST_RESPONSE = "first_response"  # staff answer, from creation
    ASSIGNMENT = "assignment"  # somebody has the ticket, from creation or unassignment
    REPLY_TO_CONTACT = "reply_to_contact"  # staff answer a reply of the contact, from the first one unanswered
    REPLY_BY_CONTACT = "reply_by_contact"  # the contact answers a reply of staff, from the first one unanswered
    STATUS = "status"  # the ticket reaches a status, once, from creation


class Terms(msgspec.Struct, frozen=True):
    """What a policy promises. No categories: all of them. `status` is the one to reach, for that objective."""

    objective: Objective
    seconds: int  # working time allowed
    schedule: Schedule
    status: int | None = None
    categories: frozenset[int] = frozenset()
    exclusions: frozenset[int] = frozenset()  # statuses in which the clock pauses


class Situation(msgspec.Struct, frozen=True):
    """A ticket after something happened to it at `now`: what clocks depend on."""

    now: datetime
    created_at: datetime
    category: int
    status: int
    pending: bool
    assigned: bool
    unassigned_at: datetime | None = None  # by what just happened
    staff_replied_at: datetime | None = None  # last public message of staff
    contact_replied_at: datetime | None = None  # last one of a contact after the first of the ticket
    contact_spoke_last: bool = True


class Clock(msgspec.Struct, frozen=True):
    """Either runs towards `due_at` or is paused with `remaining_seconds` of working time. Open until `finished_at`.

    `decided_at`: since when it is known whether the promise was kept: the due moment of a breached clock, else the end.
    """

    started_at: datetime
    due_at: datetime | None = None
    remaining_seconds: int | None = None
    breached_at: datetime | None = None
    finished_at: datetime | None = None
    decided_at: datetime | None = None


class Step(enum.Enum):
    START = "started"
    STOP = "stopped"
    PAUSE = "paused"
    RESUME = "resumed"


def next_step(clock: Clock | None, terms: Terms, situation: Situation) -> Step | None:
    """What the situation does to the clock (None: there is no clock yet); None for nothing.

    Whether the ticket meets the policy's condition is for the caller to ask before a START.
    """
    waiting = waiting_since(terms, situation) is not None
    if clock is None or clock.finished_at is not None:
        once_done = clock is not None and terms.objective is Objective.STATUS
        return Step.START if waiting and not once_done and _in_category(terms, situation) else None
    if not waiting:
        return Step.STOP
    if clock.breached_at is not None:
        return None
    held = is_held(terms, situation)
    if held == (clock.due_at is None):
        return None
    return Step.PAUSE if held else Step.RESUME


def waiting_since(terms: Terms, situation: Situation) -> datetime | None:
    """From when the time of the promise counts; None when nobody waits for it."""
    match terms.objective:
        case Objective.FIRST_RESPONSE:
            return None if situation.staff_replied_at else situation.created_at
        case Objective.ASSIGNMENT:
            return None if situation.assigned else situation.unassigned_at or situation.created_at
        case Objective.REPLY_TO_CONTACT:
            return situation.contact_replied_at if situation.contact_spoke_last else None
        case Objective.REPLY_BY_CONTACT:
            return None if situation.contact_spoke_last else situation.staff_replied_at
        case Objective.STATUS:
            return None if situation.status == terms.status else situation.created_at


def is_held(terms: Terms, situation: Situation) -> bool:
    """Whether the time stands still."""
    if situation.status in terms.exclusions or not _in_category(terms, situation):
        return True
    return not situation.pending and terms.objective is not Objective.STATUS


def _in_category(terms: Terms, situation: Situation) -> bool:
    return not terms.categories or situation.category in terms.categories


def start(terms: Terms, situation: Situation) -> Clock | None:
    """A new clock, paused where the time stands still; None for a promise that is over already."""
    since = waiting_since(terms, situation)
    assert since is not None
    due = add_working_time(since, terms.seconds, terms.schedule)
    if due < situation.now:
        return None
    clock = Clock(started_at=since, due_at=due)
    return pause(clock, terms, situation.now) if is_held(terms, situation) else clock


def pause(clock: Clock, terms: Terms, now: datetime) -> Clock:
    """With what is left of its time, in started seconds; breached when nothing is."""
    clock = breach_if_over(clock, now)
    if clock.breached_at is not None or clock.due_at is None:
        return clock
    left = math.ceil(working_seconds(now, clock.due_at, terms.schedule))
    return msgspec.structs.replace(clock, due_at=None, remaining_seconds=left)


def resume(clock: Clock, terms: Terms, now: datetime) -> Clock:
    due = add_working_time(now, clock.remaining_seconds or 0, terms.schedule)
    return msgspec.structs.replace(clock, due_at=due, remaining_seconds=None)


def stop(clock: Clock, now: datetime) -> Clock:
    """What it waited for has happened, in time or not."""
    clock = breach_if_over(clock, now)
    return msgspec.structs.replace(clock, finished_at=now, decided_at=clock.decided_at or now)


def breach_if_over(clock: Clock, now: datetime) -> Clock:
    """Breached at its due moment, whenever that is noticed."""
    if clock.breached_at is not None or clock.due_at is None or clock.due_at >= now:
        return clock
    return msgspec.structs.replace(clock, breached_at=clock.due_at, decided_at=clock.due_at)
