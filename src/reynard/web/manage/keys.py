"""API keys: made, switched off and on, taken away. Nobody hands out more of the desk than they see."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from reynard.desk.actions import people
from reynard.desk.actions.people import KEY_NAME_LIMIT, Credentials
from reynard.desk.errors import Invalid
from reynard.desk.models import ApiKey, Staff
from reynard.desk.selectors.reference import Reference
from reynard.web.access import StaffRequest
from reynard.web.manage import sections
from reynard.web.manage.forms import SetUpForm, whole_numbers

ADDRESS = "/manage/keys/"


class KeyForm(SetUpForm):
    name = forms.CharField(label=gettext_lazy("What will use this key?"), max_length=KEY_NAME_LIMIT)
    may = forms.ChoiceField(
        label=gettext_lazy("It may"),
        widget=forms.RadioSelect,
        choices=[
            ("write", gettext_lazy("Read and write: open tickets, answer contacts, change and delete")),
            ("read", gettext_lazy("Only read: it never changes anything and never writes to anybody")),
        ],
        initial="read",
    )
    reach = forms.ChoiceField(label=gettext_lazy("It sees"), widget=forms.RadioSelect, initial="all")
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Categories"), widget=forms.CheckboxSelectMultiple, required=False
    )
    staff = forms.ChoiceField(
        label=gettext_lazy("It acts as"),
        required=False,
        help_text=gettext_lazy("The member of staff who counts as acting where a request names nobody."),
    )

    def __init__(self, *args: Any, reference: Reference, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        limited = [("some", _("Tickets of these categories only"))]
        if reference.scope is None:
            fields["reach"].choices = [("all", _("All tickets of the desk")), *limited]
        else:
            fields["reach"].choices, fields["reach"].initial = limited, "some"
        fields["categories"].choices = [(str(row.id), row.name) for row in reference.categories.values()]
        fields["staff"].choices = [
            ("", _("nobody in particular")),
            *((str(person.id), person.name) for person in reference.staff.values() if person.active),
        ]


@sections.set_up_required(sections.INTEGRATIONS)
@require_http_methods(["GET", "POST"])
def list_and_create(request: StaffRequest) -> HttpResponse:
    """The keys, and a form for another one. Its answer is the only page that ever shows the auth code."""
    form = KeyForm(request.POST or None, reference=request.reference)
    fresh = None
    if form.is_valid() and (fresh := _create(form)):
        form = KeyForm(reference=request.reference)
    context = {
        "form": form,
        "fresh": fresh,
        "is_open": form.is_bound or "new" in request.GET,
        "keys": _reachable(request.reference),
    }
    return render(request, "web/manage/keys.html", context, status=400 if form.errors else 200)


def _create(form: KeyForm) -> Credentials | None:
    given = form.cleaned_data
    try:
        return people.create_api_key(
            name=given["name"],
            now=datetime.now(UTC),
            staff=Staff.objects.get(id=given["staff"]) if given["staff"] else None,
            read_only=given["may"] == "read",
            categories=whole_numbers(given["categories"]) if given["reach"] == "some" else None,
        )
    except Invalid as error:
        form.refuse(error)
        return None


def _reachable(reference: Reference) -> list[ApiKey]:
    """The newest first, those that were revoked last; without those that reach further than who asks."""
    keys = ApiKey.objects.select_related("staff").prefetch_related("categories").order_by("-created_at", "-id")
    there = [key for key in keys if _is_within(key, reference)]
    return sorted(there, key=lambda key: key.revoked_at is not None)


def _is_within(key: ApiKey, reference: Reference) -> bool:
    if reference.scope is None:
        return True
    return key.is_limited and all(category.id in reference.scope for category in key.categories.all())


# --- off, on, away


@sections.set_up_required(sections.INTEGRATIONS)
@require_POST
def disable(request: StaffRequest, id: int) -> HttpResponse:
    said = _("%(name)s is refused until you switch it on again.")
    return _change(request, id, lambda key: people.disable_api_key(key=key, now=datetime.now(UTC)), said)


@sections.set_up_required(sections.INTEGRATIONS)
@require_POST
def enable(request: StaffRequest, id: int) -> HttpResponse:
    return _change(request, id, lambda key: people.enable_api_key(key=key), _("%(name)s can use the desk again."))


@sections.set_up_required(sections.INTEGRATIONS)
@require_http_methods(["GET", "POST"])
def revoke(request: StaffRequest, id: int) -> HttpResponse:
    """Asks first: it is for good."""
    if request.method == "GET":
        return render(request, "web/manage/revoke_key.html", {"key": _find(request, id)})
    said = _("%(name)s is taken away. What uses it gets no answer from now on.")
    return _change(request, id, lambda key: people.revoke_api_key(key=key, now=datetime.now(UTC)), said)


def _find(request: StaffRequest, id: int) -> ApiKey:
    key = ApiKey.objects.filter(id=id, revoked_at__isnull=True).first()
    if key is None or not _is_within(key, request.reference):
        raise Http404
    return key


def _change(request: StaffRequest, id: int, act: Callable[[str], ApiKey], said: str) -> HttpResponse:
    key = _find(request, id)
    act(key.key)
    messages.success(request, said % {"name": key.name})
    return HttpResponseRedirect(ADDRESS)
