"""Moving a contact's message to another ticket: to a new one of its own, or to one that is there.

An entry of a history is never rewritten, so the message does not take its id along. It is written anew in the other
ticket, with its author, text and files, and taken from the first one as a deleted one is (actions/corrections): what
the first ticket is then, it would be without it. Both histories say where it went and where it came from. The mail it
came of goes with it.

A new ticket waits since the message came. If the message had opened the first ticket again, that one is completed
again. What a category demands of new tickets is not asked, as for mails.

Locks: tickets in the order of their numbers, in turns with those who merge; the counters last.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET

from reynard.desk import db, records
from reynard.desk.actions import changes, checks, corrections, counters, outbox, tickets
from reynard.desk.actions.changes import Author, Entry, Wanted
from reynard.desk.actions.corrections import Target
from reynard.desk.actions.tickets import NewTicket
from reynard.desk.errors import NotFound, Problems
from reynard.desk.models import Attachment, Contact, InboundMail, MessageSource, Ticket, Update, UpdateRevision
from reynard.desk.rules import inline_images, notify
from reynard.desk.rules import tickets as rules
from reynard.desk.rules.history import Changes
from reynard.desk.rules.messages import Message
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference, StaffMember


class Moving(msgspec.Struct, kw_only=True):
    """`to` is the number of a ticket, None for a new one, with the subject of the mail or else of the ticket."""

    staff: int
    to: int | None = None


def move_message(number: int, update_id: int, given: Moving, *, reference: Reference, now: datetime) -> int:
    """Move a message of a contact out of a ticket; the number of the one it is in now. Raises NotFound, Invalid."""
    problems = Problems()
    with db.write():
        db.take_bulk_turn()
        place = _lock_target(number, given.to, reference, problems)
        source = Target(number, update_id, None, reference, problems)
        author = checks.acting_staff(given.staff, reference, problems)
        access.demand(author, ["split_tickets"], problems)
        _check(source, problems)
        problems.raise_if_any()
        assert author is not None
        moved = _Moved(source, author, reference, now)
        with counters.gathered():
            ticket = moved.join(place) if place else moved.open()
            source.empty(
                UpdateRevision.Kind.MOVED,
                author,
                "The message was moved to another ticket.",
                now=now,
                wanted=_put_back(source, reference),
                moved_to=ticket.id,
            )
    return ticket.id


def _lock_target(number: int, to: int | None, reference: Reference, problems: Problems) -> Ticket | None:
    if to is None:
        return None
    if to == number:
        problems.add("to", "The message is in this ticket already.")
        return None
    target = None
    for one in sorted({number, to}):
        try:
            ticket = checks.lock_ticket(one, None, reference)
        except NotFound:
            if one == number:
                raise
            problems.add("to", f"There is no ticket #{to}.")
            return None
        target = ticket if one == to else target
    if target is not None and target.merged_to_id is not None:
        problems.add("to", f"Ticket #{to} has been merged into #{target.merged_to_id}.")
    return target


def _check(source: Target, problems: Problems) -> None:
    if "update" in problems:
        return
    if source.update.author_type != Update.Author.CONTACT:
        problems.add("update", "Only messages of contacts can be moved.")
    elif source.is_first:
        problems.add("update", "This message opened the ticket. Merge the ticket with another one instead.")


def _put_back(source: Target, reference: Reference) -> Wanted:
    """The status that the message changed, unless somebody has changed it since."""
    said = msgspec.json.decode(source.update.changes or "{}", type=Changes)
    if said.status is None or source.ticket.status_id != said.status.new or said.status.old not in reference.statuses:
        return Wanted()
    return Wanted(status=said.status.old)


class _Moved:
    """The message on its way, as it was."""

    def __init__(self, source: Target, author: StaffMember, reference: Reference, now: datetime) -> None:
        update = source.update
        self.source, self.author = source, author
        self.reference, self.now = reference, now
        self.moment = update.created_at
        self.private = update.message_type == Update.MessageType.PRIVATE
        self.contact = _contact(update, source.ticket)
        self.mail = InboundMail.objects.filter(update_id=update.id, ticket_id=source.ticket.id).first()
        kept = MessageSource.objects.filter(update_id=update.id).values_list("html", flat=True).first()
        self.entry = Entry(
            author=Author(Update.Author.CONTACT, self.contact.id, update.author_name, update.author_email),
            message=Message(update.text, update.html, kept),
            subject=update.subject,
            cc=update.cc,
            bcc=update.bcc,
            files=[corrections.incoming(file) for file in source.files],
        )

    def open(self) -> Ticket:
        """A new ticket in the same category."""
        old = self.source.ticket
        new = NewTicket(
            subject=(self.mail.subject if self.mail else "") or old.subject,
            message=self.entry.message,
            category=old.category_id,
            source="TKT_CREATION_EMAIL" if self.mail else old.source,
        )
        ticket = tickets.new_row(new, self.contact, {}, self.reference)
        ticket.created_at = self.moment
        said = changes.initial(ticket, self.reference)
        self._write(ticket, said, rules.OPEN_TICKET, None, self.moment, notify.Event.SPLIT)
        return ticket

    def join(self, ticket: Ticket) -> Ticket:
        """A ticket that is there, which it opens again as an answer does; a private one only stands there."""
        place = counters.place_of(ticket)
        reopens = not self.private and not self.reference.pending(ticket.status_id)
        wanted = Wanted(status=self.reference.default_status.id if reopens else UNSET)
        said = changes.apply(ticket, wanted, self.reference)
        self.entry.private = self.private
        effect = rules.PRIVATE_NOTE if self.private else rules.CONTACT_REPLY
        self._write(ticket, said, effect, place, self.now, notify.Event.CONTACT_REPLY_BY_MAIL)
        return ticket

    def _write(
        self,
        ticket: Ticket,
        said: Changes,
        effect: rules.Effect,
        place: counters.Place | None,
        moment: datetime,
        event: notify.Event,
    ) -> None:
        said.moved_from = self.source.ticket.id
        update = changes.record(
            ticket, said, self.entry, effect, self.reference, place_before=place, moment=moment, now=self.now
        )
        self._show_files_of(update, self.source.files)
        if self.mail is not None:
            reason = f"{self.mail.reason} {self.author.name} moved it here from #{self.source.ticket.id}.".strip()
            self.mail.ticket_id, self.mail.update_id, self.mail.reason = ticket.id, update.id, reason
            self.mail.save(update_fields=["ticket", "update", "reason"])
        outbox.tell(event, outbox.Audience(ticket, self.entry, self.reference), update, now=self.now)

    def _show_files_of(self, update: Update, before: Sequence[Attachment]) -> None:
        """Images in the text are those of the new entry."""
        ids = Attachment.objects.filter(update_id=update.id).order_by("id").values_list("id", flat=True)
        html = inline_images.renumber(update.html, dict(zip([file.id for file in before], ids, strict=True)))
        if html != update.html:
            Update.objects.filter(id=update.id).update(html=html)


def _contact(update: Update, ticket: Ticket) -> Contact:
    """Who wrote the message, or the contact of its ticket where that is not known any more."""
    author = records.load(Contact, "id = %s", [update.author_id]) if update.author_id else None
    return author or Contact.objects.get(id=ticket.contact_id)
