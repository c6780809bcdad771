"""From whom the desk's mails come, and where answers go: what a category says, its mailbox, else the settings."""

import msgspec
from django.conf import settings

from reynard.desk.models import Category
from reynard.desk.rules import mail_addresses, reply_address
from reynard.desk.rules.mail_addresses import Mailbox
from reynard.desk.selectors.reference import Reference


class Sender(msgspec.Struct, frozen=True):
    """`mailbox` is who a mail is from; `replies` the address of the mailbox where answers arrive."""

    mailbox: Mailbox
    replies: str
    plus_addressing: bool  # whether that mailbox takes addresses with something behind a plus

    def reply_to(self, ticket: int, *, note: bool = False) -> Mailbox:
        """Where answers about a ticket go: a signed address (rules/reply_address) if the mailbox takes them."""
        signed = reply_address.make(self.replies, ticket, settings.SECRET_KEY, note=note)
        return Mailbox(self.mailbox.name, signed if signed and self.plus_addressing else self.replies)


def sender_of(category: Category, reference: Reference) -> Sender | None:
    """None while neither the category nor the settings name an address, and no mailbox brings mail to the category.

    Answers go to the mailbox, so that they are read.
    """
    desk = _desk()
    boxes = (box for box in reference.whole.mailboxes.values() if box.active and box.category_id == category.id)
    inbox = next((box.address for box in boxes), "")
    address = category.mail_from_address or (desk.address if desk else inbox)
    if not address:
        return None
    plus = category.mail_plus_addressing
    return Sender(
        mailbox=Mailbox(category.mail_from_name or (desk.name if desk else "") or category.name, address),
        replies=category.mail_reply_address or inbox or address,
        plus_addressing=settings.REYNARD_MAIL_PLUS_ADDRESSING if plus is None else plus,
    )


def sender_of_desk(reference: Reference) -> Sender | None:
    """Of mails that belong to no category: the address of the settings, else that of the first mailbox."""
    boxes = (box.address for box in reference.whole.mailboxes.values() if box.active)
    mailbox = _desk() or next((Mailbox("", address) for address in boxes), None)
    if mailbox is None:
        return None
    named = Mailbox(mailbox.name or settings.REYNARD_DESK_NAME, mailbox.address)
    return Sender(mailbox=named, replies=mailbox.address, plus_addressing=False)


def own_addresses(reference: Reference) -> set[str]:
    """Every address the desk writes from or reads: a mail to one of them would come back."""
    senders = [sender for category in reference.categories.values() if (sender := sender_of(category, reference))]
    desk = _desk()
    found = {address for each in senders for address in (each.mailbox.address, each.replies)}
    found |= {address for box in reference.mailboxes.values() for address in (box.address, box.note_address)}
    return (found | {desk.address if desk else ""}) - {""}


def message_domain(sender: Sender) -> str:
    """What stands behind the @ of message ids: the same in all mails of a desk, whatever their category."""
    return (_desk() or sender.mailbox).domain.lower()


def _desk() -> Mailbox | None:
    return mail_addresses.parse(settings.REYNARD_MAIL_FROM) if settings.REYNARD_MAIL_FROM else None
