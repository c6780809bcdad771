"""Ids up to which nothing can appear any more, while writers commit in another order than they drew their ids.

On SQLite writers take turns, so there is nothing to see; docs/decisions/0006 has the reasoning.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from reynard.desk import db
from reynard.desk.models import Contact, Update
from reynard.desk.selectors import feed, reference
from tests import factories
from tests.api.reading import staff_update
from tests.factories import NOON

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


class RolledBack(Exception):
    pass


@contextmanager
def unfinished(write: Callable[[], object], *, keep: bool = True) -> Iterator[None]:
    """Another writer has written, and ends its transaction when the block ends."""
    wrote, go_on = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                write()
                wrote.set()
                go_on.wait(30)
                if not keep:
                    raise RolledBack
        except RolledBack:
            pass
        finally:
            wrote.set()
            connection.close()

    writer = threading.Thread(target=work)
    writer.start()
    assert wrote.wait(30)
    try:
        yield
    finally:
        go_on.set()
        writer.join(30)


@pytest.fixture
def tickets(desk):
    return [factories.make_ticket(desk.lena, desk.workshop) for _ in range(2)]


def note(ticket, desk, text="Seen."):
    staff_update(ticket, desk, note=True, text=text)


def ids(since=0):
    return [change.update_id for change in feed.changes(since, 200, reference.current()).changes]


def in_table():
    return list(Update.objects.order_by("id").values_list("id", flat=True))


def test_an_entry_that_is_not_there_yet_holds_back_those_behind_it(desk, tickets):
    before = in_table()
    with unfinished(lambda: note(tickets[0], desk)):
        note(tickets[1], desk)
        assert in_table()[-1] == before[-1] + 2, "the later id is there before the earlier one"
        assert ids() == before
        assert ids(before[-1]) == []
        assert ids(before[-1] + 1) == [], "nor behind a position within"

    assert ids(before[-1]) == [before[-1] + 1, before[-1] + 2]


def test_one_that_never_comes_holds_back_nothing_afterwards(desk, tickets):
    before = in_table()
    with unfinished(lambda: note(tickets[0], desk), keep=False):
        note(tickets[1], desk)
        assert ids() == before

    assert ids(before[-1]) == [before[-1] + 2]


def test_the_oldest_of_several_writers_decides(desk, tickets):
    before = in_table()
    third = factories.make_ticket(desk.lena, desk.workshop)
    last = in_table()[-1]
    with unfinished(lambda: note(tickets[0], desk)):
        with unfinished(lambda: note(tickets[1], desk)):
            note(third, desk)
            assert ids(last) == []
        assert ids(last) == []
    assert ids(last) == [last + 1, last + 2, last + 3]
    assert before == ids()[: len(before)]


def test_a_writer_sees_its_own_entries(desk, tickets):
    last = in_table()[-1]
    with transaction.atomic():
        note(tickets[0], desk)
        assert len(ids(last)) == 1


def test_a_reader_who_only_reads_holds_back_nothing(desk, tickets):
    last = in_table()[-1]
    with unfinished(lambda: Update.objects.count()):
        note(tickets[0], desk)
        assert len(ids(last)) == 1


@pytest.mark.parametrize("table", ["desk_update", "desk_ticket", "desk_contact"])
def test_ids_are_announced_before_they_are_drawn(desk, tickets, table):
    with transaction.atomic(), connection.cursor() as cursor:
        note(tickets[0], desk)
        factories.make_ticket(factories.make_contact("New", "new@example.org"), desk.workshop)
        cursor.execute(
            "SELECT min(((classid::bigint & 65535) << 32) | objid::bigint), count(*) FROM pg_locks "
            "WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND classid::bigint >> 16 = %s",
            [{"desk_update": 0x7201, "desk_ticket": 0x7202, "desk_contact": 0x7203}[table]],
        )
        announced, locks = cursor.fetchone()
        cursor.execute(f"SELECT id FROM {table} WHERE id > %s ORDER BY id", [announced])
        assert [row[0] for row in cursor.fetchall()] == [announced + 1 + n for n in range(locks)]


def test_tickets_and_contacts_are_settled_apart(desk, tickets):
    def add():
        factories.make_contact("Late", "late@example.org")

    known = {table: db.settled(table) for table in ("desk_ticket", "desk_contact", "desk_update")}
    with unfinished(add):
        Contact.objects.create(name="Early", created_at=NOON, updated_at=NOON)
        factories.make_ticket(desk.lena, desk.workshop)
        assert db.settled("desk_contact") == known["desk_contact"]
        assert db.settled("desk_ticket") == known["desk_ticket"] + 1
        assert db.settled("desk_update") == known["desk_update"] + 1
    assert db.settled("desk_contact") == known["desk_contact"] + 2


def test_an_empty_table_is_settled_from_the_beginning(desk):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE desk_contact RESTART IDENTITY CASCADE")
        assert db.settled("desk_contact") == 0
        Contact.objects.create(name="First", created_at=NOON, updated_at=NOON)
        assert db.settled("desk_contact") == 1
        transaction.set_rollback(True)
