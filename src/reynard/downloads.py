"""Files over HTTP: given as downloads, never as pages of our origin (tickets.md §1.4)."""

import re
from typing import Protocol
from urllib.parse import quote

from django.http import FileResponse
from django.http.response import HttpResponseBase

from reynard.desk import files

# Types a browser shows without running anything; all else is plain bytes to it.
_IMAGE = re.compile(r"image/(png|jpeg|gif|webp|bmp)", re.ASCII)
_HARMLESS = re.compile(rf"({_IMAGE.pattern}|application/pdf|text/plain|text/csv|audio/\w+|video/\w+)", re.ASCII)
_UNQUOTED = re.compile(r'[\x00-\x1f\x7f\\"]')  # what would end a quoted name, or the header


class StoredFile(Protocol):
    @property
    def sha256(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def content_type(self) -> str: ...


def of_file(stored: StoredFile, *, inline: bool) -> HttpResponseBase | None:
    """The bytes; `inline` is allowed to images only, everything else comes as a download. None when they are gone."""
    try:
        content = files.open_bytes(stored.sha256)
    except FileNotFoundError:
        return None
    response = FileResponse(content, content_type=_safe_type(stored.content_type))
    word = "inline" if inline and _IMAGE.fullmatch(stored.content_type) else "attachment"
    return guarded(response, **{"Content-Disposition": _disposition(word, stored.filename)})


# A sandbox would keep browsers from showing a PDF at all. Their viewers run nothing of it in our origin.
_VIEWER_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def pdf_to_look_at(stored: StoredFile) -> HttpResponseBase | None:
    """A PDF for the browser's own viewer; None for what is none, whatever its type says, and when it is gone."""
    if stored.content_type != "application/pdf":
        return None
    try:
        content = files.open_bytes(stored.sha256)
    except FileNotFoundError:
        return None
    if content.read(5) != b"%PDF-":
        content.close()
        return None
    content.seek(0)
    response = FileResponse(content, content_type="application/pdf")
    named = {"Content-Disposition": _disposition("inline", stored.filename)}
    return guarded(response, **named, **{"Content-Security-Policy": _VIEWER_POLICY})


def _safe_type(content_type: str) -> str:
    return content_type if _HARMLESS.fullmatch(content_type) else "application/octet-stream"


def _disposition(word: str, filename: str) -> str:
    """`attachment` or `inline`, with the name in ASCII for old readers and in UTF-8 for the others (RFC 6266)."""
    ascii_name = _UNQUOTED.sub("_", filename.encode("ascii", "replace").decode())
    return f"{word}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename, safe='')}"


def guarded(response: HttpResponseBase, **headers: str) -> HttpResponseBase:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    for name, value in headers.items():
        response.headers[name] = value
    return response
