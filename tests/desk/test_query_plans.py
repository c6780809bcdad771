"""No list and no search reads tickets or updates from end to end: every one of them has an index to go by.

SQLite says how it will run a statement. PostgreSQL reads small tables whole because that is quickest, so it is told
not to: what is read whole even then has no index.
"""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.desk import db
from reynard.desk.actions import sla
from reynard.desk.selectors import tickets
from tests import factories
from tests.desk.many_tickets import SORTS, make_many_tickets
from tests.factories import NOON

SEARCHES = [
    "",
    "brake",
    '"brake cable"',
    "brak*",
    "brake cable",
    'status:"New"',
    'priority:"High"',
    'category:"Back office"',
    "assignee:none",
    "assignee:priya@rollwerk.example,none",
    "tag:warranty",
    "tag:warranty,recall status:New",
    'group:"Fleet"',
    "group:any",
    "contact:ortiz",
    "contact:or",
    "id:1,2",
    "unresponded:true",
    "unresponded:false",
    "breached:true",
    "has_attachments:true",
    "duedate:overdue",
    "created-on:2026/03/09",
    "created-before:2026/03/09 brake",
    "last-modified-on-or-after:2026/03/09",
    "last-staff-replied-after:2026/03/09",
    "last-contact-replied-after:2026/03/09",
    "last-closed-on-or-before:2026/03/09",
    '"Frame size":"54"',
    "Kind:Club",
]


@pytest.fixture
def busy(desk):
    make_many_tickets(desk)
    factories.make_group("Fleet")
    factories.make_field("Frame size", categories=[desk.workshop])
    factories.make_field("Kind", "choice", choices=("Club", "Firm"))
    for n in range(3):
        factories.make_ticket(desk.lena, desk.workshop, tags=["warranty"], text=f"The brake cable {n}.")
    return desk


def statements(api, query):
    with CaptureQueriesContext(connection) as captured:
        answer = api.get("tickets/", {"include_updates": "1", **query})
    assert answer.status_code == 200, answer.content
    return [entry["sql"] for entry in captured if re.match(r"SELECT|WITH", entry["sql"])]


_BY_NUMBER = re.compile(r"ORDER BY (due_date \w+, )?id \w+ LIMIT")  # walks by the key, and ends with the page


def whole_reads(sql, tables="ticket|update"):
    """The lines of a plan that read one of our tables from end to end, in no index."""
    with connection.cursor() as cursor:
        if db.is_postgres():
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}")
            return [row[0] for row in cursor.fetchall() if re.search(rf"Seq Scan on desk_({tables})\b", row[0])]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        lines = [row[3] for row in cursor.fetchall()]
    if _BY_NUMBER.search(sql):
        return []
    return [line for line in lines if re.match(rf"SCAN (desk_({tables})|t|u)\b(?!.*USING)", line)]


def check(api, query):
    asked = statements(api, query)
    assert any("desk_ticket" in sql for sql in asked)
    for sql in asked:
        assert whole_reads(sql) == [], sql


def test_a_statement_without_an_index_would_be_noticed(busy):
    assert whole_reads("SELECT id FROM desk_ticket WHERE first_message = 'x'")


@pytest.mark.parametrize("walked", [False, True], ids=["gathered", "walked"])
@pytest.mark.parametrize("q", SEARCHES)
def test_every_search_has_an_index(api, busy, monkeypatch, q, walked):
    if walked:  # as on a desk with very many tickets of each kind
        for limit in ("GATHER_LIMIT", "_FEW", "_SOURCE_LIMIT"):
            monkeypatch.setattr(tickets, limit, 0)
    check(api, {"q": q})
    check(api, {"q": q, "sort": "createa"})


@pytest.mark.parametrize("walked", [False, True], ids=["gathered", "walked"])
@pytest.mark.parametrize("sort", SORTS)
def test_every_order_has_an_index(api, busy, monkeypatch, sort, walked):
    if walked:
        for limit in ("GATHER_LIMIT", "_FEW", "_SOURCE_LIMIT"):
            monkeypatch.setattr(tickets, limit, 0)
    for query in ({}, {"q": "tag:warranty"}, {"q": "assignee:any brake"}, {"status": "_pending"}):
        check(api, {**query, "sort": sort})


def test_clocks_that_run_out_have_an_index(busy):
    factories.make_policy()
    ticket = factories.make_ticket(busy.lena, busy.workshop)
    with CaptureQueriesContext(connection) as captured:
        assert sla.advance_due(NOON + timedelta(days=1)) == 1
    about_clocks = [entry["sql"] for entry in captured if "desk_slaclock" in entry["sql"]]
    assert len(about_clocks) == 5
    for sql in about_clocks:
        assert whole_reads(sql, "slaclock|ticket") == [], sql
    assert ticket.sla_clocks.get().breached_at
