"""Webhooks at the pages: made, changed, switched, and their log."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from reynard.desk.actions import catalog
from reynard.desk.models import OutboxEntry, Webhook, WebhookAttempt
from reynard.desk.selectors import reference
from tests import factories

SignIn = Callable[..., Client]
URL = "https://hooks.example.org/desk"


def _form(**given: Any) -> dict[str, Any]:
    return {"url": URL, "events": ["ticket.created"], "signature_encoding": "hex", **given}


def _delivery(desk: SimpleNamespace) -> OutboxEntry:
    factories.make_ticket(desk.lena, desk.workshop, now=datetime.now(UTC))
    return OutboxEntry.objects.get(webhook__isnull=False)


def test_a_new_one_shows_its_secret_this_once(priya: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page = priya.post("/manage/webhooks/new/", _form(name="Web shop")).content.decode()
    webhook = Webhook.objects.get()
    assert f"<code>{webhook.secret}</code>" in page
    assert (webhook.name, webhook.url, webhook.events) == ("Web shop", URL, ["ticket.created"])
    for path in ("", "new/", f"{webhook.id}/", f"{webhook.id}/deliveries/", f"{webhook.id}/delete/"):
        assert webhook.secret not in priya.get(f"/manage/webhooks/{path}").content.decode()
    assert webhook.secret not in caplog.text
    assert webhook.secret not in str(dict(priya.session.items()))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"url": "hooks.example.org"}, "Give a whole address"),
        ({"url": "http://hooks.example.org/"}, "use https"),
        ({"url": "https://user:pass@hooks.example.org/"}, "may not hold a user name or password"),
        ({"events": []}, "Choose from ticket.created"),
        ({"events": ["ticket.opened"]}, "ticket.opened is not one of the available choices"),
        ({"categories": ["999"]}, "999 is not one of the available choices"),
        ({"name": "taken"}, "There is a webhook named taken already."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(priya: Client, form: dict[str, Any], said: str) -> None:
    factories.make_webhook(URL, name="taken")
    answer = priya.post("/manage/webhooks/new/", _form(**form))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert Webhook.objects.count() == 1


def test_one_is_changed_and_keeps_its_secret(priya: Client, desk: SimpleNamespace) -> None:
    webhook = factories.make_webhook(URL, name="Web shop")
    before = reference.current().version
    page = priya.get(f"/manage/webhooks/{webhook.id}/").content.decode()
    assert f'value="{URL}"' in page
    form = _form(url="https://other.example.org/", name="", events=["ticket.deleted"], categories=[desk.office.id])
    assert priya.post(f"/manage/webhooks/{webhook.id}/", {**form, "envelope": "on"}).status_code == 302
    changed = Webhook.objects.get()
    assert (changed.url, changed.name, changed.events) == (
        "https://other.example.org/",
        "Web shop",
        ["ticket.deleted"],
    )
    assert (changed.secret, changed.envelope) == (webhook.secret, True)
    assert [category.id for category in changed.categories.all()] == [desk.office.id]
    assert reference.current().version != before


def test_a_change_that_is_refused_changes_nothing(priya: Client, desk: SimpleNamespace) -> None:
    factories.make_webhook(URL, name="taken")
    webhook = factories.make_webhook("https://b.example.org/", name="Web shop")
    answer = priya.post(f"/manage/webhooks/{webhook.id}/", _form(name="taken"))
    assert answer.status_code == 400
    webhook.refresh_from_db()
    assert (webhook.name, webhook.url) == ("Web shop", "https://b.example.org/")


def test_it_is_switched_off_and_on_and_what_waits_is_kept(priya: Client, desk: SimpleNamespace) -> None:
    webhook = factories.make_webhook(URL)
    _delivery(desk)
    assert "1 waits" in priya.get("/manage/webhooks/").content.decode()
    priya.post(f"/manage/webhooks/{webhook.id}/switch/", {"to": "off"})
    assert "switched off" in priya.get("/manage/webhooks/").content.decode()
    assert OutboxEntry.objects.filter(webhook=webhook).count() == 1
    priya.post(f"/manage/webhooks/{webhook.id}/switch/", {"to": "on"})
    webhook.refresh_from_db()
    assert webhook.active


def test_deleting_asks_first(priya: Client, desk: SimpleNamespace) -> None:
    webhook = factories.make_webhook(URL)
    assert "Delete the webhook" in priya.get(f"/manage/webhooks/{webhook.id}/delete/").content.decode()
    assert Webhook.objects.filter(deleted_at=None).exists()
    priya.post(f"/manage/webhooks/{webhook.id}/delete/")
    assert not Webhook.objects.filter(deleted_at=None).exists()
    assert priya.get(f"/manage/webhooks/{webhook.id}/").status_code == 404


def test_the_log_has_each_request_and_its_answer_as_text(priya: Client, desk: SimpleNamespace) -> None:
    webhook = factories.make_webhook(URL)
    delivery = _delivery(desk)
    WebhookAttempt.objects.create(
        delivery=delivery,
        started_at=factories.NOON,
        duration_ms=42,
        request_headers={"webhook-id": delivery.message_id, "webhook-signature": "v1,abc"},
        body_sha256="f" * 64,
        body_bytes=123,
        status=500,
        response_headers={"content-type": "text/html"},
        response="<script>alert(1)</script>",
        error="The receiver answered with 500.",
    )
    OutboxEntry.objects.filter(id=delivery.id).update(attempts=1, last_error="The receiver answered with 500.")
    log = priya.get(f"/manage/webhooks/{webhook.id}/deliveries/").content.decode()
    assert "will be tried again" in log
    assert "500 The receiver answered with 500." in re.sub(r"\s+", " ", log)
    page = priya.get(f"/manage/webhooks/{webhook.id}/deliveries/{delivery.id}/").content.decode()
    for part in ("webhook-signature: v1,abc", "123 bytes", "f" * 64, "content-type: text/html", "42 ms"):
        assert part in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_a_delivery_is_sent_again(priya: Client, desk: SimpleNamespace) -> None:
    webhook = factories.make_webhook(URL)
    delivery = _delivery(desk)
    OutboxEntry.objects.filter(id=delivery.id).update(done_at=factories.NOON)
    address = f"/manage/webhooks/{webhook.id}/deliveries/"
    answer = priya.post(f"{address}{delivery.id}/again/")
    fresh = OutboxEntry.objects.exclude(id=delivery.id).get(webhook=webhook)
    assert answer["Location"] == f"{address}{fresh.id}/"
    assert fresh.message_id == delivery.message_id
    assert priya.get(f"{address}{delivery.id}/again/").status_code == 405

    priya.post(f"/manage/webhooks/{webhook.id}/switch/", {"to": "off"})
    page = priya.post(f"{address}{delivery.id}/again/", follow=True).content.decode()
    assert "is switched off. Switch it on first." in page
    assert OutboxEntry.objects.filter(webhook=webhook).count() == 2


def test_a_long_log_has_pages_and_costs_the_same_on_each(
    priya: Client, desk: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    webhook = factories.make_webhook(URL)
    delivery = _delivery(desk)
    copies = []
    for _ in range(120):
        delivery.pk = None
        copies.append(OutboxEntry(**{f.attname: getattr(delivery, f.attname) for f in OutboxEntry._meta.fields}))
    OutboxEntry.objects.bulk_create(copies)
    address = f"/manage/webhooks/{webhook.id}/deliveries/"
    priya.get(address)
    with django_assert_max_num_queries(40):
        page = priya.get(address).content.decode()
    seen = set(re.findall(r"/deliveries/(\d+)/", page))
    while older := re.search(r'href="(\?before=\d+)"', page):
        page = priya.get(address + older[1]).content.decode()
        more = set(re.findall(r"/deliveries/(\d+)/", page))
        assert not seen & more
        seen |= more
    assert len(seen) == 121
    assert "Nothing was given up" in priya.get(f"{address}?failed").content.decode()


def test_nobody_sets_up_or_sees_what_hears_of_more_than_they_do(desk: SimpleNamespace, sign_in: SignIn) -> None:
    desk.jonas.role = catalog.add_role(name="Integrator", permissions=["manage_integrations"])
    desk.jonas.save()
    reference.changed()
    jonas = sign_in(desk.jonas)  # of the back office
    everything = factories.make_webhook(URL, name="Everything")
    own = factories.make_webhook("https://own.example.org/", name="Own", categories=[desk.office.id])
    page = jonas.get("/manage/webhooks/").content.decode()
    assert "Own" in page
    assert "Everything" not in page
    for path in ("", "deliveries/", "delete/"):
        assert jonas.get(f"/manage/webhooks/{everything.id}/{path}").status_code == 404
    assert jonas.post(f"/manage/webhooks/{everything.id}/switch/", {"to": "off"}).status_code == 404
    assert jonas.post("/manage/webhooks/new/", _form()).status_code == 400
    assert jonas.post("/manage/webhooks/new/", _form(categories=[desk.workshop.id])).status_code == 400
    assert jonas.post(f"/manage/webhooks/{own.id}/", _form()).status_code == 400
    assert Webhook.objects.count() == 2
    assert jonas.post("/manage/webhooks/new/", _form(categories=[desk.office.id])).status_code == 200
