"""The addresses that mail arrives at: their set-up, whose turn it is to fetch them, and how that went.

Secrets are kept encrypted, and never shown again. Who fetches has a lease, renewed before each step on the network, so
that another worker goes on where one was killed or hangs.
"""

import logging
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q
from msgspec import UNSET, UnsetType

from reynard.desk import db, sealing
from reynard.desk.actions import incidents
from reynard.desk.errors import NotFound, Problems
from reynard.desk.models import Category, Mailbox, MailboxFolder
from reynard.desk.rules import imap_url, mail_addresses, oauth2
from reynard.desk.rules.imap_url import ImapServer, ImapUrl
from reynard.desk.rules.oauth2 import OAuth2
from reynard.desk.selectors import reference

LEASE = timedelta(minutes=3)  # longer than any step of who fetches
WARN_AFTER = timedelta(minutes=15)  # of failing
WARN_AGAIN = timedelta(days=1)
EXPIRY_NOTICE = timedelta(days=14)  # before credentials expire
LONGEST_PAUSE_SECONDS = 600  # after failures
ERROR_LIMIT = 1000  # characters kept of an error
_SEALED_FOR = "mailboxes"

logger = logging.getLogger("reynard.mail")

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?", re.ASCII | re.IGNORECASE)


class MailboxSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator says of a mailbox; UNSET: as it is. The password is in the URL, or given apart."""

    address: str | UnsetType = UNSET
    category_id: int | UnsetType = UNSET
    note_address: str | UnsetType = UNSET
    trusted_hosts: Sequence[str] | UnsetType = UNSET
    imap_url: str | UnsetType = UNSET  # "": fetch no more
    password: str | UnsetType = UNSET
    oauth2: OAuth2 | UnsetType = UNSET  # instead of a password
    credentials_expire_at: datetime | None | UnsetType = UNSET
    folders: Sequence[str] | UnsetType = UNSET  # besides the one of an `imap_url` that is given too


def create(name: str, wanted: MailboxSettings, *, now: datetime) -> Mailbox:
    """A new mailbox; its mails are fetched from now on, if it has a URL. Raises Invalid."""
    problems = Problems()
    if not _NAME.fullmatch(name):
        problems.add("name", "A name has letters, digits, dots, hyphens and underscores, at most 60.")
    elif Mailbox.objects.filter(name=name).exists():
        problems.add("name", f"There is a mailbox {name} already.")
    problems.require("address", wanted.address is not UNSET)
    problems.require("category", wanted.category_id is not UNSET)
    return _save(Mailbox(name=name, created_at=now), wanted, problems, now)


def edit(name: str, wanted: MailboxSettings, *, now: datetime) -> Mailbox:
    """Raises NotFound, Invalid."""
    return _save(find(name), wanted, Problems(), now)


def set_active(name: str, *, active: bool, now: datetime) -> Mailbox:
    """A mailbox that is not active is not fetched, and takes no mail: it waits where it is. Raises NotFound."""
    mailbox = find(name)
    mailbox.active = active
    mailbox.next_fetch_at = now if mailbox.imap_url else None
    mailbox.failing_since, mailbox.failures, mailbox.warned_at = None, 0, None
    with db.write():
        mailbox.save(update_fields=["active", "next_fetch_at", "failing_since", "failures", "warned_at"])
        reference.changed()
    return mailbox


def find(name: str) -> Mailbox:
    """Raises NotFound."""
    mailbox = Mailbox.objects.filter(name=name).first()
    if mailbox is None:
        raise NotFound(f"There is no mailbox {name}.")
    return mailbox


def _save(mailbox: Mailbox, wanted: MailboxSettings, problems: Problems, now: datetime) -> Mailbox:
    url = _checked_url(wanted.imap_url, problems) if wanted.imap_url else None
    _check_addresses(mailbox, wanted, problems)
    if wanted.category_id is not UNSET and not Category.objects.filter(id=wanted.category_id).exists():
        problems.add("category", f"No category has id {wanted.category_id}.")
    hosts = _checked_hosts(wanted.trusted_hosts, problems) if wanted.trusted_hosts is not UNSET else None
    password = wanted.password or (url.password if url else "")
    if url is not None and not (password or wanted.oauth2 or mailbox.secret):
        problems.add("imap_url", "A password is missing.")
    if wanted.oauth2:
        try:
            oauth2.check_token_url(wanted.oauth2.token_url)
        except ValueError as error:
            problems.add("token_url", str(error))
    problems.raise_if_any()
    for name in ("address", "category_id", "note_address"):
        if (value := getattr(wanted, name)) is not UNSET:
            setattr(mailbox, name, value)
    if hosts is not None:
        mailbox.trusted_hosts = hosts
    if password:
        mailbox.sign_in, mailbox.secret = Mailbox.SignIn.PASSWORD, sealing.seal(password, _SEALED_FOR)
    if wanted.oauth2:
        _set_oauth2(mailbox, wanted.oauth2)
    if wanted.credentials_expire_at is not UNSET:
        mailbox.credentials_expire_at, mailbox.expiry_warned_at = wanted.credentials_expire_at, None
    if wanted.imap_url is not UNSET:
        mailbox.imap_url = url.server.url if url else ""
    mailbox.next_fetch_at = now if mailbox.imap_url else None
    try:
        with db.write():
            mailbox.save()
            _save_folders(mailbox, url, wanted)
            reference.changed()
    except IntegrityError:
        problems.add("name", f"There is a mailbox {mailbox.name} already.")
        problems.raise_if_any()
    return mailbox


def _set_oauth2(mailbox: Mailbox, client: OAuth2) -> None:
    mailbox.sign_in = Mailbox.SignIn.OAUTH2
    mailbox.secret = sealing.seal(msgspec.json.encode(client).decode(), _SEALED_FOR)
    mailbox.access_token, mailbox.access_token_expires_at = "", None


def _checked_url(text: str, problems: Problems) -> ImapUrl | None:
    try:
        return imap_url.parse(text)
    except ValueError as error:
        problems.add("imap_url", str(error))
        return None


def _check_addresses(mailbox: Mailbox, wanted: MailboxSettings, problems: Problems) -> None:
    """Each address belongs to one mailbox, and is an address for notes or one for messages."""
    others = Mailbox.objects.exclude(id=mailbox.id).values_list("address", "note_address")
    taken = {address for pair in others for address in pair if address}
    for field in ("address", "note_address"):
        address = getattr(wanted, field)
        if address is UNSET or (not address and field == "note_address"):
            continue
        if (found := mail_addresses.parse(address)) is None or found.address != address:
            problems.add(field, f"Enter a valid email address: {address} is none.")
        elif mail_addresses.is_one_of(address, taken):
            problems.add(field, f"Another mailbox has the address {address}.")
    address = mailbox.address if wanted.address is UNSET else wanted.address
    note = mailbox.note_address if wanted.note_address is UNSET else wanted.note_address
    if note and mail_addresses.key(note) == mail_addresses.key(address):
        problems.add("note_address", "Mails to the address for notes must be told from others: take another one.")


def _checked_hosts(hosts: Iterable[str], problems: Problems) -> list[str]:
    for host in hosts:
        if not _HOST.fullmatch(host):
            problems.add("trusted_hosts", f"{host} is no name of a mail server.")
    return list(dict.fromkeys(host.lower() for host in hosts))


def _save_folders(mailbox: Mailbox, url: ImapUrl | None, wanted: MailboxSettings) -> None:
    """What was read of folders that are left out now is remembered, should they come back."""
    if wanted.imap_url is UNSET and wanted.folders is UNSET:
        return
    names = {*(wanted.folders or ()), *([url.folder] if url else [])}
    mailbox.folders.exclude(name__in=names).update(active=False)
    for name in sorted(names):
        MailboxFolder.objects.update_or_create(mailbox=mailbox, name=name, defaults={"active": True})


# --- signing in


def server_of(mailbox: Mailbox) -> ImapServer:
    return imap_url.server(mailbox.imap_url)


def password_of(mailbox: Mailbox) -> str:
    """Raises sealing.Unreadable."""
    return sealing.unseal(mailbox.secret, _SEALED_FOR)


def oauth2_of(mailbox: Mailbox) -> OAuth2:
    """Raises sealing.Unreadable."""
    return msgspec.json.decode(sealing.unseal(mailbox.secret, _SEALED_FOR), type=OAuth2)


def access_token_of(mailbox: Mailbox, *, until: datetime) -> str:
    """The access token that is good until that moment, or ""."""
    expires = mailbox.access_token_expires_at
    return sealing.unseal(mailbox.access_token, _SEALED_FOR) if expires is not None and expires > until else ""


def keep_tokens(
    mailbox: Mailbox,
    access_token: str,
    *,
    expires_at: datetime,
    refresh_token: str = "",
    refresh_token_expires_at: datetime | None = None,
) -> None:
    """What the provider gave; a new refresh token takes the place of the one there was."""
    fields = ["access_token", "access_token_expires_at"]
    if refresh_token:
        _set_oauth2(mailbox, msgspec.structs.replace(oauth2_of(mailbox), refresh_token=refresh_token))
        fields.append("secret")
    if refresh_token_expires_at:
        mailbox.credentials_expire_at = refresh_token_expires_at
        fields.append("credentials_expire_at")
    mailbox.access_token = sealing.seal(access_token, _SEALED_FOR)
    mailbox.access_token_expires_at = expires_at
    with db.write():
        mailbox.save(update_fields=fields)


# --- whose turn it is


def lease(mailbox_id: int, *, now: datetime) -> str | None:
    """Have a mailbox to oneself; the lease, or None while somebody else has it."""
    mark = secrets.token_hex(16)
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    with db.write():
        leased = Mailbox.objects.filter(free, id=mailbox_id).update(lease=mark, leased_until=now + LEASE)
    return mark if leased else None


def renew(mailbox_id: int, mark: str, *, now: datetime) -> bool:
    """Keep it for longer; False when somebody else has it now."""
    with db.write():
        return bool(Mailbox.objects.filter(id=mailbox_id, lease=mark).update(leased_until=now + LEASE))


def give_back(mailbox_id: int, mark: str, *, now: datetime) -> None:
    """It was not read to its end, and nothing was wrong: somebody else goes on."""
    with db.write():
        Mailbox.objects.filter(id=mailbox_id, lease=mark).update(lease="", leased_until=None, next_fetch_at=now)


def look_soon(mailbox_id: int, *, now: datetime) -> None:
    """Something is new, says its server. One that fails keeps its pause."""
    waiting = Mailbox.objects.filter(id=mailbox_id, active=True, failing_since=None, next_fetch_at__gt=now)
    with db.write():
        waiting.update(next_fetch_at=now)


def succeeded(mailbox_id: int, mark: str, *, now: datetime) -> None:
    """All folders were read to their end."""
    mailbox = Mailbox.objects.get(id=mailbox_id)
    if mailbox.warned_at is not None:
        logger.warning("Mailbox %s is read again; it was not since %s.", mailbox.name, mailbox.failing_since)
    expires = mailbox.credentials_expire_at
    warn = expires is not None and expires - now < EXPIRY_NOTICE and _is_long_ago(mailbox.expiry_warned_at, now)
    if warn:
        logger.error("The credentials of mailbox %s expire at %s. Renew them.", mailbox.name, expires)
    with db.write():
        if warn and expires is not None:
            incidents.credentials_expire(mailbox, expires, now=now)
        Mailbox.objects.filter(id=mailbox_id, lease=mark).update(
            lease="",
            leased_until=None,
            next_fetch_at=now + timedelta(seconds=settings.REYNARD_IMAP_POLL_SECONDS),
            last_success_at=now,
            failing_since=None,
            failures=0,
            last_error="",
            warned_at=None,
            expiry_warned_at=now if warn else mailbox.expiry_warned_at,
        )


def failed(mailbox_id: int, mark: str, error: str, *, now: datetime) -> None:
    """It could not be read, or not to its end; tried again after a pause, longer with each failure in a row.

    What fails for a quarter of an hour is an error in the log, once a day, and one mail to those who may mend it.
    """
    mailbox = Mailbox.objects.get(id=mailbox_id)
    since = mailbox.failing_since or now
    text = "".join(character for character in error if character.isprintable())
    warn = now - since >= WARN_AFTER and _is_long_ago(mailbox.warned_at, now)
    if warn:
        logger.error("Mailbox %s could not be read since %s: %s", mailbox.name, since, text)
    pause = min(settings.REYNARD_IMAP_POLL_SECONDS * 2 ** min(mailbox.failures, 10), LONGEST_PAUSE_SECONDS)
    with db.write():
        if warn:
            incidents.mailbox_fails(mailbox, since, text, now=now)
        Mailbox.objects.filter(id=mailbox_id, lease=mark).update(
            lease="",
            leased_until=None,
            next_fetch_at=now + timedelta(seconds=pause),
            failing_since=since,
            failures=mailbox.failures + 1,
            last_error=text[:ERROR_LIMIT],
            warned_at=now if warn else mailbox.warned_at,
        )


def _is_long_ago(warned_at: datetime | None, now: datetime) -> bool:
    return warned_at is None or now - warned_at >= WARN_AGAIN


def compared(folder: MailboxFolder, *, server_count: int, our_count: int, now: datetime) -> None:
    """How many mails the server has in a folder, and how many of them we have."""
    with db.write():
        MailboxFolder.objects.filter(id=folder.id).update(
            checked_at=now, server_count=server_count, our_count=our_count
        )
