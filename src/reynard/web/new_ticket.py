"""A ticket that staff write down for a contact, who is found or added as they type."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from msgspec import UNSET

from reynard.desk import files
from reynard.desk.actions import tickets
from reynard.desk.actions.tickets import NewTicket
from reynard.desk.errors import Invalid, Problems
from reynard.desk.models import Contact
from reynard.desk.rules import tickets as rules
from reynard.desk.rules.contacts import email_key
from reynard.desk.rules.markdown import BadMarkdown
from reynard.desk.rules.messages import BadHtml, compose_markdown
from reynard.desk.selectors import contacts
from reynard.web import forms
from reynard.web.access import StaffRequest, staff_required

SOURCE = "TKT_CREATION_ADMIN_PANEL"
SUGGESTIONS = 8


@staff_required
def new_ticket(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        return _create(request)
    return _page(request, {"category": request.GET.get("category", ""), "email": request.GET.get("email", "")}, {})


def _create(request: StaffRequest) -> HttpResponse:
    given = request.POST
    problems = Problems()
    message = None
    try:
        message = compose_markdown(given.get("text", ""))
    except (BadHtml, BadMarkdown) as error:
        problems.add("text", str(error))
    uploads = request.FILES.getlist("files")
    new = NewTicket(
        email=given.get("email", "").strip(),
        name=given.get("name", "").strip(),
        phone=given.get("phone", "").strip(),
        subject=given.get("subject", "").strip(),
        message=message,
        category=forms.id(request, "category"),
        priority=forms.id(request, "priority"),
        assignee=None if forms.id(request, "assignee") is UNSET else forms.id(request, "assignee"),
        tags=rules.split_list(given.get("tags", "")),
        visible_only_staff=True if "private" in given else None,
        custom_values=forms.custom_values(request),
        files=[files.keep(upload) for upload in uploads],
        source=SOURCE,
    )
    if new.email and not _looks_like_address(new.email):
        problems.add("email", _("This is not an e-mail address: %(given)s") % {"given": new.email})
    try:
        number = tickets.open_ticket(new, reference=request.reference, now=forms.now(), problems=problems)
    except Invalid as error:
        return _page(request, given, forms.sentences(error, request), status=400)
    return HttpResponseRedirect(f"/inbox/ticket/{number}/")


def _looks_like_address(text: str) -> bool:
    name, at, domain = text.rpartition("@")
    return bool(name and at and "." in domain and not any(sign.isspace() for sign in text))


def _page(request: StaffRequest, given: Any, errors: dict[str, str], status: int = 200) -> HttpResponse:
    reference = request.reference
    categories = [row for row in reference.categories.values() if row.public]
    chosen = next((row for row in categories if str(row.id) == given.get("category")), None)
    chosen = chosen or next(iter(categories), None)
    fields = [
        {
            "id": field.id,
            "name": field.name,
            "type": field.type,
            "required": field.required,
            "choices": list(field.choices.values()),
            "given": given.get(f"field-{field.id}", ""),
            "error": errors.get(f"field-{field.id}", ""),
        }
        for field in (reference.fields_of(chosen.id) if chosen else [])
        if field.depends_on_choice is None
    ]
    context = {
        "given": given,
        "errors": errors,
        "categories": categories,
        "chosen": chosen,
        "priorities": reference.priorities.values(),
        "default_priority": reference.default_priority,
        "colleagues": [person for person in reference.staff.values() if person.active],
        "fields": fields,
    }
    return render(request, "web/new_ticket.html", context, status=status)


@staff_required
@require_GET
def suggest_contacts(request: StaffRequest) -> HttpResponse:
    """Contacts that begin like what was typed, as options of a list."""
    typed = request.GET.get("email", "").strip()[:100]
    found: list[Contact] = []
    if len(typed) >= 3:
        exact = Contact.objects.filter(email_key=email_key(typed)).first()
        try:
            found = list(contacts.search(f'"{typed}"').order_by("id")[:SUGGESTIONS])
        except Invalid:
            found = []
        if exact and exact not in found:
            found.insert(0, exact)
    return render(request, "web/contact_options.html", {"contacts": [one for one in found if one.email]})
