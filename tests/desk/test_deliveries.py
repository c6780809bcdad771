"""What becomes of outbox entries: claims by lease, lanes, pauses, the end of patience, and costs that do not grow."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from reynard.desk import db as desk_db
from reynard.desk.actions import deliveries
from reynard.desk.models import OutboxEntry
from reynard.desk.rules import deliveries as rules
from tests import factories
from tests.desk.outbox import entry_values, make_entry, make_mail
from tests.factories import NOON

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
MAIL, WEBHOOK = OutboxEntry.Channel.MAIL, OutboxEntry.Channel.WEBHOOK
LIFETIME = 3 * DAY


@pytest.fixture
def ticket(desk: SimpleNamespace):
    return factories.make_ticket(desk.lena, desk.workshop)


def claim(limit=10, now=NOON, channel=WEBHOOK):
    return deliveries.claim(Q(channel=channel), limit=limit, now=now)


def ids(entries):
    return [entry.id for entry in entries]


def state(entry):
    return OutboxEntry.objects.get(id=entry.id)


class TestClaim:
    def test_takes_the_longest_due_first_and_leases_them(self, ticket):
        second, first, _ = make_entry(ticket), make_entry(ticket, next_try_at=NOON - MINUTE), make_entry(ticket)
        claimed = claim(limit=2)
        assert ids(claimed) == [first.id, second.id]
        for entry in claimed:
            until = NOON + deliveries.LEASE
            assert (entry.attempts, entry.leased_until, entry.next_try_at) == (1, until, until)
            assert state(entry) == entry
            assert (state(entry).attempts, state(entry).leased_until) == (1, until)

    def test_leaves_what_is_leased_until_the_lease_runs_out(self, ticket):
        entry = make_entry(ticket)
        assert ids(claim()) == [entry.id]
        assert claim(now=NOON + deliveries.LEASE - SECOND) == []
        (again,) = claim(now=NOON + deliveries.LEASE)
        assert (again.id, again.attempts) == (entry.id, 2)

    def test_leaves_what_is_not_due_and_what_has_ended(self, ticket):
        make_entry(ticket, next_try_at=NOON + SECOND)
        make_entry(ticket, done_at=NOON)
        make_entry(ticket, dead_at=NOON)
        assert claim() == []

    def test_looks_at_one_channel(self, ticket):
        mail, webhook = make_mail(ticket, "a@example.org"), make_entry(ticket)
        assert ids(claim(channel=MAIL)) == [mail.id]
        assert ids(claim(channel=WEBHOOK)) == [webhook.id]

    def test_gives_up_what_is_late_and_takes_what_is_not(self, ticket):
        late = [make_entry(ticket, expires_at=NOON), make_entry(ticket, expires_at=NOON, last_error="No answer.")]
        fresh = make_entry(ticket, expires_at=NOON + SECOND)
        assert ids(claim(limit=2)) == [fresh.id]
        assert [state(entry).dead_at for entry in late] == [NOON, NOON]
        assert [state(entry).last_error for entry in late] == [
            "It could not leave within 3 days.",
            "It could not leave within 3 days. No answer.",
        ]


class TestLanes:
    def test_let_one_leave_at_a_time_and_in_order(self, ticket):
        first, second, third = (make_entry(ticket, lane="w1:5") for _ in range(3))
        other, free = make_entry(ticket, lane="w2:5"), make_entry(ticket)
        claimed = claim()
        assert ids(claimed) == [first.id, other.id, free.id]
        assert claim(now=NOON + SECOND) == []
        deliveries.done(claimed[0], now=NOON + SECOND)
        assert ids(claim(now=NOON + SECOND)) == [second.id]
        deliveries.give_up(state(second), "410 Gone", now=NOON + 2 * SECOND)
        assert ids(claim(now=NOON + 2 * SECOND)) == [third.id]

    def test_wait_for_the_first_while_it_is_put_off(self, ticket):
        first, second = make_entry(ticket, lane="w1:5"), make_entry(ticket, lane="w1:5")
        (claimed,) = claim()
        deliveries.put_off(claimed, "500", now=NOON, retry_at=NOON + HOUR)
        later = make_entry(ticket, lane="w1:5", next_try_at=NOON)
        assert claim(now=NOON + 59 * MINUTE) == []
        assert ids(claim(now=NOON + HOUR)) == [first.id]
        assert claim(now=NOON + HOUR + SECOND) == []
        deliveries.done(state(first), now=NOON + HOUR + MINUTE)
        assert ids(claim(now=NOON + HOUR + MINUTE)) == [second.id]
        deliveries.done(state(second), now=NOON + HOUR + MINUTE)
        assert ids(claim(now=NOON + HOUR + MINUTE)) == [later.id]

    def test_are_not_overtaken_by_what_is_retried(self, ticket):
        dead, running = make_entry(ticket, lane="w1:5", dead_at=NOON), make_entry(ticket, lane="w1:5")
        (claimed,) = claim()
        assert claimed.id == running.id
        deliveries.retry(ids=[dead.id], now=NOON)
        assert claim() == []
        deliveries.done(claimed, now=NOON + SECOND)
        assert ids(claim(now=NOON + SECOND)) == [dead.id]

    def test_that_wait_do_not_hide_what_is_behind_them(self, ticket):
        make_entry(ticket, lane="w1:5", leased_until=NOON + HOUR, next_try_at=NOON + HOUR)
        OutboxEntry.objects.bulk_create(OutboxEntry(**entry_values(ticket), lane="w1:5") for _ in range(100))
        free = make_entry(ticket)
        assert ids(claim(limit=10)) == [free.id]


class TestOutcomes:
    @pytest.fixture
    def entry(self, ticket):
        make_entry(ticket)
        return claim()[0]

    def test_done(self, entry):
        entry.answers = {"a@example.org": ""}
        assert deliveries.done(entry, now=NOON + SECOND)
        after = state(entry)
        assert (after.done_at, after.leased_until, after.answers) == (NOON + SECOND, None, {"a@example.org": ""})

    def test_given_up(self, entry):
        assert deliveries.give_up(entry, "550 No such user", now=NOON)
        assert (state(entry).dead_at, state(entry).last_error) == (NOON, "550 No such user")

    def test_put_off_waits_longer_each_time_until_it_is_given_up(self, entry):
        pauses, now = [], NOON
        while deliveries.put_off(entry, "451 Later", now=now) and not state(entry).dead_at:
            pauses.append(state(entry).next_try_at - now)
            now = state(entry).next_try_at
            (entry,) = claim(now=now)
        bases = [10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR] + [6 * HOUR] * (len(pauses) - 5)
        assert all(base <= pause <= base * (1 + rules.JITTER) for base, pause in zip(bases, pauses, strict=True))
        assert LIFETIME - 8 * HOUR < now - NOON < LIFETIME
        assert (state(entry).dead_at, state(entry).last_error) == (now, "451 Later")

    def test_a_lost_lease_decides_nothing(self, entry):
        (other,) = claim(now=NOON + deliveries.LEASE)
        assert not deliveries.done(entry, now=NOON + deliveries.LEASE)
        assert not deliveries.give_up(entry, "x", now=NOON + deliveries.LEASE)
        assert not deliveries.put_off(entry, "x", now=NOON + deliveries.LEASE)
        deliveries.release([entry], at=NOON)
        assert (state(entry).leased_until, state(entry).last_error) == (other.leased_until, "")

    def test_a_renewed_lease_lasts_longer(self, entry):
        deliveries.renew([entry], now=NOON + 20 * SECOND)
        assert claim(now=NOON + 49 * SECOND) == []
        assert deliveries.done(entry, now=NOON + 49 * SECOND)

    def test_only_what_one_still_has_is_renewed(self, entry, ticket):
        (other,) = claim(now=NOON + deliveries.LEASE)
        before = state(entry)
        deliveries.renew([entry, make_entry(ticket)], now=NOON + HOUR)
        assert (state(entry).leased_until, state(entry).leased_by) == (before.leased_until, other.leased_by)
        assert OutboxEntry.objects.filter(leased_until=None).count() == 1
        deliveries.done(other, now=NOON + HOUR)
        deliveries.renew([other], now=NOON + HOUR)
        assert state(other).leased_until is None

    def test_released_ones_have_not_been_tried(self, entry):
        deliveries.release([entry], at=NOON + MINUTE, error="Connection refused")
        after = state(entry)
        assert (after.attempts, after.leased_until, after.next_try_at) == (0, None, NOON + MINUTE)
        assert after.last_error == "Connection refused"

    def test_a_long_error_is_cut(self, entry):
        deliveries.give_up(entry, "x" * 5000, now=NOON)
        assert len(state(entry).last_error) == 1000


class TestRetry:
    def test_lets_dead_ones_leave_with_a_new_lifetime(self, ticket):
        dead = make_mail(
            ticket, dead_at=NOON, attempts=9, last_error="550", answers={"a@example.org": "", "b@example.org": "550"}
        )
        assert deliveries.retry(now=NOON + 9 * DAY) == [dead.id]
        after = state(dead)
        assert (after.dead_at, after.attempts, after.expires_at) == (None, 0, NOON + 9 * DAY + LIFETIME)
        assert after.answers == {"a@example.org": ""}
        assert ids(claim(now=NOON + 9 * DAY, channel=MAIL)) == [dead.id]

    def test_hurries_what_waits_and_leaves_the_rest_alone(self, ticket):
        waiting, done = make_entry(ticket, next_try_at=NOON + HOUR), make_entry(ticket, done_at=NOON)
        leased = make_entry(ticket, leased_until=NOON + MINUTE, next_try_at=NOON + MINUTE)
        assert deliveries.retry(ids=[waiting.id, done.id, leased.id, 999], now=NOON) == [waiting.id]
        assert ids(claim()) == [waiting.id]

    def test_takes_any_number(self, ticket, monkeypatch):
        monkeypatch.setattr(deliveries, "_BATCH", 3)
        for _ in range(7):
            make_entry(ticket, dead_at=NOON)
        assert len(deliveries.retry(now=NOON)) == 7
        assert len(claim()) == 7


class TestTheEnd:
    def test_what_could_not_leave_is_given_up_whatever_the_channel(self, ticket):
        late = [make_mail(ticket, expires_at=NOON), make_entry(ticket, expires_at=NOON)]
        fresh = make_mail(ticket)
        assert deliveries.give_up_late(now=NOON) is False
        assert [state(entry).dead_at for entry in late] == [NOON, NOON]
        assert state(fresh).dead_at is None

    def test_what_has_ended_long_ago_is_forgotten(self, ticket, settings, monkeypatch):
        settings.REYNARD_OUTBOX_KEEP_DAYS = 30
        monkeypatch.setattr(deliveries, "_BATCH", 2)
        for moment in (NOON, NOON, NOON + SECOND):
            make_entry(ticket, done_at=moment)
            make_entry(ticket, dead_at=moment)
        make_entry(ticket)
        then = NOON + 30 * DAY + SECOND
        assert deliveries.forget_finished(now=then) is True
        assert deliveries.forget_finished(now=then) is False
        assert OutboxEntry.objects.count() == 3


class TestCosts:
    """Thousands that wait, are leased or ended are not looked at by a claim."""

    def plan(self, sql):
        with connection.cursor() as cursor:
            if desk_db.is_postgres():
                cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
                cursor.execute(f"EXPLAIN {sql}")
                return "\n".join(row[0] for row in cursor.fetchall())
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            return "\n".join(row[3] for row in cursor.fetchall())

    def statements(self, run):
        with CaptureQueriesContext(connection) as captured:
            run()
        return [entry["sql"] for entry in captured if entry["sql"].lstrip().startswith(("SELECT", "UPDATE", "DELETE"))]

    def test_every_statement_of_a_claim_has_an_index(self, ticket):
        make_entry(ticket, lane="w1:5")
        make_entry(ticket, lane="w1:5")
        for sql in self.statements(claim):
            plan = self.plan(sql)
            assert "SCAN desk_outboxentry" not in plan or "USING" in plan, (sql, plan)
            assert "Seq Scan" not in plan, (sql, plan)

    def test_a_claim_reads_only_what_is_due(self, ticket):
        make_entry(ticket)
        (first, *_) = self.statements(claim)
        plan = self.plan(first)
        assert "outbox_waiting" in plan
        assert ("next_try_at<" in plan) or ("next_try_at <=" in plan), plan

    def test_nothing_due_is_one_statement(self, ticket):
        make_entry(ticket, next_try_at=NOON + SECOND)
        assert len(self.statements(claim)) == 1

    def test_tidying_has_indexes(self, ticket):
        make_entry(ticket, done_at=NOON)
        for run in (deliveries.give_up_late, deliveries.forget_finished):
            for sql in self.statements(lambda run=run: run(now=NOON + 999 * DAY)):
                plan = self.plan(sql)
                assert "Seq Scan" not in plan, (sql, plan)
                assert "SCAN desk_outboxentry" not in plan or "USING" in plan, (sql, plan)
