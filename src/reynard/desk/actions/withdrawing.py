"""Taking a message back before its mails leave.

The message is deleted as by actions/corrections, and status, assignee and tags go back to what they were before it,
where nothing has changed them since. What was written is given back to its author as a draft.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from reynard.desk import db
from reynard.desk.actions import checks, corrections, drafts, outbox, tickets
from reynard.desk.actions.corrections import Hiding
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.errors import DeskError, NotFound, NothingToUpdate
from reynard.desk.models import Draft, Ticket, Update
from reynard.desk.rules.history import Changes
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors.reference import Reference

LIMIT = timedelta(minutes=5)  # afterwards a message stands, also without mails: corrections take permissions


class TooLate(DeskError):
    """A mail about the message has left, or is leaving."""

    def __init__(self) -> None:
        super().__init__("This message has left already. Write a correction instead.")


def withdraw(number: int, update_id: int, *, staff_id: int, reference: Reference, now: datetime) -> None:
    """Take back a message of one's own. Raises NotFound, TooLate."""
    with db.write():
        ticket = checks.lock_ticket(number, None, reference)
        update = _own(number, update_id, staff_id)
        if now - update.created_at > LIMIT or not outbox.is_held(update_id, now=now):
            raise TooLate
        kind = Draft.Kind.NOTE if update.message_type == Update.MessageType.PRIVATE else Draft.Kind.REPLY
        text = update.text
        changed = msgspec.json.decode(update.changes, type=Changes) if update.changes else Changes()
        corrections.delete_message(
            number, Hiding(staff=staff_id, withdraws=True), update_id=update_id, reference=reference, now=now
        )
        _put_back(ticket, changed, staff_id=staff_id, reference=reference, now=now)
        drafts.keep(number, kind, text, staff_id=staff_id, now=now)


def send_now(number: int, update_id: int, *, staff_id: int, reference: Reference, now: datetime) -> None:
    """Let a message of one's own leave without waiting longer. Raises NotFound."""
    with db.write():
        checks.lock_ticket(number, None, reference)
        outbox.send_now(_own(number, update_id, staff_id).id, now=now)


def _own(number: int, update_id: int, staff_id: int) -> Update:
    """A message that this member of staff wrote. Raises NotFound."""
    wrote = {"author_type": Update.Author.STAFF, "author_id": staff_id}
    kinds = [Update.MessageType.PUBLIC, Update.MessageType.PRIVATE]
    update = Update.objects.filter(id=update_id, ticket_id=number, message_type__in=kinds, **wrote).first()
    if update is None:
        raise NotFound
    return update


def _put_back(ticket: Ticket, changed: Changes, *, staff_id: int, reference: Reference, now: datetime) -> None:
    wanted: dict[str, Any] = {}
    if changed.status and ticket.status_id == changed.status.new:
        wanted["status"] = changed.status.old
    if changed.assignee and ticket.assignee_id == changed.assignee.new:
        wanted["assignee"] = changed.assignee.old
    if changed.priority and ticket.priority_id == changed.priority.new:
        wanted["priority"] = changed.priority.old
    if changed.tags_added or changed.tags_removed:
        present = [tag for tag in split_list(ticket.tags) if tag not in changed.tags_added]
        wanted |= {"tags": [*present, *changed.tags_removed], "replace_tags": True}
    if wanted:
        try:
            back = StaffUpdate(staff=staff_id, **wanted)
            tickets.add_staff_update(ticket.id, back, reference=reference, now=now)
        except NothingToUpdate:
            return
