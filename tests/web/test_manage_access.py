"""Who may open which page of the set-up, and what the others are told."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard import urls
from reynard.desk.actions import catalog
from reynard.desk.models import Role, Staff
from reynard.desk.selectors import reference
from reynard.web.manage import everything
from tests import factories

SignIn = Callable[..., Client]

MODELS = [model._meta.model_name for model in everything.site._registry]
ADMIN_PAGES = [f"/manage/all/desk/{name}/{page}" for name in MODELS for page in ("", "add/")]
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
    "/manage/all/": (302, 403, 403, 403),
    **dict.fromkeys((*ADMIN_PAGES, *OTHER_ADMIN_PAGES), (200, 403, 403, 403)),
}
CODES = {"/manage/keys/": "manage_integrations", "/manage/canned/": "manage_canned_actions"}
ALL_CODES = {"manage_integrations", "manage_canned_actions", "manage_channels"}


def _give(person: Staff, codes: set[str]) -> None:
    person.role = catalog.add_role(name=f"With {len(codes)}, {Role.objects.count()}", permissions=sorted(codes))
    person.save()
    reference.changed()


@pytest.fixture
def addresses(desk: SimpleNamespace) -> dict[str, int]:
    from reynard.desk.actions import canned_actions, people
    from reynard.desk.actions.canned_actions import GivenCannedAction
    from reynard.desk.models import ApiKey

    people.create_api_key(name="Web shop", now=factories.NOON)
    given = GivenCannedAction(name="Ready", text="It is ready.")
    action = canned_actions.save(given, reference=reference.current())
    return {"key": ApiKey.objects.get().id, "action": action.id, "role": desk.priya.role_id}


@pytest.mark.parametrize("address", TABLE)
def test_each_page_is_for_account_admins_and_the_roles_that_have_it(
    desk: SimpleNamespace, sign_in: SignIn, addresses: dict[str, int], address: str
) -> None:
    code = next((code for start, code in CODES.items() if address.startswith(start)), "manage_staff")
    path = address.format(**addresses)
    jonas = sign_in(desk.jonas)
    answers = [sign_in(desk.priya).get(path).status_code]
    _give(desk.jonas, {code} if code != "manage_staff" else ALL_CODES | {"manage_staff"})
    answers.append(jonas.get(path).status_code)
    _give(desk.jonas, ALL_CODES - {code} if code != "manage_staff" else ALL_CODES)
    answers.append(jonas.get(path).status_code)
    _give(desk.jonas, {"web_reply", "all_tickets"})
    answers.append(jonas.get(path).status_code)
    assert tuple(answers) == TABLE[address]
    assert Client().get(path)["Location"].startswith("/login/?next=/manage/")


def test_every_route_of_the_set_up_stands_in_the_table_or_takes_posts_only() -> None:
    for route in urls.pages:
        address = f"/{route.pattern}"
        if address.startswith("/manage/") and not address.endswith(("able/", "/all/")):
            name = "key" if "/keys/" in address else "action"
            assert address.replace("<int:id>", f"{{{name}}}") in TABLE, address


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
    from reynard.desk.models import ApiKey, CannedAction

    jonas = sign_in(desk.jonas)
    for path in ("keys/", f"keys/{addresses['key']}/disable/", f"keys/{addresses['key']}/revoke/"):
        assert jonas.post(f"/manage/{path}", {"name": "Mine", "may": "write", "reach": "all"}).status_code == 403
    for path in ("canned/new/", f"canned/{addresses['action']}/", f"canned/{addresses['action']}/delete/"):
        assert jonas.post(f"/manage/{path}", {"name": "Mine", "text": "x"}).status_code == 403
    for name in MODELS:
        assert jonas.post(f"/manage/all/desk/{name}/add/", {"name": "Mine"}).status_code == 403
    assert ApiKey.objects.get().disabled_at is ApiKey.objects.get().revoked_at is None
    assert CannedAction.objects.get().name == "Ready"
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


@pytest.mark.parametrize("address", [*ADMIN_PAGES, "/manage/keys/?new", "/manage/canned/new/"])
def test_no_page_of_the_set_up_has_scripts_or_styles_of_its_own(
    desk: SimpleNamespace, sign_in: SignIn, address: str
) -> None:
    import re

    page = sign_in(desk.priya).get(address).content.decode()
    assert not re.search(r"<style|<[^>]+\sstyle=|<[^>]+\son\w+=|javascript:", page)
    for script in re.findall(r"<script[^>]*>([^<]*)</script>", page):
        assert not script.strip()
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
