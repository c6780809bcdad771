"""Letting a mail leave that did not: asked for by somebody who sees on the ticket that it failed."""

from datetime import datetime

from reynard.desk.actions import checks, deliveries
from reynard.desk.errors import NotFound, NothingToUpdate, Problems
from reynard.desk.models import OutboxEntry
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference


def send_again(
    number: int, update_id: int, delivery_id: int, *, staff: int, reference: Reference, now: datetime
) -> None:
    """Try a mail of a ticket now that waits or was given up; what may not leave any more is given up again.

    Raises NotFound, Invalid, NothingToUpdate (it has left, or is being sent).
    """
    ticket = access.find_ticket(number, reference)
    mails = OutboxEntry.objects.filter(channel=OutboxEntry.Channel.MAIL, ticket_id=ticket.id, update_id=update_id)
    if not mails.filter(id=delivery_id).exists():
        raise NotFound
    problems = Problems()
    author = checks.acting_staff(staff, reference, problems)
    access.demand(author, ["web_reply"], problems)
    problems.raise_if_any()
    if not deliveries.retry(now=now, ids=[delivery_id]):
        raise NothingToUpdate
