"""Files of a message that is being written.

A refused form is shown again without the files a browser had chosen. So they are kept at once, and the form carries
signed descriptions of them: their bytes are found again by whoever refers to them within a day (desk/files).
"""

from collections.abc import Iterable
from datetime import timedelta

import msgspec
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from reynard.desk import files
from reynard.desk.files import IncomingFile
from reynard.desk.models import Attachment
from reynard.web.access import StaffRequest

MODES = ("reply", "note")
_LIFETIME = timedelta(hours=20)


class Attached(msgspec.Struct, frozen=True):
    """A kept file as the composer lists it; `token` names it to the desk."""

    token: str
    filename: str
    size: int  # bytes


class BadFiles(Exception):
    """More than one message may have, or one that is not kept any more; the text is for people."""


def of_form(request: StaffRequest, number: int, mode: str) -> list[IncomingFile]:
    """The files of a form: those kept before, then those that come with it, kept now. Raises BadFiles."""
    kept = kept_before(request, number, mode)
    if len(kept) < len(request.POST.getlist(f"{mode}_kept")):
        raise BadFiles(_("A file is not kept any more: attach it again. The others are still here."))
    uploads: list[UploadedFile] = request.FILES.getlist(f"{mode}_files")
    if sum(file.size for file in kept) + sum(upload.size or 0 for upload in uploads) > settings.ATTACHMENTS_LIMIT_BYTES:
        limit = settings.ATTACHMENTS_LIMIT_BYTES // settings.MIB
        raise BadFiles(_("The files of one message may have %(n)d MB together. Choose fewer.") % {"n": limit})
    return [*kept, *(files.keep(upload) for upload in uploads)]


def kept_before(request: StaffRequest, number: int, mode: str) -> list[IncomingFile]:
    tokens = request.POST.getlist(f"{mode}_kept")
    return [file for token in tokens if (file := _read(token, request.staff.id, number)) is not None]


def shown(incoming: Iterable[IncomingFile], staff_id: int, number: int) -> list[Attached]:
    salt = _salt(staff_id, number)
    return [
        Attached(signing.dumps(msgspec.structs.asdict(file), salt=salt), file.filename, file.size) for file in incoming
    ]


def of_update(update_id: int) -> list[IncomingFile]:
    """The files of a message, to be sent with another."""
    rows = Attachment.objects.filter(update_id=update_id).order_by("id")
    return [IncomingFile(row.sha256, row.filename, row.content_type, row.size) for row in rows]


def _read(token: str, staff_id: int, number: int) -> IncomingFile | None:
    try:
        said = signing.loads(token, salt=_salt(staff_id, number), max_age=_LIFETIME)
    except signing.BadSignature:
        return None
    return IncomingFile(**said)


def _salt(staff_id: int, number: int) -> str:
    """Of one person and one ticket: a token is worth nothing to anybody else."""
    return f"attached:{staff_id}:{number}"
