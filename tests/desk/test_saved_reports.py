"""Saving reports, and what is refused."""

import pytest

from reynard.desk.actions import reports
from reynard.desk.actions.reports import GivenReport
from reynard.desk.errors import Invalid, NotFound
from reynard.desk.models import Report
from reynard.desk.rules.periods import Period
from reynard.desk.selectors import reference
from tests import factories
from tests.factories import NOON


def refused(act):
    with pytest.raises(Invalid) as error:
        act()
    return dict(error.value.problems.items())


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({}, {"name": ["This field is required."]}),
        ({"name": "  "}, {"name": ["This field is required."]}),
        ({"name": "x" * 201}, {"name": ["Ensure this value has at most 200 characters (it has 201)."]}),
        ({"name": "a\x00"}, {"name": ["Null characters are not allowed."]}),
        ({"name": "brakes"}, {"name": ["There is a report brakes already."]}),
        ({"name": "a", "query": "x " * 51}, {"q": ["Search for at most 50 terms at once."]}),
        ({"name": "a", "query": "status:Nwe"}, {"q": [reports.NOTHING_MATCHES]}),
        ({"name": "a", "query": 'group:"Nobody"'}, {"q": [reports.NOTHING_MATCHES]}),
        ({"name": "a", "query": "x\x00"}, {"q": ["Null characters are not allowed."]}),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_saved(desk, given, problems):
    factories.make_report("Brakes")

    def save():
        reports.add_report(GivenReport(**given), reference=reference.current(), now=NOON)

    assert refused(save) == problems
    assert Report.objects.count() == 1


def test_a_change_keeps_what_is_not_given(desk):
    period = Period("cl", "pm")
    id = factories.make_report("Brakes", 'status:"Closed"', period, description="For Monday.")

    reports.change_report(id, GivenReport(name="Brakes closed"), reference=reference.current(), now=NOON)

    row = Report.objects.get()
    assert (row.name, row.query, row.description) == ("Brakes closed", 'status:"Closed"', "For Monday.")
    assert (row.period_type, row.period_range) == ("cl", "pm")
    reports.change_report(id, GivenReport(period=None, query=""), reference=reference.current(), now=NOON)
    assert Report.objects.filter(period_range="", query="", name="Brakes closed").exists()


def test_a_change_is_refused_like_a_new_one(desk):
    id = factories.make_report("Brakes")
    factories.make_report("Hubs")

    def change():
        reports.change_report(id, GivenReport(name="HUBS"), reference=reference.current(), now=NOON)

    assert refused(change) == {"name": ["There is a report HUBS already."]}
    with pytest.raises(NotFound):
        reports.change_report(id + 9, GivenReport(name="x"), reference=reference.current(), now=NOON)
