"""Reading mail addresses, and those that nothing automatic is sent to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.rules import mail_addresses
from reynard.desk.rules.mail_addresses import Mailbox


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lena@example.org", Mailbox("", "lena@example.org")),
        ("  lena@example.org ", Mailbox("", "lena@example.org")),
        ("Lena Ortiz <lena@example.org>", Mailbox("Lena Ortiz", "lena@example.org")),
        ('"Ortiz (Lena)" <lena@example.org>', Mailbox("Ortiz (Lena)", "lena@example.org")),
        ("<lena@example.org>", Mailbox("", "lena@example.org")),
        ("o'hara+x@a.b.example", Mailbox("", "o'hara+x@a.b.example")),
        ("lena@bücher.example", Mailbox("", "lena@xn--bcher-kva.example")),
        ("root@localhost", Mailbox("", "root@localhost")),
    ],
)
def test_an_address_with_or_without_a_name(text, expected):
    assert mail_addresses.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lena",
        "@example.org",
        "lena@",
        "lena@@example.org",
        "a@b@c",
        "lena@example..org",
        "lena@-example.org",
        ".lena@example.org",
        "jürgen@example.org",
        '"a b"@example.org',
        "lena@[127.0.0.1]",
        "lena@example.org\r\nBcc: eve@example.org",
        "lena@example.org\nx",
        "Lena <lena@example.org> <eve@example.org>",
        "lena@example.org, eve@example.org",
        f"{'x' * 65}@example.org",
        f"x@{'y' * 64}.example",
        f"x@{'y.' * 130}example",
        "x" * 100_000,
        "x@\u2028.example",
        "x@" + "ü" * 70 + ".example",
    ],
)
def test_what_no_mail_can_be_sent_to(text):
    assert mail_addresses.parse(text) is None


def test_letters_beyond_ascii_are_let_through_where_somebody_asks_for_them():
    def parse(text):
        return mail_addresses.parse(text, any_letters=True)

    assert parse("Jürgen <jürgen@bücher.example>") == Mailbox("Jürgen", "jürgen@xn--bcher-kva.example")
    assert parse("用户@example.org") == Mailbox("", "用户@example.org")
    assert parse("lena@example.org") == Mailbox("", "lena@example.org")
    for text in (
        "jür gen@example.org",
        "jür\u2028gen@example.org",
        "jür\u202egen@example.org",
        "jür\xa0gen@example.org",
    ):
        assert parse(text) is None
    assert parse("jür<gen@example.org") is None
    assert parse("ü" * 33 + "@example.org") is None  # 66 bytes


@given(st.text())
def test_what_is_read_is_plain(text):
    for given_ in (text, f"{text}@example.org", f"{text} <a@{text}>"):
        mailbox = mail_addresses.parse(given_)
        assert mailbox is None or (mailbox.address.isascii() and mailbox.address.isprintable())
        assert mailbox is None or not set(mailbox.address) & set(' <>,;:"()[]\\')


@pytest.mark.parametrize(
    "local",
    "mailer-daemon MAILER-DAEMON postmaster noreply no-reply donotreply do-not-reply bounces owner-list list-request "
    "no-reply+abc bounce-123 newsletter-bounces billing.noreply".split(),
)
def test_programs_write_from_these(local):
    assert mail_addresses.is_nobodys(f"{local}@example.org")


@pytest.mark.parametrize("local", "lena info support noreen replyall post bouncer request master".split())
def test_people_write_from_these(local):
    assert not mail_addresses.is_nobodys(f"{local}@example.org")


def test_a_mailbox_is_known_in_every_spelling():
    assert mail_addresses.is_one_of("Support+4127.abc@Rollwerk.example", ["support@rollwerk.example"])
    assert not mail_addresses.is_one_of("supports@rollwerk.example", ["support@rollwerk.example"])
