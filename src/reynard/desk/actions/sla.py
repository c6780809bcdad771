"""Keeping the clocks of promised times: with every change of a ticket, and when they run out.

What a change does to a clock is decided in rules/sla. `follow` is called by actions/changes in the transaction of each
change. `advance_due` is for whoever looks at the time; a change that comes after the due moment breaches the clock
itself, so it does not matter how soon it does.

Locks: whoever writes clocks has locked their ticket first.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.db.models import F, Q, QuerySet

from reynard.desk import db, records
from reynard.desk.actions import counters
from reynard.desk.models import SlaClock, Ticket
from reynard.desk.rules import sla as rules
from reynard.desk.rules.sla import Clock, Objective, Situation, Step
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors import sla
from reynard.desk.selectors.reference import Policy, Reference

BATCH = 500  # tickets that are breached in one transaction
_FIELDS = Clock.__struct_fields__


def follow(
    ticket: Ticket,
    reference: Reference,
    *,
    created: bool,
    contact_replied: bool,
    unassigned: bool,
    now: datetime,
) -> None:
    """Start, pause, resume and stop the clocks of a ticket that was just written, or drop those of a deleted one.

    `contact_replied`, `unassigned`: that is what happened to it. Costs no statement when no policy is active. May raise
    `ticket.sla_breaches`, which it writes; the version is the caller's.
    """
    if not reference.sla_policies:
        return
    if ticket.deleted_at:
        withdraw(SlaClock.objects.filter(ticket_id=ticket.id), now=now)
        return
    situation = _situation(ticket, reference, contact_replied=contact_replied, unassigned=unassigned, now=now)
    kept = {} if created else _clocks(ticket, reference)
    late, to_start = 0, []
    for policy in reference.sla_policies.values():
        row = kept.get(policy.id)
        before = _clock(row) if row else None
        step = rules.next_step(before, policy.terms, situation)
        if step is Step.START:
            to_start.append(policy)
        elif step and row and before:
            after = _after(step, before, policy.terms, now)
            late += after.breached_at is not None and before.breached_at is None
            _write(row, before, after)
    if late:
        ticket.sla_breaches += late
        records.update(ticket, "sla_breaches")
    _start(ticket, to_start, situation, reference)


def _situation(
    ticket: Ticket, reference: Reference, *, contact_replied: bool, unassigned: bool, now: datetime
) -> Situation:
    replied = ticket.last_contact_reply_at
    if not contact_replied and replied is not None and replied <= ticket.created_at:
        replied = None  # the first message
    return Situation(
        now=now,
        created_at=min(ticket.created_at, now),
        category=ticket.category_id,
        status=ticket.status_id,
        pending=reference.pending(ticket.status_id),
        assigned=ticket.assignee_id is not None,
        unassigned_at=now if unassigned else None,
        staff_replied_at=ticket.last_staff_reply_at,
        contact_replied_at=replied,
        contact_spoke_last=ticket.contact_spoke_last,
    )


def _clocks(ticket: Ticket, reference: Reference) -> dict[int, SlaClock]:
    """By policy: open clocks, and those that have ended for good."""
    for_once = [p.id for p in reference.sla_policies.values() if p.terms.objective is Objective.STATUS]
    wanted = Q(finished_at=None) | Q(policy_id__in=for_once) if for_once else Q(finished_at=None)
    return {row.policy_id: row for row in SlaClock.objects.filter(wanted, ticket_id=ticket.id)}


def _clock(row: SlaClock) -> Clock:
    return Clock(*(getattr(row, name) for name in _FIELDS))


def _after(step: Step, clock: Clock, terms: rules.Terms, now: datetime) -> Clock:
    if step is Step.STOP:
        return rules.stop(clock, now)
    return rules.pause(clock, terms, now) if step is Step.PAUSE else rules.resume(clock, terms, now)


def _write(row: SlaClock, before: Clock, after: Clock) -> None:
    changed = [name for name in _FIELDS if getattr(before, name) != getattr(after, name)]
    for name in changed:
        setattr(row, name, getattr(after, name))
    records.update(row, *changed)


def _start(ticket: Ticket, policies: list[Policy], situation: Situation, reference: Reference) -> None:
    fresh = {policy.id: rules.start(policy.terms, situation) for policy in policies}
    possible = [policy for policy in policies if fresh[policy.id] is not None]
    met = sla.meeting_conditions(possible, ticket, reference, now=situation.now)
    records.insert_all(
        [
            SlaClock(ticket_id=ticket.id, policy_id=policy.id, **msgspec.structs.asdict(clock))
            for policy in met
            if (clock := fresh[policy.id])
        ]
    )


def withdraw(clocks: QuerySet[SlaClock], *, now: datetime) -> None:
    """End clocks that nobody waits for any more: what is not decided yet never will be."""
    is_open = clocks.filter(finished_at=None)
    is_open.filter(breached_at=None).delete()
    is_open.update(finished_at=now)


def advance_due(now: datetime, *, limit: int = 50_000) -> int:
    """Breach the clocks whose time is over, at most about `limit`; returns how many.

    Only due clocks are touched, in batches of their own transactions, so that writers come in between. Any number of
    processes may do it at once: each takes tickets that no other one holds, and leaves a ticket that somebody is
    writing for the next time.
    """
    breached = 0
    while breached < limit and _due(now).exists():
        with db.write():
            tickets = _lock_due_tickets(now, min(BATCH, limit - breached))
            breached += _breach(tickets, now)
        if not tickets:
            break
    return breached


def _due(now: datetime) -> QuerySet[SlaClock]:
    return SlaClock.objects.filter(due_at__isnull=False, due_at__lt=now, breached_at=None, finished_at=None)


def _lock_due_tickets(now: datetime, number: int) -> dict[int, Ticket]:
    """Tickets of the clocks that were due first. A ticket is locked before its clocks, as everywhere."""
    clocks = _due(now).order_by("due_at", "id").select_related("ticket").only(*_OF_TICKETS)
    locked = clocks.select_for_update(skip_locked=True, of=("ticket",), no_key=True)[:number]
    return {clock.ticket_id: clock.ticket for clock in locked}


_COUNTED = "category_id status_id priority_id assignee_id unresponded sla_breaches attachments_count deleted_at".split()
_OF_TICKETS = ["ticket_id", *(f"ticket__{name}" for name in _COUNTED)]


def _breach(tickets: Mapping[int, Ticket], now: datetime) -> int:
    """Breach the due clocks of locked tickets. They are read only now that nobody else can change them."""
    reference = reference_data.current()
    due = list(_due(now).filter(ticket_id__in=list(tickets)).values_list("id", "ticket_id", "policy_id"))
    of_none = [id for id, ticket, policy in due if tickets[ticket].deleted_at or policy not in reference.sla_policies]
    if of_none:  # left behind by a change of policies while the ticket was written
        withdraw(SlaClock.objects.filter(id__in=of_none), now=now)
        due = [row for row in due if row[0] not in set(of_none)]
    SlaClock.objects.filter(id__in=[id for id, _, _ in due]).update(breached_at=F("due_at"), decided_at=F("due_at"))
    by_number: dict[int, list[int]] = {}  # of breaches: nearly always one
    for ticket_id, number in Counter(ticket for _, ticket, _ in due).items():
        by_number.setdefault(number, []).append(ticket_id)
    for number, ids in by_number.items():
        Ticket.objects.filter(id__in=ids).update(
            sla_breaches=F("sla_breaches") + number, version=F("version") + 1, last_modified_at=now
        )
    with counters.gathered():
        for number, ids in by_number.items():
            for ticket in (tickets[id] for id in ids):
                before = counters.place_of(ticket)
                ticket.sla_breaches += number
                counters.move_ticket(before, counters.place_of(ticket))
    return len(due)
