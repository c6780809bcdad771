"""What is being written, and what can be taken back."""

from collections.abc import Callable
from types import SimpleNamespace

from django.test import Client

from reynard.desk.models import Draft, OutboxEntry, Ticket, Update
from tests import factories

SignIn = Callable[..., Client]


def _keep(client: Client, ticket: Ticket, kind: str, text: str) -> object:
    return client.post(f"/inbox/ticket/{ticket.id}/draft/", {"kind": kind, "text": text})


def _send(client: Client, ticket: Ticket, **form: str) -> Update:
    client.post(f"/inbox/ticket/{ticket.id}/send/", {"mode": "reply", "last_seen": "0", **form})
    return Update.objects.latest("id")


def _withdraw(client: Client, ticket: Ticket, update: Update) -> object:
    return client.post(f"/inbox/ticket/{ticket.id}/withdraw/", {"update": update.id}, follow=True)


def test_drafts_of_both_kinds_are_kept_and_seen_by_their_author_only(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, sign_in: SignIn
) -> None:
    assert _keep(priya, ticket, "reply", "Please push it.").status_code == 204
    _keep(priya, ticket, "note", "Third one.")
    _keep(priya, ticket, "note", "Third one this month.")
    page = priya.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    assert "Please push it.</textarea>" in page
    assert "Third one this month.</textarea>" in page
    assert "Brake cable frayed" in priya.get("/inbox/?view=drafts").content.decode()

    desk.jonas.is_account_admin = True
    desk.jonas.save()
    from reynard.desk.selectors import reference

    reference.changed()
    jonas = sign_in(desk.jonas)
    assert "Please push it." not in jonas.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    assert "Brake cable frayed" not in jonas.get("/inbox/?view=drafts").content.decode()


def test_an_empty_draft_and_a_sent_one_are_gone(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    _keep(priya, ticket, "note", "Third one.")
    _keep(priya, ticket, "note", "  ")
    assert not Draft.objects.exists()
    _keep(priya, ticket, "reply", "Please push")
    _keep(priya, ticket, "note", "stays")
    _send(priya, ticket, reply="Please push it.")
    assert list(Draft.objects.values_list("kind", flat=True)) == ["note"]


def test_a_reply_can_be_taken_back_before_it_leaves(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    update = _send(priya, ticket, reply="Please push it.", status=str(desk.waiting.id))
    mail = OutboxEntry.objects.get(update=update)
    assert (mail.next_try_at - mail.created_at).total_seconds() == 10
    assert "goes out in" in priya.get("/inbox/").content.decode()

    page = _withdraw(priya, ticket, update).content.decode()
    assert "Please push it.</textarea>" in page
    assert 'class="text prose" dir="auto"><p>Please' not in page
    ticket.refresh_from_db()
    assert (ticket.status_id, ticket.unresponded) == (desk.new.id, True)
    mail.refresh_from_db()
    assert mail.dead_at is not None
    assert "goes out in" not in priya.get("/inbox/").content.decode()


def test_what_is_being_sent_or_has_left_stays(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    update = _send(priya, ticket, reply="Please push it.")
    OutboxEntry.objects.filter(update=update).update(done_at=factories.NOON)
    page = _withdraw(priya, ticket, update).content.decode()
    assert "This message has left already. Write a correction instead." in page
    update.refresh_from_db()
    assert update.message_type == "m"


def test_nobody_takes_back_what_somebody_else_wrote(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, sign_in: SignIn
) -> None:
    update = _send(priya, ticket, reply="Please push it.")
    desk.jonas.categories.add(desk.workshop)
    from reynard.desk.selectors import reference

    reference.changed()
    assert _withdraw(sign_in(desk.jonas), ticket, update).status_code == 404
    update.refresh_from_db()
    assert update.message_type == "m"


def test_a_reply_can_leave_at_once(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    update = _send(priya, ticket, reply="Please push it.")
    priya.post(f"/inbox/ticket/{ticket.id}/send-now/", {"update": update.id})
    mail = OutboxEntry.objects.get(update=update)
    assert (mail.next_try_at - mail.created_at).total_seconds() < 10


def test_after_a_reply_the_next_ticket_of_the_view_opens(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    other = factories.make_ticket(desk.stranger, desk.workshop)
    answer = priya.post(f"/inbox/ticket/{ticket.id}/send/?view=all", {"mode": "reply", "reply": "Done."})
    assert answer["Location"] == f"/inbox/ticket/{other.id}/?view=all"
    page = priya.get(answer["Location"]).content.decode()
    assert "Reply to Lena Ortiz" in page
