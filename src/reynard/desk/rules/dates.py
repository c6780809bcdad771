"""Dates as people and clients write them (protocol.md §5). Everything is UTC."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


class BadDate(Exception):
    """Not a date; the text is the sentence clients have seen."""

    def __init__(self, text: str = "Enter a valid date.") -> None:
        super().__init__(text)


def read_date(given: Any) -> date:
    """A date from `yyyy-mm-dd`, `dd/mm/yyyy`, or a date or timestamp as YAML loads it. Raises BadDate."""
    if isinstance(given, datetime):
        return _in_utc(given, BadDate()).date()
    if isinstance(given, date):
        return given
    if not isinstance(given, str):
        raise BadDate
    text = given.strip()
    if match := _DATE.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, match.groups())
    else:
        raise BadDate
    try:
        return date(year, month, day)
    except ValueError:
        raise BadDate from None


def read_moment(given: Any) -> datetime:
    """A moment from `yyyy-mm-ddThh:mm:ss[.ffffff][Z|±hh:mm]`, or with a blank for the T; UTC. Raises BadDate.

    Without a zone the value is UTC. A date without a time is refused: nobody creates tickets "on a day".
    """
    if isinstance(given, str):
        given = _parse_moment(given.strip())
    if not isinstance(given, datetime):
        raise BadDate("Enter a valid date/time.")
    return _in_utc(given, BadDate("Enter a valid date/time."))


def _in_utc(moment: datetime, beyond_the_calendar: BadDate) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise beyond_the_calendar from None


_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s*(Z|z|[+-]\d{2}:?\d{2})?", re.ASCII)


def _parse_moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise BadDate("Enter a valid date/time.")
    try:
        return datetime.fromisoformat(re.sub(r"\s+(?=[Zz+-])", "", text).upper())
    except ValueError:
        raise BadDate("Enter a valid date/time.") from None


_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_WITH_TIME = re.compile(r"(\d{4}[-/]\d{1,2}[-/]\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)


def read_searched_day(text: str, *, month_first: bool = False) -> date | None:
    """A day as a search names it: `yyyy/mm/dd` or `yyyy-mm-dd`, of custom fields also `mm/dd/yyyy` (tickets.md §3)."""
    if match := _YEAR_FIRST.fullmatch(text.strip()):
        year, month, day = map(int, match.groups())
    elif month_first and (match := _MONTH_FIRST.fullmatch(text.strip())):
        month, day, year = map(int, match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_searched_span(text: str) -> tuple[datetime, datetime] | None:
    """What a search names as a moment, from its beginning to its end: a UTC day, or a second (tickets.md §3.1)."""
    try:
        if match := _WITH_TIME.fullmatch(text.strip()):
            day = read_searched_day(match[1])
            if day is None:
                return None
            start = datetime(day.year, day.month, day.day, int(match[2]), int(match[3]), int(match[4] or 0), tzinfo=UTC)
            return start, start + timedelta(seconds=1)
        if day := read_searched_day(text):
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return start, datetime.max.replace(tzinfo=UTC) if day == date.max else start + timedelta(days=1)
    except (ValueError, OverflowError):  # an hour that is none, the last second of the calendar
        pass
    return None
