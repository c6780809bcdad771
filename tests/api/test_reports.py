"""Saved reports over HTTP: envelopes, formats, sorting, paging, refusals (reports.md). Figures: test_report_figures."""

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
import yaml

from reynard.desk.actions import tickets
from reynard.desk.actions.tickets import ContactReply
from reynard.desk.rules.messages import compose
from reynard.desk.rules.periods import Period
from reynard.desk.selectors import reference, search
from tests import factories
from tests.api.reading import staff_update
from tests.api.writing import shape_l, stop_clock
from tests.factories import NOON

VIEWS = "tabulardata tabularview responsestats staffperformance staffactivity customeractivity slaentries".split()


@pytest.fixture
def report(desk):
    """A report on three tickets: one answered and closed, one assigned, one nobody looked at."""
    desk.done = factories.make_ticket(desk.lena, desk.workshop, assignee=desk.priya.id, due_date=date(2026, 3, 20))
    staff_update(desk.done, desk, text="Ordered.", status=desk.closed.id, time_spent=25, now=NOON + timedelta(hours=3))
    desk.taken = factories.make_ticket(desk.lena, desk.workshop, subject="Hub", assignee=desk.jonas.id)
    staff_update(desk.taken, desk, text="Look.", note=True, now=NOON + timedelta(hours=1))
    desk.fresh = factories.make_ticket(desk.stranger, desk.workshop, subject="Bell", now=NOON + timedelta(days=1))
    return factories.make_report("Everything", description="For the meeting.")


def test_the_list_has_the_newest_first(api, desk):
    ids = [factories.make_report(f"Report {n}", description="x" * n) for n in range(12)]

    rows = [{"id": id, "name": f"Report {n}", "description": "x" * n} for n, id in enumerate(ids)][::-1]
    numbers = {"last_index": 12, "page_count": 2}
    assert api.get("reports/").json() == {"rows": rows[:10], "start_index": 1, "end_index": 10, **numbers}
    assert api.get("reports/?page=2").json() == {"rows": rows[10:], "start_index": 11, "end_index": 12, **numbers}
    assert api.get("reports/?page=3").json() == {"rows": [], "start_index": 0, "end_index": 0, **numbers}


def test_a_desk_without_reports_has_an_empty_list(api):
    empty = {"rows": [], "start_index": 0, "end_index": 0, "last_index": 0, "page_count": 1}
    assert api.get("reports/").json() == empty


def test_the_summary(api, report):
    assert api.get(f"report/{report}/").json() == {
        "ticket_count": 3,
        "completed_count": 1,
        "pending_count": 2,
        "assigned_count": 2,
        "unassigned_count": 1,
    }


PAGE = {"sort_key": "duedate", "sort_order": "a", "start_index": 1, "end_index": 3, "last_index": 3, "page_count": 1}


@pytest.mark.parametrize("view", ["tabulardata", "tabularview"])
def test_the_tickets(api, desk, report, view):
    def row(ticket, status, assignee="-", due="-"):
        return {
            "id": ticket.id,
            "display_id": f"#RW{ticket.id:08d}",
            "subject": ticket.subject,
            "status_id": status.id,
            "status_name": status.name,
            "assignee": assignee,
            "due_date": due,
        }

    assert api.get(f"report/{report}/{view}/").json() == {
        "rows": [
            row(desk.done, desk.closed, "Priya Raman", "20 Mar 2026"),
            row(desk.taken, desk.new, "Jonas Beck"),
            row(desk.fresh, desk.new),
        ],
        **PAGE,
    }


def test_the_response_statistics(api, report):
    assert api.get(f"report/{report}/responsestats/").json() == [
        {"avg": avg, "unit": "Responses", name: texts}
        for name, avg, texts in [
            ("average_first_response_time", 10_800, SHARES),
            ("average_response_time", 10_800, SHARES),
            ("average_no_of_replies", 1, SHARES),
            ("average_no_of_response_to_completed_state", 1, SHARES),
        ]
    ]


SHARES = [
    "0.0% responded after 24 hours",
    "100.0% responded within 24 hours",
    "0.0% responded within first 2 hours",
]


def test_the_shares_have_their_bounds_to_the_second(api, desk):
    for seconds in (7200, 7201, 86_400, 86_401, 86_402):
        ticket = factories.make_ticket(desk.lena, desk.workshop)
        then = NOON + timedelta(seconds=seconds, microseconds=999_999)
        staff_update(ticket, desk, text="Ordered.", status=desk.closed.id, now=then)

    for row in api.get(f"report/{factories.make_report()}/responsestats/").json():
        [shares] = [value for name, value in row.items() if name not in {"avg", "unit"}]
        assert shares == [
            "40.0% responded after 24 hours",
            "40.0% responded within 24 hours",
            "20.0% responded within first 2 hours",
        ]


def test_the_performance_of_staff(api, desk, report):
    def row(person, first=0.0, response=0.0, replies=0.0, to_completion=0.0, completion=0, minutes=0.0):
        return {
            "staff_id": person.id,
            "name": person.name,
            "average_first_response_time": first,
            "average_response_time": response,
            "average_no_of_responses": replies,
            "average_no_of_responses_for_completion": to_completion,
            "average_time_to_ticket_complete": completion,
            "average_time_spent": minutes,
        }

    answer = api.get(f"report/{report}/staffperformance/").json()
    numbers = PAGE | {"sort_key": "name", "end_index": 2, "last_index": 2}
    assert answer == {
        "staff_performance": [row(desk.jonas), row(desk.priya, 10_800.0, 10_800.0, 1.0, 1.0, 10_800, 25.0)],
        **numbers,
    }
    assert isinstance(answer["staff_performance"][0]["average_response_time"], float)


def test_the_activity_of_staff(api, desk, report):
    def row(person, *counts):
        keys = "assigned completed pending participated no_of_replies private_notes time_spent".split()
        return {"staff_id": person.id, "name": person.name, **dict(zip(keys, counts, strict=True))}

    assert api.get(f"report/{report}/staffactivity/?sort_dir=d").json() == {
        "staff_activity": [row(desk.priya, 1, 1, 0, 2, 1, 1, 25), row(desk.jonas, 1, 0, 1, 0, 0, 0, 0)],
        **PAGE | {"sort_key": "name", "sort_order": "d", "end_index": 2, "last_index": 2},
    }


def test_the_activity_of_contacts(api, desk, report):
    def row(contact, *counts):
        keys = "no_of_tickets completed_tickets pending_tickets no_of_replies time_spent".split()
        who = {"contact_id": contact.id, "name": contact.name, "email": contact.email}
        return who | dict(zip(keys, counts, strict=True))

    assert api.get(f"report/{report}/customeractivity/").json() == {
        "customer_activity": [row(desk.lena, 2, 1, 1, 0, 25), row(desk.stranger, 1, 0, 1, 0, 0)],
        **PAGE | {"sort_key": "name", "end_index": 2, "last_index": 2},
    }


def test_the_sla_entries(api, desk):
    factories.make_policy(name="Two hours", target=90)
    factories.make_policy("assignment", target=99.5)
    report = factories.make_report()
    assert api.get(f"report/{report}/slaentries/").json() == [
        {"name": "Two hours", "target": 90, "achieved": 100.0, "ticketsChecked": 0, "ticketsBreached": 0},
        {"name": "assignment", "target": 99.5, "achieved": 100.0, "ticketsChecked": 0, "ticketsBreached": 0},
    ]
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    staff_update(ticket, desk, text="Ordered.", now=NOON + timedelta(hours=3))
    assert [row["achieved"] for row in api.get(f"report/{report}/slaentries/").json()] == [0.0, 100.0]


@pytest.mark.parametrize("view", ["", *(f"{view}/" for view in VIEWS)])
class TestEveryView:
    def test_says_the_same_in_yaml_and_in_xml(self, api, report, view):
        path = f"report/{report}/{view}"
        answer = api.get(path).json()

        assert yaml.safe_load(api.get(path, format="yaml").content) == answer
        tree = ElementTree.fromstring(api.get(path, format="xml").content)
        assert tree.tag == "response"
        if answer == []:
            return
        first = answer[0] if isinstance(answer, list) else answer
        assert {child.tag for child in (tree[0] if isinstance(answer, list) else tree)} == set(first)

    def test_of_an_unknown_report_is_not_found(self, api, report, view):
        answer = api.get(f"report/{report + 1}/{view}?period_type=nonsense")
        assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})

    def test_is_read_and_never_written(self, api, report, view):
        answer = api.post(f"report/{report}/{view}", {})
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")

    def test_of_a_desk_without_tickets_is_all_zeros(self, api, desk, view):
        answer = api.get(f"report/{factories.make_report()}/{view}")
        assert answer.status_code == 200, answer.content
        if "page_count" in answer.json():
            assert answer.json()["page_count"] == 1


@pytest.mark.parametrize("view", VIEWS)
class TestFilters:
    @pytest.mark.parametrize(
        ("query", "problems"),
        [
            ("period_type=xx", {"period_type": "Select one of cr, as, str, cur, prs, srp, cl.",
                                "period_date_range_type": "This field is required."}),
            ("period_date_range_type=week", {"period_date_range_type": "Select one of sr, tod, l7d, mtd, ytd, pm."}),
            ("period_start=2026-03-01", {"period_end": "This field is required."}),
            ("period_start=2026-02-30&period_end=2026-03-01", {"period_start": "Enter a valid date."}),
            ("period_start=2026-03-02&period_end=2026-03-01", {"period_end": "The period ends before it starts."}),
            ("period_start=2026-03-01&period_end=%00", {"period_end": "Enter a valid date."}),
        ],
    )  # fmt: skip
    def test_it_refuses_a_filter_it_cannot_follow(self, api, report, view, query, problems):
        answer = api.get(f"report/{report}/{view}/?{query}")
        assert (answer.status_code, answer.json()) == (400, shape_l(problems))

    def test_it_takes_any_day_of_the_calendar(self, api, report, view):
        whole = api.get(f"report/{report}/{view}/").json()
        answer = api.get(f"report/{report}/{view}/?period_start=0001-01-01&period_end=9999-12-31")
        assert answer.json() == whole


DAY_STARTS = datetime(2026, 3, 20, tzinfo=UTC)
DAY_ENDS = datetime(2026, 3, 20, 23, 59, 59, 999_999, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def _do(type, ticket, desk, now):
    """What a period of this type looks for."""
    if type == "cur":
        reply = ContactReply(contact=desk.lena.id, message=compose("And now?", ""))
        tickets.add_contact_reply(ticket.id, reply, reference=reference.current(), now=now)
    else:
        values = {"as": {"assignee": desk.jonas.id}, "cl": {"status": desk.closed.id}}.get(type, {"text": "Ordered."})
        staff_update(ticket, desk, now=now, note=type == "prs", **values)


@pytest.mark.parametrize("type", ["cr", "as", "str", "cur", "prs", "srp", "cl"])
def test_a_day_is_all_of_it_and_nothing_more(api, desk, type):
    moments = (DAY_STARTS - INSTANT, DAY_STARTS, DAY_ENDS, DAY_ENDS + INSTANT)
    opened = [
        factories.make_ticket(desk.lena, desk.workshop, now=moment if type == "cr" else NOON) for moment in moments
    ]
    for ticket, moment in zip(opened, moments, strict=True) if type != "cr" else ():
        _do(type, ticket, desk, moment)

    query = f"period_type={type}&period_start=2026-03-20&period_end=2026-03-20&sort_key=ticket"
    rows = api.get(f"report/{factories.make_report()}/tabulardata/?{query}").json()["rows"]
    assert [row["id"] for row in rows] == [ticket.id for ticket in opened[1:3]]


def test_filters_replace_the_saved_period(api, desk, report, monkeypatch):
    stop_clock(monkeypatch, NOON + timedelta(days=1))
    today = factories.make_report("Today", period=Period("cr", "tod"))

    def numbers(query=""):
        return {row["id"] for row in api.get(f"report/{today}/tabulardata/?{query}").json()["rows"]}

    assert numbers() == {desk.fresh.id}
    assert numbers("period_date_range_type=mtd") == {desk.done.id, desk.taken.id, desk.fresh.id}
    assert numbers("period_date_range_type=l7d&period_type=cl") == {desk.done.id}
    assert api.get(f"report/{today}/?period_date_range_type=mtd").json()["ticket_count"] == 1  # the saved one alone


def test_unknown_sort_keys_fall_back(api, report):
    for view, key in [("tabulardata", "duedate"), ("staffactivity", "name"), ("customeractivity", "name")]:
        plain = api.get(f"report/{report}/{view}/").json()
        assert (plain["sort_key"], plain["sort_order"]) == (key, "a")
        assert api.get(f"report/{report}/{view}/?sort_key=nonsense&sort_dir=up").json() == plain
        assert api.get(f"report/{report}/{view}/?sort_key=&sort_dir=a").json() == plain


@pytest.mark.parametrize(
    ("view", "name"), [("tabulardata", "rows"), ("customeractivity", "customer_activity"),
                       ("staffactivity", "staff_activity"), ("staffperformance", "staff_performance")]
)  # fmt: skip
def test_pages_are_clamped_and_add_up(api, desk, view, name):
    for n in range(23):
        contact = factories.make_contact(f"Contact {n}", f"contact{n}@example.org")
        factories.make_ticket(contact, desk.workshop)
        factories.make_staff(f"Person{n}")
    path = f"report/{factories.make_report()}/{view}/"

    def page(query):
        return api.get(f"{path}?{query}").json()

    whole = page("size=1000")
    total = whole["last_index"]
    assert total == len(whole[name]) >= 23
    assert page("size=1")[name] == page("")[name] == whole[name][:10]
    walked = [row for number in range(1, whole["last_index"] // 10 + 2) for row in page(f"page={number}")[name]]
    assert walked == whole[name]
    assert page("page=3")["start_index"] == 21
    assert page("page=nonsense") == page("page=-3") == page("page=1")
    beyond = page("page=99999999999999999999")
    assert (beyond[name], beyond["start_index"], beyond["end_index"], beyond["last_index"]) == ([], 0, 0, total)


def test_a_search_that_cannot_be_read_any_more_is_named(api, desk, monkeypatch):
    report = factories.make_report(query="a b c")
    monkeypatch.setattr(search, "TERMS_LIMIT", 2)
    answer = api.get(f"report/{report}/tabulardata/")
    assert (answer.status_code, answer.json()) == (400, shape_l({"q": "Search for at most 2 terms at once."}))


def test_strangers_see_nothing(client, report):
    assert client.get(f"/api/1.1/json/report/{report}/").status_code == 401
    assert client.get("/api/1.1/json/reports/").status_code == 401
