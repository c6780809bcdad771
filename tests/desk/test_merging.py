"""Merging tickets into one and undoing that, as the desk and those who follow it see it."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.desk.actions import activity, counters, merging, ticket_changes, tickets
from reynard.desk.actions.ticket_changes import Deletion, Subscribers
from reynard.desk.actions.tickets import ContactReply, StaffUpdate
from reynard.desk.errors import Changed, Invalid, NotFound, NothingToUpdate
from reynard.desk.models import Activity, OutboxEntry, Role, Ticket, TicketCounter, Update
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories
from tests.factories import NOON

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def three(desk: SimpleNamespace) -> list[Ticket]:
    return [
        factories.make_ticket(contact, desk.workshop, subject=f"Brake {n}")
        for n, contact in enumerate([desk.lena, desk.stranger, desk.lena])
    ]


@pytest.fixture
def merge(desk: SimpleNamespace) -> Callable[..., None]:
    def merge(into: Ticket, *merged: Ticket, staff: Any = None) -> None:
        merging.merge(
            into.id,
            [ticket.id for ticket in merged],
            staff=(staff or desk.priya).id,
            reference=reference.current(),
            now=LATER,
        )

    return merge


@pytest.fixture
def unmerge(desk: SimpleNamespace) -> Callable[[Ticket], None]:
    def unmerge(ticket: Ticket) -> None:
        merging.unmerge(ticket.id, staff=desk.priya.id, reference=reference.current(), now=LATER)

    return unmerge


def _reply(ticket: Ticket, contact: Any, text: str = "It squeaks, too.", **options: Any) -> None:
    given = ContactReply(contact=contact.id, message=compose(text, ""))
    tickets.add_contact_reply(ticket.id, given, reference=reference.current(), now=LATER, **options)


def _answer(ticket: Ticket, desk: SimpleNamespace, **wanted: Any) -> None:
    given = StaffUpdate(staff=desk.priya.id, message=compose("Come by.", ""), **wanted)
    tickets.add_staff_update(ticket.id, given, reference=reference.current(), now=LATER)


def _fresh(*found: Ticket) -> None:
    for ticket in found:
        ticket.refresh_from_db()


def _assert_counts_hold(desk: SimpleNamespace) -> None:
    counted = "category_id status_id priority_id assignee_id unresponded breached with_files tickets".split()
    kept = set(TicketCounter.objects.exclude(tickets=0).values_list(*counted))
    counters.recount()
    assert kept == set(TicketCounter.objects.exclude(tickets=0).values_list(*counted))
    for contact in (desk.lena, desk.stranger):
        contact.refresh_from_db()
        live = Ticket.objects.filter(contact=contact, deleted_at=None)
        assert contact.tickets_count == live.count()
        assert contact.pending_tickets_count == live.filter(status__behavior="pending").count()
    before = list(Activity.objects.order_by("update_id").values())
    activity.remake(list(Ticket.objects.values_list("id", flat=True)), reference.current())
    assert before == list(Activity.objects.order_by("update_id").values())


def test_merged_tickets_are_completed_and_say_where_they_went(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None], api: Any
) -> None:
    stays, second, third = three
    merge(stays, third, second)
    read = api.get(f"ticket/{stays.id}/").json()
    assert read["merged_tickets"] == [second.id, third.id]
    assert read["status"]["name"] == "New"
    assert read["updates"][-1]["merging"] == {"tickets": [second.id, third.id]}
    assert read["updates"][-1]["message"] is None
    for ticket, contact in ((second, desk.stranger), (third, desk.lena)):
        gone = api.get(f"ticket/{ticket.id}/").json()
        assert (gone["merged_to"], gone["status"]["name"]) == (stays.id, "Closed")
        assert gone["updates"][-1]["merging"] == {"into": stays.id}
        assert gone["updates"][-1]["status_change"]["new_name"] == "Closed"
        assert gone["user"]["id"] == contact.id
        assert gone["updates"][0]["message"]["text"].strip() == "It is broken."
    assert [found["id"] for found in api.get("tickets", {"status": desk.closed.id}).json()["data"]] == [
        third.id,
        second.id,
    ]
    _assert_counts_hold(desk)


def test_followers_hear_of_each_ticket(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None], unmerge: Callable[..., None], api: Any
) -> None:
    end = Update.objects.latest("id").id
    merge(three[0], three[1])
    unmerge(three[1])
    heard = list(Update.objects.filter(id__gt=end).order_by("id").values_list("ticket_id", flat=True))
    assert heard == [three[1].id, three[0].id, three[1].id, three[0].id]
    _fresh(*three)
    assert [ticket.version for ticket in three] == [3, 3, 1]


def test_nobody_gets_a_mail_because_of_it(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None]
) -> None:
    before = OutboxEntry.objects.count()
    merge(*three)
    assert OutboxEntry.objects.count() == before


def test_people_come_along(desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None]) -> None:
    for ticket, person in ((three[0], desk.priya), (three[1], desk.priya), (three[1], desk.jonas)):
        given = Subscribers(staff=person.id)
        ticket_changes.subscribe(ticket.id, given, reference=reference.current(), now=NOON)
    _answer(three[1], desk, cc="boss@fleet.example, lena.ortiz@example.org")
    merge(three[0], three[1])
    assert set(three[0].subscriptions.values_list("staff_id", flat=True)) == {desk.priya.id, desk.jonas.id}
    assert Update.objects.latest("id").cc == "sam@elsewhere.example,boss@fleet.example"


def test_a_contact_who_waits_waits_in_the_ticket_that_stays(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None], unmerge: Callable[..., None]
) -> None:
    stays, other, _ = three
    _answer(stays, desk)
    _fresh(stays)
    assert not stays.unresponded
    merge(stays, other)
    _fresh(stays, other)
    assert (stays.unresponded, other.unresponded) == (True, False)
    unmerge(other)
    _fresh(stays, other)
    assert (stays.unresponded, other.unresponded) == (False, True)
    _assert_counts_hold(desk)


def test_an_answer_in_the_ticket_that_stays_is_one_to_all(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None], unmerge: Callable[..., None]
) -> None:
    merge(*three)
    _answer(three[0], desk)
    unmerge(three[1])
    _fresh(*three)
    assert not three[0].unresponded


def test_a_reply_to_a_merged_ticket_goes_where_it_went(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None], api: Any
) -> None:
    merge(three[1], three[2])
    merge(three[0], three[1])
    answer = api.post(f"ticket/{three[2].id}/user_reply/", {"user": desk.lena.id, "text": "It squeaks, too."})
    assert answer.status_code == 200
    assert answer.json()["id"] == three[2].id
    newest = Update.objects.latest("id")
    assert (newest.ticket_id, newest.text, newest.author_id) == (three[0].id, "It squeaks, too.", desk.lena.id)
    _fresh(*three)
    assert three[2].status_id == desk.closed.id


def test_a_reply_reaches_a_merged_ticket_whose_target_was_deleted(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None], unmerge: Callable[..., None]
) -> None:
    merge(three[0], three[1])
    given = Deletion(staff=desk.priya.id)
    ticket_changes.delete(three[0].id, given, reference=reference.current(), now=LATER)
    _reply(three[1], desk.stranger)
    _fresh(three[1])
    assert (three[1].status_id, three[1].unresponded) == (desk.new.id, True)
    unmerge(three[1])
    _fresh(three[1])
    assert three[1].merged_to_id is None


def test_a_reply_expects_the_version_of_the_ticket_it_names(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None]
) -> None:
    merge(three[0], three[1])
    with pytest.raises(Changed):
        _reply(three[1], desk.stranger, expected_versions=frozenset({1}))
    _reply(three[1], desk.stranger, expected_versions=frozenset({2}))
    assert Update.objects.latest("id").ticket_id == three[0].id


def test_undoing_gives_the_status_back(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None], unmerge: Callable[..., None], api: Any
) -> None:
    stays, other, _ = three
    _answer(other, desk, status=desk.waiting.id)
    merge(stays, other)
    unmerge(other)
    read = api.get(f"ticket/{other.id}/").json()
    assert (read["merged_to"], read["status"]["name"]) == (None, "Waiting")
    assert read["updates"][-1]["merging"] == {"into": stays.id, "undone": True}
    read = api.get(f"ticket/{stays.id}/").json()
    assert read["merged_tickets"] == []
    assert read["updates"][-1]["merging"] == {"tickets": [other.id], "undone": True}
    _assert_counts_hold(desk)
    with pytest.raises(NothingToUpdate):
        unmerge(other)


def test_undoing_leaves_a_status_that_was_set_since(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None], unmerge: Callable[..., None]
) -> None:
    merge(three[0], three[1])
    _answer(three[1], desk, status=desk.waiting.id)
    unmerge(three[1])
    _fresh(three[1])
    assert three[1].status_id == desk.waiting.id


def _into_itself(three: list[Ticket]) -> tuple[int, list[int]]:
    return three[0].id, [three[1].id, three[0].id]


def _into_a_merged_one(three: list[Ticket]) -> tuple[int, list[int]]:
    return three[2].id, [three[0].id]


def _merged_again(three: list[Ticket]) -> tuple[int, list[int]]:
    return three[0].id, [three[2].id]


def _nothing(three: list[Ticket]) -> tuple[int, list[int]]:
    return three[0].id, []


def _unknown(three: list[Ticket]) -> tuple[int, list[int]]:
    return three[0].id, [three[1].id, 999]


def _into_unknown(three: list[Ticket]) -> tuple[int, list[int]]:
    return 999, [three[0].id]


@pytest.mark.parametrize(
    ("wanted", "field", "sentence"),
    [
        (_into_itself, "into", "A ticket cannot be merged into itself."),
        (_into_a_merged_one, "into", "has been merged into"),
        (_merged_again, "tickets", "has been merged into"),
        (_nothing, "tickets", "This field is required."),
        (_unknown, "tickets", "There is no ticket #999."),
        (_into_unknown, "into", "There is no ticket #999."),
    ],
)
def test_what_makes_no_sense_is_refused_whole(
    desk: SimpleNamespace,
    three: list[Ticket],
    merge: Callable[..., None],
    wanted: Callable[[list[Ticket]], tuple[int, list[int]]],
    field: str,
    sentence: str,
) -> None:
    merge(three[1], three[2])
    before = Update.objects.count()
    into, numbers = wanted(three)
    with pytest.raises(Invalid) as refused:
        merging.merge(into, numbers, staff=desk.priya.id, reference=reference.current(), now=LATER)
    assert sentence in str(dict(refused.value.problems.items())[field])
    assert Update.objects.count() == before


def test_it_takes_a_permission(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None], unmerge: Callable[..., None]
) -> None:
    with pytest.raises(Invalid, match="merge_tickets"):
        merge(three[0], three[1], staff=desk.jonas)
    role = Role.objects.create(name="Merger", permissions=["merge_tickets"])
    merge(three[0], three[1], staff=factories.make_staff("Mia", desk.workshop, role=role))
    with pytest.raises(Invalid, match="merge_tickets"):
        merging.unmerge(three[1].id, staff=desk.jonas.id, reference=reference.current(), now=LATER)


def test_tickets_of_another_category_do_not_exist(desk: SimpleNamespace, three: list[Ticket]) -> None:
    limited = reference.current().limited_to(frozenset({desk.office.id}))
    with pytest.raises(Invalid, match="There is no ticket"):
        merging.merge(three[0].id, [three[1].id], staff=desk.priya.id, reference=limited, now=LATER)
    with pytest.raises(NotFound):
        merging.unmerge(three[1].id, staff=desk.priya.id, reference=limited, now=LATER)


def test_its_cost_does_not_grow_with_the_desk(
    desk: SimpleNamespace, three: list[Ticket], merge: Callable[..., None]
) -> None:
    merge(three[0], three[1])  # what is read once in a process
    costs = []
    for _ in range(2):
        pair = [factories.make_ticket(desk.lena, desk.workshop) for _ in range(2)]
        with CaptureQueriesContext(connection) as statements:
            merge(*pair)
        costs.append(len(statements))
        for _ in range(5):
            factories.make_ticket(desk.stranger, desk.workshop)
    assert costs[0] == costs[1]
