"""Watching webhooks by the API, and sending once more what was sent to them."""

from datetime import UTC, datetime

import pytest

from reynard.desk.actions import webhooks
from reynard.desk.models import OutboxEntry, WebhookAttempt
from tests import factories
from tests.factories import NOON


@pytest.fixture
def webhook(desk):
    return factories.make_webhook(events=["ticket.created"], categories=[desk.workshop.id])


@pytest.fixture
def delivery(desk, webhook):
    factories.make_ticket(desk.lena, desk.workshop)
    return OutboxEntry.objects.get()


def record(delivery, status, error=""):
    """A request and its answer."""
    return WebhookAttempt.objects.create(
        delivery=delivery,
        started_at=NOON,
        duration_ms=12,
        request_headers={"X-Webhook-Event": delivery.kind},
        body_sha256="0" * 64,
        body_bytes=2,
        status=status,
        response_headers={"Content-Type": "text/plain"},
        response="thanks",
        error=error,
    )


def test_webhooks_are_listed_without_their_secrets(api, desk, webhook):
    answer = api.get("webhooks/")

    assert answer.json() == [
        {
            "id": webhook.id,
            "name": "hooks.example.org",
            "url": "https://hooks.example.org/desk",
            "events": ["ticket.created"],
            "categories": [desk.workshop.id],
            "active": True,
            "off_because": "",
            "failing_since": None,
            "show_cf_changes": False,
            "envelope": False,
            "signature_encoding": "hex",
            "created_at": "2026-03-09 12:00:00",
        }
    ]
    assert webhook.secret not in answer.content.decode()


def test_a_delivery_is_read_with_its_requests(api, webhook, delivery):
    record(delivery, 503, "The receiver answered 503.")

    answer = api.get(f"webhook/{webhook.id}/delivery/{delivery.id}/").json()

    assert answer == {
        "id": delivery.id,
        "delivery_id": delivery.message_id,
        "event": "ticket.created",
        "ticket": delivery.ticket_id,
        "update_id": delivery.update_id,
        "state": "waiting",
        "attempts": 0,
        "created_at": "2026-03-09 12:00:00",
        "next_try_at": "2026-03-09 12:00:00",
        "ended_at": None,
        "last_status": 503,
        "last_error": "",
        "requests": [
            {
                "started_at": "2026-03-09 12:00:00",
                "duration_ms": 12,
                "headers": [{"name": "X-Webhook-Event", "value": "ticket.created"}],
                "body_sha256": "0" * 64,
                "body_bytes": 2,
                "response_status": 503,
                "response_headers": [{"name": "Content-Type", "value": "text/plain"}],
                "response_body": "thanks",
                "error": "The receiver answered 503.",
            }
        ],
    }


class TestThePages:
    @pytest.fixture
    def ids(self, desk, webhook):
        for _ in range(12):
            factories.make_ticket(desk.lena, desk.workshop)
        return list(OutboxEntry.objects.order_by("-id").values_list("id", flat=True))

    def test_go_from_the_newest_to_the_oldest(self, api, webhook, ids):
        first = api.get(f"webhook/{webhook.id}/deliveries/").json()
        second = api.get(f"webhook/{webhook.id}/deliveries/", {"before": first["next"]}).json()

        assert [one["id"] for one in first["data"]] == ids[:10]
        assert [one["id"] for one in second["data"]] == ids[10:]
        assert second["next"] is None

    def test_may_have_only_what_was_given_up(self, api, webhook, ids):
        OutboxEntry.objects.filter(id=ids[3]).update(dead_at=NOON, last_error="No answer.")

        answer = api.get(f"webhook/{webhook.id}/deliveries/", {"failed": "true"}).json()

        assert [(one["id"], one["state"], one["last_error"]) for one in answer["data"]] == [
            (ids[3], "failed", "No answer.")
        ]

    def test_cost_the_same_at_any_length(self, api, webhook, ids, django_assert_num_queries):
        with django_assert_num_queries(4):
            api.get(f"webhook/{webhook.id}/deliveries/", {"size": "10"})
        with django_assert_num_queries(4):
            api.get(f"webhook/{webhook.id}/deliveries/", {"size": "50"})


class TestRedelivery:
    def post(self, api, delivery, **headers):
        return api.post(f"webhook/{delivery.webhook_id}/delivery/{delivery.id}/redeliver/", {}, **headers)

    def test_of_one_that_was_given_up_lets_it_leave_now(self, api, delivery):
        OutboxEntry.objects.update(dead_at=NOON, attempts=7)

        answer = self.post(api, delivery)

        assert answer.status_code == 200
        assert (answer.json()["id"], answer.json()["state"]) == (delivery.id, "waiting")
        entry = OutboxEntry.objects.get()
        assert (entry.dead_at, entry.attempts) == (None, 0)
        assert entry.next_try_at <= datetime.now(UTC)

    def test_of_one_that_was_delivered_is_a_new_one_under_its_id(self, api, delivery):
        OutboxEntry.objects.update(done_at=NOON)

        answer = self.post(api, delivery).json()

        assert answer["id"] != delivery.id
        assert answer["delivery_id"] == delivery.message_id
        assert OutboxEntry.objects.filter(message_id=delivery.message_id).count() == 2

    def test_happens_once_for_one_idempotency_key(self, api, delivery):
        OutboxEntry.objects.update(done_at=NOON)

        first, second = (self.post(api, delivery, Idempotency_Key="once").json() for _ in range(2))

        assert first == second
        assert OutboxEntry.objects.count() == 2

    def test_can_be_rehearsed(self, api, delivery):
        OutboxEntry.objects.update(done_at=NOON)

        answer = api.post(f"webhook/{delivery.webhook_id}/delivery/{delivery.id}/redeliver/?dry_run=true", {})

        assert answer.status_code == 200
        assert OutboxEntry.objects.count() == 1

    def test_is_refused_while_the_webhook_is_off(self, api, webhook, delivery):
        webhooks.set_active(webhook.id, False)

        answer = self.post(api, delivery)

        assert answer.status_code == 400
        assert "switched off" in answer.json()["error"]["webhook"]


@pytest.mark.parametrize(
    "path",
    [
        "webhook/{other}/deliveries/",
        "webhook/{other}/delivery/{delivery}/",
        "webhook/{webhook}/delivery/{other}/",
    ],
)
def test_what_is_not_there_is_404(api, webhook, delivery, path):
    known = {"webhook": webhook.id, "delivery": delivery.id, "other": 10**17}

    assert api.get(path.format(**known)).status_code == 404


def test_a_delivery_of_another_webhook_is_not_there(api, webhook, delivery):
    other = factories.make_webhook("https://other.example.org/")

    assert api.get(f"webhook/{other.id}/delivery/{delivery.id}/").status_code == 404
    assert api.post(f"webhook/{other.id}/delivery/{delivery.id}/redeliver/", {}).status_code == 404


def test_a_rehearsed_change_tells_nobody(api, desk, webhook):
    new = {
        "name": "Lena",
        "email": "lena@example.org",
        "subject": "Brake",
        "text": "Broken.",
        "category": desk.workshop.id,
    }

    assert api.post("tickets/?dry_run=true", new).status_code == 200
    assert not OutboxEntry.objects.exists()
    assert api.post("tickets/", new).status_code == 200
    assert OutboxEntry.objects.filter(webhook=webhook).count() == 1
