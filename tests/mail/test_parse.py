"""What is understood of a mail. Each sample is named after its case."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reynard.mail.parse import parse
from reynard.mail.parsed import Address, Attachment, AuthenticationResults, Bounce, MailingList, ParsedMail

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> ParsedMail:
    return parse((SAMPLES / f"{name}.eml").read_bytes())


def files(mail: ParsedMail) -> list[tuple[str, str, int]]:
    return [(file.name, file.content_type, file.size) for file in mail.attachments]


def test_who_wrote_to_whom_and_what_it_answers():
    mail = sample("plain")
    assert mail.author == Address("Ortiz, Lena", "lena.ortiz@example.org")
    assert mail.to == (
        Address("Support", "support@rollwerk.example"),
        Address('Sam "The Saddle" Lee', "sam@elsewhere.example"),
    )
    assert mail.cc == (Address("", "jonas@rollwerk.example"), Address("", "priya@rollwerk.example"))
    assert mail.reply_to == (Address("", "lena@home.example"),)
    assert mail.delivered_to == ("support@rollwerk.example",)
    assert mail.return_path == "lena.ortiz@example.org"
    assert mail.subject == "Bremszug gerissen – zum zweiten Mal"  # noqa: RUF001
    assert mail.date == datetime(2025, 11, 25, 10, tzinfo=UTC)
    assert mail.message_id == "first-1@example.org"
    assert mail.in_reply_to == ("desk-7@rollwerk.example",)
    assert mail.references == ("desk-5@rollwerk.example", "desk-7@rollwerk.example")
    assert mail.text.startswith("Hallo,\n\nder Bremszug ist schon wieder gerissen – übrigens")  # noqa: RUF001
    assert (mail.html, mail.attachments, mail.automation, mail.bounces, mail.notes) == ("", (), None, (), ())


def test_verdicts_of_servers_come_in_their_order_with_who_gave_them():
    assert sample("plain").authentication_results == (
        AuthenticationResults(
            "mx.rollwerk.example",
            "spf=pass smtp.mailfrom=example.org; dkim=pass (2048-bit key) header.d=example.org",
        ),
        AuthenticationResults("somewhere.else.example", "dmarc=pass header.from=rollwerk.example"),
    )


def test_text_html_images_and_files_are_told_apart():
    mail = sample("html-with-inline-image-and-file")
    assert mail.text == "See the picture."
    assert mail.html == '<p>See the picture.</p><img src="cid:rim%40example.org">'
    assert files(mail) == [
        ("rim.png", "image/png", 70),
        ("Rechnung Nürnberg.pdf", "application/pdf", 19),
        ("orders.csv", "text/csv", 7),
    ]
    image, document, _ = mail.attachments
    assert (image.content_id, image.inline) == ("rim@example.org", True)
    assert image.content.read().startswith(b"\x89PNG")
    assert (document.inline, document.content.read()) == (False, b"%PDF-1.4\n% nothing\n")
    assert mail.notes == ()


def test_a_report_says_what_became_of_which_mail_for_whom():
    mail = sample("delivery-status")
    assert mail.bounces == (
        Bounce(
            "lena.ortiz@example.org",
            "failed",
            "5.1.1",
            "550 5.1.1 <lena.ortiz@example.org>: no such mailbox",
            "desk-9@rollwerk.example",
        ),
        Bounce("sam@elsewhere.example", "delayed", "4.4.1", "", "desk-9@rollwerk.example"),
    )
    assert [bounce.failed for bounce in mail.bounces] == [True, False]
    assert [file.name for file in mail.attachments] == ["delivery-status.txt", "Re: The rim.eml"]
    assert mail.return_path == ""


def test_an_automatic_reply_is_known():
    found = sample("out-of-office").automation
    assert found is not None
    assert (found.kind, found.reason, found.certain) == ("reply", "Auto-Submitted: auto-replied", True)


def test_a_mailing_list_is_known_and_its_footer_kept_in_both_forms():
    mail = sample("mailing-list")
    assert mail.mailing_list == MailingList(
        "wheels.lists.example.org", "<mailto:wheels@lists.example.org>", "<https://lists.example.org/leave>"
    )
    assert mail.automation is not None
    assert mail.automation.kind == "bulk"
    assert mail.text == "How many spokes?\n\n_______________\nwheels mailing list"
    assert mail.html == "<p>How many spokes?</p>\n\n<p>_______________<br>wheels mailing list</p>"


def test_no_bytes_are_refused():
    for raw in (b"", b"\n", b"\0", b"From", b"\xff\xfe", b": :\n", b"Content-Type: multipart/mixed\n\n--\n"):
        assert isinstance(parse(raw).attachments, tuple)
        assert not any(isinstance(file, Attachment) for file in parse(raw).attachments)


def test_the_charset_that_html_names_counts_where_the_part_names_none():
    mail = sample("html-alone")
    assert (mail.text, "<p>Schöne Grüße</p>" in mail.html, mail.notes) == ("", True, ())


def test_a_mail_inside_a_mail_is_a_file_named_after_its_subject():
    mail = sample("forwarded-message-inside")
    assert mail.text == "Please see what the supplier wrote."
    assert files(mail) == [("Lieferung für Dienstag.eml", "message/rfc822", 254)]
    inner = parse(mail.attachments[0].content.read())
    assert (inner.text, files(inner)) == ("Two rims.", [("offer.pdf", "application/pdf", 8)])


def test_what_outlook_packed_is_unpacked():
    mail = sample("outlook-winmail")
    assert mail.html == "<p>The rim is on its way – see the plan.</p>"  # noqa: RUF001
    assert files(mail) == [("Plan für Räder.pdf", "application/pdf", 13), ("Older question.txt", "text/plain", 18)]
    assert [file.content.read() for file in mail.attachments] == [b"%PDF-1.4 plan", b"An older question."]
    assert mail.notes == ()


def test_what_outlook_packed_badly_is_kept_as_it_is():
    mail = sample("outlook-winmail-broken")
    assert mail.text == "See the plan."
    assert files(mail) == [("winmail.dat", "application/ms-tnef", 15)]
    assert "winmail.dat" in mail.notes[0]


def test_an_invitation_can_be_read_and_is_kept():
    mail = sample("invitation")
    assert mail.text == (
        "Fitting of the rim\nFrom: 2025-12-01 09:00 (Europe/Berlin)\nTo: 2025-12-01 09:30 (Europe/Berlin)\n"
        "Where: Workshop, back door\nWho: Lena Ortiz <lena.ortiz@example.org>\n"
        "Please bring the old one.\nThank you!"
    )
    assert [(file.name, file.content_type) for file in mail.attachments] == [("invitation.ics", "text/calendar")]


def test_a_mail_without_headers_is_text():
    mail = sample("no-headers")
    assert mail.text == "Nothing but words: and a colon.\n\nAnd more words.\n"
    assert mail.author is None


def test_text_that_begins_without_an_empty_line_is_text():
    mail = sample("empty-line-missing")
    assert (mail.subject, mail.text) == ("The rim", "This line is text already.\nAnd so is this one.\n")
    assert mail.notes == ("An empty line is missing behind the headers.",)


def test_a_line_between_headers_belongs_to_the_one_before():
    mail = sample("header-not-indented")
    assert mail.subject == "A long subject that goes on on the next line"
    assert (mail.to[0].address, mail.text) == ("support@rollwerk.example", "Text.\n")


def test_pieces_of_html_around_a_file_are_one_message():
    mail = sample("apple-html-file-html")
    assert mail.text == "Above.\n\nBelow."
    assert mail.html == "<p>Above.</p>\n\n<p>Below.</p>"
    assert files(mail) == [("plan.pdf", "application/pdf", 8)]


def test_names_of_files_are_decoded_and_have_no_paths():
    names = [file.name for file in sample("names-of-files").attachments]
    assert names == [
        "Räder überall.jpg",
        "€ prices.xlsx",
        "ä.bin",
        "plan.doc",
        "two words.txt",
        "Grüße.txt",
        "image.png",
        "attachment",
    ]


def test_a_mail_that_was_cut_short_keeps_what_came():
    mail = sample("cut-short")
    assert mail.text == "The text is whole."
    assert files(mail) == [("rim.png", "image/png", 27)]
    assert mail.notes == ("The last part has no end.",)


def test_parts_that_cannot_be_found_are_text():
    mail = sample("boundary-missing")
    assert "The text." in mail.text
    assert mail.notes == ("The boundary that a part names does not stand in it.",)


def test_what_a_list_wrote_behind_encoded_text_is_kept():
    assert sample("footer-behind-base64").text.split("\n")[:4] == [
        "Grüße,",
        "Lena",
        "_______________________________________________",
        "wheels mailing list",
    ]


@pytest.mark.parametrize(
    ("name", "action", "status", "diagnostic", "original"),
    [
        ("bounce-of-exim", "failed", "5.2.2", "550 5.2.2 mailbox is full", "desk-9@rollwerk.example"),
        ("bounce-of-qmail", "failed", "5.1.1", "550 5.1.1 no such user", "desk-9@rollwerk.example"),
        ("delay-in-words", "delayed", "", "Message will be retried for 2 more day(s)", ""),
    ],
)
def test_reports_in_words_are_understood(name: str, action: str, status: str, diagnostic: str, original: str):
    assert sample(name).bounces == (Bounce("lena.ortiz@example.org", action, status, diagnostic, original),)


def test_a_person_who_writes_of_a_bounce_is_no_program():
    mail = sample("person-writes-of-a-bounce")
    assert (mail.bounces, mail.automation) == ((), None)


def test_a_complaint_is_no_bounce_but_a_programs():
    mail = sample("complaint")
    assert mail.bounces == ()
    assert mail.automation is not None
    assert mail.automation.kind == "generated"
    assert [file.name for file in mail.attachments] == ["feedback-report.txt", "Your order.eml"]


def test_every_author_is_named():
    mail = sample("several-authors")
    assert mail.authors == (
        Address("", "lena.ortiz@example.org"),
        Address("priya@rollwerk.example", "stranger@evil.example"),
    )
    assert mail.to == ()


def test_lines_may_end_in_carriage_returns_alone():
    mail = sample("old-line-ends")
    assert (mail.subject, mail.text) == ("The rim", "First line.\nSecond line.\n")


def test_a_text_with_a_name_is_a_file_and_the_message_when_there_is_no_other():
    mail = parse(b"From: lena@example.org\nContent-Type: text/plain; name=note.txt\n\nThe rim is broken.\n")
    assert mail.text == "The rim is broken.\n"
    assert files(mail) == [("note.txt", "text/plain", 19)]
