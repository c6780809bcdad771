"""What mails look like, and who gets none."""

import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reynard.desk import db
from reynard.desk.actions import catalog, corrections, mail_templates, outgoing_mail, tickets
from reynard.desk.actions.catalog import CategoryMail
from reynard.desk.actions.tickets import ContactReply, NewTicket, StaffUpdate
from reynard.desk.models import (
    Attachment,
    AutomaticMail,
    Contact,
    OutboxEntry,
    Role,
    Staff,
    Subscription,
    Ticket,
    Update,
)
from reynard.desk.rules import reply_address
from reynard.desk.rules.messages import compose as compose_message
from reynard.desk.rules.reply_address import ReplyAddress
from reynard.desk.selectors import reference
from tests import factories
from tests.desk.mails import PNG, compose, kept
from tests.desk.test_mail_headers import ATTACKS
from tests.desk.test_query_plans import whole_reads
from tests.factories import NOON

LENA, PRIYA, JONAS = "lena.ortiz@example.org", "priya@rollwerk.example", "jonas@rollwerk.example"
SUPPORT = "support@rollwerk.example"
EVE = "eve@example.org"


@pytest.fixture(autouse=True)
def _all_see_all_tickets(desk):
    """Staff are told of tickets they may see only."""
    Role.objects.update(permissions=["all_tickets", "web_reply", "close_tickets"])
    reference.changed()


@pytest.fixture(autouse=True)
def mail_settings(settings):
    settings.REYNARD_MAIL_FROM = SUPPORT
    settings.REYNARD_BASE_URL = "https://desk.example.org"
    settings.REYNARD_ACKNOWLEDGE_TICKETS = False
    return settings


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def reply(desk, ticket):
    """A mailed reply of Priya's; returns its mail."""

    def run(text="Ready on Friday.", html="", *, now=NOON + timedelta(hours=1), number=None, **values):
        given_ = StaffUpdate(staff=desk.priya.id, message=compose_message(text, html), update_customer=True, **values)
        tickets.add_staff_update(number or ticket.id, given_, reference=reference.current(), now=now)
        return compose(OutboxEntry.objects.filter(kind="message").latest("id"))

    return run


@pytest.fixture
def contact_writes(desk, ticket):
    def run(text="Thanks!", now=NOON + timedelta(hours=2), **values):
        given_ = ContactReply(contact=desk.lena.id, message=compose_message(text, ""), **values)
        tickets.add_contact_reply(ticket.id, given_, reference=reference.current(), now=now)

    return run


@pytest.fixture
def note(desk, ticket):
    """A private note that alerts Jonas."""

    def run(text="He never pays.", now=NOON + timedelta(hours=3), **values):
        given_ = StaffUpdate(
            staff=desk.priya.id, message=compose_message(text, ""), alert=[str(desk.jonas.id)], **values
        )
        tickets.add_private_note(ticket.id, given_, reference=reference.current(), now=now)

    return run


@pytest.fixture
def forward(api, desk, ticket):
    """Forwards the ticket to a supplier; returns the mail."""

    def run(**values):
        body = {"staff_id": desk.priya.id, "to": "claims@falke.example", "subject": "A broken frame", **values}
        assert api.post(f"ticket/{ticket.id}/forward/", body).status_code == 200
        return compose()

    return run


def image_upload(api):
    """The address of an uploaded image, to be used in HTML."""
    sent = {"file": SimpleUploadedFile("rim.png", PNG + b"rim", "image/png")}
    return api.post("ticket-inline-attachment", sent, content_type="multipart").json()["url"]


class TestReply:
    def test_it_reads_like_a_persons_mail(self, reply, ticket):
        mail = reply("Ready on Friday.\n\nPriya")

        token = f"[#RW{ticket.id:08d}]"
        assert mail["From"] == f"Repair workshop <{SUPPORT}>"
        assert mail["To"] == f"Lena Ortiz <{LENA}>"
        assert mail["Subject"] == f"Re: Brake cable frayed {token}"
        assert mail.text == (
            "Ready on Friday.\n\nPriya\n\nOn Mon, 9 Mar 2026 at 12:00 UTC, Lena Ortiz wrote:\n> It is broken.\n"
        )
        assert "<p>Ready on Friday.</p><p>Priya</p></div>\n<p>On Mon, 9 Mar 2026" in mail.html
        assert "<p>It is broken.</p></blockquote>" in mail.html
        assert mail.message.get_content_type() == "multipart/alternative"
        assert parsedate_to_datetime(mail["Date"]) == NOON + timedelta(hours=1)
        for header in ("Auto-Submitted", "Precedence", "List-Id", "X-Auto-Response-Suppress", "Cc", "In-Reply-To"):
            assert mail[header] is None
        assert (mail.envelope_from, mail.envelope_to, mail.left_out) == (SUPPORT, [LENA], [])

    def test_answers_go_to_a_signed_address(self, reply, ticket, settings):
        mail = reply()

        (address,) = mail.message["Reply-To"].addresses
        assert address.display_name == "Repair workshop"
        assert reply_address.verify(address.addr_spec, settings.SECRET_KEY) == ReplyAddress(ticket.id, False)

    def test_or_to_the_mailbox_where_that_takes_no_plus(self, reply, settings):
        settings.REYNARD_MAIL_PLUS_ADDRESSING = False
        assert reply()["Reply-To"] == f"Repair workshop <{SUPPORT}>"

    def test_or_where_it_would_be_too_long(self, reply, settings):
        settings.REYNARD_MAIL_FROM = "s" * 60 + "@rollwerk.example"
        assert reply()["Reply-To"] == f"Repair workshop <{'s' * 60}@rollwerk.example>"

    def test_a_category_has_an_address_of_its_own(self, reply, desk, settings):
        mail = CategoryMail(
            from_name="Rollwerk, Werkstatt",
            from_address="werkstatt@rollwerk.example",
            reply_address="in@rollwerk.example",
        )
        catalog.set_category_mail(category_id=desk.workshop.id, mail=mail)

        sent = reply()

        assert sent["From"] == '"Rollwerk, Werkstatt" <werkstatt@rollwerk.example>'
        assert sent.message["Reply-To"].addresses[0].addr_spec.startswith("in+")
        assert sent.envelope_from == "in@rollwerk.example"
        assert sent["Message-ID"].endswith("@rollwerk.example>")

        catalog.set_category_mail(category_id=desk.workshop.id, mail=CategoryMail(plus_addressing=False))
        assert compose()["Reply-To"] == '"Rollwerk, Werkstatt" <in@rollwerk.example>'

    def test_the_name_of_the_desk_stands_in_for_one_of_the_category(self, reply, settings):
        settings.REYNARD_MAIL_FROM = f"Rollwerk <{SUPPORT}>"
        assert reply()["From"] == f"Rollwerk <{SUPPORT}>"

    def test_copies_are_shown_and_blind_ones_are_not(self, reply):
        mail = reply(cc="Ann <ann@example.org>,bob@example.org", bcc=EVE)

        assert mail["Cc"] == "Ann <ann@example.org>, bob@example.org"
        assert mail.envelope_to == [LENA, "ann@example.org", "bob@example.org", EVE]
        assert EVE.encode() not in mail.raw
        assert b"bcc" not in mail.raw.lower()

    def test_a_subject_of_its_own_is_used(self, reply, ticket):
        mail = reply(subject=f"RE: Your bill [#RW{ticket.id:08d}]")
        assert mail["Subject"] == f"Re: Your bill [#RW{ticket.id:08d}]"

    def test_composed_again_it_is_the_same(self, reply):
        mail = reply(files=[kept("a.txt", b"a")])
        assert compose(OutboxEntry.objects.get(kind="message"), now=NOON + timedelta(days=2)).raw == mail.raw

    def test_it_quotes_public_messages_only(self, reply, note, contact_writes):
        note(text="S3CRET he never pays")
        contact_writes(text="Hello?")
        mail = reply()

        assert b"S3CRET" not in mail.raw
        assert [line for line in mail.text.split("\n") if line.startswith(">")] == ["> Hello?", "> It is broken."]

    def test_a_private_message_never_leaves_whatever_the_outbox_says(self, note, ticket):
        note()
        newest = Update.objects.latest("id")
        for kind in ("message", "acknowledgement"):
            entry = OutboxEntry.objects.create(
                kind=kind,
                ticket=ticket,
                update=newest,
                recipients={"to": [LENA]},
                message_id=kind,
                created_at=NOON,
                next_try_at=NOON,
                expires_at=NOON,
            )
            with pytest.raises(outgoing_mail.NotToBeSent, match="Only staff may read this"):
                compose(entry)

    def test_nothing_of_a_deleted_ticket_leaves(self, reply, api, desk, ticket):
        reply()
        assert api.post(f"ticket/{ticket.id}/delete/", {"staff_id": desk.priya.id}).status_code == 200
        with pytest.raises(outgoing_mail.NotToBeSent, match="deleted"):
            compose()

    def test_nothing_leaves_while_nobody_said_from_where(self, reply, settings, desk):
        reply()
        settings.REYNARD_MAIL_FROM = ""
        with pytest.raises(outgoing_mail.MailNotSetUp, match="REYNARD_MAIL_FROM"):
            compose()
        catalog.set_category_mail(category_id=desk.workshop.id, mail=CategoryMail(from_address=SUPPORT))
        assert compose()["From"] == f"Repair workshop <{SUPPORT}>"

    def test_a_mail_to_the_desk_itself_does_not_leave(self, desk, reply):
        mail = reply(cc="Support+4127.x@Rollwerk.example,ann@example.org")
        assert mail.envelope_to == [LENA, "ann@example.org"]
        assert [(out.address, out.reason) for out in mail.left_out] == [
            ("Support+4127.x@Rollwerk.example", "This is an address of the desk itself.")
        ]

        Contact.objects.filter(id=desk.lena.id).update(email=SUPPORT)
        with pytest.raises(outgoing_mail.NotToBeSent, match="address of the desk itself"):
            reply()

    def test_what_is_no_address_is_left_out(self, reply):
        reply()
        entry = OutboxEntry.objects.latest("id")
        entry.recipients = {"to": [LENA], "cc": ["jür gen@example.org", "x\r\nBcc: eve@example.org"], "bcc": []}
        entry.save()

        mail = compose(entry)

        assert mail.envelope_to == [LENA]
        assert [out.reason for out in mail.left_out] == ["No mail can be sent to this address."] * 2


class TestCost:
    """The same at any size of the ticket and of the desk (docs/performance.md)."""

    @pytest.mark.parametrize("before", [1, 40])
    def test_statements(self, before, reply, note, forward, ticket, desk):
        for number in range(before):
            reply(f"Reply {number}")
            note(f"Note {number}")
        reference.current()
        newest = {kind: OutboxEntry.objects.filter(kind=kind).latest("id") for kind in ("message", "staff")}
        forward()
        newest["forward"] = OutboxEntry.objects.latest("id")

        costs = {}
        for kind, entry in newest.items():
            with CaptureQueriesContext(connection) as captured:
                compose(entry)
            costs[kind] = len(captured)

        lock_of_budgets = 1 if db.is_postgres() else 0
        assert costs == {"message": 4, "staff": 11 + lock_of_budgets, "forward": 3}  # of a note: whom it mentions, too

    def test_every_statement_has_an_index(self, reply, note):
        reply()
        note()
        for kind in ("message", "staff"):
            entry = OutboxEntry.objects.filter(kind=kind).latest("id")
            AutomaticMail.objects.all().delete()
            with CaptureQueriesContext(connection) as captured:
                compose(entry)
            reads = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
            asked = [sql for sql in reads if re.search("desk_(outboxentry|automaticmail|update)", sql)]
            assert asked
            for sql in asked:
                assert whole_reads(sql, "outboxentry|automaticmail|update|ticket") == [], sql


class TestThreads:
    def test_each_mail_continues_those_before(self, reply, contact_writes):
        first = reply()
        contact_writes()
        second = reply()
        third = reply()

        assert (second["In-Reply-To"], second["References"]) == (first["Message-ID"], first["Message-ID"])
        assert third["In-Reply-To"] == second["Message-ID"]
        assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]

    def test_it_names_only_so_many(self, reply):
        ids = [reply()["Message-ID"] for _ in range(25)]
        assert reply()["References"].split() == ids[-20:]

    def test_staff_have_a_thread_of_their_own(self, reply, ticket, desk):
        Subscription.objects.create(ticket=ticket, staff=desk.jonas)
        reply()
        first = compose(OutboxEntry.objects.filter(kind="staff").latest("id"))
        reply()
        second = compose(OutboxEntry.objects.filter(kind="staff").latest("id"))

        assert second["References"] == first["Message-ID"]

    def test_ids_are_the_same_whatever_the_category(self, reply, desk, ticket):
        first = reply()
        mail = CategoryMail(from_address="werkstatt@another.example")
        catalog.set_category_mail(category_id=desk.workshop.id, mail=mail)

        assert reply()["References"] == first["Message-ID"]

    def test_each_ticket_has_its_own(self, reply, desk):
        reply()
        other = factories.make_ticket(desk.lena, desk.workshop)
        assert reply(number=other.id)["References"] is None


class TestFiles:
    def test_files_are_parts(self, reply):
        sent = {"größe.pdf": b"%PDF" + bytes(range(256)) * 700, "empty.txt": b"", 'a"b\\c;d.txt': b"x"}
        mail = reply(files=[kept(name, content) for name, content in sent.items()])

        assert mail.message.get_content_type() == "multipart/mixed"
        assert mail.attachments == {
            "größe.pdf": sent["größe.pdf"],
            "empty.txt": b"",
            'a"b\\c;d.txt'.rpartition("\\")[2]: b"x",
        }

    def test_a_file_alone_is_a_mail(self, reply):
        mail = reply("", files=[kept("a.txt", b"a")])
        assert mail.text.startswith("On Mon, 9 Mar")
        assert mail.attachments == {"a.txt": b"a"}

    def test_types_that_are_no_files_are_bytes(self, reply):
        types = ["message/rfc822", "multipart/mixed", "x", "text/html; charset=x\r\nBcc: a", "image/png"]
        mail = reply(files=[kept(f"{number}", b"x", type) for number, type in enumerate(types)])

        octets = "application/octet-stream"
        assert [part.get_content_type() for part in mail.message.iter_attachments()] == [
            octets, octets, octets, "text/html", "image/png"
        ]  # fmt: skip

    def test_images_are_shown_where_they_stand(self, reply, api, desk, ticket):
        answer = api.post(
            f"ticket/{ticket.id}/staff_update/",
            {
                "staff": desk.priya.id,
                "html": f'<p>Look: <img src="{image_upload(api)}" alt="Rim"></p>',
                "update_customer": True,
            },
        )
        assert answer.status_code == 200
        mail = compose(OutboxEntry.objects.filter(kind="message").latest("id"))

        ((content_id, content),) = mail.images.items()
        assert content == PNG + b"rim"
        assert f'<img src="cid:{content_id}" alt="Rim">' in mail.html
        image = next(part for part in mail.message.walk() if part["Content-ID"])
        assert (image.get_content_type(), image.get_content_disposition()) == ("image/png", "inline")
        assert mail.attachments == {}

        later = reply("Later.")
        assert "[Rim]" in later.html
        assert later.images == {}

    def test_the_same_image_is_carried_once(self, api, desk, ticket):
        images = "".join(f'<img src="{image_upload(api)}">' for _ in range(3))
        body = {"staff": desk.priya.id, "html": images, "update_customer": True}
        assert api.post(f"ticket/{ticket.id}/staff_update/", body).status_code == 200
        mail = compose(OutboxEntry.objects.filter(kind="message").latest("id"))

        assert len(mail.images) == 1
        assert mail.html.count("cid:") == 3

    def test_what_is_too_large_is_a_link(self, reply, settings):
        settings.REYNARD_MAIL_ATTACHMENTS_MIB = 1
        large = bytes(1024 * 1024 + 1)
        mail = reply(files=[kept("large.bin", large), kept("small.txt", b"s")], now=NOON)

        assert mail.attachments == {"small.txt": b"s"}
        assert (
            "These files are too large for a mail. You can fetch them until 2026-04-08:\n* large.bin (1.0 MB)\n  https"
            in mail.text
        )
        assert re.search(r'<a href="(https://desk[^"]+)">large.bin', mail.html)

    def test_the_link_needs_no_credentials_and_lasts(self, reply, settings, monkeypatch):
        settings.REYNARD_MAIL_ATTACHMENTS_MIB = 0
        address = re.search(r"https://\S+", reply(files=[kept("large.bin", b"content")], now=NOON).text)[0]
        parts = urlsplit(address)
        assert parts.netloc == "desk.example.org"

        for days, status in ((29, 200), (31, 403)):
            monkeypatch.setattr("time.time", lambda days=days: (NOON + timedelta(days=days)).timestamp())
            answer = Client().get(parts.path)
            assert answer.status_code == status
            assert status != 200 or b"".join(answer.streaming_content) == b"content"

    def test_without_an_address_of_the_desk_there_is_a_name(self, reply, settings):
        settings.REYNARD_MAIL_ATTACHMENTS_MIB, settings.REYNARD_BASE_URL = 0, ""
        mail = reply(files=[kept("large.bin", b"content")])
        assert "Ask for them if you need them:\n* large.bin (1 KB)\n\n" in mail.text

    def test_a_file_that_was_lost_is_an_error(self, reply):
        reply(files=[kept("a.txt", b"a")])
        Attachment.objects.update(sha256="0" * 64)
        with pytest.raises(FileNotFoundError):
            compose()


class TestCopiesOfTheContact:
    def test_they_say_who_wrote(self, contact_writes):
        contact_writes(cc="ann@example.org")
        mail = compose()

        assert mail["From"] == f"Lena Ortiz via Repair workshop <{SUPPORT}>"
        assert (mail["To"], mail["Cc"], mail.envelope_to) == (None, "ann@example.org", ["ann@example.org"])
        assert mail.text.startswith("Lena Ortiz wrote:\n\nThanks!\n")

    def test_those_of_a_new_ticket_answer_nothing(self, desk):
        factories.make_ticket(desk.lena, desk.workshop, cc="ann@example.org")
        mail = compose()
        assert mail["Subject"].startswith("Brake cable frayed [#RW")

    def test_blind_ones_alone_are_to_nobody(self, contact_writes):
        contact_writes(bcc=EVE)
        mail = compose()
        assert mail["To"] == "undisclosed-recipients:;"
        assert mail.envelope_to == [EVE]

    def test_images_from_elsewhere_are_not_fetched(self, desk, ticket):
        html = '<p>Hi<img src="https://t.example/p.gif"></p>'
        given_ = ContactReply(contact=desk.lena.id, message=compose_message("", html), cc="ann@example.org")
        tickets.add_contact_reply(ticket.id, given_, reference=reference.current(), now=NOON)
        assert "t.example" not in compose().html


class TestAcknowledgement:
    @pytest.fixture(autouse=True)
    def on(self, settings):
        settings.REYNARD_ACKNOWLEDGE_TICKETS = True

    def test_it_says_that_a_program_wrote_it(self, desk):
        ticket = factories.make_ticket(desk.lena, desk.workshop, subject="Buy gold at gold.example")
        mail = compose()

        assert mail["Auto-Submitted"] == "auto-replied"
        assert (mail["Precedence"], mail["X-Auto-Response-Suppress"]) == ("bulk", "All")
        assert mail["List-Id"] is None
        assert (mail.envelope_from, mail.envelope_to) == ("", [LENA])
        assert mail["Subject"] == f"We have received your request [#RW{ticket.id:08d}]"
        assert b"gold" not in mail.raw
        assert "Lena" not in mail.text + mail.html + str(mail["To"])

    @pytest.mark.parametrize("address", ["MAILER-DAEMON@example.org", "no-reply@example.org", f"x{SUPPORT}"])
    def test_it_does_not_answer_programs(self, desk, address):
        contact = factories.make_contact("Robot", address)
        factories.make_ticket(contact, desk.workshop)
        if address.startswith("x"):
            assert compose().envelope_to == [address]
        else:
            with pytest.raises(outgoing_mail.NotToBeSent, match="Programs write from this address"):
                compose()

    def test_it_does_not_answer_the_desk(self, desk):
        factories.make_ticket(factories.make_contact("Loop", "support+1.abc@ROLLWERK.example"), desk.workshop)
        with pytest.raises(outgoing_mail.NotToBeSent, match="address of the desk"):
            compose()

    def test_replies_continue_it(self, desk, reply):
        ticket = factories.make_ticket(desk.lena, desk.workshop)
        first = compose()
        assert reply(number=ticket.id)["In-Reply-To"] == first["Message-ID"]

    def test_its_words_can_be_changed(self, desk):
        mail_templates.set_template("acknowledgement", "Subject: Got {{ticket.subject}}\n\nDear {{contact.name}}!")
        factories.make_ticket(desk.lena, desk.workshop, subject="Brake {{contact.name}} {{secret}}")
        mail = compose()

        assert mail["Subject"].startswith("Got Brake {{contact.name}} {{secret}} [#RW")
        assert mail.text == "Dear Lena Ortiz!\n"


class TestBudgets:
    @pytest.fixture(autouse=True)
    def on(self, settings):
        settings.REYNARD_ACKNOWLEDGE_TICKETS = True

    def acknowledge(self, desk, now, contact=None):
        factories.make_ticket(contact or desk.lena, desk.workshop, now=now)
        entry = OutboxEntry.objects.latest("id")
        try:
            return entry, bool(compose(entry, now=now))
        except outgoing_mail.NotToBeSent as error:
            assert "Too many automatic mails" in str(error)  # noqa: PT017
            return entry, False

    def sent(self, desk, moments, **values):
        return [self.acknowledge(desk, NOON + moment, **values)[1] for moment in moments]

    def test_one_contact_gets_so_many_in_an_hour(self, desk, settings):
        settings.REYNARD_MAIL_CONTACT_HOURLY = 2
        minutes = [timedelta(minutes=each) for each in (0, 20, 40, 59, 61, 62)]

        assert self.sent(desk, minutes) == [True, True, False, False, True, False]
        assert self.sent(desk, minutes[:1], contact=desk.stranger) == [True]

    def test_and_so_many_in_a_day(self, desk, settings):
        settings.REYNARD_MAIL_CONTACT_DAILY = 2
        hours = [timedelta(hours=each) for each in (0, 5, 10, 23, 25, 26)]

        assert self.sent(desk, hours) == [True, True, False, False, True, False]

    def test_zero_is_no_limit(self, desk, settings):
        settings.REYNARD_MAIL_CONTACT_HOURLY = settings.REYNARD_MAIL_CONTACT_DAILY = 0
        assert self.sent(desk, [timedelta()] * 5) == [True] * 5

    def test_addresses_with_a_plus_have_one_budget(self, desk, settings):
        settings.REYNARD_MAIL_CONTACT_HOURLY = 2
        contacts = [factories.make_contact("Lena", f"lena.ortiz+{number}@Example.org") for number in range(3)]
        assert [self.acknowledge(desk, NOON, contact)[1] for contact in contacts] == [True, True, False]

    def test_trying_again_costs_nothing(self, desk, settings):
        settings.REYNARD_MAIL_CONTACT_HOURLY = 1
        entry, first = self.acknowledge(desk, NOON)
        assert first
        assert compose(entry, now=NOON + timedelta(minutes=5))
        assert self.sent(desk, [timedelta(minutes=6), timedelta(minutes=61)]) == [False, True]

    def test_staff_have_another(self, desk, settings, note):
        settings.REYNARD_MAIL_CONTACT_HOURLY = 1
        settings.REYNARD_MAIL_STAFF_HOURLY = 2
        for _ in range(2):
            note()
            assert compose().envelope_to == [JONAS]
        note()
        with pytest.raises(outgoing_mail.NotToBeSent, match=f"{JONAS}: Too many automatic mails"):
            compose()

    def test_those_with_budget_left_still_get_theirs(self, desk, settings, note, ticket):
        settings.REYNARD_MAIL_STAFF_HOURLY = 1
        note()
        compose()
        Subscription.objects.create(ticket=ticket, staff=desk.priya)
        given_ = ContactReply(contact=desk.lena.id, message=compose_message("Hi", ""))
        Ticket.objects.filter(id=ticket.id).update(assignee=desk.jonas)
        tickets.add_contact_reply(ticket.id, given_, reference=reference.current(), now=NOON)

        mail = compose()

        assert mail.envelope_to == [PRIYA]
        assert [out.address for out in mail.left_out] == [JONAS]
        assert JONAS.encode() not in mail.raw

    def test_one_ticket_has_one_too(self, desk, settings, note):
        settings.REYNARD_MAIL_TICKET_DAILY = 2
        for _ in range(2):
            note()
            compose()
        note()
        with pytest.raises(outgoing_mail.NotToBeSent, match="Too many automatic mails"):
            compose()

    def test_people_have_none(self, reply, settings):
        settings.REYNARD_MAIL_CONTACT_HOURLY = settings.REYNARD_MAIL_TICKET_DAILY = 1
        for _ in range(3):
            assert reply().envelope_to == [LENA]


class TestStaff:
    def test_it_says_what_happened_and_where(self, desk, ticket, note):
        note("He never pays.", status=desk.waiting.id, files=[kept("bill.pdf", b"x" * 3000)])
        mail = compose()

        assert mail["Subject"] == f"Brake cable frayed [#RW{ticket.id:08d}]"
        assert mail["To"] == JONAS
        assert mail["Auto-Submitted"] == "auto-generated"
        assert (mail["Precedence"], mail["X-Auto-Response-Suppress"]) == ("bulk", "All")
        assert mail["List-Id"] == f"Repair workshop <category-{desk.workshop.id}.rollwerk.example>"
        assert mail["List-Unsubscribe"] == f"<https://desk.example.org/inbox/ticket/{ticket.id}/>"
        assert mail.envelope_from == SUPPORT
        assert mail.text == (
            "Priya Raman wrote a private note.\n\nStatus: New → Waiting\n\nHe never pays.\n\n"
            "Files:\n* bill.pdf (3 KB)\n\n"
            f"https://desk.example.org/inbox/ticket/{ticket.id}/\n\nContact: Lena Ortiz <{LENA}>\n\n"
            "Category: Repair workshop\n\nStatus: Waiting\n"
        )
        assert mail.attachments == {}

    def test_an_answer_to_a_private_one_becomes_a_note(self, note, contact_writes, ticket, desk, settings):
        Ticket.objects.filter(id=ticket.id).update(assignee=desk.jonas)

        def says():
            return reply_address.verify(compose().message["Reply-To"].addresses[0].addr_spec, settings.SECRET_KEY)

        note()
        assert says() == ReplyAddress(ticket.id, True)
        contact_writes()
        assert says() == ReplyAddress(ticket.id, False)

    @pytest.mark.parametrize(
        ("event", "sentence"),
        [
            ("open", "Lena Ortiz opened this ticket."),
            ("reply", "Lena Ortiz replied."),
            ("move", "Priya Raman moved this ticket to Back office."),
        ],
    )
    def test_events(self, event, sentence, api, desk, ticket, contact_writes):
        if event == "open":
            factories.make_ticket(desk.lena, desk.workshop, assignee=desk.jonas.id)
        elif event == "reply":
            Ticket.objects.filter(id=ticket.id).update(assignee=desk.jonas)
            contact_writes()
        else:
            body = {"staff_id": desk.priya.id, "target_category_id": desk.office.id, "assign_to": desk.jonas.id}
            assert api.post(f"ticket/{ticket.id}/move/", body).status_code == 200
        assert compose().text.startswith(sentence)

    def test_who_left_the_desk_is_told_nothing(self, desk, note):
        note()
        Staff.objects.filter(id=desk.jonas.id).update(active=False)
        reference.changed()
        with pytest.raises(outgoing_mail.NotToBeSent, match="Nobody with this address works at the desk"):
            compose()

    def test_without_an_address_of_the_desk_there_is_no_link(self, note, settings):
        settings.REYNARD_BASE_URL = ""
        note()
        mail = compose()
        assert mail["List-Unsubscribe"] is None
        assert "inbox" not in mail.text


class TestForward:
    def test_it_quotes_the_conversation(self, forward, note, reply, contact_writes):
        note("S3CRET")
        reply("Ready on Friday.")
        contact_writes("Thanks!")
        mail = forward(message="Please look.")

        assert mail["Subject"] == "A broken frame"
        assert mail["To"] == "claims@falke.example"
        assert mail.text.startswith(
            "Please look.\n\nOn Mon, 9 Mar 2026 at 12:00 UTC, Lena Ortiz wrote:\n> It is broken.\n"
        )
        quoted = [line for line in mail.text.split("\n") if line.startswith(">")]
        assert quoted == ["> It is broken.", "> Ready on Friday.", "> Thanks!"]
        assert b"S3CRET" not in mail.raw
        assert mail["Auto-Submitted"] is None

    def test_with_private_notes_where_wanted(self, forward, note):
        note("Known to break.")
        assert "Priya Raman noted:\n> Known to break.\n" in forward(include_pvt_notes=True).text

    def test_or_the_newest_message_only(self, forward, contact_writes):
        contact_writes("Thanks!")
        mail = forward(send_all_messages=False)
        assert [line for line in mail.text.split("\n") if line.startswith(">")] == ["> Thanks!"]
        assert "[…]" not in mail.text

    def test_an_answer_opens_a_ticket_of_its_own(self, forward):
        mail = forward()
        assert mail["Reply-To"] == f"Repair workshop <{SUPPORT}>"
        assert "[#" not in mail["Subject"]

    def test_or_belongs_to_this_one_where_wanted(self, forward, ticket, settings):
        mail = forward(convert_replies_as_new_ticket=False)
        address = mail.message["Reply-To"].addresses[0].addr_spec
        assert reply_address.verify(address, settings.SECRET_KEY) == ReplyAddress(ticket.id, False)
        assert mail["Subject"] == f"A broken frame [#RW{ticket.id:08d}]"

    def test_it_carries_the_files_that_were_named(self, forward, reply, desk):
        reply(files=[kept("frame.jpg", b"frame"), kept("bill.pdf", b"bill")])
        frame = Attachment.objects.get(filename="frame.jpg")
        other = factories.make_ticket(desk.stranger, desk.workshop, files=[kept("secret.txt", b"secret")])
        assert forward(ticket_attachments=[frame.id]).attachments == {"frame.jpg": b"frame"}

        entry = OutboxEntry.objects.latest("id")
        entry.options["attachments"].append(Attachment.objects.get(update__ticket=other).id)
        entry.save()
        assert compose(entry).attachments == {"frame.jpg": b"frame"}

    def test_images_of_the_conversation_are_shown(self, forward, api, desk, ticket):
        body = {"user": desk.lena.id, "text": f'<p>See <img src="{image_upload(api)}" alt="Rim"></p>'}
        assert api.post(f"ticket/{ticket.id}/user_reply/", body).status_code == 200

        mail = forward()

        assert list(mail.images.values()) == [PNG + b"rim"]
        assert mail.html.count("cid:") == 1

    def test_it_may_go_to_the_desk_itself(self, forward):
        assert forward(to=SUPPORT).envelope_to == [SUPPORT]


class TestAttacks:
    @pytest.mark.parametrize("text", ATTACKS)
    def test_names_and_subjects_add_no_header_and_no_recipient(self, text, desk, reply, note, ticket):
        text = text.replace("\x00", "").replace("\ud800", "")  # the databases take neither
        plain = reply(cc="ann@example.org")
        Ticket.objects.filter(id=ticket.id).update(subject=text)
        Contact.objects.filter(id=desk.lena.id).update(name=text[:250])
        Update.objects.filter(ticket=ticket).update(author_name=text)
        type(desk.workshop).objects.filter(id=desk.workshop.id).update(name=text[:190], mail_from_name=text[:100])
        reference.changed()

        mail = compose(OutboxEntry.objects.get(kind="message"))

        assert mail.message.keys() == plain.message.keys()
        assert mail.envelope_to == [LENA, "ann@example.org"]
        for name, expected in (("From", [SUPPORT]), ("To", [LENA]), ("Cc", ["ann@example.org"])):
            assert [address.addr_spec for address in mail.message[name].addresses] == expected
        assert len(mail["Subject"]) <= 230
        note()
        assert set(compose().message.keys()) == {
            *plain.message.keys(),
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
        } - {"Cc"} | {"Precedence", "List-Id", "List-Unsubscribe"}

    @hypothesis_settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        deadline=None,
        max_examples=40,
    )
    @given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), html=st.text(max_size=300))
    def test_texts_arrive_as_they_were_written(self, text, html, desk, ticket, reply):
        if not OutboxEntry.objects.exists():
            reply()
        entry = OutboxEntry.objects.get()
        message = compose_message(text, html)
        Update.objects.filter(id=entry.update_id).update(
            text=message.text if message else "", html=message.html if message else ""
        )

        mail = compose(entry)

        expected = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", message.text.replace("\r", "\n")) if message else ""
        if expected.strip():
            assert mail.text.partition("\n\nOn Mon, 9 Mar")[0].split() == expected.split()

    @pytest.mark.parametrize(
        "text",
        [
            "x" * 200_000,
            "ü" * 200_000,
            ("ü " * 400 + "\n") * 100,
            "\n" * 1000 + "x",
            ".\r\n.\r\n..\r\nQUIT\r\n",
            "From x\n",
        ],
    )
    def test_odd_texts_are_whole(self, reply, text):
        mail = reply(text)
        assert mail.text.partition("\n\nOn Mon, 9 Mar")[0] == text.replace("\r\n", "\n").strip("\n")


def test_an_opened_ticket_from_the_api_can_be_answered(api, desk, reply):
    new = NewTicket(contact=desk.lena.id, subject="S", message=compose_message("T", ""), category=desk.workshop.id)
    number = tickets.open_ticket(new, reference=reference.current(), now=NOON)
    assert reply(number=number)["Subject"] == f"Re: S [#RW{number:08d}]"


def test_a_message_that_was_edited_leaves_as_it_reads_now_and_a_deleted_one_not_at_all(reply, ticket, desk):
    assert "The password is hunter2." in reply("The password is hunter2.").text
    update = Update.objects.latest("id")
    act = {"update_id": update.id, "reference": reference.current(), "now": NOON + timedelta(hours=2)}
    edit = corrections.Edit(staff=desk.priya.id, message=compose_message("The password was changed.", ""))
    corrections.edit_message(ticket.id, edit, **act)
    mail = compose(OutboxEntry.objects.get(kind="message"))
    assert ("hunter2" in mail.text, "The password was changed." in mail.text) == (False, True)
    corrections.delete_message(ticket.id, corrections.Hiding(staff=desk.priya.id), **act)
    with pytest.raises(outgoing_mail.NotToBeSent, match="The message was deleted"):
        compose(OutboxEntry.objects.get(kind="message"))


def test_a_deleted_message_is_quoted_in_no_later_mail(reply, ticket, desk):
    reply("The password is hunter2.")
    update = Update.objects.latest("id")
    hiding = corrections.Hiding(staff=desk.priya.id)
    later = NOON + timedelta(hours=2)
    corrections.delete_message(ticket.id, hiding, update_id=update.id, reference=reference.current(), now=later)
    mail = reply("The cable is here.", now=later)
    assert "The cable is here." in mail.text
    assert "hunter2" not in mail.raw.decode()
