"""One file of a ticket, found by its id."""

from typing import NamedTuple

from reynard.desk import db
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference

_COLUMNS = "a.id, a.filename, a.content_type, a.size, a.sha256, u.id, t.id"
_ONE = (
    f"SELECT {_COLUMNS} FROM desk_attachment a JOIN desk_update u ON u.id = a.update_id "
    "JOIN desk_ticket t ON t.id = u.ticket_id WHERE a.id = %s AND t.deleted_at IS NULL"
)


class AttachmentRow(NamedTuple):
    id: int
    filename: str
    content_type: str
    size: int
    sha256: str
    update_id: int
    ticket_id: int


def one(attachment_id: int, reference: Reference) -> AttachmentRow | None:
    """None for a file that does not exist for the caller, as its ticket does not."""
    scope = access.in_scope(reference, "t.category_id")
    return _row(f"{_ONE} AND {scope.where}", (attachment_id, *scope.values))


def of_address(attachment_id: int) -> AttachmentRow | None:
    """The file of a signed address, for whoever has it; None when its ticket is deleted."""
    return _row(_ONE, (attachment_id,))


def _row(sql: str, values: tuple[int, ...]) -> AttachmentRow | None:
    return next(map(AttachmentRow._make, db.rows(sql, values)), None)
