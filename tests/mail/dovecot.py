"""A real IMAP server on loopback: Debian's Dovecot, with folders and settings of its own in a temporary folder."""

import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.servers import free_port

SECONDS = 30
DOVECOT, DOVEADM = shutil.which("dovecot", path="/usr/sbin:/usr/bin"), shutil.which("doveadm")
needed = pytest.mark.skipif(not (DOVECOT and DOVEADM), reason="Dovecot is not installed (dovecot-imapd)")

_SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap
ssl = {ssl}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_uid = {owner}
mail_gid = {owner}
mailbox_list_index = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """One server; its users are who signs in with the password, each with a Maildir."""

    password = "geh/éim"

    def __init__(self, folder: Path, *, tls: bool, mechanisms: str) -> None:
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self._numbers = itertools.count(1)  # of mails, in the order of their delivery
        self._process: subprocess.Popen[bytes] | None = None
        root = os.getuid() == 0
        me = pwd.getpwuid(os.getuid()).pw_name
        self._owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.getuid())
        settings = _SETTINGS.format(
            folder=folder,
            mechanisms=mechanisms,
            ssl=f"yes\nssl_cert = <{folder}/cert.pem\nssl_key = <{folder}/key.pem" if tls else "no",
            internal="dovecot" if root else me,
            internal_group="dovecot" if root else me,
            login="dovenull" if root else me,
            owner=self._owner.pw_uid,
            group=self._owner.pw_gid,
            password=self.password,
            port=self.port,
            tls_port=self.tls_port if tls else 0,
        )
        if tls:
            _make_certificate(folder)
        (folder / "dovecot.conf").write_text(settings)
        (folder / "mail").mkdir()
        folder.chmod(0o755)
        shutil.chown(folder / "mail", self._owner.pw_uid, self._owner.pw_gid)

    def url(self, user: str = "support", folder: str = "INBOX") -> str:
        return f"imap://{user}:geh%2F%C3%A9im@127.0.0.1:{self.port}/{folder}"

    def start(self) -> None:
        assert DOVECOT
        self._process = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(self.folder / "dovecot.conf")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self._process.poll() is None, self._process.communicate()[0].decode() + self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=SECONDS)
            self._process = None

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def deliver(self, mails: Sequence[bytes], user: str = "support") -> None:
        """Put mails into the user's INBOX, as a mail server does, whether Dovecot runs or not."""
        inbox = self.folder / "mail" / user
        for part in ("tmp", "new", "cur"):
            (inbox / part).mkdir(parents=True, exist_ok=True)
            shutil.chown(inbox / part, self._owner.pw_uid, self._owner.pw_gid)
        shutil.chown(inbox, self._owner.pw_uid, self._owner.pw_gid)
        for mail in mails:
            number = next(self._numbers)
            path = inbox / "new" / f"{1_700_000_000 + number}.M{number}P1.test"
            path.write_bytes(mail.replace(b"\r\n", b"\n"))
            path.chmod(0o644)

    def number_anew(self, uidvalidity: int, user: str = "support") -> None:
        """Change the UIDVALIDITY of an INBOX."""
        self._doveadm("mailbox", "update", "-u", user, "--uid-validity", str(uidvalidity), "INBOX")

    def _doveadm(self, *arguments: str) -> None:
        assert DOVEADM
        command = [DOVEADM, "-c", str(self.folder / "dovecot.conf"), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)

    @contextmanager
    def client(self, user: str = "support") -> Iterator[IMAPClient]:
        """Somebody else at the same mailbox."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=SECONDS) as client:
            client.plain_login(user, self.password)
            client.select_folder("INBOX")
            yield client


def _make_certificate(folder: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)


@contextmanager
def running(*, tls: bool = False, mechanisms: str = "plain login") -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="reynard-dovecot-") as folder:
        server = Dovecot(Path(folder), tls=tls, mechanisms=mechanisms)
        try:
            server.start()
            yield server
        finally:
            server.stop()
