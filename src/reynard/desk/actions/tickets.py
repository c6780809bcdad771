"""What people do to tickets: open, reply, note. One function per verb, used by every door.

Each takes what its door read, together with the problems the door found, so that all of them are reported at once.
Each is one transaction: lock, check, change, history, counters.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from reynard.desk import db, records
from reynard.desk.actions import changes, checks, counters, inline_uploads, mentions, outbox, people
from reynard.desk.actions.changes import Author, Entry, Wanted
from reynard.desk.errors import NEEDED_TO_COMPLETE, NOT_A_CHOICE, Changed, NothingToUpdate, Problems, Refused
from reynard.desk.files import IncomingFile
from reynard.desk.models import Contact, Ticket, Update
from reynard.desk.rules import custom_fields, notify
from reynard.desk.rules import tickets as rules
from reynard.desk.rules.contacts import digits
from reynard.desk.rules.messages import Message
from reynard.desk.selectors import access, merged
from reynard.desk.selectors.reference import Reference, StaffMember

NAME_LIMIT = 255


class NewTicket(msgspec.Struct, kw_only=True):
    """A ticket to be opened by a known contact (`contact`), or by whoever has `email`. UNSET: not sent."""

    contact: int | UnsetType = UNSET
    email: str = ""
    name: str = ""
    phone: str = ""
    subject: str = ""
    message: Message | None = None
    category: int | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    assignee: int | None = None
    tags: Sequence[str] = ()
    cc: str = ""
    bcc: str = ""
    created_at: datetime | None = None
    due_date: date | None = None
    visible_only_staff: bool | None = None
    custom_values: checks.RawValues = {}
    contact_values: checks.RawValues = {}
    files: Sequence[IncomingFile] = ()
    source: str = "TKT_CREATION_API"


class StaffUpdate(msgspec.Struct, kw_only=True):
    """A public reply, or a private note, and changes of properties, in one step. UNSET: not sent."""

    staff: int | UnsetType = UNSET
    message: Message | None = None
    files: Sequence[IncomingFile] = ()
    status: int | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    assignee: int | None | UnsetType = UNSET
    due_date: date | None | UnsetType = UNSET
    new_subject: str | UnsetType = UNSET  # renames the ticket; `subject` is that of the reply
    tags: Sequence[str] = ()
    replace_tags: bool = False  # the ticket has `tags` and no others then
    time_spent: int | None = None  # minutes
    custom_values: checks.RawValues = {}
    contact_values: checks.RawValues = {}
    subject: str = ""
    cc: str = ""
    bcc: str = ""
    update_customer: bool = False
    send_survey: bool = False
    last_staff_message: int | None = None
    parent: int | None = None
    alert: Sequence[str] = ()  # "s", "c" or staff ids, for notes
    tells_named: bool = False  # whether a note tells the colleagues its text names (rules/mentions)
    hold: timedelta = timedelta()  # before its mails leave: so long it can be withdrawn (actions/withdrawing)

    @property
    def has_message(self) -> bool:
        return self.message is not None or bool(self.files)

    def unwanted_tags(self, ticket: Ticket) -> list[str]:
        """Tags the ticket has and is to lose."""
        return [tag for tag in rules.split_list(ticket.tags) if tag not in self.tags] if self.replace_tags else []


class ContactReply(msgspec.Struct, kw_only=True):
    contact: int | UnsetType = UNSET
    message: Message | None = None
    files: Sequence[IncomingFile] = ()
    cc: str = ""
    bcc: str = ""


def open_ticket(new: NewTicket, *, reference: Reference, now: datetime, problems: Problems | None = None) -> int:
    """Open a ticket and return its number (tickets.md §6). Raises Invalid."""
    problems = problems or Problems()
    with db.write():
        contact = _find_contact(new, problems)
        custom_values = _check_new_ticket(new, reference, problems)
        contact_values = _check_contact_values(new, contact, reference, problems)
        images = inline_uploads.used_in(new.message, new.files, problems, now=now)
        problems.raise_if_any()
        contact = _bring_contact(new, contact, contact_values, reference, now)
        ticket = new_row(new, contact, custom_values, reference)
        moment = new.created_at or now
        ticket.created_at = moment
        entry = Entry(
            author=_contact_author(contact),
            message=new.message,
            cc=new.cc,
            bcc=new.bcc,
            files=new.files,
            images=images,
        )
        update = changes.record(
            ticket,
            changes.initial(ticket, reference),
            entry,
            rules.OPEN_TICKET,
            reference,
            place_before=None,
            moment=moment,
            now=now,
        )
        if notify.is_news(moment, now):
            audience = outbox.Audience(ticket, entry, reference, contact_email=contact.email)
            outbox.tell(notify.Event.CREATED, audience, update, now=now)
    return ticket.id


def add_staff_update(
    number: int,
    given: StaffUpdate,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> int:
    """A reply the contact can see, changes of properties, or both (tickets.md §9); the id of the update.

    Raises NotFound, Changed, Invalid, Refused (completion rule, agent collision), NothingToUpdate.
    """
    effect = rules.STAFF_REPLY if given.has_message else rules.STAFF_CHANGES
    return _staff_writes(number, given, effect, reference, now, problems, expected_versions, private=False)


def add_private_note(
    number: int,
    given: StaffUpdate,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> int:
    """A message only staff see, and changes of properties (tickets.md §10). Raises like `add_staff_update`."""
    return _staff_writes(number, given, rules.PRIVATE_NOTE, reference, now, problems, expected_versions, private=True)


def add_contact_reply(
    number: int,
    given: ContactReply,
    *,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> None:
    """A reply by a contact, which reopens a completed ticket (tickets.md §11). Raises NotFound, Changed, Invalid.

    A reply to a ticket that was merged goes to the one it was merged into.
    """
    problems = problems or Problems()
    with db.write():
        ticket = _lock_for_reply(number, expected_versions, reference)
        contact = _existing_contact(given.contact, problems)
        checks.require_message(given.message is not None or bool(given.files), problems)
        images = inline_uploads.used_in(given.message, given.files, problems, now=now)
        problems.raise_if_any()
        assert contact is not None
        place_before = counters.place_of(ticket)
        reopened = UNSET if reference.pending(ticket.status_id) else reference.default_status.id
        changed = changes.apply(ticket, Wanted(status=reopened), reference)
        entry = Entry(
            author=_contact_author(contact),
            message=given.message,
            cc=given.cc,
            bcc=given.bcc,
            files=given.files,
            images=images,
        )
        update = changes.record(
            ticket, changed, entry, rules.CONTACT_REPLY, reference, place_before=place_before, moment=now, now=now
        )
        outbox.tell(notify.Event.CONTACT_REPLY, outbox.Audience(ticket, entry, reference), update, now=now)


def _staff_writes(
    number: int,
    given: StaffUpdate,
    effect: rules.Effect,
    reference: Reference,
    now: datetime,
    problems: Problems | None,
    expected_versions: frozenset[int] | None,
    *,
    private: bool,
) -> int:
    problems = problems or Problems()
    with db.write():
        ticket = checks.lock_ticket(number, expected_versions, reference)
        author = checks.acting_staff(given.staff, reference, problems)
        access.demand(author, _permissions(ticket, given, reference, private=private), problems)
        wanted = _check_staff_update(ticket, given, reference, problems)
        contact = people.lock_contact(ticket.contact_id) if given.contact_values else None
        contact_values = _check_staffs_contact_values(contact, given, reference, problems)
        images = inline_uploads.used_in(given.message, given.files, problems, now=now)
        problems.raise_if_any()
        assert author is not None
        _refuse_collision(ticket, given)
        place_before = counters.place_of(ticket)
        changed = changes.apply(ticket, wanted, reference)
        _refuse_incomplete(ticket, changed, reference)
        if contact is not None:
            changed.contact_fields = people.set_contact_values(contact, contact_values, reference=reference, now=now)
        if not (given.has_message or given.time_spent or changed.to_text()):
            raise NothingToUpdate
        entry = _staff_entry(author, given, images, private=private)
        update = changes.record(
            ticket, changed, entry, effect, reference, place_before=place_before, moment=now, now=now
        )
        text = entry.message.text if entry.private and given.tells_named and entry.message else ""
        mentioned = mentions.found_in(text, ticket, reference, author=author.id)
        mentions.note(update, mentioned)
        audience = outbox.Audience(
            ticket,
            entry,
            reference,
            newly_assigned=changed.assignee is not None,
            alert=given.alert,
            mentioned=mentioned,
        )
        survey = {"survey": True} if entry.customer_updated and given.send_survey else {}
        outbox.tell(_staff_event(entry), audience, update, now=now, options=survey, hold=given.hold)
    return update.id


def _permissions(ticket: Ticket, given: StaffUpdate, reference: Reference, *, private: bool) -> list[str]:
    return access.codes_to_update(
        ticket,
        reference,
        replies=given.has_message and not private,
        status=given.status,
        assignee=given.assignee,
        due_date=given.due_date,
        subject=given.new_subject,
        add_tags=given.tags,
        remove_tags=given.unwanted_tags(ticket),
    )


def _staff_event(entry: Entry) -> notify.Event:
    if not entry.has_message:
        return notify.Event.CHANGES
    if entry.private:
        return notify.Event.NOTE
    return notify.Event.MAILED_REPLY if entry.customer_updated else notify.Event.QUIET_REPLY


def _staff_entry(author: StaffMember, given: StaffUpdate, images: inline_uploads.Images, *, private: bool) -> Entry:
    return Entry(
        author=Author.staff(author),
        message=given.message,
        private=private,
        subject=given.subject,
        cc=given.cc,
        bcc=given.bcc,
        customer_updated=given.update_customer and given.has_message,
        parent_id=given.parent,
        time_spent=given.time_spent,
        files=given.files,
        images=images,
    )


# --- finding, and locking


def _find_contact(new: NewTicket, problems: Problems) -> Contact | None:
    """The contact meant, None for one to be added. An id wins over an address."""
    if new.contact is not UNSET:
        return _existing_contact(new.contact, problems)
    if "contact" in problems:
        return None
    problems.require("email", bool(new.email))
    contact = people.find_by_email(new.email) if new.email and "email" not in problems else None
    if contact is None:
        problems.require("name", bool(new.name.strip()))
    return contact


def _existing_contact(contact_id: int | UnsetType, problems: Problems) -> Contact | None:
    problems.require("contact", contact_id is not UNSET)
    if contact_id is UNSET:
        return None
    contact = records.load(Contact, "id = %s", [contact_id])
    if contact is None:
        problems.add("contact", NOT_A_CHOICE)
    return contact


def _bring_contact(
    new: NewTicket, contact: Contact | None, values: Mapping[str, Any], reference: Reference, now: datetime
) -> Contact:
    """The contact of a new ticket, added or brought up to date with what was sent (tickets.md §6)."""
    added = False
    if contact is None:
        contact, added = people.find_or_add_contact(
            name=new.name.strip(), email=new.email, custom_values=values, reference=reference, now=now
        )
    phone = new.phone if digits(new.phone) else ""
    if not added and (values or phone):
        contact = people.lock_contact(contact.id)
        people.set_contact_values(contact, values, reference=reference, now=now)
    if phone:
        people.add_phone(contact, phone, now=now)
    return contact


def _lock_for_reply(number: int, expected_versions: frozenset[int] | None, reference: Reference) -> Ticket:
    """The ticket that a contact's answer belongs to; the expected versions are those of the one it was sent to.

    Only that one is locked, so that nobody waits in a circle with those who merge. A ticket that is merged at this very
    moment takes its reply itself, and is opened again by it.
    """
    target = merged.target_of(number)
    if target == number:
        return checks.lock_ticket(number, expected_versions, reference)
    named = access.find_ticket(number, reference)
    if expected_versions is not None and named.version not in expected_versions:
        raise Changed
    return checks.lock_ticket(target, None, reference.whole)


def _contact_author(contact: Contact) -> Author:
    return Author(Update.Author.CONTACT, contact.id, contact.name, contact.email)


# --- checking


def _check_new_ticket(new: NewTicket, reference: Reference, problems: Problems) -> dict[str, Any]:
    """Everything but the contact; returns the custom values to store."""
    problems.require("subject", bool(new.subject.strip()))
    checks.require_message(new.message is not None or bool(new.files), problems)
    problems.require("category", new.category is not UNSET)
    if new.priority is not UNSET and new.priority not in reference.priorities:
        problems.add("priority", NOT_A_CHOICE)
    checks.check_assignee(new.assignee, None, reference, problems)
    category = reference.categories.get(new.category) if new.category is not UNSET else None
    if new.category is not UNSET and (category is None or not category.public):
        problems.add("category", NOT_A_CHOICE)
    if category is None:
        return {}
    there = {field.id: field for field in reference.fields_of(category.id)}
    values = checks.read_values(new.custom_values, there, "ticket_field", problems)
    checks.demand_values(there, values, "ticket_field", problems)
    return {key: value for key, value in values.items() if value is not None}


def _check_alert(alert: Sequence[str], reference: Reference, problems: Problems) -> None:
    known = {"s", "c", *(str(person.id) for person in reference.staff.values() if person.active)}
    if any(item not in known for item in alert):
        problems.add("alert", "Give s (subscribers), c (the category's staff) or the ID of an active staff member.")


def _check_contact_values(
    new: NewTicket, contact: Contact | None, reference: Reference, problems: Problems
) -> dict[str, Any]:
    fields = reference.contact_fields
    values = checks.read_values(new.contact_values, fields, "contact_field", problems)
    if contact is None and new.contact is UNSET and "contact" not in problems:
        checks.demand_values(fields, values, "contact_field", problems)
    elif contact is not None:
        checks.refuse_emptied(values, contact.custom_values, fields, "contact_field", problems)
    return values


def _check_staffs_contact_values(
    contact: Contact | None, given: StaffUpdate, reference: Reference, problems: Problems
) -> dict[str, Any]:
    if contact is None:
        return {}
    fields = reference.contact_fields
    values = checks.read_values(given.contact_values, fields, "contact_field", problems)
    checks.refuse_emptied(values, contact.custom_values, fields, "contact_field", problems)
    return values


def _check_staff_update(ticket: Ticket, given: StaffUpdate, reference: Reference, problems: Problems) -> Wanted:
    if given.status is not UNSET and given.status not in reference.statuses:
        problems.add("status", NOT_A_CHOICE)
    if given.priority is not UNSET and given.priority not in reference.priorities:
        problems.add("priority", NOT_A_CHOICE)
    if given.new_subject is not UNSET:
        problems.require("new_subject", bool(given.new_subject.strip()))
    checks.check_assignee(given.assignee, ticket.assignee_id, reference, problems)
    _check_alert(given.alert, reference, problems)
    if given.parent is not None and not Update.objects.filter(id=given.parent, ticket_id=ticket.id).exists():
        problems.add("parent_update", NOT_A_CHOICE)
    if reference.categories[ticket.category_id].time_spent_mandatory and given.has_message:
        problems.require("time_spent", given.time_spent is not None)
    there = {field.id: field for field in reference.fields_of(ticket.category_id)}
    values = checks.read_values(given.custom_values, there, "ticket_field", problems)
    checks.refuse_emptied(values, ticket.custom_values, there, "ticket_field", problems)
    return Wanted(
        status=given.status,
        priority=given.priority,
        assignee=given.assignee,
        due_date=given.due_date,
        subject=given.new_subject,
        add_tags=given.tags,
        remove_tags=given.unwanted_tags(ticket),
        add_time=given.time_spent or 0,
        custom_values=values,
    )


def _refuse_collision(ticket: Ticket, given: StaffUpdate) -> None:
    """Another agent answered since the sender last looked (T-18)."""
    newest = ticket.last_staff_message_id
    if given.last_staff_message is not None and newest is not None and newest > given.last_staff_message:
        text = f"Another agent has replied to this ticket (message {newest}). Read it before you send yours."
        raise Refused({"last_staff_message": text})


def _refuse_incomplete(ticket: Ticket, changed: changes.Changes, reference: Reference) -> None:
    """Completing a ticket needs every applicable field that is compulsory then (tickets.md §9)."""
    if changed.status is None or reference.pending(ticket.status_id):
        return
    if changed.status.old is not None and not reference.pending(changed.status.old):
        return
    there = {field.id: field for field in reference.fields_of(ticket.category_id)}
    demanded = [field for field in there.values() if field.compulsory_on_completed]
    empty = custom_fields.missing(demanded, there, ticket.custom_values)
    if empty:
        raise Refused({f"ticket_field:{field.id}": NEEDED_TO_COMPLETE for field in empty})


def new_row(new: NewTicket, contact: Contact, custom_values: dict[str, Any], reference: Reference) -> Ticket:
    """A ticket that is not stored yet, nor counted: see changes.record."""
    assert new.category is not UNSET
    return Ticket(
        subject=new.subject,
        subject_key=changes.subject_key(new.subject),
        first_message=new.message.text if new.message else "",
        contact_id=contact.id,
        category_id=new.category,
        status_id=reference.default_status.id,
        priority_id=reference.default_priority.id if new.priority is UNSET else new.priority,
        assignee_id=new.assignee,
        tags=rules.join_list(list(new.tags)),
        due_date=new.due_date,
        custom_values=custom_values,
        visible_only_staff=new.visible_only_staff,
        source=new.source,
        index_generation=reference.search_generation,
    )
