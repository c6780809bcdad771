"""What reports count of a ticket's history, worked out entry by entry as it is written (docs/reports.md).

`follow` takes a ticket from one entry to the next: it keeps the ticket's own counts and says what the entry itself
counts for. The same steps over a whole history give the same result, so all of it can be made anew.

Durations are whole seconds between moments as clients see them, without their fractions; never below zero.
"""

import enum
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import msgspec

from reynard.desk.rules.history import Changes


class Kind(enum.Enum):
    """What somebody said in an entry."""

    REPLY = "r"  # a public message of staff
    NOTE = "n"  # a private note of staff; what is forwarded is none
    CONTACT_REPLY = "c"  # a message of a contact after the one that opened the ticket
    OTHER = "-"


class Progress(Protocol):
    """The counts a ticket carries along."""

    created_at: datetime
    waiting_since: datetime | None  # the first message of a contact that nobody has answered
    staff_replies: int
    contact_replies: int
    completed_seconds: int | None  # from its opening to the completion that holds; None while it is pending
    replies_to_completion: int | None  # replies of staff until then


class Step(msgspec.Struct, frozen=True):
    """What happened in one entry."""

    at: datetime
    kind: Kind
    by_staff: bool
    opens: bool  # the first entry of its ticket
    minutes: int
    assigns: bool  # to somebody, not from somebody to nobody
    completes: bool  # from a pending status, or from none, to a completed one
    reopens: bool


class Counted(msgspec.Struct, frozen=True):
    """What an entry counts for."""

    kind: Kind
    minutes: int
    age: int  # seconds since the ticket was opened
    waited: int | None  # seconds the contact had waited for this reply; None when nobody waited
    first_response: bool  # the first reply to the ticket, whoever wrote it
    assigned: bool
    completed: bool


def read(
    changes: Changes,
    *,
    at: datetime,
    author: str,
    message_type: str,
    forwarded: bool,
    minutes: int | None,
    opens: bool,
    completed: Collection[int],
) -> Step:
    """An entry as a step; `author` and `message_type` are the codes of `Update`, `completed` the ids of statuses."""
    before = changes.status is not None and changes.status.old in completed
    after = changes.status is not None and changes.status.new in completed
    return Step(
        at=at,
        kind=_kind(author, message_type, forwarded=forwarded, opens=opens),
        by_staff=author == "staff",
        opens=opens,
        minutes=minutes or 0,
        assigns=changes.assignee is not None and changes.assignee.new is not None,
        completes=after and not before,
        reopens=before and not after,
    )


def _kind(author: str, message_type: str, *, forwarded: bool, opens: bool) -> Kind:
    if opens or forwarded or message_type not in {"m", "p"}:
        return Kind.OTHER
    if author == "staff":
        return Kind.NOTE if message_type == "p" else Kind.REPLY
    return Kind.CONTACT_REPLY if author == "user" and message_type == "m" else Kind.OTHER


def follow(ticket: Progress, step: Step) -> Counted | None:
    """Bring the ticket's counts up to date; what the entry counts for, None for nothing."""
    age = seconds_between(ticket.created_at, step.at)
    waited, first_response = None, False
    if step.kind is Kind.REPLY:
        waited = seconds_between(ticket.waiting_since, step.at) if ticket.waiting_since else None
        first_response = ticket.staff_replies == 0
        ticket.staff_replies += 1
        ticket.waiting_since = None
    elif step.kind is Kind.CONTACT_REPLY or step.opens:
        ticket.contact_replies += not step.opens
        ticket.waiting_since = ticket.waiting_since or step.at
    if step.completes:
        ticket.waiting_since = None
        ticket.completed_seconds, ticket.replies_to_completion = age, ticket.staff_replies
    elif step.reopens:
        ticket.completed_seconds = ticket.replies_to_completion = None
    if step.kind is Kind.OTHER and not (step.by_staff and step.minutes) and not (step.assigns or step.completes):
        return None
    return Counted(step.kind, step.minutes, age, waited, first_response, step.assigns, step.completes)


def seconds_between(earlier: datetime, later: datetime) -> int:
    whole = later.replace(microsecond=0) - earlier.replace(microsecond=0)
    return max(0, int(whole.total_seconds()))
