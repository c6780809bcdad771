"""What went before a mail: the mails it continues, and the messages it quotes."""

import re
from typing import Any

import msgspec
from django.db.models import Case, F, When
from django.db.models.functions import Left, Length

from reynard.desk import db
from reynard.desk.models import OutboxEntry, Update
from reynard.desk.rules.mail_bodies import MARKUP, Quote, QuoteLimits

REFERENCES_LIMIT = 20  # ids in one References header

_KIND = OutboxEntry.Kind
_THREADS = {_KIND.ACKNOWLEDGEMENT: "contact", _KIND.MESSAGE: "contact", _KIND.STAFF: "staff"}  # forwards continue none


class Thread(msgspec.Struct, frozen=True):
    """What a mail continues: ids of mails of ours (`OutboxEntry.message_id`), oldest first, and of one that it answers.

    The latter has what stands behind the @, too; both come without angle brackets.
    """

    ours: list[str]
    answered: str | None


def of_mail(entry: OutboxEntry) -> Thread:
    """The mails to contacts about one ticket are a thread, and those to staff are another.

    One to a contact answers the contact's newest mail. Whoever wrote that chose its id: one that cannot stand in a
    header is none.
    """
    thread = _THREADS.get(_KIND(entry.kind))
    kinds = [kind for kind, of in _THREADS.items() if of == thread]
    if not kinds:
        return Thread([], None)
    sql = _OURS.format(kinds=db.places(kinds))
    values: list[Any] = [entry.ticket_id, entry.id, *kinds]
    if thread == "contact":
        sql += f" UNION ALL {_THEIRS}"
        values += [entry.ticket_id, entry.update_id, Update.Author.CONTACT, Update.MessageType.PUBLIC]
    found = sorted(db.rows(sql, values))
    answered = next((id for is_ours, _, id in found if not is_ours and _ID.fullmatch(id)), None)
    return Thread([id for is_ours, _, id in found if is_ours], answered)


_OURS = (
    "SELECT 1, id, message_id FROM (SELECT id, message_id FROM desk_outboxentry WHERE ticket_id = %s AND id < %s "
    f"AND dead_at IS NULL AND kind IN ({{kinds}}) ORDER BY id DESC LIMIT {REFERENCES_LIMIT}) AS ours"
)
_THEIRS = (
    "SELECT 0, id, message_id FROM (SELECT mail.id, mail.message_id FROM desk_inboundmail mail "
    "JOIN desk_update message ON message.id = mail.update_id WHERE mail.ticket_id = %s AND mail.update_id <= %s "
    "AND mail.message_id <> '' AND message.author_type = %s AND message.message_type = %s "
    "ORDER BY mail.id DESC LIMIT 1) AS theirs"
)
_ID = re.compile(r"[!-;=?-~]{1,200}", re.ASCII)


def earlier_messages(update: Update, limits: QuoteLimits, *, private: bool, count: int) -> list[Quote]:
    """At most `count` messages before an entry of the history, newest first.

    Public ones only, unless `private`. Texts are cut one character behind the limit.
    """
    types = [Update.MessageType.PUBLIC, *([Update.MessageType.PRIVATE] if private else [])]
    found = (
        Update.objects.filter(ticket_id=update.ticket_id, id__lt=update.id, message_type__in=types)
        .order_by("-id")
        .annotate(
            beginning=Left("text", limits.message_characters + 1),
            length=Length("html"),
            short_html=Case(When(length__lte=MARKUP * limits.message_characters, then=F("html")), default=None),
        )
        .values("author_name", "created_at", "beginning", "short_html", "message_type")[:count]
    )
    return [_quote(row) for row in found]


def _quote(row: Any) -> Quote:
    return Quote(
        author=row["author_name"],
        moment=row["created_at"],
        text=row["beginning"],
        html=row["short_html"] or "",
        private=row["message_type"] == Update.MessageType.PRIVATE,
    )
