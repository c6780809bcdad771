"""Images uploaded before the message they will stand in (tickets.md §8).

An upload may be used in any number of messages until it expires; each gets an attachment of its own of the same
bytes, so nothing that is kept depends on the upload.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from django.conf import settings

from reynard.desk import db
from reynard.desk.errors import Problems
from reynard.desk.files import IncomingFile
from reynard.desk.models import InlineUpload, Update
from reynard.desk.rules import inline_images
from reynard.desk.rules.messages import Message

_BATCH = 1000  # rows of one transaction, where others wait to write

Images = Mapping[int, IncomingFile]  # by upload id


def add(file: IncomingFile, *, now: datetime) -> int:
    """Remember an image (see files.image_type) until it expires; returns its id.

    Whoever knows the id can see the image, so it cannot be guessed: 18 digits, drawn at random.
    """
    with db.write():
        upload = InlineUpload(id=10**17 + secrets.randbelow(9 * 10**17), created_at=now, **msgspec.structs.asdict(file))
        upload.save(force_insert=True)
    return upload.id


def find(upload_id: int, *, now: datetime) -> InlineUpload | None:
    """An upload that has not expired."""
    return InlineUpload.objects.filter(id=upload_id, created_at__gt=_oldest(now)).first()


def used_in(message: Message | None, files: Sequence[IncomingFile], problems: Problems, *, now: datetime) -> Images:
    """The uploads that a message shows, which become attachments of it beside `files`; unknown ones are left out."""
    wanted = inline_images.uploads_in(message.html) if message else []
    if not wanted:
        return {}
    known = InlineUpload.objects.filter(created_at__gt=_oldest(now)).in_bulk(wanted)
    images = {id: _file(known[id]) for id in wanted if id in known}
    if sum(file.size for file in [*files, *images.values()]) > settings.ATTACHMENTS_LIMIT_BYTES:
        limit = settings.ATTACHMENTS_LIMIT_BYTES // settings.MIB
        problems.add("attachments", f"The files of one message may have {limit} MB together.")
    return images


def keep(update: Update, attachments: Mapping[int, int]) -> None:
    """Let the HTML of a new update show its attachments (upload id → attachment id) instead of uploads."""
    update.html = inline_images.keep(update.html, attachments)
    Update.objects.filter(id=update.id).update(html=update.html)


def forget_expired(*, now: datetime) -> bool:
    """Drop some of the uploads nobody may use any more; whether there may be others.

    An hour after they expired, so that a message that is being written refers to the bytes first.
    """
    expired = InlineUpload.objects.filter(created_at__lte=_oldest(now) - timedelta(hours=1))
    ids = list(expired.values_list("id", flat=True)[:_BATCH])
    with db.write():
        expired.filter(id__in=ids).delete()
    return len(ids) == _BATCH


def _file(upload: InlineUpload) -> IncomingFile:
    return IncomingFile(
        sha256=upload.sha256, filename=upload.filename, content_type=upload.content_type, size=upload.size
    )


def _oldest(now: datetime) -> datetime:
    return now - timedelta(hours=settings.INLINE_UPLOAD_HOURS)
