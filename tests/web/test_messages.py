"""What can be done with one message of a ticket, and what is known of the mails it came of and went out by."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reynard.desk.actions import corrections
from reynard.desk.actions.corrections import Edit, Hiding
from reynard.desk.models import Attachment, OutboxEntry, Ticket, Update
from reynard.desk.rules.messages import compose_markdown
from reynard.desk.selectors import reference
from tests import factories

SignIn = Callable[..., Client]


@pytest.fixture
def ticket(desk: SimpleNamespace) -> Ticket:
    return factories.make_ticket(desk.lena, desk.workshop, text="The cable is fraying.")


@pytest.fixture
def emil(desk: SimpleNamespace, sign_in: SignIn) -> Client:
    """An agent who may answer, and nothing else."""
    return sign_in(factories.make_staff("Emil", desk.workshop))


@pytest.fixture
def reply(ticket: Ticket, priya: Client) -> Update:
    priya.post(f"/inbox/ticket/{ticket.id}/send/", {"mode": "reply", "reply": "Please *push* it.", "last_seen": "0"})
    return Update.objects.latest("id")


def _page(client: Client, ticket: Ticket) -> str:
    return client.get(f"/inbox/ticket/{ticket.id}/").content.decode()


def _address(update: Update, what: str = "") -> str:
    return f"/inbox/ticket/{update.ticket_id}/message/{update.id}/{what}"


def _article(page: str, update: Update) -> str:
    start = page.index('<article class="msg', page.index(f'id="u{update.id}"') - 40)
    return page[start : page.index("</article>", start)]


def test_a_message_is_edited_and_says_so(ticket: Ticket, reply: Update, priya: Client) -> None:
    form = priya.get(_address(reply, "edit/")).content.decode()
    assert "Please *push* it.</textarea>" in form
    answer = priya.post(_address(reply, "edit/"), {"text": "Please **push** it home."})
    assert answer["Location"] == f"/inbox/ticket/{ticket.id}/#u{reply.id}"
    page = _page(priya, ticket)
    assert "<strong>push</strong> it home." in _article(page, reply)
    assert _address(reply, "earlier/") in _article(page, reply)
    earlier = priya.get(_address(reply, "earlier/")).content.decode()
    assert "<em>push</em> it." in earlier
    assert "home" not in earlier


def test_an_edit_is_undone_as_long_as_nobody_touched_the_ticket(ticket: Ticket, reply: Update, priya: Client) -> None:
    priya.post(_address(reply, "edit/"), {"text": "Nonsense."})
    priya.post("/inbox/undo/")
    reply.refresh_from_db()
    assert reply.text == "Please *push* it."
    assert "<em>push</em>" in reply.html

    priya.post(_address(reply, "edit/"), {"text": "Nonsense."})
    priya.post(f"/inbox/ticket/{ticket.id}/change/", {"tags": "hub"})
    priya.post("/inbox/undo/")
    reply.refresh_from_db()
    assert reply.text == "Nonsense."


def test_an_edit_that_changes_nothing_leaves_no_trace(ticket: Ticket, reply: Update, priya: Client) -> None:
    before = Update.objects.count()
    assert priya.post(_address(reply, "edit/"), {"text": "Please *push* it.\r\n"}).status_code == 302
    assert Update.objects.count() == before


def test_an_empty_edit_keeps_the_message(reply: Update, priya: Client) -> None:
    assert priya.post(_address(reply, "edit/"), {"text": "  "}).status_code == 400
    reply.refresh_from_db()
    assert reply.text == "Please *push* it."


def test_a_deleted_message_is_gone_after_a_question(ticket: Ticket, reply: Update, priya: Client) -> None:
    question = priya.get(_address(reply, "delete/")).content.decode()
    assert "<em>push</em> it." in question
    reply.refresh_from_db()
    assert reply.message_type == "m"
    priya.post(_address(reply, "delete/"))
    page = _page(priya, ticket)
    assert "<em>push</em>" not in page
    assert page.count("deleted a message") == 1
    assert priya.get(_address(reply)).status_code == 404


def test_a_message_of_staff_is_made_private_and_one_of_a_contact_is_not(
    ticket: Ticket, reply: Update, priya: Client
) -> None:
    first = Update.objects.filter(ticket=ticket).earliest("id")
    page = _page(priya, ticket)
    assert _address(reply, "private/") in page
    assert _address(first, "private/") not in page
    assert priya.post(_address(first, "private/")).status_code == 400
    priya.post(_address(reply, "private/"))
    assert 'aria-label="Private note by' in _page(priya, ticket)
    assert "Not delivered" not in _page(priya, ticket)  # the mail was called back, which is no failure


@pytest.mark.parametrize("what", ["edit/", "delete/", "private/"])
def test_who_lacks_the_permission_is_offered_nothing_and_refused(
    ticket: Ticket, reply: Update, emil: Client, what: str
) -> None:
    assert _address(reply, what) not in _page(emil, ticket)
    answer = emil.post(_address(reply, what), {"text": "Mine now."})
    assert answer.status_code == 400
    assert "may not do this" in answer.content.decode()
    reply.refresh_from_db()
    assert (reply.text, reply.message_type) == ("Please *push* it.", "m")


def test_what_it_was_is_for_those_who_may_see_the_audit_log(
    desk: SimpleNamespace, ticket: Ticket, reply: Update, priya: Client, emil: Client
) -> None:
    priya.post(_address(reply, "edit/"), {"text": "Please ride it."})
    assert emil.get(_address(reply, "earlier/")).status_code == 404
    assert 'class="edited"' in _article(_page(emil, ticket), reply)
    assert _address(reply, "earlier/") not in _page(emil, ticket)


def test_what_was_deleted_leads_there_also_in_what_arrives_below(
    desk: SimpleNamespace, ticket: Ticket, reply: Update, priya: Client, emil: Client
) -> None:
    priya.post(_address(reply, "delete/"))
    news = f"/inbox/ticket/{ticket.id}/news/?after=0"
    for page in (_page(priya, ticket), priya.get(news).content.decode()):
        assert _address(reply, "earlier/") in page
    for page in (_page(emil, ticket), emil.get(news).content.decode()):
        assert _address(reply, "earlier/") not in page


@pytest.mark.parametrize("what", ["", "raw/", "again/", "edit/", "delete/", "private/", "earlier/"])
def test_nothing_of_it_exists_for_an_agent_of_another_category(
    desk: SimpleNamespace, ticket: Ticket, reply: Update, sign_in: SignIn, what: str
) -> None:
    jonas = sign_in(desk.jonas)
    act = jonas.post if what == "again/" else jonas.get
    assert act(_address(reply, what)).status_code == 404
    if what in {"edit/", "delete/", "private/"}:
        assert jonas.post(_address(reply, what), {"text": "x"}).status_code == 404
    other = factories.make_ticket(desk.lena, desk.workshop)
    Ticket.objects.filter(id=other.id).update(category=desk.office)
    foreign = f"/inbox/ticket/{other.id}/message/{reply.id}/{what}"  # a message of another ticket
    assert act(foreign).status_code == 404


@pytest.fixture
def received(desk: SimpleNamespace, ticket: Ticket) -> Update:
    update = Update.objects.get(ticket=ticket)
    factories.make_received_mails(factories.make_mailbox(desk.workshop), update)
    return update


def test_a_message_that_came_by_mail_says_how(ticket: Ticket, received: Update, emil: Client) -> None:
    article = _article(_page(emil, ticket), received)
    assert "by e-mail" in article
    assert "How it arrived" in article
    page = emil.get(_address(received)).content.decode()
    for said in ("lena.ortiz@example.org", "It names no ticket.", "X-Number", "DMARC", "DKIM", "SPF"):
        assert said in page, said
    assert factories.VERDICT["reason"] in page


def test_the_mail_as_it_came_is_a_download_that_nothing_runs(received: Update, emil: Client) -> None:
    answer: Any = emil.get(_address(received, "raw/"))
    assert b"".join(answer.streaming_content).endswith(b"\r\n\r\nIt is bent.\r\n")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_of_an_edited_message_the_mail_is_not_given_out(
    desk: SimpleNamespace, ticket: Ticket, received: Update, emil: Client
) -> None:
    edit = Edit(staff=desk.priya.id, message=compose_markdown("It is."))
    corrections.edit_message(ticket.id, edit, update_id=received.id, reference=reference.current(), now=factories.NOON)
    assert emil.get(_address(received, "raw/")).status_code == 404
    page = emil.get(_address(received)).content.decode()
    assert _address(received, "raw/") not in page
    assert "X-Number" in page


def _mail(reply: Update, **values: Any) -> OutboxEntry:
    entry = OutboxEntry.objects.get(update=reply, kind="message")
    OutboxEntry.objects.filter(id=entry.id).update(**values)
    return entry


def test_a_delivered_reply_says_to_whom(ticket: Ticket, reply: Update, priya: Client) -> None:
    _mail(reply, done_at=factories.NOON, answers={"lena.ortiz@example.org": ""})
    article = _article(_page(priya, ticket), reply)
    assert "Delivered to lena.ortiz@example.org" in article
    assert "Who it went to" in article


def test_a_reply_that_was_not_delivered_says_so_and_is_sent_again(ticket: Ticket, reply: Update, priya: Client) -> None:
    refused = {"lena.ortiz@example.org": "552 The mailbox is full."}
    entry = _mail(reply, dead_at=factories.NOON, answers=refused, last_error="552 The mailbox is full.")
    article = _article(_page(priya, ticket), reply)
    assert "Not delivered." in article
    assert "552 The mailbox is full." in article
    priya.post(_address(reply, "again/"), {"delivery": entry.id})
    entry.refresh_from_db()
    assert entry.dead_at is None
    assert entry.answers == {}
    assert "On its way to lena.ortiz@example.org" not in article


def test_a_mail_that_has_left_is_not_sent_again(ticket: Ticket, reply: Update, priya: Client) -> None:
    entry = _mail(reply, done_at=factories.NOON, bounced_at=factories.NOON, answers={"lena@x.example": "550 Nobody."})
    assert "550 Nobody." in _article(_page(priya, ticket), reply)
    answer = priya.post(_address(reply, "again/"), {"delivery": entry.id}, follow=True)
    assert "It has left already" in answer.content.decode()
    assert priya.post(_address(reply, "again/"), {"delivery": entry.id + 1}).status_code == 404


def test_a_mail_that_is_tried_again_says_when(ticket: Ticket, reply: Update, priya: Client) -> None:
    _mail(reply, last_error="451 Try later.", attempts=1, next_try_at=factories.NOON + timedelta(days=4000))
    article = _article(_page(priya, ticket), reply)
    assert "Not delivered yet." in article
    assert "451 Try later." in article
    assert "Try now" in article


def test_earlier_messages_are_counted_as_messages(
    ticket: Ticket, priya: Client, api: Any, desk: SimpleNamespace
) -> None:
    for n in range(9):
        api.post(f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id, "text": f"Step {n}."})
        api.post(f"ticket/{ticket.id}/update_tags/", {"staff_id": desk.priya.id, "add": f"tag{n}"})
    assert "Show 5 earlier messages" in _page(priya, ticket)


def test_files_can_be_taken_from_a_message(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    file = SimpleUploadedFile("secret.txt", b"secret", content_type="text/plain")
    form = {"mode": "reply", "reply": "See this.", "last_seen": "0", "reply_files": file}
    priya.post(f"/inbox/ticket/{ticket.id}/send/", form)
    attachment = Attachment.objects.get()
    update = attachment.update
    priya.post(_address(update, "edit/"), {"text": "See this.", "remove": attachment.id})
    assert not Attachment.objects.exists()
    update.refresh_from_db()
    assert update.text == "See this."


def test_a_deleted_message_can_only_be_asked_for_its_past(
    desk: SimpleNamespace, ticket: Ticket, reply: Update, priya: Client
) -> None:
    corrections.delete_message(
        ticket.id, Hiding(staff=desk.priya.id), update_id=reply.id, reference=reference.current(), now=factories.NOON
    )
    for what in ("", "edit/", "delete/", "private/"):
        assert priya.get(_address(reply, what)).status_code == 404, what
    assert "<em>push</em>" in priya.get(_address(reply, "earlier/")).content.decode()
    assert _address(reply, "earlier/") in _page(priya, ticket)


@pytest.fixture
def stray(desk: SimpleNamespace, ticket: Ticket, api: Any) -> Update:
    """A contact's message that belongs elsewhere."""
    body = {"user": desk.stranger.id, "text": "And where is my order?"}
    assert api.post(f"ticket/{ticket.id}/user_reply/", body).status_code == 200
    return Update.objects.latest("id")


def test_a_message_is_moved_to_a_ticket_of_its_own(
    desk: SimpleNamespace, ticket: Ticket, stray: Update, priya: Client
) -> None:
    assert _address(stray, "split/") in _page(priya, ticket)
    assert _address(Update.objects.filter(ticket=ticket).earliest("id"), "split/") not in _page(priya, ticket)
    answer = priya.post(_address(stray, "split/"))
    made = Ticket.objects.latest("id")
    assert answer["Location"] == f"/inbox/ticket/{made.id}/"
    there, here = _page(priya, made), _page(priya, ticket)
    assert f'It came from <a class="linkish" href="/inbox/ticket/{ticket.id}/">' in there
    assert "This ticket was made of a message in" in there
    assert f'moved a message to <a href="/inbox/ticket/{made.id}/">' in here
    assert f'wrote a message that is in <a href="/inbox/ticket/{made.id}/">' in here
    assert "where is my order" not in here


def test_a_message_is_moved_to_another_ticket(
    desk: SimpleNamespace, ticket: Ticket, stray: Update, priya: Client
) -> None:
    other = factories.make_ticket(desk.stranger, desk.workshop, subject="Order 7")
    form = priya.get(_address(stray, "move/")).content.decode()
    assert "Order 7" in form
    assert priya.post(_address(stray, "move/"), {"other": "#99"}).status_code == 400
    assert priya.post(_address(stray, "move/"), {}).status_code == 400
    answer = priya.post(_address(stray, "move/"), {"into": str(other.id)})
    assert answer["Location"] == f"/inbox/ticket/{other.id}/#latest"
    assert "where is my order" in _page(priya, other)


@pytest.mark.parametrize("what", ["split/", "move/"])
def test_moving_takes_a_permission_and_the_category(
    desk: SimpleNamespace, ticket: Ticket, stray: Update, emil: Client, sign_in: SignIn, what: str
) -> None:
    other = factories.make_ticket(desk.stranger, desk.workshop)
    assert _address(stray, what) not in _page(emil, ticket)
    emil.post(_address(stray, what), {"into": str(other.id)})
    assert sign_in(desk.jonas).post(_address(stray, what), {"into": str(other.id)}).status_code == 404
    stray.refresh_from_db()
    assert stray.message_type == "m"


def _attach(client: Client, ticket: Ticket, name: str, content: bytes, content_type: str) -> Attachment:
    file = SimpleUploadedFile(name, content, content_type=content_type)
    form = {"mode": "note", "note": "See this.", "last_seen": "0", "note_files": file}
    client.post(f"/inbox/ticket/{ticket.id}/send/", form)
    return Attachment.objects.latest("id")


def _open(client: Client, address: str) -> Any:
    answer: Any = client.get(address)
    b"".join(answer.streaming_content)  # to its end, which closes the file
    return answer


def test_pictures_have_previews_unless_they_are_huge(ticket: Ticket, priya: Client) -> None:
    file = _attach(priya, ticket, "rim.png", b"\x89PNG\r\n", "image/png")
    preview = f'<img src="/inbox/file/{file.id}/" alt=""'
    assert preview in _page(priya, ticket)
    Attachment.objects.filter(id=file.id).update(size=9_000_000)
    assert preview not in _page(priya, ticket)
    assert f'href="/inbox/file/{file.id}/" target="_blank" rel="noopener"' in _page(priya, ticket)


def test_a_pdf_opens_in_the_viewer_and_nothing_else_does(ticket: Ticket, priya: Client) -> None:
    pdf = _attach(priya, ticket, "invoice.pdf", b"%PDF-1.7 ...", "application/pdf")
    assert f'href="/inbox/file/{pdf.id}/?open" target="_blank" rel="noopener"' in _page(priya, ticket)
    opened = _open(priya, f"/inbox/file/{pdf.id}/?open")
    assert (opened["Content-Type"], opened["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert opened["Content-Disposition"].startswith("inline")
    assert opened["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script-src" not in opened["Content-Security-Policy"]
    assert _open(priya, f"/inbox/file/{pdf.id}/")["Content-Disposition"].startswith("attachment")
    for name, content, kind in [
        ("page.pdf", b"<script>alert(1)</script>", "application/pdf"),
        ("page.html", b"%PDF-1.7 <script>", "text/html"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "image/svg+xml"),
    ]:
        file = _attach(priya, ticket, name, content, kind)
        answer = _open(priya, f"/inbox/file/{file.id}/?open")
        assert answer["Content-Disposition"].startswith("attachment"), name
        assert "sandbox" in answer["Content-Security-Policy"], name
        assert answer["X-Content-Type-Options"] == "nosniff", name
