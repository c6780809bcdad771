"""Contacts, "users" on the wire: list, search, read, add, edit (contacts.md §2 to §8)."""

from typing import Any

from reynard.api import answers, formats, parse_contacts, parse_following, shapes, wire
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.paging import page_number, page_size
from reynard.api.parse import Fields
from reynard.desk.actions import people
from reynard.desk.errors import NotFound, Problems
from reynard.desk.models import Contact
from reynard.desk.selectors import contacts
from reynard.desk.selectors.ticket_rows import ContactRow

# --- reading


def list_contacts(call: Call) -> Answer:
    query, size = call.query.get("q", ""), page_size(call.query.get("size"))
    after = parse_following.after_id(call.query, call.problems)
    call.problems.raise_if_any()
    if after is None:
        page = contacts.page(query=query, size=size, page=page_number(call.query.get("page")))
        info = wire.page_info(count=len(page.rows), start=page.start, total=page.total, size=size)
    else:
        page = contacts.page_after(after, query=query, size=size)
        info = wire.page_info_after(count=len(page.rows), total=page.total, size=size, next=page.next)
    encoded = [formats.encode("json", wire.contact(row, call.reference)) for row in page.rows]
    return Answer(encoded=wire.encode_page(info, encoded), shape=shapes.ContactPage)


def read_contact(call: Call, id: str) -> Answer:
    return _answer(call, contacts.by_id(int(id)))


def read_contact_by_email(call: Call, email: str) -> Answer:
    return _answer(call, contacts.by_email(email))


def _answer(call: Call, row: ContactRow | None) -> Answer:
    if row is None:
        raise NotFound
    encoded = formats.encode("json", wire.contact(row, call.reference))
    return Answer(encoded=encoded, shape=shapes.Contact)


# --- writing


def save_one_or_many(call: Call) -> Answer:
    """contacts.md §4 for an object, §6 for a list."""
    keep_unsent = bool(Fields(call.query, call.problems).boolean("partial"))
    return (_save_contacts if isinstance(call.body(), list) else _save_contact)(call, keep_unsent)


def _save_contact(call: Call, keep_unsent: bool) -> Answer:
    given = parse_contacts.contact(call.body(), call.problems)

    def apply() -> Answer:
        contact = people.save_contact(
            given, reference=call.reference, now=call.now, problems=call.problems, keep_unsent=keep_unsent
        )
        return _answer(call, contacts.by_id(contact.id))

    return call.once(apply)


def _save_contacts(call: Call, keep_unsent: bool) -> Answer:
    entries = call.body()
    several = parse_contacts.several(entries, parse_contacts.contact, call.problems)

    def apply() -> Answer:
        outcomes = people.save_contacts(several, reference=call.reference, now=call.now, keep_unsent=keep_unsent)
        results = [
            _saved(call, index, entry, outcome)
            for index, (entry, outcome) in enumerate(zip(entries, outcomes, strict=True))
        ]
        return Answer(encoded=formats.encode("json", results), shape=list[shapes.SavedContact])

    return call.once(apply)


def _saved(call: Call, index: int, entry: Any, outcome: Contact | Problems) -> shapes.SavedContact:
    if isinstance(outcome, Contact):
        return shapes.SavedContact(index, success=True, email=outcome.email, id=outcome.id)
    sent = entry.get("email") if isinstance(entry, dict) else None
    return shapes.SavedContact(
        index,
        success=False,
        email=sent if isinstance(sent, str) else None,
        error=answers.field_errors(outcome, call.names),
    )


def edit_contact(call: Call, id: str) -> Answer:
    return _edit(call, int(id))


def edit_contact_by_email(call: Call, email: str) -> Answer:
    return _edit(call, email.replace("\x00", ""))


def _edit(call: Call, who: int | str) -> Answer:
    """contacts.md §5."""
    given = parse_contacts.edit(call.body(), call.problems)

    def apply() -> Answer:
        contact = people.edit_contact(who, given, reference=call.reference, now=call.now, problems=call.problems)
        return _answer(call, contacts.by_id(contact.id))

    return call.once(apply)
