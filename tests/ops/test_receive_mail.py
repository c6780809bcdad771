"""`reynard receive_mail`, as a mail server calls it."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.server

MAIL = b"From: lena.ortiz@example.org\r\nSubject: Brakes\r\n\r\nThey squeak, \xe4lso on dry roads.\r\n"
SET_UP = """
from datetime import UTC, datetime
from reynard.desk.actions import catalog, mailboxes
category = catalog.add_category(name="Workshop", prefix="RW")
wanted = mailboxes.MailboxSettings(address="support@rollwerk.example", category_id=category.id)
mailboxes.create("support", wanted, now=datetime.now(UTC))
"""
LOOK = "from reynard.desk.models import InboundMail; print(*InboundMail.objects.values_list('sha256', 'state'))"


def clean_environment(folder: Path) -> dict[str, str]:
    ours = ("REYNARD_", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"REYNARD_DATA_DIR": str(folder)}


def reynard(folder: Path, *arguments: str, given: bytes = b"", **environment: str) -> SimpleNamespace:
    done = subprocess.run(
        [sys.executable, "-m", "reynard", *arguments],
        env=clean_environment(folder) | environment,
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return SimpleNamespace(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    assert reynard(folder, "migrate", "-v0").code == 0
    assert reynard(folder, "shell", "-v0", "-c", SET_UP).code == 0
    return folder


def test_a_message_that_is_taken_is_stored(folder: Path) -> None:
    done = reynard(folder, "receive_mail", "--mailbox", "support", "--sender", "", given=MAIL)
    assert (done.code, done.out, done.err) == (0, "", "")
    [stored] = [path for path in folder.glob("files/??/??/*") if path.read_bytes() == MAIL]
    assert stored.name in reynard(folder, "shell", "-v0", "-c", LOOK).out


def test_whatever_is_wrong_the_mail_server_tries_again(folder: Path, tmp_path: Path) -> None:
    for arguments, environment, sentence in (
        (["--mailbox", "sales"], {}, "There is no mailbox sales."),
        ([], {}, "the following arguments are required: --mailbox"),
        (["--mailbox", "support"], {"REYNARD_OUTBOX_DAYS": "many"}, "REYNARD_OUTBOX_DAYS must be a whole number"),
        (["--mailbox", "support"], {"REYNARD_DATA_DIR": str(tmp_path)}, "no such table"),
        (["--mailbox", "support"], {"DATABASE_URL": "postgresql://127.0.0.1:1/desk"}, "database cannot be used"),
    ):
        done = reynard(folder, "receive_mail", *arguments, given=MAIL, **environment)
        assert done.code == 75, done.err
        assert sentence in done.err

    empty = reynard(folder, "receive_mail", "--mailbox", "support")
    assert (empty.code, empty.err) == (75, "reynard: There was no message on standard input.\n")


def test_a_full_disk_is_no_reason_to_send_it_back(folder: Path) -> None:
    limited = 'ulimit -f 200; exec "$@"'  # no file grows beyond 200 KiB
    done = subprocess.run(
        ["bash", "-c", limited, "-", sys.executable, "-m", "reynard", "receive_mail", "--mailbox", "support"],
        env=clean_environment(folder),
        input=MAIL * 5000,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 75, done.stderr
    assert b"File too large" in done.stderr


def test_it_loads_nothing_that_only_pages_need(folder: Path) -> None:
    """A mail server starts a process for each message."""
    done = reynard(folder, "receive_mail", "--mailbox", "support", given=MAIL, PYTHONPROFILEIMPORTTIME="1")
    assert done.code == 0
    loaded = {line.rpartition("|")[2].strip() for line in done.err.splitlines()}
    assert "reynard.desk.actions.receiving" in loaded
    assert loaded.isdisjoint({"allauth", "requests", "csp", "django.contrib.admin", "reynard.urls", "reynard.web"})
