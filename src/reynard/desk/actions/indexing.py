"""Keeping what the search knows: the words, tags and custom values of tickets, the words and values of contacts.

Every write calls this in its own transaction, so a search finds what was answered with 200. A message is a piece that
is replaced when it is corrected; the subject and tags of a ticket are one that is replaced when one of them changes.

A piece of a ticket has a number that begins with the ticket's (selectors/fulltext.PIECES), so that what matches is
known by ticket without looking anything up, and a single ticket can be asked.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from reynard.desk import db
from reynard.desk.files import IncomingFile
from reynard.desk.models import Attachment, Contact, ContactPhone, ContactValue, Ticket, TicketTag, TicketValue, Update
from reynard.desk.rules import custom_fields, words
from reynard.desk.rules.history import Changes
from reynard.desk.rules.messages import Message
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors import fulltext
from reynard.desk.selectors.fulltext import Piece
from reynard.desk.selectors.reference import Reference

_BATCH = 500  # rows of one statement

Searchable = tuple[str, Sequence[str]]  # the text of a message, and the names of its files in the order of their ids


def add_ticket(ticket: Ticket, messages: Sequence[Piece], reference: Reference) -> None:
    """A ticket's subject, tags and custom values, and its messages."""
    tags = split_list(ticket.tags)
    fulltext.add([*_head(ticket.id, ticket.subject, tags), *messages])
    _add_tags([(ticket.id, tag) for tag in tags])
    _add_values(_values(ticket, ticket.custom_values, reference))


def newest_message(ticket: Ticket, message: Message | None, files: Sequence[IncomingFile]) -> list[Piece]:
    """The message that was just added to a ticket, whose `messages_count` counts it already; to be added."""
    text = message.text if message else ""
    return _message(ticket.id, ticket.messages_count, text, [file.filename for file in files])


def change_message(ticket: Ticket, update_id: int, before: Searchable, after: Searchable) -> None:
    """A message of a ticket that was corrected; of a deleted one nothing is found, but its number stays taken."""
    if before == after:
        return
    messages = Update.objects.filter(ticket_id=ticket.id, id__lte=update_id)
    ordinal = messages.exclude(message_type=Update.MessageType.NONE).count()
    fulltext.remove(_message(ticket.id, ordinal, *before))
    fulltext.add(_message(ticket.id, ordinal, *after))


def change_head(ticket: Ticket, changes: Changes) -> None:
    """The subject and the tags of a ticket that was changed."""
    added, removed = changes.tags_added, changes.tags_removed
    if not (added or removed or changes.subject):
        return
    now = split_list(ticket.tags)
    before = [tag for tag in now if tag not in set(added)] + list(removed)
    fulltext.remove(_head(ticket.id, changes.subject.old if changes.subject else ticket.subject, before))
    fulltext.add(_head(ticket.id, ticket.subject, now))
    if removed:
        TicketTag.objects.filter(ticket_id=ticket.id, tag__in=removed).delete()
    _add_tags([(ticket.id, tag) for tag in added])


def change_values(ticket: Ticket, field_ids: Sequence[int], reference: Reference) -> None:
    """The values of some custom fields as they are now."""
    if field_ids:
        TicketValue.objects.filter(ticket_id=ticket.id, field_id__in=field_ids).delete()
        now = {str(id): ticket.custom_values.get(str(id)) for id in field_ids}
        _add_values(_values(ticket, now, reference))


def remove_ticket(ticket: Ticket) -> None:
    """A deleted ticket is found by nothing any more."""
    tags = split_list(ticket.tags)
    fulltext.remove([*_head(ticket.id, ticket.subject, tags), *_messages([ticket.id])])
    TicketTag.objects.filter(ticket_id=ticket.id).delete()
    TicketValue.objects.filter(ticket_id=ticket.id).delete()


def bring_in(tickets: Sequence[Ticket], reference: Reference) -> None:
    """Tickets that are not in the index at all, whole, in a fixed number of statements for so many words."""
    live = [ticket for ticket in tickets if ticket.deleted_at is None]
    tags = {ticket.id: split_list(ticket.tags) for ticket in live}
    heads = [piece for ticket in live for piece in _head(ticket.id, ticket.subject, tags[ticket.id])]
    fulltext.add([*heads, *_messages([ticket.id for ticket in live])])
    _add_tags([(ticket_id, tag) for ticket_id, own in tags.items() for tag in own])
    _add_values([row for ticket in live for row in _values(ticket, ticket.custom_values, reference)])


def add_contact(contact: Contact, phones: Sequence[str], reference: Reference) -> None:
    """A contact that is new, with the digits of its phones."""
    fulltext.put_contacts([_contact(contact, phones)])
    _add_contact_values([contact], reference)


def put_contacts(contacts: Sequence[Contact], reference: Reference) -> None:
    """Contacts as they are now: names, addresses, phones, custom values."""
    ids = [contact.id for contact in contacts]
    phones: dict[int, list[str]] = {}
    for contact_id, digits in ContactPhone.objects.filter(contact__in=ids).values_list("contact_id", "digits"):
        phones.setdefault(contact_id, []).append(digits)
    fulltext.put_contacts([_contact(contact, phones.get(contact.id, [])) for contact in contacts])
    ContactValue.objects.filter(contact__in=ids).delete()
    _add_contact_values(contacts, reference)


def _add_contact_values(contacts: Sequence[Contact], reference: Reference) -> None:
    rows = [
        ContactValue(contact_id=contact.id, field_id=field_id, key=key)
        for contact in contacts
        for field_id, key in _keys(contact.custom_values, reference.contact_fields)
    ]
    if rows:
        ContactValue.objects.bulk_create(rows)


# --- what there is to find


def _head(ticket_id: int, subject: str, tags: Iterable[str]) -> list[Piece]:
    """Subject and tags, in an order that does not depend on how the tags came."""
    return fulltext.pieces(ticket_id, 0, words.chunks(" ".join([subject, *sorted(tags)])))


def _message(ticket_id: int, ordinal: int, text: str, filenames: Sequence[str]) -> list[Piece]:
    return fulltext.pieces(ticket_id, ordinal, words.chunks("\n".join([text, *filenames])))


def _messages(ticket_ids: Sequence[int]) -> list[Piece]:
    """The messages of tickets, numbered as `newest_message` numbers them."""
    rows = Update.objects.filter(ticket__in=ticket_ids).exclude(message_type=Update.MessageType.NONE)
    # In the order of an index that begins with the ticket: SQLite would walk all updates for the order of their ids.
    names = Attachment.objects.filter(update__ticket__in=ticket_ids).order_by("update__ticket_id", "update_id", "id")
    files: dict[int, list[str]] = {}
    for update_id, name in names.values_list("update_id", "filename"):
        files.setdefault(update_id, []).append(name)
    found: list[Piece] = []
    ordinals: dict[int, int] = {}
    for update_id, ticket_id, text in rows.order_by("ticket_id", "id").values_list("id", "ticket_id", "text"):
        ordinal = ordinals[ticket_id] = ordinals.get(ticket_id, 0) + 1
        found += _message(ticket_id, ordinal, text, files.get(update_id, []))
    return found


def _contact(contact: Contact, phones: Sequence[str]) -> fulltext.ContactEntry:
    fields = [contact.name, contact.email or "", *phones]
    return fulltext.ContactEntry(
        contact.id, words.words("\n".join(fields)), [gram for field in fields for gram in words.grams(field)]
    )


def _add_tags(rows: Sequence[tuple[int, str]]) -> None:
    _insert("desk_tickettag (ticket_id, tag)", "(%s, %s)", rows)


def _add_values(rows: Sequence[tuple[int, int, str]]) -> None:
    _insert("desk_ticketvalue (ticket_id, field_id, key)", "(%s, %s, %s)", rows)


def _insert(table: str, marks: str, rows: Sequence[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        sql = f"INSERT INTO {table} VALUES {', '.join([marks] * len(batch))} ON CONFLICT DO NOTHING"  # noqa: S608
        db.execute(sql, [value for row in batch for value in row])


def _values(ticket: Ticket, values: custom_fields.Values, reference: Reference) -> list[tuple[int, int, str]]:
    return [(ticket.id, field_id, key) for field_id, key in _keys(values, reference.ticket_fields)]


def _keys(values: custom_fields.Values, fields: dict[int, custom_fields.Field]) -> list[tuple[int, str]]:
    return [
        (field.id, key)
        for field_id, value in values.items()
        if (field := fields.get(int(field_id)))
        for key in custom_fields.search_keys(field, value)
    ]
