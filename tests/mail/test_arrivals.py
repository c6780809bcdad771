"""What becomes of mails that arrive: tickets, replies, notes."""

from datetime import UTC, datetime, timedelta
from email import message_from_binary_file
from email.message import Message
from email.utils import format_datetime
from pathlib import Path

import pytest

from reynard.desk import files
from reynard.desk.actions import desk_mails, forwarding, merging, outgoing_mail, tickets
from reynard.desk.actions import inbound as queue
from reynard.desk.actions.forwarding import Forward
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.models import Attachment, Contact, InboundMail, OutboxEntry, Staff, Ticket
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from reynard.mail import inbound
from tests.factories import make_group, make_ticket
from tests.mail.arriving import (
    JONAS,
    LENA,
    NOTES,
    PRIYA,
    SUPPORT,
    arrive,
    close,
    history,
    last_update,
    mail,
    make_mailbox,
    outgoing,
    reply_to,
    store,
    token,
    verdict,
    work,
)

SAMPLES = Path(__file__).parent / "samples"


def opened(raw: bytes) -> Ticket:
    row = arrive(raw)
    assert row.state == "taken", row.reason
    return Ticket.objects.get(id=row.ticket_id)


def priya() -> int:
    return Staff.objects.get(email=PRIYA).id


def answer(ticket: int, **more) -> StaffUpdate:
    given = StaffUpdate(staff=priya(), message=compose("Come by.", ""), update_customer=True, **more)
    tickets.add_staff_update(ticket, given, reference=reference.current(), now=datetime.now(UTC))


class TestANewTicket:
    def test_has_what_the_mail_says(self, support):
        row = arrive(mail(text="They squeak.\n\n-- \nLena"))
        ticket = Ticket.objects.get(id=row.ticket_id)
        assert (ticket.subject, ticket.category_id, ticket.contact_id) == (
            "Brakes",
            support.workshop.id,
            support.lena.id,
        )
        assert (ticket.source, ticket.status_id, ticket.unresponded) == ("TKT_CREATION_EMAIL", support.new.id, True)
        assert ticket.created_at == row.received_at
        update = last_update(ticket.id)
        assert (update.id, update.text, update.author_type) == (row.update_id, "They squeak.\n\n-- \nLena\n", "user")
        assert (row.state, row.reason, row.sender, row.subject) == ("taken", "It names no ticket.", LENA, "Brakes")

    def test_adds_contacts_that_are_not_known(self, support):
        ticket = opened(mail('"Nora Vance" <nora@fleet.example>'))
        assert (ticket.contact.name, ticket.contact.email) == ("Nora Vance", "nora@fleet.example")
        nameless = opened(mail("tom@fleet.example"))
        assert nameless.contact.name == "tom@fleet.example"

    def test_keeps_who_else_got_the_mail(self, support):
        to = f"{SUPPORT}, nora@fleet.example, {reply_to(4)}"
        ticket = opened(mail(to=to, Cc=f"Tom <tom@fleet.example>, {LENA}, not an address"))
        assert last_update(ticket.id).cc == "nora@fleet.example,tom@fleet.example"
        assert outgoing(ticket.id) == []

    def test_needs_neither_a_subject_nor_a_text(self, support):
        ticket = opened(mail(text="", Subject=None, Date=None, Message_ID=None))
        assert (ticket.subject, last_update(ticket.id).text) == ("(no subject)", inbound.NO_TEXT)

    def test_has_files_and_images_in_their_place(self, support):
        ticket = opened((SAMPLES / "html-with-inline-image-and-file.eml").read_bytes())
        attached = {file.filename: file for file in Attachment.objects.filter(update__ticket=ticket)}
        update = last_update(ticket.id)
        shown = [file for file in attached.values() if f'<img src="attachment:{file.id}"' in update.html]
        assert len(attached) == 3
        assert len(shown) == 1
        assert "cid:" not in update.html
        [image] = shown
        with files.open_bytes(image.sha256) as stored:
            assert (image.filename, stored.read(4)) == ("rim.png", b"\x89PNG")

    def test_may_have_to_be_in_a_category_that_is_not_public(self, support):
        make_mailbox(support.office, "office", "office@rollwerk.example")
        row = arrive(mail(to="office@rollwerk.example"), "office")
        assert Ticket.objects.get(id=row.ticket_id).category_id == support.office.id

    @pytest.mark.parametrize(
        ("headers", "acknowledged"),
        [
            ({}, True),
            ({"Auto-Submitted": "auto-generated"}, False),
            ({"Precedence": "bulk"}, False),
            ({"List-Id": "<news.example.org>"}, False),
            ({"Return-Path": "<>"}, False),
            ({"Subject": "Out of office"}, False),
            (verdict("fail"), False),
            (verdict("pass"), True),
            ({"Date": "Mon, 3 Mar 2025 10:00:00 +0000"}, False),
        ],
    )
    def test_is_acknowledged_to_people_only(self, support, settings, headers, acknowledged):
        settings.REYNARD_ACKNOWLEDGE_TICKETS = True
        ticket = opened(mail(**headers))
        assert outgoing(ticket.id) == ([("acknowledgement", {"to": [LENA], "cc": [], "bcc": []})] * acknowledged)

    def test_is_not_acknowledged_to_an_empty_sender(self, support, settings):
        settings.REYNARD_ACKNOWLEDGE_TICKETS = True
        row = arrive(mail(), sender="")
        assert outgoing(row.ticket_id) == []


class TestAReply:
    @pytest.fixture
    def ticket(self, support):
        return opened(mail(Message_ID="<first@example.org>"))

    def test_to_the_reply_address(self, support, ticket):
        close(ticket.id, support.closed.id)
        row = arrive(mail(to=reply_to(ticket.id), text="Still."))
        ticket.refresh_from_db()
        assert (row.ticket_id, row.update_id) == (ticket.id, last_update(ticket.id).id)
        assert row.reason == f"It was sent to the reply address of ticket #RW{ticket.id:08}, by its contact."
        assert (ticket.status_id, ticket.unresponded) == (support.new.id, True)
        assert last_update(ticket.id).text == "Still.\n"

    def test_to_an_envelope_address(self, support, ticket):
        assert arrive(mail(), recipients=[reply_to(ticket.id)]).ticket_id == ticket.id

    @pytest.mark.parametrize("header", ["In-Reply-To", "References"])
    def test_to_a_mail_of_ours(self, support, ticket, header):
        answer(ticket.id)
        ours = OutboxEntry.objects.get(ticket=ticket, kind="message").message_id
        row = arrive(mail(Subject="Other", **{header: f"<unknown@x.example> <{ours}@desk.example>"}))
        assert (row.ticket_id, row.reason) == (
            ticket.id,
            f"It answers a mail of ticket #RW{ticket.id:08}, by its contact.",
        )

    def test_to_a_mail_that_came_before(self, support, ticket):
        assert arrive(mail(In_Reply_To="<first@example.org>")).ticket_id == ticket.id

    def test_to_a_mail_that_came_to_another_mailbox(self, support, ticket):
        make_mailbox(support.office, "office", "office@rollwerk.example")
        assert arrive(mail(In_Reply_To="<first@example.org>"), "office").ticket_id == ticket.id

    def test_with_the_tickets_token(self, support, ticket):
        assert arrive(mail(Subject=token(ticket.id))).ticket_id == ticket.id
        assert arrive(mail(Subject=f"[#XX{ticket.id:08}]")).ticket_id != ticket.id
        assert arrive(mail(Subject=f"[#RW{2**63}]")).ticket_id != ticket.id

    def test_by_somebody_who_had_a_copy(self, support, ticket):
        answer(ticket.id, cc="Nora <nora@fleet.example>")
        row = arrive(mail("NORA@fleet.example", to=reply_to(ticket.id)))
        assert row.ticket_id == ticket.id
        assert last_update(ticket.id).author_email == "NORA@fleet.example"
        assert arrive(mail("nora@fleet.example.evil.example", to=reply_to(ticket.id))).ticket_id != ticket.id

    def test_by_a_colleague_who_sees_the_tickets_of_the_group(self, support, ticket):
        group = make_group(domains="fleet.example")
        group.memberships.create(contact=support.lena)
        nora = Contact.objects.get(id=opened(mail("nora@fleet.example")).contact_id)
        assert arrive(mail(nora.email, to=reply_to(ticket.id))).ticket_id != ticket.id
        group.memberships.filter(contact=nora).update(access_all_tickets=True)
        assert arrive(mail(nora.email, Subject=token(ticket.id))).ticket_id != ticket.id
        assert arrive(mail(nora.email, to=reply_to(ticket.id))).ticket_id == ticket.id

    def test_by_a_colleague_who_guesses_needs_a_proof(self, support, ticket):
        make_group(domains="fleet.example").memberships.create(contact=support.lena)
        nora = Contact.objects.get(id=opened(mail("nora@fleet.example")).contact_id)
        nora.memberships.update(access_all_tickets=True)
        assert arrive(mail(nora.email, Subject=token(ticket.id))).ticket_id != ticket.id
        assert arrive(mail(nora.email, Subject=token(ticket.id), **verdict("pass"))).ticket_id == ticket.id

    def test_to_a_deleted_ticket_opens_another(self, support, ticket):
        Ticket.objects.filter(id=ticket.id).update(deleted_at=datetime.now(UTC))
        row = arrive(mail(to=reply_to(ticket.id), In_Reply_To="<first@example.org>"))
        assert row.ticket_id not in {None, ticket.id}

    def test_to_a_merged_ticket_joins_the_one_it_was_merged_into(self, support, ticket):
        target = make_ticket(support.stranger, support.workshop)
        merging.merge(target.id, [ticket.id], staff=priya(), reference=reference.current(), now=datetime.now(UTC))
        row = arrive(mail(to=reply_to(ticket.id)))
        assert (row.ticket_id, last_update(target.id).id) == (target.id, row.update_id)
        assert row.reason.endswith(f"That ticket was merged into #{target.id}.")

    def forward(self, ticket, **more) -> str:
        """The id of a mail that asks a supplier."""
        given = Forward(
            staff=priya(), to="supplier@parts.example", subject="Your pads", message=compose("?", ""), **more
        )
        forwarding.forward(ticket, given, reference=reference.current(), now=datetime.now(UTC))
        return f"<{OutboxEntry.objects.get(ticket_id=ticket, kind='forward').message_id}@rollwerk.example>"

    def test_to_a_forward_opens_another(self, support, ticket):
        id = self.forward(ticket.id)
        row = arrive(mail("supplier@parts.example", In_Reply_To=id))
        assert row.ticket_id != ticket.id

    def test_to_a_forward_is_for_staff(self, support, ticket):
        id = self.forward(ticket.id, replies_open_tickets=False)
        row = arrive(mail("supplier@parts.example", In_Reply_To=id, text="We know."))
        update = last_update(ticket.id)
        assert (row.ticket_id, update.message_type, update.text) == (ticket.id, "p", "We know.\n")
        assert row.reason.endswith("by somebody to whom it was forwarded.")

    def test_is_not_sent_to_those_who_had_it(self, support, ticket):
        arrive(mail(to=reply_to(ticket.id), Cc="nora@fleet.example"))
        assert last_update(ticket.id).cc == "nora@fleet.example"
        assert outgoing(ticket.id) == []

    def test_of_a_program_changes_nothing(self, support, ticket):
        close(ticket.id, support.closed.id)
        before = Ticket.objects.get(id=ticket.id)
        arrive(mail(to=reply_to(ticket.id), text="I am away.", Auto_Submitted="auto-replied"))
        after, update = Ticket.objects.get(id=ticket.id), last_update(ticket.id)
        assert (update.text, update.message_type, update.author_type) == ("I am away.\n", "p", "user")
        for name in ("status_id", "unresponded", "last_updated_at", "last_contact_reply_at", "contact_replies"):
            assert getattr(after, name) == getattr(before, name)
        assert outgoing(ticket.id) == []


class TestStaff:
    @pytest.fixture
    def ticket(self, support):
        return make_ticket(support.lena, support.workshop)

    def test_reply_to_the_contact(self, support, ticket):
        row = arrive(mail(PRIYA, to=reply_to(ticket.id), text="Come by.", Cc="nora@fleet.example", **verdict("pass")))
        update = last_update(ticket.id)
        assert (row.update_id, update.author_type, update.author_id) == (update.id, "staff", support.priya.id)
        assert (update.message_type, update.customer_updated, update.text) == ("m", True, "Come by.")
        assert outgoing(ticket.id)[-1] == ("message", {"to": [LENA], "cc": ["nora@fleet.example"], "bcc": []})

    @pytest.mark.parametrize("way", ["signed", "mailbox"])
    def test_write_notes(self, support, ticket, way):
        to = reply_to(ticket.id, note=True) if way == "signed" else NOTES
        arrive(mail(PRIYA, to=to, Subject=token(ticket.id), text="He is angry.", **verdict("pass")))
        update = last_update(ticket.id)
        assert (update.message_type, update.author_type, update.text) == ("p", "staff", "He is angry.\n")
        assert "message" not in dict(outgoing(ticket.id))

    def test_what_their_role_does_not_allow_is_held(self, support, ticket, settings):
        settings.REYNARD_ENFORCE_PERMISSIONS = True
        support.jonas.role.permissions = []
        support.jonas.role.save()
        support.jonas.categories.add(support.workshop)
        reference.changed()
        row = arrive(mail(JONAS, to=reply_to(ticket.id), **verdict("pass")))
        assert (row.state, row.suggested_id) == ("held", ticket.id)
        assert "has no web_reply" in row.reason
        assert len(history(ticket.id)) == 1

    def test_of_other_categories_are_held(self, support, ticket):
        row = arrive(mail(JONAS, to=reply_to(ticket.id), **verdict("pass")))
        assert (row.state, row.suggested_id) == ("held", ticket.id)


class TestTheSameMail:
    def test_again_is_a_duplicate(self, support):
        raw = mail()
        first, again = arrive(raw), arrive(b"Received: by another way\r\n" + raw)
        assert (again.state, again.reason) == ("duplicate", f"The mailbox had it before, as mail {first.id}.")

    def test_with_another_content_is_another(self, support):
        first = arrive(mail(Message_ID="<same@example.org>"))
        other = arrive(mail(Message_ID="<same@example.org>", text="It bends."))
        assert other.state == "taken"
        assert other.ticket_id != first.ticket_id

    def test_without_an_id_is_no_duplicate(self, support):
        raw = mail(Message_ID=None)
        assert [arrive(raw).state, arrive(b"X-Copy: 2\r\n" + raw).state] == ["taken", "taken"]

    def test_in_two_mailboxes_opens_two_tickets_and_joins_one(self, support):
        make_mailbox(support.office, "office", "office@rollwerk.example")
        raw = mail()
        first, second = arrive(raw), arrive(raw, "office")
        assert {first.state, second.state} == {"taken"}
        assert first.ticket_id != second.ticket_id

        reply = mail(to=reply_to(first.ticket_id), Cc="office@rollwerk.example")
        assert arrive(reply).ticket_id == first.ticket_id
        copy = arrive(reply, "office")
        assert copy.state == "duplicate"
        assert len(history(first.ticket_id)) == 2


class TestTheQueue:
    def test_a_mail_that_cannot_be_taken_is_tried_again_and_kept(self, support, monkeypatch, caplog):
        good, bad = store(mail(Subject="Good")), store(mail(Subject="Bad"))
        later = store(mail(Subject="Later"))
        parse = inbound.parse

        def broken(raw):
            if b"Bad" in raw:
                raise RuntimeError("out of ideas")
            return parse(raw)

        monkeypatch.setattr(inbound, "parse", broken)
        for tries in range(1, queue.TRIES + 1):
            work()
            row = InboundMail.objects.get(id=bad)
            assert (row.attempts, row.last_error) == (tries, "RuntimeError: out of ideas")
            InboundMail.objects.filter(id=bad).update(next_try_at=datetime.now(UTC))
        assert (row.state, row.reason) == ("failed", "It could not be understood.")
        assert {InboundMail.objects.get(id=id).state for id in (good, later)} == {"taken"}

        monkeypatch.undo()
        assert queue.retry(now=datetime.now(UTC)) == 1
        work()
        assert InboundMail.objects.get(id=bad).state == "taken"

    def test_a_mail_that_ends_its_worker_is_given_up(self, support, caplog):
        poison, other = store(mail()), store(mail())
        for _ in range(queue.TRIES):
            claimed = queue.claim(limit=10, now=datetime.now(UTC))
            assert poison in {row.id for row in claimed}
            InboundMail.objects.filter(id=poison).update(next_try_at=datetime.now(UTC))
        assert queue.claim(limit=10, now=datetime.now(UTC)) == []
        row = InboundMail.objects.get(id=poison)
        assert (row.state, row.last_error) == ("failed", "Reading it ended its worker.")
        assert InboundMail.objects.get(id=other).attempts == 1

    def test_who_lost_the_lease_does_nothing(self, support):
        store(mail())
        [claimed] = queue.claim(limit=10, now=datetime.now(UTC))
        InboundMail.objects.update(leased_until=datetime.now(UTC) + timedelta(hours=1))
        inbound._take(claimed)
        assert not Ticket.objects.exists()

    def test_a_reply_waits_for_the_mail_it_answers(self, support):
        store(mail(Message_ID="<first@example.org>"))
        [first] = queue.claim(limit=1, now=datetime.now(UTC))
        reply = store(mail(In_Reply_To="<first@example.org>"))
        work()
        assert InboundMail.objects.get(id=reply).state == "new"
        inbound._take(first)
        InboundMail.objects.filter(id=reply).update(next_try_at=datetime.now(UTC))
        work()
        tickets_of = InboundMail.objects.values_list("ticket_id", flat=True)
        assert len(set(tickets_of)) == 1
        assert InboundMail.objects.get(id=reply).attempts == 1

    def test_a_file_that_was_lost_is_a_failure(self, support, caplog):
        stored = store(mail())
        InboundMail.objects.filter(id=stored).update(sha256="0" * 64)
        work()
        assert "FileNotFoundError" in InboundMail.objects.get(id=stored).last_error


class TestReports:
    @pytest.fixture
    def sent(self, support):
        """A mail that left for the contact and a copy."""
        ticket = make_ticket(support.lena, support.workshop, assignee=support.priya.id)
        answer(ticket.id, cc="nora@fleet.example")
        entry = OutboxEntry.objects.get(ticket=ticket, kind="message")
        answers = {LENA: "", "nora@fleet.example": ""}
        OutboxEntry.objects.filter(id=entry.id).update(done_at=datetime.now(UTC), answers=answers)
        return OutboxEntry.objects.get(id=entry.id)

    def report(self, entry, recipient=LENA, action="failed", status="5.1.1", **more):
        headers = {
            "Auto-Submitted": "auto-replied",
            "Content-Type": 'multipart/report; report-type=delivery-status; boundary="b"',
            "Subject": "Undelivered",
            "In-Reply-To": f"<{entry}@rollwerk.example>",
        }
        text = (
            "--b\nContent-Type: text/plain\n\nIt failed.\n"
            "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
            f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
            "Diagnostic-Code: smtp; 550 No such user\n\n"
            f"--b\nContent-Type: message/rfc822\n\nMessage-ID: <{entry}@rollwerk.example>\nSubject: x\n\nx\n--b--\n"
        )
        return mail("mailer-daemon@mx.example.org", text=text, **(headers | more))

    def test_a_bounce_stands_at_the_mail_and_in_the_ticket(self, sent):
        row = arrive(self.report(sent.message_id))
        sent.refresh_from_db()
        note = last_update(sent.ticket_id)
        assert sent.answers == {LENA: "5.1.1 550 No such user", "nora@fleet.example": ""}
        assert sent.bounced_at is not None
        assert (note.message_type, note.author_type, note.parent_id) == ("p", "system", sent.update_id)
        assert note.text == f"Not delivered to {LENA}: 5.1.1 550 No such user"
        assert (row.state, row.ticket_id, row.update_id) == ("taken", sent.ticket_id, note.id)
        assert outgoing(sent.ticket_id)[-1] == ("staff", {"to": [PRIYA], "cc": [], "bcc": []})

    def test_a_bounce_of_a_mail_of_no_ticket_is_told_to_nobody(self, support):
        desk_mails.about_account(PRIYA, subject="Hello", text="Hello", now=datetime.now(UTC))
        entry = OutboxEntry.objects.get()
        row = arrive(self.report(entry.message_id, recipient=PRIYA))
        assert (row.state, row.ticket_id, row.update_id) == ("ignored", None, None)
        assert OutboxEntry.objects.count() == 1

    def test_an_answer_to_a_mail_of_no_ticket_opens_a_ticket(self, support):
        desk_mails.about_account(PRIYA, subject="Hello", text="Hello", now=datetime.now(UTC))
        answered = f"<{OutboxEntry.objects.get().message_id}@rollwerk.example>"
        row = arrive(mail(LENA, In_Reply_To=answered))
        assert (row.state, row.ticket_id is not None) == ("taken", True)

    def test_a_storm_of_bounces_is_told_once(self, sent):
        before = len(history(sent.ticket_id))
        rows = [arrive(self.report(sent.message_id)) for _ in range(5)]
        assert {row.state for row in rows} == {"taken"}
        assert len(history(sent.ticket_id)) == before + 1
        assert Ticket.objects.count() == 1

    def test_a_delay_is_no_failure(self, sent):
        row = arrive(self.report(sent.message_id, action="delayed", status="4.4.1"))
        sent.refresh_from_db()
        assert (row.state, row.update_id, sent.bounced_at) == ("taken", None, None)

    def test_a_bounce_of_a_mail_to_staff_is_noted_at_the_mail(self, sent):
        entry = OutboxEntry.objects.create(
            kind="staff",
            ticket_id=sent.ticket_id,
            update_id=sent.update_id,
            message_id="1.2.staff.ab",
            recipients={"to": [PRIYA]},
            created_at=sent.created_at,
            expires_at=sent.expires_at,
            next_try_at=sent.next_try_at,
        )
        before = len(history(sent.ticket_id))
        arrive(self.report(entry.message_id, PRIYA))
        entry.refresh_from_db()
        assert entry.answers == {PRIYA: "5.1.1 550 No such user"}
        assert len(history(sent.ticket_id)) == before

    def test_a_bounce_of_somebody_elses_mail_opens_no_ticket(self, support):
        row = arrive(self.report("9.9.message.0123456789abcdef"))
        assert (row.state, row.reason) == ("ignored", "It reports on a mail that this desk did not send.")
        assert not Ticket.objects.exists()


def test_years_of_old_mails_are_told_to_nobody(support, settings):
    settings.REYNARD_ACKNOWLEDGE_TICKETS = settings.REYNARD_NOTIFY_CATEGORY_STAFF = True
    long_ago = format_datetime(datetime.now(UTC) - timedelta(days=400))
    for _ in range(3):
        arrive(mail(Date=long_ago))
    assert Ticket.objects.count() == 3
    assert not OutboxEntry.objects.exists()


class TestTheAnswer:
    """What leaves for a contact continues the mail that came."""

    def sent(self, ticket: int) -> Message:
        entry = OutboxEntry.objects.filter(ticket_id=ticket, kind="message").last()
        with outgoing_mail.compose(entry.id, now=datetime.now(UTC)).message as composed:
            return message_from_binary_file(composed)

    def test_continues_the_contacts_thread(self, support):
        row = arrive(mail(Message_ID="<first@example.org>"))
        answer(row.ticket_id)
        sent = self.sent(row.ticket_id)
        assert (sent["In-Reply-To"], sent["References"]) == ("<first@example.org>", "<first@example.org>")
        assert sent["From"] == f"Repair workshop <{SUPPORT}>"
        assert sent["Reply-To"] == f"Repair workshop <{reply_to(row.ticket_id)}>"

        arrive(mail(to=reply_to(row.ticket_id), Message_ID="<second@example.org>"))
        answer(row.ticket_id)
        again = self.sent(row.ticket_id)
        assert again["In-Reply-To"] == "<second@example.org>"
        assert again["References"].split() == [sent["Message-ID"], "<second@example.org>"]

    @pytest.mark.parametrize("id", ["<ä@example.org>", f"<{'a' * 300}@example.org>"])
    def test_does_not_repeat_ids_that_no_header_can_have(self, support, id):
        row = arrive(mail(Message_ID=id))
        answer(row.ticket_id)
        assert self.sent(row.ticket_id)["In-Reply-To"] is None

    def test_does_not_quote_what_was_for_staff(self, support):
        ticket = make_ticket(support.lena, support.workshop)
        text = (
            "Come by on Friday.\n\nOn Mon, 9 Mar 2026 at 12:00, Repair workshop <support@rollwerk.example> wrote:\n"
            "> Lena wrote:\n> Priority: High\n> https://desk.rollwerk.example/inbox/ticket/1/\n"
        )
        arrive(mail(PRIYA, to=reply_to(ticket.id), text=text, **verdict("pass")))
        assert last_update(ticket.id).text == "Come by on Friday."
        arrive(mail(PRIYA, to=reply_to(ticket.id), text="> Priority: High\nYes.\n> secret\nNo.", **verdict("pass")))
        assert last_update(ticket.id).text == "Yes.\nNo."

    @pytest.mark.parametrize("secret", ["address", "page"])
    def test_is_held_when_it_repeats_what_was_for_staff(self, support, settings, secret):
        settings.REYNARD_BASE_URL = "https://desk.rollwerk.example"
        ticket = make_ticket(support.lena, support.workshop)
        address = reply_to(ticket.id)
        text = (
            f"Yes.\n| Answer to <{address}>"
            if secret == "address"
            else f"See {settings.REYNARD_BASE_URL}/inbox/ticket/1/"
        )
        row = arrive(mail(PRIYA, to=address, text=text, **verdict("pass")))
        assert row.state == "held"
        assert row.reason.endswith("It was refused: text: It repeats a mail that is for staff alone.")
        assert len(history(ticket.id)) == 1
