"""How many automatic mails may leave: so that neither a loop nor an import floods anybody.

Three budgets, each a setting (0: no limit): mails to one contact in an hour and in a day, mails to one member of staff
in an hour, mails about one ticket in a day. What was granted once to an outbox entry stays granted, so that trying
again costs nothing. Replies and forwards are people's own mails and have no budget.

Only what was granted is kept, for a day: counting reads at most as many rows of an index as the budget has.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from reynard.desk import db
from reynard.desk.models import AutomaticMail, OutboxEntry
from reynard.desk.rules import mail_addresses

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_FORGOTTEN_AT_ONCE = 100  # rows


def spend(entry: OutboxEntry, addresses: Sequence[str], *, now: datetime) -> list[str]:
    """The addresses among these that an automatic mail may go to; counts it against their budgets."""
    audience = "staff" if entry.kind == OutboxEntry.Kind.STAFF else "contact"
    keys = {address: f"{audience}:{mail_addresses.key(address)}" for address in addresses}
    ticket = f"ticket:{entry.ticket_id}"
    with db.write():
        db.take_budget_turn()
        granted = set(AutomaticMail.objects.filter(entry_id=entry.id).values_list("key", flat=True))
        if granted:
            return [address for address, key in keys.items() if key in granted]
        over = _over_budget({*keys.values(), ticket}, now)
        allowed = [] if ticket in over else [address for address, key in keys.items() if key not in over]
        if allowed:
            fresh = {ticket, *(keys[address] for address in allowed)}
            AutomaticMail.objects.bulk_create(
                AutomaticMail(entry_id=entry.id, key=key, granted_at=now) for key in sorted(fresh)
            )
        _forget(now)
    return allowed


def _over_budget(keys: set[str], now: datetime) -> set[str]:
    """Those whose budget is used up."""
    staff = {key for key in keys if key.startswith("staff:")}
    counts = [*_counts(staff, now - _HOUR, now), *_counts(keys - staff, now - _DAY, now)]
    return {key for key, hour, day in counts if _is_used_up(key.partition(":")[0], hour, day)}


def _counts(keys: set[str], since: datetime, now: datetime) -> list[tuple[str, int, int]]:
    """Each key that was counted since then, with how often in the last hour, and in all."""
    if not keys:
        return []
    rows = AutomaticMail.objects.filter(key__in=keys, granted_at__gt=since).values_list("key")
    return list(rows.annotate(hour=Count("id", filter=Q(granted_at__gt=now - _HOUR)), all=Count("id")))


def _is_used_up(kind: str, hour: int, day: int) -> bool:
    used = {
        "contact": ((hour, settings.REYNARD_MAIL_CONTACT_HOURLY), (day, settings.REYNARD_MAIL_CONTACT_DAILY)),
        "staff": ((hour, settings.REYNARD_MAIL_STAFF_HOURLY),),
        "ticket": ((day, settings.REYNARD_MAIL_TICKET_DAILY),),
    }
    return any(limit and count >= limit for count, limit in used[kind])


def _forget(now: datetime) -> None:
    old = AutomaticMail.objects.filter(granted_at__lte=now - _DAY).order_by("granted_at")
    ids = list(old.values_list("id", flat=True)[:_FORGOTTEN_AT_ONCE])
    if ids:
        AutomaticMail.objects.filter(id__in=ids).delete()
