"""Whom an answer on a ticket reaches besides its contact: the others of the conversation."""

from collections.abc import Iterable

import msgspec

from reynard.desk.models import Ticket, Update
from reynard.desk.rules import mail_addresses
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors import mail_senders
from reynard.desk.selectors.reference import Reference

_MESSAGES_READ = 200  # public ones at the end of a ticket


class Company(msgspec.Struct, frozen=True):
    """`others` get an answer to everybody; `known` are the keys (rules/mail_addresses) of all who had a message."""

    others: list[str]
    known: frozenset[str]


def of(ticket: Ticket, reference: Reference, *, besides: str) -> Company:
    """From the public messages of a ticket that comes with its contact; `besides` is the address of who answers.

    The others are those of the last message: its copies, and its author if that is another contact. Never the desk
    itself, and no blind copies.
    """
    messages = (
        Update.objects.filter(ticket_id=ticket.id, message_type=Update.MessageType.PUBLIC)
        .order_by("-id")
        .values_list("author_type", "author_email", "cc", "bcc")[:_MESSAGES_READ]
    )
    own = mail_senders.own_addresses(reference.whole)
    known = {ticket.contact.email or ""}
    others: list[str] = []
    for n, (author_type, author, cc, bcc) in enumerate(messages):
        wrote = [author] if author and author_type == Update.Author.CONTACT else []
        if n == 0:
            others = _plain([*wrote, *split_list(cc)], without={*own, *known, besides})
        known |= {*wrote, *_plain([*split_list(cc), *split_list(bcc)])}
    return Company(others, frozenset(mail_addresses.key(address) for address in known))


def _plain(texts: Iterable[str], without: Iterable[str] = ()) -> list[str]:
    """The addresses of those that mail can be sent to, once each."""
    left_out = {mail_addresses.key(address) for address in without}
    boxes = [box for text in texts if (box := mail_addresses.parse(text, any_letters=True))]
    found = {mail_addresses.key(box.address): box.address for box in boxes}
    return [address for key, address in found.items() if key not in left_out]
