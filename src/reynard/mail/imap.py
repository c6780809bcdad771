"""Reading folders of an IMAP server, without changing anything there: folders are examined, mails are peeked at.

* Every step on the network has a hard time limit: when it is over the connection is cut, whatever the server is doing,
  also when it sends one byte a minute.
* Mails are named by UID. No question has an answer that grows with the folder: UIDs are asked for in ranges.
* Large mails come in pieces, so that no mail is in memory whole.

Passwords and tokens are in no error.
"""

import contextlib
import imaplib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, ProtocolError

from reynard.desk.rules.imap_url import ImapServer

CONNECT_SECONDS = 30
STEP_SECONDS = 60
FETCH_SECONDS = 120  # for at most PIECE_BYTES, or as much in several mails
PIECE_BYTES = 2 * 1024 * 1024
_GOODBYE_SECONDS = 3
_TEXT_LIMIT = 400  # characters kept of what a server says


class Unavailable(Exception):
    """The server cannot be used now; the text says why, for people."""


class Refused(Exception):
    """The server refused one command and goes on; the text says why, for people."""


class Login(msgspec.Struct, frozen=True):
    """Either a password or an access token (XOAUTH2)."""

    password: str = ""
    access_token: str = ""


class Folder(msgspec.Struct, frozen=True):
    """An examined folder. UIDs up to `uidnext` (not included) exist or existed; None: the server does not say."""

    uidvalidity: int
    uidnext: int | None


class Connection:
    """A conversation with a server. `before_step` is called before each step. Raises Unavailable."""

    def __init__(self, server: ImapServer, login: Login, *, before_step: Callable[[], None] = lambda: None) -> None:
        self._before_step = before_step
        self._server, self._login = server, login
        self._where = f"The mail server {server.host} port {server.port}"
        self._client: IMAPClient | None = None
        self._socket: socket.socket | None = None
        self._open()

    def _open(self) -> None:
        try:
            self._connect(self._server, self._login)
        except BaseException:
            self.close()
            raise

    def reopen(self, folder: str) -> Folder:
        """After Unavailable: connect anew, and go on in a folder. Raises Unavailable, Refused."""
        self.close()
        self._open()
        return self.examine(folder)

    def _connect(self, server: ImapServer, login: Login) -> None:
        with self._step(CONNECT_SECONDS):
            self._client = _Client(server, opened=self._opened)
        client = self._client
        try:
            with self._step(STEP_SECONDS):
                if not server.tls and not server.is_local:
                    client.starttls(ssl_context=_tls_context(server))
                if login.access_token:
                    client.oauth2_login(server.user, login.access_token)
                elif client.has_capability("AUTH=PLAIN"):  # takes letters of all kinds
                    client.plain_login(server.user, login.password)
                else:
                    client.login(server.user, login.password)
        except Refused as error:
            raise Unavailable(f"{self._where} refused the login of {server.user}: {error}") from None

    def _opened(self, made: socket.socket) -> None:
        self._socket = made

    def examine(self, folder: str) -> Folder:
        """Open a folder for reading. Raises Refused when there is none of that name."""
        with self._step(STEP_SECONDS) as client:
            found: dict[bytes, Any] = client.select_folder(folder, readonly=True)
        if b"UIDVALIDITY" not in found:
            raise Unavailable(f"{self._where} has no lasting numbers of mails (UIDVALIDITY) in {folder}.")
        return Folder(found[b"UIDVALIDITY"], found.get(b"UIDNEXT"))

    def uids(self, first: int, last: int | None) -> list[int]:
        """The UIDs there are from `first` to `last` (None: the end), ascending."""
        with self._step(STEP_SECONDS) as client:
            found = client.search(f"UID {first}:{'*' if last is None else last}")
        return sorted(uid for uid in found if uid >= first)  # 7:* always names the last mail (RFC 3501 §6.4.8)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Bytes of each mail that is still there."""
        with self._step(STEP_SECONDS) as client:
            found = client.fetch(uids, ["RFC822.SIZE"])
        return {uid: values[b"RFC822.SIZE"] for uid, values in found.items() if b"RFC822.SIZE" in values}

    def mails(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The bytes of each mail that is still there. Raises Refused when the server cannot read one of them."""
        with self._step(FETCH_SECONDS) as client:
            found = client.fetch(uids, ["BODY.PEEK[]"])
        return {uid: values[b"BODY[]"] for uid, values in found.items() if values.get(b"BODY[]") is not None}

    def pieces(self, uid: int, limit: int | None = None) -> Iterator[bytes]:
        """The bytes of a mail, at most `limit`, in pieces. Nothing when it is not there any more. Raises Refused."""
        start = 0
        while limit is None or start < limit:
            wanted = PIECE_BYTES if limit is None else min(PIECE_BYTES, limit - start)
            with self._step(FETCH_SECONDS) as client:
                found = client.fetch([uid], [f"BODY.PEEK[]<{start}.{wanted}>"]).get(uid)
            if found is None and start:
                raise Refused(f"Mail {uid} was deleted while it was read.")
            piece = (found or {}).get(f"BODY[]<{start}>".encode()) or b""
            if piece:
                yield piece
            if len(piece) < wanted:
                return
            start += wanted

    @property
    def tells_news(self) -> bool:
        """Whether the server can say by itself that something is new (IDLE)."""
        with self._step(STEP_SECONDS) as client:
            return bool(client.has_capability("IDLE"))

    def wait_for_news(self, seconds: float, *, stopped: Callable[[], bool]) -> bool:
        """Wait until the server says that mails have come into the examined folder; False when the time is over first.

        What came at the very moment in which waiting begins may be missed.
        """
        with self._step(STEP_SECONDS) as client:
            client.idle()
            said = select.poll()
            said.register(client.socket(), select.POLLIN)
        end = time.monotonic() + seconds
        while not stopped() and time.monotonic() < end and not said.poll(1000):
            pass
        with self._step(STEP_SECONDS) as client:
            _, lines = client.idle_done()
        return any(len(line) > 1 and line[1] in {b"EXISTS", b"RECENT"} for line in lines)

    @contextmanager
    def _step(self, seconds: float) -> Iterator[Any]:
        """One thing asked of the server. Raises Refused, Unavailable."""
        self._before_step()
        end = time.monotonic() + seconds
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield self._client
        except CapabilityError as error:
            raise Unavailable(f"{self._where} does not offer what is needed: {_reason(error)}.") from None
        except (imaplib.IMAP4.abort, OSError, ProtocolError, ValueError, LookupError) as error:
            reason = "no answer in time" if time.monotonic() >= end else _reason(error)
            raise Unavailable(f"{self._where} cannot be used: {reason}.") from None
        except imaplib.IMAP4.error as error:
            if time.monotonic() >= end or isinstance(error.__context__, imaplib.IMAP4.abort):  # of a login
                raise Unavailable(f"{self._where} cannot be used: it broke off, or gave no answer in time.") from None
            raise Refused(_reason(error)) from None
        finally:
            timer.cancel()

    def _cut(self) -> None:
        """End the connection for good, whoever is reading from it."""
        made = self._socket if self._client is None else self._client.socket()  # another one after STARTTLS
        if made is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(made, socket.SHUT_RDWR)  # of TLS, too, without a word

    def close(self) -> None:
        """Take leave, without waiting long for an answer."""
        if self._client is None:
            return
        with contextlib.suppress(Exception):
            timer = threading.Timer(_GOODBYE_SECONDS, self._cut)
            timer.daemon = True
            timer.start()
            try:
                self._client.logout()
            finally:
                timer.cancel()
        with contextlib.suppress(Exception):
            self._client.shutdown()
        self._client = self._socket = None


class _Client(IMAPClient):
    """imapclient's, which says what socket it has before it waits for anything."""

    def __init__(self, server: ImapServer, *, opened: Callable[[socket.socket], None]) -> None:
        self._opened = opened
        super().__init__(
            server.host,
            port=server.port,
            ssl=server.tls,
            ssl_context=_tls_context(server),
            timeout=SocketTimeout(connect=CONNECT_SECONDS, read=STEP_SECONDS),
        )

    def _create_IMAP4(self) -> imaplib.IMAP4:
        return _Protocol(self.host, self.port, self.ssl_context if self.ssl else None, self._opened)


class _Protocol(imaplib.IMAP4):
    def __init__(
        self, host: str, port: int, tls: ssl.SSLContext | None, opened: Callable[[socket.socket], None]
    ) -> None:
        self._tls, self._opened = tls, opened
        super().__init__(host, port, CONNECT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        made = socket.create_connection((self.host, self.port), timeout)
        self._opened(made)
        if self._tls is None:
            return made
        with made:  # which is empty afterwards
            encrypted = self._tls.wrap_socket(made, server_hostname=self.host, do_handshake_on_connect=False)
        self._opened(encrypted)
        try:
            encrypted.do_handshake()
        except BaseException:
            encrypted.close()
            raise
        return encrypted


def _tls_context(server: ImapServer) -> ssl.SSLContext:
    """On this machine itself nobody stands between, and any certificate will do."""
    context = ssl.create_default_context(cafile=server.ca or None)
    if server.is_local and not server.ca:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = " ".join((str(error) or type(error).__name__).split())
    return "".join(character for character in text if character.isprintable())[:_TEXT_LIMIT].rstrip(".")
