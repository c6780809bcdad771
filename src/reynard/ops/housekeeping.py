"""What the worker tidies away. Each job does a bounded part and says whether there is more."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session

from reynard.desk.actions import deliveries, idempotency, incidents, inline_uploads, sent_forms, unused_files, webhooks

_SESSIONS = 500  # of one part
_UPLOAD_AGE = timedelta(days=1)  # no request takes longer to send its body


def give_up_late_deliveries(now: datetime) -> bool:
    return deliveries.give_up_late(now=now)


def warn_of_given_up_deliveries(now: datetime) -> bool:
    incidents.warn_of_given_up(now=now)
    return False


def forget_deliveries(now: datetime) -> bool:
    return deliveries.forget_finished(now=now)


def forget_webhook_deliveries(now: datetime) -> bool:
    return webhooks.forget_old(now=now)


def forget_answers(now: datetime) -> bool:
    """Of requests with an Idempotency-Key, and of forms."""
    more = idempotency.forget_expired(now=now)
    return sent_forms.forget_expired(now=now) or more


def forget_sessions(now: datetime) -> bool:
    """Those that have ended, with what was kept for them."""
    ended = list(Session.objects.filter(expire_date__lt=now).values_list("pk", flat=True)[:_SESSIONS])
    Session.objects.filter(pk__in=ended).delete()
    return len(ended) == _SESSIONS


def forget_uploads(now: datetime) -> bool:
    """Images that no message used in time, and what requests left behind that were cut off."""
    before = (now - _UPLOAD_AGE).timestamp()
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
    return inline_uploads.forget_expired(now=now)


def remove_unused_files(now: datetime) -> bool:
    unused_files.remove(now=now)
    return False
