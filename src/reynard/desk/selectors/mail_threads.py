"""What went before a mail: the mails it continues, and the messages it quotes."""

from typing import Any

from django.db.models import Case, F, When
from django.db.models.functions import Left, Length

from reynard.desk import db
from reynard.desk.models import OutboxEntry, Update
from reynard.desk.rules.mail_bodies import MARKUP, Quote, QuoteLimits

REFERENCES_LIMIT = 20  # ids in one References header

_KIND = OutboxEntry.Kind
_THREADS = {_KIND.ACKNOWLEDGEMENT: "contact", _KIND.MESSAGE: "contact", _KIND.STAFF: "staff"}  # forwards continue none


def earlier_mails(entry: OutboxEntry) -> list[str]:
    """The ids (`OutboxEntry.message_id`) of the mails that one continues, oldest first.

    Those to contacts about one ticket are a thread, and those to staff are another.
    """
    thread = _THREADS.get(_KIND(entry.kind))
    kinds = [kind for kind, of in _THREADS.items() if of == thread]
    if not kinds:
        return []
    newest_first = db.rows(
        "SELECT message_id FROM desk_outboxentry WHERE ticket_id = %s AND id < %s AND dead_at IS NULL "
        f"AND kind IN ({db.places(kinds)}) ORDER BY id DESC LIMIT {REFERENCES_LIMIT}",
        [entry.ticket_id, entry.id, *kinds],
    )
    return [message_id for (message_id,) in reversed(newest_first)]


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
