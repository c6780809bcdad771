"""Words shared by the tests of searching: asking for numbers, naming them, choosing the next one, moving the clock."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from reynard.desk.actions import counters
from reynard.desk.models import Ticket
from tests import factories
from tests.factories import NOON


def search(api, q=None, **parameters):
    """The numbers of all tickets found (at most 50), in order."""
    query = {"minify_response": "true", "size": "50", **parameters} | ({} if q is None else {"q": q})
    answer = api.get("tickets/", query)
    assert answer.status_code == 200, answer.content
    page = answer.json()
    assert page["page_info"]["last_index"] == len(page["data"])
    return page["data"]


def found(api, tickets, q=None, **parameters):
    """The names of the tickets found, given `{name: ticket}`; each is found once."""
    names = {ticket.id: name for name, ticket in tickets.items()}
    numbers = search(api, q, **parameters)
    assert len(numbers) == len(set(numbers))
    return {names[number] for number in numbers}


def in_url(text):
    """A value written into an address: everything but letters and digits escaped, so that a plus stays a plus."""
    return "".join(c if c.isascii() and c.isalnum() else "".join(f"%{b:02X}" for b in c.encode()) for c in text)


def start_numbers_at(number):
    """The next ticket opened gets this number."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence('desk_ticket', 'id'), %s)", [number - 1])
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = 'desk_ticket'")
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('desk_ticket', %s)", [number - 1])


def set_columns(ticket, **values):
    """Facts about a ticket that no action brings about, or only in a roundabout way; counted like all others."""
    Ticket.objects.filter(id=ticket.id).update(**values)
    counters.recount()


def delete(ticket):
    set_columns(ticket, deleted_at=NOON)


def at(text):
    """`2026-03-09 14:30:00` and the like, in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


def day(offset, now=NOON):
    """The day so many days from today."""
    return now.date() + timedelta(days=offset)


def cases(table):
    """`{q: names}` as parameters, each called by its q."""
    return pytest.mark.parametrize(("q", "expected"), [pytest.param(q, names, id=q) for q, names in table.items()])


def make(desk, names, contact=None):
    """Tickets by name that differ in nothing yet."""
    return {
        name: factories.make_ticket(contact or desk.lena, desk.workshop, subject="Bicycle", text="Look at it.")
        for name in names.split()
    }


def check(api, tickets, q, expected, **parameters):
    assert found(api, tickets, q, **parameters) == set(expected.split())
