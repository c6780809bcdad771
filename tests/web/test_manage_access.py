"""Who may open which page of the set-up, and what the others are told."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard import urls
from reynard.desk.actions import canned_actions, catalog, mailboxes, people
from reynard.desk.actions.canned_actions import GivenCannedAction
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.models import ApiKey, CannedAction, Mailbox, OutboxEntry, Role, Staff, Webhook
from reynard.desk.selectors import reference
from reynard.web.manage import everything
from tests import factories
from tests.mail import arriving
from tests.mail.arriving import HOST, SUPPORT

SignIn = Callable[..., Client]

MODELS = [model._meta.model_name for model in everything.site._registry]
ADMIN_PAGES = [f"/manage/all/desk/{name}/{page}" for name in MODELS for page in ("", "add/")]
FORMS = ["/manage/canned/new/", "/manage/webhooks/new/", "/manage/mailboxes/new/"]
OTHER_ADMIN_PAGES = ["/manage/all/desk/role/{role}/change/", "/manage/all/desk/role/{role}/history/"]

# Route by who: an account admin, the role with the permission, a role with all the other ones of the set-up, nobody.
TABLE = {
    "/manage/": (302, 302, 302, 403),
    "/manage/keys/": (200, 200, 403, 403),
    "/manage/keys/{key}/revoke/": (200, 404, 403, 403),  # it reaches further than the role's people
    "/manage/canned/": (200, 200, 403, 403),
    "/manage/canned/new/": (200, 200, 403, 403),
    "/manage/canned/{action}/": (200, 404, 403, 403),
    "/manage/canned/{action}/delete/": (200, 404, 403, 403),
    "/manage/webhooks/": (200, 200, 403, 403),
    "/manage/webhooks/new/": (200, 200, 403, 403),
    "/manage/webhooks/{webhook}/": (200, 404, 403, 403),
    "/manage/webhooks/{webhook}/delete/": (200, 404, 403, 403),
    "/manage/webhooks/{webhook}/deliveries/": (200, 404, 403, 403),
    "/manage/webhooks/{webhook}/deliveries/{delivery}/": (200, 404, 403, 403),
    "/manage/mailboxes/": (200, 200, 403, 403),
    "/manage/mailboxes/new/": (200, 200, 403, 403),
    "/manage/mailboxes/{mailbox}/": (200, 404, 403, 403),
    "/manage/held/": (200, 200, 403, 403),
    "/manage/held/{mail}/": (200, 404, 403, 403),
    "/manage/held/{mail}/raw/": (200, 404, 403, 403),
    "/manage/all/": (302, 403, 403, 403),
    **dict.fromkeys((*ADMIN_PAGES, *OTHER_ADMIN_PAGES), (200, 403, 403, 403)),
}
POSTED = ("/disable/", "/enable/", "/switch/", "/again/", "/decide/", "/all/")
CODES = {
    "/manage/keys/": "manage_integrations",
    "/manage/webhooks/": "manage_integrations",
    "/manage/canned/": "manage_canned_actions",
    "/manage/mailboxes/": "manage_channels",
    "/manage/held/": "manage_channels",
}
ALL_CODES = {"manage_integrations", "manage_canned_actions", "manage_channels"}


def _give(person: Staff, codes: set[str]) -> None:
    person.role = catalog.add_role(name=f"With {len(codes)}, {Role.objects.count()}", permissions=sorted(codes))
    person.save()
    reference.changed()


@pytest.fixture
def addresses(desk: SimpleNamespace) -> dict[str, int]:
    people.create_api_key(name="Web shop", now=factories.NOON)
    given = GivenCannedAction(name="Ready", text="It is ready.")
    action = canned_actions.save(given, reference=reference.current())
    webhook = factories.make_webhook("https://hooks.example.org/desk")
    ticket = factories.make_ticket(desk.lena, desk.workshop, now=datetime.now(UTC))
    wanted = MailboxSettings(address=SUPPORT, category_id=desk.workshop.id, trusted_hosts=[HOST])
    mailbox = mailboxes.create("support", wanted, now=factories.NOON)
    mail = arriving.arrive(arriving.mail(to=arriving.reply_to(ticket.id), **arriving.verdict("fail")))
    return {
        "key": ApiKey.objects.get().id,
        "action": action.id,
        "role": desk.priya.role_id,
        "webhook": webhook.id,
        "delivery": OutboxEntry.objects.get(webhook=webhook).id,
        "mailbox": mailbox.id,
        "mail": mail.id,
    }


def _status(client: Client, path: str) -> int:
    answer = client.get(path)
    answer.getvalue()  # also of a file
    return answer.status_code


@pytest.mark.parametrize("address", TABLE)
def test_each_page_is_for_account_admins_and_the_roles_that_have_it(
    desk: SimpleNamespace, sign_in: SignIn, addresses: dict[str, int], address: str
) -> None:
    code = next((code for start, code in CODES.items() if address.startswith(start)), "manage_staff")
    path = address.format(**addresses)
    jonas = sign_in(desk.jonas)
    answers = [_status(sign_in(desk.priya), path)]
    _give(desk.jonas, {code} if code != "manage_staff" else ALL_CODES | {"manage_staff"})
    answers.append(_status(jonas, path))
    _give(desk.jonas, ALL_CODES - {code} if code != "manage_staff" else ALL_CODES)
    answers.append(_status(jonas, path))
    _give(desk.jonas, {"web_reply", "all_tickets"})
    answers.append(_status(jonas, path))
    assert tuple(answers) == TABLE[address]
    assert Client().get(path)["Location"].startswith("/login/?next=/manage/")


def test_every_route_of_the_set_up_stands_in_the_table_or_takes_posts_only() -> None:
    for route in urls.pages:
        address = f"/{route.pattern}"
        if address.startswith("/manage/") and not address.endswith(
            ("able/", "/switch/", "/again/", "/decide/", "/all/")
        ):
            names = {"keys": "key", "canned": "action", "webhooks": "webhook", "mailboxes": "mailbox", "held": "mail"}
            name = names.get(address.split("/")[2], "")
            address = address.replace("<int:id>", f"{{{name}}}").replace("<int:delivery>", "{delivery}")
            assert address in TABLE, address


@pytest.mark.parametrize("code", sorted(ALL_CODES))
@pytest.mark.parametrize("enforced", [False, True])
def test_the_set_up_takes_its_permission_whatever_the_others_take(
    desk: SimpleNamespace, sign_in: SignIn, settings: object, code: str, enforced: bool
) -> None:
    settings.REYNARD_ENFORCE_PERMISSIONS = enforced  # type: ignore[attr-defined]
    jonas = sign_in(desk.jonas)
    assert jonas.get("/manage/").status_code == 403
    page = jonas.get("/inbox/").content.decode()
    assert 'href="/manage/"' not in page
    assert 'href="/manage/"' in sign_in(desk.priya).get("/inbox/").content.decode()


def test_who_may_not_is_told_so_in_words(desk: SimpleNamespace, sign_in: SignIn) -> None:
    answer = sign_in(desk.jonas).get("/manage/keys/")
    assert answer.status_code == 403
    assert "This is not yours to set up" in answer.content.decode()


def test_changing_something_takes_the_permission_too(
    desk: SimpleNamespace, sign_in: SignIn, addresses: dict[str, int]
) -> None:
    jonas = sign_in(desk.jonas)
    for path in ("keys/", f"keys/{addresses['key']}/disable/", f"keys/{addresses['key']}/revoke/"):
        assert jonas.post(f"/manage/{path}", {"name": "Mine", "may": "write", "reach": "all"}).status_code == 403
    for path in ("canned/new/", f"canned/{addresses['action']}/", f"canned/{addresses['action']}/delete/"):
        assert jonas.post(f"/manage/{path}", {"name": "Mine", "text": "x"}).status_code == 403
    hook = f"webhooks/{addresses['webhook']}/"
    again = f"{hook}deliveries/{addresses['delivery']}/again/"
    for path in ("webhooks/new/", hook, f"{hook}switch/", f"{hook}delete/", again):
        assert jonas.post(f"/manage/{path}", {"url": "https://evil.example/", "to": "off"}).status_code == 403
    for path in ("mailboxes/new/", f"mailboxes/{addresses['mailbox']}/", f"mailboxes/{addresses['mailbox']}/switch/"):
        assert jonas.post(f"/manage/{path}", {"name": "mine", "to": "off"}).status_code == 403
    assert jonas.post(f"/manage/held/{addresses['mail']}/decide/", {"do": "leave"}).status_code == 403
    for name in MODELS:
        assert jonas.post(f"/manage/all/desk/{name}/add/", {"name": "Mine"}).status_code == 403
    assert ApiKey.objects.get().disabled_at is ApiKey.objects.get().revoked_at is None
    assert CannedAction.objects.get().name == "Ready"
    assert Webhook.objects.get().active
    assert Mailbox.objects.get().active
    assert not Role.objects.filter(name="Mine").exists()


@pytest.mark.parametrize("address", ["/manage/all/", "/manage/keys/"])
def test_pages_of_the_set_up_have_the_headers_of_all_pages(
    desk: SimpleNamespace, sign_in: SignIn, address: str
) -> None:
    answer = sign_in(desk.priya).get(address, follow=True)
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("address", [*ADMIN_PAGES, "/manage/keys/?new", *FORMS])
def test_no_page_of_the_set_up_has_scripts_or_styles_of_its_own(
    desk: SimpleNamespace, sign_in: SignIn, address: str
) -> None:
    page = sign_in(desk.priya).get(address).content.decode()
    assert not re.search(r"<style|<[^>]+\sstyle=|<[^>]+\son\w+=|javascript:", page)
    for script in re.findall(r"<script[^>]*>([^<]*)</script>", page):
        assert not script.strip()
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
