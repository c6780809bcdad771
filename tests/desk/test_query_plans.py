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
from reynard.desk.selectors import feed, reference, tickets
from reynard.desk.selectors.reference import Key
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


def gather_nothing(monkeypatch):
    """As on a desk with very many tickets of each kind."""
    for name, value in (("GATHER_LIMIT", -1), ("_FEW", -1), ("_PROBE_COST", 0)):
        monkeypatch.setattr(tickets, name, value)


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
    if walked:
        gather_nothing(monkeypatch)
    check(api, {"q": q})
    check(api, {"q": q, "sort": "createa"})


@pytest.mark.parametrize("walked", [False, True], ids=["gathered", "walked"])
@pytest.mark.parametrize("sort", SORTS)
def test_every_order_has_an_index(api, busy, monkeypatch, sort, walked):
    if walked:
        gather_nothing(monkeypatch)
    for query in ({}, {"q": "tag:warranty"}, {"q": "assignee:any brake"}, {"status": "_pending"}):
        check(api, {**query, "sort": sort})


@pytest.mark.parametrize("walked", [False, True], ids=["gathered", "walked"])
@pytest.mark.parametrize("q", SEARCHES)
def test_every_page_after_a_number_has_an_index(api, busy, monkeypatch, q, walked):
    if walked:
        monkeypatch.setattr(tickets, "GATHER_LIMIT", -1)
        monkeypatch.setattr(tickets, "_ONWARD_LIMIT", 20)
    for sort in tickets.BY_NUMBER:
        check(api, {"q": q, "sort": sort, "after_id": "12"})


@pytest.mark.parametrize("walked", [False, True], ids=["gathered", "walked"])
@pytest.mark.parametrize("sort", ["updated", "last_modifieda", "ticketa"])
def test_tickets_updated_since_a_moment_have_an_index(api, busy, monkeypatch, sort, walked):
    if walked:
        gather_nothing(monkeypatch)
    for query in ({}, {"status": "_pending"}, {"q": "brake"}):
        check(api, {**query, "sort": sort, "updated_since": "2026-03-09T13:00:00Z"})


def test_last_modified_is_walked_in_its_own_index(api, busy, monkeypatch):
    gather_nothing(monkeypatch)
    asked = statements(api, {"sort": "last_modifieda", "updated_since": "2026-03-09T13:00:00Z"})
    [page] = [sql for sql in asked if "AS rank, last_modified_at" in sql]
    assert any("ticket_modified" in line for line in plan(page))


def plan(sql):
    with connection.cursor() as cursor:
        if db.is_postgres():
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {sql}" if db.is_postgres() else f"EXPLAIN QUERY PLAN {sql}")
        return [str(row[-1]) for row in cursor.fetchall()]


def some_of(whole):
    return whole.seen_by(Key(1, "", "", "", False, None, True, frozenset({1, 2, 3})))


FEEDS = {
    "changes": (lambda whole: feed.changes(30, 50, whole), "desk_update_pkey", "INTEGER PRIMARY KEY"),
    "some of them": (lambda whole: feed.changes(30, 50, some_of(whole)), "update_category", "update_left_category"),
    "the end": (lambda whole: feed.end(whole), "desk_update_pkey", "PRIMARY KEY|desk_update$"),
    "the end of some": (lambda whole: feed.end(some_of(whole)), "update_category", "update_left_category"),
    "deletions": (lambda whole: feed.deletions(0, 50, whole), "ticket_deleted", "ticket_deleted"),
    "deletions of some": (
        lambda whole: feed.deletions(0, 50, some_of(whole)),
        "ticket_deleted_category",
        "ticket_deleted_category",
    ),
    "deletions since": (lambda whole: feed.deletions(NOON, 50, whole), "ticket_deleted_at", "ticket_deleted_at"),
}


@pytest.mark.parametrize("name", FEEDS)
def test_followers_walk_an_index_from_where_they_are(busy, name):
    """And sort nothing but the parts of several categories, each of which ends with the page."""
    read, *indexes = FEEDS[name]
    whole = reference.current()
    with CaptureQueriesContext(connection) as captured:
        read(whole)
    asked = [
        entry["sql"] for entry in captured if re.search('FROM desk_(update|ticket)|FROM "desk_ticket', entry["sql"])
    ]
    lines = [line for sql in asked for line in plan(sql)]
    for sql in asked:
        assert whole_reads(sql) == [], sql
    assert any(re.search("|".join(indexes), line) for line in lines), lines
    if name in ("changes", "deletions"):
        assert not [line for line in lines if re.search(r"TEMP B-TREE|\bSort\b", line)], lines


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
