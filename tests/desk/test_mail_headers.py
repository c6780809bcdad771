"""Headers say what they should and nothing else, whatever people put into names and subjects."""

import email
import re
from email import policy
from email.header import decode_header, make_header

import fast_mail_parser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reynard.desk.rules import mail_headers, mail_subjects
from reynard.desk.rules.mail_addresses import Mailbox

ATTACKS = [
    "Brake\r\nBcc: eve@example.org",
    "Brake\nBcc: eve@example.org\n\n<script>",
    "Brake\rBcc: eve@example.org",
    "Brake\x0bBcc: eve@example.org\x0c\x1c\x1d\x1e\x85",
    "Brake\u2028Bcc: eve@example.org\u2029",
    "Brake\x00\x7f",
    "\r\n",
    "=?utf-8?q?Brake=0d=0aBcc=3a_eve=40example=2eorg?=",
    '", eve@example.org, "',
    "Lena <eve@example.org>, x",
    "Müller, Lena <eve@example.org>",
    "\\",
    '\\"',
    "a:b;c",
    "invoice\u202egpj.exe",
    "שלום עולם, مرحبا",
    "ä" * 5000,
    "x" * 5000,
    "👩‍👩‍👧‍👦 " * 300,
    "a, " * 400,
    "\ud800",
]
TEXTS = st.one_of(st.sampled_from(ATTACKS), st.text(), st.text(st.characters(max_codepoint=0x7F)))


def assert_is_one_header(lines):
    """Lines of plain ASCII of a decent length, of which only the first begins a header."""
    assert lines.isascii()
    assert lines.endswith("\r\n")
    first, *more = lines.removesuffix("\r\n").split("\r\n")
    assert re.match(r"[A-Z][A-Za-z-]*:", first)
    assert all(line.startswith((" ", "\t")) and line.strip() for line in more), more
    assert all(len(line) <= 998 and "\r" not in line and "\n" not in line for line in (first, *more))


@given(TEXTS)
@example("x" * 5000)
def test_a_subject_is_one_header_that_says_the_text(text):
    lines = mail_headers.text("Subject", text)

    assert_is_one_header(lines)
    expected = mail_headers.one_line(text)
    assert str(make_header(decode_header(lines.partition(":")[2].replace("\r\n", "").strip()))).strip() == expected
    mail = fast_mail_parser.parse_email(lines + "\r\nbody")
    assert mail.subject.strip() == expected
    assert set(mail.headers) == {"Subject"}


@given(TEXTS, TEXTS)
def test_names_change_neither_how_many_addresses_there_are_nor_which(name, other):
    boxes = [Mailbox(name, "lena@example.org"), Mailbox(other, "ann@example.org"), Mailbox("", "bob@example.org")]

    lines = mail_headers.addresses("To", boxes)

    assert_is_one_header(lines)
    found = email.message_from_string(lines + "\r\n", policy=policy.SMTP)["To"].addresses
    assert [address.addr_spec for address in found] == [box.address for box in boxes]
    # Blanks are not compared: some versions of this parser keep those between encoded words.
    assert ["".join(address.display_name.split()) for address in found] == [
        "".join(mail_headers.one_line(box.name, mail_headers.NAME_LIMIT).split()) for box in boxes
    ]
    assert set(fast_mail_parser.parse_email(lines + "\r\nbody").headers) == {"To"}


@pytest.mark.parametrize("text", ATTACKS)
def test_one_line_is_one_line(text):
    line = mail_headers.one_line(text)

    assert line.splitlines() in ([], [line])
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert len(line) <= mail_headers.TEXT_LIMIT


def test_long_lists_are_broken_between_their_parts():
    ids = [f"<{number}.{'x' * 40}@rollwerk.example>" for number in range(20)]

    lines = mail_headers.words("References", ids)

    assert_is_one_header(lines)
    assert lines.split()[1:] == ids
    assert max(map(len, lines.splitlines())) <= 78


class TestSubjects:
    ID = "#RW00004127"

    @pytest.mark.parametrize(
        ("subject", "expected"),
        [
            ("Brake cable frayed", "Brake cable frayed [#RW00004127]"),
            ("Brake cable frayed [#RW00004127]", "Brake cable frayed [#RW00004127]"),
            ("[#RW00004127] Brake [#BO00004127] cable [#00000009]", "Brake cable [#RW00004127]"),
            ("Brake cable [see #1]", "Brake cable [see #1] [#RW00004127]"),
            ("", "[#RW00004127]"),
            ("x" * 500, "x" * 199 + "… [#RW00004127]"),
        ],
    )
    def test_the_token_stands_there_once(self, subject, expected):
        assert mail_subjects.with_token(subject, self.ID) == expected

    @pytest.mark.parametrize(
        ("subject", "expected"),
        [
            ("Brake", "Re: Brake"),
            ("Re: Brake", "Re: Brake"),
            ("RE: AW: Re[2]: re : Brake", "Re: Brake"),
            ("Re:Brake [#RW00004127]", "Re: Brake"),
            ("[#RW00004127] Re: Brake", "Re: Brake"),
            ("回复\uff1aBrake", "Re: Brake"),
            ("Fwd: Brake", "Re: Fwd: Brake"),
            ("Regarding: Brake", "Re: Regarding: Brake"),
            ("Re:", "Re:"),
            ("", "Re:"),
        ],
    )
    def test_an_answer_says_so_once(self, subject, expected):
        assert mail_subjects.answer(subject) == expected

    @given(st.text())
    def test_answering_an_answer_changes_nothing(self, subject):
        once = mail_subjects.with_token(mail_subjects.answer(subject), self.ID)

        assert mail_subjects.with_token(mail_subjects.answer(once), self.ID) == once
        assert len(once) <= 200 + len(" [#RW00004127]") + len("Re: ")
