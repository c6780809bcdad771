"""What waits for one webhook, or was sent to it long ago, costs the others nothing."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from reynard.desk import db
from reynard.desk.actions import deliveries
from reynard.desk.models import OutboxEntry
from reynard.desk.selectors import webhooks as lists
from tests import factories


def plan_of_first(run):
    """How the database runs the first statement. PostgreSQL reads small tables whole unless it is told not to."""
    with CaptureQueriesContext(connection) as captured:
        run()
    sql = captured[0]["sql"]
    with connection.cursor() as cursor:
        if not db.is_postgres():
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            return "\n".join(row[3] for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.fixture
def due(desk, webhook):
    factories.make_ticket(desk.lena, desk.workshop, now=datetime.now(UTC))
    return webhook


def test_a_claim_reads_what_is_due_for_the_webhook(due):
    plan = plan_of_first(lambda: deliveries.claim(Q(webhook_id=due.id), limit=5, now=datetime.now(UTC)))

    assert "outbox_webhook_waiting" in plan
    assert "next_try_at<" in plan or "next_try_at <=" in plan


@pytest.mark.parametrize(("failed_only", "index"), [(False, "outbox_webhook"), (True, "outbox_webhook_dead")])
def test_a_page_of_the_log_reads_an_index(due, failed_only, index):
    plan = plan_of_first(lambda: lists.deliveries(due.id, limit=5, failed_only=failed_only))

    assert f"{index} " in plan


def test_a_receiver_with_a_long_queue_is_claimed_for_in_a_few_statements(desk, due):
    entry = OutboxEntry.objects.get()
    for _ in range(1000):  # behind it, on the same ticket
        entry.pk = None
        entry.save(force_insert=True)
    deliveries.claim(Q(webhook_id=due.id), limit=1, now=datetime.now(UTC))

    with CaptureQueriesContext(connection) as captured:
        assert deliveries.claim(Q(webhook_id=due.id), limit=1, now=datetime.now(UTC)) == []
    assert len(captured) < 60
