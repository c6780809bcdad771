"""Downloads of files: by signed address, never as a page of our origin (tickets.md §1.4)."""

import re
from collections.abc import Callable
from functools import wraps
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from reynard.api.wire import is_valid_address
from reynard.desk import files
from reynard.desk.models import ArticleAttachment, Attachment

# Types a browser shows without running anything; all else is plain bytes to it.
_HARMLESS = re.compile(r"(image/(png|jpeg|gif|webp)|application/pdf|text/plain|text/csv|audio/\w+|video/\w+)", re.ASCII)


def _reads_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def guarded(request: HttpRequest, **address: str) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return _refuse(405, "Only GET is possible here.", Allow="GET, HEAD")
        return view(request, **address)

    return guarded


@_reads_only
def download(request: HttpRequest, id: str, expires: str, signature: str) -> HttpResponseBase:
    """A file of a ticket."""
    if not is_valid_address(int(id), int(expires), signature):
        return _refuse(403, "This address has expired or is not genuine. Read the ticket again for a fresh one.")
    return _send(Attachment.objects.filter(id=id, update__ticket__deleted_at__isnull=True).first())


@_reads_only
def download_of_article(request: HttpRequest, id: str, expires: str, signature: str) -> HttpResponseBase:
    """A file of the knowledge base: whoever could read the article has its address."""
    if not is_valid_address(int(id), int(expires), signature, of_article=True):
        return _refuse(403, "This address has expired or is not genuine. Read the article again for a fresh one.")
    return _send(ArticleAttachment.objects.filter(id=id).first())


def _send(attachment: Attachment | ArticleAttachment | None) -> HttpResponseBase:
    try:
        content = files.open_bytes(attachment.sha256) if attachment else None
    except FileNotFoundError:
        content = None
    if attachment is None or content is None:
        return _refuse(404, "Cannot find the requested object")
    response = FileResponse(content, content_type=_safe_type(attachment.content_type))
    return _guard(response, **{"Content-Disposition": _disposition(attachment.filename)})


def _safe_type(content_type: str) -> str:
    return content_type if _HARMLESS.fullmatch(content_type) else "application/octet-stream"


def _disposition(filename: str) -> str:
    """`attachment`, with the name in ASCII for old readers and in UTF-8 for the others (RFC 6266)."""
    ascii_name = filename.encode("ascii", "replace").decode().replace("\\", "_").replace('"', "_")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _refuse(status: int, sentence: str, **headers: str) -> HttpResponseBase:
    return _guard(HttpResponse(sentence + "\n", status=status, content_type="text/plain; charset=utf-8"), **headers)


def _guard(response: HttpResponseBase, **headers: str) -> HttpResponseBase:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    for name, value in headers.items():
        response.headers[name] = value
    return response
