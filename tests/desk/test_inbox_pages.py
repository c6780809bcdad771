"""Pages of the inbox against the obvious way to put tickets into the order of the day, and to count them."""

import random
from datetime import timedelta
from types import SimpleNamespace

import pytest

from reynard.desk.models import SlaClock, Staff, Ticket
from reynard.desk.selectors import access, inbox, reference, tickets
from reynard.desk.selectors.reference import Reference
from tests import factories
from tests.desk.many_tickets import make_many_tickets
from tests.factories import NOON

PEOPLE = ["priya", "jonas"]  # who sees every category, and who sees one
SEARCHES = [
    "",
    "priority:High",
    "assignee:none unresponded:true",
    'status:"New",Parked',
    "duedate:overdue",
    "last-modified-on-or-after:2026/03/09",
]


@pytest.fixture
def busy(desk: SimpleNamespace) -> SimpleNamespace:
    make_many_tickets(desk)
    promised = factories.make_policy()
    theirs = factories.make_policy("reply_by_contact")
    chance = random.Random(3)
    for ticket in Ticket.objects.order_by("id"):
        for policy in (promised, theirs):
            kind = chance.choice(["none", "none", "late", "soon", "later", "kept", "paused"])
            due = NOON + timedelta(minutes={"late": -90, "soon": 30, "later": 300}.get(kind, -60) + chance.randrange(9))
            if kind != "none":
                SlaClock.objects.create(
                    ticket=ticket,
                    policy=policy,
                    started_at=NOON - timedelta(days=1),
                    due_at=None if kind == "paused" else due,
                    remaining_seconds=60 if kind == "paused" else None,
                    breached_at=due if kind in {"late", "kept"} else None,
                    decided_at=due if kind in {"late", "kept"} else None,
                    finished_at=NOON if kind == "kept" else None,
                )
    return desk


def _views(person: Staff, seen: Reference) -> list[inbox.View]:
    member = seen.staff[person.id]
    searched = [inbox.search_view(query, seen, now=NOON) for query in SEARCHES]
    urgent = [inbox.View(f"search-{n}", "", "", view.filters) for n, view in enumerate(searched)]
    return [*inbox.views(member, seen), *inbox.category_views(seen), *urgent]


def _meets(view: inbox.View, seen: Reference) -> list[Ticket]:
    """The tickets of a view, told by each property in turn; the conditions are left to the desk."""
    filters = view.filters
    if filters.nothing:
        return []
    found = Ticket.objects.filter(deleted_at=None)
    if filters.conditions:
        where, values = tickets.condition_of(inbox.Filters(conditions=filters.conditions))
        found = found.extra(where=[where], params=values)
    return [
        ticket
        for ticket in found
        if (seen.scope is None or ticket.category_id in seen.scope)
        and (filters.statuses is None or ticket.status_id in filters.statuses)
        and (filters.categories is None or ticket.category_id in filters.categories)
        and (filters.priorities is None or ticket.priority_id in filters.priorities)
        and (filters.assignees is None or (ticket.assignee_id or 0) in filters.assignees)
        and (filters.unresponded is None or ticket.unresponded == filters.unresponded)
    ]


def _in_order(found: list[Ticket], seen: Reference) -> list[int]:
    """Late ones and those of the next hour by what is due first, then who waits for us, then the others."""

    def due(ticket: Ticket, *, late: bool) -> list[object]:
        clocks = ticket.sla_clocks.filter(finished_at=None, due_at__isnull=False, breached_at__isnull=not late)
        ours = clocks.exclude(policy__objective="reply_by_contact")
        return [at for at in ours.values_list("due_at", flat=True) if late or at < NOON + timedelta(hours=1)]

    def place(ticket: Ticket) -> tuple[object, ...]:
        if seen.pending(ticket.status_id):
            for rank, late in ((0, True), (1, False)):
                if moments := due(ticket, late=late):
                    return rank, min(moments), ticket.id  # type: ignore[type-var]
        return 2 + (not ticket.unresponded), ticket.last_updated_at, ticket.id

    return [ticket.id for ticket in sorted(found, key=place)]


def _walked(view: inbox.View, seen: Reference, size: int) -> tuple[list[int], set[int]]:
    numbers: list[int] = []
    totals = set()
    for number in range(1, 100):
        page = inbox.page(view, number, size, seen, now=NOON)
        totals.add(page.total)
        if not page.numbers:
            return numbers, totals
        numbers += page.numbers
    raise AssertionError("There is no end.")


@pytest.mark.parametrize("size", [3, 7, 50])
@pytest.mark.parametrize("name", PEOPLE)
def test_pages_have_each_ticket_once_in_the_order_of_the_day(busy: SimpleNamespace, name: str, size: int) -> None:
    person = getattr(busy, name)
    desk = reference.current()
    seen = desk.limited_to(access.categories_seen(desk.staff[person.id]))
    for view in _views(person, seen):
        numbers, totals = _walked(view, seen, size)
        found = _meets(view, seen)
        assert sorted(numbers) == sorted(ticket.id for ticket in found), view.slug
        assert totals == {len(found)}, view.slug
        if view.sort == inbox.URGENT:
            assert numbers == _in_order(found, seen), view.slug


@pytest.mark.parametrize("name", PEOPLE)
def test_counts_are_what_the_views_have(busy: SimpleNamespace, name: str) -> None:
    person = getattr(busy, name)
    desk = reference.current()
    seen = desk.limited_to(access.categories_seen(desk.staff[person.id]))
    views = _views(person, seen)
    plain = [view for view in views if not view.filters.conditions]
    assert len(plain) > 8
    assert inbox.counts(plain, seen) == {view.slug: len(_meets(view, seen)) for view in plain}
    assert [inbox.count(view.filters, seen) for view in views] == [len(_meets(view, seen)) for view in views]
    assert inbox.late_count(seen) == sum(
        ticket.sla_clocks.filter(finished_at=None, due_at__isnull=False, breached_at__isnull=False)
        .exclude(policy__objective="reply_by_contact")
        .exists()
        for ticket in _meets(inbox.View("", "", "", inbox.Filters(statuses=inbox.open_statuses(seen))), seen)
    )


def test_of_very_many_no_more_are_counted_than_are_said(busy: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "COUNTED", 4)
    seen = reference.current()
    assert inbox.count(inbox.search_view("last-modified-on-or-after:2026/03/09", seen, now=NOON).filters, seen) == 5
