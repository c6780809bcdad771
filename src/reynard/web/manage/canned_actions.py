"""Canned actions: the texts and changes that everybody may use on tickets of their categories."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from reynard.desk.actions import canned_actions as actions
from reynard.desk.actions.canned_actions import NAME_LIMIT, GivenCannedAction
from reynard.desk.errors import Invalid, NotFound
from reynard.desk.models import CannedAction
from reynard.desk.rules import canned_actions as rules
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors import canned_actions as found
from reynard.desk.selectors.reference import Reference
from reynard.web import canned
from reynard.web.access import StaffRequest
from reynard.web.manage import sections
from reynard.web.manage.forms import SetUpForm, choices_of, whole_numbers

ADDRESS = "/manage/canned/"


class CannedActionForm(SetUpForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_LIMIT)
    text = forms.CharField(
        label=gettext_lazy("Text"), required=False, widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"})
    )
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False)
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), required=False)
    assigns = forms.ChoiceField(
        label=gettext_lazy("Who has it"),
        required=False,
        choices=[
            (CannedAction.Assigns.NOTHING, gettext_lazy("stays")),
            (CannedAction.Assigns.ME, gettext_lazy("whoever uses the action")),
            (CannedAction.Assigns.NOBODY, gettext_lazy("nobody")),
            (CannedAction.Assigns.PERSON, gettext_lazy("this person:")),
        ],
    )
    assignee = forms.ChoiceField(label=gettext_lazy("Person"), required=False)
    tags = forms.CharField(
        label=gettext_lazy("Tags to add"), required=False, help_text=gettext_lazy("Separated by commas")
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("For tickets of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: of all categories"),
    )

    def __init__(self, data: Any = None, *, reference: Reference, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: Any = self.fields
        active = (person for person in reference.staff.values() if person.active)
        fields["status"].choices = choices_of(reference.statuses.values(), _("stays"))
        fields["priority"].choices = choices_of(reference.priorities.values(), _("stays"))
        fields["assignee"].choices = [("", _("nobody chosen")), *((str(row.id), row.name) for row in active)]
        fields["categories"].choices = choices_of(reference.categories.values())
        names = ", ".join(f"{{{{{name}}}}}" for name in rules.FIELDS)
        fields["text"].help_text = _("Markdown; these stand for what is on the ticket: %(names)s") % {"names": names}

    def given(self) -> GivenCannedAction:
        sent = self.cleaned_data
        numbers = {name: int(sent[name]) if sent[name] else None for name in ("status", "priority", "assignee")}
        if sent["assigns"] != CannedAction.Assigns.PERSON:
            numbers["assignee"] = None
        return GivenCannedAction(
            name=sent["name"],
            text=sent["text"].replace("\r\n", "\n"),
            assigns=sent["assigns"],
            tags=split_list(sent["tags"]),
            categories=whole_numbers(sent["categories"]),
            **numbers,
        )


@sections.set_up_required(sections.CANNED_ACTIONS)
@require_GET
def list_all(request: StaffRequest) -> HttpResponse:
    rows = [
        {
            "action": action,
            "changes": canned.changes(action, request.reference),
            "may_change": actions.may_change(action, request.reference),
        }
        for action in found.everything(request.reference)
    ]
    return render(request, "web/manage/canned_actions.html", {"rows": rows})


@sections.set_up_required(sections.CANNED_ACTIONS)
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    form = CannedActionForm(request.POST or None, reference=request.reference)
    return _save(request, form, None)


@sections.set_up_required(sections.CANNED_ACTIONS)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, id: int) -> HttpResponse:
    action = _find(request, id)
    stored = {
        "name": action.name,
        "text": action.text,
        "status": action.status_id,
        "priority": action.priority_id,
        "assigns": action.assigns,
        "assignee": action.assignee_id,
        "tags": ", ".join(split_list(action.tags)),
        "categories": [category.id for category in action.categories.all()],
    }
    form = CannedActionForm(request.POST or None, reference=request.reference, initial=stored)
    return _save(request, form, action)


def _save(request: StaffRequest, form: CannedActionForm, action: CannedAction | None) -> HttpResponse:
    if form.is_valid():
        try:
            saved = actions.save(form.given(), reference=request.reference, action_id=action.id if action else None)
            messages.success(request, _("“%(name)s” is there for everybody now.") % {"name": saved.name})
            return HttpResponseRedirect(ADDRESS)
        except Invalid as error:
            form.refuse(error)
    context = {"form": form, "action": action}
    return render(request, "web/manage/canned_action.html", context, status=400 if form.errors else 200)


@sections.set_up_required(sections.CANNED_ACTIONS)
@require_http_methods(["GET", "POST"])
def delete(request: StaffRequest, id: int) -> HttpResponse:
    """Asks first: it is for good."""
    action = _find(request, id)
    if request.method == "GET":
        return render(request, "web/manage/delete_canned_action.html", {"action": action})
    try:
        actions.delete(id, reference=request.reference)
    except NotFound:
        raise Http404 from None
    messages.success(request, _("“%(name)s” is gone. What was sent with it stays.") % {"name": action.name})
    return HttpResponseRedirect(ADDRESS)


def _find(request: StaffRequest, id: int) -> CannedAction:
    action = found.one(id, request.reference)
    if action is None or not actions.may_change(action, request.reference):
        raise Http404
    return action
