"""Which tickets a mail names, and what its sender has to do with them. A fixed number of statements."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import F, Q

from reynard.desk import db
from reynard.desk.models import GroupMembership, InboundMail, OutboxEntry, Ticket, Update
from reynard.desk.rules import mail_addresses, mail_subjects, reply_address
from reynard.desk.rules.contacts import email_key
from reynard.desk.rules.mail_threading import Claim, Standing, Way
from reynard.desk.rules.tickets import display_id, split_list
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference, StaffMember

TICKETS_LIMIT = 10  # that one mail may name
IDS_LIMIT = 20  # of earlier mails, the nearest ones


class _Named(msgspec.Struct, frozen=True):
    way: Way
    ticket: int
    note: bool = False


def claims(
    *,
    addresses: Sequence[str],
    answered: Sequence[str],
    subject: str,
    author: str,
    staff: StaffMember | None,
    reference: Reference,
) -> list[Claim]:
    """In the order in which they count.

    `addresses` are those the mail was sent to, `answered` the ids of the mails it answers, the nearest first. `staff`
    is who has the author's address.
    """
    named = [*_by_address(addresses), *_by_reference(answered[:IDS_LIMIT], reference), *_by_token(subject, reference)]
    numbers = list(dict.fromkeys(each.ticket for each in named))[:TICKETS_LIMIT]
    if not numbers:
        return []
    there = Ticket.objects.filter(id__in=numbers, deleted_at=None)
    columns = ("id", "category_id", "contact_id", "contact__email_key")
    tickets = {row["id"]: row for row in there.values(*columns)}
    standings = _standings(tickets, author)
    return [
        Claim(
            each.way,
            each.ticket,
            display_id(reference.categories[tickets[each.ticket]["category_id"]].prefix, each.ticket),
            standings[each.ticket],
            note=each.note,
            for_staff=staff is not None and access.sees(staff, tickets[each.ticket]["category_id"]),
        )
        for each in dict.fromkeys(named)
        if each.ticket in tickets
    ]


# --- naming


def _by_address(addresses: Sequence[str]) -> list[_Named]:
    """Those for notes first: what was meant for staff must not become public."""
    genuine = [said for each in addresses if (said := reply_address.verify(each, settings.SECRET_KEY))]
    genuine.sort(key=lambda said: not said.note)
    return [_Named(Way.REPLY_ADDRESS, said.ticket, said.note) for said in genuine]


def _by_reference(answered: Sequence[str], reference: Reference) -> list[_Named]:
    """Ids of our mails, and of mails that came before. Answers to a forward may be meant to open their own ticket."""
    if not answered:
        return []
    found: dict[str, list[int]] = {}
    ids = {each.partition("@")[0] for each in answered}
    ours = OutboxEntry.objects.filter(message_id__in=ids, ticket__isnull=False)
    for id, ticket, kind, options in ours.values_list("message_id", "ticket_id", "kind", "options"):
        if kind == OutboxEntry.Kind.FORWARD and options.get("replies_open_tickets", True):
            continue
        found.setdefault(id, []).append(ticket)
    theirs = InboundMail.objects.filter(
        _HAS_ID, mailbox_id__in=list(reference.mailboxes), message_id__in=[id[:MESSAGE_ID_LIMIT] for id in answered]
    ).exclude(ticket=None)
    theirs = theirs.order_by(F("id") + 0)  # by "id" alone SQLite would walk the whole mailbox in that order
    for id, ticket in theirs.values_list("message_id", "ticket_id")[: IDS_LIMIT * 5]:
        found.setdefault(id, []).append(ticket)
    return [
        _Named(Way.REFERENCE, ticket)
        for id in answered
        for key in (id.partition("@")[0], id[:MESSAGE_ID_LIMIT])
        for ticket in found.get(key, ())
    ]


_HAS_ID = ~Q(message_id="")  # the condition of the index
MESSAGE_ID_LIMIT = InboundMail._meta.get_field("message_id").max_length


def _by_token(subject: str, reference: Reference) -> list[_Named]:
    """Tokens of this desk: other desks have tickets, too, and prefixes of their own."""
    prefixes = {category.prefix.casefold() for category in reference.whole.categories.values()}
    tokens = mail_subjects.tokens_in(subject)
    known = ((number, prefix.casefold() in prefixes) for prefix, number in tokens if number <= db.LARGEST_ID)
    return [_Named(Way.TOKEN, number) for number, ours in known if ours]


# --- standing


def _standings(tickets: dict[int, dict[str, Any]], author: str) -> dict[int, Standing]:
    """What the author has to do with each ticket; what is known of one is not looked up again."""
    key = email_key(author)
    found = {id: Standing.CONTACT for id, row in tickets.items() if key and row["contact__email_key"] == key}
    rest = [id for id in tickets if id not in found]
    if rest and key:
        found |= _involved(rest, author)
    rest = [id for id in tickets if found.get(id) in {None, Standing.CONSULTED}]
    if rest and key:
        sharing = _sharing_with(key, {tickets[id]["contact_id"] for id in rest})
        found |= {id: Standing.COLLEAGUE for id in rest if tickets[id]["contact_id"] in sharing}
    return {id: found.get(id, Standing.STRANGER) for id in tickets}


def _involved(numbers: Sequence[int], author: str) -> dict[int, Standing]:
    """Tickets of which the author had copies, wrote a public message, or got a forward."""
    named = Q(cc__icontains=author) | Q(bcc__icontains=author) | Q(forward_to__icontains=author)
    wrote = Q(author_type=Update.Author.CONTACT, author_email__iexact=author)
    seen = Q(message_type=Update.MessageType.PUBLIC) | Q(forward_to__isnull=False)
    rows = Update.objects.filter(seen, named | wrote, ticket_id__in=numbers)
    found: dict[int, Standing] = {}
    for entry in rows.only("ticket_id", "author_type", "author_email", "cc", "bcc", "forward_to"):
        if email_key(author) not in {_key_of(item) for item in _people_of(entry)}:
            continue
        forwarded = entry.forward_to is not None
        if not forwarded or entry.ticket_id not in found:
            found[entry.ticket_id] = Standing.CONSULTED if forwarded else Standing.PARTICIPANT
    return found


def _people_of(entry: Update) -> list[str]:
    lists = (entry.cc, entry.bcc, entry.forward_to or "")
    by_contact = entry.author_type == Update.Author.CONTACT
    return [item for text in lists for item in split_list(text)] + [(entry.author_email or "") if by_contact else ""]


def _key_of(text: str) -> str:
    mailbox = mail_addresses.parse(text)
    return email_key(mailbox.address) if mailbox else ""


def _sharing_with(key: str, contacts: set[int]) -> set[int]:
    """Contacts whose tickets the owner of an address sees, as a member of a group of theirs (contacts.md §9)."""
    member = GroupMembership.objects.filter(contact__email_key=key, access_all_tickets=True)
    groups = list(member.values_list("group_id", flat=True))
    if not groups:
        return set()
    shared = GroupMembership.objects.filter(group_id__in=groups, contact_id__in=contacts)
    return set(shared.values_list("contact_id", flat=True))


# --- telling mails apart


def duplicate_of(mail: InboundMail, *, message_id: str, content_hash: str) -> int | None:
    """The first mail with the same id and content that this mailbox got before; None without an id."""
    if not message_id:
        return None
    same = InboundMail.objects.filter(_HAS_ID, mailbox_id=mail.mailbox_id, message_id=message_id)
    return same.filter(content_hash=content_hash, id__lt=mail.id).order_by("id").values_list("id", flat=True).first()


def copy_in_ticket(ticket: int, *, message_id: str, content_hash: str) -> int | None:
    """A mail with the same id and content that joined this ticket by another mailbox."""
    if not message_id:
        return None
    same = InboundMail.objects.filter(ticket_id=ticket, message_id=message_id, content_hash=content_hash)
    return same.order_by("id").values_list("id", flat=True).first()


def our_mail(message_id: str) -> OutboxEntry | None:
    """The mail of ours that has this id."""
    local, _, domain = message_id.partition("@")
    entries = OutboxEntry.objects.filter(channel=OutboxEntry.Channel.MAIL, message_id=local) if domain else None
    return entries.select_related("ticket", "update").first() if entries is not None else None
