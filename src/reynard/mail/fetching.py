"""Mails are fetched: each mailbox by a thread of its own, so that one that hangs keeps no other waiting.

* What is new is what has a UID above the checkpoint (UIDVALIDITY and last UID) of its folder; flags and dates say
  nothing. The checkpoint moves with the rows (actions/receiving). When the server changes the UIDVALIDITY the folder is
  read from its beginning, and what is known is recognised by its bytes.
* Once a day, and by `reynard mailbox check`, all UIDs the server has are compared with those that are stored, and what
  is missing is fetched.
* A mail the server cannot read, or breaks off at twice, is put down as failed, and the others go on.
* A mailbox that fails is tried again after a pause (actions/mailboxes), whatever the others do.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec
from django.conf import settings
from django.db import close_old_connections

from reynard import worker
from reynard.desk.actions import mailboxes, receiving
from reynard.desk.actions.receiving import Fetched, LeaseLost
from reynard.desk.errors import DeskError
from reynard.desk.models import Mailbox, MailboxFolder
from reynard.desk.selectors import mailboxes as mailbox_states
from reynard.mail import imap, oauth2
from reynard.mail.imap import Connection, Login, Refused, Unavailable
from reynard.mail.watching import Watcher

BATCH_MAILS = 50  # of one transaction, and of one question to the server
BATCH_BYTES = imap.PIECE_BYTES
CHECK_EVERY = timedelta(days=1)
_FIRST_RANGE, _LONGEST_RANGE = 500, 20_000  # UIDs of one question
_FEW = 100
_LOST_SECONDS, _LOST_CONNECTIONS = 300, 100  # of one run, after which the server is not asked again
_TOKEN_MARGIN = timedelta(minutes=5)
_RENEWAL_SECONDS = 20  # of the lease
_JOIN_SECONDS = worker.SHUTDOWN_SECONDS - 2

_BROKE_OFF = "it breaks off"

EXPECTED = (Unavailable, Refused, oauth2.TokenRefused, DeskError, OSError)  # of a mailbox, its server or our disk

logger = logging.getLogger("reynard.mail")


class Stopping(Exception):
    """The worker ends; what is not read yet is read by the next one."""


class Comparison(msgspec.Struct, frozen=True):
    """A folder after a check: how many mails the server has, how many of them we have, and had to fetch for it."""

    folder: str
    server: int
    ours: int
    fetched: int
    error: str = ""


def fetch(mailbox_id: int) -> None:
    """Read what is new in all folders of a mailbox, unless somebody else does. What goes wrong is recorded."""
    mark = mailboxes.lease(mailbox_id, now=_now())
    if mark is None:
        return
    try:
        _Reader(mailbox_id, mark).read()
    except Stopping:
        mailboxes.give_back(mailbox_id, mark, now=_now())
    except LeaseLost:
        logger.warning("Somebody else fetches mailbox %s now.", mailbox_id)
    except EXPECTED as error:
        mailboxes.failed(mailbox_id, mark, str(error), now=_now())
    except Exception as error:
        logger.exception("Mailbox %s cannot be fetched", mailbox_id)
        mailboxes.failed(mailbox_id, mark, f"{type(error).__name__}: {error}", now=_now())
    else:
        mailboxes.succeeded(mailbox_id, mark, now=_now())


def check(mailbox_id: int, *, wait_seconds: float) -> list[Comparison]:
    """Compare every folder with the server, and fetch what is missing.

    Waits for whoever is fetching; raises LeaseLost when that takes too long, and EXPECTED.
    """
    end = time.monotonic() + wait_seconds
    while (mark := mailboxes.lease(mailbox_id, now=_now())) is None:
        if time.monotonic() > end:
            raise LeaseLost
        time.sleep(0.2)
    try:
        found = _Reader(mailbox_id, mark).compare()
    except EXPECTED as error:
        mailboxes.failed(mailbox_id, mark, str(error), now=_now())
        raise
    except BaseException:
        mailboxes.give_back(mailbox_id, mark, now=_now())
        raise
    if errors := [f"{one.folder}: {one.error}" for one in found if one.error]:
        mailboxes.failed(mailbox_id, mark, " ".join(errors), now=_now())
    else:
        mailboxes.succeeded(mailbox_id, mark, now=_now())
    return found


class _Reader:
    """Reads a mailbox under a lease."""

    def __init__(self, mailbox_id: int, mark: str) -> None:
        self._mailbox = Mailbox.objects.get(id=mailbox_id)
        self._mark = mark
        self._renewed = time.monotonic()

    def read(self) -> None:
        """What is new. A folder that is refused keeps no other from being read; it is raised at the end."""
        errors = []
        with self._connected() as connection:
            for folder in self._folders():
                try:
                    if folder.checked_at is None or _now() - folder.checked_at > CHECK_EVERY:
                        self._compare(connection, folder)
                    else:
                        _Walk(connection, folder, self._mark).read_new()
                except Refused as error:
                    errors.append(f"{folder.name}: {error}.")
        if errors:
            raise Refused(" ".join(errors))

    def compare(self) -> list[Comparison]:
        found = []
        with self._connected() as connection:
            for folder in self._folders():
                try:
                    found.append(self._compare(connection, folder))
                except Refused as error:
                    found.append(Comparison(folder.name, 0, 0, 0, f"{error}."))
        return found

    def _compare(self, connection: Connection, folder: MailboxFolder) -> Comparison:
        walk = _Walk(connection, folder, self._mark)
        walk.read_new()
        server, ours = walk.compare()
        mailboxes.compared(folder, server_count=server, our_count=ours, now=_now())
        return Comparison(folder.name, server, ours, walk.fetched)

    def _folders(self) -> list[MailboxFolder]:
        return list(self._mailbox.folders.select_related("mailbox").filter(active=True).order_by("name"))

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        connection = Connection(mailboxes.server_of(self._mailbox), self._login(), before_step=self._before_step)
        try:
            yield connection
        finally:
            connection.close()

    def _login(self) -> Login:
        if self._mailbox.sign_in == Mailbox.SignIn.PASSWORD:
            return Login(password=mailboxes.password_of(self._mailbox))
        now = _now()
        token = mailboxes.access_token_of(self._mailbox, until=now + _TOKEN_MARGIN)
        if not token:
            grant = oauth2.refresh(mailboxes.oauth2_of(self._mailbox), now=now)
            token = grant.access_token
            mailboxes.keep_tokens(
                self._mailbox,
                token,
                expires_at=grant.expires_at,
                refresh_token=grant.refresh_token,
                refresh_token_expires_at=grant.refresh_token_expires_at,
            )
        return Login(access_token=token)

    def _before_step(self) -> None:
        if worker.stopping.is_set():
            raise Stopping
        if time.monotonic() - self._renewed > _RENEWAL_SECONDS:
            if not mailboxes.renew(self._mailbox.id, self._mark, now=_now()):
                raise LeaseLost
            self._renewed = time.monotonic()


class _Walk:
    """Through one folder, a range of UIDs after the other. Raises Refused where there is no such folder."""

    def __init__(self, connection: Connection, folder: MailboxFolder, mark: str) -> None:
        self._connection, self._folder, self._mark = connection, folder, mark
        self._name = f"{folder.mailbox.name}, {folder.name}"
        self._there = connection.examine(folder.name)
        self._lost, self._lost_seconds = 0, 0.0
        self.fetched = 0

    def read_new(self) -> None:
        """Everything above the checkpoint, which follows."""
        folder, there = self._folder, self._there
        last = folder.last_uid if folder.uidvalidity == there.uidvalidity else 0
        if folder.uidvalidity not in {None, there.uidvalidity}:
            logger.warning("Mails of %s are counted anew: the folder is read from its beginning.", self._name)
        for uids, end in self._ranges(last + 1):
            self._take(uids, checkpoint=True)
            self._store([], last_uid=end)

    def compare(self) -> tuple[int, int]:
        """How many mails the server has, and how many of them we have, after fetching what was missing."""
        server = ours = 0
        for uids, _ in self._ranges(1):
            if not uids:
                continue
            have = self._have(uids)
            if missing := [uid for uid in uids if uid not in have]:
                self._take(missing, checkpoint=False)
                have = self._have(uids)
                uids = self._connection.uids(uids[0], uids[-1])  # without those that were deleted in the meantime
            server += len(uids)
            ours += len(have.intersection(uids))
        return server, ours

    def _have(self, uids: Sequence[int]) -> set[int]:
        return mailbox_states.uids_we_have(self._folder, self._there.uidvalidity, uids[0], uids[-1])

    def _ranges(self, first: int) -> Iterator[tuple[list[int], int]]:
        """The UIDs the server has, by ranges with their ends; ranges grow where UIDs are far apart."""
        uidnext, length = self._there.uidnext, _FIRST_RANGE
        if uidnext is None:
            uids = self._connection.uids(first, None)
            yield uids, uids[-1] if uids else first - 1
            return
        while first < uidnext:
            last = min(first + length, uidnext) - 1
            uids = self._connection.uids(first, last)
            yield uids, last
            length = min(length * 2, _LONGEST_RANGE) if len(uids) < _FEW else _FIRST_RANGE
            first = last + 1

    def _take(self, uids: Sequence[int], *, checkpoint: bool) -> None:
        """Fetch and store these mails, in batches of few mails and few bytes; large ones alone."""
        for start in range(0, len(uids), BATCH_MAILS):
            some = uids[start : start + BATCH_MAILS]
            if not self._is_done(some, checkpoint):
                for uid in some:
                    self._take_one(uid, checkpoint)

    def _take_one(self, uid: int, checkpoint: bool) -> None:
        if not self._is_done([uid], checkpoint) and not self._is_done([uid], checkpoint):
            self._store([self._unreadable(uid, 0, _BROKE_OFF)], last_uid=uid if checkpoint else None)

    def _is_done(self, uids: Sequence[int], checkpoint: bool) -> bool:
        """Fetch and store these; False when the server broke off, and can be asked again."""
        begun = time.monotonic()
        try:
            for batch in _batches(sorted(self._connection.sizes(uids).items())):
                if len(batch) == 1 and batch[0][1] > BATCH_BYTES:
                    mails = self._fetch_large(*batch[0])
                else:
                    mails = self._fetch_small(batch)
                self._store(mails, last_uid=batch[-1][0] if checkpoint else None)
        except Unavailable:
            self._lost += 1
            self._lost_seconds += time.monotonic() - begun
            if self._lost > _LOST_CONNECTIONS or self._lost_seconds > _LOST_SECONDS:
                raise
            if self._connection.reopen(self._folder.name).uidvalidity != self._there.uidvalidity:
                raise
            return False
        return True

    def _fetch_small(self, batch: Sequence[tuple[int, int]]) -> list[Fetched]:
        try:
            found = self._connection.mails([uid for uid, _ in batch])
        except Refused as error:
            if len(batch) == 1:
                return [self._unreadable(*batch[0], error)]
            return [mail for one in batch for mail in self._fetch_small([one])]
        uids = sorted(found)
        kept = receiving.keep_all([found[uid] for uid in uids])
        return [Fetched(uid, mail) for uid, mail in zip(uids, kept, strict=True)]

    def _fetch_large(self, uid: int, size: int) -> list[Fetched]:
        limit = settings.MAIL_BEGINNING_BYTES if size > settings.MAIL_LIMIT_BYTES else None
        try:
            mail = receiving.keep(self._connection.pieces(uid, limit), full_size=size if limit else None)
        except Refused as error:
            return [self._unreadable(uid, size, error)]
        return [Fetched(uid, mail)] if mail.size else []

    def _unreadable(self, uid: int, size: int, error: object) -> Fetched:
        logger.error("The server does not hand out mail %s of %s: %s", uid, self._name, error)
        return receiving.unreadable(uid, size, f"The mail server does not hand out this mail: {error}.")

    def _store(self, mails: Sequence[Fetched], *, last_uid: int | None) -> None:
        folder, uidvalidity = self._folder, self._there.uidvalidity
        if not mails and (last_uid is None or (folder.uidvalidity, folder.last_uid) == (uidvalidity, last_uid)):
            return
        self.fetched += receiving.receive_fetched(
            folder, mails, uidvalidity=uidvalidity, last_uid=last_uid, lease=self._mark, now=_now()
        )
        if last_uid is not None:
            folder.uidvalidity, folder.last_uid = uidvalidity, last_uid


def _batches(sizes: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """`(uid, size)` in their order, together no larger than BATCH_BYTES, or alone."""
    batch: list[tuple[int, int]] = []
    total = 0
    for uid, size in sizes:
        if batch and total + size > BATCH_BYTES:
            yield batch
            batch, total = [], 0
        batch.append((uid, size))
        total += size
    if batch:
        yield batch


# --- the job of the worker


class _Loop(threading.Thread):
    """Fetches one mailbox whenever it is told that it is due."""

    def __init__(self, mailbox_id: int) -> None:
        super().__init__(name=f"mailbox {mailbox_id}", daemon=True)
        self.mailbox_id = mailbox_id
        self.due = threading.Event()

    def run(self) -> None:
        while not worker.stopping.is_set():
            if not self.due.wait(1):
                continue
            try:
                fetch(self.mailbox_id)
            except Exception:  # of the database: what went wrong could not be recorded
                logger.exception("Mailbox %s cannot be fetched", self.mailbox_id)
            finally:
                close_old_connections()
                self.due.clear()


class Supervisor:
    """Keeps a thread for each mailbox that is fetched, and one that watches it."""

    def __init__(self) -> None:
        self._loops: dict[int, _Loop] = {}
        self._watchers: dict[int, Watcher] = {}

    def fetch_due(self, now: datetime) -> bool:
        """Start what is due, and stay while anything is being fetched, so that a worker that ends waits for it."""
        self._start(now)
        while any(loop.due.is_set() for loop in self._loops.values()):
            if worker.stopping.wait(1):
                self._join()
                break
            self._start(_now())
        return False

    def _start(self, now: datetime) -> None:
        for mailbox_id in mailbox_states.due(now=now):
            loop = self._loops.get(mailbox_id)
            if loop is None or not loop.is_alive():
                loop = self._loops[mailbox_id] = _Loop(mailbox_id)
                loop.start()
            self._watch(mailbox_id)
            loop.due.set()

    def _watch(self, mailbox_id: int) -> None:
        watcher = self._watchers.get(mailbox_id)
        if settings.REYNARD_IMAP_IDLE and (watcher is None or not watcher.is_alive()):
            self._watchers[mailbox_id] = Watcher(mailbox_id)
            self._watchers[mailbox_id].start()

    def _join(self) -> None:
        end = time.monotonic() + _JOIN_SECONDS
        for loop in self._loops.values():
            loop.join(max(end - time.monotonic(), 0))


_supervisor = Supervisor()


def fetch_due(now: datetime) -> bool:
    """The job of the worker."""
    return _supervisor.fetch_due(now)


def _now() -> datetime:
    return datetime.now(UTC)
