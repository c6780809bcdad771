"""A message that is moved to another ticket, as the desk and those who follow it see it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk import files
from reynard.desk.actions import activity, corrections, counters, splitting, tickets
from reynard.desk.actions.corrections import Hiding
from reynard.desk.actions.splitting import Moving
from reynard.desk.actions.tickets import ContactReply, StaffUpdate
from reynard.desk.errors import Invalid, NotFound
from reynard.desk.models import (
    Activity,
    Attachment,
    Contact,
    InboundMail,
    OutboxEntry,
    Role,
    Ticket,
    TicketCounter,
    Update,
)
from reynard.desk.rules.messages import Message, compose
from reynard.desk.selectors import reference
from tests import factories
from tests.factories import NOON

WROTE = NOON + timedelta(hours=1)
LATER = NOON + timedelta(hours=5)


@pytest.fixture
def ticket(desk: SimpleNamespace) -> Ticket:
    return factories.make_ticket(desk.lena, desk.workshop)


def _reply(ticket: Ticket, contact: Contact, text: str = "And where is my order?", **values: Any) -> Update:
    given = ContactReply(contact=contact.id, message=values.pop("message", compose(text, "")), **values)
    tickets.add_contact_reply(ticket.id, given, reference=reference.current(), now=WROTE)
    return Update.objects.latest("id")


def _answer(ticket: Ticket, desk: SimpleNamespace, **wanted: Any) -> Update:
    given = StaffUpdate(staff=desk.priya.id, message=compose("Come by.", ""), **wanted)
    tickets.add_staff_update(ticket.id, given, reference=reference.current(), now=WROTE)
    return Update.objects.latest("id")


def _move(update: Update, desk: SimpleNamespace, *, staff: Any = None, **given: Any) -> Ticket:
    moving = Moving(staff=(staff or desk.priya).id, **given)
    number = splitting.move_message(update.ticket_id, update.id, moving, reference=reference.current(), now=LATER)
    return Ticket.objects.get(id=number)


def _assert_counts_hold() -> None:
    counted = [*counters.Place._fields, "tickets"]
    kept = set(TicketCounter.objects.exclude(tickets=0).values_list(*counted))
    counters.recount()
    assert kept == set(TicketCounter.objects.exclude(tickets=0).values_list(*counted))
    for contact in Contact.objects.all():
        live = Ticket.objects.filter(contact=contact, deleted_at=None)
        assert contact.tickets_count == live.count()
        assert contact.pending_tickets_count == live.filter(status__behavior="pending").count()
    before = list(Activity.objects.order_by("update_id").values())
    figures = "id staff_replies contact_replies waiting_since completed_seconds replies_to_completion".split()
    kept_figures = list(Ticket.objects.order_by("id").values_list(*figures))
    activity.remake(list(Ticket.objects.values_list("id", flat=True)), reference.current())
    assert before == list(Activity.objects.order_by("update_id").values())
    assert kept_figures == list(Ticket.objects.order_by("id").values_list(*figures))


def test_a_message_becomes_a_ticket_that_waits_since_it_came(desk: SimpleNamespace, ticket: Ticket) -> None:
    reply = _reply(ticket, desk.stranger, cc="boss@elsewhere.example")
    made = _move(reply, desk)
    first = Update.objects.get(ticket=made)
    assert (made.contact_id, made.category_id, made.subject) == (desk.stranger.id, desk.workshop.id, ticket.subject)
    assert (made.first_message, made.unresponded, made.messages_count) == ("And where is my order?", True, 1)
    assert (made.created_at, made.last_contact_reply_at, made.last_modified_at) == (WROTE, WROTE, LATER)
    assert (first.text, first.author_type, first.author_id, first.cc) == (
        "And where is my order?",
        "user",
        desk.stranger.id,
        "boss@elsewhere.example",
    )
    _assert_counts_hold()


def test_the_first_ticket_is_what_it_would_be_without_it(desk: SimpleNamespace, ticket: Ticket) -> None:
    _answer(ticket, desk)
    reply = _reply(ticket, desk.lena)
    ticket.refresh_from_db()
    assert ticket.unresponded
    _move(reply, desk)
    ticket.refresh_from_db()
    reply.refresh_from_db()
    assert (ticket.unresponded, ticket.last_contact_reply_at) == (False, NOON)
    assert (reply.message_type, reply.text, reply.html) == ("x", "", "")
    _assert_counts_hold()


def test_a_ticket_that_the_message_opened_again_is_completed_again(desk: SimpleNamespace, ticket: Ticket) -> None:
    _answer(ticket, desk, status=desk.closed.id)
    reply = _reply(ticket, desk.lena)
    ticket.refresh_from_db()
    assert ticket.status_id == desk.new.id
    made = _move(reply, desk)
    ticket.refresh_from_db()
    assert (ticket.status_id, made.status_id) == (desk.closed.id, desk.new.id)
    _assert_counts_hold()


def test_both_histories_say_it_and_followers_hear_of_both(desk: SimpleNamespace, ticket: Ticket, api: Any) -> None:
    reply = _reply(ticket, desk.lena)
    made = _move(reply, desk)
    old = api.get(f"ticket/{ticket.id}/").json()["updates"]
    assert old[-1]["correction"] == {"update_id": reply.id, "kind": "moved"}
    assert (old[-1]["moved_to"], old[-1]["by"]["name"]) == (made.id, desk.priya.name)
    assert old[1]["hidden"] is True
    new = api.get(f"ticket/{made.id}/").json()["updates"]
    assert (len(new), new[0]["moved_from"], new[0]["message"]["text"].strip()) == (
        1,
        ticket.id,
        "And where is my order?",
    )
    assert "moved_from" not in old[0]
    seen = api.get("changes/", {"since": reply.id}).json()["data"]
    assert [row["ticket_id"] for row in seen] == [made.id, ticket.id]


def test_files_and_images_go_along(desk: SimpleNamespace, ticket: Ticket) -> None:
    kept = files.keep(SimpleUploadedFile("rim.png", b"rim", content_type="image/png"))
    reply = _reply(ticket, desk.lena, files=[kept])
    old = Attachment.objects.get()
    html = f'<p>See <img src="attachment:{old.id}" alt="Rim"></p>'
    Update.objects.filter(id=reply.id).update(html=html)
    made = _move(reply, desk)
    new = Attachment.objects.get()
    assert (new.update.ticket_id, new.filename, new.sha256) == (made.id, "rim.png", kept.sha256)
    assert new.update.html == f'<p>See <img src="attachment:{new.id}" alt="Rim"></p>'
    ticket.refresh_from_db()
    assert (ticket.attachments_count, made.attachments_count) == (0, 1)
    _assert_counts_hold()


def test_the_mail_goes_along_and_says_who_moved_it(desk: SimpleNamespace, ticket: Ticket) -> None:
    reply = _reply(ticket, desk.lena)
    factories.make_received_mails(factories.make_mailbox(desk.workshop), reply)
    made = _move(reply, desk)
    mail = InboundMail.objects.get(state="taken")
    assert (mail.ticket_id, mail.update.ticket_id) == (made.id, made.id)
    assert mail.reason == f"It names no ticket. Priya Raman moved it here from #{ticket.id}."
    assert (made.subject, made.source) == ("Rim", "TKT_CREATION_EMAIL")


def test_it_joins_a_ticket_that_is_there_and_opens_it_again(desk: SimpleNamespace, ticket: Ticket) -> None:
    other = factories.make_ticket(desk.stranger, desk.workshop, subject="Order 7")
    _answer(other, desk, status=desk.closed.id)
    reply = _reply(ticket, desk.stranger)
    assert _move(reply, desk, to=other.id) == other
    other.refresh_from_db()
    assert (other.unresponded, other.status_id, other.last_contact_reply_at) == (True, desk.new.id, LATER)
    assert Update.objects.filter(ticket=other).latest("id").text == "And where is my order?"
    _assert_counts_hold()


def test_only_staff_are_told_and_mails_about_it_that_wait_do_not_leave(
    desk: SimpleNamespace, ticket: Ticket, settings: Any
) -> None:
    Ticket.objects.filter(id=ticket.id).update(assignee=desk.priya)
    reply = _reply(ticket, desk.lena)
    waiting = OutboxEntry.objects.get(update=reply, kind="staff")
    made = _move(reply, desk)
    waiting.refresh_from_db()
    assert waiting.dead_at == LATER
    assert set(OutboxEntry.objects.filter(ticket=made, channel="mail").values_list("kind", flat=True)) <= {"staff"}


def test_the_search_finds_it_in_its_new_place_alone(desk: SimpleNamespace, ticket: Ticket, api: Any) -> None:
    reply = _reply(ticket, desk.lena, "Where is the zeppelin?")
    made = _move(reply, desk)
    found = api.get("tickets/", {"q": "zeppelin"}).json()["data"]
    assert [row["id"] for row in found] == [made.id]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("staff", "Only messages of contacts can be moved."),
        ("first", "This message opened the ticket."),
        ("itself", "The message is in this ticket already."),
        ("missing", "There is no ticket #99."),
        ("foreign", "There is no ticket #"),
        ("deleted", "The message of this update was deleted."),
        ("role", "has no split_tickets"),
    ],
)
def test_what_cannot_be_moved_stays(desk: SimpleNamespace, ticket: Ticket, case: str, said: str) -> None:
    other = factories.make_ticket(desk.stranger, desk.workshop)
    Ticket.objects.filter(id=other.id).update(category=desk.office)
    seen = reference.current()
    update = {
        "staff": lambda: _answer(ticket, desk),
        "first": lambda: Update.objects.get(ticket=ticket),
    }.get(case, lambda: _reply(ticket, desk.lena))()
    if case == "deleted":
        hiding = Hiding(staff=desk.priya.id)
        corrections.delete_message(ticket.id, hiding, update_id=update.id, reference=seen, now=LATER)
    if case == "foreign":
        seen = seen.limited_to(frozenset({desk.workshop.id}))
    staff = desk.priya
    if case == "role":
        staff = factories.make_staff("Emil", desk.workshop, role=Role.objects.create(name="Counter", permissions=[]))
        seen = reference.current()
    to = {"itself": ticket.id, "missing": 99, "foreign": other.id}.get(case)
    before = Update.objects.count()
    with pytest.raises(Invalid, match=said):
        splitting.move_message(ticket.id, update.id, Moving(staff=staff.id, to=to), reference=seen, now=LATER)
    assert Update.objects.count() == before
    with pytest.raises(NotFound):
        splitting.move_message(other.id, update.id, Moving(staff=staff.id), reference=seen, now=LATER)


def test_its_source_html_goes_along(desk: SimpleNamespace, ticket: Ticket) -> None:
    reply = _reply(ticket, desk.lena, message=Message("Hi", "<p>Hi</p>", '<p onclick="x">Hi</p>'))
    made = _move(reply, desk)
    assert Update.objects.get(ticket=made).messagesource.html == '<p onclick="x">Hi</p>'
