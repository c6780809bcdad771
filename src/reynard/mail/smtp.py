"""Handing mails to a mail server: one connection for many mails, and what the server says of each recipient.

What went wrong is one of three things:

* `Unavailable`: no conversation comes about (no connection, no TLS as demanded, no login). No mail's fault.
* `Lost`: a conversation broke off in the middle of a mail. It may have arrived; it is sent again as it is.
* a `Reply` for each recipient: accepted, refused for good (5xx), or refused for now (4xx).

Every step has a time limit, and so has each mail. Passwords are in no error.
"""

import base64
import contextlib
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from typing import IO

import msgspec

from reynard.environment import SmtpServer

CONNECT_SECONDS = 30
STEP_SECONDS = 60
FINAL_SECONDS = 300  # for the answer to a whole mail: servers look for viruses first (RFC 5321 §4.5.3.2.6)
MAIL_SECONDS = 600  # one mail, from its first to its last step
_CHUNK_BYTES = 64 * 1024
_TEXT_LIMIT = 400  # characters kept of what a server says


class Unavailable(Exception):
    """The server cannot be used now; the text says why, for people."""


class Lost(Exception):
    """The conversation broke off in the middle of a mail; the text says where."""


class Reply(msgspec.Struct, frozen=True):
    code: int
    text: str

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 400

    @property
    def temporary(self) -> bool:
        return not self.accepted and not 500 <= self.code < 600

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


Replies = dict[str, Reply]  # by recipient


class Connection:
    """A conversation with the server. Raises Unavailable when it does not come about."""

    def __init__(self, server: SmtpServer) -> None:
        self.mails = 0  # begun on this connection
        self._deadline = time.monotonic() + MAIL_SECONDS
        self._smtp = _Client(server)
        try:
            self._open(server)
        except BaseException:
            self._smtp.close()
            raise

    def _open(self, server: SmtpServer) -> None:
        where = f"{server.host} port {server.port}"
        try:
            _demand(_reply(*self._smtp.connect(server.host, server.port)), f"The mail server {where} takes no mail")
            self._limit(STEP_SECONDS)
            self._greet()
            if server.tls == "starttls":
                if not self._smtp.has_extn("starttls"):
                    raise Unavailable(f"The mail server {where} does not offer TLS (STARTTLS).")
                _demand(_reply(*self._smtp.starttls(context=_tls_context(server))), "TLS was refused")
                self._greet()
            if server.user:
                self._log_in(server)
        except ssl.SSLError as error:
            raise Unavailable(f"No safe connection to the mail server {where}: {_reason(error)}.") from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"The mail server {where} cannot be reached: {_reason(error)}.") from None

    def _greet(self) -> None:
        code, text = self._smtp.ehlo()
        if code == 500 or code == 502:  # a server of before 1995
            code, text = self._smtp.helo()
        _demand(_reply(code, text), "The mail server did not answer our greeting")

    def _log_in(self, server: SmtpServer) -> None:
        """By PLAIN, or LOGIN where that is all there is; in UTF-8, which smtplib does not send."""
        methods = self._smtp.esmtp_features.get("auth", "").upper().split()
        user, password = server.user.encode(), server.password.encode()
        if "PLAIN" in methods:
            steps = ["AUTH PLAIN " + _base64(b"\0" + user + b"\0" + password)]
        elif "LOGIN" in methods:
            steps = ["AUTH LOGIN " + _base64(user), _base64(password)]
        else:
            raise Unavailable(f"The mail server {server.host} offers no login by password (PLAIN or LOGIN).")
        for step in steps:
            reply = _reply(*self._smtp.docmd(step))
            if not reply.accepted:
                raise Unavailable(f"The mail server {server.host} refused the login of {server.user}: {reply}.")

    def send(self, sender: str, recipients: Sequence[str], message: IO[bytes], size: int) -> Replies:
        """Hand in one mail of `size` bytes, ASCII with CRLF, which is read from its present position.

        Raises Lost, or Unavailable when the server had ended the conversation before.
        """
        self.mails += 1
        self._deadline = time.monotonic() + MAIL_SECONDS
        try:
            return self._send(sender, recipients, message, size)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Lost(f"The mail server broke off: {_reason(error)}.") from None

    def _send(self, sender: str, recipients: Sequence[str], message: IO[bytes], size: int) -> Replies:
        possible = [address for address in recipients if address.isascii() or self._smtp.has_extn("smtputf8")]
        replies = {address: _NOT_ASCII for address in recipients if address not in possible}
        if not possible:
            return replies
        reply = self._begin(sender, possible, size)
        if not reply.accepted:
            return replies | dict.fromkeys(possible, reply)
        for address in possible:
            self._limit(STEP_SECONDS)
            replies[address] = self._checked(self._smtp.rcpt(address))
        taken = [address for address in possible if replies[address].accepted]
        if not taken:
            self._limit(STEP_SECONDS)
            self._checked(self._smtp.rset())
            return replies
        return replies | dict.fromkeys(taken, self._data(message))

    def _begin(self, sender: str, recipients: Sequence[str], size: int) -> Reply:
        self._limit(STEP_SECONDS)
        options = [f"SIZE={size}"] if self._smtp.has_extn("size") else []
        beyond_ascii = not all(address.isascii() for address in [sender, *recipients])
        if beyond_ascii:
            options.append("SMTPUTF8")
        self._smtp.command_encoding = "utf-8" if beyond_ascii else "ascii"
        try:
            code, text = self._smtp.mail(sender, options)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self.close()
            raise Unavailable(f"The mail server had ended the conversation: {_reason(error)}.") from None
        if code == 421:
            self.close()
            raise Unavailable(f"The mail server takes no mail now: {_reply(code, text)}.")
        return _reply(code, text)

    def _data(self, message: IO[bytes]) -> Reply:
        self._limit(STEP_SECONDS)
        reply = self._checked(self._smtp.docmd("DATA"))
        if reply.code != 354:
            return reply if not reply.accepted else Reply(451, f"DATA was answered with {reply}")
        for piece in _dotted(message):
            self._limit(STEP_SECONDS)
            self._smtp.send(piece)
        self._limit(FINAL_SECONDS)
        return self._checked(self._smtp.getreply())

    def _checked(self, answer: tuple[int, bytes]) -> Reply:
        """421: the server ends the conversation."""
        reply = _reply(*answer)
        if reply.code == 421 or reply.code < 200:
            raise smtplib.SMTPServerDisconnected(str(reply))
        return reply

    def _limit(self, seconds: float) -> None:
        """For the step that follows; the mail as a whole has one, too."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self._smtp.sock:
            self._smtp.sock.settimeout(min(seconds, left))

    @property
    def is_open(self) -> bool:
        return self._smtp.sock is not None

    def quit(self) -> None:
        """Take leave, without waiting long for an answer."""
        if self._smtp.sock:
            self._smtp.sock.settimeout(1)
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self.close()

    def close(self) -> None:
        self._smtp.close()


class _Client(smtplib.SMTP):
    """smtplib's, with TLS from the first byte on where wanted, and without waiting for small packets to fill."""

    def __init__(self, server: SmtpServer) -> None:
        super().__init__(local_hostname="[127.0.0.1]", timeout=CONNECT_SECONDS)
        self._host = server.host  # the name that its certificate must have
        self._implicit_tls = server.tls == "implicit"
        self._server = server

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((host, port), timeout)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._implicit_tls:
            return made
        with made:  # which is empty afterwards, unless TLS failed
            return _tls_context(self._server).wrap_socket(made, server_hostname=host)


_NOT_ASCII = Reply(550, "The mail server takes no addresses with letters beyond ASCII")


def _tls_context(server: SmtpServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca or None)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _reply(code: int, text: bytes) -> Reply:
    words = " ".join(text.decode("utf-8", "replace").split())
    printable = "".join(character for character in words if character.isprintable())
    return Reply(code, printable[:_TEXT_LIMIT])


def _demand(reply: Reply, otherwise: str) -> None:
    if not reply.accepted:
        raise Unavailable(f"{otherwise}: {reply}.")


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):  # smtplib wraps it
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _dotted(message: IO[bytes]) -> Iterator[bytes]:
    """The mail in pieces, with a dot before each line that begins with one, and the end (RFC 5321 §4.5.2)."""
    before = b"\r\n"
    while chunk := message.read(_CHUNK_BYTES):
        joined = before + chunk
        yield joined.replace(b"\r\n.", b"\r\n..")[len(before) :]
        before = joined[-2:]
    yield b".\r\n" if before == b"\r\n" else b"\r\n.\r\n"
