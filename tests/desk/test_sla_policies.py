"""Setting up promised times: what is refused, and what a change does to clocks that run."""

import math
from datetime import timedelta

import pytest

from reynard.desk.actions import sla, sla_policies
from reynard.desk.actions.sla_policies import GivenPolicy, GivenSchedule, Item
from reynard.desk.errors import Invalid, NotFound, Problems
from reynard.desk.models import SlaClock, SlaPolicy, WorkSchedule
from tests import factories
from tests.factories import ALWAYS, NOON

LATER = NOON + timedelta(hours=1)


def given_schedule(**values):
    return GivenSchedule(
        **{"name": "Office", "time_zone": "Europe/Berlin", "hours": {"monday": ["09:00-17:00"]}} | values
    )


def given_policy(**values):
    plain = {"name": "Answer", "objective": "first_response", "seconds": 3600, "target": 95, "schedule": "Always"}
    return GivenPolicy(**plain | values)


@pytest.fixture
def always(desk):
    return sla_policies.add_schedule(given_schedule(name="Always", time_zone="UTC", hours=ALWAYS))


def add(**values):
    return sla_policies.add_policy(given_policy(**values), now=NOON)


def refused(call):
    with pytest.raises(Invalid) as caught:
        call()
    return {field: " ".join(texts) for field, texts in caught.value.problems.items()}


class TestAddingAPolicy:
    def test_stores_what_was_given(self, desk, always):
        policy = add(
            objective="status",
            status=desk.closed.id,
            condition=' priority:"High" ',
            categories=[desk.workshop.id],
            exclusions=[desk.waiting.id],
            target=99.5,
        )

        policy.refresh_from_db()
        assert (policy.objective, policy.target_status, policy.allowed_seconds) == ("status", desk.closed, 3600)
        assert (policy.condition, policy.target, policy.schedule) == ('priority:"High"', 99.5, always)
        assert (list(policy.categories.all()), list(policy.exclusion_statuses.all())) == (
            [desk.workshop],
            [desk.waiting],
        )

    def test_holds_from_the_next_ticket_on(self, desk, always):
        before = factories.make_ticket(desk.lena, desk.workshop)
        add()
        after = factories.make_ticket(desk.lena, desk.workshop)

        assert list(SlaClock.objects.values_list("ticket_id")) == [(after.id,)]
        assert before.id != after.id

    @pytest.mark.parametrize(
        ("values", "field", "words"),
        [
            ({"name": " "}, "name", "required"),
            ({"name": "a\nb"}, "name", "one line"),
            ({"name": "x" * 201}, "name", "at most 200 characters"),
            ({"objective": "happiness"}, "objective", "happiness is no objective. They are first_response, assignment"),
            ({"objective": "status"}, "status", "Which status"),
            ({"status": 1}, "status", "Only the objective status"),
            ({"objective": "status", "status": 999}, "status", "valid choice"),
            ({"seconds": 0}, "seconds", "more than no time"),
            ({"seconds": -1}, "seconds", "more than no time"),
            ({"seconds": 53 * 7 * 86400}, "seconds", "over a year"),
            ({"target": -1}, "target", "0 to 100"),
            ({"target": 101}, "target", "0 to 100"),
            ({"target": math.nan}, "target", "0 to 100"),
            ({"schedule": "Never"}, "schedule", "no work schedule named Never"),
            ({"categories": [999]}, "categories", "valid choice"),
            ({"exclusions": [999]}, "exclusions", "valid choice"),
            ({"condition": "prio:High"}, "condition", "no search term prio"),
            ({"condition": 'status:"Nowhere"'}, "condition", "No ticket can meet this"),
            ({"condition": "x " * 60}, "condition", "at most 50 terms"),
        ],
    )
    def test_is_refused_with_its_field(self, always, values, field, words):
        found = refused(lambda: add(**values))

        assert list(found) == [field]
        assert words in found[field]
        assert not SlaPolicy.objects.exists()

    def test_is_refused_with_all_that_is_wrong(self, always):
        assert list(refused(lambda: add(target=101, seconds=0, name=""))) == ["name", "seconds", "target"]

    def test_needs_a_name_of_its_own(self, always):
        add()

        assert list(refused(add)) == ["name"]

    def test_cannot_pause_where_it_ends(self, desk, always):
        values = {"objective": "status", "status": desk.closed.id, "exclusions": [desk.closed.id]}

        assert list(refused(lambda: add(**values))) == ["exclusions"]


class TestSchedules:
    def test_without_hours_are_refused(self, db):
        found = refused(lambda: sla_policies.add_schedule(given_schedule(hours={})))

        assert found == {"hours": "A week needs working hours on at least one day."}

    def test_are_refused_with_all_that_is_wrong(self, db):
        bad = given_schedule(name="", time_zone="Mars/Olympus", hours={"monday": ["17-9"]}, holidays=["2026-02-30"])

        assert list(refused(lambda: sla_policies.add_schedule(bad))) == ["name", "time_zone", "hours", "holidays"]
        assert not WorkSchedule.objects.exists()

    def test_cannot_become_too_short_for_their_policies(self, always):
        add(seconds=3600 * 1000)
        short = given_schedule(name="Always", hours={"monday": ["09:00-10:00"]})

        found = refused(lambda: sla_policies.change_schedule(always.id, short))
        assert found == {"hours": "With these hours the time of the policy Answer would take over a year."}

    def test_that_are_not_there(self, db):
        with pytest.raises(NotFound):
            sla_policies.change_schedule(9, given_schedule())


class TestChangingAPolicy:
    @pytest.fixture
    def policy(self, desk, always):
        return add()

    def test_leaves_running_clocks_as_they_are(self, desk, policy):
        factories.make_ticket(desk.lena, desk.workshop)
        sla_policies.change_policy(policy.id, given_policy(seconds=7200), now=NOON)
        factories.make_ticket(desk.lena, desk.workshop)

        due = list(SlaClock.objects.order_by("id").values_list("due_at", flat=True))
        assert due == [NOON + timedelta(hours=1), NOON + timedelta(hours=2)]

    def test_cannot_make_another_promise_of_it(self, desk, policy):
        other = given_policy(objective="status", status=desk.closed.id)

        found = refused(lambda: sla_policies.change_policy(policy.id, other, now=NOON))
        assert list(found) == ["objective"]

    def test_that_ends_it_ends_its_open_clocks(self, desk, policy):
        late = factories.make_ticket(desk.lena, desk.workshop)
        assert sla.advance_due(NOON + timedelta(hours=2)) == 1
        factories.make_ticket(desk.lena, desk.workshop, now=NOON + timedelta(hours=2))

        ended = NOON + timedelta(hours=3)
        sla_policies.change_policy(policy.id, given_policy(active=False), now=ended)

        assert list(SlaClock.objects.values_list("ticket_id", "finished_at")) == [(late.id, ended)]
        assert sla.advance_due(NOON + timedelta(days=9)) == 0

    def test_that_ends_it_is_seen_by_clocks_that_started_meanwhile(self, desk, policy):
        ticket = factories.make_ticket(desk.lena, desk.workshop)
        clock = SlaClock.objects.get()
        sla_policies.change_policy(policy.id, given_policy(active=False), now=NOON)
        SlaClock(ticket=ticket, policy=policy, started_at=NOON, due_at=clock.due_at).save()

        assert sla.advance_due(NOON + timedelta(hours=2)) == 0
        assert not SlaClock.objects.exists()
        ticket.refresh_from_db()
        assert ticket.sla_breaches == 0

    def test_that_is_not_there(self, db):
        with pytest.raises(NotFound):
            sla_policies.change_policy(9, given_policy(), now=NOON)


class TestBringingAList:
    def items(self, **values):
        schedule = given_schedule(name="Always", hours=ALWAYS)
        return [Item(schedule, Problems()), Item(given_policy(**values), Problems())]

    def test_adds_changes_and_leaves_alone(self, desk):
        assert sla_policies.bring(self.items(), now=NOON) == ["added", "added"]
        assert sla_policies.bring(self.items(), now=NOON) == ["unchanged", "unchanged"]
        assert sla_policies.bring(self.items(target=50), now=NOON) == ["unchanged", "changed"]
        assert sla_policies.bring(self.items(target=50, categories=[desk.office.id]), now=NOON) == [
            "unchanged",
            "changed",
        ]
        assert SlaPolicy.objects.get().target == 50

    def test_only_says_what_it_would_do(self, desk):
        assert sla_policies.bring(self.items(), now=NOON, keep=False) == ["added", "added"]
        assert not WorkSchedule.objects.exists()

    def test_does_nothing_when_anything_is_wrong(self, desk):
        items = [*self.items(), Item(given_policy(name="Bad", target=101), Problems())]

        assert list(refused(lambda: sla_policies.bring(items, now=NOON))) == ["2.target"]
        assert not WorkSchedule.objects.exists()

    def test_does_not_blame_policies_for_their_schedule(self, desk):
        items = self.items()
        items[0].given.hours = {}

        assert list(refused(lambda: sla_policies.bring(items, now=NOON))) == ["0.hours"]

    def test_refuses_a_name_that_comes_twice(self, desk):
        items = [*self.items(), Item(given_policy(target=50), Problems())]

        assert list(refused(lambda: sla_policies.bring(items, now=NOON))) == ["2.name"]
