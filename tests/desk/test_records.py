"""Rows in and out by statements of their own: an update writes what is different, and all of that."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.desk import records
from reynard.desk.models import Ticket
from tests import factories


@pytest.fixture
def ticket(desk):
    number = factories.make_ticket(desk.lena, desk.workshop, tags=["a"]).id
    return records.load(Ticket, "id = %s", [number])


def written(ticket, *names):
    """The columns that an update names."""
    with CaptureQueriesContext(connection) as captured:
        records.update(ticket, *names)
    return [query["sql"].partition(" SET ")[2].partition(" WHERE ")[0] for query in captured]


def test_an_update_leaves_out_what_is_as_it_was(desk, ticket):
    ticket.tags, ticket.status_id = "a,b", desk.closed.id
    [sql] = written(ticket, "tags", "status", "priority", "subject")

    assert '"tags"' in sql
    assert '"status_id"' in sql
    assert '"priority_id"' not in sql
    assert '"subject"' not in sql
    again = Ticket.objects.get(id=ticket.id)
    assert (again.tags, again.status_id) == ("a,b", desk.closed.id)


def test_nothing_is_asked_when_nothing_is_different(ticket):
    assert written(ticket, "tags", "subject") == []


def test_a_value_may_go_back_to_what_it_was_at_first(ticket):
    for tags in ("b", "a"):
        ticket.tags = tags
        records.update(ticket, "tags")
        assert Ticket.objects.get(id=ticket.id).tags == tags


def test_a_document_that_was_changed_in_place_is_written(ticket):
    ticket.custom_values["7"] = "54"
    records.update(ticket, "custom_values")
    assert Ticket.objects.get(id=ticket.id).custom_values == {"7": "54"}


def test_of_a_record_that_was_not_read_everything_is_written(desk):
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    [sql] = written(ticket, "tags", "subject")
    assert sql.count(" = ") == 2
