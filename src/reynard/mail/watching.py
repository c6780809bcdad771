"""Mailboxes are watched: a server that can (IDLE, RFC 2177) says that something is new, and it is fetched at once.

Watching does nothing but bring the next look forward. It has no lease and a connection of its own, reads no mail and
records no failure: when it does not work, mails are fetched every REYNARD_IMAP_POLL_SECONDS as if there were none.
"""

import logging
import threading
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection as database

from reynard import worker
from reynard.desk.actions import mailboxes
from reynard.desk.errors import DeskError
from reynard.desk.models import Mailbox
from reynard.mail.imap import Connection, Login, Refused, Unavailable

IDLE_SECONDS = 60  # after which the server is asked anew, so that a connection that died unnoticed is left
PAUSE_SECONDS = 60  # after a failure
NO_IDLE_SECONDS = 3600  # until a server is asked again whether it can

logger = logging.getLogger("reynard.mail")


class Stopping(Exception):
    """The worker ends."""


class Watcher(threading.Thread):
    """Watches one mailbox as long as it is fetched and this process lives."""

    def __init__(self, mailbox_id: int) -> None:
        super().__init__(name=f"watching mailbox {mailbox_id}", daemon=True)
        self._mailbox_id = mailbox_id

    def run(self) -> None:
        pause: float | None = 0.0
        while pause is not None and not worker.stopping.wait(pause):
            try:
                pause = watch(self._mailbox_id)
            except Exception:  # of the database, say
                logger.exception("Mailbox %s cannot be watched", self._mailbox_id)
                pause = PAUSE_SECONDS
            finally:
                database.close()


def watch(mailbox_id: int) -> float | None:
    """Watch a mailbox over one connection; the pause that follows, in seconds, or None when it is not fetched."""
    mailbox = _mailbox(mailbox_id)
    if mailbox is None:
        return None
    folder = _folder(mailbox)
    try:
        login = _login(mailbox)
        if folder is None or login is None:
            return PAUSE_SECONDS
        connection = Connection(mailboxes.server_of(mailbox), login, before_step=_before_step)
        try:
            connection.examine(folder)
            if not connection.tells_news:
                return NO_IDLE_SECONDS
            _stay(connection, mailbox)
        finally:
            connection.close()
    except Stopping:
        return None
    except (Unavailable, Refused, DeskError, OSError) as error:
        logger.info("Mailbox %s is not watched for %s seconds: %s", mailbox.name, PAUSE_SECONDS, error)
        return PAUSE_SECONDS
    return 0.0


def _stay(connection: Connection, mailbox: Mailbox) -> None:
    """Until somebody changes how the mailbox is reached."""
    while (now := _mailbox(mailbox.id)) and (now.imap_url, now.secret) == (mailbox.imap_url, mailbox.secret):
        database.close()
        if connection.wait_for_news(IDLE_SECONDS, stopped=worker.stopping.is_set):
            mailboxes.look_soon(mailbox.id, now=datetime.now(UTC))


def _mailbox(id: int) -> Mailbox | None:
    fetched = Mailbox.objects.filter(id=id, active=True).exclude(imap_url="")
    return fetched.first() if settings.REYNARD_IMAP_IDLE else None


def _folder(mailbox: Mailbox) -> str | None:
    """The one that mails arrive in: a connection hears of one alone."""
    names = sorted(mailbox.folders.filter(active=True).values_list("name", flat=True))
    return next((name for name in names if name.upper() == "INBOX"), names[0] if names else None)


def _login(mailbox: Mailbox) -> Login | None:
    """None while there is no access token: who fetches gets a new one."""
    if mailbox.sign_in == Mailbox.SignIn.PASSWORD:
        return Login(password=mailboxes.password_of(mailbox))
    token = mailboxes.access_token_of(mailbox, until=datetime.now(UTC))
    return Login(access_token=token) if token else None


def _before_step() -> None:
    if worker.stopping.is_set():
        raise Stopping
