"""Files as pages give them: never as pages of ours."""

import re
from urllib.parse import quote

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase

from reynard.desk import files
from reynard.desk.models import Attachment

_IMAGE = re.compile(r"image/(?:png|jpeg|gif|webp|bmp)")


def file(stored: Attachment, *, inline: bool) -> HttpResponseBase:
    """The bytes; only pictures that cannot run anything are shown in place. Raises Http404 when they are gone."""
    try:
        content = files.open_bytes(stored.sha256)
    except FileNotFoundError:
        raise Http404 from None
    is_image = _IMAGE.fullmatch(stored.content_type) is not None
    response = FileResponse(content, content_type=stored.content_type if is_image else "application/octet-stream")
    word = "inline" if inline and is_image else "attachment"
    response.headers["Content-Disposition"] = f"{word}; filename*=UTF-8''{quote(stored.filename, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"  # what an id stands for never changes
    return response
