"""Every view of a report by every period, compared with what a client works out from the tickets it reads."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from reynard.desk.actions import people, sla
from reynard.desk.models import SlaClock, SlaPolicy, Staff
from reynard.desk.rules.periods import Period
from reynard.desk.selectors import reference
from tests import factories
from tests.api.report_figures import Desk
from tests.api.writing import stop_clock
from tests.conftest import Api
from tests.histories import Days

START = datetime(2026, 2, 20, 22, 30, tzinfo=UTC)
TYPES = ("cr", "as", "str", "cur", "prs", "srp", "cl")
SEEDS = range(3)


@pytest.fixture(params=SEEDS)
def days(request, desk):
    """Random days, told by their seed."""
    days = Days(desk, request.param, START)
    days.happen(opened=18, more=110)
    Staff.objects.filter(first_name="amara").update(active=False)  # who left still has figures
    reference.changed()
    return days


@pytest.fixture
def figures(api, days):
    """What a client knows of the desk from reading it."""
    tickets = [ticket for page in range(1, 3) for ticket in api.get(f"tickets/?size=50&page={page}").json()["data"]]
    assert len(tickets) == len(days.numbers)
    return Desk(tickets, api.get("statuses/").json(), api.get("staff/").json())


def read(api, report, view, **query):
    answer = api.get(f"report/{report}/{view}", {"size": 50, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def check(api, figures, report, histories, order="a", **query):
    """All views of a report are what they should be for these histories."""
    rows = read(api, report, "tabulardata/", sort_dir=order, **query)["rows"]
    assert rows == figures.tickets(histories, order=order)
    check_figures(api, figures, report, histories, order, **query)


def check_figures(api, figures, report, histories, order="a", **query):
    """All but the list of tickets."""
    for view, name, expected in (
        ("staffperformance/", "staff_performance", figures.staff_performance),
        ("staffactivity/", "staff_activity", figures.staff_activity),
        ("customeractivity/", "customer_activity", figures.contact_activity),
    ):
        assert read(api, report, view, sort_dir=order, **query)[name] == expected(histories, order)
    assert read(api, report, "responsestats/", **query) == figures.response_stats(histories)


def test_all_tickets(api, figures):
    report = factories.make_report()

    assert read(api, report, "") == figures.summary(figures.histories)
    for order in "ad":
        check(api, figures, report, figures.histories, order)
        for key in ("duedate", "ticket", "status", "created", "assigned"):
            page = read(api, report, "tabulardata/", sort_key=key, sort_dir=order)
            assert page["rows"] == figures.tickets(figures.histories, key, order)


@pytest.mark.parametrize("type", TYPES)
def test_periods_chosen_at_run_time(api, days, figures, type):
    report = factories.make_report()
    length = (days.now.date() - START.date()).days
    chosen_by_any = 0
    for first, last in [(0, 0), (1, 1), (length // 3, length // 2), (0, length), (length, length + 9)]:
        period = (START.date() + timedelta(days=first), START.date() + timedelta(days=last))
        query = {"period_type": type, "period_start": period[0].isoformat(), "period_end": period[1].isoformat()}
        histories = figures.chosen((type, *period))
        chosen_by_any += len(histories)
        check(api, figures, report, histories, **query)
    assert chosen_by_any


@pytest.mark.parametrize("type", TYPES)
def test_saved_periods(api, days, figures, type, monkeypatch):
    stop_clock(monkeypatch, days.now)
    whole = factories.make_report()
    today = days.now.date()
    for code, (first, last) in {
        "tod": (today, today),
        "l7d": (today - timedelta(days=6), today),
        "mtd": (today.replace(day=1), today),
        "ytd": (today.replace(month=1, day=1), today),
        "pm": ((today.replace(day=1) - timedelta(days=1)).replace(day=1), today.replace(day=1) - timedelta(days=1)),
    }.items():
        report = factories.make_report(f"{type} {code}", period=Period(type, code))
        histories = figures.chosen((type, first, last))
        assert read(api, report, "") == figures.summary(histories)
        assert read(api, report, "tabulardata/")["rows"] == figures.tickets(histories)
        assert read(api, report, "responsestats/") == figures.response_stats(histories)
        asked = {"period_type": type, "period_date_range_type": code}
        assert read(api, whole, "responsestats/", **asked) == figures.response_stats(histories)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ('status:"Closed","Solved"', lambda ticket: ticket["status"]["name"] in {"Closed", "Solved"}),
        ("tag:vip", lambda ticket: "vip" in ticket["tags"].split(",")),
        ("assignee:none", lambda ticket: ticket["assigned_to"] is None),
        ('contact:"lena"', lambda ticket: ticket["user"]["name"] == "Lena Ortiz"),
        ("gear", lambda ticket: "gear" in ticket["subject"]),
    ],
)
def test_saved_searches(api, figures, query, wanted):
    report = factories.make_report(query=query)
    histories = figures.chosen(wanted=wanted)

    check(api, figures, report, histories)
    assert read(api, report, "") == figures.summary(histories)
    first, last = START.date(), START.date() + timedelta(days=9)
    dates = {"period_start": first.isoformat(), "period_end": last.isoformat()}
    for type in ("cr", "srp"):
        check(api, figures, report, figures.chosen((type, first, last), wanted), period_type=type, **dates)


def test_a_key_of_some_categories_has_figures_of_these_alone(api, desk, figures):
    report = factories.make_report()
    histories = figures.chosen(wanted=lambda ticket: ticket["category"]["id"] == desk.office.id)
    assert 0 < len(histories) < len(figures.histories)
    key = people.create_api_key(name="office", now=START, categories=[desk.office.id])
    limited = Api(key.api_key, key.auth_code)

    check(limited, figures, report, histories)
    assert read(limited, report, "") == figures.summary(histories)


def follow(api):
    """Every entry of the change feed, by ticket."""
    since, updates = 0, {}
    while True:
        page = api.get(f"changes/?since={since}&size=100").json()
        for change in page["data"]:
            if not change["ticket_deleted"]:
                updates.setdefault(change["ticket_id"], []).append(change["update"])
        since = page["next"]
        if not page["more"]:
            return updates


def as_ticket(number, updates, statuses):
    """What reports need of a ticket, from its entries alone."""

    def newest(kind):
        return next((update[kind] for update in reversed(updates) if update[kind]), None) or {"new": None}

    assignee = newest("assignee_change")
    return {
        "id": number,
        "created_at": updates[0]["timestamp"],
        "status": statuses[newest("status_change")["new"]],
        "assigned_to": {"id": assignee["new"]} if assignee["new"] else None,
        "user": updates[0]["by"],
        "time_spent": sum(update["time_spent"] or 0 for update in updates),
        "updates": updates,
    }


def test_the_change_feed_alone_says_enough(api, days):
    """All figures can be worked out by who has read nothing but the feed, the statuses and the staff."""
    statuses = api.get("statuses/").json()
    by_id = {status["id"]: status for status in statuses}
    tickets = [as_ticket(number, updates, by_id) for number, updates in follow(api).items()]
    assert {ticket["id"] for ticket in tickets} == set(days.numbers)
    figures = Desk(tickets, statuses, api.get("staff/").json())

    report = factories.make_report()
    for period in (None, *((type, START.date(), START.date() + timedelta(days=8)) for type in TYPES)):
        query = {"period_type": period[0], "period_start": period[1], "period_end": period[2]} if period else {}
        check_figures(api, figures, report, figures.chosen(period), **query)
    assert read(api, report, "") == figures.summary(figures.histories)


@pytest.mark.parametrize("seed", SEEDS)
def test_promised_times(api, desk, seed):
    """Every clock that was decided, counted one by one."""
    ended = factories.make_policy("assignment", 3600, name="Ended", target=99.5)
    unused = factories.make_policy("status", name="Never used", target_status=factories.make_status("Sent"))
    objectives = ("first_response", "reply_to_contact")
    policies = [ended, *(factories.make_policy(name, 5 * 3600, name=name, target=80) for name in objectives)]
    days = Days(desk, seed, START)
    days.happen(opened=18, more=110)
    SlaPolicy.objects.filter(id__in=[ended.id, unused.id]).update(active=False)
    reference.changed()
    sla.advance_due(days.now)

    def expected(numbers):
        for policy in policies:
            clocks = [
                clock
                for clock in SlaClock.objects.filter(policy=policy)
                if clock.decided_at and clock.ticket_id in numbers
            ]
            late = sum(clock.breached_at is not None for clock in clocks)
            achieved = round(100 * (len(clocks) - late) / len(clocks), 2) if clocks else 100.0
            if clocks or policy.id != ended.id:
                yield {
                    "name": policy.name,
                    "target": policy.target,
                    "achieved": achieved,
                    "ticketsChecked": len(clocks),
                    "ticketsBreached": late,
                }

    report = factories.make_report()
    answer = read(api, report, "slaentries/")
    assert answer == list(expected(set(days.numbers)))
    assert [row["ticketsBreached"] > 0 for row in answer] == [True] * 3
    assert '"target": 80,' in json.dumps(answer)
    last = START.date() + timedelta(days=8)
    query = {"period_type": "cr", "period_start": "2026-02-01", "period_end": last.isoformat()}
    chosen = {row["id"] for row in read(api, report, "tabulardata/", **query)["rows"]}
    assert 0 < len(chosen) < len(days.numbers)
    assert read(api, report, "slaentries/", **query) == list(expected(chosen))
