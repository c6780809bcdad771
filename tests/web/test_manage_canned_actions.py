"""Canned actions at the set-up."""

from collections.abc import Callable
from types import SimpleNamespace

from django.test import Client

from reynard.desk.models import CannedAction

SignIn = Callable[..., Client]


def test_one_is_made_changed_and_deleted(priya: Client, desk: SimpleNamespace) -> None:
    form = {
        "name": "Cable repair, warranty",
        "text": "Hello {{contact.first_name}},\r\n\r\nit is ready.",
        "status": desk.waiting.id,
        "priority": desk.high.id,
        "assigns": "person",
        "assignee": desk.jonas.id,
        "tags": "stand-2, cable",
        "categories": [desk.workshop.id],
    }
    assert priya.post("/manage/canned/new/", form).status_code == 302
    action = CannedAction.objects.get()
    assert action.text == "Hello {{contact.first_name}},\n\nit is ready."
    assert (action.status_id, action.priority_id, action.assignee_id) == (desk.waiting.id, desk.high.id, desk.jonas.id)
    assert action.tags == "stand-2,cable"
    page = priya.get("/manage/canned/").content.decode()
    assert "the status Waiting, the priority High, Jonas Beck as the one who has it, the tag stand-2" in page

    page = priya.get(f"/manage/canned/{action.id}/").content.decode()
    assert "stand-2, cable" in page
    assert priya.post(f"/manage/canned/{action.id}/", {**form, "assigns": "me"}).status_code == 302
    action.refresh_from_db()
    assert (action.assigns, action.assignee_id) == ("me", None)

    assert "Delete the canned action" in priya.get(f"/manage/canned/{action.id}/delete/").content.decode()
    assert priya.post(f"/manage/canned/{action.id}/delete/").status_code == 302
    assert not CannedAction.objects.exists()


def test_what_was_typed_is_kept_when_it_is_refused(priya: Client, desk: SimpleNamespace) -> None:
    answer = priya.post("/manage/canned/new/", {"name": "Ready", "text": "Hello {{contact.shoe_size}}"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "There is no field {{contact.shoe_size}}" in page
    assert "Hello {{contact.shoe_size}}</textarea>" in page
    assert 'aria-invalid="true"' in page
    assert not CannedAction.objects.exists()


def test_texts_are_shown_as_text(priya: Client, desk: SimpleNamespace) -> None:
    priya.post("/manage/canned/new/", {"name": "<script>alert(1)</script>", "text": "<img src=x onerror=alert(1)>"})
    page = priya.get("/manage/canned/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
