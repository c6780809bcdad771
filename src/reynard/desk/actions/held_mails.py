"""What people decide about mails that did not become messages: they join a ticket, open one, or are left out."""

from datetime import datetime

import msgspec
from django.db.models import Q
from msgspec import UNSET, UnsetType

from reynard.desk import db
from reynard.desk.actions import checks
from reynard.desk.actions.arrivals import Arrival, Understood
from reynard.desk.errors import NOT_A_CHOICE, NotFound, Problems
from reynard.desk.models import InboundMail
from reynard.desk.rules.mail_threading import Decision, Outcome
from reynard.desk.selectors import access, inbound_mails, merged
from reynard.desk.selectors.reference import Reference, StaffMember

State = InboundMail.State
_WAITING = Q(state__in=[State.HELD, State.FAILED, State.IGNORED, State.DUPLICATE])


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Where a mail belongs. UNSET: a ticket of its own, or not sent."""

    staff: int | UnsetType = UNSET
    ticket: int | UnsetType = UNSET


def release(
    mail_id: int,
    said: Understood,
    given: Release,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
) -> InboundMail:
    """Let a mail join a ticket as a reply of who it says wrote it, or open one.

    `said` is what the mail says. Raises NotFound, Invalid.
    """
    problems = problems or Problems()
    with db.write():
        row = _waiting(mail_id, reference)
        staff = _deciding(given.staff, reference, problems)
        if given.ticket is not UNSET:
            _check_ticket(given.ticket, reference, problems)
        if said.author is None:
            problems.add("author", "It does not say who wrote it.")
        problems.raise_if_any()
        assert staff is not None
        outcome = Outcome.NEW_TICKET if given.ticket is UNSET else Outcome.CONTACT_REPLY
        ticket = None if given.ticket is UNSET else merged.target_of(given.ticket)
        arrival = Arrival(row, said, reference.whole, now)
        arrival.act(Decision(outcome, f"{staff.name} let it in. Before: {row.reason}", ticket=ticket))
    return row


def ignore(
    mail_id: int,
    staff_id: int | UnsetType,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
) -> InboundMail:
    """A mail is kept, and waits no longer. Raises NotFound, Invalid."""
    problems = problems or Problems()
    with db.write():
        row = _waiting(mail_id, reference)
        staff = _deciding(staff_id, reference, problems)
        problems.raise_if_any()
        assert staff is not None
        row.state, row.processed_at = State.IGNORED, now
        row.reason = f"{staff.name} left it out. Before: {row.reason}"
        row.save(update_fields=["state", "processed_at", "reason"])
    return row


def _waiting(mail_id: int, reference: Reference) -> InboundMail:
    row = InboundMail.objects.select_for_update().filter(_WAITING, id=mail_id, ticket=None).first()
    if row is None or not inbound_mails.is_in_scope(row, reference):
        raise NotFound
    return row


def _deciding(staff_id: int | UnsetType, reference: Reference, problems: Problems) -> StaffMember | None:
    staff = checks.acting_staff(staff_id, reference, problems)
    access.demand(staff, ["web_reply"], problems)
    return staff


def _check_ticket(number: int, reference: Reference, problems: Problems) -> None:
    try:
        checks.lock_ticket(number, None, reference)
    except NotFound:
        problems.add("ticket", NOT_A_CHOICE)
