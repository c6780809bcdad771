"""Clocks of promised times follow what happens to tickets, and run out (reference.md "SLA")."""

from datetime import timedelta

import pytest

from reynard.desk.actions import corrections, counters, sla, ticket_changes, tickets
from reynard.desk.actions.corrections import Hiding
from reynard.desk.actions.ticket_changes import Deletion, Move, TagChanges
from reynard.desk.actions.tickets import ContactReply
from reynard.desk.models import SlaClock, Ticket, TicketCounter, Update
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories
from tests.api.reading import staff_update
from tests.factories import NOON

HOUR = timedelta(hours=1)
OFFICE = {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
FRIDAY = NOON + timedelta(days=4)


class Story:
    """One ticket to which things happen, an hour later each time unless told otherwise."""

    def __init__(self, desk, now=NOON, **values):
        self.desk, self.now = desk, now
        self.ticket = factories.make_ticket(desk.lena, values.pop("category", desk.workshop), now=now, **values)

    def later(self, **time):
        self.now += timedelta(**time) if time else HOUR
        return self

    def staff(self, **values):
        staff_update(self.ticket, self.desk, now=self.now, **values)
        return self

    def answer(self, **values):
        return self.staff(text="Ordered.", **values)

    def note(self):
        return self.staff(text="Hm.", note=True)

    def contact(self):
        given = ContactReply(contact=self.desk.lena.id, message=compose("And?", ""))
        tickets.add_contact_reply(self.ticket.id, given, reference=reference.current(), now=self.now)
        return self

    def take_back(self):
        """Delete the newest message."""
        given = Hiding(staff=self.desk.priya.id)
        newest = Update.objects.filter(ticket=self.ticket).exclude(message_type="-").latest("id").id
        corrections.delete_message(self.ticket.id, given, update_id=newest, reference=reference.current(), now=self.now)
        return self

    def move(self, category):
        given = Move(staff=self.desk.priya.id, category=category.id)
        ticket_changes.move(self.ticket.id, given, reference=reference.current(), now=self.now)
        return self

    def tag(self, *tags):
        ticket_changes.update_tags(self.ticket.id, TagChanges(add=tags), reference=reference.current(), now=self.now)
        return self

    def delete(self):
        given = Deletion(staff=self.desk.priya.id)
        ticket_changes.delete(self.ticket.id, given, reference=reference.current(), now=self.now)
        return self

    def advance(self):
        return sla.advance_due(self.now)

    @property
    def clocks(self):
        return list(SlaClock.objects.filter(ticket=self.ticket).order_by("id"))

    @property
    def state(self):
        """What the newest clock does."""
        clock = self.clocks[-1] if self.clocks else None
        if clock is None:
            return "none"
        if clock.finished_at:
            return "stopped"
        return "paused" if clock.due_at is None else "running"

    @property
    def breaches(self):
        return Ticket.objects.get(id=self.ticket.id).sla_breaches


# What happens, in the words of the story.
EVENTS = {
    "created": lambda story: story,
    "private note": lambda story: story.note(),
    "staff reply": lambda story: story.answer(),
    "contact reply": lambda story: story.contact(),
    "staff and contact reply": lambda story: story.answer().later().contact(),
    "contact and staff reply": lambda story: story.contact().later().answer(),
    "staff reply taken back": lambda story: story.answer().later().take_back(),
    "contact reply taken back": lambda story: story.answer().later().contact().later().take_back(),
    "assigned": lambda story: story.staff(assignee=story.desk.jonas.id),
    "unassigned": lambda story: story.staff(assignee=story.desk.jonas.id).later().staff(assignee=None),
    "excluded": lambda story: story.staff(status=story.desk.waiting.id),
    "included": lambda story: story.staff(status=story.desk.waiting.id).later().staff(status=story.desk.new.id),
    "completed": lambda story: story.staff(status=story.desk.closed.id),
    "reopened": lambda story: story.staff(status=story.desk.closed.id).later().staff(status=story.desk.new.id),
    "moved away": lambda story: story.move(story.desk.office),
    "moved back": lambda story: story.move(story.desk.office).later().move(story.desk.workshop),
    "deleted": lambda story: story.delete(),
}
OBJECTIVES = ("first_response", "assignment", "reply_to_contact", "reply_by_contact", "status")
TABLE = {  # event: what the clock of each objective does then
    "created": ("running", "running", "none", "none", "running"),
    "private note": ("running", "running", "none", "none", "running"),
    "staff reply": ("stopped", "running", "none", "running", "running"),
    "contact reply": ("running", "running", "running", "none", "running"),
    "staff and contact reply": ("stopped", "running", "running", "stopped", "running"),
    "contact and staff reply": ("stopped", "running", "stopped", "running", "running"),
    "staff reply taken back": ("running", "running", "none", "stopped", "running"),
    "contact reply taken back": ("stopped", "running", "stopped", "running", "running"),
    "assigned": ("running", "stopped", "none", "none", "running"),
    "unassigned": ("running", "running", "none", "none", "running"),
    "excluded": ("paused", "paused", "none", "none", "paused"),
    "included": ("running", "running", "none", "none", "running"),
    "completed": ("paused", "paused", "none", "none", "stopped"),
    "reopened": ("running", "running", "none", "none", "stopped"),
    "moved away": ("paused", "paused", "none", "none", "paused"),
    "moved back": ("running", "running", "none", "none", "running"),
    "deleted": ("none", "none", "none", "none", "none"),
}


def make_policy(desk, objective, **values):
    status = {"target_status": desk.closed} if objective == "status" else {}
    given = {"seconds": 100 * 3600, "categories": [desk.workshop], "exclusions": [desk.waiting], **status, **values}
    return factories.make_policy(objective, **given)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_what_happens_moves_the_clock(desk, objective, event):
    make_policy(desk, objective)
    story = Story(desk).later()

    EVENTS[event](story)

    assert story.state == TABLE[event][OBJECTIVES.index(objective)]


@pytest.mark.parametrize(
    ("objective", "event", "since"),
    [
        ("first_response", "created", NOON),
        ("assignment", "created", NOON),
        ("assignment", "unassigned", NOON + 2 * HOUR),
        ("reply_to_contact", "contact reply", NOON + HOUR),
        ("reply_by_contact", "staff reply", NOON + HOUR),
        ("status", "created", NOON),
    ],
)
def test_the_time_counts_from_the_event_of_the_objective(desk, objective, event, since):
    make_policy(desk, objective)
    story = Story(desk).later()

    EVENTS[event](story)

    assert (story.clocks[-1].started_at, story.clocks[-1].due_at) == (since, since + 100 * HOUR)


@pytest.mark.parametrize(
    ("objective", "again"),
    [
        ("reply_to_contact", lambda story: story.contact().later().contact()),
        ("reply_by_contact", lambda story: story.answer().later().answer()),
    ],
)
def test_who_asks_twice_waits_since_the_first_time(desk, objective, again):
    make_policy(desk, objective)
    story = again(Story(desk).later())

    assert [clock.started_at for clock in story.clocks] == [NOON + HOUR]


def test_each_reply_that_waits_for_an_answer_has_a_clock_of_its_own(desk):
    make_policy(desk, "reply_to_contact")
    story = Story(desk).later().contact().later().answer().later().contact()

    assert [clock.started_at for clock in story.clocks] == [NOON + HOUR, NOON + 3 * HOUR]
    assert [clock.finished_at for clock in story.clocks] == [NOON + 2 * HOUR, None]


def test_a_status_is_promised_once(desk):
    make_policy(desk, "status")
    story = Story(desk).later().staff(status=desk.closed.id).later().contact().later().staff(status=desk.closed.id)

    assert [clock.finished_at for clock in story.clocks] == [NOON + HOUR]


class TestPausing:
    def test_takes_up_what_was_left_of_the_working_time(self, desk):
        make_policy(desk, "first_response", seconds=4 * 3600, hours=OFFICE)
        story = Story(desk, now=FRIDAY.replace(hour=15)).later().staff(status=desk.waiting.id)  # on Friday at 16:00
        assert story.clocks[0].remaining_seconds == 3 * 3600

        story.later(days=2).staff(status=desk.new.id)  # on Sunday

        assert story.clocks[0].due_at == FRIDAY.replace(hour=12) + timedelta(days=3)
        assert story.clocks[0].remaining_seconds is None

    def test_over_a_weekend_takes_working_time_only(self, desk):
        make_policy(desk, "first_response", seconds=4 * 3600, hours=OFFICE)
        story = Story(desk, now=FRIDAY.replace(hour=16)).later(hours=20).staff(status=desk.waiting.id)  # on Saturday

        assert story.clocks[0].remaining_seconds == 3 * 3600

    def test_a_clock_that_is_over_already_breaches_it(self, desk):
        make_policy(desk, "first_response", seconds=3600)
        story = Story(desk).later(hours=2).staff(status=desk.waiting.id)

        assert story.clocks[0].breached_at == NOON + HOUR
        assert story.breaches == 1

    def test_keeps_clocks_from_running_out(self, desk):
        make_policy(desk, "first_response", seconds=3600)
        story = Story(desk).later(minutes=59).staff(status=desk.waiting.id).later(days=9)

        assert story.advance() == 0
        assert story.breaches == 0

    def test_begins_with_the_clock_in_an_exclusion_status(self, desk):
        make_policy(desk, "reply_by_contact", exclusions=[desk.waiting], seconds=3600)
        story = Story(desk).later().answer(status=desk.waiting.id)

        assert (story.state, story.clocks[0].remaining_seconds) == ("paused", 3600)


class TestWhatComesUnderAPolicy:
    def test_a_ticket_of_its_categories(self, desk):
        make_policy(desk, "first_response", categories=[desk.office])

        assert Story(desk).state == "none"

    def test_a_ticket_that_is_moved_there_counts_from_its_creation(self, desk):
        make_policy(desk, "first_response", categories=[desk.office])
        story = Story(desk).later().move(desk.office)

        assert (story.clocks[0].started_at, story.clocks[0].due_at) == (NOON, NOON + 100 * HOUR)

    def test_not_one_whose_promise_was_over_when_it_came(self, desk):
        make_policy(desk, "first_response", categories=[desk.office], seconds=1800)
        story = Story(desk).later().move(desk.office)

        assert story.state == "none"
        assert story.later(days=1).advance() == 0

    @pytest.mark.parametrize(
        ("condition", "meets"),
        [
            ('priority:"High"', {"priority": "high"}),
            ("tag:vip", {"tags": ["vip"]}),
            ("contact:ortiz brake", {"subject": "The brake"}),
            ("assignee:any", {"assignee": "jonas"}),
        ],
    )
    def test_one_that_a_search_by_its_condition_would_find(self, desk, condition, meets):
        make_policy(desk, "first_response", condition=condition)
        values = {
            key: getattr(desk, value).id if isinstance(value, str) and hasattr(desk, value) else value
            for key, value in meets.items()
        }

        assert Story(desk, subject="Hello").state == "none"
        assert Story(desk, **{"subject": "Hello", **values}).state == "running"

    def test_one_that_meets_the_condition_later(self, desk):
        make_policy(desk, "first_response", condition="tag:vip")
        story = Story(desk).later().tag("vip")

        assert story.clocks[0].started_at == NOON

    def test_a_condition_that_matches_nothing_now(self, desk):
        make_policy(desk, "first_response", condition='status:"Renamed since"')

        assert Story(desk).state == "none"

    def test_nothing_when_the_policy_is_not_active(self, desk):
        make_policy(desk, "first_response", active=False)

        assert Story(desk).state == "none"


class TestImportedTickets:
    """`created_at` is what the sender says."""

    def test_have_the_rest_of_their_time(self, desk):
        make_policy(desk, "first_response", seconds=4 * 3600)
        story = Story(desk, created_at=NOON - HOUR)

        assert story.clocks[0].due_at == NOON + 3 * HOUR

    @pytest.mark.parametrize("year", [1, 1970, 2020])
    def test_were_promised_nothing_that_is_over(self, desk, year):
        for objective in OBJECTIVES:
            make_policy(desk, objective)

        assert Story(desk, created_at=NOON.replace(year=year)).state == "none"

    def test_from_the_future_count_from_now(self, desk):
        make_policy(desk, "first_response", seconds=3600)

        assert Story(desk, created_at=NOON.replace(year=9999)).clocks[0].due_at == NOON + HOUR


class TestRunningOut:
    @pytest.fixture
    def story(self, desk):
        make_policy(desk, "first_response", seconds=3600)
        return Story(desk)

    def test_breaches_the_clock_at_its_due_moment(self, story):
        assert story.later(minutes=61).advance() == 1

        assert story.clocks[0].breached_at == story.clocks[0].decided_at == NOON + HOUR
        assert story.clocks[0].finished_at is None

    def test_not_before(self, story):
        assert story.later(minutes=60).advance() == 0

    def test_happens_once(self, story):
        assert [story.later().advance() for _ in range(3)] == [0, 1, 0]
        assert story.breaches == 1

    def test_changes_what_readers_keep(self, api, story):
        path = f"ticket/{story.ticket.id}/"
        before = api.get(path)
        assert before.json()["sla_breaches"] == 0

        story.later(hours=2).advance()

        after = api.get(path, If_None_Match=before["ETag"])
        assert (after.status_code, after.json()["sla_breaches"]) == (200, 1)
        assert after.json()["last_modified"] == "2026-03-09 14:00:00"
        assert after.json()["last_updated_at"] == before.json()["last_updated_at"]

    def test_is_found(self, api, desk, story):
        other = factories.make_ticket(desk.lena, desk.workshop, now=NOON + timedelta(days=1))
        assert found(api, "true") == []

        story.later(hours=2).advance()

        assert (found(api, "true"), found(api, "false")) == ([story.ticket.id], [other.id])

    def test_keeps_the_counters_right(self, desk, story):
        Story(desk)
        story.later(hours=2).advance()

        kept = totals()
        counters.recount()
        assert kept == totals()

    def test_makes_a_change_seen_later_a_breach_all_the_same(self, desk, story):
        story.later(hours=2).answer()

        clock = story.clocks[0]
        assert (clock.breached_at, clock.finished_at, clock.decided_at) == (NOON + HOUR, NOON + 2 * HOUR, NOON + HOUR)
        assert story.breaches == 1
        kept = totals()
        counters.recount()
        assert kept == totals()

    def test_of_several_promises_counts_each(self, desk, story):
        make_policy(desk, "assignment", seconds=1800)
        story.tag("x").later(hours=2)

        assert story.advance() == 2
        assert story.breaches == 2

    def test_stops_when_the_answer_comes_late(self, story):
        story.later(hours=2).advance()
        story.later().answer()

        assert (story.clocks[0].breached_at, story.clocks[0].finished_at) == (NOON + HOUR, NOON + 3 * HOUR)
        assert story.breaches == 1

    def test_goes_in_batches_up_to_a_limit(self, desk, story, monkeypatch):
        monkeypatch.setattr(sla, "BATCH", 2)
        for _ in range(6):
            Story(desk)
        story.later(hours=2)

        assert [sla.advance_due(story.now, limit=5), story.advance(), story.advance()] == [5, 2, 0]

    def test_leaves_deleted_tickets_alone(self, story):
        story.later(hours=2).delete()

        assert story.advance() == 0
        assert (story.breaches, story.clocks) == (0, [])


class TestDeletion:
    def test_keeps_what_was_decided(self, desk):
        make_policy(desk, "first_response", seconds=3600)
        make_policy(desk, "assignment")
        story = Story(desk).later(hours=2)
        story.advance()

        story.delete()

        (clock,) = story.clocks
        assert (clock.policy.objective, clock.finished_at) == ("first_response", story.now)


def found(api, breached):
    return [row["id"] for row in api.get("tickets/", {"breached": breached}).json()["data"]]


def totals():
    return sorted(TicketCounter.objects.exclude(tickets=0).values_list(*counters.Place._fields, "tickets"))
