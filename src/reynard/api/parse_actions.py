"""The bodies of the ticket actions as typed input for the desk (tickets.md §12 to §17); see api/parse."""

from typing import Any

from msgspec import UnsetType

from reynard.api.parse import SUBJECT_LIMIT, Fields
from reynard.desk.actions.corrections import Edit, Hiding
from reynard.desk.actions.forwarding import Forward
from reynard.desk.actions.held_mails import Release
from reynard.desk.actions.ticket_changes import Deletion, FieldChanges, Move, Subscribers, TagChanges
from reynard.desk.errors import Problems
from reynard.desk.files import IncomingFile

IDS_LIMIT = 100  # ids in one list


def field_changes(data: Any, files: list[IncomingFile], problems: Problems) -> FieldChanges:
    """tickets.md §12."""
    fields = Fields(data, problems)
    return FieldChanges(staff=fields.id("staff"), custom_values=fields.custom_values("t-cf"))


def tag_changes(data: Any, files: list[IncomingFile], problems: Problems) -> TagChanges:
    """tickets.md §13."""
    fields = Fields(data, problems)
    return TagChanges(staff=fields.id("staff_id", field="staff"), add=fields.tags("add"), remove=fields.tags("remove"))


def subscribers(data: Any, files: list[IncomingFile], problems: Problems) -> Subscribers:
    """tickets.md §14."""
    fields = Fields(data, problems)
    return Subscribers(
        staff=fields.id("staff_id", field="staff"), others=fields.ids("data", field="others", limit=IDS_LIMIT)
    )


def subscriber(data: Any, files: list[IncomingFile], problems: Problems) -> Subscribers:
    """tickets.md §14, unsubscribe."""
    return Subscribers(staff=Fields(data, problems).id("staff_id", field="staff"))


def forward(data: Any, files: list[IncomingFile], problems: Problems) -> Forward:
    """tickets.md §15."""
    fields = Fields(data, problems)
    return Forward(
        staff=fields.id("staff_id", field="staff"),
        to=fields.addresses("to"),
        to_contact=bool(fields.boolean("to_include_ticket_contact", field="to_contact")),
        cc=fields.addresses("cc"),
        cc_contact=bool(fields.boolean("cc_include_ticket_contact", field="cc_contact")),
        bcc=fields.addresses("bcc"),
        subject=fields.line("subject", limit=SUBJECT_LIMIT),
        message=fields.message("message", "text"),
        files=files,
        attachments=fields.ids("ticket_attachments", field="ticket_files", limit=IDS_LIMIT),
        all_messages=fields.boolean("send_all_messages") is not False,
        private_notes=bool(fields.boolean("include_pvt_notes")),
        replies_open_tickets=fields.boolean("convert_replies_as_new_ticket") is not False,
    )


def move(data: Any, files: list[IncomingFile], problems: Problems) -> Move:
    """tickets.md §16."""
    fields = Fields(data, problems)
    return Move(
        staff=fields.id("staff_id", field="staff"),
        category=fields.id("target_category_id", field="category"),
        note=fields.plain_message("move_note"),
        assignee=fields.id("assign_to", field="assignee"),
    )


def edit(data: Any, files: list[IncomingFile], problems: Problems) -> Edit:
    """The new content of a message (observed.md §2)."""
    fields = Fields(data, problems)
    return Edit(
        staff=fields.id("staff_id", field="staff"),
        message=fields.message("text", "plaintext"),
        remove_files=fields.ids("remove_attachments", field="remove_files", limit=IDS_LIMIT),
    )


def hiding(data: Any, files: list[IncomingFile], problems: Problems) -> Hiding:
    """Who deletes a message, or makes one private (observed.md §2)."""
    return Hiding(staff=Fields(data, problems).id("staff_id", field="staff"))


def mail_release(data: Any, files: list[IncomingFile], problems: Problems) -> Release:
    """Where a received mail belongs (docs/mail.md)."""
    fields = Fields(data, problems)
    return Release(staff=fields.id("staff_id", field="staff"), ticket=fields.id("ticket_id", field="ticket"))


def mail_ignoring(data: Any, files: list[IncomingFile], problems: Problems) -> int | UnsetType:
    """Who says that nothing becomes of a received mail."""
    return Fields(data, problems).id("staff_id", field="staff")


def deletion(data: Any, files: list[IncomingFile], problems: Problems) -> Deletion:
    """tickets.md §17."""
    return Deletion(staff=Fields(data, problems).id("staff_id", field="staff"))
