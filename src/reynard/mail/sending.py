"""Mails leave: claimed from the outbox, composed, handed to the mail server, recorded one by one.

What becomes of an entry:

* The server took it for all recipients, or refused some of them for good: **done**. Those refused stand in `answers`.
* It refused all of them for good, or the mail is not to be sent (its ticket was deleted, say): **given up**.
* It refused some for now, or broke off in the middle: **put off**; only those that have no answer yet get it again.
* The server cannot be used at all: nobody's fault. What was claimed goes **back** without counting as a try, and there
  is a pause for all mails, longer with each failure in a row. So when it is back after a day, nothing waits for hours.

A worker process sends over two connections, so that one mail is composed while the server takes another. A mail that
was recorded as done is never sent again; one that was sent when its worker was killed is, with the same `Message-ID`.
"""

import collections
import logging
import os
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import IO

from django.conf import settings
from django.db.models import Q

from reynard import worker
from reynard.desk.actions import deliveries, outgoing_mail
from reynard.desk.actions.outgoing_mail import Composed, MailNotSetUp, NotToBeSent
from reynard.desk.models import OutboxEntry
from reynard.environment import SmtpServer
from reynard.mail import smtp

BATCH = 20
BATCH_SECONDS = 120  # after which no other mail of a batch is begun
IDLE_SECONDS = 10  # after which the connection is closed
SET_UP_PAUSE = timedelta(minutes=5)
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 10, 300
_LOST_IN_A_ROW = 3  # conversations that broke off, after which the server counts as unavailable
_MAILS = Q(channel=OutboxEntry.Channel.MAIL)

logger = logging.getLogger("reynard.mail")


class Allowance:
    """How many mails may be begun within a minute, by all threads together; 0: any number."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._taken: collections.deque[float] = collections.deque()
        self._lock = threading.Lock()

    def take(self, wanted: int) -> int:
        """As many as may be begun now, at most `wanted`; they count from now on."""
        if not self._per_minute:
            return wanted
        now = time.monotonic()
        with self._lock:
            while self._taken and self._taken[0] < now - 60:
                self._taken.popleft()
            granted = max(min(wanted, self._per_minute - len(self._taken)), 0)
            self._taken.extend([now] * granted)
        return granted

    def give_back(self, number: int) -> None:
        """What was taken last and not used."""
        with self._lock:
            for _ in range(min(number, len(self._taken))):
                self._taken.pop()


class Sender:
    """Sends what is due through one server. One of it per thread."""

    def __init__(self, server: SmtpServer, *, per_connection: int, allowance: Allowance) -> None:
        self._server = server
        self._per_connection, self._allowance = per_connection, allowance
        self._connection: smtp.Connection | None = None
        self._last_used = 0.0
        self._failures = self._lost = 0  # in a row
        self._pause_until = 0.0

    def send_due(self, now: datetime) -> bool:
        """Send some of what is due; whether there may be more that can leave now."""
        limit = 0 if self._pauses else self._allowance.take(BATCH)
        entries = deliveries.claim(_MAILS, limit=limit, now=now) if limit else []
        self._allowance.give_back(limit - len(entries))
        if not entries:
            self.rest()
            return False
        with deliveries.keep(entries):
            self._deliver_all(entries)
        return True

    def _deliver_all(self, entries: Sequence[OutboxEntry]) -> None:
        """What cannot be begun now, for whatever reason, is given back."""
        end = time.monotonic() + BATCH_SECONDS
        for number, entry in enumerate(entries):
            if worker.stopping.is_set() or self._pauses or time.monotonic() > end:
                deliveries.release(entries[number:], at=_now())
                return
            try:
                self._deliver(entry)
            except smtp.Unavailable as error:
                moment = self._pause(str(error))
                deliveries.release(entries[number:], at=moment, error=str(error))
                return

    def rest(self) -> None:
        """Close a connection that was not used for a while."""
        if self._connection and time.monotonic() - self._last_used > IDLE_SECONDS:
            self.close()

    def close(self) -> None:
        if self._connection:
            self._connection.quit()
            self._connection = None

    def _deliver(self, entry: OutboxEntry) -> None:
        """One entry, from composing it to what became of it. Raises smtp.Unavailable with nothing recorded."""
        try:
            composed = outgoing_mail.compose(entry.id, now=_now())
        except NotToBeSent as error:
            deliveries.give_up(entry, str(error), now=_now(), tried=False)
        except MailNotSetUp as error:
            deliveries.release([entry], at=_now() + SET_UP_PAUSE, error=str(error))
        except Exception as error:  # of this one mail; the others shall not wait for somebody to look at it
            logger.exception("A mail cannot be composed", extra=deliveries.about(entry))
            deliveries.put_off(entry, f"The mail cannot be composed: {error}", now=_now())
        else:
            with composed.message:
                self._hand_in(entry, composed)

    def _hand_in(self, entry: OutboxEntry, composed: Composed) -> None:
        entry.answers |= {out.address: out.reason for out in composed.left_out}
        pending = [address for address in composed.envelope_to if address not in entry.answers]
        try:
            replies = self._send(composed, pending) if pending else {}
        except smtp.Lost as error:
            self._lost += 1
            deliveries.put_off(entry, str(error), now=_now())
            if self._lost >= _LOST_IN_A_ROW:
                self._pause(str(error))
        else:
            self._failures = self._lost = 0
            _record(entry, composed, replies)

    def _send(self, composed: Composed, recipients: Sequence[str]) -> smtp.Replies:
        """Over the connection there is, or a new one when the server had ended it meanwhile."""
        size = _size(composed.message)
        if self._connection and self._connection.is_open and self._connection.mails < self._per_connection:
            try:
                return self._over(self._connection, composed, recipients, size)
            except smtp.Unavailable:
                composed.message.seek(0)
        self.close()
        self._connection = smtp.Connection(self._server)
        return self._over(self._connection, composed, recipients, size)

    def _over(self, connection: smtp.Connection, composed: Composed, to: Sequence[str], size: int) -> smtp.Replies:
        try:
            return connection.send(composed.envelope_from, to, composed.message, size)
        finally:
            self._last_used = time.monotonic()

    def _pause(self, error: str) -> datetime:
        """Send nothing for a while, longer after each failure in a row; until when."""
        pause = min(_FIRST_PAUSE_SECONDS * 2**self._failures, _LONGEST_PAUSE_SECONDS)
        self._failures += 1
        self._pause_until = time.monotonic() + pause
        logger.error("No mails for %s seconds: %s", pause, error)
        return _now() + timedelta(seconds=pause)

    @property
    def _pauses(self) -> bool:
        return time.monotonic() < self._pause_until


def _record(entry: OutboxEntry, composed: Composed, replies: smtp.Replies) -> None:
    entry.answers |= {
        address: "" if reply.accepted else str(reply) for address, reply in replies.items() if not reply.temporary
    }
    waiting = [str(reply) for reply in replies.values() if reply.temporary]
    errors = [entry.answers.get(address, "") for address in composed.envelope_to]
    if waiting:
        deliveries.put_off(entry, waiting[0], now=_now())
    elif all(errors):
        deliveries.give_up(entry, errors[0], now=_now())
    else:
        deliveries.done(entry, now=_now())


def _size(message: IO[bytes]) -> int:
    size = message.seek(0, os.SEEK_END)
    message.seek(0)
    return size


def _now() -> datetime:
    return datetime.now(UTC)


_senders = threading.local()
_allowance = Allowance(settings.REYNARD_SMTP_MESSAGES_PER_MINUTE)


def send_due(now: datetime) -> bool:
    """The job of the worker. Without a mail server mails wait, until they are too old."""
    if settings.REYNARD_SMTP_URL is None:
        return False
    if not hasattr(_senders, "own"):
        per_connection = settings.REYNARD_SMTP_MESSAGES_PER_CONNECTION
        _senders.own = Sender(settings.REYNARD_SMTP_URL, per_connection=per_connection, allowance=_allowance)
    more: bool = _senders.own.send_due(now)
    return more
