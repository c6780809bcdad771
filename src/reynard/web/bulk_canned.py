"""A canned action on several tickets at once: its text goes to the contact of each, filled in for them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reynard.desk.actions import tickets
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.errors import Problems
from reynard.desk.rules.markdown import BadMarkdown
from reynard.desk.rules.messages import BadHtml, compose_markdown
from reynard.desk.selectors import access
from reynard.desk.selectors import canned_actions as found
from reynard.web import canned, forms
from reynard.web.access import StaffRequest
from reynard.web.canned import Used


def ask(request: StaffRequest, numbers: list[int], asked: str) -> HttpResponse:
    """Which one, and that it writes to so many contacts; `asked` stands for the tickets."""
    offered = [
        {"action": action, "changes": canned.changes(action, request.reference)}
        for action in found.everything(request.reference)
    ]
    context: dict[str, Any] = {"offered": offered, "total": len(numbers), "asked": asked, "back": forms.back(request)}
    return render(request, "web/bulk_canned.html", context)


def act(request: StaffRequest, number: int, value: str) -> None:
    """Raises DeskErrors, Invalid for one that is not for the category of the ticket."""
    ticket = access.find_ticket(number, request.reference)
    action = found.fits(int(value), ticket.category_id) if forms.is_id(value) else None
    problems = Problems()
    if action is None:
        problems.add("canned", _("This canned action is not for tickets of this category."))
        problems.raise_if_any()
    assert action is not None
    try:
        text = found.text_for(action, ticket, request.staff, request.reference)
        message = compose_markdown(text) if text.strip() else None
    except (BadHtml, BadMarkdown) as error:
        problems.add("canned", str(error))
        problems.raise_if_any()
    wanted = StaffUpdate(staff=request.staff.id, message=message, update_customer=message is not None)
    using = Used(action)
    canned.put_into(wanted, using, request.staff.id)
    tickets.add_staff_update(number, wanted, reference=request.reference, now=forms.now())
    canned.count(using)
