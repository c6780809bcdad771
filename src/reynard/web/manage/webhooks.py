"""Webhooks: who is told of what happens to tickets, and how that went."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reynard.desk.actions import webhooks as actions
from reynard.desk.actions.webhooks import NAME_LIMIT, NewWebhook
from reynard.desk.errors import Invalid, NotFound, Refused
from reynard.desk.models import Webhook
from reynard.desk.rules import webhook_events, webhook_targets
from reynard.desk.selectors import webhooks as found
from reynard.desk.selectors.reference import Reference
from reynard.desk.selectors.webhooks import Queue
from reynard.web.access import StaffRequest
from reynard.web.forms import number
from reynard.web.manage import sections
from reynard.web.manage.forms import SetUpForm, choices_of, whole_numbers

ADDRESS = "/manage/webhooks/"
LOG_SIZE = 50
_EVENTS = {
    webhook_events.CREATED: gettext_lazy("a ticket is opened"),
    webhook_events.UPDATED: gettext_lazy("something happens to a ticket"),
    webhook_events.DELETED: gettext_lazy("a ticket is deleted"),
    webhook_events.RULE: gettext_lazy("a smart rule says so"),
}


class WebhookForm(SetUpForm):
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=webhook_targets.URL_LIMIT,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://hooks.example.org/desk"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LIMIT,
        required=False,
        help_text=gettext_lazy("Empty: made from the address"),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("It is told when"),
        widget=forms.CheckboxSelectMultiple,
        choices=[*_EVENTS.items()],
        required=False,
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Of tickets of"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("None: of all categories"),
    )
    show_cf_changes = forms.BooleanField(label=gettext_lazy("Say which custom fields have changed"), required=False)
    envelope = forms.BooleanField(
        label=gettext_lazy("Send the event around the ticket, not the ticket alone"), required=False
    )
    signature_encoding = forms.ChoiceField(
        label=gettext_lazy("Signature"),
        choices=[
            (Webhook.Encoding.HEX, gettext_lazy("hexadecimal")),
            (Webhook.Encoding.BASE64, gettext_lazy("Base64")),
        ],
        help_text=gettext_lazy("How the oldest of the signatures is written; receivers of today check the others."),
    )

    def __init__(self, data: Any = None, *, reference: Reference, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: Any = self.fields
        fields["categories"].choices = choices_of(reference.categories.values())

    def given(self) -> NewWebhook:
        sent = self.cleaned_data
        return NewWebhook(
            url=sent["url"],
            name=" ".join(sent["name"].split()),
            events=sent["events"],
            categories=whole_numbers(sent["categories"]),
            show_cf_changes=sent["show_cf_changes"],
            envelope=sent["envelope"],
            signature_encoding=sent["signature_encoding"],
        )


@sections.set_up_required(sections.INTEGRATIONS)
@require_GET
def list_all(request: StaffRequest) -> HttpResponse:
    return _list(request)


def _list(request: StaffRequest, fresh: Webhook | None = None) -> HttpResponse:
    """With a new one it is the only page that ever shows its secret."""
    queues = found.queues()
    rows = [
        {"webhook": webhook, "queue": queues.get(webhook.id, Queue()), "events": _said(webhook)}
        for webhook in found.everyone()
        if found.is_within(webhook, request.reference)
    ]
    context = {"rows": rows, "fresh": fresh, "unreachable": fresh is not None and _is_unreachable(fresh)}
    return render(request, "web/manage/webhooks.html", context)


def _said(webhook: Webhook) -> list[Any]:
    return [_EVENTS[event] for event in webhook.events if event in _EVENTS]


def _is_unreachable(webhook: Webhook) -> bool:
    return webhook_targets.may_be_local(webhook.url) and not settings.REYNARD_WEBHOOK_ALLOW_INTERNAL


@sections.set_up_required(sections.INTEGRATIONS)
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    form = WebhookForm(
        request.POST or None,
        reference=request.reference,
        initial={"events": [webhook_events.CREATED, webhook_events.UPDATED]},
    )
    if form.is_valid():
        try:
            fresh = actions.create(form.given(), reference=request.reference, now=datetime.now(UTC))
            return _list(request, fresh)
        except Invalid as error:
            form.refuse(error)
    context = {"form": form, "webhook": None}
    return render(request, "web/manage/webhook.html", context, status=400 if form.errors else 200)


@sections.set_up_required(sections.INTEGRATIONS)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, id: int) -> HttpResponse:
    webhook = _find(request, id)
    stored = {
        **{name: getattr(webhook, name) for name in WebhookForm.base_fields if name != "categories"},
        "categories": [category.id for category in webhook.categories.all()],
    }
    form = WebhookForm(request.POST or None, reference=request.reference, initial=stored)
    if form.is_valid():
        try:
            actions.edit(id, form.given(), reference=request.reference)
            messages.success(request, _("%(name)s is told from now on as you said.") % {"name": webhook.name})
            return HttpResponseRedirect(ADDRESS)
        except Invalid as error:
            form.refuse(error)
    context = {"form": form, "webhook": webhook, "unreachable": _is_unreachable(webhook)}
    return render(request, "web/manage/webhook.html", context, status=400 if form.errors else 200)


@sections.set_up_required(sections.INTEGRATIONS)
@require_POST
def switch(request: StaffRequest, id: int) -> HttpResponse:
    """On or off, as `to` says. What waits is kept."""
    webhook = _find(request, id)
    on = request.POST.get("to") == "on"
    actions.set_active(id, on)
    on_again = _("%(name)s gets what waits for it, and what happens from now on.")
    said = on_again if on else _("%(name)s gets nothing now. What waits is kept.")
    messages.success(request, said % {"name": webhook.name})
    return HttpResponseRedirect(ADDRESS)


@sections.set_up_required(sections.INTEGRATIONS)
@require_http_methods(["GET", "POST"])
def delete(request: StaffRequest, id: int) -> HttpResponse:
    """Asks first: it is for good."""
    webhook = _find(request, id)
    if request.method == "GET":
        return render(request, "web/manage/delete_webhook.html", {"webhook": webhook})
    actions.delete(id, now=datetime.now(UTC))
    messages.success(request, _("%(name)s is gone. Its deliveries follow, bit by bit.") % {"name": webhook.name})
    return HttpResponseRedirect(ADDRESS)


# --- the log


@sections.set_up_required(sections.INTEGRATIONS)
@require_GET
def list_deliveries(request: StaffRequest, id: int) -> HttpResponse:
    """The newest first; those `before` an id, and with `failed` those that were given up."""
    webhook = _find(request, id)
    before = number(request.GET.get("before", ""))
    failed = "failed" in request.GET
    rows = found.deliveries(id, limit=LOG_SIZE + 1, before=before, failed_only=failed)
    context = {
        "webhook": webhook,
        "rows": rows[:LOG_SIZE],
        "older": rows[LOG_SIZE - 1].entry.id if len(rows) > LOG_SIZE else None,
        "failed": failed,
    }
    return render(request, "web/manage/deliveries.html", context)


@sections.set_up_required(sections.INTEGRATIONS)
@require_GET
def read_delivery(request: StaffRequest, id: int, delivery: int) -> HttpResponse:
    """One delivery with each request and its answer."""
    webhook = _find(request, id)
    one = found.delivery(id, delivery)
    if one is None:
        raise Http404
    context = {"webhook": webhook, "delivery": one, "attempts": found.attempts(delivery)}
    return render(request, "web/manage/delivery.html", context)


@sections.set_up_required(sections.INTEGRATIONS)
@require_POST
def send_again(request: StaffRequest, id: int, delivery: int) -> HttpResponse:
    _find(request, id)
    address = f"{ADDRESS}{id}/deliveries/"
    try:
        entry = actions.redeliver(id, delivery, now=datetime.now(UTC))
    except NotFound:
        raise Http404 from None
    except Refused as error:
        messages.error(request, " ".join(error.fields.values()))
        return HttpResponseRedirect(f"{address}{delivery}/")
    messages.success(request, _("It leaves now."))
    return HttpResponseRedirect(f"{address}{entry.id}/")


def _find(request: StaffRequest, id: int) -> Webhook:
    webhook = found.by_id(id)
    if webhook is None or not found.is_within(webhook, request.reference):
        raise Http404
    return webhook
