"""The history of one ticket as people read it: newest last, from its end, bounded."""

from datetime import datetime

import msgspec

from reynard.desk.errors import NotFound
from reynard.desk.models import Attachment, Update
from reynard.desk.rules.history import Changes

PREVIEW_BYTES = 8_000_000  # of a picture; larger ones load when they are opened
ENTRIES_SHOWN = 100  # of the history at once; earlier ones are asked for


class File(msgspec.Struct, frozen=True):
    id: int
    filename: str
    content_type: str
    size: int  # bytes

    @property
    def is_picture(self) -> bool:
        return self.content_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}

    @property
    def has_preview(self) -> bool:
        return self.is_picture and self.size <= PREVIEW_BYTES

    @property
    def is_pdf(self) -> bool:
        return self.content_type == "application/pdf"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One update. `html` is clean and names images of the desk as rules/inline_images keeps them."""

    id: int
    at: datetime
    author_type: str  # of Update.Author
    author_id: int | None
    author_name: str
    author_email: str | None
    has_message: bool
    is_private: bool
    was_deleted: bool  # it had a message once
    was_edited: bool
    moved_to: int | None = None  # of a deleted message: the ticket that has it now
    text: str
    html: str
    subject: str
    cc: str
    bcc: str
    forward_to: str | None
    customer_updated: bool
    time_spent: int | None  # minutes
    files: list[File]
    changes: Changes

    @property
    def message_type(self) -> str:
        return Update.MessageType.PRIVATE if self.is_private else Update.MessageType.PUBLIC

    @property
    def opens(self) -> bool:
        """Whether this is the first entry of its ticket, whose changes are from nothing."""
        return self.changes.status is not None and self.changes.status.old is None


class Conversation(msgspec.Struct, frozen=True):
    entries: list[Entry]
    has_earlier: bool

    @property
    def first_id(self) -> int:
        return self.entries[0].id if self.entries else 0

    @property
    def last_id(self) -> int:
        return self.entries[-1].id if self.entries else 0


def of(ticket_id: int, *, before: int | None = None, after: int | None = None) -> Conversation:
    """The last entries of a ticket's history, those `before` an update, or all newer than `after`; two statements."""
    wanted = Update.objects.filter(ticket_id=ticket_id).order_by("-id")
    if before is not None:
        wanted = wanted.filter(id__lt=before)
    if after is not None:
        wanted = wanted.filter(id__gt=after)
    updates = list(wanted.prefetch_related("attachments")[: ENTRIES_SHOWN + 1])
    entries = [_entry(update) for update in updates[:ENTRIES_SHOWN]]
    return Conversation(_with_moves(entries[::-1]), has_earlier=len(updates) > ENTRIES_SHOWN)


def one(ticket_id: int, update_id: int) -> Entry:
    """One entry of a ticket's history. Raises NotFound."""
    update = Update.objects.filter(id=update_id, ticket_id=ticket_id).prefetch_related("attachments").first()
    if update is None:
        raise NotFound
    return _entry(update)


def _with_moves(entries: list[Entry]) -> list[Entry]:
    """Messages that a later entry says were moved, with where they are."""
    moved = {
        entry.changes.correction.update_id: entry.changes.moved_to
        for entry in entries
        if entry.changes.correction and entry.changes.moved_to
    }
    return [
        msgspec.structs.replace(entry, moved_to=moved[entry.id]) if entry.id in moved else entry for entry in entries
    ]


class Missed(msgspec.Struct, frozen=True):
    id: int
    author_name: str
    by_staff: bool


def missed(ticket_id: int, *, after: int, by: int) -> Missed | None:
    """The first public message after an update that is not by this member of staff."""
    newer = Update.objects.filter(ticket_id=ticket_id, id__gt=after, message_type=Update.MessageType.PUBLIC)
    others = newer.exclude(author_type=Update.Author.STAFF, author_id=by).order_by("id")
    row = others.values_list("id", "author_name", "author_type").first()
    return Missed(row[0], row[1], row[2] == Update.Author.STAFF) if row else None


def _entry(update: Update) -> Entry:
    files = sorted(update.attachments.all(), key=lambda file: file.id) if update.attachments_count else []
    return Entry(
        id=update.id,
        at=update.created_at,
        author_type=update.author_type,
        author_id=update.author_id,
        author_name=update.author_name,
        author_email=update.author_email,
        has_message=update.message_type in {Update.MessageType.PUBLIC, Update.MessageType.PRIVATE},
        is_private=update.message_type == Update.MessageType.PRIVATE,
        was_deleted=update.message_type == Update.MessageType.DELETED,
        was_edited=update.edited_at is not None,
        text=update.text,
        html=update.html,
        subject=update.subject,
        cc=update.cc,
        bcc=update.bcc,
        forward_to=update.forward_to,
        customer_updated=update.customer_updated,
        time_spent=update.time_spent,
        files=[_file(file) for file in files],
        changes=msgspec.json.decode(update.changes, type=Changes) if update.changes else Changes(),
    )


def _file(file: Attachment) -> File:
    return File(file.id, file.filename, file.content_type, file.size)
