"""What becomes of outbox entries: claimed, done, put off, given up, sent again, forgotten.

The same for every channel and on both databases, with any number of workers. The policy:

* **Claim.** Who sends takes due entries by a lease, in a short transaction of its own, and sends outside of it,
  renewing the lease as long as that takes (`keep`). When the sender dies the lease runs out and somebody else sends: at
  least once, with the same `message_id`.
* **Lanes.** Of the entries with the same `lane` only the oldest waiting one can be claimed, while none is leased.
* **Temporary errors** (`put_off`) are tried again after the pauses of rules/deliveries, until `expires_at`,
  `REYNARD_OUTBOX_DAYS` after the entry was written. **Permanent errors** (`give_up`) end it at once.
* **Late is never.** What could not leave before `expires_at` is given up, also when nobody tried: a desk whose mail is
  configured a month later does not send a month of old mail.
* A dead entry says why in `last_error`, and leaves when somebody asks for it (`retry`).

Every outcome is recorded only while the lease is still the caller's.
"""

import logging
import random
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Case, F, Max, Min, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Concat

from reynard import metrics
from reynard.desk import db
from reynard.desk.models import OutboxEntry
from reynard.desk.rules import deliveries as rules

LEASE = timedelta(seconds=30)
RENEWAL_SECONDS = 10  # a lease outlives two renewals that fail
ERROR_LIMIT = 1000  # characters kept of an error
_BATCH = 1000  # rows of one transaction, where somebody else may be waiting to write
_LOOK_AHEAD = 200  # entries at a time, where those that are due wait for others
_ROUNDS = 10  # of them, before a claim gives its worker a rest

_WAITING = Q(done_at=None, dead_at=None)

logger = logging.getLogger("reynard.outbox")


def lifetime() -> timedelta:
    return timedelta(days=settings.REYNARD_OUTBOX_DAYS)


def claim(which: Q, *, limit: int, now: datetime, lease: timedelta = LEASE) -> list[OutboxEntry]:
    """At most `limit` due entries, the longest due first, which nobody else sends until their `leased_until`.

    `which` names those the caller can send, by columns that begin an index of waiting entries: a channel. Empty when
    there is nothing to do. Entries past `expires_at` are given up on the way.
    """
    due = OutboxEntry.objects.filter(_WAITING, which, next_try_at__lte=now).order_by("next_try_at", "id")
    for look_at in (limit, *[max(limit, _LOOK_AHEAD)] * _ROUNDS):
        if not due.values_list("id")[:1]:  # most of the time, and without a transaction
            return []
        with db.write():
            found = list(due.select_for_update(skip_locked=True)[:look_at])
            if any(entry.expires_at <= now for entry in found):
                _give_up_late(due, now)
            claimed = _lease(_free(found, now, lease)[:limit], now + lease)
        if claimed or not found:
            return claimed
    return []


def _free(found: Sequence[OutboxEntry], now: datetime, lease: timedelta) -> list[OutboxEntry]:
    """Those that can be claimed. What has to wait in its lane waits as long as what goes before it."""
    found = [entry for entry in found if entry.expires_at > now]
    lanes = {entry.lane for entry in found if entry.lane is not None}
    if not lanes:
        return found
    waiting = OutboxEntry.objects.filter(_WAITING, lane__in=lanes).order_by()
    rows = waiting.values("lane").annotate(first=Min("id"), leased=Max("leased_until"))
    states: _Lanes = {row["lane"]: row for row in rows}
    free = [entry for entry in found if entry.lane is None or _is_free(entry, states[entry.lane], now)]
    _push_back([entry for entry in found if entry not in free], states, now, lease)
    return free


_Lanes = dict[str | None, dict[str, Any]]  # the first waiting entry of each lane, and its longest lease


def _is_free(entry: OutboxEntry, lane: dict[str, Any], now: datetime) -> bool:
    return bool(entry.id == lane["first"] and (lane["leased"] is None or lane["leased"] <= now))


def _push_back(blocked: Sequence[OutboxEntry], states: _Lanes, now: datetime, lease: timedelta) -> None:
    """Out of the way of those that can leave; `_wake` brings the next of a lane back when its turn comes."""
    if not blocked:
        return
    firsts = OutboxEntry.objects.in_bulk({states[entry.lane]["first"] for entry in blocked})
    for entry in blocked:
        lane = states[entry.lane]
        first = firsts.get(lane["first"])
        moments = [now + timedelta(seconds=1), lane["leased"], first.next_try_at if first else None]
        if first is not None and first.next_try_at <= now:
            moments.append(now + lease)  # it is being claimed now
        entry.next_try_at = max(moment for moment in moments if moment is not None)
    OutboxEntry.objects.bulk_update(blocked, ["next_try_at"])


def _lease(entries: list[OutboxEntry], until: datetime) -> list[OutboxEntry]:
    mark = secrets.token_hex(8)
    OutboxEntry.objects.filter(id__in=[entry.id for entry in entries]).update(
        leased_by=mark, leased_until=until, next_try_at=until, attempts=F("attempts") + 1
    )
    for entry in entries:
        entry.leased_by, entry.leased_until, entry.next_try_at = mark, until, until
        entry.attempts += 1
    return entries


@contextmanager
def keep(entries: Sequence[OutboxEntry]) -> Iterator[None]:
    """Renew the leases of one claim, in a thread of its own, as long as this block lasts and this process lives.

    Those that ended meanwhile, or were given back, are left alone.
    """
    finished = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(finished, entries), name="renewal of leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def _renew_until(finished: threading.Event, entries: Sequence[OutboxEntry]) -> None:
    try:
        while not finished.wait(RENEWAL_SECONDS):
            try:
                renew(entries, now=datetime.now(UTC))
            except DatabaseError:
                logger.exception("Leases of the outbox cannot be renewed")
                connection.close()
    finally:
        connection.close()


def renew(entries: Sequence[OutboxEntry], *, now: datetime, lease: timedelta = LEASE) -> None:
    """Keep what one claim took for longer."""
    ids, marks = [entry.id for entry in entries], {entry.leased_by for entry in entries}
    with db.write():
        OutboxEntry.objects.filter(_WAITING, id__in=ids, leased_by__in=marks - {""}).update(
            leased_until=now + lease, next_try_at=now + lease
        )


def done(entry: OutboxEntry, *, now: datetime) -> bool:
    """It has left; `entry.answers` is kept. False when the lease was lost: then somebody else decides."""
    return _counted(entry, "sent", _end(entry, done_at=now, last_error=""))


def give_up(entry: OutboxEntry, error: str, *, now: datetime, tried: bool = True) -> bool:
    """It will not leave, unless somebody asks for it. False when the lease was lost.

    Not `tried`: it should not leave, and that is no failure of anybody's.
    """
    logger.warning("Outbox entry %s of ticket %s is given up: %s", entry.id, entry.ticket_id, error, extra=about(entry))
    ended = _end(entry, dead_at=now, last_error=error[:ERROR_LIMIT], attempts=entry.attempts - (not tried))
    return _counted(entry, "given_up", ended) if tried else ended


def put_off(entry: OutboxEntry, error: str, *, now: datetime, retry_at: datetime | None = None) -> bool:
    """It did not leave this time; dead when the next try would come too late. False when the lease was lost.

    `retry_at`: another moment than the pauses of rules/deliveries give, e.g. one the other side named.
    """
    moment = retry_at or now + rules.pause(entry.attempts, random.random())  # noqa: S311
    if moment >= entry.expires_at:
        return give_up(entry, error, now=now)
    with db.write():
        recorded = _record(entry, next_try_at=moment, last_error=error[:ERROR_LIMIT], answers=entry.answers)
    return _counted(entry, "failed", recorded)


def release(entries: Iterable[OutboxEntry], *, at: datetime, error: str = "") -> None:
    """Give back what was claimed and not tried, to be claimed again from `at` on; with the reason, if there is one."""
    with db.write():
        for entry in entries:
            text = {"last_error": error[:ERROR_LIMIT]} if error else {}
            _record(entry, next_try_at=at, attempts=entry.attempts - 1, **text)


def retry(*, now: datetime, ids: Sequence[int] | None = None) -> list[int]:
    """Let these waiting or dead entries leave now, or all dead ones; returns the ids of those it found.

    They have their whole lifetime again, and recipients that were refused for good are tried again. What has left, and
    what somebody is sending at this moment, is left alone.
    """
    wanted = Q(dead_at__isnull=False) if ids is None else Q(id__in=ids)
    wanted &= Q(done_at=None) & (Q(leased_until=None) | Q(leased_until__lte=now))
    found: list[int] = []
    while batch := _retry_some(wanted & Q(id__gt=found[-1] if found else 0), now):
        found += batch
    return found


def _retry_some(wanted: Q, now: datetime) -> list[int]:
    with db.write():
        entries = list(OutboxEntry.objects.select_for_update().filter(wanted).order_by("id")[:_BATCH])
        for entry in entries:
            entry.answers = {address: error for address, error in entry.answers.items() if not error}
            entry.dead_at, entry.attempts, entry.expires_at, entry.next_try_at = None, 0, now + lifetime(), now
            entry.leased_by = ""  # of a sender that died: should it live after all, its word counts no more
        fields = ["answers", "dead_at", "attempts", "expires_at", "next_try_at", "leased_by"]
        OutboxEntry.objects.bulk_update(entries, fields, batch_size=100)
    return [entry.id for entry in entries]


def give_up_late(*, now: datetime) -> bool:
    """Give up what could not leave in time, whatever the channel; whether there may be more."""
    more = False
    for channel in OutboxEntry.Channel:
        due = OutboxEntry.objects.filter(_WAITING, channel=channel, next_try_at__lte=now).order_by("next_try_at", "id")
        with db.write():
            more |= _give_up_late(due, now) == _BATCH
    return more


def _give_up_late(due: QuerySet[OutboxEntry], now: datetime) -> int:
    """An entry is tried for the last time before it expires, so that an expired one is due."""
    late = due.filter(expires_at__lte=now).select_for_update(skip_locked=True)
    channels = dict(late.values_list("id", "channel")[:_BATCH])
    ids = list(channels)
    reason = f"It could not leave within {settings.REYNARD_OUTBOX_DAYS} days."
    told = Case(
        When(last_error="", then=Value(reason)),
        default=Concat(Value(f"{reason} "), F("last_error")),
        output_field=TextField(),
    )
    OutboxEntry.objects.filter(id__in=ids).update(dead_at=now, leased_by="", leased_until=None, last_error=told)
    if ids:
        logger.warning("%s outbox entries are given up: %s", len(ids), reason)
    for channel in channels.values():
        metrics.count(channel, "given_up")
    return len(ids)


def forget_finished(*, now: datetime) -> bool:
    """Drop what ended `REYNARD_OUTBOX_KEEP_DAYS` ago; whether there may be more."""
    before = now - timedelta(days=settings.REYNARD_OUTBOX_KEEP_DAYS)
    more = False
    for ended in (Q(done_at__lt=before), Q(dead_at__lt=before)):
        ids = list(OutboxEntry.objects.filter(ended).values_list("id", flat=True)[:_BATCH])
        with db.write():
            OutboxEntry.objects.filter(ended, id__in=ids).delete()
        more |= len(ids) == _BATCH
    return more


def _end(entry: OutboxEntry, **values: Any) -> bool:
    with db.write():
        ended = _record(entry, answers=entry.answers, **values)
        if ended and entry.lane is not None:
            _wake(entry.lane, values.get("done_at") or values["dead_at"])
    return ended


def _record(entry: OutboxEntry, **values: Any) -> bool:
    """Give up the lease, with what became of the entry."""
    own = OutboxEntry.objects.filter(_WAITING, id=entry.id, leased_by=entry.leased_by)
    recorded = bool(own.update(leased_by="", leased_until=None, **values))
    if not recorded:
        logger.warning("The lease of an outbox entry was lost; somebody else decides about it.", extra=about(entry))
    return recorded


def _counted(entry: OutboxEntry, outcome: str, happened: bool) -> bool:
    if happened:
        metrics.count(entry.channel, outcome)
    return happened


def about(entry: OutboxEntry) -> dict[str, Any]:
    """For `extra` of a log line."""
    return {"outbox_entry": entry.id, "channel": entry.channel, "ticket": entry.ticket_id}


def _wake(lane: str, now: datetime) -> None:
    following = OutboxEntry.objects.filter(_WAITING, lane=lane).order_by("id").values_list("id", flat=True)[:1]
    OutboxEntry.objects.filter(id__in=list(following), next_try_at__gt=now).update(next_try_at=now)
