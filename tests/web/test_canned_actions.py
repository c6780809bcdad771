"""Canned actions on a ticket: found, put into what is being written, sent with their changes."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.test import Client

from reynard.desk.actions import canned_actions
from reynard.desk.actions.canned_actions import GivenCannedAction
from reynard.desk.models import CannedAction, Ticket, Update
from reynard.desk.selectors import reference
from tests import factories

SignIn = Callable[..., Client]


def _make(name: str = "Ready", text: str = "Hello {{contact.first_name}}, it is ready.", **given: Any) -> CannedAction:
    return canned_actions.save(GivenCannedAction(name=name, text=text, **given), reference=reference.current())


def _send(client: Client, ticket: Ticket, **form: Any) -> tuple[int, str]:
    address = f"/inbox/ticket/{ticket.id}/send/"
    answer = client.post(address, {"mode": "reply", "last_seen": "0", "reply": "Hello Lena.", **form})
    ticket.refresh_from_db()
    return answer.status_code, answer.content.decode()


def test_the_menu_has_those_of_the_ticket_with_their_text_filled_in(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    action = _make(status=desk.waiting.id, tags=["hub"], categories=[desk.workshop.id])
    _make("Office only", categories=[desk.office.id])
    answer = priya.get(f"/inbox/ticket/{ticket.id}/canned/", {"q": "read"})
    assert answer.json() == {
        "actions": [
            {
                "id": action.id,
                "name": "Ready",
                "text": "Hello Lena, it is ready.",
                "also": "“Ready” will also set the status Waiting, the tag hub",
            }
        ]
    }
    assert priya.get(f"/inbox/ticket/{ticket.id}/canned/", {"q": "nothing"}).json() == {"actions": []}


def test_a_ticket_that_is_not_theirs_tells_nothing(desk: SimpleNamespace, ticket: Ticket, sign_in: SignIn) -> None:
    action = _make()
    jonas = sign_in(desk.jonas)
    address = f"/inbox/ticket/{ticket.id}/canned/"
    assert jonas.get(address).status_code == 404
    assert jonas.post(address, {"canned": action.id}).status_code == 404
    assert Client().get(address)["Location"].startswith("/login/")


def test_what_it_sets_happens_with_sending_and_not_before(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    action = _make(status=desk.waiting.id, priority=desk.high.id, assigns="me", tags=["hub", "vip"])
    priya.get(f"/inbox/ticket/{ticket.id}/canned/")
    page = priya.post(f"/inbox/ticket/{ticket.id}/canned/", {"into": "reply", "canned": action.id}).content.decode()
    assert "will also set the status Waiting, the priority High, you as the one who has it" in page
    ticket.refresh_from_db()
    assert (ticket.status_id, ticket.tags, Update.objects.count()) == (desk.new.id, "", 1)

    assert _send(priya, ticket, reply_canned=action.id, reply_left_out="")[0] == 302
    assert (ticket.status_id, ticket.priority_id, ticket.assignee_id) == (desk.waiting.id, desk.high.id, desk.priya.id)
    assert ticket.tags == "hub,vip"
    assert Update.objects.count() == 2  # the message and the changes are one
    action.refresh_from_db()
    assert action.used_count == 1


def test_left_out_it_is_a_text_alone(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    action = _make(status=desk.waiting.id, tags=["hub"])
    _send(priya, ticket, reply_canned=action.id, reply_left_out="1")
    assert (ticket.status_id, ticket.tags) == (desk.new.id, "")
    action.refresh_from_db()
    assert action.used_count == 1


def test_a_status_that_was_chosen_by_hand_stands(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    action = _make(status=desk.waiting.id)
    _send(priya, ticket, reply_canned=action.id, status=desk.closed.id)
    assert ticket.status_id == desk.closed.id


def test_that_of_the_reply_is_not_done_with_a_note(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    action = _make(status=desk.waiting.id)
    _send(priya, ticket, mode="note", note="Third one.", reply_canned=action.id)
    assert ticket.status_id == desk.new.id
    _send(priya, ticket, mode="note", note="Third one.", note_canned=action.id)
    assert ticket.status_id == desk.waiting.id


def test_one_that_is_gone_or_not_for_this_ticket_stops_sending_and_loses_no_text(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    for number in (999, _make(categories=[desk.office.id]).id):
        status, page = _send(priya, ticket, reply_canned=number)
        assert status == 400
        assert "The canned action is gone" in page
        assert "Hello Lena.</textarea>" in page
    assert Update.objects.count() == 1
    assert _send(priya, ticket)[0] == 302


def test_what_is_refused_keeps_the_text_and_the_action(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    factories.make_field("Frame number", categories=[desk.workshop], compulsory_on_completed=True)
    action = _make(status=desk.closed.id)
    status, page = _send(priya, ticket, reply_canned=action.id)
    assert status == 400
    assert "Hello Lena.</textarea>" in page
    assert f'name="reply_canned" value="{action.id}"' in page
    assert "will also set the status Closed" in page
    action.refresh_from_db()
    assert action.used_count == 0


def test_undoing_the_reply_takes_back_what_it_set(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    action = _make(status=desk.waiting.id, priority=desk.high.id, assigns="me", tags=["hub"])
    _send(priya, ticket, reply_canned=action.id)
    priya.post(f"/inbox/ticket/{ticket.id}/withdraw/", {"update": Update.objects.latest("id").id})
    ticket.refresh_from_db()
    assert (ticket.status_id, ticket.priority_id, ticket.assignee_id) == (desk.new.id, desk.normal.id, None)
    assert ticket.tags == ""


def test_permissions_hold_for_what_it_sets(
    desk: SimpleNamespace, ticket: Ticket, sign_in: SignIn, settings: Any
) -> None:
    settings.REYNARD_ENFORCE_PERMISSIONS = True
    desk.jonas.categories.add(desk.workshop)
    reference.changed()
    action = _make(assigns="person", assignee=desk.priya.id)
    status, page = _send(sign_in(desk.jonas), ticket, reply_canned=action.id)
    assert status == 400
    assert "has no assign_tickets" in page
    assert ticket.assignee_id is None


def test_without_scripts_it_is_chosen_on_a_page_that_keeps_what_was_written(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    action = _make(tags=["hub"])
    written = {"reply": "Dear Lena,", "note": "Third <one>.", "into": "reply"}
    page = priya.post(f"/inbox/ticket/{ticket.id}/canned/?view=mine", written).content.decode()
    assert "Hello Lena, it is ready." in page
    assert "Third &lt;one&gt;.</textarea>" in page
    page = priya.post(f"/inbox/ticket/{ticket.id}/canned/?view=mine", {**written, "canned": action.id}).content.decode()
    assert "Dear Lena,\n\nHello Lena, it is ready.</textarea>" in page
    assert "Third &lt;one&gt;.</textarea>" in page
    assert f'name="reply_canned" value="{action.id}"' in page
    assert priya.post(f"/inbox/ticket/{ticket.id}/canned/", {"canned": 999}).status_code == 404


def test_names_of_people_stay_text_on_the_way_to_the_page(desk: SimpleNamespace, priya: Client) -> None:
    contact = factories.make_contact("<script>alert(1)</script> {{staff.name}}", "evil@example.org")
    ticket = factories.make_ticket(contact, desk.workshop)
    action = _make(text="Hello {{contact.name}}.")
    page = priya.post(f"/inbox/ticket/{ticket.id}/canned/", {"canned": action.id, "into": "note"}).content.decode()
    assert "<script>alert" not in page
    _send(priya, ticket, reply=priya.get(f"/inbox/ticket/{ticket.id}/canned/").json()["actions"][0]["text"])
    html = Update.objects.latest("id").html
    assert "<script" not in html
    assert "Priya" not in html
