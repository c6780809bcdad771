"""Writing properties of a ticket and its history. Nothing else writes either.

`apply` changes the ticket in memory and says what changed; `record` writes the entry, its files, the ticket, its
clocks and the counters. Between the two an action may still refuse.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from reynard.desk import records
from reynard.desk.actions import activity, counters, indexing, inline_uploads, sla, webhook_events
from reynard.desk.files import IncomingFile
from reynard.desk.models import Attachment, MessageSource, Ticket, Update
from reynard.desk.rules import activity as activity_rules
from reynard.desk.rules import custom_fields
from reynard.desk.rules.history import Change, Changes, DateChange, FieldChange, SubjectChange
from reynard.desk.rules.messages import Message
from reynard.desk.rules.tickets import Effect, Spoke, is_unresponded, join_list, split_list
from reynard.desk.selectors import fulltext
from reynard.desk.selectors.reference import Reference, StaffMember

SUBJECT_KEY_LIMIT = 100  # characters of the subject that sorting looks at


class Wanted(msgspec.Struct):
    """Properties somebody wants a ticket to have; UNSET ones stay as they are. Ids are known to exist."""

    status: int | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    assignee: int | None | UnsetType = UNSET
    due_date: date | None | UnsetType = UNSET
    category: int | UnsetType = UNSET
    subject: str | UnsetType = UNSET
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    add_time: int = 0  # minutes
    custom_values: Mapping[str, Any] = {}  # {"<field id>": value or None}


class Author(msgspec.Struct, frozen=True):
    type: Update.Author
    id: int | None
    name: str
    email: str | None

    @classmethod
    def staff(cls, person: StaffMember) -> "Author":
        return cls(Update.Author.STAFF, person.id, person.name, person.email)


SYSTEM = Author(Update.Author.SYSTEM, None, "", None)


class Entry(msgspec.Struct):
    """What an update carries besides the changes."""

    author: Author
    message: Message | None = None
    private: bool = False
    subject: str = ""
    cc: str = ""
    bcc: str = ""
    forward_to: str | None = None
    customer_updated: bool = False
    parent_id: int | None = None
    time_spent: int | None = None  # minutes
    files: Sequence[IncomingFile] = ()
    images: inline_uploads.Images = {}  # uploads that the message shows, which become files of it, too

    @property
    def all_files(self) -> list[IncomingFile]:
        return [*self.files, *self.images.values()]

    @property
    def has_message(self) -> bool:
        return self.message is not None or bool(self.files)


def apply(ticket: Ticket, wanted: Wanted, reference: Reference) -> Changes:
    """Change the ticket in memory; returns what is different now."""
    changes = Changes()
    if wanted.status is not UNSET and wanted.status != ticket.status_id:
        changes.status = _named(ticket.status_id, wanted.status, reference.statuses)
        ticket.status_id = wanted.status
    if wanted.priority is not UNSET and wanted.priority != ticket.priority_id:
        changes.priority = _named(ticket.priority_id, wanted.priority, reference.priorities)
        ticket.priority_id = wanted.priority
    if wanted.category is not UNSET and wanted.category != ticket.category_id:
        changes.category = _named(ticket.category_id, wanted.category, reference.categories)
        ticket.category_id = wanted.category
    if wanted.assignee is not UNSET and wanted.assignee != ticket.assignee_id:
        changes.assignee = _named(ticket.assignee_id, wanted.assignee, reference.staff)
        ticket.assignee_id = wanted.assignee
    if wanted.due_date is not UNSET and wanted.due_date != ticket.due_date:
        changes.due_date = DateChange(_iso(ticket.due_date), _iso(wanted.due_date))
        ticket.due_date = wanted.due_date
    if wanted.subject is not UNSET and wanted.subject != ticket.subject:
        changes.subject = SubjectChange(ticket.subject, wanted.subject)
        ticket.subject, ticket.subject_key = wanted.subject, subject_key(wanted.subject)
    changes.tags_added, changes.tags_removed = _set_tags(ticket, wanted.add_tags, wanted.remove_tags)
    changes.custom_fields = set_values(ticket.custom_values, wanted.custom_values, reference.ticket_fields)
    ticket.time_spent = (ticket.time_spent or 0) + wanted.add_time if wanted.add_time else ticket.time_spent
    return changes


def subject_key(subject: str) -> str:
    """What tickets are sorted by when they are sorted by their subjects."""
    return subject.casefold()[:SUBJECT_KEY_LIMIT]


def initial(ticket: Ticket, reference: Reference) -> Changes:
    """The changes of the first entry: everything from nothing (tickets.md §1.2)."""
    return Changes(
        status=_named(None, ticket.status_id, reference.statuses),
        priority=_named(None, ticket.priority_id, reference.priorities),
        assignee=_named(None, ticket.assignee_id, reference.staff) if ticket.assignee_id else None,
        due_date=DateChange(None, _iso(ticket.due_date)) if ticket.due_date else None,
        custom_fields=[
            FieldChange(field.id, field.name, "", custom_fields.shown_as_text(field, value))
            for key, value in ticket.custom_values.items()
            if (field := reference.ticket_fields.get(int(key)))
        ],
        tags_added=split_list(ticket.tags),
    )


def set_values(
    values: dict[str, Any], wanted: Mapping[str, Any], fields: Mapping[int, custom_fields.Field]
) -> list[FieldChange]:
    """Put custom values into a document of a ticket or contact; None removes. Returns what changed.

    A choice that was deleted counts as empty: losing it was no change of this ticket.
    """
    changed = []
    for key, new in wanted.items():
        field = fields[int(key)]
        old = custom_fields.present(field, values.get(key))
        if old == new:
            continue
        if new is None:
            del values[key]
        else:
            values[key] = new
        texts = (custom_fields.shown_as_text(field, value) for value in (old, new))
        changed.append(FieldChange(field.id, field.name, *texts))
    return changed


def record(
    ticket: Ticket,
    changes: Changes,
    entry: Entry,
    effect: Effect,
    reference: Reference,
    *,
    place_before: counters.Place | None,
    moment: datetime,
    now: datetime,
) -> Update:
    """Write the entry, the ticket, and who is told. `moment` is when it happened by its author's word, `now` the clock.

    A new ticket comes unsaved, with `place_before` None; one that is being deleted has its `deleted_at`.
    """
    if entry.has_message:
        ticket.messages_count += 1
        ticket.attachments_count += len(entry.all_files)
    _mark_times(ticket, changes, entry, effect, reference, moment, now)
    created = ticket.pk is None
    counted = activity_rules.follow(ticket, _step(changes, entry, reference, moment, opens=created))
    if created:
        records.insert(ticket)
    update = _insert_update(ticket, changes, entry, moment)
    ticket.last_update_id = update.id
    if effect.spoke is Spoke.STAFF:
        ticket.last_staff_message_id = update.id
    ticket.version += 0 if created else 1
    records.update(ticket, *(["last_update_id"] if created else _written(ticket, changes)))
    if ticket.deleted_at:
        activity.forget(ticket)
    elif counted:
        activity.add(update, counted)
    _index(ticket, changes, entry, reference, created=created)
    sla.follow(
        ticket,
        reference,
        created=created,
        contact_replied=effect.spoke is Spoke.CONTACT and not created,
        unassigned=changes.assignee is not None and changes.assignee.new is None,
        now=now,
    )
    _count(ticket, place_before, reference)
    webhook_events.update_written(ticket, update, changes, reference, created=created, now=now)
    return update


_WRITABLE = (
    "category status priority assignee tags due_date time_spent custom_values messages_count attachments_count "
    "contact_spoke_last unresponded last_contact_reply_at last_staff_reply_at last_updated_at last_modified_at "
    "last_completed_at waiting_since staff_replies contact_replies completed_seconds replies_to_completion "
    "version last_update_id last_staff_message_id"
).split()


def _written(ticket: Ticket, changes: Changes) -> list[str]:
    """Columns to write. What indexes look at is named only when it changed: SQLite rewrites what is named."""
    renamed = ["subject", "subject_key"] if changes.subject else []
    corrected = ["first_message"] if changes.correction else []
    merged = ["merged_to"] if changes.merging and changes.merging.into else []
    return [*_WRITABLE, *renamed, *corrected, *merged, *(["deleted_at"] if ticket.deleted_at else [])]


def touch(ticket: Ticket, reference: Reference, *, now: datetime) -> None:
    """A change that leaves no entry in the history (subscribers)."""
    ticket.version += 1
    ticket.last_modified_at = now
    records.update(ticket, "version", "last_modified_at")
    webhook_events.ticket_touched(ticket, reference, now=now)


def _mark_times(
    ticket: Ticket,
    changes: Changes,
    entry: Entry,
    effect: Effect,
    reference: Reference,
    moment: datetime,
    now: datetime,
) -> None:
    pending = reference.pending(ticket.status_id)
    if effect.spoke is Spoke.CONTACT:
        ticket.last_contact_reply_at = moment
    if effect.spoke is Spoke.STAFF:
        ticket.last_staff_reply_at = moment
    if effect.spoke is not Spoke.NOBODY:
        ticket.contact_spoke_last = effect.spoke is Spoke.CONTACT
    if effect.moves_last_updated:
        ticket.last_updated_at = moment
    if changes.status and not pending:
        ticket.last_completed_at = moment
    ticket.last_modified_at = now
    ticket.unresponded = is_unresponded(contact_spoke_last=ticket.contact_spoke_last, pending=pending)


def _step(
    changes: Changes, entry: Entry, reference: Reference, moment: datetime, *, opens: bool
) -> activity_rules.Step:
    return activity_rules.read(
        changes,
        at=moment,
        author=entry.author.type,
        message_type=_message_type(entry),
        forwarded=entry.forward_to is not None,
        minutes=entry.time_spent,
        opens=opens,
        completed=reference.completed,
    )


def _insert_update(ticket: Ticket, changes: Changes, entry: Entry, moment: datetime) -> Update:
    message = entry.message or Message("", "")
    update = Update(
        ticket_id=ticket.id,
        created_at=moment,
        author_type=entry.author.type,
        author_id=entry.author.id,
        author_name=entry.author.name,
        author_email=entry.author.email,
        message_type=_message_type(entry),
        text=message.text,
        html=message.html,
        subject=entry.subject,
        cc=entry.cc,
        bcc=entry.bcc,
        forward_to=entry.forward_to,
        customer_updated=entry.customer_updated,
        parent_id=entry.parent_id,
        time_spent=entry.time_spent,
        attachments_count=len(entry.all_files),
        changes=changes.to_text(),
        category_id=ticket.category_id,
        left_category_id=changes.category.old if changes.category else None,
    )
    records.insert(update)
    if message.source_html is not None:
        MessageSource.objects.create(update_id=update.id, html=message.source_html)
    if entry.all_files:
        ids = attach(update, entry.all_files)
        if entry.images:
            inline_uploads.keep(update, dict(zip(entry.images, ids[len(entry.files) :], strict=True)))
    return update


def attach(update: Update, files: Sequence[IncomingFile]) -> list[int]:
    """Make kept files attachments of a message; returns their ids. What counts them is left to the caller."""
    rows = [Attachment(update_id=update.id, **msgspec.structs.asdict(file)) for file in files]
    return [row.id for row in Attachment.objects.bulk_create(rows)]


def _index(ticket: Ticket, changes: Changes, entry: Entry, reference: Reference, *, created: bool) -> None:
    """Let the search find what was written."""
    if ticket.index_generation != reference.search_generation:
        return  # the ticket comes into the index whole, by reindexing
    if ticket.deleted_at:
        indexing.remove_ticket(ticket)
        return
    message = indexing.newest_message(ticket, entry.message, entry.all_files) if entry.has_message else []
    if created:
        indexing.add_ticket(ticket, message, reference)
        return
    fulltext.add(message)
    indexing.change_head(ticket, changes)
    indexing.change_values(ticket, [change.id for change in changes.custom_fields], reference)


def _message_type(entry: Entry) -> Update.MessageType:
    if not entry.has_message:
        return Update.MessageType.NONE
    return Update.MessageType.PRIVATE if entry.private else Update.MessageType.PUBLIC


def _count(ticket: Ticket, before: counters.Place | None, reference: Reference) -> None:
    after = None if ticket.deleted_at else counters.place_of(ticket)
    was_pending = before is not None and reference.pending(before.status_id)
    is_pending = after is not None and reference.pending(after.status_id)
    counters.count_for_contact(
        ticket.contact_id,
        tickets=int(after is not None) - int(before is not None),
        pending=int(is_pending) - int(was_pending),
    )
    counters.move_ticket(before, after)


def _set_tags(ticket: Ticket, add: Sequence[str], remove: Sequence[str]) -> tuple[list[str], list[str]]:
    """Add tags, then remove some: a tag in both lists ends up removed (tickets.md §13). Returns what changed."""
    present = split_list(ticket.tags)
    unwanted = set(remove)
    removed = [tag for tag in present if tag in unwanted]
    known = {*present, *unwanted}
    added = [tag for tag in dict.fromkeys(add) if tag not in known]
    ticket.tags = join_list([tag for tag in present if tag not in unwanted] + added)
    return added, removed


def _named(old: int | None, new: int | None, names: Mapping[int, Any]) -> Change:
    return Change(old, new, names[old].name if old else None, names[new].name if new else None)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
