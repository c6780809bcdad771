"""A form that is sent twice sends one message."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from reynard.desk import db
from reynard.desk.actions import sent_forms
from reynard.desk.models import CannedAction, Draft, OutboxEntry, SentForm, Ticket, Update
from tests import factories

SignIn = Callable[..., Client]


def _send(client: Client, ticket: Ticket, **form: object) -> HttpResponse:
    fields = {"mode": "reply", "last_seen": "0", "once": "k1", **form}
    return client.post(f"/inbox/ticket/{ticket.id}/send/", fields)  # type: ignore[return-value]


def test_each_form_names_itself(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    names = {
        re.findall(r'name="once" value="([^"]{12,})"', priya.get(f"/inbox/ticket/{ticket.id}/").content.decode())[0]
        for _again in range(2)
    }
    assert len(names) == 2


@pytest.mark.parametrize("mode", ["reply", "note"])
def test_the_second_one_leads_to_the_same_place_and_changes_nothing(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, mode: str
) -> None:
    action = CannedAction.objects.create(name="A", text="x", tags="hub")
    form = {"mode": mode, mode: "Please push it.", f"{mode}_canned": action.id}
    first, second = _send(priya, ticket, **form), _send(priya, ticket, **form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"] == f"/inbox/ticket/{ticket.id}/#latest"
    assert Update.objects.count() == 2
    assert OutboxEntry.objects.filter(kind="message").count() == (mode == "reply")
    action.refresh_from_db()
    assert action.used_count == 1


def test_a_refused_one_can_be_sent_again(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    factories.make_field("Frame number", categories=[desk.workshop], compulsory_on_completed=True)
    assert _send(priya, ticket, reply="Done.", status=desk.closed.id).status_code == 400
    assert not SentForm.objects.exists()
    assert _send(priya, ticket, reply="Done.").status_code == 302


def test_going_back_and_writing_something_else_sends_that_too(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    _send(priya, ticket, reply="Please push it.")
    _send(priya, ticket, reply="And bring the key.", anyway="1")
    _send(priya, ticket, mode="note", note="And bring the key.")
    assert Update.objects.count() == 4


def test_the_name_is_ones_own(desk: SimpleNamespace, ticket: Ticket, priya: Client, sign_in: SignIn) -> None:
    from reynard.desk.selectors import reference

    desk.jonas.categories.add(desk.workshop)
    reference.changed()
    _send(priya, ticket, mode="note", note="The same.")
    _send(sign_in(desk.jonas), ticket, mode="note", note="The same.")
    assert Update.objects.filter(message_type="p").count() == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_the_same_time_send_one(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    if not db.is_postgres():
        pytest.skip("Two connections cannot share a database in memory.")
    answers: list[HttpResponse] = []
    at_once = threading.Barrier(2)

    def send() -> None:
        client = Client()
        client.cookies = priya.cookies
        at_once.wait()
        try:
            answers.append(_send(client, ticket, reply="Please push it."))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer["Location"] for answer in answers] == [f"/inbox/ticket/{ticket.id}/#latest"] * 2
    assert Update.objects.filter(message_type="m").count() == 2


def test_they_are_forgotten_after_a_day(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    _send(priya, ticket, reply="Please push it.")
    at = SentForm.objects.get().created_at
    sent_forms.forget_expired(now=at + timedelta(hours=23))
    assert SentForm.objects.exists()
    assert sent_forms.forget_expired(now=at + timedelta(hours=25)) is False
    assert not SentForm.objects.exists()


def test_what_stands_in_the_other_pane_is_kept_as_a_draft(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    _send(priya, ticket, reply="Please push it.", note="Third one")
    assert list(Draft.objects.values_list("kind", "text")) == [("note", "Third one")]
