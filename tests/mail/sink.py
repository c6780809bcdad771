"""Mail servers on loopback: one that takes everything and can be told otherwise, and one that follows a script."""

import asyncio
import contextlib
import gc
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.servers import free_port

Answer = Callable[[str], str]  # what the server says, by the address or mail in question


class Received(msgspec.Struct):
    sender: str
    recipients: list[str]
    content: bytes
    options: list[str]
    connection: int

    @property
    def message_id(self) -> str:
        return str(message_from_bytes(self.content)["Message-ID"])


class Sink:
    """What arrived, and how the next mails are answered. `of_data` may raise to break off before the final answer."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.logins: list[tuple[str, str]] = []
        self.of_sender: Answer = lambda address: "250 OK"
        self.of_recipient: Answer = lambda address: "250 OK"
        self.of_data: Answer = lambda message_id: "250 OK"
        self.port = 0

    # aiosmtpd calls these

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, lines: Any) -> Any:
        self.connections += 1
        session.host_name = hostname
        return lines

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.of_sender(address)
        if answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.of_recipient(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        sender, to = (envelope.mail_from or "").removeprefix("<>"), list(envelope.rcpt_tos)
        mail = Received(sender, to, envelope.content, list(envelope.mail_options), self.connections)
        try:
            answer = self.of_data(mail.message_id)
        except BreakOff as how:
            if how.keep:
                self.received.append(mail)
            server.transport.abort()
            await asyncio.sleep(3600)
        if answer.startswith("250"):
            self.received.append(mail)
        return answer

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == "gehéim", handled=False)

    @property
    def ids(self) -> list[str]:
        return [mail.message_id for mail in self.received]


class BreakOff(Exception):
    """The server dies before it answers a mail; with `keep` it has taken it."""

    def __init__(self, *, keep: bool = False) -> None:
        self.keep = keep


@contextmanager
def sink(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, login: bool = False, utf8: bool = False
) -> Iterator[Sink]:
    made = Sink()
    made.port = free_port()
    options: dict[str, Any] = {"ssl_context": tls} if implicit else {"tls_context": tls, "require_starttls": bool(tls)}
    if login:
        options |= {"authenticator": made.authenticate, "auth_required": True, "auth_require_tls": False}
    controller = Controller(made, hostname="127.0.0.1", port=made.port, enable_SMTPUTF8=utf8, **options)
    controller.start()
    try:
        yield made
    finally:
        controller.stop()
        with warnings.catch_warnings():  # of connections that were open: the controller leaves them as they are
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@contextmanager
def scripted(*lines: str) -> Iterator[int]:
    """A server that says these lines, one at each turn of its, and then nothing more; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_follow, args=(listening, lines), daemon=True).start()
        yield listening.getsockname()[1]


def _follow(listening: socket.socket, lines: tuple[str, ...]) -> None:
    with contextlib.suppress(OSError):
        connection, _ = listening.accept()
        with connection:
            for line in lines:
                connection.sendall(line.encode() + b"\r\n")
                connection.recv(4096)
            while connection.recv(4096):
                pass
