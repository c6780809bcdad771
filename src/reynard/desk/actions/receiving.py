"""Mail is stored before it is understood.

What was received is a file and a row of InboundMail, durable before anybody is told that it was taken: the mail server
by an exit code or a reply, IMAP by the checkpoint, which moves in the transaction of the rows. So whatever happens, a
mail is with the server or with us, and at worst with both: the same bytes in the same mailbox are a duplicate.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import msgspec
from django.conf import settings

from reynard import metrics
from reynard.desk import db, files
from reynard.desk.errors import NotFound
from reynard.desk.files import KeptMail
from reynard.desk.models import InboundMail, Mailbox, MailboxFolder
from reynard.desk.rules import mail_addresses
from reynard.desk.selectors import reference
from reynard.desk.selectors.reference import Inbox

SAME_BYTES = "The mailbox has received the very same mail before."

State = InboundMail.State


class NotReceiving(NotFound):
    """There is no such mailbox, or it was disabled."""


class Disabled(NotReceiving):
    """There is one, which takes nothing now."""


class LeaseLost(Exception):
    """Another worker fetches this mailbox now."""


class Envelope(msgspec.Struct, frozen=True):
    """What the mail server said besides the mail. `sender` is "" for the empty one, None: nobody said."""

    sender: str | None = None
    recipients: Sequence[str] = ()


def find(name: str) -> Inbox:
    """The mailbox of that name that takes mail. Raises NotReceiving."""
    inbox = next((box for box in reference.current().mailboxes.values() if box.name == name), None)
    if inbox is None:
        raise NotReceiving(f"There is no mailbox {name}.")
    return _demand_active(inbox)


def find_by_address(address: str) -> Inbox:
    """The mailbox that an address, or one with something behind a plus, belongs to. Raises NotReceiving."""
    key = mail_addresses.key(address)
    for inbox in reference.current().mailboxes.values():
        if key and key in {mail_addresses.key(inbox.address), mail_addresses.key(inbox.note_address)}:
            return _demand_active(inbox)
    raise NotReceiving(f"There is no mailbox for {address}.")


def _demand_active(inbox: Inbox) -> Inbox:
    if not inbox.active:
        raise Disabled(f"The mailbox {inbox.name} is disabled.")
    return inbox


def keep(pieces: Iterable[bytes], full_size: int | None = None) -> KeptMail:
    """Store the bytes, before their row. `full_size`: the pieces are the beginning of a mail that is too large."""
    return files.keep_mail(
        pieces, limit=settings.MAIL_LIMIT_BYTES, beginning=settings.MAIL_BEGINNING_BYTES, full_size=full_size
    )


def keep_all(mails: Sequence[bytes]) -> list[KeptMail]:
    """Store the bytes of several mails; it takes hardly longer than for one, as the disk flushes them together."""
    return list(_disk.map(lambda mail: keep([mail]), mails))


_disk = ThreadPoolExecutor(8, thread_name_prefix="mails to disk")


def receive(
    inbox: Inbox, mail: KeptMail, *, source: InboundMail.Source, now: datetime, envelope: Envelope | None = None
) -> int:
    """Take a mail that a mail server handed over; the id of its row. It is ours when this returns."""
    envelope = envelope or Envelope()
    with db.write():
        row = _row(inbox.id, mail, source, now)
        row.envelope_from = None if envelope.sender is None else _storable(envelope.sender)
        row.envelope_to = [_storable(address) for address in envelope.recipients]
        if InboundMail.objects.filter(mailbox_id=inbox.id, sha256=mail.sha256).exists():
            _call_duplicate(row, now)
        row.save(force_insert=True)
    metrics.count("received", source)
    return row.id


class Fetched(msgspec.Struct, frozen=True):
    """A mail that was read from a folder; with `error`, one that the server does not hand out."""

    uid: int
    mail: KeptMail
    error: str = ""


def unreadable(uid: int, full_size: int, error: str) -> Fetched:
    """In place of a mail that the server does not hand out, so that others are not kept waiting by it."""
    return Fetched(uid, KeptMail(sha256="", size=0, full_size=full_size), error)


def receive_fetched(
    folder: MailboxFolder,
    mails: Sequence[Fetched],
    *,
    uidvalidity: int,
    last_uid: int | None,
    lease: str,
    now: datetime,
) -> int:
    """Take mails of a folder and move its checkpoint, both or neither; how many of them are new to the desk.

    `last_uid` None leaves the checkpoint where it is. Raises LeaseLost. After the server changed its UIDVALIDITY, a
    mail with the bytes of one that was read before is that one, in its new place.
    """
    with db.write():
        if not Mailbox.objects.select_for_update().filter(id=folder.mailbox_id, lease=lease).exists():
            raise LeaseLost
        rows = _new_rows(folder, _not_there(folder, mails, uidvalidity), uidvalidity, now)
        InboundMail.objects.bulk_create(rows, batch_size=100)
        if last_uid is not None:
            MailboxFolder.objects.filter(id=folder.id).update(uidvalidity=uidvalidity, last_uid=last_uid)
    fresh = sum(row.state == State.NEW for row in rows)
    metrics.count("received", InboundMail.Source.IMAP, fresh)
    return fresh


def _not_there(folder: MailboxFolder, mails: Sequence[Fetched], uidvalidity: int) -> list[Fetched]:
    """Those that have no row in their place. Of what was not handed out before the row goes; of another mail, which a
    server that counts wrongly had there, it stays without a place.
    """
    rows = InboundMail.objects.filter(folder=folder, uidvalidity=uidvalidity)
    rows.filter(sha256="", uid__in=[mail.uid for mail in mails if not mail.error]).delete()
    there = dict(rows.filter(uid__in=[mail.uid for mail in mails]).values_list("uid", "sha256"))
    read = {mail.uid: mail.mail.sha256 for mail in mails if not mail.error}
    others = [uid for uid, sha256 in read.items() if there.get(uid, sha256) != sha256]
    rows.filter(uid__in=others).update(folder=None, uidvalidity=None, uid=None)
    return [mail for mail in mails if mail.uid not in there or mail.uid in others]


def _new_rows(folder: MailboxFolder, mails: Sequence[Fetched], uidvalidity: int, now: datetime) -> list[InboundMail]:
    """Rows for those that are none yet; others are noted in their new place."""
    hashes = {mail.mail.sha256 for mail in mails} - {""}
    same = InboundMail.objects.filter(mailbox_id=folder.mailbox_id, sha256__in=hashes).order_by()
    same = same.only("id", "sha256", "folder_id", "uidvalidity")
    known: dict[str, list[InboundMail]] = {}
    for row in sorted(same, key=lambda row: row.id):  # SQLite would walk the mailbox in that order
        known.setdefault(row.sha256, []).append(row)
    new = []
    for mail in mails:
        before = [] if mail.error else known.setdefault(mail.mail.sha256, [])
        moved = next((row for row in before if row.folder_id == folder.id and row.uidvalidity != uidvalidity), None)
        if moved is not None:
            moved.uidvalidity = uidvalidity
            InboundMail.objects.filter(id=moved.id).update(uidvalidity=uidvalidity, uid=mail.uid)
            continue
        row = _row(folder.mailbox_id, mail.mail, InboundMail.Source.IMAP, now)
        row.folder_id, row.uidvalidity, row.uid = folder.id, uidvalidity, mail.uid
        if mail.error:
            row.state, row.last_error, row.processed_at = State.FAILED, mail.error, now
        elif before:
            _call_duplicate(row, now)
        before.append(row)
        new.append(row)
    return new


def _row(mailbox_id: int, mail: KeptMail, source: InboundMail.Source, now: datetime) -> InboundMail:
    return InboundMail(
        mailbox_id=mailbox_id,
        source=source,
        sha256=mail.sha256,
        size=mail.size,
        full_size=mail.full_size,
        received_at=now,
        next_try_at=now,
    )


def _storable(text: str) -> str:
    """As the database takes it, whatever bytes a command line had."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "")


def _call_duplicate(row: InboundMail, now: datetime) -> None:
    row.state, row.reason, row.processed_at = State.DUPLICATE, SAME_BYTES, now
