"""A mail that was understood is put where it belongs: everything that it does, in one transaction with its row.

What is decided, and why, stands in rules/mail_threading. Held mails wait for a person (actions/held_mails).
"""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import transaction
from msgspec import UNSET

from reynard.desk import db
from reynard.desk.actions import changes, checks, counters, inbound, outbox, people, tickets
from reynard.desk.actions.changes import SYSTEM, Author, Entry, Wanted
from reynard.desk.actions.inline_uploads import Images
from reynard.desk.actions.tickets import NewTicket, StaffUpdate
from reynard.desk.errors import DeskError, Invalid, Problems, Refused
from reynard.desk.files import IncomingFile
from reynard.desk.models import Contact, InboundMail, OutboxEntry, Ticket, Update
from reynard.desk.rules import mail_addresses, mail_threading, notify, reply_address
from reynard.desk.rules import tickets as rules
from reynard.desk.rules.history import Changes
from reynard.desk.rules.mail_addresses import Mailbox
from reynard.desk.rules.mail_headers import one_line
from reynard.desk.rules.mail_threading import Automation, Claim, Decision, Facts, Outcome
from reynard.desk.rules.mail_verdict import Result, Verdict
from reynard.desk.rules.messages import Message, compose
from reynard.desk.selectors import mail_claims, mail_senders, merged
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors.reference import Reference, StaffMember

COPIES_LIMIT = 50  # addresses of one mail that are kept as copies
NO_SUBJECT = "(no subject)"
_PATIENCE = timedelta(minutes=1)  # with a mail that another worker has in hand
_PAUSE = timedelta(seconds=1)  # before somebody looks again whether it is done
_HOUR = timedelta(hours=1)

State = InboundMail.State

logger = logging.getLogger("reynard.mail")


class Failure(msgspec.Struct, frozen=True):
    """What a report says of one recipient of an earlier mail; `final`: it will not arrive any more."""

    recipient: str
    final: bool
    explanation: str
    original: str  # the id of that mail


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says, in the desk's words. Nothing in it is proven but the verdict."""

    author: Mailbox | None
    no_author: str = ""  # why it is not clear who wrote it
    addresses: Sequence[str] = ()  # all it was sent to, hidden ones included
    copies: Sequence[str] = ()  # those that everybody sees
    subject: str = ""
    message: Message
    reply: Message  # by staff: without what it quotes, which may be for staff alone
    note: Message  # by staff
    files: Sequence[IncomingFile] = ()
    images: Images = {}  # that the message shows, as if they had been uploaded (rules/inline_images)
    message_id: str = ""
    answered: Sequence[str] = ()  # ids of the mails it answers, the nearest first
    content_hash: str = ""
    sent_at: datetime | None = None  # by the sender's clock
    verdict: Verdict
    automation: Automation = Automation.NONE
    automation_reason: str = ""
    loop: str = ""
    failures: Sequence[Failure] = ()
    by_program: bool = False  # surely: no person sends with an empty sender, say
    notes: Sequence[str] = ()  # what was wrong with it

    @property
    def address(self) -> str:
        return self.author.address.casefold() if self.author else ""

    @property
    def all_files(self) -> list[IncomingFile]:
        return [*self.files, *self.images.values()]


# --- taking


def take(mail: InboundMail, said: Understood, *, now: datetime) -> Decision | None:
    """Put a claimed mail where it belongs. None when the lease was lost, or it waits for an earlier mail.

    A reply may be claimed while another worker still has the mail it answers in hand: it waits for that one.
    """
    reference = reference_data.current()
    with db.write():
        row = inbound.held_by(mail).select_for_update().first()
        if row is None:
            logger.warning("The lease of mail %s has run out; somebody else takes it.", mail.id)
            return None
        if said.message_id:
            db.take_turn_of(f"mail:{said.message_id}")
        arrival = Arrival(row, said, reference, now)
        decision = arrival.decide()
        if decision.outcome is Outcome.NEW_TICKET and arrival.may_come_too_early():
            inbound.give_back([mail], at=now + _PAUSE)
            return None
        return arrival.apply(decision)


class Arrival:
    """One mail on its way into the desk; in a transaction, with its row locked."""

    def __init__(self, row: InboundMail, said: Understood, reference: Reference, now: datetime) -> None:
        self.row, self.said, self.reference, self.now = row, said, reference, now
        self.mailbox = reference.mailboxes[row.mailbox_id]
        self.staff = _staff_with(said.address, reference)
        self.own_addresses = mail_senders.own_addresses(reference)
        self.bounced: OutboxEntry | None = None

    # --- deciding

    def decide(self) -> Decision:
        facts = self._facts()
        decision = mail_threading.decide(facts)
        if decision.outcome in _MAY_FLOOD and (flood := self._flood(decision)):
            decision = mail_threading.decide(msgspec.structs.replace(facts, too_many=flood))
        if decision.outcome in _BY_OTHERS:
            decision = self._followed(decision)
        if decision.ticket is not None:
            copy = mail_claims.copy_in_ticket(
                decision.ticket, message_id=self._message_id, content_hash=self.said.content_hash
            )
            if copy is not None:
                return Decision(Outcome.DUPLICATE, f"Mail {copy} brought it to this ticket.")
        return decision

    def _followed(self, decision: Decision) -> Decision:
        """To where the ticket was merged; who was on the merged one is on that one, too."""
        assert decision.ticket is not None
        target = merged.target_of(decision.ticket)
        if target == decision.ticket:
            return decision
        reason = f"{decision.reason} That ticket was merged into #{target}."
        return msgspec.structs.replace(decision, ticket=target, reason=reason)

    @property
    def _message_id(self) -> str:
        return self.said.message_id[: mail_claims.MESSAGE_ID_LIMIT]

    def _facts(self) -> Facts:
        said = self.said
        before = mail_claims.duplicate_of(self.row, message_id=self._message_id, content_hash=said.content_hash)
        bounce, foreign_bounce = self._bounces()
        ours = mail_claims.our_mail(said.message_id)
        forward = ours is not None and ours.kind == OutboxEntry.Kind.FORWARD
        return Facts(
            duplicate=f"The mailbox had it before, as mail {before}." if before else "",
            bounce=bounce,
            foreign_bounce=foreign_bounce,
            own_mail="This desk sent it." if ours else "",
            own_forward="It was forwarded from this desk to an address of its own." if forward else "",
            loop=said.loop,
            no_author=said.no_author,
            own_author=self._own_author(),
            author=said.address,
            verdict=said.verdict.result,
            verdict_reason=said.verdict.reason,
            is_staff=self.staff is not None,
            to_note_address=self._is_to_note_address(),
            automation=said.automation,
            automation_reason=said.automation_reason,
            claims=self._claims(),
        )

    def _claims(self) -> list[Claim]:
        return mail_claims.claims(
            addresses=self.said.addresses,
            answered=self.said.answered,
            subject=self.said.subject,
            author=self.said.address,
            staff=self.staff,
            reference=self.reference,
        )

    def _own_author(self) -> str:
        if self.said.address and mail_addresses.is_one_of(self.said.address, self.own_addresses):
            return "It says that an address of this desk wrote it."
        return ""

    def _is_to_note_address(self) -> bool:
        note = self.mailbox.note_address
        return bool(note) and mail_addresses.is_one_of(note, self.said.addresses)

    def _bounces(self) -> tuple[str, str]:
        """What a report is about: a mail of ours, or a foreign one."""
        for failure in self.said.failures:
            entry = mail_claims.our_mail(failure.original)
            if entry is not None and entry.ticket is None:
                return "", "It reports on a mail of this desk that belongs to no ticket."
            if entry is not None:
                self.bounced = entry
                return f"It reports on a mail of this desk to {failure.recipient or 'somebody'}.", ""
        foreign = self.said.failures and self.said.by_program
        return "", "It reports on a mail that this desk did not send." if foreign else ""

    def _flood(self, decision: Decision) -> str:
        """Why a program seems to write again and again; "" when it does not."""
        since = self.now - _HOUR
        limit = settings.REYNARD_MAIL_IN_TICKET_HOURLY
        if decision.ticket is not None and limit:
            latest = InboundMail.objects.filter(ticket_id=decision.ticket).order_by("-id")[: 2 * limit]
            rows = latest.values_list("sender", "processed_at")
            if sum(sender == self.said.address and at is not None and at > since for sender, at in rows) >= limit:
                return f"More than {limit} mails came from its author to this ticket within an hour."
        limit = settings.REYNARD_MAIL_IN_AUTOMATIC_HOURLY
        if self.said.automation is not Automation.NONE and limit:
            same = InboundMail.objects.filter(automatic=True, sender=self.said.address, processed_at__gt=since)
            if len(same.values_list("id")[:limit]) >= limit:
                return f"More than {limit} automatic mails came from its author within an hour."
        return ""

    def may_come_too_early(self) -> bool:
        """Whether it answers a mail that is not known, while another worker has earlier mails in hand."""
        if not self.said.answered:
            return False
        begun_lately = InboundMail.objects.filter(
            state=State.NEW, next_try_at__gt=self.now + inbound.LEASE - _PATIENCE, id__lt=self.row.id
        )
        return begun_lately.exists()

    # --- doing

    def apply(self, decision: Decision) -> Decision:
        """Do what was decided; what the desk's rules refuse to the author is held, with their reason."""
        try:
            with transaction.atomic():
                self.act(decision)
        except DeskError as refusal:
            reason = f"{decision.reason} It was refused: {refusal}"
            decision = Decision(Outcome.HELD, reason, suggested=decision.ticket)
            self.finish(decision, None, None)
        return decision

    def act(self, decision: Decision) -> None:
        """Raises what the desk's rules say against it."""
        self.finish(decision, *_DO[decision.outcome](self, decision))

    def finish(self, decision: Decision, ticket: int | None, update: int | None) -> None:
        said, row = self.said, self.row
        row.state = _STATES[decision.outcome]
        row.reason = decision.reason
        row.ticket_id, row.update_id, row.suggested_id = ticket, update, decision.suggested
        row.message_id, row.content_hash = self._message_id, said.content_hash
        row.sender, row.subject = said.address[:320], one_line(said.subject, 250)
        row.automatic = said.automation is not Automation.NONE
        row.verdict = msgspec.to_builtins(said.verdict)
        row.leased_until, row.processed_at, row.last_error = None, self.now, ""
        row.save(update_fields=_WRITTEN)

    def leave(self, decision: Decision) -> tuple[None, None]:
        return None, None

    def open(self, decision: Decision) -> tuple[int, int]:
        """A ticket of the author's own (tickets.md §6); what its category demands of others cannot be asked here."""
        contact = self._contact()
        new = NewTicket(
            subject=self.said.subject.strip() or NO_SUBJECT,
            message=self.said.message,
            category=self.mailbox.category_id,
            source="TKT_CREATION_EMAIL",
        )
        ticket = tickets.new_row(new, contact, {}, self.reference)
        ticket.created_at = self.row.received_at
        entry = self._entry(contact, contact.email)
        update = changes.record(
            ticket,
            changes.initial(ticket, self.reference),
            entry,
            rules.OPEN_TICKET,
            self.reference,
            place_before=None,
            moment=ticket.created_at,
            now=self.now,
        )
        event = notify.Event.CREATED_BY_MAIL if self._may_be_answered() else notify.Event.CREATED_BY_PROGRAM
        self._tell(event, ticket, entry, update, contact)
        if decision.suggested is not None or self.said.verdict.result is Result.FAIL:
            self._remark(ticket, decision.reason, rules.REMARK)
        return ticket.id, update.id

    def reply(self, decision: Decision) -> tuple[int, int]:
        """Reopens a completed ticket (tickets.md §11)."""
        ticket = self._lock(decision)
        reopened = UNSET if self.reference.pending(ticket.status_id) else self.reference.default_status.id
        ticket, entry, update = self._join(ticket, rules.CONTACT_REPLY, wanted=Wanted(status=reopened))
        self._tell(notify.Event.CONTACT_REPLY_BY_MAIL, ticket, entry, update)
        return ticket.id, update.id

    def reply_to_forward(self, decision: Decision) -> tuple[int, int]:
        """For staff, who asked; the contact was not told of that (tickets.md §15)."""
        ticket, entry, update = self._join(self._lock(decision), rules.PRIVATE_NOTE, private=True)
        self._tell(notify.Event.CONTACT_REPLY_BY_MAIL, ticket, entry, update)
        return ticket.id, update.id

    def reply_automatically(self, decision: Decision) -> tuple[int, int]:
        """For staff to see, and nothing else happens."""
        ticket, _, update = self._join(self._lock(decision), rules.AUTOMATIC_REPLY, private=True)
        return ticket.id, update.id

    def reply_as_staff(self, decision: Decision) -> tuple[int, int]:
        """The contact gets it, so nothing may be left of the mail to staff that it answers."""
        if _is_for_staff(self.said.reply.text):
            raise Refused({"text": "It repeats a mail that is for staff alone."})
        return self._as_staff(decision, tickets.add_staff_update, self.said.reply, cc=True)

    def note(self, decision: Decision) -> tuple[int, int]:
        return self._as_staff(decision, tickets.add_private_note, self.said.note, cc=False)

    def bounce(self, decision: Decision) -> tuple[int, int | None]:
        """The mail that did not arrive says so from now on, and staff read it in its ticket."""
        entry = self.bounced
        assert entry is not None
        assert entry.ticket is not None
        final = [failure for failure in self.said.failures if failure.final]
        fresh = _fresh_failures(entry, final)
        if fresh:
            entry.answers |= fresh
            OutboxEntry.objects.filter(id=entry.id).update(answers=entry.answers, bounced_at=self.now)
        if not fresh or entry.ticket.deleted_at or entry.kind == OutboxEntry.Kind.STAFF:
            return entry.ticket.id, None
        ticket = checks.lock_ticket(entry.ticket.id, None, self.reference)
        text = "\n".join(f"Not delivered to {address}: {reason}" for address, reason in fresh.items())
        note, update = self._remark(ticket, text, rules.BOUNCE, about=entry.update_id)
        if entry.kind != OutboxEntry.Kind.ACKNOWLEDGEMENT:
            self._tell(notify.Event.BOUNCED, ticket, note, update)
        return ticket.id, update.id

    def _remark(
        self, ticket: Ticket, text: str, effect: rules.Effect, *, about: int | None = None
    ) -> tuple[Entry, Update]:
        """A private message of the desk itself."""
        entry = Entry(author=SYSTEM, message=_plain(text), private=True, parent_id=about)
        update = changes.record(
            ticket,
            Changes(),
            entry,
            effect,
            self.reference,
            place_before=counters.place_of(ticket),
            moment=self.now,
            now=self.now,
        )
        return entry, update

    def _as_staff(
        self, decision: Decision, write: Callable[..., int], message: Message, *, cc: bool
    ) -> tuple[int, int]:
        assert decision.ticket is not None
        assert self.staff is not None
        given = StaffUpdate(
            staff=self.staff.id,
            message=message,
            files=self.said.all_files,
            cc=self._cc(self.staff.email, _contact_address(decision.ticket)) if cc else "",
            update_customer=cc,
        )
        return decision.ticket, write(decision.ticket, given, reference=self.reference, now=self.now)

    def _join(
        self, ticket: Ticket, effect: rules.Effect, *, wanted: Wanted | None = None, private: bool = False
    ) -> tuple[Ticket, Entry, Update]:
        place_before = counters.place_of(ticket)
        changed = changes.apply(ticket, wanted or Wanted(), self.reference)
        entry = self._entry(self._contact(), _contact_address(ticket.id))
        entry.private = private
        update = changes.record(
            ticket, changed, entry, effect, self.reference, place_before=place_before, moment=self.now, now=self.now
        )
        return ticket, entry, update

    def _lock(self, decision: Decision) -> Ticket:
        assert decision.ticket is not None
        return checks.lock_ticket(decision.ticket, None, self.reference)

    def _contact(self) -> Contact:
        author = self.said.author
        if author is None:
            problems = Problems()
            problems.add("author", "It does not say who wrote it.")
            raise Invalid(problems)
        contact, _ = people.find_or_add_contact(
            name=_name(author), email=author.address, custom_values={}, reference=self.reference, now=self.now
        )
        return contact

    def _entry(self, contact: Contact, contact_address: str | None) -> Entry:
        return Entry(
            author=Author(Update.Author.CONTACT, contact.id, contact.name, contact.email),
            message=self.said.message,
            cc=self._cc(contact.email, contact_address),
            files=self.said.files,
            images=self.said.images,
        )

    def _cc(self, *known: str | None) -> str:
        """Who else got the mail, and may answer from now on; nobody whom a forged one names."""
        if self.said.verdict.result is Result.FAIL:
            return ""
        without = {mail_addresses.key(address) for address in known if address}
        without |= {mail_addresses.key(address) for address in self.own_addresses}
        others = {key: each for each in self.said.copies if (key := mail_addresses.key(each)) not in without}
        return rules.join_list([*others.values()][:COPIES_LIMIT])

    def _may_be_answered(self) -> bool:
        """By a program (RFC 3834 §2), and to whom it says it is from."""
        said = self.said
        return said.automation is Automation.NONE and not said.by_program and said.verdict.result is not Result.FAIL

    def _tell(
        self, event: notify.Event, ticket: Ticket, entry: Entry, update: Update, contact: Contact | None = None
    ) -> None:
        """Of old mails nobody is told: a mailbox may bring years of them at once."""
        if notify.is_news(min(self.said.sent_at or self.row.received_at, self.row.received_at), self.now):
            email = contact.email if contact else None
            audience = outbox.Audience(ticket, entry, self.reference, contact_email=email)
            outbox.tell(event, audience, update, now=self.now)


_BY_OTHERS = {Outcome.CONTACT_REPLY, Outcome.CONSULTED_REPLY, Outcome.AUTOMATIC_REPLY}
_MAY_FLOOD = _BY_OTHERS | {Outcome.NEW_TICKET}

_DO: dict[Outcome, Callable[[Arrival, Decision], tuple[int | None, int | None]]] = {
    Outcome.CONTACT_REPLY: Arrival.reply,
    Outcome.CONSULTED_REPLY: Arrival.reply_to_forward,
    Outcome.AUTOMATIC_REPLY: Arrival.reply_automatically,
    Outcome.STAFF_REPLY: Arrival.reply_as_staff,
    Outcome.NOTE: Arrival.note,
    Outcome.NEW_TICKET: Arrival.open,
    Outcome.BOUNCE: Arrival.bounce,
    Outcome.HELD: Arrival.leave,
    Outcome.DUPLICATE: Arrival.leave,
    Outcome.IGNORED: Arrival.leave,
}

_STATES = {
    Outcome.HELD: State.HELD,
    Outcome.DUPLICATE: State.DUPLICATE,
    Outcome.IGNORED: State.IGNORED,
    **dict.fromkeys(
        (
            Outcome.CONTACT_REPLY,
            Outcome.CONSULTED_REPLY,
            Outcome.AUTOMATIC_REPLY,
            Outcome.STAFF_REPLY,
            Outcome.NOTE,
            Outcome.NEW_TICKET,
            Outcome.BOUNCE,
        ),
        State.TAKEN,
    ),
}

_WRITTEN = (
    "state reason ticket update suggested message_id content_hash sender subject automatic verdict leased_until "
    "processed_at last_error"
).split()


def _staff_with(address: str, reference: Reference) -> StaffMember | None:
    people = (person for person in reference.staff.values() if person.active and person.email.casefold() == address)
    return next(people, None) if address else None


def _name(author: Mailbox) -> str:
    """What people call themselves; not what looks like an address, which may be somebody else's."""
    name = one_line(author.name, tickets.NAME_LIMIT)
    return name if name and "@" not in name else author.address


def _contact_address(ticket: int) -> str | None:
    return Ticket.objects.values_list("contact__email", flat=True).get(id=ticket)


_ADDRESS = re.compile(r"[^\s<>\"'()\[\],;:]+@[^\s<>\"'()\[\],;:]+")


def _is_for_staff(text: str) -> bool:
    """Whether a text has what stands in mails to staff: a reply address, or the address of a page."""
    page = f"{settings.REYNARD_BASE_URL}/inbox/ticket/" if settings.REYNARD_BASE_URL else ""
    found = (reply_address.verify(match[0], settings.SECRET_KEY) for match in _ADDRESS.finditer(text))
    return (bool(page) and page in text) or any(found)


def _plain(text: str) -> Message:
    message = compose(text, "")
    assert message is not None
    return message


def _fresh_failures(entry: OutboxEntry, failures: Sequence[Failure]) -> dict[str, str]:
    """What was not known yet, by the address that the mail was sent to, where it can be told."""
    sent_to = [address for name in ("to", "cc", "bcc") for address in entry.recipients.get(name, [])]
    bare = [mailbox.address for text in sent_to if (mailbox := mail_addresses.parse(text, any_letters=True))]
    by_key = {mail_addresses.key(address): address for address in bare}
    found = {}
    for failure in failures:
        only = bare[0] if len(bare) == 1 else failure.recipient
        address = by_key.get(mail_addresses.key(failure.recipient), only)
        if address and not entry.answers.get(address):
            found[address] = failure.explanation
    return found
