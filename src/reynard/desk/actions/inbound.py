"""The queue of mails that were stored: claimed by whoever understands them, put off, given up, tried again.

The same on both databases, with any number of workers:

* **Claim.** Who understands mails takes due ones by a lease, in the order in which they came, and reads them outside of
  any transaction. One that was tried before is claimed alone: if it ends its worker, it takes no other with it.
* What becomes of one is decided and done in the transaction that ends its lease (actions/arrivals): a worker that dies
  leaves the mail as it was, and it is taken once.
* **Failures** are tried again a few times; then the mail is kept as failed until somebody asks for it (`retry`).
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from reynard.desk import db
from reynard.desk.models import InboundMail

LEASE = timedelta(minutes=10)
TRIES = 4  # of one mail, before a person has to look at it
PAUSE = timedelta(minutes=1)  # before the second try; twice as long before each other
ERROR_LIMIT = 1000  # characters kept of an error

State = InboundMail.State

logger = logging.getLogger("reynard.mail")


def claim(*, limit: int, now: datetime) -> list[InboundMail]:
    """At most `limit` due mails, which nobody else takes until their `leased_until`. Empty: there is nothing to do."""
    due = InboundMail.objects.filter(state=State.NEW, next_try_at__lte=now).order_by("next_try_at", "id")
    if not due.values_list("id")[:1]:
        return []
    with db.write():
        found = list(due.select_for_update(skip_locked=True)[:limit])
        worn_out = [mail for mail in found if mail.attempts >= TRIES]
        for mail in worn_out:
            _fail(mail, mail.last_error or "Reading it ended its worker.", now)
        rest = [mail for mail in found if mail not in worn_out]
        claimed = _together(rest)
        until = now + LEASE
        InboundMail.objects.filter(id__in=[mail.id for mail in claimed]).update(
            leased_until=until, next_try_at=until, attempts=F("attempts") + 1
        )
    for mail in claimed:
        mail.leased_until = mail.next_try_at = until
        mail.attempts += 1
    return claimed


def _together(found: Sequence[InboundMail]) -> list[InboundMail]:
    """Mails in their order, up to the first that was tried before; that one alone."""
    fresh: list[InboundMail] = []
    for mail in found:
        if mail.attempts:
            return fresh or [mail]
        fresh.append(mail)
    return fresh


def give_back(mails: Sequence[InboundMail], *, at: datetime) -> None:
    """What was claimed and not tried, to be claimed again from `at` on."""
    with db.write():
        for mail in mails:
            held_by(mail).update(leased_until=None, next_try_at=at, attempts=mail.attempts - 1)


def put_off(mail: InboundMail, error: str, *, now: datetime) -> None:
    """It could not be taken this time; after a few tries it has failed."""
    with db.write():
        if not held_by(mail).exists():
            return
        if mail.attempts >= TRIES:
            _fail(mail, error, now)
        else:
            pause = PAUSE * 2 ** (mail.attempts - 1)
            held_by(mail).update(leased_until=None, next_try_at=now + pause, last_error=error[:ERROR_LIMIT])


def _fail(mail: InboundMail, error: str, now: datetime) -> None:
    logger.error("Mail %s cannot be understood: %s", mail.id, error)
    mail.state, mail.reason, mail.last_error = State.FAILED, "It could not be understood.", error[:ERROR_LIMIT]
    mail.leased_until, mail.processed_at = None, now
    mail.save(update_fields=["state", "reason", "last_error", "leased_until", "processed_at"])


def held_by(mail: InboundMail) -> QuerySet[InboundMail]:
    """The row while the lease is still the caller's."""
    return InboundMail.objects.filter(id=mail.id, state=State.NEW, leased_until=mail.leased_until)


def retry(*, now: datetime, ids: Sequence[int] | None = None) -> int:
    """Let mails that failed be tried again, all of them or these; how many that are.

    Those the mail server did not hand out are not ours to try: they are fetched again (mail/fetching).
    """
    failed = InboundMail.objects.filter(state=State.FAILED).exclude(sha256="")
    if ids is not None:
        failed = failed.filter(id__in=ids)
    with db.write():
        return failed.update(state=State.NEW, attempts=0, next_try_at=now, processed_at=None, reason="")
