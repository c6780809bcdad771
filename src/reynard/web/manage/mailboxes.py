"""Mailboxes: where mail comes from, and how that goes. Secrets are never shown, and never sent to another server."""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from msgspec import UNSET

from reynard.desk.actions import mailboxes as actions
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.errors import Invalid
from reynard.desk.models import Mailbox
from reynard.desk.rules import imap_url
from reynard.desk.rules.imap_url import ImapServer
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors import mailboxes as found
from reynard.desk.selectors.reference import Reference
from reynard.web.access import StaffRequest
from reynard.web.manage import sections
from reynard.web.manage.forms import SetUpForm, choices_of

ADDRESS = "/manage/mailboxes/"
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)


class MailboxForm(SetUpForm):
    NAMES = {"imap_url": "host", "category": "category_id"}

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("As commands call it, like support")
    )
    address = forms.CharField(label=gettext_lazy("People write to"), max_length=254)
    category_id = forms.ChoiceField(label=gettext_lazy("Its tickets are in"))
    note_address = forms.CharField(
        label=gettext_lazy("Address for notes"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("What staff write to it becomes private notes."),
    )
    trusted_hosts = forms.CharField(
        label=gettext_lazy("Trusted mail servers"),
        required=False,
        help_text=gettext_lazy(
            "Whose verdict on the sender is believed (Authentication-Results); commas between them."
        ),
    )
    host = forms.CharField(
        label=gettext_lazy("IMAP server"),
        max_length=253,
        required=False,
        help_text=gettext_lazy("Empty: mails are not fetched; a mail server hands them over."),
    )
    tls = forms.ChoiceField(
        label=gettext_lazy("Connection"),
        choices=[("imaps", gettext_lazy("TLS")), ("imap", gettext_lazy("STARTTLS"))],
        initial="imaps",
    )
    port = forms.IntegerField(
        label=gettext_lazy("Port"), min_value=1, max_value=65535, required=False, help_text="993, 143"
    )
    user = forms.CharField(label=gettext_lazy("User"), max_length=254, required=False)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=1000,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("It is kept encrypted and never shown. Empty: as it is."),
    )
    folders = forms.CharField(
        label=gettext_lazy("Folders"), required=False, help_text=gettext_lazy("With commas between; empty: INBOX")
    )

    def __init__(self, data: Any = None, *, mailbox: Mailbox | None, reference: Reference) -> None:
        self.mailbox = mailbox
        super().__init__(data, initial=_stored(mailbox) if mailbox else None)
        fields: Any = self.fields
        fields["category_id"].choices = choices_of(reference.categories.values())
        if mailbox is not None:
            fields["name"].disabled = True
            if mailbox.sign_in == Mailbox.SignIn.OAUTH2:  # its token belongs to this server
                for name in ("host", "tls", "port", "user", "password"):
                    fields[name].disabled = True

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip().lower()
        if host and not _HOST.fullmatch(host):
            raise forms.ValidationError(_("Give the name of the server alone, like imap.example.org."))
        return host

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("host") and not cleaned.get("user"):
            self.add_error("user", _("Who signs in there?"))
        elif self._is_elsewhere() and not cleaned.get("password"):
            self.add_error("password", _("Give the password, as this is another server or user than before."))
        return cleaned

    def _is_elsewhere(self) -> bool:
        """Whether what is kept secret was for another place."""
        sent = self.cleaned_data
        if not sent.get("host"):
            return False
        if self.mailbox is None or not self.mailbox.imap_url:
            return True
        return self._server(imap_url.server(self.mailbox.imap_url)) != imap_url.server(self.mailbox.imap_url)

    def _server(self, before: ImapServer | None) -> ImapServer:
        sent = self.cleaned_data
        tls = sent.get("tls") != "imap"
        host = sent["host"]
        return ImapServer(
            tls=tls,
            host=host,
            port=sent.get("port") or imap_url.PORTS["imaps" if tls else "imap"],
            user=sent["user"],
            ca=before.ca if before is not None and before.host == host else "",
        )

    def given(self) -> MailboxSettings:
        sent = self.cleaned_data
        wanted = MailboxSettings(
            address=sent["address"],
            category_id=int(sent["category_id"]),
            note_address=sent["note_address"],
            trusted_hosts=split_list(sent["trusted_hosts"]),
            password=sent["password"] or UNSET,
        )
        before = imap_url.server(self.mailbox.imap_url) if self.mailbox and self.mailbox.imap_url else None
        if not sent["host"]:
            url = "" if before else UNSET
            return msgspec.structs.replace(wanted, imap_url=url, password=UNSET)
        folders = split_list(sent["folders"]) or ["INBOX"]
        wanted = msgspec.structs.replace(wanted, folders=folders)
        if not self._is_elsewhere():
            return wanted
        server = self._server(before)
        return msgspec.structs.replace(wanted, imap_url=imap_url.with_folder(server, folders[0]))


def _stored(mailbox: Mailbox) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "name": mailbox.name,
        "address": mailbox.address,
        "category_id": mailbox.category_id,
        "note_address": mailbox.note_address,
        "trusted_hosts": ", ".join(mailbox.trusted_hosts),
        "folders": ", ".join(mailbox.folders.filter(active=True).order_by("name").values_list("name", flat=True)),
    }
    if mailbox.imap_url:
        server = imap_url.server(mailbox.imap_url)
        stored |= {
            "host": server.host,
            "tls": "imaps" if server.tls else "imap",
            "port": server.port,
            "user": server.user,
        }
    return stored


@sections.set_up_required(sections.MAILBOXES)
@require_GET
def list_all(request: StaffRequest) -> HttpResponse:
    rows = [
        {"state": state, "category": request.reference.categories[state.category]}
        for state in found.states(now=datetime.now(UTC))
        if state.category in request.reference.categories
    ]
    return render(request, "web/manage/mailboxes.html", {"rows": rows})


@sections.set_up_required(sections.MAILBOXES)
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    return _save(request, None)


@sections.set_up_required(sections.MAILBOXES)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, id: int) -> HttpResponse:
    return _save(request, _find(request, id))


def _save(request: StaffRequest, mailbox: Mailbox | None) -> HttpResponse:
    form = MailboxForm(request.POST or None, mailbox=mailbox, reference=request.reference)
    now = datetime.now(UTC)
    if form.is_valid():
        try:
            if mailbox is None:
                actions.create(form.cleaned_data["name"], form.given(), now=now)
            else:
                actions.edit(mailbox.name, form.given(), now=now)
            messages.success(request, _("The mailbox %(name)s is set up.") % {"name": form.cleaned_data["name"]})
            return HttpResponseRedirect(ADDRESS)
        except Invalid as error:
            form.refuse(error)
    state = next(iter(found.states(now=now, names=[mailbox.name])), None) if mailbox else None
    context = {"form": form, "mailbox": mailbox, "state": state}
    return render(request, "web/manage/mailbox.html", context, status=400 if form.errors else 200)


@sections.set_up_required(sections.MAILBOXES)
@require_POST
def switch(request: StaffRequest, id: int) -> HttpResponse:
    """On or off, as `to` says. Mails wait where they are."""
    mailbox = _find(request, id)
    on = request.POST.get("to") == "on"
    actions.set_active(mailbox.name, active=on, now=datetime.now(UTC))
    said = _("%(name)s takes mail again.") if on else _("%(name)s takes no mail now. It waits where it is.")
    messages.success(request, said % {"name": mailbox.name})
    return HttpResponseRedirect(ADDRESS)


def _find(request: StaffRequest, id: int) -> Mailbox:
    mailbox = Mailbox.objects.filter(id=id).first()
    if mailbox is None or mailbox.category_id not in request.reference.categories:
        raise Http404
    return mailbox
