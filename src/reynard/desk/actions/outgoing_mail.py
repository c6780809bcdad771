"""An entry of the outbox as a mail that can be handed to a mail server: whether it may leave, to whom, and its bytes.

* Automatic mails (acknowledgements, mails to staff) have a budget (actions/mail_budgets), and go neither to the desk's
  own addresses nor to those that programs write from.
* Mails to contacts have public messages only.
* Composed again, after a crash, a mail has the same `Message-ID` and, unless its ticket was changed, the same bytes.

What a mail says is in selectors/mail_letters.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import IO

import msgspec
from django.conf import settings

from reynard.desk import mime
from reynard.desk.actions import mail_budgets
from reynard.desk.errors import DeskError
from reynard.desk.models import OutboxEntry, Ticket, Update
from reynard.desk.rules import mail_addresses
from reynard.desk.rules.mail_addresses import Mailbox
from reynard.desk.selectors import desk_letters, mail_senders, reference
from reynard.desk.selectors.mail_letters import AUTOMATIC, Kind, Letter, Recipients
from reynard.desk.selectors.reference import Reference


class LeftOut(msgspec.Struct, frozen=True):
    """A recipient that does not get a mail; the reason is a sentence for people."""

    address: str
    reason: str


class Composed(msgspec.Struct):
    """A mail and its envelope. `message` is at its beginning, in ASCII with CRLF; it is gone when it is closed.

    `envelope_from` is "" for mails that nothing may answer. `left_out` are recipients that will not get it.
    """

    message: IO[bytes]
    envelope_from: str
    envelope_to: list[str]
    left_out: list[LeftOut]


class NotToBeSent(DeskError):
    """This mail must not leave, now or later; the text says why, for people."""


class MailNotSetUp(DeskError):
    """Nobody said from which address the desk writes; the mail can leave when somebody did."""

    def __init__(self) -> None:
        super().__init__("No address to write from: set REYNARD_MAIL_FROM, or the one of the ticket's category.")


def compose(entry_id: int, *, now: datetime) -> Composed:
    """The mail of an outbox entry. Raises NotToBeSent, MailNotSetUp, and FileNotFoundError for a file that was lost."""
    entry = OutboxEntry.objects.select_related("ticket__contact", "update").get(id=entry_id)
    desk = reference.current()
    if entry.ticket is None:
        return _of_no_ticket(entry, desk)
    sender = mail_senders.sender_of(desk.categories[entry.ticket.category_id], desk)
    if sender is None:
        raise MailNotSetUp
    _refuse(entry, entry.ticket)
    left_out: list[LeftOut] = []
    recipients = _named(_recipients(entry, desk, left_out, now), entry, entry.ticket)
    headers, body = Letter(entry, desk, sender).write(recipients)
    return Composed(
        message=mime.write(headers, body, boundary=_boundary(entry)),
        envelope_from="" if entry.kind == Kind.ACKNOWLEDGEMENT else sender.replies,
        envelope_to=list(dict.fromkeys(box.address for box in (*recipients.to, *recipients.cc, *recipients.bcc))),
        left_out=left_out,
    )


def _of_no_ticket(entry: OutboxEntry, desk: Reference) -> Composed:
    """Nothing may answer it: what cannot be delivered comes back to nobody, and warns nobody."""
    sender = mail_senders.sender_of_desk(desk)
    if sender is None:
        raise MailNotSetUp
    left_out: list[LeftOut] = []
    to = _acceptable(entry.recipients["to"], _Objections(entry, desk), left_out)
    if not to:
        raise _nobody_left(left_out)
    headers, body = desk_letters.write(entry, sender, to)
    return Composed(
        message=mime.write(headers, body, boundary=_boundary(entry)),
        envelope_from="",
        envelope_to=[box.address for box in to],
        left_out=left_out,
    )


def _nobody_left(left_out: Sequence[LeftOut]) -> NotToBeSent:
    return NotToBeSent(" ".join(f"{out.address}: {out.reason}" for out in left_out))


def _boundary(entry: OutboxEntry) -> str:
    """Nobody who writes a message can know it, and it is the same each time."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"boundary:{entry.message_id}".encode(), sha256).hex()[:32]


def _refuse(entry: OutboxEntry, ticket: Ticket) -> None:
    if ticket.deleted_at:
        raise NotToBeSent("The ticket was deleted.")
    if entry.update is not None and entry.update.message_type == Update.MessageType.DELETED:
        raise NotToBeSent("The message was deleted.")
    public = entry.update is not None and entry.update.message_type == Update.MessageType.PUBLIC
    if entry.kind in {Kind.ACKNOWLEDGEMENT, Kind.MESSAGE} and not public:
        raise NotToBeSent("Only staff may read this.")


def _recipients(entry: OutboxEntry, desk: Reference, left_out: list[LeftOut], now: datetime) -> Recipients:
    """Those the mail goes to; raises NotToBeSent when nobody is left."""
    against = _Objections(entry, desk)
    to, cc, bcc = (_acceptable(entry.recipients.get(name, []), against, left_out) for name in ("to", "cc", "bcc"))
    if entry.kind in AUTOMATIC:
        addresses = [box.address for box in (*to, *cc, *bcc)]
        allowed = set(mail_budgets.spend(entry, addresses, now=now)) if addresses else set()
        over = [address for address in addresses if address not in allowed]
        left_out += [LeftOut(address, "Too many automatic mails went there lately.") for address in over]
        to, cc, bcc = ([box for box in boxes if box.address in allowed] for boxes in (to, cc, bcc))
    if not (to or cc or bcc):
        raise _nobody_left(left_out)
    return Recipients(to, cc, bcc)


def _named(recipients: Recipients, entry: OutboxEntry, ticket: Ticket) -> Recipients:
    """With the name of the contact, where a person writes. Nobody knows who typed a name in before anybody answered."""
    contact = ticket.contact
    if entry.kind != Kind.MESSAGE or not contact.email:
        return recipients
    known = {contact.email.casefold(): contact.name}
    to = [Mailbox(box.name or known.get(box.address.casefold(), ""), box.address) for box in recipients.to]
    return Recipients(to, recipients.cc, recipients.bcc)


_TO_STAFF = frozenset({Kind.STAFF, Kind.ACCOUNT, Kind.WARNING})


class _Objections:
    """Why a mail does not go to somebody."""

    def __init__(self, entry: OutboxEntry, desk: Reference) -> None:
        self.kind = entry.kind
        self.own = mail_senders.own_addresses(desk)
        self.staff = {person.email.casefold() for person in desk.staff.values() if person.active}

    def __call__(self, mailbox: Mailbox | None) -> str:
        """A sentence, or "" when there is nothing against it; None is an address that cannot be."""
        if mailbox is None:
            return "No mail can be sent to this address."
        if self.kind != Kind.FORWARD and mail_addresses.is_one_of(mailbox.address, self.own):
            return "This is an address of the desk itself."
        if self.kind in _TO_STAFF and mailbox.address.casefold() not in self.staff:
            return "Nobody with this address works at the desk."
        if self.kind == Kind.ACKNOWLEDGEMENT and mail_addresses.is_nobodys(mailbox.address):
            return "Programs write from this address."
        return ""


def _acceptable(texts: Sequence[str], against: _Objections, left_out: list[LeftOut]) -> list[Mailbox]:
    found = []
    for text in texts:
        mailbox = mail_addresses.parse(text, any_letters=True)
        reason = against(mailbox)
        if mailbox is None or reason:
            left_out.append(LeftOut(mailbox.address if mailbox else text, reason))
        else:
            found.append(mailbox)
    return found
