"""What an entry of the history remembers of the properties it changed, with the names of that moment."""

import msgspec


class Change(msgspec.Struct, frozen=True):
    """Ids and names before and after; None for "not set"."""

    old: int | None
    new: int | None
    old_name: str | None
    new_name: str | None


class DateChange(msgspec.Struct, frozen=True):
    """Dates as `YYYY-MM-DD`; None for "not set"."""

    old: str | None
    new: str | None


class SubjectChange(msgspec.Struct, frozen=True):
    old: str
    new: str


class FieldChange(msgspec.Struct, frozen=True):
    """A custom field; values as texts, "" for empty."""

    id: int
    name: str
    old: str
    new: str


class Correction(msgspec.Struct, frozen=True):
    """What was done to the message of an earlier entry: `kind` is one of UpdateRevision.Kind."""

    update_id: int
    kind: str


class Merging(msgspec.Struct, frozen=True, omit_defaults=True):
    """Numbers of tickets: `into`, on a ticket that was merged into that one; `tickets`, on that one. `undone`: both
    are separate again."""

    into: int | None = None
    tickets: list[int] = []
    undone: bool = False


class Changes(msgspec.Struct, omit_defaults=True):
    """Stored as JSON text in `Update.changes`."""

    status: Change | None = None
    priority: Change | None = None
    assignee: Change | None = None
    category: Change | None = None
    due_date: DateChange | None = None
    subject: SubjectChange | None = None
    custom_fields: list[FieldChange] = []
    contact_fields: list[FieldChange] = []
    tags_added: list[str] = []
    tags_removed: list[str] = []
    correction: Correction | None = None
    merging: Merging | None = None
    moved_to: int | None = None  # the ticket that the message of the correction is in now
    moved_from: int | None = None  # the ticket that the message of this entry was in
    deleted: bool = False  # the last entry of a deleted ticket, kept for audits

    def to_text(self) -> str | None:
        """The JSON text to store; None when nothing changed."""
        text = msgspec.json.encode(self).decode()
        return None if text == "{}" else text
