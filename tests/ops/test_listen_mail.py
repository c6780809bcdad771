"""`reynard listen_mail`, as a mail server speaks to it: 250 when it is stored, and not before."""

import contextlib
import json
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.test_receive_mail import clean_environment, reynard
from tests.servers import free_port

pytestmark = pytest.mark.server

MAIL = b"From: lena.ortiz@example.org\r\nSubject: Brakes\r\n\r\n.They squeak, \xe4lso on dry roads.\r\n"
SET_UP = """
from datetime import UTC, datetime
from reynard.desk.actions import catalog, mailboxes
category = catalog.add_category(name="Workshop", prefix="RW")
for name in ("support", "office", "closed"):
    wanted = mailboxes.MailboxSettings(
        address=f"{name}@rollwerk.example", note_address=f"{name}-notes@rollwerk.example", category_id=category.id
    )
    mailboxes.create(name, wanted, now=datetime.now(UTC))
mailboxes.set_active("closed", active=False, now=datetime.now(UTC))
"""
LOOK = """
import json
from reynard.desk import files
from reynard.desk.models import InboundMail
def told(mail):
    with files.open_bytes(mail.sha256) as file:
        return [mail.mailbox.name, mail.envelope_from, mail.envelope_to, mail.source, file.read(200).decode("latin-1")]
print(json.dumps([told(mail) for mail in InboundMail.objects.order_by("id")]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    assert reynard(folder, "migrate", "-v0").code == 0
    assert reynard(folder, "shell", "-v0", "-c", SET_UP).code == 0
    return folder


@contextlib.contextmanager
def listening(folder: Path, *options: str, before: str = "") -> Iterator[int]:
    """Yields the port; `before` are commands of the shell that starts it."""
    port = free_port()
    process = subprocess.Popen(
        ["bash", "-c", f"{before} exec {sys.executable} -m reynard listen_mail --port {port} {' '.join(options)}"],
        env=clean_environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline().startswith(f"Reynard takes mails on 127.0.0.1 port {port}")
        yield port
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.communicate()


def stored(folder: Path) -> list[list[object]]:
    return json.loads(reynard(folder, "shell", "-v0", "-c", LOOK).out)


def test_by_lmtp_each_recipient_has_its_answer(folder: Path) -> None:
    with listening(folder) as port, smtplib.LMTP("127.0.0.1", port) as client:
        client.ehlo()
        assert client.mail("lena.ortiz@example.org")[0] == 250
        answers = [
            client.rcpt(f"{name}@rollwerk.example")[0]
            for name in ("support+7.x", "SUPPORT-notes", "office", "sales", "closed")
        ]
        assert answers == [250, 250, 250, 550, 451]
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(
            b"From: lena.ortiz@example.org\r\nSubject: Brakes\r\n\r\n..They squeak, \xe4lso on dry roads.\r\n.\r\n"
        )
        assert [client.getreply() for _ in range(3)] == [(250, b"2.0.0 Stored")] * 3
        assert client.noop()[0] == 250

    text = MAIL.decode("latin-1")
    support = ["support+7.x@rollwerk.example", "SUPPORT-notes@rollwerk.example"]
    assert stored(folder) == [
        ["support", "lena.ortiz@example.org", support, "lmtp", text],
        ["office", "lena.ortiz@example.org", ["office@rollwerk.example"], "lmtp", text],
    ]


def test_by_smtp_a_mail_without_a_sender_is_as_good(folder: Path) -> None:
    before = len(stored(folder))
    long_line = b"X-Long: " + b"x" * 100_000 + b"\r\n"
    with listening(folder, "--smtp") as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("", ["office@rollwerk.example"], long_line + MAIL)
    assert [mail[:3] for mail in stored(folder)[before:]] == [["office", "", ["office@rollwerk.example"]]]


def test_what_cannot_be_stored_stays_with_the_mail_server(folder: Path) -> None:
    before = len(stored(folder))
    small_disk = "ulimit -f 500;"  # no file grows beyond 500 KiB
    with listening(folder, "--smtp", before=small_disk) as port, smtplib.SMTP("127.0.0.1", port) as client:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("lena.ortiz@example.org", ["office@rollwerk.example"], MAIL * 10_000)
        assert refused.value.smtp_code == 451
        client.sendmail("lena.ortiz@example.org", ["office@rollwerk.example"], MAIL * 2)
    assert len(stored(folder)) == before + 1


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with listening(folder) as port:
        done = reynard(folder, "listen_mail", "--port", str(port))
    assert (done.code, done.err) == (1, f"reynard: Cannot listen on 127.0.0.1 port {port}: Address already in use.\n")
