"""Search terms as parameters of their own, without `q` and with it (tickets.md §2, T-07).

`# [C] ours` marks what the contract leaves open.
"""

import pytest

from reynard.desk.models import ContactGroup, GroupMembership
from tests import factories
from tests.api.searching import check, day, in_url, set_columns, start_numbers_at
from tests.api.writing import stop_clock


class TestBareParameters:
    @pytest.fixture
    def tickets(self, desk, monkeypatch):
        stop_clock(monkeypatch)
        start_numbers_at(4127)
        fleet = ContactGroup.objects.create(name="Fleet customers")
        GroupMembership.objects.create(contact=desk.lena, group=fleet)
        first = factories.make_ticket(
            desk.lena,
            desk.workshop,
            subject="Brake",
            priority=desk.high.id,
            assignee=desk.priya.id,
            tags=["warranty", "c++"],
            due_date=day(0),
        )
        set_columns(first, sla_breaches=1, attachments_count=1)
        second = factories.make_ticket(
            desk.stranger, desk.workshop, subject="Bell", tags=["recall", "warranty"], due_date=day(9)
        )
        set_columns(second, unresponded=False)
        return {"first": first, "second": second}

    CASES = [
        ("unresponded", "true", "first"),
        ("unresponded", "false", "second"),
        ("unresponded", "maybe", ""),
        ("breached", "true", "first"),
        ("breached", "false", "second"),
        ("has_attachments", "true", "first"),
        ("has_attachments", "false", "second"),
        ("tag", "warranty", "first second"),
        ("tag", "recall", "second"),
        ("tag", "Recall", ""),
        ("tag", "recall,c++", "first second"),
        ("tag", "c++", "first"),
        ("tag", '"c++"', "first"),
        ("duedate", "today", "first"),
        ("duedate", "next 7 days", "first"),  # [C] ours: a parameter needs no quotes around blanks
        ("duedate", '"next 7 days"', "first"),
        ("duedate", "2026/03/18", "second"),
        ("duedate", "overdue", ""),
        ("duedate", "someday", ""),
        ("priority", "HIGH", "first"),
        ("priority", "high,normal", "first second"),
        ("priority", '"High"', "first"),
        ("priority", "nonsense", ""),
        ("assignee", "none", "second"),
        ("assignee", "--any", "first"),
        ("assignee", "priya@rollwerk.example", "first"),
        ("assignee", "Priya Raman", "first"),
        ("group", "Fleet customers", "first"),
        ("group", "none", "second"),
        ("group", "nonsense", ""),
        ("contact", "lena.ortiz@example.org", "first"),
        ("contact", "ortiz,sam", "first second"),
        ("id", "4127", "first"),
        ("id", "#RW00004128", "second"),
        ("id", "4127,RW00004128", "first second"),
        ("id", "0", ""),
        ("tag", "", "first second"),  # [C] ours: an empty parameter counts as not sent, like `status=`
    ]

    @pytest.mark.parametrize(("name", "value", "expected"), CASES, ids=[f"{name}={value}" for name, value, _ in CASES])
    def test_alone(self, api, tickets, name, value, expected):
        check(api, tickets, None, expected, **{name: value})

    def test_combined_with_each_other_and_with_everything_else(self, api, desk, tickets):
        check(api, tickets, None, "second", tag="warranty", assignee="none")
        check(api, tickets, None, "", tag="recall", assignee="any")
        check(api, tickets, "brake", "first", tag="warranty")
        check(api, tickets, "bell", "", unresponded="true")
        check(api, tickets, "tag:warranty", "second", tag="recall")
        check(api, tickets, None, "first", tag="warranty", status="_pending", priority="High")
        check(api, tickets, None, "", tag="warranty", status="_completed")
        check(api, tickets, None, "", tag="warranty", category=str(desk.office.id))
        check(api, tickets, "priority:High", "first", id="4127,4128", category=str(desk.workshop.id), breached="true")

    def test_an_address_may_hold_them_escaped(self, api, tickets):
        for name, value in (("tag", "c++"), ("group", "Fleet customers"), ("contact", "lena.ortiz@example.org")):
            page = api.get(f"tickets/?minify_response=true&{name}={in_url(value)}").json()
            assert page["data"] == [tickets["first"].id]
