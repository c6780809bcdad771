"""Files: downloads by signed address, never as a page of our origin (tickets.md §1.4), and inline images (§8)."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from reynard import downloads
from reynard.api import shapes, wire
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.parse import Fields
from reynard.desk import files
from reynard.desk.actions import inline_uploads
from reynard.desk.errors import Invalid, NotFound
from reynard.desk.models import ArticleAttachment, InlineUpload
from reynard.desk.selectors import attachments as stored_files
from reynard.desk.selectors.attachments import AttachmentRow

_Stored = AttachmentRow | ArticleAttachment | InlineUpload


def upload(call: Call) -> Answer:
    """POST ticket-inline-attachment (tickets.md §8)."""
    sent = call.upload("file")
    kind = files.image_type(sent)
    if kind is None:
        call.problems.add("file", "Upload an image: PNG, JPEG, GIF, WebP or BMP.")
        raise Invalid(call.problems)
    image = msgspec.structs.replace(call.keep(sent), content_type=kind)

    def apply() -> Answer:
        upload_id = inline_uploads.add(image, now=call.now)
        return Answer(encoded=wire.encode_upload(upload_id), shape=shapes.InlineAttachment)

    return call.once(apply, [image])


def read(call: Call, id: str) -> Answer | HttpResponseBase:
    """GET attachment/<id>/ (observed.md §2): what is known of a file, or with `download=1` the file itself."""
    wants_bytes = Fields(call.query.dict(), call.problems).boolean("download")
    call.problems.raise_if_any()
    row = stored_files.one(int(id), call.reference)
    if row is None:
        raise NotFound
    if not wants_bytes:
        return Answer(encoded=wire.encode_attachment(row), shape=shapes.AttachmentDetails)
    response = downloads.of_file(row, inline=False)
    if response is None:
        raise NotFound
    return response


def _reads_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def guarded(request: HttpRequest, **address: str) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return _refuse(405, "Only GET is possible here.", Allow="GET, HEAD")
        return view(request, **address)

    return guarded


@_reads_only
def download_upload(request: HttpRequest, id: str) -> HttpResponseBase:
    """An image that waits to be used, for whoever knows its address."""
    return _serve(inline_uploads.find(int(id), now=datetime.now(UTC)), inline=True)


@_reads_only
def download(request: HttpRequest, id: str, expires: str, signature: str) -> HttpResponseBase:
    """A file of a ticket."""
    return _download_attachment(int(id), int(expires), signature, inline=False)


@_reads_only
def download_inline(request: HttpRequest, id: str, expires: str, signature: str) -> HttpResponseBase:
    """An image where it stands in a message."""
    return _download_attachment(int(id), int(expires), signature, inline=True)


@_reads_only
def download_of_article(request: HttpRequest, id: str, expires: str, signature: str) -> HttpResponseBase:
    """A file of the knowledge base: whoever could read the article has its address."""
    if not wire.is_valid_address(int(id), int(expires), signature, kind="kb-attachment"):
        return _refuse(403, "This address has expired or is not genuine. Read the article again for a fresh one.")
    return _serve(ArticleAttachment.objects.filter(id=id).first(), inline=False)


def _download_attachment(id: int, expires: int, signature: str, *, inline: bool) -> HttpResponseBase:
    if not wire.is_valid_address(id, expires, signature, kind="inline" if inline else "attachment"):
        return _refuse(403, "This address has expired or is not genuine. Read the ticket again for a fresh one.")
    return _serve(stored_files.of_address(id), inline=inline)


def _serve(stored: _Stored | None, *, inline: bool) -> HttpResponseBase:
    response = downloads.of_file(stored, inline=inline) if stored else None
    return response or _refuse(404, "Cannot find the requested object")


def _refuse(status: int, sentence: str, **headers: str) -> HttpResponseBase:
    response = HttpResponse(sentence + "\n", status=status, content_type="text/plain; charset=utf-8")
    return downloads.guarded(response, **headers)
