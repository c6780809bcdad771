"""API keys at the pages: made, shown once, switched off and on, taken away."""

import base64
import logging
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.actions import catalog, people
from reynard.desk.models import ApiKey
from reynard.desk.selectors import reference
from tests import factories

SignIn = Callable[..., Client]


def _make(client: Client, **form: object) -> tuple[int, str]:
    answer = client.post("/manage/keys/", {"name": "Web shop", "may": "read", "reach": "all", **form})
    return answer.status_code, answer.content.decode()


def _call(key: str, code: str, method: str = "get", path: str = "statuses/") -> int:
    header = "Basic " + base64.b64encode(f"{key}:{code}".encode()).decode()
    return getattr(Client(), method)(f"/api/1.1/json/{path}", headers={"Authorization": header}).status_code


def _code(page: str) -> str:
    return re.findall(r"<code>([\w-]{43})</code>", page)[0]


def test_a_new_key_works_and_its_code_is_shown_this_once(
    priya: Client, desk: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, page = _make(priya)
    assert status == 200
    key = ApiKey.objects.get()
    code = _code(page)
    assert _call(key.key, code) == 200
    assert _call(key.key, code, "post", "tickets/") == 403  # it only reads

    for path in ("/manage/keys/", "/manage/keys/?new", f"/manage/keys/{key.id}/revoke/", "/inbox/"):
        assert code not in priya.get(path).content.decode()
    assert code not in caplog.text
    assert code not in str(ApiKey.objects.values())
    assert code not in str(dict(priya.session.items()))


def test_a_key_can_be_for_some_categories_and_act_as_somebody(priya: Client, desk: SimpleNamespace) -> None:
    _make(priya, may="write", reach="some", categories=[desk.workshop.id], staff=desk.jonas.id)
    key = ApiKey.objects.get()
    assert (key.read_only, key.is_limited, key.staff_id) == (False, True, desk.jonas.id)
    assert [category.id for category in key.categories.all()] == [desk.workshop.id]
    page = priya.get("/manage/keys/").content.decode()
    assert "acts as Jonas Beck" in page
    assert '<span class="tag">Repair workshop</span>' in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "  "}, "This field is required."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"reach": "some"}, "Give at least one."),
        ({"reach": "some", "categories": ["999"]}, "999 is not one of the available choices"),
        ({"staff": "999"}, "999 is not one of the available choices"),
        ({"may": "fly"}, "fly is not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_no_key_is_made(
    priya: Client, form: dict[str, object], said: str
) -> None:
    status, page = _make(priya, **form)
    assert status == 400
    assert said in page
    assert 'aria-invalid="true"' in page
    assert not ApiKey.objects.exists()


def test_inactive_staff_cannot_be_who_a_key_acts_as(priya: Client, desk: SimpleNamespace) -> None:
    assert _make(priya, staff=desk.gone.id)[0] == 400


def test_a_key_is_switched_off_and_on_and_taken_away(priya: Client, desk: SimpleNamespace) -> None:
    code = _code(_make(priya)[1])
    key = ApiKey.objects.get()
    priya.post(f"/manage/keys/{key.id}/disable/")
    assert _call(key.key, code) == 401
    assert "switched off" in priya.get("/manage/keys/").content.decode()
    priya.post(f"/manage/keys/{key.id}/enable/")
    assert _call(key.key, code) == 200

    assert "This is for good" in priya.get(f"/manage/keys/{key.id}/revoke/").content.decode()
    assert _call(key.key, code) == 200
    priya.post(f"/manage/keys/{key.id}/revoke/")
    assert _call(key.key, code) == 401
    assert priya.post(f"/manage/keys/{key.id}/enable/").status_code == 404
    assert _call(key.key, code) == 401


@pytest.mark.parametrize("address", ["disable", "enable"])
def test_looking_at_an_address_changes_no_key(priya: Client, desk: SimpleNamespace, address: str) -> None:
    _make(priya)
    assert priya.get(f"/manage/keys/{ApiKey.objects.get().id}/{address}/").status_code == 405


def test_nobody_hands_out_or_sees_keys_that_reach_further_than_they_do(desk: SimpleNamespace, sign_in: SignIn) -> None:
    desk.jonas.role = catalog.add_role(name="Integrator", permissions=["manage_integrations"])
    desk.jonas.save()
    reference.changed()
    jonas = sign_in(desk.jonas)  # of the back office
    people.create_api_key(name="Everything", now=factories.NOON)
    people.create_api_key(name="Workshop", now=factories.NOON, categories=[desk.workshop.id])
    both = [desk.workshop.id, desk.office.id]
    people.create_api_key(name="Both", now=factories.NOON, categories=both)
    people.create_api_key(name="Office", now=factories.NOON, categories=[desk.office.id])

    page = jonas.get("/manage/keys/?new").content.decode()
    assert "Office" in page
    assert not any(name in page for name in ("Everything", "Workshop", "Both", "Repair workshop"))
    for key in ApiKey.objects.exclude(name="Office"):
        assert jonas.post(f"/manage/keys/{key.id}/disable/").status_code == 404
        assert jonas.post(f"/manage/keys/{key.id}/revoke/").status_code == 404
    assert _make(jonas, reach="all")[0] == 400
    assert _make(jonas, reach="some", categories=[desk.workshop.id])[0] == 400
    assert ApiKey.objects.count() == 4
    assert _make(jonas, reach="some", categories=[desk.office.id])[0] == 200
