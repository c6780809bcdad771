"""Who gets in, who is kept out, and what the account's own pages do."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from tests.web.conftest import PASSWORD

SignIn = Callable[..., Client]


def test_staff_sign_in_by_address_in_any_case_and_see_the_inbox(desk: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(desk.priya)
    assert client.get("/inbox/").status_code == 200

    client = Client()
    answer = client.post("/login/", {"login": desk.priya.email.upper(), "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/inbox/"


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(desk: SimpleNamespace, sign_in: SignIn) -> None:
    sign_in(desk.priya)
    wrong = Client().post("/login/", {"login": desk.priya.email, "password": "something else"})
    unknown = Client().post("/login/", {"login": "nobody@rollwerk.example", "password": "something else"})
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_inactive_staff_do_not_get_in(desk: SimpleNamespace, sign_in: SignIn) -> None:
    assert sign_in(desk.gone).get("/inbox/").status_code == 302


def test_who_becomes_inactive_is_out_at_the_next_request(desk: SimpleNamespace, sign_in: SignIn) -> None:
    from reynard.desk.selectors import reference

    client = sign_in(desk.jonas)
    assert client.get("/inbox/").status_code == 200
    desk.jonas.active = False
    desk.jonas.save()
    reference.changed()
    assert client.get("/inbox/")["Location"].startswith("/login/")


def test_strangers_are_sent_to_sign_in_and_back(desk: SimpleNamespace, sign_in: SignIn) -> None:
    sign_in(desk.priya)
    client = Client()
    answer = client.get("/inbox/?view=mine")
    assert answer["Location"] == "/login/?next=/inbox/%3Fview%3Dmine"
    answer = client.post("/login/", {"login": desk.priya.email, "password": PASSWORD, "next": "/inbox/?view=mine"})
    assert answer["Location"] == "/inbox/?view=mine"
    evil = Client().post(
        "/login/", {"login": desk.priya.email, "password": PASSWORD, "next": "https://evil.example/inbox/"}
    )
    assert evil["Location"] == "/inbox/"


def test_a_fragment_for_a_stranger_sends_the_whole_page_to_sign_in(desk: SimpleNamespace) -> None:
    answer = Client().get("/inbox/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/login/"


def test_guessing_a_password_is_stopped_after_five_tries(desk: SimpleNamespace, sign_in: SignIn) -> None:
    sign_in(desk.priya)
    for _ in range(5):
        Client().post("/login/", {"login": desk.priya.email, "password": "guess"})
    answer = Client().post("/login/", {"login": desk.priya.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert "Too many failed login attempts" in answer.content.decode()


def test_the_session_changes_when_somebody_signs_in(desk: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(desk.priya)
    first = client.cookies["reynard_session"].value
    client.post("/logout/")
    client.post("/login/", {"login": desk.priya.email, "password": PASSWORD})
    assert client.cookies["reynard_session"].value not in {"", first}


def test_nobody_signs_up(desk: SimpleNamespace) -> None:
    from reynard.desk.models import Staff

    before = Staff.objects.count()
    Client().post("/account/signup/", {"email": "new@example.org", "password1": PASSWORD})
    assert Staff.objects.count() == before


def test_forms_without_the_mark_of_the_session_are_refused(desk: SimpleNamespace) -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {"login": "a@b.example", "password": "x"})
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_a_session_elsewhere_can_be_ended(desk: SimpleNamespace, sign_in: SignIn) -> None:
    from allauth.usersessions.models import UserSession

    here, there = sign_in(desk.priya), sign_in(desk.priya)
    page = here.get("/account/sessions/")
    assert page.status_code == 200
    assert UserSession.objects.filter(user=desk.priya).count() == 2
    here.post("/account/sessions/")  # ends all others
    assert here.get("/inbox/").status_code == 200
    assert there.get("/inbox/").status_code == 302


def test_one_session_can_be_ended_by_whose_it_is(desk: SimpleNamespace, sign_in: SignIn) -> None:
    from allauth.usersessions.models import UserSession

    here, else_ = sign_in(desk.priya), sign_in(desk.jonas)
    there = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"})
    there.post("/login/", {"login": desk.priya.email, "password": PASSWORD})
    page = here.get("/account/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert page.count('name="session"') == 1
    key = there.cookies["reynard_session"].value
    wanted = UserSession.objects.get(session_key=key).id
    assert else_.post("/account/end-session/", {"session": wanted}).status_code == 404
    assert there.get("/inbox/").status_code == 200
    assert here.post("/account/end-session/", {"session": wanted}).status_code == 302
    assert there.get("/inbox/").status_code == 302
    assert here.get("/inbox/").status_code == 200


def _code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


@pytest.fixture
def with_second_factor(desk: SimpleNamespace, sign_in: SignIn) -> str:
    """The secret of Priya's second factor, switched on by the pages."""
    client = sign_in(desk.priya)
    where = client.get("/account/second-factor/totp/activate/")["Location"]
    assert where.startswith("/account/reauthenticate/")  # changing how one signs in takes the password again
    page = client.post(where, {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    answer = client.post("/account/second-factor/totp/activate/", {"code": _code(secret)})
    assert answer.status_code == 302
    return str(secret)


def test_the_second_factor_is_asked_for_and_kept_encrypted(desk: SimpleNamespace, with_second_factor: str) -> None:
    stored = Authenticator.objects.get(user=desk.priya, type="totp")
    assert with_second_factor not in str(stored.data)

    client = Client()
    answer = client.post("/login/", {"login": desk.priya.email, "password": PASSWORD})
    assert answer["Location"].startswith("/account/second-factor/authenticate/")
    assert client.get("/inbox/").status_code == 302  # not yet
    assert client.post(answer["Location"], {"code": "000000"}).status_code == 200


def test_recovery_codes_stand_in_for_the_second_factor_once(desk: SimpleNamespace, with_second_factor: str) -> None:
    wrapped = Authenticator.objects.get(user=desk.priya, type="recovery_codes").wrap()
    code = wrapped.get_unused_codes()[0]
    for accepted in (True, False):
        client = Client()
        where = client.post("/login/", {"login": desk.priya.email, "password": PASSWORD})["Location"]
        client.post(where, {"code": code})
        assert (client.get("/inbox/").status_code == 200) is accepted


def test_recovery_codes_are_shown_once(desk: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(desk.priya)
    where = client.get("/account/second-factor/totp/activate/")["Location"]
    page = client.post(where, {"password": PASSWORD}, follow=True)
    assert 'alt="The secret below as a QR code"' in page.content.decode()
    code = _code(page.context["form"].secret)
    shown = client.post("/account/second-factor/totp/activate/", {"code": code}, follow=True).content.decode()
    codes = Authenticator.objects.get(user=desk.priya, type="recovery_codes").wrap().get_unused_codes()
    assert all(code in shown for code in codes)
    again = client.get("/account/second-factor/recovery-codes/").content.decode()
    assert not any(code in again for code in codes)
    assert "10 codes were made" in again
    assert client.get("/account/second-factor/recovery-codes/download/").status_code == 403


def test_a_wrong_password_keeps_the_address_that_was_typed(desk: SimpleNamespace) -> None:
    page = Client().post("/login/", {"login": "priya@rollwerk.example", "password": "guess"}).content.decode()
    assert 'value="priya@rollwerk.example"' in page
    assert "guess" not in page


def test_what_a_password_must_be_is_said_before_and_after(desk: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(desk.priya)
    assert "At least ten characters" in client.get("/account/password/change/").content.decode()
    form = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert "at least 10 characters" in client.post("/account/password/change/", form).content.decode()


def test_passwords_are_kept_as_argon2(settings: Any) -> None:
    from django.contrib.auth.hashers import check_password, make_password

    from reynard.settings import PASSWORD_HASHERS  # tests use a quicker one

    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    stored = make_password(PASSWORD)
    assert stored.startswith("argon2$argon2id$")
    assert check_password(PASSWORD, stored)


@pytest.mark.parametrize("path", ["/login/", "/inbox/", "/account/", "/account/second-factor/", "/nothing-here/"])
def test_pages_carry_the_headers_that_protect_them(desk: SimpleNamespace, sign_in: SignIn, path: str) -> None:
    answer = sign_in(desk.priya).get(path)
    policy = answer.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    assert 'style="' not in answer.content.decode()
    assert "<script>" not in answer.content.decode()


@pytest.mark.parametrize("name", ["reynard_session", "reynard_csrf"])
def test_cookies_are_out_of_reach_of_scripts(desk: SimpleNamespace, sign_in: SignIn, name: str) -> None:
    client = sign_in(desk.priya)
    client.get("/account/")
    assert client.cookies[name]["httponly"]
    assert client.cookies[name]["samesite"] == "Lax"


def test_the_api_knows_no_sessions(desk: SimpleNamespace, sign_in: SignIn) -> None:
    answer = sign_in(desk.priya).get("/api/1.1/json/tickets/")
    assert answer.status_code == 401
    assert "Content-Security-Policy" not in answer.headers
    assert not answer.cookies
