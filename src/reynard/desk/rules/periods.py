"""The periods by which a report chooses its tickets (reports.md §3). Days are UTC, and both ends belong to a period.

A period is what somebody asked for, such as the last seven days; `days` says which days that is on a given day.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from reynard.desk.errors import REQUIRED, Problems
from reynard.desk.rules.dates import BadDate, read_date

CREATION = "cr"
SELECTED = "sr"
TYPES = {
    CREATION: "the ticket was created",
    "as": "the ticket was assigned to somebody",
    "str": "staff replied",
    "cur": "a contact replied",
    "prs": "staff wrote a private note",
    "srp": "staff replied or wrote a private note",
    "cl": "the ticket was completed",
}
RANGES = {
    SELECTED: "from `period_start` to `period_end`",
    "tod": "today",
    "l7d": "today and the six days before",
    "mtd": "this month until today",
    "ytd": "this year until today",
    "pm": "the month before this one",
}
PARAMETERS = ("period_type", "period_date_range_type", "period_start", "period_end")


class Period(msgspec.Struct, frozen=True):
    """`start` and `end` belong to a selected range, and only to one."""

    type: str
    range: str
    start: date | None = None
    end: date | None = None

    def days(self, today: date) -> tuple[date, date]:
        """The first and the last day."""
        month = today.replace(day=1)
        if self.range == SELECTED:
            assert self.start is not None
            assert self.end is not None
            return self.start, self.end
        if self.range == "pm":
            end = month - timedelta(days=1)
            return end.replace(day=1), end
        firsts = {"tod": today, "l7d": today - timedelta(days=6), "mtd": month, "ytd": today.replace(month=1, day=1)}
        return firsts[self.range], today


def read(given: Mapping[str, str | None], problems: Problems) -> Period | None:
    """The period that is asked for by PARAMETERS; None when nothing is. What is empty was not given.

    A filter that cannot be followed is a problem, as a report without it would be a wrong one (R-01).
    """
    texts = {name: text.strip() for name in PARAMETERS if (text := given.get(name)) and text.strip()}
    if not texts:
        return None
    dates = {name: _date(name, texts[name], problems) for name in PARAMETERS[2:] if name in texts}
    type_ = texts.get("period_type", CREATION)
    if type_ not in TYPES:
        problems.add("period_type", _one_of(TYPES))
    range_ = texts.get("period_date_range_type", SELECTED if dates else "")
    if range_ not in RANGES:
        problems.add("period_date_range_type", _one_of(RANGES) if range_ else REQUIRED)
    elif range_ == SELECTED:
        for name in PARAMETERS[2:]:
            problems.require(name, name in texts)
    else:
        for name in dates:
            problems.add(name, f"Dates go with {SELECTED}, not with {range_}.")
    start, end = dates.get("period_start"), dates.get("period_end")
    if start and end and end < start:
        problems.add("period_end", "The period ends before it starts.")
    return Period(type_, range_, start, end)


def _date(name: str, text: str, problems: Problems) -> date | None:
    try:
        return read_date(text)
    except BadDate as error:
        problems.add(name, str(error))
        return None


def _one_of(codes: Mapping[str, str]) -> str:
    return f"Select one of {', '.join(codes)}."
