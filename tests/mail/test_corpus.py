"""Thousands of mails that others collected, where they are there: MAIL_CORPUS names their folder.

Compared with the standard library and with fast-mail-parser, two readers that share nothing with ours.
"""

import email
import time
from collections.abc import Iterator
from email.message import Message
from itertools import zip_longest
from pathlib import Path

import fast_mail_parser
import pytest

from reynard.desk.rules.filenames import clean_filename
from reynard.mail.parse import UNREAD, parse
from reynard.mail.parsed import ParsedMail
from tests.mail.corpus import FOLDER

_NO_MAILS = {"crisp-reply-parser", "LICENSE", "README.md"}

if not FOLDER.is_dir():
    pytest.skip(f"there is no folder {FOLDER}", allow_module_level=True)

MAILS = [
    path for path in sorted(FOLDER.rglob("*")) if path.is_file() and not _NO_MAILS & {*path.relative_to(FOLDER).parts}
]
# What the standard library takes for text, because something odd stands before or between the headers; and noise.
_READ_OTHERWISE = {"feedback-report.txt", "enclosed-global.eml", "issue358.txt", "rfc3464-08.eml"}
GROUPS = sorted({path.parent for path in MAILS})


@pytest.mark.parametrize("folder", GROUPS, ids=lambda folder: str(folder.relative_to(FOLDER)))
def test_every_mail_is_read_quickly_and_whole(folder: Path):
    for path in (each for each in MAILS if each.parent == folder):
        raw = path.read_bytes()
        started = time.process_time()
        mail = parse(raw)
        assert time.process_time() - started < 1, path
        assert not any(note.startswith(UNREAD) for note in mail.notes), path
        whole = _everything(mail)
        if path.name not in _READ_OTHERWISE:
            for forms in _lines(email.message_from_bytes(raw)):
                assert any(form in whole for form in forms), (path, forms)


def test_files_have_the_names_and_sizes_that_another_reader_finds():
    compared = 0
    for path in MAILS:
        raw = path.read_bytes()
        try:
            others = fast_mail_parser.parse_email(raw).attachments
        except fast_mail_parser.ParseError:
            continue
        ours = {(file.name, _size(file.content.read())) for file in parse(raw).attachments}
        for name, content in ((each.filename, bytes(each.content)) for each in others):
            # Names that it does not decode, and what we unpack.
            if content and name and "=?" not in name and "\ufffd" not in name and name != "winmail.dat":
                assert (clean_filename(name), _size(content)) in ours, (path, name)
                compared += 1
    assert compared > 0


def _size(content: bytes) -> int:
    """In bytes, with line ends counting one: the other reader writes them in its own way."""
    return len(content.replace(b"\r\n", b"\n"))


BOUNCES = FOLDER / "sisimai/maildir/bsd"
_NO_BOUNCES = ("arf-", "rfc3834-", "lhost-fml-")  # complaints, replies of programs, refusals of a mailing list


@pytest.mark.skipif(not BOUNCES.is_dir(), reason="no bounces there")
def test_bounces_are_recognised():
    mails = [parse(path.read_bytes()) for path in sorted(BOUNCES.iterdir()) if not path.name.startswith(_NO_BOUNCES)]
    recognised = [mail for mail in mails if mail.bounces]
    named = [mail for mail in recognised if any("@" in bounce.recipient for bounce in mail.bounces)]
    assert len(recognised) >= len(mails) * 0.97
    assert len(named) >= len(recognised) * 0.99


@pytest.mark.skipif(not BOUNCES.is_dir(), reason="no bounces there")
def test_other_mails_are_no_bounces():
    for folder in (
        "sisimai/maildir/not",
        "imap_tools/tests/messages/plain_emails",
        "flanker/tests/fixtures/messages/dkim",
    ):
        for path in (FOLDER / folder).iterdir():
            assert parse(path.read_bytes()).bounces == (), path


def _lines(message: Message) -> Iterator[list[str]]:
    """The lines of all texts of a mail as the standard library finds them, each in the charsets that it may be in."""
    if message.get_content_type() in {"message/rfc822", "message/delivery-status"}:
        return
    if message.is_multipart():
        for part in message.get_payload():
            yield from _lines(part)  # type: ignore[arg-type]
    elif message.get_content_maintype() == "text":
        data = message.get_payload(decode=True)
        assert isinstance(data, bytes)
        forms = [
            _decoded(data, charset) for charset in (message.get_content_charset() or "", "utf-8", "cp1252", "latin-1")
        ]
        for lines in zip_longest(*(form.split("\n") for form in forms), fillvalue=""):
            yield [_letters(line) for line in lines]


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):
        return data.decode("ascii", "ignore")


def _everything(mail: ParsedMail) -> str:
    files = (file.content.read() for file in mail.attachments)
    texts = [mail.text, mail.html, *(f"{header.name}: {header.value}" for header in mail.headers)]
    return _letters(
        "\n".join([*texts, *(form.decode(charset, "replace") for form in files for charset in ("utf-8", "cp1252"))])
    )


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())
