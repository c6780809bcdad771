"""The periods of reports: which days they are, and what is refused (reports.md §3, R-01)."""

from datetime import date

import pytest

from reynard.desk.errors import REQUIRED, Problems
from reynard.desk.rules import periods
from reynard.desk.rules.periods import Period


@pytest.mark.parametrize(
    ("today", "code", "first", "last"),
    [
        ("2026-03-09", "tod", "2026-03-09", "2026-03-09"),
        ("2026-03-09", "l7d", "2026-03-03", "2026-03-09"),
        ("2026-03-01", "l7d", "2026-02-23", "2026-03-01"),
        ("2026-03-09", "mtd", "2026-03-01", "2026-03-09"),
        ("2026-03-01", "mtd", "2026-03-01", "2026-03-01"),
        ("2026-03-09", "ytd", "2026-01-01", "2026-03-09"),
        ("2026-01-01", "ytd", "2026-01-01", "2026-01-01"),
        ("2026-03-31", "pm", "2026-02-01", "2026-02-28"),
        ("2024-03-31", "pm", "2024-02-01", "2024-02-29"),
        ("2026-01-05", "pm", "2025-12-01", "2025-12-31"),
    ],
)
def test_the_days_of_a_named_range(today, code, first, last):
    assert Period("cr", code).days(date.fromisoformat(today)) == (date.fromisoformat(first), date.fromisoformat(last))


def read(**given):
    problems = Problems()
    period = periods.read(given, problems)
    return period, dict(problems.items())


MARCH = {"period_start": "2026-03-01", "period_end": "2026-03-31"}


@pytest.mark.parametrize(
    ("given", "period"),
    [
        ({}, None),
        (dict.fromkeys(periods.PARAMETERS, " "), None),
        ({"period_date_range_type": "mtd"}, Period("cr", "mtd")),
        ({"period_date_range_type": "pm", "period_type": "cl", "period_start": ""}, Period("cl", "pm")),
        (MARCH, Period("cr", "sr", date(2026, 3, 1), date(2026, 3, 31))),
        ({**MARCH, "period_type": "srp", "period_date_range_type": "sr"},
         Period("srp", "sr", date(2026, 3, 1), date(2026, 3, 31))),
        ({"period_start": "09/03/2026", "period_end": "2026-3-9"},
         Period("cr", "sr", date(2026, 3, 9), date(2026, 3, 9))),
    ],
)  # fmt: skip
def test_it_reads_what_is_given(given, period):
    assert read(**given) == (period, {})


_TYPES = "Select one of cr, as, str, cur, prs, srp, cl."
_RANGES = "Select one of sr, tod, l7d, mtd, ytd, pm."


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"period_type": "cl"}, {"period_date_range_type": [REQUIRED]}),
        ({"period_date_range_type": "sr"}, {"period_start": [REQUIRED], "period_end": [REQUIRED]}),
        ({"period_start": "2026-03-01"}, {"period_end": [REQUIRED]}),
        ({"period_end": "2026-03-01", "period_type": "x"}, {"period_type": [_TYPES], "period_start": [REQUIRED]}),
        ({"period_date_range_type": "CR", **MARCH}, {"period_date_range_type": [_RANGES]}),
        ({**MARCH, "period_end": "2026-02-29"}, {"period_end": ["Enter a valid date."]}),
        ({**MARCH, "period_start": "yesterday"}, {"period_start": ["Enter a valid date."]}),
        ({"period_start": "2026-02-30", "period_end": "0000-00-00"},
         {"period_start": ["Enter a valid date."], "period_end": ["Enter a valid date."]}),
        ({"period_start": "2026-03-31", "period_end": "2026-03-01"},
         {"period_end": ["The period ends before it starts."]}),
        ({**MARCH, "period_date_range_type": "tod"},
         {"period_start": ["Dates go with sr, not with tod."], "period_end": ["Dates go with sr, not with tod."]}),
    ],
)  # fmt: skip
def test_it_refuses_what_cannot_be_followed(given, problems):
    assert read(**given)[1] == problems
