"""Setting up the addresses that mail arrives at. Secrets are kept encrypted, and never shown again."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from django.db import IntegrityError
from msgspec import UNSET, UnsetType

from reynard.desk import db, sealing
from reynard.desk.errors import NotFound, Problems
from reynard.desk.models import Category, Mailbox, MailboxFolder
from reynard.desk.rules import imap_url, mail_addresses
from reynard.desk.rules.imap_url import ImapUrl
from reynard.desk.selectors import reference

SEALED_FOR = "mailboxes"

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
    if url is not None and not (password or mailbox.secret):
        problems.add("imap_url", "A password is missing.")
    problems.raise_if_any()
    for name in ("address", "category_id", "note_address"):
        if (value := getattr(wanted, name)) is not UNSET:
            setattr(mailbox, name, value)
    if hosts is not None:
        mailbox.trusted_hosts = hosts
    if password:
        mailbox.secret = sealing.seal(password, SEALED_FOR)
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
