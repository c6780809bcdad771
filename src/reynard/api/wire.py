"""Rows of the desk as the shapes of the wire, encoded as JSON.

An encoded ticket is good for every reader who may see it, so the most recent ones are kept (`_TicketCache`), keyed by
the versions of everything that stands in them. The rest is filled in afterwards, at marks no JSON text can contain:

    \\x02             the encoded contact, which changes with the contact's other tickets
    \\x01<id>\\x01     the address of an attachment, which is signed and expires
    \\x01i<id>\\x01    the same of an image in the HTML of its message
    \\x01u<id>\\x01    the address of an upload that waits to be used
    \\x01e\\x01        the moment when the addresses of this answer end
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from msgspec import UNSET, Raw

from reynard.api import shapes
from reynard.api.formats import WireDateTime
from reynard.desk.models import InboundMail
from reynard.desk.rules import custom_fields, file_addresses, inline_images
from reynard.desk.rules.custom_fields import Field
from reynard.desk.rules.tickets import display_id
from reynard.desk.selectors import ticket_rows
from reynard.desk.selectors.attachments import AttachmentRow
from reynard.desk.selectors.reference import Reference
from reynard.desk.selectors.revisions import RevisionRow
from reynard.desk.selectors.ticket_rows import ContactRow, FileRow, TicketRow, UpdateRow
from reynard.mail.parsed import ParsedMail

_encode = msgspec.json.Encoder(enc_hook=str).encode  # wire dates are texts
_CONTACT_MARK = b"\x02"
_EXPIRY_MARK = b"\x01e\x01"
_ADDRESS_MARK = re.compile(rb"\x01([iu]?)(\d+)\x01")
_NULL = Raw(b"null")


# --- reference data


def _kept(name: str, build: Callable[[Reference], dict[int, Any]]) -> Callable[[Reference], dict[int, Any]]:
    """Compute a table once per version of the reference data."""

    def table(reference: Reference) -> dict[int, Any]:
        kept = reference.derived.get(name)
        if kept is None:
            kept = reference.derived[name] = build(reference)
        return kept

    return table


def status(row: Any) -> shapes.Status:
    return shapes.Status(row.id, row.name, row.color, row.order, row.is_default, row.behavior)


def priority(row: Any) -> shapes.Priority:
    return shapes.Priority(row.id, row.name, row.order, row.is_default)


def category(row: Any) -> shapes.Category:
    return shapes.Category(row.id, row.name, row.description, row.public, row.time_spent_mandatory, row.prepopulate_cc)


def staff(row: Any) -> shapes.Staff:
    return shapes.Staff(
        id=row.id,
        name=row.name,
        email=row.email,
        active=row.active,
        is_active=row.active,
        is_account_admin=row.is_account_admin,
        role=shapes.Role(row.role_id, row.role_name),
        categories=list(row.category_ids),
        permissions=list(row.permissions),
    )


def _choices(field: Field, siblings: Iterable[Field]) -> list[shapes.Choice] | None:
    if not field.has_choices:
        return None
    dependent: dict[int | None, list[int]] = {}
    for sibling in siblings:
        dependent.setdefault(sibling.depends_on_choice, []).append(sibling.id)
    return [shapes.Choice(c.id, c.text, sorted(dependent.get(c.id, []))) for c in field.choices.values()]


def ticket_field(field: Field, reference: Reference) -> shapes.TicketField:
    return shapes.TicketField(
        id=field.id,
        name=field.name,
        type=field.type,
        required=field.required,
        compulsory_on_completed=field.compulsory_on_completed,
        compulsory_on_move=field.compulsory_on_move,
        depends_on_choice=field.depends_on_choice,
        visible_to_staff_only=field.visible_to_staff_only,
        categories=[shapes.FieldPlace(*place) for place in field.categories.items()],
        choices=_choices(field, reference.ticket_fields.values()),
    )


def contact_field(field: Field, reference: Reference) -> shapes.ContactField:
    return shapes.ContactField(
        id=field.id,
        name=field.name,
        type=field.type,
        required=field.required,
        depends_on_choice=field.depends_on_choice,
        visible_to_staff_only=field.visible_to_staff_only,
        order=field.order,
        choices=_choices(field, reference.contact_fields.values()),
    )


def _raw_table(rows: Callable[[Reference], dict[int, Any]], shape: Callable[[Any], Any]) -> Any:
    def build(reference: Reference) -> dict[int, Any]:
        return {id: Raw(_encode(shape(row))) for id, row in rows(reference).items()}

    return build


_statuses = _kept("wire.statuses", _raw_table(lambda reference: reference.statuses, status))
_priorities = _kept("wire.priorities", _raw_table(lambda reference: reference.priorities, priority))
_categories = _kept("wire.categories", _raw_table(lambda reference: reference.categories, category))
_staff = _kept("wire.staff", _raw_table(lambda reference: reference.staff, staff))
_subscribers = _kept(
    "wire.subscribers",
    _raw_table(
        lambda reference: reference.staff,
        lambda row: shapes.Subscriber(row.id, row.first_name, row.last_name, row.email),
    ),
)


# --- contacts


def _values(document: str) -> dict[str, Any]:
    """Custom values by field id; an empty document, the usual case, is not decoded at all."""
    return msgspec.json.decode(document) if len(document) > 2 else {}


_phones = msgspec.json.Decoder(list[shapes.Phone]).decode


def contact(row: ContactRow, reference: Reference) -> shapes.Contact:
    phones = _phones(row.phones) if len(row.phones) > 2 else []
    counts = (row.tickets_count, row.pending_tickets_count) if reference.scope is None else (None, None)
    values = _values(row.custom_values)
    return shapes.Contact(
        id=row.id,
        name=row.name,
        email=row.email,
        primary_phone=next((phone for phone in phones if phone.is_primary), None),
        phones=phones,
        contact_groups=Raw(row.groups.encode()),  # type: ignore[arg-type]  # SQL writes it in this very shape
        custom_fields=[
            shapes.ContactFieldValue(
                field.id,
                field.name,
                field.type,
                *custom_fields.shown(field, values.get(str(field.id))),
                field.visible_to_staff_only,
            )
            for field in reference.contact_fields.values()
        ],
        tickets_count=counts[0],
        pending_tickets_count=counts[1],
        created_at=row.created_at[:19],  # type: ignore[arg-type]
        updated_at=row.updated_at[:19],  # type: ignore[arg-type]
        is_login_enabled=bool(row.is_login_enabled),
    )


# --- updates


class _StoredChanges(msgspec.Struct, gc=False):
    """`rules.history.Changes` with the parts that go to the wire as they are left undecoded."""

    status: Raw = _NULL
    priority: Raw = _NULL
    assignee: Raw = _NULL
    category: Raw = _NULL
    due_date: Raw = _NULL
    custom_fields: Raw = _NULL
    subject: Any = UNSET
    correction: Any = UNSET
    merging: Any = UNSET
    moved_to: Any = UNSET
    moved_from: Any = UNSET


class _StoredFieldChange(msgspec.Struct, gc=False):
    id: int
    name: str
    old: str
    new: str


_stored_changes = msgspec.json.Decoder(_StoredChanges).decode
_stored_field_changes = msgspec.json.Decoder(list[_StoredFieldChange]).decode
_UNCHANGED = _StoredChanges()


def update(row: UpdateRow, files: list[FileRow] | None, show_field_changes: bool) -> shapes.Update:
    """An entry of a history, with marks for the addresses of its files."""
    changes: Any = _stored_changes(row.changes) if row.changes else _UNCHANGED
    return shapes.Update(
        row.id,
        row.created_at[:19],  # type: ignore[arg-type]
        _by(row),
        _message(row, files) if row.message_type in _SHOWN else None,
        changes.status,
        changes.priority,
        changes.assignee,
        changes.category,
        changes.due_date,
        _field_changes(changes.custom_fields) if show_field_changes else None,
        row.time_spent,
        None,
        changes.subject,
        changes.correction,
        row.edited_at[:19] if row.edited_at else UNSET,  # type: ignore[arg-type]
        True if row.message_type == "x" else UNSET,
        changes.merging,
        changes.moved_to,
        changes.moved_from,
    )


_SHOWN = {"m", "p"}


def _by(row: UpdateRow) -> shapes.By | None:
    if row.author_id is None:
        return None
    if row.author_type == "smartrule":
        return shapes.By(row.author_type, row.author_id)
    return shapes.By(row.author_type, row.author_id, row.author_name, row.author_email)


def _message(row: UpdateRow, files: list[FileRow] | None) -> shapes.Message:
    return shapes.Message(
        row.id,
        _with_end(row.text),
        _html(row.html, files) if files else row.html,
        row.subject,
        row.cc,
        row.bcc,
        row.forward_to,
        "p" if row.message_type == "p" else None,
        bool(row.customer_updated),
        [_attachment(file) for file in files] if files else [],
    )


def _html(html: str, files: list[FileRow]) -> Any:
    """HTML with the marks of the images that are files of its own message (rules/inline_images)."""
    if inline_images.KEPT_START not in html:
        return html
    encoded = _encode(html)
    for file in files:
        kept = _encode(inline_images.KEPT.format(id=file.id))[1:-1]
        encoded = encoded.replace(kept, kept.replace(b"attachment:%d" % file.id, b"\x01i%d\x01" % file.id))
    return Raw(encoded)


def _attachment(file: FileRow) -> shapes.Attachment:
    return shapes.Attachment(file.id, file.filename, _address_mark(file.id), file.size, file.content_type, _EXPIRES)


def _address_mark(attachment_id: int) -> Any:
    return Raw(b'"\x01%d\x01"' % attachment_id)


_EXPIRES: Any = Raw(b'"%b"' % _EXPIRY_MARK)


def encode_attachment(row: AttachmentRow) -> bytes:
    """`shapes.AttachmentDetails`, its address still to be filled in."""
    return _encode(
        shapes.AttachmentDetails(
            id=row.id,
            filename=row.filename,
            url=_address_mark(row.id),
            size=row.size,
            content_type=row.content_type,
            expires_at=_EXPIRES,
            ticket_id=row.ticket_id,
            update_id=row.update_id,
        )
    )


def _field_changes(stored: Raw) -> list[shapes.CustomFieldChange] | None:
    if bytes(stored) == b"null":
        return None
    return [shapes.CustomFieldChange(str(c.id), c.name, c.old, c.new) for c in _stored_field_changes(stored)]


def _with_end(text: str) -> str:
    """The service ends texts with two newlines (tickets.md §1.3)."""
    return text.rstrip("\r\n") + "\n\n"


def revision(row: RevisionRow, files: Sequence[Any]) -> shapes.Revision:
    """A row of selectors/revisions, and those of its files."""
    return shapes.Revision(
        row.entry_id,
        row.kind,  # type: ignore[arg-type]
        WireDateTime(f"{row.moment:%Y-%m-%d %H:%M:%S}"),
        shapes.By(row.author_type, row.author_id, row.author_name, row.author_email),
        shapes.RevisedMessage(
            row.text,
            row.html,
            row.subject,
            row.cc,
            row.bcc,
            row.forward_to,
            "p" if row.message_type == "p" else None,
            [shapes.RevisionFile(*file) for file in files],
        ),
    )


def received_mail(mail: InboundMail, reference: Reference) -> shapes.ReceivedMail:
    return shapes.ReceivedMail(**_received(mail, reference))


def received_mail_details(mail: InboundMail, head: ParsedMail, reference: Reference) -> shapes.ReceivedMailDetails:
    headers = [shapes.MailHeader(header.name, header.value) for header in head.headers]
    return shapes.ReceivedMailDetails(**_received(mail, reference), headers=headers, problems=list(head.notes))


def _received(mail: InboundMail, reference: Reference) -> dict[str, Any]:
    verdict = mail.verdict
    return {
        "id": mail.id,
        "mailbox": reference.whole.mailboxes[mail.mailbox_id].name,
        "received_at": WireDateTime(f"{mail.received_at:%Y-%m-%d %H:%M:%S}"),
        "sender": mail.sender,
        "subject": mail.subject,
        "message_id": mail.message_id,
        "size": mail.size,
        "state": mail.state,
        "reason": mail.reason,
        "error": mail.last_error,
        "verdict": shapes.MailVerdict(
            verdict["result"], verdict["reason"], verdict["host"], verdict["dmarc"], verdict["dkim"], verdict["spf"]
        )
        if verdict
        else None,
        "ticket_id": mail.ticket_id,
        "update_id": mail.update_id,
        "suggested_ticket_id": mail.suggested_id,
    }


# --- tickets


def _ticket(
    row: TicketRow,
    updates: Sequence[UpdateRow] | None,
    files: dict[int, list[FileRow]],
    reference: Reference,
    show_field_changes: bool,
) -> shapes.Ticket:
    """The shape of a ticket, with the mark for its contact and those for the addresses of its files."""
    mark: Any = Raw(_CONTACT_MARK)
    people = _staff(reference)
    return shapes.Ticket(
        id=row.id,
        display_id=display_id(reference.categories[row.category_id].prefix, row.id),
        subject=row.subject,
        first_message=_with_end(row.first_message),
        status=_statuses(reference)[row.status_id],
        priority=_priorities(reference)[row.priority_id],
        category=_categories(reference)[row.category_id],
        assigned_to=people[row.assignee_id] if row.assignee_id else None,
        user=mark,
        subscribers=_people(row.subscriber_ids, reference),
        tags=row.tags,
        due_date=row.due_date,  # type: ignore[arg-type]
        time_spent=row.time_spent,
        custom_fields=_ticket_values(row, reference),
        messages_count=row.messages_count,
        attachments_count=row.attachments_count,
        sla_breaches=row.sla_breaches,
        unresponded=bool(row.unresponded),
        visible_only_staff=None if row.visible_only_staff is None else bool(row.visible_only_staff),
        source=row.source,
        created_at=_moment(row.created_at),
        last_user_reply_at=_moment(row.last_contact_reply_at),
        last_staff_reply_at=_moment(row.last_staff_reply_at),
        last_updated_at=_moment(row.last_updated_at),
        last_modified=_moment(row.last_modified_at),
        merged_tickets=[int(number) for number in row.merged_ids.split(",")] if row.merged_ids else [],
        merged_to=row.merged_to_id,
        jira_issue_id=None,
        updates=UNSET
        if updates is None
        else [update(entry, files.get(entry.id), show_field_changes) for entry in updates],
    )


def _ticket_values(row: TicketRow, reference: Reference) -> list[shapes.TicketFieldValue]:
    values = _values(row.custom_values)
    return [
        shapes.TicketFieldValue(
            field.id,
            field.name,
            field.type,
            *custom_fields.shown(field, values.get(str(field.id))),
            field.visible_to_staff_only,
            field.compulsory_on_completed,
        )
        for field in reference.fields_of(row.category_id)
    ]


def _people(ids: str | None, reference: Reference) -> list[Any]:
    return [_subscribers(reference)[int(id)] for id in ids.split(",")] if ids else []


def _moment(text: str | None) -> Any:
    return text[:19] if text else None


# --- encoded tickets


def encode_ticket(
    row: TicketRow, contact_row: ContactRow, reference: Reference, *, show_field_changes: bool = False
) -> bytes:
    """One ticket with its history; the addresses of its files still to be filled in."""
    updates = ticket_rows.updates_of(row)
    ticket = _ticket(row, updates, ticket_rows.files(updates), reference, show_field_changes)
    return _with_contact(_encode(ticket), _encode(contact(contact_row, reference)))


def encode_tickets(entries: Sequence[Any], reference: Reference, *, with_updates: bool = True) -> list[bytes]:
    """Tickets of a list (`selectors.tickets.Entry`), as `encode_ticket`, from what is kept where that is still true.

    Those deleted since the list was read are left out.
    """
    bodies = _bodies(entries, reference, with_updates)
    contacts = _contacts(entries, reference)
    return [_with_contact(bodies[entry.id], contacts[entry.contact_id]) for entry in entries if entry.id in bodies]


def _with_contact(body: bytes, encoded_contact: bytes) -> bytes:
    return body.replace(_CONTACT_MARK, encoded_contact, 1)


class _Cache:
    """Encoded things by key, the least recently used dropped first; bounded in bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._items: OrderedDict[tuple[int, ...], bytes] = OrderedDict()

    def get(self, key: tuple[int, ...]) -> bytes | None:
        found = self._items.get(key)
        if found is not None:
            self._items.move_to_end(key)
        return found

    def put(self, key: tuple[int, ...], value: bytes) -> None:
        if key in self._items:
            return
        self._items[key] = value
        self._size += len(value)
        while self._size > self._limit:
            self._size -= len(self._items.popitem(last=False)[1])


_ticket_cache = _Cache(settings.REYNARD_TICKET_CACHE_MIB * 1024 * 1024 * 4 // 5)
_contact_cache = _Cache(settings.REYNARD_TICKET_CACHE_MIB * 1024 * 1024 // 5)


def _bodies(entries: Sequence[Any], reference: Reference, with_updates: bool) -> dict[int, bytes]:
    bodies: dict[int, bytes] = {}
    missing = []
    for entry in entries:
        found = _ticket_cache.get((entry.id, entry.version, reference.version)) if with_updates else None
        if found is None:
            missing.append(entry.id)
        else:
            bodies[entry.id] = found
    rows = ticket_rows.tickets(missing, reference)
    histories = ticket_rows.updates(rows) if with_updates else {}
    files = ticket_rows.files(update for history in histories.values() for update in history)
    for row in rows:
        body = bodies[row.id] = _encode(_ticket(row, histories.get(row.id), files, reference, False))
        if with_updates:
            _ticket_cache.put((row.id, row.version, reference.version), body)
    return bodies


def _contacts(entries: Sequence[Any], reference: Reference) -> dict[int, bytes]:
    encoded: dict[int, bytes] = {}
    missing = set()
    is_limited = reference.scope is not None
    for entry in entries:
        found = _contact_cache.get((entry.contact_id, entry.contact_version, reference.version, is_limited))
        if found is None:
            missing.add(entry.contact_id)
        else:
            encoded[entry.contact_id] = found
    for row in ticket_rows.contacts(sorted(missing)):
        encoded[row.id] = _encode(contact(row, reference))
        _contact_cache.put((row.id, row.version, reference.version, is_limited), encoded[row.id])
    return encoded


# --- pages


def page_info(*, count: int, start: int, total: int, size: int) -> shapes.PageInfo:
    """protocol.md §9; `start` counts from 0. An empty page has no indices (P-12)."""
    return shapes.PageInfo(
        count=count,
        start_index=start + 1 if count else 0,
        end_index=start + count if count else 0,
        last_index=total,
        page_count=max(1, -(-total // size)),
        next=start // size + 2 if start + size < total else None,
        total=total,
    )


def page_info_after(*, count: int, total: int, size: int, next: int | None) -> shapes.PageInfo:
    """The same of a page that begins behind an element: indices count from there on."""
    info = page_info(count=count, start=0, total=total, size=size)
    info.next = next
    return info


def encode_page(info: shapes.PageInfo, elements: Sequence[bytes]) -> bytes:
    return b'{"page_info":%b,"data":[%b]}' % (_encode(info), b",".join(elements))


# --- addresses of files


def fill_addresses(encoded: bytes, base_url: str) -> bytes:
    """Put fresh addresses at the marks, and the moment when they end."""
    if b"\x01" not in encoded:
        return encoded
    expires = _expiry()
    encoded = encoded.replace(_EXPIRY_MARK, _moment_of(expires).encode())
    base = base_url.encode()
    return _ADDRESS_MARK.sub(lambda mark: base + _PATHS[mark[1]](int(mark[2]), expires).encode(), encoded)


def _path(attachment_id: int, expires: int) -> str:
    return file_addresses.path(file_addresses.DOWNLOAD, attachment_id, expires, settings.SECRET_KEY)


def _image_path(attachment_id: int, expires: int) -> str:
    return file_addresses.path(file_addresses.INLINE, attachment_id, expires, settings.SECRET_KEY)


def _upload_path(upload_id: int, expires: int) -> str:
    return f"/{inline_images.UPLOAD_PATH}/{upload_id}/"


def article_attachment(id: int, filename: str, size: int, content_type: str, base_url: str) -> shapes.Attachment:
    """A file of the knowledge base, with a fresh address."""
    expires = _expiry()
    address = base_url + file_addresses.path(file_addresses.OF_ARTICLE, id, expires, settings.SECRET_KEY)
    return shapes.Attachment(id, filename, address, size, content_type, WireDateTime(_moment_of(expires)))


def _expiry() -> int:
    return int(time.time()) + settings.ATTACHMENT_ADDRESS_SECONDS


def _moment_of(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


_PATHS = {b"": _path, b"i": _image_path, b"u": _upload_path}


def encode_upload(upload_id: int) -> bytes:
    """`shapes.InlineAttachment`, its address still to be filled in."""
    mark: Any = Raw(b'"\x01u%d\x01"' % upload_id)
    return _encode(shapes.InlineAttachment(mark))


def is_valid_address(attachment_id: int, expires: int, signature: str, *, kind: str = file_addresses.DOWNLOAD) -> bool:
    """`kind` is one of the uses of rules/file_addresses."""
    return file_addresses.is_valid(kind, attachment_id, expires, signature, settings.SECRET_KEY, now=time.time())
