"""The SQL of the hot reads: tickets, contacts, updates and files as plain rows, on both databases.

Moments come as text that begins `YYYY-MM-DD HH:MM:SS` in UTC; JSON columns come as JSON text; SQLite gives 0 and 1
for Booleans. Rows are named tuples only here and in api/wire, so the order of columns is one secret of two modules.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from reynard.desk import db
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference

# What the two databases say differently.
_SQLITE = {
    "text": "",
    "phones": (
        "(SELECT json_group_array(json_object('id', p.id, 'type', p.type, 'number', p.number, "
        "'is_primary', json(iif(p.is_primary, 'true', 'false')))) "
        "FROM (SELECT * FROM desk_contactphone WHERE contact_id = c.id ORDER BY id) p)"
    ),
    "groups": (
        "(SELECT json_group_array(json_object('id', g.id, 'name', g.name, 'description', g.description, "
        "'tagged_domains', g.tagged_domains, 'access_all_tickets_in_group', "
        "json(iif(g.access_all_tickets, 'true', 'false')))) "
        "FROM (SELECT cg.*, m.access_all_tickets FROM desk_groupmembership m "
        "JOIN desk_contactgroup cg ON cg.id = m.group_id WHERE m.contact_id = c.id ORDER BY cg.id) g)"
    ),
    "subscribers": (
        "(SELECT group_concat(staff_id) FROM "
        "(SELECT staff_id FROM desk_subscription WHERE ticket_id = t.id ORDER BY staff_id))"
    ),
    "merged": ("(SELECT group_concat(id) FROM (SELECT id FROM desk_ticket WHERE merged_to_id = t.id ORDER BY id))"),
}
_POSTGRES = {
    "text": "::text",
    "phones": (
        "(SELECT coalesce(json_agg(json_build_object('id', p.id, 'type', p.type, 'number', p.number, "
        "'is_primary', p.is_primary) ORDER BY p.id), '[]')::text "
        "FROM desk_contactphone p WHERE p.contact_id = c.id)"
    ),
    "groups": (
        "(SELECT coalesce(json_agg(json_build_object('id', g.id, 'name', g.name, 'description', g.description, "
        "'tagged_domains', g.tagged_domains, 'access_all_tickets_in_group', m.access_all_tickets) ORDER BY g.id), "
        "'[]')::text FROM desk_groupmembership m JOIN desk_contactgroup g ON g.id = m.group_id "
        "WHERE m.contact_id = c.id)"
    ),
    "subscribers": (
        "(SELECT string_agg(staff_id::text, ',' ORDER BY staff_id) FROM desk_subscription WHERE ticket_id = t.id)"
    ),
    "merged": "(SELECT string_agg(id::text, ',' ORDER BY id) FROM desk_ticket WHERE merged_to_id = t.id)",
}

_TICKET_COLUMNS = """
    t.id, t.version, t.last_update_id, t.contact_id, t.subject, t.first_message,
    t.status_id, t.priority_id, t.category_id, t.assignee_id, {subscribers},
    t.tags, t.due_date{text}, t.time_spent, t.custom_values{text}, t.messages_count, t.attachments_count,
    t.sla_breaches, t.unresponded, t.visible_only_staff, t.source,
    t.created_at{text}, t.last_contact_reply_at{text}, t.last_staff_reply_at{text},
    t.last_updated_at{text}, t.last_modified_at{text}, {merged}, t.merged_to_id"""


class TicketRow(NamedTuple):
    id: int
    version: int
    last_update_id: int
    contact_id: int
    subject: str
    first_message: str
    status_id: int
    priority_id: int
    category_id: int
    assignee_id: int | None
    subscriber_ids: str | None  # "3,7"
    tags: str
    due_date: str | None
    time_spent: int | None
    custom_values: str
    messages_count: int
    attachments_count: int
    sla_breaches: int
    unresponded: int
    visible_only_staff: int | None
    source: str
    created_at: str
    last_contact_reply_at: str | None
    last_staff_reply_at: str | None
    last_updated_at: str
    last_modified_at: str
    merged_ids: str | None  # "3,7"
    merged_to_id: int | None


_CONTACT_COLUMNS = """
    c.id, c.version, c.name, c.email, c.is_login_enabled, c.custom_values{text}, c.tickets_count,
    c.pending_tickets_count, c.created_at{text}, c.updated_at{text}, {phones}, {groups}"""


class ContactRow(NamedTuple):
    id: int
    version: int
    name: str
    email: str | None
    is_login_enabled: int
    custom_values: str
    tickets_count: int
    pending_tickets_count: int
    created_at: str
    updated_at: str
    phones: str  # JSON list of {id, type, number, is_primary}
    groups: str  # JSON list of {id, name, description, tagged_domains, access_all_tickets_in_group}


_UPDATE_COLUMNS = """
    u.ticket_id, u.id, u.created_at{text}, u.author_type, u.author_id, u.author_name, u.author_email,
    u.message_type, u.text, u.html, u.subject, u.cc, u.bcc, u.forward_to, u.customer_updated,
    u.time_spent, u.attachments_count, u.changes, u.edited_at{text}"""


class UpdateRow(NamedTuple):
    ticket_id: int
    id: int
    created_at: str
    author_type: str
    author_id: int | None
    author_name: str
    author_email: str | None
    message_type: str
    text: str
    html: str
    subject: str
    cc: str
    bcc: str
    forward_to: str | None
    customer_updated: int
    time_spent: int | None
    attachments_count: int
    changes: str | None
    edited_at: str | None


class ChangeRow(NamedTuple):
    """An entry of any ticket's history, with what its ticket is now, and where it was then."""

    category_id: int
    deleted: int
    last_update_id: int
    category_then: int
    category_left: int | None  # by this entry
    update: UpdateRow


class FileRow(NamedTuple):
    update_id: int
    id: int
    filename: str
    content_type: str
    size: int


_ONE_TICKET = (
    f"SELECT {_TICKET_COLUMNS}, {_CONTACT_COLUMNS} FROM desk_ticket t JOIN desk_contact c ON c.id = t.contact_id "
    "WHERE t.id = %s"
)
_TICKETS = f"SELECT {_TICKET_COLUMNS} FROM desk_ticket t WHERE t.id IN ({{places}})"
_CONTACTS = f"SELECT {_CONTACT_COLUMNS} FROM desk_contact c WHERE c.id IN ({{places}})"
_UPDATES_OF_ONE = f"SELECT {_UPDATE_COLUMNS} FROM desk_update u WHERE u.ticket_id = %s AND u.id <= %s ORDER BY u.id"
_UPDATES = f"SELECT {_UPDATE_COLUMNS} FROM desk_update u WHERE u.ticket_id IN ({{places}}) ORDER BY u.ticket_id, u.id"
_CHANGES = (
    f"SELECT t.category_id, t.deleted_at IS NOT NULL, t.last_update_id, u.category_id, u.left_category_id, "
    f"{_UPDATE_COLUMNS} FROM desk_update u JOIN desk_ticket t ON t.id = u.ticket_id "
    "WHERE u.id IN ({places}) ORDER BY u.id"
)
_FILES = (
    "SELECT update_id, id, filename, content_type, size FROM desk_attachment WHERE update_id IN ({places}) ORDER BY id"
)

_TICKET_WIDTH = len(TicketRow._fields)
_statements: dict[tuple[str, str], str] = {}


def _sql(template: str) -> str:
    """The template in the dialect of this database; `{places}` stays."""
    dialect = _POSTGRES if db.is_postgres() else _SQLITE
    key = (template, dialect["text"])
    if key not in _statements:
        _statements[key] = template.format(**dialect, places="{places}")
    return _statements[key]


def one_ticket(number: int, reference: Reference) -> tuple[TicketRow, ContactRow] | None:
    """None for a ticket that does not exist for the caller."""
    found = db.rows(_sql(_ONE_TICKET + " AND t.deleted_at IS NULL"), (number,))
    if not found:
        return None
    ticket, contact = _divided(found[0])
    return (ticket, contact) if access.is_in_scope(ticket.category_id, reference) else None


def any_ticket(number: int) -> tuple[TicketRow, ContactRow]:
    """A ticket that is known to have been there, for the desk itself, also when it is deleted."""
    return _divided(db.rows(_sql(_ONE_TICKET), (number,))[0])


def _divided(row: tuple[Any, ...]) -> tuple[TicketRow, ContactRow]:
    return TicketRow._make(row[:_TICKET_WIDTH]), ContactRow._make(row[_TICKET_WIDTH:])


def tickets(numbers: Sequence[int], reference: Reference) -> list[TicketRow]:
    """Those that exist for the caller, in no order; those deleted meanwhile included."""
    rows = map(TicketRow._make, _in(_TICKETS, numbers))
    return [row for row in rows if access.is_in_scope(row.category_id, reference)]


def contacts(ids: Sequence[int]) -> list[ContactRow]:
    return list(map(ContactRow._make, _in(_CONTACTS, ids)))


def updates_of(ticket: TicketRow) -> list[UpdateRow]:
    """The history the ticket row knows of, oldest first; entries written since are left out."""
    return list(map(UpdateRow._make, db.rows(_sql(_UPDATES_OF_ONE), (ticket.id, ticket.last_update_id))))


def updates(of: Iterable[TicketRow]) -> dict[int, list[UpdateRow]]:
    """Histories by ticket number, each as in `updates_of`."""
    ends = {ticket.id: ticket.last_update_id for ticket in of}
    histories: dict[int, list[UpdateRow]] = {number: [] for number in ends}
    for row in map(UpdateRow._make, _in(_UPDATES, list(ends))):
        if row.id <= ends[row.ticket_id]:
            histories[row.ticket_id].append(row)
    return histories


def changes(update_ids: Sequence[int]) -> list[ChangeRow]:
    """Entries of any tickets, deleted ones and those of any category too, in the order of their ids."""
    return [ChangeRow._make((*row[:5], UpdateRow._make(row[5:]))) for row in _in(_CHANGES, update_ids)]


def files(update_rows: Iterable[UpdateRow]) -> dict[int, list[FileRow]]:
    """Files by update id, of the updates that have any; no statement when none has."""
    ids = [row.id for row in update_rows if row.attachments_count]
    by_update: dict[int, list[FileRow]] = {}
    for row in map(FileRow._make, _in(_FILES, ids)):
        by_update.setdefault(row.update_id, []).append(row)
    return by_update


def _in(template: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    return db.rows(_sql(template).format(places=db.places(ids)), ids) if ids else []
