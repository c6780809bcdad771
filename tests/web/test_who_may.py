"""Who may open which page, and who may send something to it: every route of the pages, by who asks, by the answer.

Permissions of roles are enforced here. `elsewhere` works in another category with all the permissions that `agent`
has; `powerless` is in the category with none; `keeper` is an agent who may also set up canned actions, mailboxes, keys
and webhooks for the category; `gone` signed in before being deactivated. Contacts do not sign in.

A cell is the answer to GET and to POST: a status; `in` for "sign in first"; `no` for a redirect that has changed
nothing. What is refused changes nothing, and neither does any GET.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core import mail
from django.db import connection, transaction
from django.test import Client

from reynard import urls
from reynard.desk import files
from reynard.desk.actions import canned_actions, catalog, mail_templates, mailboxes, merging, people, tickets
from reynard.desk.actions import views as view_actions
from reynard.desk.actions.canned_actions import GivenCannedAction
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.actions.views import GivenView
from reynard.desk.models import ApiKey, Attachment, OutboxEntry, Staff, Ticket, Update, Visit
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories
from tests.mail import arriving
from tests.mail.arriving import HOST, SUPPORT
from tests.web.conftest import PASSWORD, read_to_end

WHO = ("stranger", "elsewhere", "powerless", "agent", "keeper", "admin", "gone")

TABLE = r"""
route                                              stranger  elsewhere powerless agent     keeper    admin     gone
(empty)                                            302/no    302/no    302/no    302/no    302/no    302/no    302/no
inbox/                                             in/in     200/405   200/405   200/405   200/405   200/405   in/in
inbox/bulk/                                        in/in     405/no    405/no    405/302   405/302   405/302   in/in
inbox/contacts/                                    in/in     200/405   200/405   200/405   200/405   200/405   in/in
inbox/elsewhere/                                   in/in     200/405   200/405   200/405   200/405   200/405   in/in
inbox/file/<id>/                                   in/in     404/405   200/405   200/405   200/405   200/405   in/in
inbox/look/                                        in/in     405/no    405/no    405/no    405/no    405/no    in/in
inbox/merge/                                       in/in     404/404   404/400   404/302   404/302   404/302   in/in
inbox/new/                                         in/in     200/400   200/302   200/302   200/302   200/302   in/in
inbox/preview/                                     in/in     405/200   405/200   405/200   405/200   405/200   in/in
inbox/run/                                         in/in     405/no    405/no    405/no    405/no    405/no    in/in
inbox/suggest/                                     in/in     200/405   200/405   200/405   200/405   200/405   in/in
inbox/ticket/<number>/                             in/in     404/405   200/405   200/405   200/405   200/405   in/in
inbox/ticket/<number>/canned/                      in/in     404/404   200/200   200/200   200/200   200/200   in/in
inbox/ticket/<number>/change/                      in/in     405/404   405/400   405/302   405/302   405/302   in/in
inbox/ticket/<number>/draft/                       in/in     405/404   405/204   405/204   405/204   405/204   in/in
inbox/ticket/<number>/forward/                     in/in     404/404   200/400   200/302   200/302   200/302   in/in
inbox/ticket/<number>/message/<update_id>/         in/in     404/405   200/405   200/405   200/405   200/405   in/in
inbox/ticket/<number>/message/<update_id>/again/   in/in     405/404   405/404   405/404   405/404   405/404   in/in
inbox/ticket/<number>/message/<update_id>/delete/  in/in     404/404   200/400   200/302   200/302   200/302   in/in
inbox/ticket/<number>/message/<update_id>/earlier/ in/in     404/405   404/405   200/405   200/405   200/405   in/in
inbox/ticket/<number>/message/<update_id>/edit/    in/in     404/404   200/400   200/302   200/302   200/302   in/in
inbox/ticket/<number>/message/<update_id>/images/  in/in     405/404   405/no    405/no    405/no    405/no    in/in
inbox/ticket/<number>/message/<update_id>/move/    in/in     404/404   200/400   200/400   200/400   200/400   in/in
inbox/ticket/<number>/message/<update_id>/private/ in/in     404/404   200/400   200/302   200/302   200/302   in/in
inbox/ticket/<number>/message/<update_id>/raw/     in/in     404/405   404/405   404/405   404/405   404/405   in/in
inbox/ticket/<number>/message/<update_id>/split/   in/in     405/404   405/no    405/no    405/no    405/no    in/in
inbox/ticket/<number>/news/                        in/in     404/405   200/405   200/405   200/405   200/405   in/in
inbox/ticket/<number>/send-now/                    in/in     405/404   405/404   405/302   405/404   405/404   in/in
inbox/ticket/<number>/send/                        in/in     405/404   405/400   405/302   405/302   405/302   in/in
inbox/ticket/<number>/subscribe/                   in/in     405/404   405/302   405/302   405/302   405/302   in/in
inbox/ticket/<number>/unmerge/                     in/in     405/404   405/no    405/302   405/302   405/302   in/in
inbox/ticket/<number>/withdraw/                    in/in     405/404   405/404   405/302   405/404   405/404   in/in
inbox/undo/                                        in/in     405/no    405/no    405/no    405/no    405/no    in/in
inbox/views/                                       in/in     200/302   200/no    200/302   200/302   200/302   in/in
inbox/views/<id>/                                  in/in     405/302   405/404   405/302   405/302   405/302   in/in
inbox/views/<id>/delete/                           in/in     405/302   405/404   405/302   405/302   405/302   in/in
account/                                           in/in     200/no    200/no    200/no    200/no    200/no    in/in
account/confirm-email/                             200/405   200/405   200/405   200/405   200/405   200/405   200/405
account/confirm-email/<key>/                       200/404   200/404   200/404   200/404   200/404   200/404   200/404
account/end-session/                               in/in     405/404   405/404   405/404   405/404   405/404   in/in
account/email/                                     404/404   404/404   404/404   404/404   404/404   404/404   404/404
account/inactive/                                  200/405   200/405   200/405   200/405   200/405   200/405   200/405
account/login/                                     200/200   302/no    302/no    302/no    302/no    302/no    200/200
account/login/code/confirm/                        in/in     302/no    302/no    302/no    302/no    302/no    in/in
account/logout/                                    in/in     200/in    200/in    200/in    200/in    200/in    in/in
account/password/change/                           in/in     200/200   200/200   200/200   200/200   200/200   in/in
account/password/reset/                            200/200   200/200   200/200   200/200   200/200   200/200   200/200
account/password/reset/done/                       200/405   200/405   200/405   200/405   200/405   200/405   200/405
account/password/reset/key/<uidb36>-<key>/         200/200   200/200   200/200   200/200   200/200   200/200   200/200
account/password/reset/key/done/                   200/405   200/405   200/405   200/405   200/405   200/405   200/405
account/password/set/                              in/in     302/no    302/no    302/no    302/no    302/no    in/in
account/reauthenticate/                            in/in     200/200   200/200   200/200   200/200   200/200   in/in
account/second-factor/                             in/in     200/405   200/405   200/405   200/405   200/405   in/in
account/second-factor/authenticate/                in/in     302/no    302/no    302/no    302/no    302/no    in/in
account/second-factor/reauthenticate/              in/in     302/no    302/no    302/no    302/no    302/no    in/in
account/second-factor/recovery-codes/              in/in     404/405   404/405   404/405   404/405   404/405   in/in
account/second-factor/recovery-codes/download/     in/in     404/404   404/404   404/404   404/404   404/404   in/in
account/second-factor/recovery-codes/generate/     in/in     302/no    302/no    302/no    302/no    302/no    in/in
account/second-factor/totp/activate/               in/in     302/no    302/no    302/no    302/no    302/no    in/in
account/second-factor/totp/deactivate/             in/in     404/404   404/404   404/404   404/404   404/404   in/in
account/sessions/                                  in/in     200/no    200/no    200/no    200/no    200/no    in/in
account/signup/                                    404/404   404/404   404/404   404/404   404/404   404/404   404/404
account/sso/                                       in/in     200/200   200/200   200/200   200/200   200/200   in/in
account/sso/login/cancelled/                       200/405   200/405   200/405   200/405   200/405   200/405   200/405
account/sso/login/error/                           401/405   401/405   401/405   401/405   401/405   401/405   401/405
account/sso/oidc/<provider_id>/login/              404/404   404/404   404/404   404/404   404/404   404/404   404/404
account/sso/oidc/<provider_id>/login/callback/     404/404   404/404   404/404   404/404   404/404   404/404   404/404
account/sso/signup/                                in/in     in/in     in/in     in/in     in/in     in/in     in/in
login/                                             200/200   302/no    302/no    302/no    302/no    302/no    200/200
logout/                                            in/in     200/in    200/in    200/in    200/in    200/in    in/in
manage/                                            in/in     403/403   403/403   403/403   302/no    302/no    in/in
manage/canned/                                     in/in     403/403   403/403   403/403   200/405   200/405   in/in
manage/canned/<id>/                                in/in     403/403   403/403   403/403   200/302   200/302   in/in
manage/canned/<id>/delete/                         in/in     403/403   403/403   403/403   200/302   200/302   in/in
manage/canned/new/                                 in/in     403/403   403/403   403/403   200/302   200/302   in/in
manage/held/                                       in/in     403/403   403/403   403/403   200/405   200/405   in/in
manage/held/<id>/                                  in/in     403/403   403/403   403/403   200/405   200/405   in/in
manage/held/<id>/decide/                           in/in     403/403   403/403   403/403   405/302   405/302   in/in
manage/held/<id>/raw/                              in/in     403/403   403/403   403/403   200/405   200/405   in/in
manage/keys/                                       in/in     403/403   403/403   403/403   200/200   200/200   in/in
manage/keys/<id>/disable/                          in/in     403/403   403/403   403/403   405/302   405/302   in/in
manage/keys/<id>/enable/                           in/in     403/403   403/403   403/403   405/no    405/no    in/in
manage/keys/<id>/revoke/                           in/in     403/403   403/403   403/403   200/302   200/302   in/in
manage/mailboxes/                                  in/in     403/403   403/403   403/403   200/405   200/405   in/in
manage/mailboxes/<id>/                             in/in     403/403   403/403   403/403   200/302   200/302   in/in
manage/mailboxes/<id>/switch/                      in/in     403/403   403/403   403/403   405/302   405/302   in/in
manage/mailboxes/new/                              in/in     403/403   403/403   403/403   200/302   200/302   in/in
manage/webhooks/                                   in/in     403/403   403/403   403/403   200/405   200/405   in/in
manage/webhooks/<id>/                              in/in     403/403   403/403   403/403   200/302   200/302   in/in
manage/webhooks/<id>/delete/                       in/in     403/403   403/403   403/403   200/302   200/302   in/in
manage/webhooks/<id>/deliveries/                   in/in     403/403   403/403   403/403   200/405   200/405   in/in
manage/webhooks/<id>/deliveries/<delivery>/        in/in     403/403   403/403   403/403   200/405   200/405   in/in
manage/webhooks/<id>/deliveries/<delivery>/again/  in/in     403/403   403/403   403/403   405/302   405/302   in/in
manage/webhooks/<id>/switch/                       in/in     403/403   403/403   403/403   405/302   405/302   in/in
manage/webhooks/new/                               in/in     403/403   403/403   403/403   200/200   200/200   in/in
manage/all/                                        in/in     403/403   403/403   403/403   403/403   302/no    in/in
manage/all/<app_label>/                            in/in     403/403   403/403   403/403   403/403   302/no    in/in
manage/all/<url>                                   in/in     403/403   403/403   403/403   403/403   404/404   in/in
manage/all/desk/*/                                 in/in     403/403   403/403   403/403   403/403   200/200   in/in
manage/all/desk/*/<object_id>/                     in/in     403/403   403/403   403/403   403/403   302/no    in/in
manage/all/desk/*/<object_id>/change/              in/in     403/403   403/403   403/403   403/403   200/200   in/in
manage/all/desk/*/<object_id>/delete/              in/in     403/403   403/403   403/403   403/403   403/403   in/in
manage/all/desk/*/<object_id>/history/             in/in     403/403   403/403   403/403   403/403   200/200   in/in
manage/all/desk/*/add/                             in/in     403/403   403/403   403/403   403/403   200/200   in/in
manage/all/desk/mailtemplate/<object_id>/delete/   in/in     403/403   403/403   403/403   403/403   200/200   in/in
manage/all/desk/role/<object_id>/change/           in/in     403/403   403/403   403/403   403/403   200/302   in/in
manage/all/desk/role/<object_id>/delete/           in/in     403/403   403/403   403/403   403/403   200/302   in/in
manage/all/desk/role/add/                          in/in     403/403   403/403   403/403   403/403   200/302   in/in
manage/all/jsi18n/                                 in/in     403/403   403/403   403/403   403/403   200/405   in/in
"""

# What is sent to a route: something that changes it, for those who may.
FORMS: dict[str, dict[str, Any]] = {
    "inbox/new/": {
        "email": "new@example.org",
        "name": "Nora New",
        "subject": "A bell",
        "text": "Ding.",
        "category": "{category}",
    },
    "inbox/bulk/": {"do": "status:{closed}", "ticket": "{number}"},
    "inbox/merge/": {"ticket": ["{number}", "{second}"], "into": "{number}"},
    "inbox/views/": {"name": "Bells", "q": "bell", "shared": "on"},
    "inbox/views/<int:id>/": {"name": "Rings"},
    "inbox/ticket/<int:number>/send/": {"mode": "reply", "reply": "It is ready."},
    "inbox/ticket/<int:number>/draft/": {"kind": "note", "text": "Perhaps"},
    "inbox/ticket/<int:number>/withdraw/": {"update": "{update}"},
    "inbox/ticket/<int:number>/send-now/": {"update": "{update}"},
    "inbox/ticket/<int:number>/canned/": {"canned": "{action}"},
    "inbox/ticket/<int:number>/change/": {"subject": "Another subject"},
    "inbox/ticket/<int:number>/forward/": {"to": "maker@example.org", "subject": "Look", "text": "Look at this."},
    "inbox/ticket/<int:number>/subscribe/": {"to": "yes"},
    "inbox/ticket/<int:number>/message/<int:update_id>/edit/": {"text": "Another text."},
    "inbox/ticket/<int:number>/message/<int:update_id>/delete/": {},
    "inbox/ticket/<int:number>/message/<int:update_id>/private/": {},
    "manage/keys/": {"name": "Shop", "may": "read", "reach": "some", "categories": "{category}"},
    "manage/canned/new/": {"name": "Hello", "text": "Hello.", "categories": "{category}", "assigns": ""},
    "manage/canned/<int:id>/": {"name": "Hello", "text": "Hello.", "categories": "{category}", "assigns": ""},
    "manage/webhooks/new/": {
        "url": "https://hooks.example.org/new",
        "events": "ticket.created",
        "categories": "{category}",
        "signature_encoding": "hex",
    },
    "manage/webhooks/<int:id>/": {
        "url": "https://hooks.example.org/new",
        "events": "ticket.created",
        "categories": "{category}",
        "signature_encoding": "hex",
    },
    "manage/webhooks/<int:id>/switch/": {"to": "off"},
    "manage/mailboxes/new/": {
        "name": "info",
        "address": "info@rollwerk.example",
        "category_id": "{category}",
        "tls": "imaps",
    },
    "manage/mailboxes/<int:id>/": {"address": "info@rollwerk.example", "category_id": "{category}", "tls": "imaps"},
    "manage/mailboxes/<int:id>/switch/": {"to": "off"},
    "manage/held/<int:id>/decide/": {"do": "leave"},
    "manage/all/desk/role/add/": {"name": "Grabbed", "permissions": "delete_tickets"},
    "manage/all/desk/role/<path:object_id>/change/": {"name": "Grabbed", "permissions": "delete_tickets"},
    "manage/all/desk/role/<path:object_id>/delete/": {"post": "yes"},
    "account/": {"theme": "dark"},
}


def _routes(patterns: Any = urls.pages, start: str = "") -> Iterator[str]:
    for pattern in patterns:
        here = start + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, here)
        else:
            yield here


ROUTES = sorted(set(_routes()))
_ROWS = (line.split() for line in TABLE.strip().splitlines()[1:])
EXPECTED = {row[0].replace("(empty)", ""): dict(zip(WHO, row[1:], strict=True)) for row in _ROWS}
_ABLE = frozenset(catalog.PERMISSIONS) - {
    "all_tickets",
    "manage_integrations",
    "manage_canned_actions",
    "manage_channels",
}
_KEEPS = _ABLE | {"manage_integrations", "manage_canned_actions", "manage_channels"}


_ALIKE = re.compile("manage/all/desk/(?!role/)")  # refused by one decorator: asked for by those who may only


def row_of(route: str) -> str:
    """The row of a route: the models of the set-up share theirs."""
    plain = re.sub(r"<\w+:(\w+)>", r"<\1>", route)
    plain = re.sub(r"\(\?P(<\w+>)[^()]*\)", r"\1", plain).replace("^", "").replace("$", "")
    return plain if plain in EXPECTED else re.sub(r"^manage/all/desk/\w+/", "manage/all/desk/*/", plain)


@pytest.fixture
def cast(desk: SimpleNamespace, settings: Any) -> dict[str, Staff | None]:
    settings.REYNARD_ENFORCE_PERMISSIONS = True

    def somebody(name: str, category: Any, permissions: Any) -> Staff:
        role = catalog.add_role(name=f"Role of {name}", permissions=sorted(permissions))
        return factories.make_staff(name, category, role=role, password=PASSWORD)

    cast = {
        "stranger": None,
        "elsewhere": somebody("Else", desk.office, _ABLE),
        "powerless": somebody("Paul", desk.workshop, ()),
        "agent": somebody("Anna", desk.workshop, _ABLE),
        "keeper": somebody("Kim", desk.workshop, _KEEPS),
        "admin": somebody("Ada", None, ()),
        "gone": somebody("Greta", desk.workshop, _KEEPS),
    }
    Staff.objects.filter(id=cast["admin"].id).update(is_account_admin=True)
    reference.changed()
    return cast


@pytest.fixture
def there(desk: SimpleNamespace, cast: dict[str, Staff]) -> dict[str, Any]:
    """Something for each name in an address or a form."""
    now = datetime.now(UTC)
    known = reference.current()
    box = MailboxSettings(address=SUPPORT, category_id=desk.workshop.id, trusted_hosts=[HOST])
    mailbox = mailboxes.create("support", box, now=factories.NOON)
    webhook = factories.make_webhook(categories=[desk.workshop.id])
    ticket = factories.make_ticket(desk.lena, desk.workshop, now=now)
    second = factories.make_ticket(desk.lena, desk.workshop, now=now)
    merged = factories.make_ticket(desk.lena, desk.workshop, now=now)
    merging.merge(second.id, [merged.id], staff=desk.priya.id, reference=known, now=now)
    reply = StaffUpdate(
        staff=cast["agent"].id, message=compose("Soon.", ""), update_customer=True, hold=timedelta(days=1)
    )
    tickets.add_staff_update(ticket.id, reply, reference=known, now=now)
    update = Update.objects.filter(ticket=ticket).latest("id")
    kept = files.keep_pieces([b"rim"], "rim.png", "image/png")
    file = Attachment.objects.create(
        update=update, filename="rim.png", content_type="image/png", size=3, sha256=kept.sha256
    )
    people.create_api_key(name="Shop", now=now, categories=[desk.workshop.id])
    given = GivenCannedAction(name="Ready", text="It is ready.", categories=[desk.workshop.id])
    view = GivenView(name="Brakes", query="brake", shared=True)
    return {
        "category": desk.workshop.id,
        "closed": desk.closed.id,
        "number": ticket.id,
        "second": second.id,
        "merged": merged.id,
        "update": update.id,
        "file": file.id,
        "view": view_actions.save(view, person=known.staff[desk.priya.id], reference=known, now=now).id,
        "keys": ApiKey.objects.get().id,
        "action": canned_actions.save(given, reference=known).id,
        "webhooks": webhook.id,
        "delivery": OutboxEntry.objects.filter(webhook=webhook).first().id,  # type: ignore[union-attr]
        "mailboxes": mailbox.id,
        "held": arriving.arrive(arriving.mail(to=arriving.reply_to(ticket.id), **arriving.verdict("fail"))).id,
        "rows": {
            "customfield": factories.make_field("Frame number", categories=[desk.workshop]).id,
            "staff": desk.jonas.id,
            "role": catalog.add_role(name="Unused", permissions=[]).id,
            "contactgroup": factories.make_group().id,
            "workschedule": factories.make_policy().schedule_id,
            "slapolicy": factories.make_policy(name="another").id,
            "category": desk.workshop.id,
            "status": desk.new.id,
            "priority": desk.normal.id,
            "mailtemplate": _own_words(),
        },
    }


def _own_words() -> str:
    mail_templates.set_template("acknowledgement", "Subject: Hello\n\nWe have {{ticket.id}}.\n")
    return "acknowledgement"


def _address(route: str, there: dict[str, Any]) -> str:
    kind = route.split("/")[1] if "/" in route else ""
    named = {"file": there["file"], "views": there["view"], "canned": there["action"]}
    model = re.match(r"manage/all/desk/(\w+)/", route)
    route = route.replace("<int:number>", str(there["merged" if "unmerge" in route else "number"]))
    route = route.replace("<int:id>", str(named.get(kind, there.get(kind, 0))))
    route = route.replace("<int:update_id>", str(there["update"])).replace("<int:delivery>", str(there["delivery"]))
    route = route.replace("<path:object_id>", str(there["rows"][model[1]]) if model else "")
    route = route.replace("^(?P<app_label>desk)/$", "desk/").replace("(?P<url>.*)$", "nothing/")
    route = route.replace("^confirm-email/(?P<key>[-:\\w]+)/$", "confirm-email/some-key/")
    route = route.replace("(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", "1-some-key/")
    return "/" + route.replace("(?P<provider_id>[^/]+)", "sso").replace("^", "").replace("$", "")


def _filled(form: dict[str, Any], there: dict[str, Any]) -> dict[str, Any]:
    def fill(value: Any) -> Any:
        return [fill(one) for one in value] if isinstance(value, list) else value.format(**there)

    return {name: fill(value) for name, value in form.items()}


def _state() -> list[Any]:
    """What is stored of the desk and of how people sign in; all but who looked at what."""
    models = [model for model in (*apps.get_app_config("desk").get_models(), Authenticator) if model is not Visit]
    return [list(model._default_manager.order_by("pk").values_list()) for model in models]


def _note_writes(wrote: list[str], execute: Any, sql: str, *rest: Any) -> Any:
    if re.match(r"\s*(INSERT|UPDATE|DELETE|WITH)", sql, re.IGNORECASE) and "django_session" not in sql:
        wrote.append(sql)
    return execute(sql, *rest)


class Visitor:
    """Somebody with a browser; what their requests do is undone after each."""

    def __init__(self, person: Staff | None) -> None:
        client = Client()
        if person is not None:
            client.force_login(person)
        self.cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        if person is not None and person.first_name == "Greta":
            Staff.objects.filter(id=person.id).update(active=False)
            reference.changed()
        self.before = _state()

    def answer(self, method: str, address: str, form: dict[str, Any]) -> str:
        client = Client()
        client.cookies.load(self.cookies)
        wrote: list[str] = []
        with transaction.atomic():
            with connection.execute_wrapper(partial(_note_writes, wrote)):
                answer = client.get(address) if method == "GET" else client.post(address, form)
                read_to_end(answer)
            unchanged = not wrote or _state() == self.before
            transaction.set_rollback(True)
        if answer.status_code == 302 and answer["Location"].startswith("/login/"):
            said = "in"
        elif answer.status_code == 302 and method == "POST" and unchanged:
            said = "no"
        else:
            said = str(answer.status_code)
        may_change = method == "POST" and said in {"200", "204", "302"}
        return said if may_change or unchanged else f"{said} and has changed something"


def test_every_route_of_the_pages_has_a_row() -> None:
    assert {row_of(route) for route in ROUTES} == set(EXPECTED)


@pytest.mark.parametrize("who", WHO)
def test_each_page_answers_as_the_table_says(cast: dict[str, Staff | None], there: dict[str, Any], who: str) -> None:
    visitor = Visitor(cast[who])
    answers = {}
    known = [route for route in ROUTES if row_of(route) in EXPECTED]
    routes = known if who in {"keeper", "admin"} else [route for route in known if not _ALIKE.match(route)]
    for route in routes:
        address, form = _address(route, there), _filled(FORMS.get(route, {}), there)
        answers[route] = f"{visitor.answer('GET', address, {})}/{visitor.answer('POST', address, form)}"
    assert answers == {route: EXPECTED[row_of(route)][who] for route in routes}


def test_contacts_do_not_sign_in(desk: SimpleNamespace) -> None:
    for path in ("/login/", "/account/login/"):
        client = Client()
        client.post(path, {"login": desk.lena.email, "password": PASSWORD})
        assert client.get("/inbox/")["Location"].startswith("/login/")
    outcome = Client().post("/account/password/reset/", {"email": desk.lena.email})
    assert outcome.status_code == 302
    assert not [one for one in mail.outbox if "/password/reset/key/" in one.body]


# --- one permission after the other

# By permission: what somebody in the category, who lacks this one only, cannot do, and whoever has it can.
TAKES = {
    "web_reply": ("ticket/{number}/send/", {"mode": "reply", "reply": "It is ready."}),
    "close_tickets": ("ticket/{number}/change/", {"status": "{closed}"}),
    "assign_tickets": ("ticket/{number}/change/", {"assignee": "{me}"}),
    "reassign_tickets": ("ticket/{second}/change/", {"assignee": "{me}"}),
    "set_due_date": ("ticket/{number}/change/", {"due_date": "2030-01-31"}),
    "edit_subject": ("ticket/{number}/change/", {"subject": "Another subject"}),
    "add_tags": ("ticket/{number}/change/", {"tags": "cargo"}),
    "delete_tags": ("ticket/{second}/change/", {"tags": ""}),
    "move_tickets": ("ticket/{number}/change/", {"category": "{other_own}"}),
    "move_ticket_to_any_category": ("ticket/{number}/change/", {"category": "{foreign}"}),
    "forward_tickets": ("ticket/{number}/forward/", {"to": "maker@example.org", "subject": "Look", "text": "Look."}),
    "merge_tickets": ("merge/", {"ticket": ["{number}", "{second}"], "into": "{number}"}),
    "delete_tickets": ("bulk/", {"do": "delete", "sure": "yes", "ticket": "{number}"}),
    "all_tickets": ("ticket/{hidden}/change/", {"subject": "Another subject"}),
    "manage_shared_views": ("views/", {"name": "Bells", "q": "bell", "shared": "on"}),
}


@pytest.mark.parametrize("code", TAKES)
def test_each_permission_is_asked_for_where_it_matters(
    cast: dict[str, Staff], there: dict[str, Any], desk: SimpleNamespace, code: str
) -> None:
    person = cast["keeper"]
    another = factories.make_category("Rentals", "RE")
    person.categories.add(another)
    Ticket.objects.filter(id=there["second"]).update(assignee=desk.priya, tags="cargo")
    foreign = factories.make_category("Leasing", "LE")
    hidden = factories.make_ticket(desk.stranger, foreign, now=datetime.now(UTC))
    path, form = TAKES[code]
    names = there | {"me": person.id, "other_own": another.id, "foreign": foreign.id, "hidden": hidden.id}
    answers = []
    for codes in (_KEEPS - {code}, _KEEPS | {code}):
        catalog.edit_role(role_id=person.role_id, name="Role of Kim", permissions=sorted(codes))
        answers.append(Visitor(person).answer("POST", f"/inbox/{path.format(**names)}", _filled(form, names)))
    assert answers[0] in {"400", "404", "no"}, answers
    assert answers[1] == "302", answers
