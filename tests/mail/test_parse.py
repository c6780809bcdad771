"""What is understood of a mail. Each sample is named after its case."""

from datetime import UTC, datetime
from pathlib import Path

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
    assert [bounce.permanent for bounce in mail.bounces] == [True, False]
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
