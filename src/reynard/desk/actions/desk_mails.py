"""Mails that belong to no ticket, as entries of the outbox: written here, delivered like all others."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from reynard.desk import db, sealing
from reynard.desk.actions import deliveries
from reynard.desk.models import OutboxEntry, Staff
from reynard.desk.selectors import desk_letters

ACCOUNT_NEWS = timedelta(days=1)  # for how long a mail about an account is of use; links in them last no longer


def about_account(address: str, *, subject: str, text: str, now: datetime) -> None:
    """A mail to the member of staff who has this address.

    For an address that nobody has nothing is left, after the same work: the time it takes must not tell who works here.
    """
    options = {"subject": subject, "sealed": sealing.seal(text, desk_letters.SEALED_FOR)}
    made = entry(OutboxEntry.Kind.ACCOUNT, [address], options, message_id=f"account.{secrets.token_hex(12)}", now=now)
    made.expires_at = min(made.expires_at, now + ACCOUNT_NEWS)
    with db.write():
        made.save(force_insert=True)
        if not Staff.objects.filter(email__iexact=address, active=True).exists():
            db.execute("DELETE FROM desk_outboxentry WHERE id = %s", [made.id])


def entry(
    kind: OutboxEntry.Kind, to: Sequence[str], options: dict[str, Any], *, message_id: str, now: datetime
) -> OutboxEntry:
    return OutboxEntry(
        kind=kind,
        recipients={"to": list(to), "cc": [], "bcc": []},
        options=options,
        message_id=message_id,
        created_at=now,
        expires_at=now + deliveries.lifetime(),
        next_try_at=now,
    )
