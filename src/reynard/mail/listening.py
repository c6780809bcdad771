"""Mail servers hand mails over by LMTP (RFC 2033), or SMTP: 250 is said when a mail is stored, and not before.

A recipient that no mailbox has is refused for good (550), so that the sender is told. Whatever is wrong with us is 451:
the mail server keeps the mail and tries again. There is neither TLS nor a login: this is for a mail server on the same
machine or in the same private network, never for the open Internet.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import close_old_connections

from reynard.desk.actions import receiving
from reynard.desk.models import InboundMail
from reynard.desk.selectors.reference import Inbox

IDLE_SECONDS = 300
LINE_LIMIT_BYTES = 1024 * 1024  # a line that is too long for the standard is no reason to send a mail back
_THREADS = 4

_OK = "250 2.0.0 Stored"
_TROUBLE = "451 4.3.0 It cannot be stored now; try again later"

logger = logging.getLogger("reynard.mail")


class _Lmtp(LMTP):
    line_length_limit = LINE_LIMIT_BYTES


class _Smtp(SMTP):
    line_length_limit = LINE_LIMIT_BYTES


class Handler:
    """What aiosmtpd calls. The database is used in threads of ours."""

    def __init__(self, *, reply_each: bool) -> None:
        self._reply_each = reply_each  # LMTP: one reply for each recipient
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="mails by network")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer: str = await self._in_thread(_answer_to, address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        sender = (envelope.mail_from or "").removeprefix("<>")
        answers: list[str] = await self._in_thread(_store, envelope.content, sender, list(envelope.rcpt_tos))
        if self._reply_each:
            return "\r\n".join(answers)
        return next((answer for answer in answers if answer != _OK), _OK)

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    def close(self) -> None:
        """Returns when everything in hand is stored."""
        self._threads.shutdown()


def _answer_to(address: str) -> str:
    try:
        inbox = receiving.find_by_address(address)
    except receiving.Disabled as error:
        return f"451 4.2.1 {error}"
    except receiving.NotReceiving:
        return "550 5.1.1 There is no mailbox with this address"
    except Exception:
        logger.exception("Recipients cannot be looked up")
        return _TROUBLE
    finally:
        close_old_connections()
    return f"250 2.1.5 For mailbox {inbox.name}"


def _store(content: bytes, sender: str, recipients: Sequence[str]) -> list[str]:
    """An answer for each recipient; a mailbox that has several of them gets the mail once."""
    answers: dict[str, str] = {}
    try:
        mail = receiving.keep([content])
        for inbox, addresses in _by_mailbox(recipients):
            envelope = receiving.Envelope(sender, addresses)
            receiving.receive(inbox, mail, source=InboundMail.Source.LMTP, envelope=envelope, now=datetime.now(UTC))
            answers |= dict.fromkeys(addresses, _OK)
    except Exception:
        logger.exception("A mail cannot be stored")
    finally:
        close_old_connections()
    return [answers.get(address, _TROUBLE) for address in recipients]


def _by_mailbox(recipients: Sequence[str]) -> list[tuple[Inbox, list[str]]]:
    found: dict[int, tuple[Inbox, list[str]]] = {}
    for address in dict.fromkeys(recipients):
        inbox = receiving.find_by_address(address)
        found.setdefault(inbox.id, (inbox, []))[1].append(address)
    return list(found.values())


def listen(*, host: str, port: int, smtp: bool, on_ready: Callable[[], None]) -> None:
    """Take mails until told to stop (SIGTERM, SIGINT). Raises OSError when nobody can listen there."""
    asyncio.run(_listen(host, port, smtp, on_ready))


async def _listen(host: str, port: int, smtp: bool, on_ready: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(kind, stop.set)
    handler = Handler(reply_each=not smtp)

    def conversation() -> SMTP:
        return (_Smtp if smtp else _Lmtp)(
            handler,
            data_size_limit=settings.MAIL_LISTENER_LIMIT_BYTES,
            enable_SMTPUTF8=True,
            hostname=socket.gethostname(),
            ident="Reynard",
            timeout=IDLE_SECONDS,
            loop=loop,
        )

    server = await loop.create_server(conversation, host, port)
    on_ready()
    await stop.wait()
    server.close()
    await asyncio.to_thread(handler.close)
