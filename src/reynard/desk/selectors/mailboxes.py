"""The mailboxes and how they are: for commands, pages and metrics."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.db.models import Count, Q

from reynard.desk.models import InboundMail, Mailbox, MailboxFolder

State = InboundMail.State


class FolderState(msgspec.Struct, frozen=True):
    """A folder that is read. Counts are those of the last comparison with the server, None before the first."""

    name: str
    server_count: int | None
    our_count: int | None
    checked_at: datetime | None


class MailboxState(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox as people see it: no secrets.

    `lag_seconds` is how long ago all its folders were last read to their end; None where nothing is fetched. `waiting`
    mails are stored and not understood yet, `held` ones wait for a person, `failed` ones could not be understood.
    """

    id: int
    name: str
    address: str
    note_address: str
    category: int
    trusted_hosts: list[str]
    active: bool
    imap_url: str
    sign_in: str
    credentials_expire_at: datetime | None
    last_success_at: datetime | None
    lag_seconds: float | None
    failing_since: datetime | None
    last_error: str
    waiting: int
    held: int
    failed: int
    folders: list[FolderState]


def due(*, now: datetime) -> list[int]:
    """Ids of the mailboxes that should be fetched now, and that nobody is fetching."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    return list(Mailbox.objects.filter(free, active=True, next_fetch_at__lte=now).values_list("id", flat=True))


def states(*, now: datetime, names: Iterable[str] | None = None) -> list[MailboxState]:
    """All mailboxes by name, or those of some names. The cost grows with the mails that wait, not with all."""
    wanted = Mailbox.objects.order_by("name") if names is None else Mailbox.objects.filter(name__in=list(names))
    counts = _counts()
    folders: dict[int, list[FolderState]] = {}
    for folder in MailboxFolder.objects.filter(active=True).order_by("name"):
        state = FolderState(folder.name, folder.server_count, folder.our_count, folder.checked_at)
        folders.setdefault(folder.mailbox_id, []).append(state)
    return [_state(row, folders.get(row.id, []), counts.get(row.id, {}), now) for row in wanted]


def _counts() -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for states in ([State.NEW], [State.HELD, State.FAILED]):  # each has an index of its own
        rows = InboundMail.objects.filter(state__in=states).order_by().values_list("mailbox_id", "state")
        for mailbox_id, state, count in rows.annotate(count=Count("id")):
            found.setdefault(mailbox_id, {})[state] = count
    return found


def _state(row: Mailbox, folders: list[FolderState], counts: dict[str, int], now: datetime) -> MailboxState:
    seen = row.last_success_at or row.created_at
    return MailboxState(
        id=row.id,
        name=row.name,
        address=row.address,
        note_address=row.note_address,
        category=row.category_id,
        trusted_hosts=row.trusted_hosts,
        active=row.active,
        imap_url=row.imap_url,
        sign_in=row.sign_in,
        credentials_expire_at=row.credentials_expire_at,
        last_success_at=row.last_success_at,
        lag_seconds=max((now - seen).total_seconds(), 0) if row.imap_url and row.active else None,
        failing_since=row.failing_since,
        last_error=row.last_error,
        waiting=counts.get(State.NEW, 0),
        held=counts.get(State.HELD, 0),
        failed=counts.get(State.FAILED, 0),
        folders=folders,
    )


def uids_we_have(folder: MailboxFolder, uidvalidity: int, first: int, last: int) -> set[int]:
    """Of the mails of a folder that are stored, with their bytes."""
    rows = InboundMail.objects.filter(folder=folder, uidvalidity=uidvalidity, uid__range=(first, last))
    return {uid for uid in rows.exclude(sha256="").values_list("uid", flat=True) if uid is not None}
