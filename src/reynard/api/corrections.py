"""Correcting messages that were written, and what they were before (observed.md §2)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from reynard.api import parse_actions, shapes, wire
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.paging import page_number, page_size
from reynard.api.parse import Fields
from reynard.api.tickets import find, write
from reynard.desk.actions import checks, corrections
from reynard.desk.selectors import access, revisions


def edit(call: Call, number: str, update_id: str) -> Answer:
    return _correct(call, number, update_id, parse_actions.edit, corrections.edit_message)


def delete(call: Call, number: str, update_id: str) -> Answer:
    return _correct(call, number, update_id, parse_actions.hiding, corrections.delete_message)


def make_private(call: Call, number: str, update_id: str) -> Answer:
    return _correct(call, number, update_id, parse_actions.hiding, corrections.make_private)


def _correct(call: Call, number: str, update_id: str, read: Callable[..., Any], act: Callable[..., None]) -> Answer:
    return write(call, number, read, partial(act, update_id=int(update_id)))


def list_revisions(call: Call, number: str, update_id: str) -> Answer:
    """For staff who may see the audit log; who asks stands in the address, as there is no body."""
    ticket, _ = find(call, number)
    asking = Fields(call.query.dict(), call.problems).id("staff_id", field="staff")
    person = checks.acting_staff(asking, call.reference, call.problems)
    access.demand(person, [access.SEE_CORRECTED], call.problems)
    call.problems.raise_if_any()
    size, wanted = page_size(call.query.get("size")), page_number(call.query.get("page"))
    page = revisions.page(ticket.id, int(update_id), size=size, page=wanted)
    info = wire.page_info(count=len(page.rows), start=page.start, total=page.total, size=size)
    return Answer(
        value=shapes.RevisionPage(info, [wire.revision(row, page.files.get(row.id, [])) for row in page.rows])
    )
