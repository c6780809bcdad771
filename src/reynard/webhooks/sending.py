"""Sending what the outbox holds for webhooks: claim, POST, record, again and again while something is due.

One thread speaks to the database; others only wait for receivers. No receiver gets all of those: one that has taken
nothing since it failed gets one, the others a few each, and every round begins with another one.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from django.conf import settings
from django.db.models import Q

from reynard.desk import db
from reynard.desk.actions import deliveries, webhooks
from reynard.desk.models import OutboxEntry, Webhook, WebhookAttempt
from reynard.desk.rules import webhook_retries
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors import webhooks as lists
from reynard.webhooks import message, transport
from reynard.webhooks.transport import Answer
from reynard.worker import stopping

SLOTS = 16  # requests at a time, of one worker
SLOTS_OF_ONE = 8  # of them for one webhook
RESPONSE_KEPT = 2000  # characters of an answer's body
HEADERS_KEPT = 30
HEADER_KEPT = 500  # characters
_SECONDS_OF_ONE_GO = 60  # before the worker hears that this job is alive
_SECONDS_BETWEEN_LOOKS = 0.2  # for what has become due while receivers are slow

logger = logging.getLogger("reynard.webhooks")


class _Request(msgspec.Struct, frozen=True):
    """One that is on its way."""

    delivery: OutboxEntry
    url: str
    headers: dict[str, str]
    content: bytes


class Sender:
    """Sends from one process. One thread at a time may use it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(SLOTS, thread_name_prefix="webhook")
        self._goes = 0
        self._running: dict[Future[Answer], _Request] = {}

    def send_due(self) -> bool:
        """Send what is due, until nothing is or the worker stops; whether there may be more."""
        until = time.monotonic() + _SECONDS_OF_ONE_GO
        while True:
            goes_on = time.monotonic() < until and not stopping.is_set()
            if goes_on:
                self._start()
            if not self._running:
                return not goes_on
            finished, _ = wait(self._running, timeout=_SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
            self._record([(self._running.pop(future), future.result()) for future in finished])

    def _start(self) -> None:
        found = lists.active()
        self._goes += 1
        first = self._goes % len(found) if found else 0
        busy = Counter(request.delivery.webhook_id for request in self._running.values())
        for webhook in found[first:] + found[:first]:
            own = (1 if webhook.failing_since else SLOTS_OF_ONE) - busy[webhook.id]
            room = min(own, SLOTS - len(self._running))
            if room > 0:
                self._claim(webhook, room)

    def _claim(self, webhook: Webhook, limit: int) -> None:
        now = datetime.now(UTC)
        for delivery in deliveries.claim(Q(webhook_id=webhook.id), limit=limit, now=now):
            request = _prepare(delivery, webhook)
            if request is not None:
                self._running[self._pool.submit(_post, request)] = request

    def _record(self, finished: Sequence[tuple[_Request, Answer]]) -> None:
        with db.write():
            for request, answer in sorted(finished, key=lambda pair: pair[0].delivery.webhook_id or 0):
                webhooks.record(request.delivery, _attempt(request, answer), now=datetime.now(UTC))


def _prepare(delivery: OutboxEntry, webhook: Webhook) -> _Request | None:
    """The request to send; None when it cannot be made, which is the desk's fault and no failure of the receiver."""
    try:
        content = message.body(delivery, webhook, reference_data.current())
        return _Request(delivery, webhook.url, message.headers(delivery, webhook, content), content)
    except Exception:
        logger.exception("A delivery to webhook %s cannot be written", webhook.name, extra=deliveries.about(delivery))
        end = deliveries.give_up if webhook_retries.is_last(delivery.attempts, None) else deliveries.put_off
        end(delivery, "The message could not be written; see the log.", now=datetime.now(UTC))
        return None


def _post(request: _Request) -> Answer:
    """In a thread of the pool."""
    try:
        allowed = settings.REYNARD_WEBHOOK_ALLOW_INTERNAL
        return transport.post(request.url, request.content, request.headers, internal_allowed=allowed)
    except Exception:
        logger.exception("A delivery failed unexpectedly", extra=deliveries.about(request.delivery))
        return Answer(started_at=datetime.now(UTC), duration_ms=0, error="Sending failed; see the log.")


def _attempt(request: _Request, answer: Answer) -> WebhookAttempt:
    headers = list(answer.headers.items())[:HEADERS_KEPT]
    return WebhookAttempt(
        started_at=answer.started_at,
        duration_ms=answer.duration_ms,
        request_headers=request.headers,
        body_sha256=sha256(request.content).hexdigest(),
        body_bytes=len(request.content),
        status=answer.status,
        response_headers={name[:HEADER_KEPT]: value[:HEADER_KEPT] for name, value in headers},
        response=answer.body.decode("utf-8", "replace").replace("\0", "�")[:RESPONSE_KEPT],
        error=_error(answer),
    )


def _error(answer: Answer) -> str:
    if answer.status is None or webhook_retries.is_success(answer.status):
        return answer.error
    if 300 <= answer.status <= 399:
        return f"The receiver answered {answer.status}; redirects are not followed."
    return f"The receiver answered {answer.status}."


_sender: Sender | None = None


def send_due(now: datetime) -> bool:
    """The job of the worker (`reynard.jobs`)."""
    global _sender
    _sender = _sender or Sender()
    return _sender.send_due()
