"""What must leave the desk, written in the transaction of what caused it; sending is another process's work.

What becomes of an entry afterwards is in actions/deliveries. Who is told what stands in rules/notify. Everybody an
event tells costs one statement together.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings

from reynard.desk import db, records
from reynard.desk.actions import deliveries
from reynard.desk.actions.changes import Entry
from reynard.desk.models import OutboxEntry, Ticket, Update
from reynard.desk.rules import notify
from reynard.desk.rules.notify import Notice, Role
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference

_SUBSCRIBERS = "SELECT staff_id FROM desk_subscription WHERE ticket_id = %s ORDER BY staff_id"
_CONTACT = "SELECT email FROM desk_contact WHERE id = %s"


class Audience(msgspec.Struct):
    """Where the people of an event are found; what is not at hand is read when somebody asks."""

    ticket: Ticket
    entry: Entry
    reference: Reference
    newly_assigned: bool = False
    alert: Sequence[str] = ()  # "s", "c" or ids of staff
    mentioned: Sequence[int] = ()  # ids of staff
    contact_email: str | None = None  # where the caller has it

    def __call__(self, role: Role) -> Sequence[str]:
        return _IN_ROLE[role](self)

    def contact(self) -> Sequence[str]:
        found = self.contact_email or db.rows(_CONTACT, [self.ticket.contact_id])[0][0]
        return [found] if found else []

    def contact_to_acknowledge(self) -> Sequence[str]:
        wanted = settings.REYNARD_ACKNOWLEDGE_TICKETS and not self.ticket.visible_only_staff
        return [self.contact_email] if wanted and self.contact_email else []

    def assignee(self) -> Sequence[str]:
        return self._active([self.ticket.assignee_id] if self.ticket.assignee_id else [])

    def new_assignee(self) -> Sequence[str]:
        return self.assignee() if self.newly_assigned else []

    def subscribers(self) -> Sequence[str]:
        return self._active(row[0] for row in db.rows(_SUBSCRIBERS, [self.ticket.id]))

    def alerted(self) -> Sequence[str]:
        found = [*self._active(int(item) for item in self.alert if item not in {"s", "c"})]
        if "s" in self.alert:
            found += self.subscribers()
        if "c" in self.alert:
            found += self._staff_of_category()
        return found

    def named(self) -> Sequence[str]:
        return self._active(self.mentioned)

    def category_staff(self) -> Sequence[str]:
        return self._staff_of_category() if settings.REYNARD_NOTIFY_CATEGORY_STAFF else []

    def category_staff_of_unassigned(self) -> Sequence[str]:
        return [] if self.ticket.assignee_id else self.category_staff()

    def _staff_of_category(self) -> list[str]:
        people = self.reference.staff.values()
        return self._active(person.id for person in people if self.ticket.category_id in person.category_ids)

    def _active(self, ids: Iterable[int]) -> list[str]:
        """The addresses of those who work here and may see the ticket: it may have been moved since they joined in."""
        category = self.ticket.category_id
        people = (self.reference.staff.get(id) for id in ids)
        return [person.email for person in people if person and person.active and access.sees(person, category)]


_IN_ROLE: dict[Role, Callable[[Audience], Sequence[str]]] = {
    Role.CONTACT: Audience.contact,
    Role.CONTACT_TO_ACKNOWLEDGE: Audience.contact_to_acknowledge,
    Role.TO: lambda audience: split_list(audience.entry.forward_to or ""),
    Role.CC: lambda audience: split_list(audience.entry.cc),
    Role.BCC: lambda audience: split_list(audience.entry.bcc),
    Role.ASSIGNEE: Audience.assignee,
    Role.NEW_ASSIGNEE: Audience.new_assignee,
    Role.SUBSCRIBERS: Audience.subscribers,
    Role.ALERTED: Audience.alerted,
    Role.MENTIONED: Audience.named,
    Role.CATEGORY_STAFF: Audience.category_staff,
    Role.CATEGORY_STAFF_OF_UNASSIGNED: Audience.category_staff_of_unassigned,
}


def tell(
    event: notify.Event,
    audience: Audience,
    update: Update,
    *,
    now: datetime,
    options: Mapping[str, Any] | None = None,
    hold: timedelta = timedelta(),
) -> None:
    """Write down the mails of an event. `options` go with the mail that leaves the desk, not with those to staff.

    They leave when `hold` has passed: so long their author can take the message back.
    """
    found = notify.notices(event, audience, author=audience.entry.author.email)
    records.insert_all([_entry(notice, update, options or {}, now, hold) for notice in found])


def is_held(update_id: int, *, now: datetime) -> bool:
    """Whether no mail about an entry has left, or is being sent; there need not be any."""
    mails = OutboxEntry.objects.filter(update_id=update_id, channel=OutboxEntry.Channel.MAIL)
    return not mails.exclude(done_at=None, dead_at=None, leased_until=None, attempts=0, next_try_at__gt=now).exists()


def send_now(update_id: int, *, now: datetime) -> None:
    """Hold the mails about an entry no longer."""
    mails = OutboxEntry.objects.filter(update_id=update_id, channel=OutboxEntry.Channel.MAIL)
    mails.filter(done_at=None, dead_at=None, next_try_at__gt=now, attempts=0).update(next_try_at=now)


def cancel(update: Update, reason: str, *, now: datetime, to_staff: bool = True) -> None:
    """The mails about an entry that have not left will not leave any more; without `to_staff`, those to staff will.

    What somebody is sending at this moment may still arrive.
    """
    mails = OutboxEntry.objects.filter(update_id=update.id, channel=OutboxEntry.Channel.MAIL)
    waiting = mails.filter(done_at=None, dead_at=None)
    if not to_staff:
        waiting = waiting.exclude(kind=OutboxEntry.Kind.STAFF)
    waiting.update(dead_at=now, leased_until=None, last_error=reason)


def _entry(notice: Notice, update: Update, options: Mapping[str, Any], now: datetime, hold: timedelta) -> OutboxEntry:
    return OutboxEntry(
        kind=notice.kind,
        ticket_id=update.ticket_id,
        update_id=update.id,
        recipients={"to": notice.to, "cc": notice.cc, "bcc": notice.bcc},
        options={} if notice.kind == OutboxEntry.Kind.STAFF else dict(options),
        message_id=f"{update.ticket_id}.{update.id}.{notice.kind}.{secrets.token_hex(8)}",
        created_at=now,
        expires_at=now + deliveries.lifetime(),
        next_try_at=now + hold,
    )
