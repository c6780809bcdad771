"""What taking a mail costs does not grow with the desk: as many statements, each with an index to go by."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.desk.selectors import inbound_mails, reference
from tests.desk.test_query_plans import whole_reads
from tests.mail.arriving import PRIYA, arrive, mail, reply_to, store, token, verdict, work

TABLES = "ticket|update|inboundmail|outboxentry|contact|groupmembership"


def statements(raw: bytes) -> list[str]:
    """Those that taking one mail needs, with the set-up known."""
    store(raw)
    reference.current()
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]


def makers(ticket: int):
    """Mails that go every way a mail can go."""
    return {
        "new": lambda: mail(In_Reply_To="<nothing@example.org>", References="<a@b> <c@d>"),
        "reply": lambda: mail(to=reply_to(ticket), In_Reply_To="<first@example.org>"),
        "token": lambda: mail(Subject=token(ticket), Auto_Submitted="auto-generated"),
        "stranger": lambda: mail("nora@fleet.example", Subject=token(ticket)),
        "staff": lambda: mail(PRIYA, to=reply_to(ticket), **verdict("pass")),
        "automatic": lambda: mail(to=reply_to(ticket), Auto_Submitted="auto-replied"),
    }


@pytest.fixture
def ticket(support):
    found = arrive(mail(Message_ID="<first@example.org>")).ticket_id
    for make in makers(found).values():  # contacts and the like are there from now on
        arrive(make())
    return found


@pytest.mark.parametrize("way", ["new", "reply", "token", "stranger", "staff", "automatic"])
def test_statements(ticket, way):
    make = makers(ticket)[way]
    arrive(make())  # so that the ticket is each time as such a mail leaves it
    few = len(statements(make()))
    for _ in range(10):
        arrive(makers(ticket)["reply"]())
        arrive(makers(ticket)["new"]())
    arrive(make())
    assert len(statements(make())) == few
    assert few <= 40


@pytest.mark.parametrize("way", ["new", "reply", "token", "stranger", "staff", "automatic"])
def test_every_statement_has_an_index(ticket, way):
    for sql in statements(makers(ticket)[way]()):
        if re.match(r"SELECT|WITH", sql):
            assert whole_reads(sql, TABLES) == [], sql


def test_looking_at_held_mails_has_an_index(ticket):
    arrive(mail("support@rollwerk.example"))
    with CaptureQueriesContext(connection) as captured:
        assert inbound_mails.in_state("held", before=10**6, limit=11, reference=reference.current())
        inbound_mails.in_state("ignored", before=None, limit=11, reference=reference.current())
    for query in captured.captured_queries:
        assert whole_reads(query["sql"], TABLES) == [], query["sql"]
