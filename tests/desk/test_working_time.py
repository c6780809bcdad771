"""Working hours: across midnight, weekends, holidays and both changes of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reynard.desk.errors import Problems
from reynard.desk.rules.sla import WEEKDAYS, Schedule, add_working_time, hours_as_text, read_schedule, working_seconds

OFFICE = {day: ["09:00-12:30", "13:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
ALWAYS = {day: ["00:00-24:00"] for day in WEEKDAYS}
HOUR = 3600


def schedule(hours=OFFICE, zone="Europe/Berlin", holidays=()):
    problems = Problems()
    read = read_schedule(zone, hours, holidays, problems)
    problems.raise_if_any()
    return read


def at(text, zone="Europe/Berlin", fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


# In Germany the clock went from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October.
@pytest.mark.parametrize(
    ("hours", "start", "seconds", "end"),
    [
        pytest.param(OFFICE, at("2026-03-09 09:00"), HOUR, at("2026-03-09 10:00"), id="in the morning"),
        pytest.param(OFFICE, at("2026-03-09 12:00"), HOUR, at("2026-03-09 13:30"), id="over lunch"),
        pytest.param(OFFICE, at("2026-03-09 16:00"), HOUR, at("2026-03-09 17:00"), id="to the last minute"),
        pytest.param(OFFICE, at("2026-03-09 16:30"), HOUR, at("2026-03-10 09:30"), id="over night"),
        pytest.param(OFFICE, at("2026-03-13 16:30"), HOUR, at("2026-03-16 09:30"), id="over a weekend"),
        pytest.param(OFFICE, at("2026-03-14 03:00"), HOUR, at("2026-03-16 10:00"), id="from a weekend"),
        pytest.param(OFFICE, at("2026-12-24 16:30"), HOUR, at("2026-12-28 09:30"), id="over a holiday and a weekend"),
        pytest.param(OFFICE, at("2026-03-09 12:45"), 0, at("2026-03-09 12:45"), id="no time at all"),
        pytest.param(OFFICE, at("2026-03-27 16:30"), HOUR, at("2026-03-30 09:30"), id="over the change to summer"),
        pytest.param(OFFICE, at("2026-10-23 16:30"), HOUR, at("2026-10-26 09:30"), id="over the change to winter"),
        pytest.param(ALWAYS, at("2026-03-29 01:30"), HOUR, at("2026-03-29 03:30"), id="the hour that is skipped"),
        pytest.param(ALWAYS, at("2026-10-25 02:30"), HOUR, at("2026-10-25 02:30", fold=1), id="the hour that is twice"),
        pytest.param(ALWAYS, at("2026-03-28 12:00"), 86400, at("2026-03-29 13:00"), id="a day that has 23 hours"),
        pytest.param(
            {"sunday": ["02:15-02:45", "04:00-06:00"]},
            at("2026-03-29 00:00"),
            HOUR,
            at("2026-03-29 05:00"),
            id="hours that do not come",
        ),
        pytest.param(
            {"sunday": ["02:15-02:45"]},
            at("2026-10-25 00:00"),
            HOUR,
            at("2026-10-25 02:45", fold=1),
            id="hours that come twice",
        ),
        pytest.param(
            {"friday": ["22:00-24:00"], "saturday": ["00:00-06:00"]},
            at("2026-03-13 23:00"),
            2 * HOUR,
            at("2026-03-14 01:00"),
            id="a night shift",
        ),
    ],
)
def test_working_time_ends(hours, start, seconds, end):
    week = schedule(hours, holidays=["2026-12-25"])

    assert add_working_time(start, seconds, week) == end
    assert working_seconds(start, end, week) == seconds


def test_a_day_that_a_zone_never_had_is_no_working_day():
    week = schedule(ALWAYS, "Pacific/Apia")  # crossed the date line: 30 December 2011 did not happen there

    assert working_seconds(at("2011-12-29", "Pacific/Apia"), at("2011-12-31", "Pacific/Apia"), week) == 24 * HOUR


def test_every_moment_is_working_time_of_a_schedule_without_breaks():
    start = datetime(2026, 1, 1, 13, 37, 12, 345678, tzinfo=UTC)

    assert add_working_time(start, 10_000_000, schedule(ALWAYS)) == start + timedelta(seconds=10_000_000)


def test_the_wrong_way_round_is_no_time():
    assert working_seconds(at("2026-03-10 12:00"), at("2026-03-09 12:00"), schedule()) == 0


def test_the_beginning_of_the_calendar_is_no_error():
    assert add_working_time(datetime.min.replace(tzinfo=UTC), HOUR, schedule()).year == 1


def test_a_week_without_hours_is_refused():
    with pytest.raises(ValueError, match="working hours"):
        Schedule(((),) * 7, "UTC")


# --- against a computation that is slow and obviously right


def slow_minutes(start, end, week):
    """How many of the minutes that begin in a span are working time."""
    zone, minutes = ZoneInfo(week.time_zone), 0
    while start < end:
        wall = start.astimezone(zone)
        minute = wall.hour * 60 + wall.minute
        open_now = any(opens <= minute < closes for opens, closes in week.week[wall.weekday()])
        minutes += open_now and wall.date() not in week.holidays
        start += timedelta(minutes=1)
    return minutes


@st.composite
def days(draw):
    edges = sorted(draw(st.sets(st.integers(0, 96), min_size=0, max_size=6)))
    return tuple((15 * a, 15 * b) for a, b in zip(edges[::2], edges[1::2], strict=False))


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca"]
CHANGES = [
    datetime(2026, month, day, tzinfo=UTC) for month, day in [(3, 29), (10, 25), (3, 8), (11, 1), (4, 4), (2, 15)]
]
WEEKS = st.tuples(*[days()] * 7).filter(any)
MOMENTS = st.builds(
    lambda near, minutes: near + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-3000, 3000)
)


@st.composite
def schedules(draw):
    near = draw(st.sampled_from(CHANGES)).date()
    holidays = draw(st.sets(st.integers(-2, 2).map(lambda n: near + timedelta(days=n)), max_size=2))
    return Schedule(draw(WEEKS), draw(st.sampled_from(ZONES)), frozenset(holidays))


@settings(max_examples=60, deadline=None)
@given(schedules(), MOMENTS, st.integers(0, 4 * 24 * 60))
def test_working_time_is_what_counting_minutes_says(week, start, length):
    end = start + timedelta(minutes=length)

    assert working_seconds(start, end, week) == 60 * slow_minutes(start, end, week)


@settings(max_examples=150, deadline=None)
@given(schedules(), MOMENTS, st.integers(1, 20 * 24 * HOUR), st.integers(0, 999_999))
def test_adding_is_the_opposite_of_measuring(week, start, seconds, microseconds):
    start += timedelta(microseconds=microseconds)
    end = add_working_time(start, seconds, week)

    assert working_seconds(start, end, week) == seconds
    assert working_seconds(start, end - timedelta(microseconds=1), week) < seconds


@settings(max_examples=100, deadline=None)
@given(schedules(), MOMENTS, st.integers(0, 10_000), st.integers(0, 10_000))
def test_parts_of_a_span_add_up(week, start, first, second):
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)

    parts = working_seconds(start, middle, week) + working_seconds(middle, end, week)
    assert parts == working_seconds(start, end, week)


# --- as people write it


def test_hours_are_read_and_written_alike():
    assert hours_as_text(schedule().week) == OFFICE
    assert hours_as_text(schedule({"monday": ["13:00 - 17:00", "9:00\u201312:30"]}).week) == {
        "monday": ["09:00-12:30", "13:00-17:00"]
    }


def test_holidays_may_be_dates_as_yaml_reads_them():
    assert schedule(holidays=[date(2026, 12, 25), "2026-12-26"]).holidays == {date(2026, 12, 25), date(2026, 12, 26)}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"hours": {}}, "hours", "working hours on at least one day"),
        ({"hours": {"monday": []}}, "hours", "working hours on at least one day"),
        ({"hours": {"montag": ["09:00-17:00"]}}, "hours", "montag is no day"),
        ({"hours": {"monday": ["9-17"]}}, "hours", "monday: 9-17 is no span of hours"),
        ({"hours": {"monday": ["09:00-25:00"]}}, "hours", "no span of hours"),
        ({"hours": {"monday": ["09:60-17:00"]}}, "hours", "no span of hours"),
        ({"hours": {"monday": ["22:00-06:00"]}}, "hours", "belong to the next day"),
        ({"hours": {"monday": ["09:00-09:00"]}}, "hours", "ends before it begins"),
        ({"hours": {"monday": ["09:00-12:00", "11:00-17:00"]}}, "hours", "overlap at 11:00"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone", "no time zone Europe/Atlantis"),
        ({"time_zone": "Europe"}, "time_zone", "no time zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone", "no time zone"),
        ({"time_zone": ""}, "time_zone", "no time zone"),
        ({"holidays": ["2026-02-30"]}, "holidays", "2026-02-30 is no date"),
        ({"holidays": ["25.12.2026"]}, "holidays", "25.12.2026 is no date"),
        ({"holidays": [date(2026, 1, 1) + timedelta(days=n) for n in range(1001)]}, "holidays", "at most 1000"),
    ],
)
def test_what_cannot_be_worked_by_is_refused_with_its_field(change, field, words):
    problems = Problems()

    given = {"time_zone": "UTC", "hours": OFFICE, "holidays": [], **change}
    assert read_schedule(given["time_zone"], given["hours"], given["holidays"], problems) is None
    assert [name for name, _ in problems.items()] == [field]
    assert words in " ".join(dict(problems.items())[field])
