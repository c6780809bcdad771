"""Attacks on how people sign in and stay signed in, and on what they may do then.

Those against what the pages show are in test_attacks.py, those by mail in tests/mail/test_attacks.py.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth import hashers
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.test import Client, RequestFactory

from reynard.desk.actions import catalog
from reynard.desk.models import OutboxEntry, Role, Staff, Update
from reynard.desk.selectors import reference
from tests import factories
from tests.web.conftest import PASSWORD
from tests.web.test_signing_in import _code

SignIn = Callable[..., Client]


# --- sessions and cookies


def test_a_session_that_was_there_before_signing_in_is_worth_nothing(desk: SimpleNamespace, sign_in: SignIn) -> None:
    """Session fixation: whoever planted it does not get in with it."""
    sign_in(desk.priya)
    planted = SessionStore()
    planted["x"] = 1
    planted.create()
    victim, attacker = Client(), Client()
    victim.cookies["reynard_session"] = planted.session_key
    attacker.cookies["reynard_session"] = planted.session_key
    victim.post("/login/", {"login": desk.priya.email, "password": PASSWORD})
    assert victim.get("/inbox/").status_code == 200
    assert victim.cookies["reynard_session"].value != planted.session_key
    assert attacker.get("/inbox/").status_code == 302


def test_signing_out_ends_the_session_for_whoever_copied_it(priya: Client) -> None:
    copy = Client()
    copy.cookies["reynard_session"] = priya.cookies["reynard_session"].value
    assert copy.get("/inbox/").status_code == 200
    priya.post("/logout/")
    assert copy.get("/inbox/").status_code == 302


def test_a_new_password_gives_a_new_session_and_ends_the_others(desk: SimpleNamespace, sign_in: SignIn) -> None:
    here, there = sign_in(desk.priya), sign_in(desk.priya)
    before = here.cookies["reynard_session"].value
    new = "seven wet bicycles"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/account/password/change/", form).status_code == 302
    assert here.get("/inbox/").status_code == 200
    assert here.cookies["reynard_session"].value != before
    assert there.get("/inbox/").status_code == 302


def _settings_of(address: str) -> str:
    code = (
        "from reynard import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.CSRF_COOKIE_HTTPONLY, s.CSRF_TRUSTED_ORIGINS)"
    )
    environment = {
        "REYNARD_BASE_URL": address,
        "REYNARD_DATA_DIR": "/tmp/reynard-none",
        "PYTHONPATH": ":".join(sys.path),
    }
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_cookies_travel_over_https_only_where_the_desk_has_it(tmp_path: Path) -> None:
    assert _settings_of("https://desk.example.org") == "True True True ['https://desk.example.org']\n"
    assert _settings_of("http://127.0.0.1:8000") == "False False True ['http://127.0.0.1:8000']\n"


# --- guessing


def test_guessing_from_one_address_is_stopped_whatever_the_account(desk: SimpleNamespace, sign_in: SignIn) -> None:
    sign_in(desk.priya)
    cache.clear()
    for number in range(20):
        Client().post("/login/", {"login": f"person{number}@rollwerk.example", "password": "guess"})
    right = {"login": desk.priya.email, "password": PASSWORD}
    assert Client().post("/login/", right).status_code != 302
    claimed = {"X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
    assert Client().post("/login/", right, headers=claimed).status_code != 302
    assert Client(REMOTE_ADDR="192.0.2.7").post("/login/", right).status_code == 302


def test_who_works_here_is_not_told_by_resetting_a_password(desk: SimpleNamespace, settings: Any) -> None:
    answers = []
    for email in (desk.priya.email, "nobody@rollwerk.example", desk.gone.email, desk.lena.email):
        cache.clear()
        client = Client()
        answer = client.post("/account/password/reset/", {"email": email})
        answers.append((answer.status_code, answer["Location"], client.get(answer["Location"]).content))
    assert len(set(answers)) == 1


def test_nobody_else_is_sent_a_mail_by_resetting_a_password(desk: SimpleNamespace, settings: Any) -> None:
    """The form is no cannon: strangers, contacts and former staff get nothing."""
    settings.OWN_ORIGIN = "https://desk.example.org"
    settings.EMAIL_BACKEND = "reynard.web.account_mails.OutboxBackend"
    for email in ("nobody@elsewhere.example", desk.lena.email, desk.gone.email):
        Client().post("/account/password/reset/", {"email": email})
    assert not OutboxEntry.objects.exists()
    Client().post("/account/password/reset/", {"email": desk.priya.email})
    assert [entry.recipients["to"] for entry in OutboxEntry.objects.all()] == [[desk.priya.email]]


def test_an_unknown_address_takes_as_long_as_a_wrong_password(desk: SimpleNamespace, monkeypatch: Any) -> None:
    desk.priya.set_password(PASSWORD)
    desk.priya.save()
    hashed: list[str] = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher, "encode", lambda self, *given: hashed.append(given[0]) or encode(self, *given)
    )
    work = []
    for email in (desk.priya.email, "nobody@rollwerk.example", desk.gone.email):
        cache.clear()
        hashed.clear()
        Client().post("/login/", {"login": email, "password": "something else"})
        work.append(len(hashed))
    assert work[0] == work[1] == work[2] >= 1


# --- more than a form offers


def test_forms_take_no_more_than_they_show(desk: SimpleNamespace, sign_in: SignIn) -> None:
    """Mass assignment: names of columns and of the API that a form does not have."""
    jonas = sign_in(desk.jonas)
    factories.make_ticket(desk.lena, desk.workshop)
    own = factories.make_ticket(desk.lena, factories.make_category("Rentals", "RE"))
    desk.jonas.categories.add(own.category_id)
    reference.changed()
    more = {
        "staff": desk.priya.id,
        "staff_id": desk.priya.id,
        "author_id": desk.priya.id,
        "contact": desk.stranger.id,
        "contact_id": desk.stranger.id,
        "created_at": "2001-01-01",
        "timestamp": "2001-01-01",
        "id": 1,
        "version": 99,
        "is_account_admin": "on",
        "role": desk.priya.role_id,
        "active": "on",
        "categories": desk.office.id,
        "owner": desk.priya.id,
        "hold": "99999",
    }
    path = f"/inbox/ticket/{own.id}/"
    jonas.post(f"{path}send/", {"mode": "reply", "reply": "Hello", **more})
    jonas.post(f"{path}change/", {"subject": "Mine", **more})
    update = Update.objects.filter(ticket=own).order_by("id")[1]
    own.refresh_from_db()
    assert (update.author_id, update.created_at.year > 2025) == (desk.jonas.id, True)
    assert (own.contact_id, own.subject, own.version < 99) == (desk.lena.id, "Mine", True)
    before = Staff.objects.filter(id=desk.jonas.id).values().get()
    new = "seven wet bicycles"
    jonas.post("/account/", {"theme": "dark", **more})
    jonas.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new, **more})
    after = Staff.objects.filter(id=desk.jonas.id).values().get()
    assert {name for name in after if after[name] != before[name]} == {"password"}


def test_nobody_gives_themselves_more_than_they_have(desk: SimpleNamespace, sign_in: SignIn) -> None:
    """Also not with every permission there is: roles and staff are for account admins."""
    role = catalog.add_role(name="Everything", permissions=sorted(catalog.PERMISSIONS))
    Staff.objects.filter(id=desk.jonas.id).update(role=role)
    reference.changed()
    jonas = sign_in(desk.jonas)
    person = {"first_name": "J", "email": desk.jonas.email, "role": role.id, "is_account_admin": "on", "active": "on"}
    for path, form in (
        (f"staff/{desk.jonas.id}/change/", person),
        ("staff/add/", {**person, "email": "new@rollwerk.example", "password": "seven wet bicycles"}),
        (f"staff/{desk.priya.id}/change/", {**person, "email": desk.priya.email, "password": "seven wet bicycles"}),
        (f"role/{role.id}/change/", {"name": "Mine", "permissions": "web_reply"}),
        ("role/add/", {"name": "Mine", "permissions": "web_reply"}),
    ):
        assert jonas.post(f"/manage/all/desk/{path}", form).status_code == 403
    assert not Staff.objects.get(id=desk.jonas.id).is_account_admin
    assert not Staff.objects.filter(email="new@rollwerk.example").exists()
    assert not Role.objects.filter(name="Mine").exists()


def test_a_view_of_somebody_else_is_neither_read_nor_changed(desk: SimpleNamespace, sign_in: SignIn) -> None:
    priya, jonas = sign_in(desk.priya), sign_in(desk.jonas)
    priya.post("/inbox/views/", {"name": "Secret plans", "q": "wheel"})
    view = priya.get("/inbox/").context["rail"].saved[0].slug
    assert jonas.get(f"/inbox/?view={view}").status_code == 404
    assert "Secret plans" not in jonas.get("/inbox/views/").content.decode()
    assert jonas.post(f"/inbox/views/{view.removeprefix('view-')}/delete/").status_code == 404
    assert priya.get(f"/inbox/?view={view}").status_code == 200


# --- second factors and single sign-on


def test_a_code_of_the_second_factor_works_once(desk: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(desk.priya)
    where = client.get("/account/second-factor/totp/activate/")["Location"]
    secret = client.post(where, {"password": PASSWORD}, follow=True).context["form"].secret
    client.post("/account/second-factor/totp/activate/", {"code": _code(secret)})
    cache.clear()
    code = _code(secret)
    inside = []
    for _attempt in range(2):
        client = Client()
        where = client.post("/login/", {"login": desk.priya.email, "password": PASSWORD})["Location"]
        client.post(where, {"code": code})
        inside.append(client.get("/inbox/").status_code == 200)
    assert inside == [True, False]


def _single_sign_on(email: str, *, verified: bool, uid: str = "sub-1") -> Any:
    """What becomes of somebody whom the provider sends: the request, with the one who is signed in."""
    request: Any = RequestFactory().get("/account/sso/oidc/sso/login/callback/")
    request.session = SessionStore()
    request.user = AnonymousUser()
    request._messages = FallbackStorage(request)
    account = SocialAccount(provider="sso", uid=uid, extra_data={"sub": uid, "email": email})
    address = EmailAddress(email=email, verified=verified, primary=True)
    with allauth_context.request_context(request), suppress(ImmediateHttpResponse):
        provider = get_adapter().get_provider(request, "sso")
        login = SocialLogin(Staff(email=email), account, email_addresses=[address], provider=provider)
        with suppress(ImmediateHttpResponse):
            complete_social_login(request, login)
    return request


@pytest.fixture
def provider(settings: Any) -> None:
    app = {
        "provider_id": "sso",
        "name": "SSO",
        "client_id": "a",
        "secret": "b",
        "settings": {"server_url": "https://sso"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}


@pytest.mark.usefixtures("provider")
class TestSingleSignOn:
    def test_signs_in_by_an_address_the_provider_has_verified(self, desk: SimpleNamespace) -> None:
        assert _single_sign_on(desk.priya.email, verified=True).user == desk.priya

    def test_does_not_by_one_it_has_not(self, desk: SimpleNamespace) -> None:
        assert not _single_sign_on(desk.priya.email, verified=False).user.is_authenticated
        assert not SocialAccount.objects.exists()

    def test_does_not_bring_new_people(self, desk: SimpleNamespace) -> None:
        before = Staff.objects.count()
        assert not _single_sign_on("new@rollwerk.example", verified=True).user.is_authenticated
        assert Staff.objects.count() == before

    def test_does_not_bring_back_those_who_left(self, desk: SimpleNamespace) -> None:
        assert not _single_sign_on(desk.gone.email, verified=True).user.is_authenticated

    def test_is_not_led_to_an_account_that_claimed_the_address_before(self, desk: SimpleNamespace) -> None:
        """Pre-hijacking: an agent adds the address of somebody who comes later, and would get their sign-in."""
        client = Client()
        client.force_login(desk.jonas)
        client.post("/account/email/", {"action_add": "", "email": "boss@rollwerk.example"})
        assert not EmailAddress.objects.filter(email="boss@rollwerk.example").exists()
        assert not _single_sign_on("boss@rollwerk.example", verified=True).user.is_authenticated
