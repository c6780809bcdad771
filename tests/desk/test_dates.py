"""Dates as people and clients write them (protocol.md §5)."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.rules.dates import BadDate, read_date, read_moment


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2026-03-20", date(2026, 3, 20)),
        ("2026-3-5", date(2026, 3, 5)),
        (" 20/03/2026 ", date(2026, 3, 20)),
        ("1/2/2026", date(2026, 2, 1)),  # the day comes first
        ("29/02/2024", date(2024, 2, 29)),
        (date(2026, 3, 20), date(2026, 3, 20)),
        (datetime(2026, 3, 20, 23, 59), date(2026, 3, 20)),  # noqa: DTZ001  # as YAML loads it
        (datetime(2026, 3, 20, 1, tzinfo=timezone(timedelta(hours=2))), date(2026, 3, 19)),
    ],
)
def test_a_date(given, day):
    assert read_date(given) == day


@pytest.mark.parametrize(
    "given",
    [
        "",
        "tomorrow",
        "2026-02-30",
        "29/02/2026",
        "0000-01-01",
        "2026/03/20",
        "03-20-2026",
        "20/03/26",
        "2026-03-20 10:00",
        "٢٠٢٦-03-20",
        20260320,
        1.5,
        True,
        None,
        [],
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=14))),
    ],
)
def test_no_date(given):
    with pytest.raises(BadDate, match=r"^Enter a valid date\.$"):
        read_date(given)


EARLY = datetime(2026, 3, 9, 8, 41, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-03-09T08:41:17", EARLY),
        ("2026-03-09 08:41:17", EARLY),
        ("2026-03-09T08:41:17Z", EARLY),
        ("2026-03-09t08:41:17z".upper(), EARLY),
        ("2026-03-09T08:41:17 +00:00", EARLY),
        ("2026-03-09T10:41:17+02:00", EARLY),
        ("2026-03-08T23:11:17-0930", EARLY),
        ("2026-03-09T08:41", EARLY.replace(second=0)),
        ("2026-03-09T08:41:17.5", EARLY.replace(microsecond=500_000)),
        ("2026-03-09T08:41:17.123456Z", EARLY.replace(microsecond=123_456)),
        (datetime(2026, 3, 9, 8, 41, 17), EARLY),  # noqa: DTZ001
        (datetime(2026, 3, 9, 10, 41, 17, tzinfo=timezone(timedelta(hours=2))), EARLY),
    ],
)
def test_a_moment(given, moment):
    assert read_moment(given) == moment
    assert read_moment(given).tzinfo is UTC


@pytest.mark.parametrize(
    "given",
    [
        "",
        "now",
        "2026-03-09",
        "09/03/2026 08:41:17",
        "2026-02-30T00:00:00",
        "2026-03-09T25:00:00",
        "2026-03-09T08:41:60",
        "2026-03-09T08:41:17.1234567",
        "2026-03-09T08:41:17+25:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        date(2026, 3, 9),
        1_700_000_000,
        True,
        None,
        {},
    ],
)
def test_no_moment(given):
    with pytest.raises(BadDate, match=r"^Enter a valid date/time\.$"):
        read_moment(given)


@given(st.dates())
def test_every_day_is_read_in_both_spellings(day):
    assert read_date(day.isoformat()) == read_date(f"{day.day:02}/{day.month:02}/{day.year:04}") == day


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_moment_is_read_as_it_was_written(moment):
    assert read_moment(moment.isoformat()) == moment


@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none())
def test_nothing_else_ever_escapes(given):
    for read in (read_date, read_moment):
        with suppress(BadDate):
            assert isinstance(read(given), date)
