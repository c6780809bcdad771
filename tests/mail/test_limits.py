"""Mails that are made to take long, or much memory. What takes minutes would show as a test that hangs."""

import base64
import tracemalloc

import pytest

from reynard.desk.rules.messages import TEXT_LIMIT
from reynard.mail import headers, mime
from reynard.mail.parse import UNREAD, parse

HEAD = b"From: lena@example.org\nMIME-Version: 1.0\n"
MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\n'


def test_a_thousand_parts_inside_each_other():
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (depth, depth) for depth in range(1000)
    )
    closing = b"".join(b"--b%d--\n" % depth for depth in reversed(range(1000)))
    mail = parse(HEAD + opening + b"\nHello.\n" + closing)
    assert mail.notes == (f"Parts stand inside parts, more than {mime.DEPTH_LIMIT} deep; the rest was kept as it is.",)
    assert "Hello." in mail.text


def test_a_hundred_thousand_parts():
    mail = parse(MIXED + b"".join(b"--b\n\npart %d\n" % number for number in range(100_000)) + b"--b--\n")
    assert f"It has more than {mime.PARTS_LIMIT} parts; the rest was kept as one file." in mail.notes
    assert "part 997" in mail.text
    (rest,) = mail.attachments
    assert b"part 99999" in rest.content.read()


def test_ten_thousand_headers():
    mail = parse(HEAD + b"".join(b"X-Number: %d\n" % number for number in range(10_000)) + b"\nHello.\n")
    assert len(mail.headers) == headers.COUNT_LIMIT
    assert (mail.author.address if mail.author else None, mail.text) == ("lena@example.org", "Hello.\n")
    assert mail.notes == (f"There are more than {headers.COUNT_LIMIT} headers; the rest was not read.",)


def test_headers_without_end():
    mail = parse(HEAD + b"X: " + b"y" * 5_000_000 + b"\n\nHello.\n")
    assert mail.text == "Hello.\n"
    assert "The headers are too long; the end of them was not read." in mail.notes
    assert max(len(header.value) for header in mail.headers) <= 10_000


@pytest.mark.parametrize("name", ["To", "From", "Subject", "Content-Type", "Content-Disposition", "References", "Date"])
@pytest.mark.parametrize(
    "piece",
    ["a", '"', '\\"', "(", "<", "@", "'", ", ", "=?", "=?utf-8?q?", "=?utf-8?q?=C3", '; a="', ";a*0*=''", " \t", "é"],
)
def test_a_header_line_of_31_kilobytes(name: str, piece: str):
    line = piece * (31_000 // len(piece.encode()))
    mail = parse(f"{name}: {line}\nX-Mailer: none\n\nHello.\n".encode())
    assert not any(note.startswith(UNREAD) for note in mail.notes)
    assert "Hello." in mail.text or mail.attachments[0].content.read() == b"Hello.\n"


def test_lines_that_look_like_boundaries():
    mail = parse(MIXED + b"--b\n\n" + b"--bx\n" * 500_000 + b"--b--\n")
    assert any("look like boundaries" in note for note in mail.notes)
    assert mail.attachments[0].size >= 2_500_000


def test_html_that_takes_long_to_clean_is_a_file():
    mail = parse(HEAD + b"Content-Type: text/html\n\n" + b"<b><p>word " * 90_000)
    assert mail.html == ""
    assert mail.text.count("word") == 90_000
    assert [(file.name, file.size) for file in mail.attachments] == [("message.html", 990_000)]


def test_text_that_is_too_long_begins_the_message_and_is_a_file():
    words = b"lorem ipsum dolor " * 100_000
    mail = parse(HEAD + b"\n" + words)
    assert mail.text == words.decode()[:TEXT_LIMIT]
    assert mail.attachments[0].content.read() == words


def test_a_hundred_megabytes_of_text_are_not_decoded():
    mail = _within(30_000_000, HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + "Grüße\n".encode() * 14_000_000)
    assert len(mail.text) == TEXT_LIMIT
    assert mail.attachments[0].size == 14_000_000 * 8


def test_files_of_25_megabytes_stay_in_the_mail():
    content = bytes(range(256)) * 4096 * 18
    encoded = base64.encodebytes(content)
    head = MIXED + b"--b\n\nSee the file.\n--b\nContent-Type: application/zip; name=a.zip\n"
    mail = _within(3_000_000, head + b"Content-Transfer-Encoding: base64\n\n" + encoded + b"--b--\n")
    (file,) = mail.attachments
    assert file.size == len(content)
    assert b"".join(file.content.chunks()) == content


def _within(limit: int, raw: bytes):
    """The mail, while Python takes that many bytes more at most."""
    tracemalloc.start()
    try:
        mail = parse(raw)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < limit
    return mail
