"""Whatever bytes come: a mail comes out, and nothing of its text is lost."""

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reynard.mail.parse import UNREAD, parse
from reynard.mail.parsed import ParsedMail

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parent / "samples").glob("*.eml"))]
_PIECES = [
    *(b"\n", b"\r\n", b"\n\n", b"--b\n", b"--b--\n", b": ", b";", b'"', b"<", b">", b"@", b"\0", b"\xff", b"a@b"),
    *(b"From: a@b\n", b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: text/html\n"),
    *(b"Content-Type: message/delivery-status\n", b"Content-Type: application/ms-tnef\n"),
    *(b"Content-Transfer-Encoding: base64\n", b"QUJD", b"=C3=BC", b"=?utf-8?q?", b"?="),
]


def check(raw: bytes) -> ParsedMail:
    mail = parse(raw)
    assert not any(note.startswith(UNREAD) for note in mail.notes), mail.notes
    for text in (mail.subject, mail.text, mail.html, *mail.notes, *(header.value for header in mail.headers)):
        assert "\0" not in text
        text.encode()
    for file in mail.attachments:
        assert file.name
        assert "/" not in file.name
        file.name.encode()
        assert sum(map(len, file.content.chunks())) == file.size
    return mail


@settings(deadline=None)
@given(st.binary(max_size=2000))
@example(b"")
@example(b"\xef\xbb\xbf\n\n")
@example(b"From")
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b")
def test_random_bytes(raw: bytes):
    check(raw)


@settings(deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=60))
def test_pieces_of_mails(pieces: list[bytes]):
    check(b"".join(pieces))


@given(st.sampled_from(SAMPLES), st.data())
@settings(max_examples=300, deadline=None)
def test_mails_that_were_damaged(sample: bytes, data: st.DataObject):
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(len(sample), start + 200)))
    check(sample[:start] + data.draw(st.sampled_from([b"", *_PIECES])) + sample[end:])


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 10_000))
def test_mails_that_were_cut_short(sample: bytes, end: int):
    check(sample[:end])


@settings(deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1).filter(str.strip), max_size=5)
)
def test_all_text_is_kept(texts: list[str]):
    parts = "".join(f"--frontier\nContent-Type: text/plain; charset=utf-8\n\n{text}\n" for text in texts)
    mail = check(f"Content-Type: multipart/mixed; boundary=frontier\n\n{parts}--frontier--\n".encode())
    for text in texts:
        assert text in mail.text
