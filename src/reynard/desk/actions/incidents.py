"""Warnings to administrators by mail: one for an incident, in the transaction of what noticed it (rules/incidents)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from reynard.desk import db
from reynard.desk.actions import desk_mails
from reynard.desk.models import Mailbox, OutboxEntry, Webhook
from reynard.desk.rules import incidents as rules
from reynard.desk.rules.incidents import WARNINGS, Incident
from reynard.desk.selectors import access, reference
from reynard.desk.selectors.reference import StaffMember

_DAY = timedelta(days=1)
_EXAMPLES = 10
_NAMES = {
    OutboxEntry.Channel.MAIL: ("mail", "mails"),
    OutboxEntry.Channel.WEBHOOK: ("webhook delivery", "webhook deliveries"),
}


def warn(incident: Incident, key: str, values: Mapping[str, str], *, now: datetime) -> None:
    """One mail to all who may mend it (rules/incidents); none when there was one with this key. Several may call it."""
    to = [person.email for person in reference.current().staff.values() if _is_told(person, incident)]
    if not to:
        return
    subject, text = rules.letter(incident, values, base_url=settings.REYNARD_BASE_URL)
    options = {"subject": f"{settings.REYNARD_DESK_NAME}: {subject}", "text": text}
    entry = desk_mails.entry(OutboxEntry.Kind.WARNING, to, options, message_id=f"warning.{incident}.{key}", now=now)
    with db.write():
        OutboxEntry.objects.bulk_create([entry], ignore_conflicts=True)


def _is_told(person: StaffMember, incident: Incident) -> bool:
    code = WARNINGS[incident].code
    return person.active and (person.is_account_admin or (bool(code) and access.may(person, code)))


def warn_of_given_up(*, now: datetime) -> None:
    """At the first delivery of a day that failed for good; of what follows that day, on the next one."""
    days = [f"{now - since:%Y-%m-%d}" for since in (timedelta(), _DAY)]
    ids = [f"warning.{Incident.GIVEN_UP}.{day}" for day in days]
    told = dict(OutboxEntry.objects.filter(message_id__in=ids).values_list("message_id", "created_at"))
    if ids[0] in told:
        return
    since = told.get(ids[1], now - _DAY)
    failed = _failed(since)
    counts = dict(failed.order_by().values_list("channel").annotate(Count("id")))
    if counts:
        examples = [f"* {_described(entry)}" for entry in failed.order_by("-dead_at")[:_EXAMPLES]]
        more = sum(counts.values()) - len(examples)
        named = [f"{count:,} {_NAMES[channel][count != 1]}" for channel, count in sorted(counts.items())]
        values = {
            "count": " and ".join(named),
            "since": _moment(since),
            "examples": "\n".join([*examples, *([f"* … and {more:,} more"] if more else [])]),
        }
        warn(Incident.GIVEN_UP, days[0], values, now=now)


def _failed(since: datetime) -> QuerySet[OutboxEntry]:
    """What was tried in vain, or could not be in time; not what somebody took back, and no warnings."""
    in_vain = Q(attempts__gt=0) | Q(dead_at__gte=F("expires_at"))
    return OutboxEntry.objects.filter(in_vain, dead_at__gt=since).exclude(kind=OutboxEntry.Kind.WARNING)


def _described(entry: OutboxEntry) -> str:
    about = f"ticket {entry.ticket_id}" if entry.ticket_id else "an account"
    return f"{entry.id}, about {about}: {entry.last_error}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def mailbox_fails(mailbox: Mailbox, since: datetime, reason: str, *, now: datetime) -> None:
    """One mail from the first failure to the next success."""
    values = {"name": mailbox.name, "address": mailbox.address, "since": _moment(since), "reason": reason}
    warn(Incident.MAILBOX_FAILING, f"{mailbox.id}.{since:%Y%m%d%H%M%S}", values, now=now)


def credentials_expire(mailbox: Mailbox, expires: datetime, *, now: datetime) -> None:
    values = {"name": mailbox.name, "address": mailbox.address, "expires": _moment(expires)}
    warn(Incident.CREDENTIALS_EXPIRE, f"{mailbox.id}.{expires:%Y%m%d%H%M%S}", values, now=now)


def webhook_is_off(webhook: Webhook, *, now: datetime) -> None:
    values = {"name": webhook.name, "reason": webhook.off_because, "days": str(settings.REYNARD_OUTBOX_DAYS)}
    warn(Incident.WEBHOOK_OFF, f"{webhook.id}.{now:%Y%m%d%H%M%S}", values, now=now)
