"""Mails that were stored become messages: read, put into the desk's words, and handed to actions/arrivals."""

import hashlib
import logging
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import unquote

from django.db import OperationalError

from reynard import worker
from reynard.desk import files
from reynard.desk.actions import arrivals, inbound
from reynard.desk.actions.arrivals import Failure, Understood
from reynard.desk.files import IncomingFile
from reynard.desk.models import InboundMail
from reynard.desk.rules import inline_images, mail_addresses, mail_verdict, quotes
from reynard.desk.rules.mail_addresses import Mailbox
from reynard.desk.rules.mail_threading import Automation
from reynard.desk.rules.mail_verdict import Verdict
from reynard.desk.rules.messages import Message, compose
from reynard.desk.selectors import reference
from reynard.mail import automation, headers
from reynard.mail.parse import parse
from reynard.mail.parsed import Attachment, Bounce, ParsedMail

BATCH = 20
BATCH_SECONDS = 20  # after which no other mail of a batch is begun
LIMIT_SECONDS = 120  # for a batch, before the worker is taken for hung and ends (reynard.worker)
NO_TEXT = "(This mail has no text.)"

logger = logging.getLogger("reynard.mail")


def take_due(now: datetime) -> bool:
    """Take some of the mails that wait; whether there may be more."""
    mails = inbound.claim(limit=BATCH, now=now)
    end = time.monotonic() + BATCH_SECONDS
    for number, mail in enumerate(mails):
        if worker.stopping.is_set() or time.monotonic() > end:
            inbound.give_back(mails[number:], at=_now())
            return False
        _take(mail)
    return bool(mails)


def _take(mail: InboundMail) -> None:
    try:
        arrivals.take(mail, understand(mail), now=_now())
    except OperationalError as error:  # the database's trouble, not the mail's
        logger.warning("Mail %s waits for the database: %s", mail.id, error)
        inbound.give_back([mail], at=_now() + inbound.PAUSE)
    except Exception as error:  # of this one mail; the others shall not wait for somebody to look at it
        logger.exception("Mail %s could not be taken", mail.id)
        inbound.put_off(mail, f"{type(error).__name__}: {error}", now=_now())


def read(mail: InboundMail, limit: int = -1) -> bytes:
    """The bytes of a stored mail, or the first of them. Raises FileNotFoundError."""
    if not mail.sha256:
        raise FileNotFoundError(mail.last_error)
    with files.open_bytes(mail.sha256) as stored:
        return stored.read(limit)


HEAD_BYTES = 1024 * 1024  # what is read of a mail for its headers


def head(mail: InboundMail) -> ParsedMail:
    """A stored mail as far as its headers go. Raises FileNotFoundError."""
    return parse(read(mail, HEAD_BYTES))


def understand(mail: InboundMail) -> Understood:
    """What a stored mail says; its files are kept already when this returns. Raises FileNotFoundError."""
    raw = read(mail)
    return _understood(mail, raw, parse(raw))


def _understood(mail: InboundMail, raw: bytes, said: ParsedMail) -> Understood:
    author, no_author = _author(mail, said)
    kept = [] if said.bounces else [_keep(file) for file in said.attachments]
    shown = _shown_images(said, kept)
    text = said.text if said.text.strip() else ""
    whole = _compose(text, _with_uploads(said.html, shown))
    return Understood(
        author=author,
        no_author=no_author,
        addresses=[*said.delivered_to, *mail.envelope_to, *(box.address for box in (*said.to, *said.cc))],
        copies=_mailable(said),
        subject=said.subject,
        message=whole,
        reply=_compose(_unquoted(whole.text), ""),
        note=_compose(whole.text, ""),
        files=[file for number, file in enumerate(kept) if number not in shown],
        images={number: kept[number] for number in shown},
        message_id=said.message_id,
        answered=_answered(said),
        content_hash=_content_hash(said),
        sent_at=said.date,
        verdict=verdict(mail, raw, author.address if author and not no_author else ""),
        automation=_automation(said),
        automation_reason=said.automation.reason if said.automation else "",
        loop=automation.loop(said, our_domain="", our_addresses=()),
        failures=[_failure(bounce) for bounce in said.bounces],
        by_program=_by_program(mail, said),
        notes=said.notes,
    )


# --- who


def _author(mail: InboundMail, said: ParsedMail) -> tuple[Mailbox | None, str]:
    """Who a mail says wrote it, and why that is not clear. Only From counts, never Reply-To."""
    named = [mailbox for each in said.authors if (mailbox := _mailbox(each.name, each.address))]
    if len({mailbox.address.casefold() for mailbox in named}) > 1 or len(said.authors) > max(len(named), 1):
        return (named[0] if named else None), "It names several authors."
    if named:
        return named[0], ""
    if said.authors and said.authors[0].address:
        return None, f"Its author has no address that mail can be sent to: {said.authors[0].address[:100]}"
    sender = said.sender.address if said.sender else said.return_path or mail.envelope_from or ""
    found = _mailbox("", sender)
    return found, "" if found else "It does not say who wrote it."


def _mailbox(name: str, address: str) -> Mailbox | None:
    found = mail_addresses.parse(address)
    return Mailbox(name, found.address) if found else None


def _mailable(said: ParsedMail) -> list[str]:
    boxes = (mail_addresses.parse(each.address) for each in (*said.to, *said.cc))
    return [mailbox.address for mailbox in boxes if mailbox]


def verdict(mail: InboundMail, raw: bytes, author: str) -> Verdict:
    """What the trusted servers of the mailbox say of the author."""
    trusted = reference.current().mailboxes[mail.mailbox_id].trusted_hosts
    block = headers.read_block(raw, 0, len(raw))
    lines = [(name, headers.unfolded(value)) for name, value in block.entries]
    return mail_verdict.judge(lines, trusted, author)


# --- what for


def _answered(said: ParsedMail) -> list[str]:
    return list(dict.fromkeys([*said.in_reply_to, *reversed(said.references)]))


def _automation(said: ParsedMail) -> Automation:
    found = said.automation
    if found is None:
        return Automation.NONE
    if not found.certain:
        return Automation.LIKELY
    return Automation.REPLY if found.kind == "reply" else Automation.OTHER


def _by_program(mail: InboundMail, said: ParsedMail) -> bool:
    author = said.author.address if said.author else ""
    empty_sender = "" in {said.return_path, mail.envelope_from}
    return empty_sender or said.auto_submitted not in {"", "no"} or mail_addresses.is_nobodys(author)


def _failure(bounce: Bounce) -> Failure:
    explanation = " ".join(part for part in (bounce.status, bounce.diagnostic) if part)
    return Failure(
        recipient=bounce.recipient,
        final=bounce.action == "failed",
        explanation=explanation or "The mail came back.",
        original=bounce.original_message_id,
    )


def _content_hash(said: ParsedMail) -> str:
    """Of what people see of a mail, not of the servers it passed."""
    author = said.author.address.casefold() if said.author else ""
    shown = [author, said.subject, str(said.date), said.text, said.html]
    shown += [f"{file.name}\0{file.size}" for file in said.attachments]
    return hashlib.sha256("\0\0".join(shown).encode("utf-8", "replace")).hexdigest()


# --- what


def _compose(text: str, html: str) -> Message:
    """A message; the mail itself is kept, so that its HTML need not be once more."""
    message = compose(text, html) or compose(NO_TEXT, "")
    assert message is not None
    return Message(message.text, message.html)


def _unquoted(text: str) -> str:
    """What a member of staff wrote, without the mail for staff that it answers: the contact is going to read it."""
    written, _ = quotes.split(text)
    kept = "\n".join(line for line in written.split("\n") if not line.startswith(">"))
    return kept.strip("\n")


def _keep(file: Attachment) -> IncomingFile:
    return files.keep_pieces(file.content.chunks(), file.name, file.content_type)


def _shown_images(said: ParsedMail, kept: Sequence[IncomingFile]) -> dict[int, str]:
    """Which files stand in the message as images, and by which content ids; what may run scripts does not."""
    named = ((number, file) for number, file in enumerate(said.attachments[: len(kept)]) if file.inline)
    return {number: file.content_id for number, file in named if file.content_id and _is_image(file)}


def _is_image(file: Attachment) -> bool:
    start = next(iter(file.content.chunks()), b"")
    return files.image_type_of(start) is not None


_CID = re.compile(r"""(\bsrc\s*=\s*)(?:"\s*cid:([^"<>]*)"|'\s*cid:([^'<>]*)'|cid:([^\s"'<>]+))""", re.IGNORECASE)


def _with_uploads(html: str, shown: dict[int, str]) -> str:
    """HTML whose images have addresses of uploads instead of content ids (RFC 2392), for rules/inline_images."""
    numbers = {id: number for number, id in shown.items()}
    if not numbers:
        return html

    def replaced(match: re.Match[str]) -> str:
        number = numbers.get(unquote(match[2] or match[3] or match[4] or "").strip())
        return match[0] if number is None else f'{match[1]}"/{inline_images.UPLOAD_PATH}/{number}/"'

    return _CID.sub(replaced, html)


def _now() -> datetime:
    return datetime.now(UTC)
