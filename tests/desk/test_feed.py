"""The feed for keys that are limited to some categories."""

import random

import pytest

from reynard.desk.actions import ticket_changes
from reynard.desk.actions.ticket_changes import Deletion, Move
from reynard.desk.models import Update
from reynard.desk.selectors import feed, reference
from reynard.desk.selectors.reference import Key
from tests import factories
from tests.api.reading import staff_update
from tests.factories import NOON


def move(ticket, category, desk):
    given = Move(staff=desk.priya.id, category=category.id)
    ticket_changes.move(ticket.id, given, reference=reference.current(), now=NOON)


def delete(ticket, desk):
    given = Deletion(staff=desk.priya.id)
    ticket_changes.delete(ticket.id, given, reference=reference.current(), now=NOON)


def note(ticket, desk):
    staff_update(ticket, desk, note=True, text="Seen.")


def history(ticket):
    return list(Update.objects.filter(ticket_id=ticket.id).order_by("id").values_list("id", flat=True))


def seen_by_key_of(*categories):
    """The desk as a key that is limited to categories sees it."""
    limit = frozenset(category.id for category in categories)
    key = Key(1, "limited", "key", "", disabled=False, staff_id=None, read_only=True, categories=limit)
    return reference.current().seen_by(key)


def read(*categories, since=0, size=200):
    return feed.changes(since, size, seen_by_key_of(*categories))


def shown(page):
    """`{id: is the ticket gone, has it an update}` of a page."""
    return {change.update_id: (change.gone, change.update is not None) for change in page.changes}


@pytest.fixture
def leasing(desk):
    return factories.make_category("Leasing", "LE")


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


def test_it_has_the_entries_of_their_categories(desk, leasing, ticket):
    other = factories.make_ticket(desk.lena, leasing)
    note(ticket, desk)
    note(other, desk)

    assert list(shown(read(leasing))) == history(other)
    assert list(shown(read(leasing, desk.workshop))) == sorted(history(ticket) + history(other))
    assert shown(read(desk.office)) == shown(read()) == {}


def test_its_end_says_nothing_of_what_happens_elsewhere(desk, leasing, ticket):
    mine = read(leasing, since=0)
    note(ticket, desk)

    assert (mine.next, mine.more) == (read(leasing, since=0).next, False) == (0, False)
    assert feed.end(seen_by_key_of(leasing)) == 0
    assert feed.end(seen_by_key_of(desk.workshop)) == feed.end(reference.current()) == history(ticket)[-1]
    assert feed.deletions(NOON, 10, seen_by_key_of(leasing)).next == 0


def test_a_ticket_that_moves_in_comes_with_the_move(desk, leasing, ticket):
    note(ticket, desk)
    move(ticket, leasing, desk)
    note(ticket, desk)

    assert shown(read(leasing)) == dict.fromkeys(history(ticket)[2:], (False, True))


def test_a_ticket_that_moves_away_is_gone_and_shows_nothing(desk, leasing, ticket):
    note(ticket, desk)
    move(ticket, leasing, desk)
    note(ticket, desk)

    assert shown(read(desk.workshop)) == dict.fromkeys(history(ticket)[:3], (True, False))
    assert {change.category_id for change in read(desk.workshop).changes} == {desk.workshop.id}, "not where it went"


def test_one_that_comes_back_is_there_again(desk, leasing, ticket):
    move(ticket, leasing, desk)
    note(ticket, desk)
    move(ticket, desk.workshop, desk)

    opened, left, _, back = history(ticket)
    assert shown(read(desk.workshop)) == dict.fromkeys((opened, left, back), (False, True))


def test_deletions_are_those_of_their_categories(desk, leasing, ticket):
    other = factories.make_ticket(desk.lena, leasing)
    moved = factories.make_ticket(desk.lena, desk.workshop)
    move(moved, leasing, desk)
    for one in (other, ticket, moved):
        delete(one, desk)

    def gone(*categories):
        return [row.ticket_id for row in feed.deletions(0, 200, seen_by_key_of(*categories)).tickets]

    assert gone(leasing) == [other.id, moved.id]
    assert gone(desk.workshop) == [ticket.id]
    assert gone(leasing, desk.workshop) == [other.id, ticket.id, moved.id]
    assert gone(desk.office) == gone() == []
    last = history(ticket)[-1]
    assert shown(read(desk.workshop))[last] == (True, True)
    assert last not in shown(read(leasing))


def test_pages_of_it_are_the_whole_in_order(desk, leasing):
    """Against the obvious way: an entry counts where the ticket was, or which it left."""
    chance = random.Random(7)
    everywhere = [desk.workshop, desk.office, leasing]
    tickets = [factories.make_ticket(desk.lena, desk.workshop) for _ in range(6)]
    place = dict.fromkeys([ticket.id for ticket in tickets], desk.workshop)
    expected = {category.id: history_of(tickets) if category is desk.workshop else [] for category in everywhere}
    for _ in range(60):
        ticket = chance.choice(tickets)
        before = place[ticket.id]
        if chance.random() < 0.5:
            note(ticket, desk)
        else:
            place[ticket.id] = chance.choice([category for category in everywhere if category is not before])
            move(ticket, place[ticket.id], desk)
        for category in {before.id, place[ticket.id].id}:
            expected[category].append(history(ticket)[-1])

    for limited in ([leasing], [leasing, desk.office], everywhere):
        wanted = sorted({id for category in limited for id in expected[category.id]})
        found, since, more = [], 0, True
        while more:
            page = read(*limited, since=since, size=7)
            found += [change.update_id for change in page.changes]
            since, more = page.next, page.more
        assert found == wanted


def history_of(tickets):
    return [id for ticket in tickets for id in history(ticket)]
