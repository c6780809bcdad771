"""Writes that name themselves, so that a repeated one is applied once (observed.md §2).

`claim` and `store` run in the transaction of the write: either all three are there after a crash or none is. Of two
requests that race with one key, the second waits at `claim` until the first is committed, and finds its answer.
"""

from datetime import datetime, timedelta

import msgspec
from django.conf import settings

from reynard.desk import db
from reynard.desk.errors import KeyReused
from reynard.desk.models import IdempotencyKey

_BATCH = 1000  # rows of one transaction, where others wait to write


class StoredAnswer(msgspec.Struct, frozen=True):
    """An answer as its door wants it back."""

    body: bytes
    shape: str
    etag: str


def claim(*, api_key_id: int, key: str, request_sha256: str, now: datetime) -> StoredAnswer | None:
    """The answer given to this request before, or None: then it is this caller's to do. Raises KeyReused."""
    same = IdempotencyKey.objects.filter(api_key_id=api_key_id, key=key)
    same.filter(created_at__lt=oldest_kept(now)).delete()
    fresh = IdempotencyKey(api_key_id=api_key_id, key=key, request_sha256=request_sha256, created_at=now)
    IdempotencyKey.objects.bulk_create([fresh], ignore_conflicts=True)
    row = same.get()
    if row.request_sha256 != request_sha256:
        raise KeyReused
    if row.answer is None:
        return None
    return StoredAnswer(bytes(row.answer), row.shape, row.etag)


def store(answer: StoredAnswer, *, api_key_id: int, key: str) -> None:
    IdempotencyKey.objects.filter(api_key_id=api_key_id, key=key).update(
        answer=answer.body, shape=answer.shape, etag=answer.etag
    )


def forget_expired(*, now: datetime) -> bool:
    """Drop some of the answers nobody may ask for any more; whether there may be others."""
    expired = IdempotencyKey.objects.filter(created_at__lt=oldest_kept(now))
    ids = list(expired.values_list("id", flat=True)[:_BATCH])
    with db.write():
        expired.filter(id__in=ids).delete()
    return len(ids) == _BATCH


def oldest_kept(now: datetime) -> datetime:
    return now - timedelta(hours=settings.IDEMPOTENCY_HOURS)
