"""Contacts, "users" on the wire: list, search, read (contacts.md §2, §3)."""

from reynard.api import formats, shapes, wire
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.paging import page_number, page_size
from reynard.desk.errors import NotFound
from reynard.desk.selectors import contacts
from reynard.desk.selectors.ticket_rows import ContactRow


def list_contacts(call: Call) -> Answer:
    size, number = page_size(call.query.get("size")), page_number(call.query.get("page"))
    page = contacts.page(query=call.query.get("q", ""), size=size, page=number)
    info = wire.page_info(count=len(page.rows), start=page.start, total=page.total, size=size)
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
