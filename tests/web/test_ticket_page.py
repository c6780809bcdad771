"""One ticket as agents see it, and what they send from there."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reynard.desk.models import Attachment, Ticket, Update
from reynard.desk.selectors import reference
from tests import factories

SignIn = Callable[..., Client]


@pytest.fixture
def ticket(desk: SimpleNamespace) -> Ticket:
    return factories.make_ticket(desk.lena, desk.workshop, text="The cable is fraying.")


def _send(client: Client, ticket: Ticket, **form: object) -> object:
    return client.post(f"/inbox/ticket/{ticket.id}/send/", {"last_seen": "0", **form})


def _change(client: Client, ticket: Ticket, **form: str) -> object:
    return client.post(f"/inbox/ticket/{ticket.id}/change/", form)


def test_it_shows_the_conversation_and_the_properties(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    page = priya.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    assert "The cable is fraying." in page
    assert f"#RW{ticket.id:08d}" in page
    assert 'aria-label="Message from Lena Ortiz' in page
    assert "lena.ortiz@example.org" in page


@pytest.mark.parametrize("path", ["", "send/", "change/"])  # the first takes no POST
def test_an_agent_of_another_category_finds_nothing(
    desk: SimpleNamespace, ticket: Ticket, sign_in: SignIn, path: str
) -> None:
    client = sign_in(desk.jonas)
    before = Update.objects.count()
    assert client.get(f"/inbox/ticket/{ticket.id}/").status_code == 404
    assert (
        client.post(f"/inbox/ticket/{ticket.id}/{path or 'send/'}", {"reply": "x", "mode": "reply"}).status_code == 404
    )
    assert Update.objects.count() == before


def test_a_deleted_ticket_is_not_found(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    Ticket.objects.filter(id=ticket.id).update(deleted_at=factories.NOON)
    assert priya.get(f"/inbox/ticket/{ticket.id}/").status_code == 404


def test_a_reply_is_sent_with_the_status_after_it(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    answer = _send(priya, ticket, mode="reply", reply="Please **push** it.", status=str(desk.waiting.id))
    assert answer.status_code == 302
    update = Update.objects.latest("id")
    assert (update.message_type, update.author_name, update.customer_updated) == ("m", desk.priya.name, True)
    assert "<strong>push</strong>" in update.html
    ticket.refresh_from_db()
    assert ticket.status_id == desk.waiting.id
    assert not ticket.unresponded


def test_a_private_note_goes_to_nobody(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    _send(priya, ticket, mode="note", note="Third one this month.", reply="a draft that stays one")
    update = Update.objects.latest("id")
    assert (update.message_type, update.text.strip(), update.customer_updated) == ("p", "Third one this month.", False)
    assert "a draft that stays one" not in "".join(Update.objects.values_list("text", flat=True))


def test_a_private_note_with_recipients_is_refused(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    before = Update.objects.count()
    answer = _send(priya, ticket, mode="note", note="Keep this among us.", cc="boss@customer.example")
    assert answer.status_code == 400
    assert Update.objects.count() == before
    assert "Keep this among us." in answer.content.decode()


def test_an_answer_by_somebody_else_is_shown_before_mine_is_sent(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, sign_in: SignIn
) -> None:
    desk.jonas.categories.add(desk.workshop)
    reference.changed()
    _send(sign_in(desk.jonas), ticket, mode="reply", reply="I have the cable here.")
    answer = _send(priya, ticket, mode="reply", reply="Please push it.")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "I have the cable here." in page
    assert "Please push it." in page
    assert "Send anyway" in page
    assert Update.objects.filter(message_type="m").count() == 2

    assert _send(priya, ticket, mode="reply", reply="Please push it.", anyway="1").status_code == 302
    assert Update.objects.filter(message_type="m").count() == 3


def test_whoever_wrote_in_public_since_the_page_was_shown_is_named_before_mine_is_sent(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, api: Any
) -> None:
    seen = str(Update.objects.latest("id").id)
    _send(priya, ticket, mode="note", note="Among us.")
    assert _send(priya, ticket, mode="reply", reply="Mine.", seen=seen, anyway="1").status_code == 302
    assert _send(priya, ticket, mode="note", note="Still.", seen=seen).status_code == 302
    api.post(f"ticket/{ticket.id}/user_reply/", {"user": desk.lena.id, "text": "I am outside."})
    answer = _send(priya, ticket, mode="reply", reply="Please push it.", seen=seen)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Lena Ortiz wrote while you were writing." in page
    assert f'href="#u{Update.objects.latest("id").id}"' in page
    assert "I am outside." in page
    assert "Please push it.</textarea>" in page
    assert "Send anyway" in page
    assert _send(priya, ticket, mode="note", note="Never held back.", seen=seen).status_code == 302
    fresh = str(Update.objects.latest("id").id)
    last = str(Ticket.objects.get(id=ticket.id).last_staff_message_id)
    assert _send(priya, ticket, mode="reply", reply="Come in.", seen=fresh, last_seen=last).status_code == 302


def test_time_spent_is_recorded_and_asked_for_where_it_is_needed(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    desk.workshop.time_spent_mandatory = True
    desk.workshop.save()
    reference.changed()
    answer = _send(priya, ticket, mode="reply", reply="Done.")
    assert "Time spent: This field is required." in answer.content.decode()
    _send(priya, ticket, mode="reply", reply="Done.", reply_minutes="25")
    ticket.refresh_from_db()
    assert ticket.time_spent == 25


def test_nothing_written_is_not_sent(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    answer = _send(priya, ticket, mode="reply", reply="  \n ")
    assert answer.status_code == 400
    assert "Write something first." in answer.content.decode()


def test_a_field_that_is_needed_to_solve_keeps_what_was_written(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    factories.make_field("Bought on", "date", categories=[desk.workshop], compulsory_on_completed=True)
    answer = _send(priya, ticket, mode="reply", reply="Done, come by.", status=str(desk.closed.id))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Bought on: This field should be filled before marking this ticket as completed" in page
    assert "Done, come by." in page
    assert Update.objects.count() == 1


def test_files_are_sent_and_only_given_to_those_who_may_see_the_ticket(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, sign_in: SignIn
) -> None:
    page = SimpleUploadedFile("page.html", b"<script>alert(1)</script>", content_type="text/html")
    _send(priya, ticket, mode="reply", reply="See this.", reply_files=page)
    file = Attachment.objects.get()
    answer = priya.get(f"/inbox/file/{file.id}/")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert sign_in(desk.jonas).get(f"/inbox/file/{file.id}/").status_code == 404
    assert Client().get(f"/inbox/file/{file.id}/").status_code == 302


def test_properties_change_and_nothing_else(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    form = {
        "assignee": str(desk.priya.id),
        "priority": str(desk.high.id),
        "due_date": "2026-03-20",
        "tags": "hub, hill",
    }
    assert _change(priya, ticket, **form).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.assignee_id, ticket.priority_id, str(ticket.due_date), ticket.tags) == (
        desk.priya.id,
        desk.high.id,
        "2026-03-20",
        "hub,hill",
    )
    assert ticket.status_id == desk.new.id


def test_a_day_that_does_not_exist_is_explained(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    answer = _change(priya, ticket, due_date="2026-02-31")
    assert answer.status_code == 400
    assert "There is no such day. Write the date like 2026-02-28." in answer.content.decode()


def test_a_ticket_moves_to_another_category(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    _change(priya, ticket, category=str(desk.office.id))
    ticket.refresh_from_db()
    assert ticket.category_id == desk.office.id


def test_hostile_html_does_nothing_in_the_page(desk: SimpleNamespace, priya: Client) -> None:
    from reynard.desk.rules.messages import compose

    hostile = (
        '<p onclick="evil()">Hi <img src="https://track.example/p.gif"><img src="data:image/svg+xml,x">'
        '<a href="javascript:evil()">here</a><style>body{display:none}</style><script>evil()</script>'
        '<form action="https://evil.example"><input name="password"></form><iframe src="https://evil.example"></iframe></p>'
    )
    ticket = factories.make_ticket(desk.lena, desk.workshop, message=compose("", hostile))
    page = priya.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    start = page.index('class="text prose"')
    conversation = page[start : page.index('class="notice"', start)]
    for bad in ("onclick", "track.example", "data:image", "javascript:", "display:none", "evil", "<form", "<iframe"):
        assert bad not in conversation, bad
    assert "remote image" in page


def test_remote_images_are_shown_when_asked_for(desk: SimpleNamespace, priya: Client) -> None:
    from reynard.desk.rules.messages import compose

    html = '<p>Hi <img src="https://pictures.example/p.gif"></p>'
    ticket = factories.make_ticket(desk.lena, desk.workshop, message=compose("", html))
    update = Update.objects.get(ticket=ticket)
    answer = priya.get(f"/inbox/ticket/{ticket.id}/", {"images": update.id})
    assert "pictures.example" in answer.content.decode()
    assert "img-src 'self' data: https:" in answer["Content-Security-Policy"]
    assert "https:" not in priya.get(f"/inbox/ticket/{ticket.id}/")["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("html", "visible", "folded"),
    [
        ("<p>Yes.</p><blockquote><p>Will it?</p></blockquote>", "Yes.", "Will it?"),
        ("<blockquote><p>Will it?</p></blockquote><p>Yes.</p>", "Will it?", ""),
        ("<blockquote>all</blockquote>", "all", ""),
        ("<p>a</p><blockquote>b</blockquote><p>c</p><blockquote>d</blockquote>", "b", ""),
    ],
)
def test_only_a_quotation_at_the_end_is_folded(html: str, visible: str, folded: str) -> None:
    from reynard.desk.rules import display

    shown = display.shown(html, str)
    assert visible in shown.html
    assert folded in shown.quoted
    assert bool(folded) is bool(shown.quoted)


def test_corrected_messages_show_what_is_left_of_them(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, api: Any
) -> None:
    replies = []
    for text in ("The password is hunter2.", "The cable is here.", "He always complains."):
        body = {"staff": desk.priya.id, "text": text}
        replies.append(api.post(f"ticket/{ticket.id}/staff_update/", body).json()["updates"][-1]["update_id"])
    for id, kind, more in zip(
        replies, ("delete", "edit", "make_private"), ({}, {"text": "The new cable is here."}, {}), strict=True
    ):
        path = f"ticket/{ticket.id}/update/{id}/{kind}/"
        assert api.post(path, {"staff_id": desk.priya.id} | more).status_code == 200
    page = priya.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    assert "hunter2" not in page
    assert "The cable is here." not in page
    assert page.count("The new cable is here.") == 1
    assert page.count('aria-label="Private note by') == 1
    for said in ("wrote a message that was deleted", "deleted a message", "edited a message", "made a message private"):
        assert said in page
    assert page.count(">edited</a>") == 1


def test_a_ticket_is_forwarded_and_recorded_for_staff_only(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    from reynard.desk.models import OutboxEntry

    address = f"/inbox/ticket/{ticket.id}/forward/"
    assert "Brake cable frayed" in priya.get(address).content.decode()
    wanted = {"to": "parts@hubs.example", "subject": "Batch 2217", "text": "Can you replace it?"}
    assert priya.post(address, wanted)["Location"] == f"/inbox/ticket/{ticket.id}/#latest"
    update = Update.objects.latest("id")
    assert (update.message_type, update.forward_to) == ("p", "parts@hubs.example")
    assert OutboxEntry.objects.get(update=update, kind="forward").recipients["to"] == ["parts@hubs.example"]


def test_a_forward_to_nobody_keeps_what_was_written(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    answer = priya.post(f"/inbox/ticket/{ticket.id}/forward/", {"subject": "Batch", "text": "Can you replace it?"})
    assert answer.status_code == 400
    assert "Can you replace it?" in answer.content.decode()
    assert Update.objects.count() == 1


def test_an_agent_subscribes_and_unsubscribes(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    for wanted, pressed in (("yes", "true"), ("no", "false")):
        priya.post(f"/inbox/ticket/{ticket.id}/subscribe/", {"to": wanted})
        assert ticket.subscriptions.exists() is (wanted == "yes")
        assert f'aria-pressed="{pressed}"' in priya.get(f"/inbox/ticket/{ticket.id}/").content.decode()


def test_markdown_that_cannot_be_html_is_explained_and_kept(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    deep = ">" * 200 + " deep"
    answer = _send(priya, ticket, mode="reply", reply=deep)
    assert answer.status_code == 400
    assert "Lists and quotes are nested too deeply." in answer.content.decode()
    assert "deep</textarea>" in answer.content.decode()
    form = {"to": "parts@hubs.example", "subject": "x", "text": deep}
    assert priya.post(f"/inbox/ticket/{ticket.id}/forward/", form).status_code == 400
