"""Where readers who follow the desk, or go through a whole list, want to go on. What cannot be is a problem.

Each takes the parameters of the address; an empty value is one that cannot be.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from reynard.api.paging import page_number
from reynard.api.parse import LARGEST_ID, whole_number
from reynard.desk.errors import Problems
from reynard.desk.rules.dates import BadDate, read_moment

_SUCH_AS = "such as 2026-03-09 14:30:00 or 2026-03-09T14:30:00Z"
_NO_MOMENT = f"Enter a valid date/time, {_SUCH_AS}."
_NEITHER = f"Enter a whole number, or a date/time {_SUCH_AS}."
_LOST_PLUS = re.compile(r"(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:?\d{2})", re.ASCII)


def position(query: Mapping[str, str], name: str, problems: Problems) -> int:
    """An id, or 0 for the beginning, which is also where one begins who names none."""
    number = whole_number(query.get(name, "0"))
    if number is None:
        problems.add(name, "Enter a whole number.")
    elif not 0 <= number <= LARGEST_ID:
        problems.add(name, f"Ensure this value is from 0 to {LARGEST_ID}.")
    else:
        return number
    return 0


def moment(query: Mapping[str, str], name: str, problems: Problems) -> datetime | None:
    """A moment (protocol.md §5); None when none was sent. Dates alone are refused."""
    if name not in query:
        return None
    try:
        return read_moment(_LOST_PLUS.sub(r"\1+\2", query[name].strip()))  # a plus that was not escaped is a blank
    except BadDate:
        problems.add(name, _NO_MOMENT)
        return None


def position_or_moment(query: Mapping[str, str], name: str, problems: Problems) -> int | datetime:
    text = query.get(name, "0").strip()
    if re.fullmatch(r"-?\d+", text, re.ASCII):
        return position(query, name, problems)
    if not re.match(r"\d{4}-", text, re.ASCII):
        problems.add(name, _NEITHER)
        return 0
    return moment(query, name, problems) or 0


def after_id(query: Mapping[str, str], problems: Problems) -> int | None:
    """The element that a page begins behind; None when pages are asked for by their number."""
    if "after_id" not in query:
        return None
    if page_number(query.get("page")) != 1:
        problems.add("after_id", "Give either after_id or page.")
    return position(query, "after_id", problems)
