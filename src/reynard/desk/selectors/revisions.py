"""What messages were before they were corrected."""

from datetime import datetime
from typing import NamedTuple

from reynard.desk.errors import NotFound
from reynard.desk.models import RevisionFile, Update, UpdateRevision


class FileRow(NamedTuple):
    attachment_id: int
    filename: str
    content_type: str
    size: int
    sha256: str


class RevisionRow(NamedTuple):
    """A correction: the entry that records it, by whom, and the message until then."""

    id: int
    entry_id: int
    kind: str
    moment: datetime
    author_type: str
    author_id: int
    author_name: str
    author_email: str | None
    message_type: str
    text: str
    html: str
    subject: str
    cc: str
    bcc: str
    forward_to: str | None


class Page(NamedTuple):
    total: int
    start: int  # 0-based index of the first row in the whole list
    rows: list[RevisionRow]
    files: dict[int, list[FileRow]]  # by the id of the revision


_COLUMNS = (
    "id correction_id kind correction__created_at correction__author_type correction__author_id "
    "correction__author_name correction__author_email message_type text html subject cc bcc forward_to"
).split()


def page(ticket_id: int, update_id: int, *, size: int, page: int) -> Page:
    """One page of the corrections of a message, oldest first. Raises NotFound when the ticket has no such update."""
    if not Update.objects.filter(id=update_id, ticket_id=ticket_id).exists():
        raise NotFound
    known = UpdateRevision.objects.filter(update_id=update_id)
    start = (page - 1) * size
    rows = [RevisionRow(*row) for row in known.order_by("id").values_list(*_COLUMNS)[start : start + size]]
    files: dict[int, list[FileRow]] = {}
    found = RevisionFile.objects.filter(revision_id__in=[row.id for row in rows]).order_by("id")
    for revision_id, *file in found.values_list("revision_id", *FileRow._fields):
        files.setdefault(revision_id, []).append(FileRow(*file))
    return Page(known.count(), start, rows, files)
