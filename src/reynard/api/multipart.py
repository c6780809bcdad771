"""Multipart bodies, read by Django's parser and then more strictly than it does.

By itself it takes a body that was cut off for a complete one, and bytes that are no text for question marks.
"""

import codecs
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError

from reynard.api.formats import FormData, Unreadable, charset_named, text_in

_LOSSLESS = "utf_8_lossless"


def _lossless(name: str) -> codecs.CodecInfo | None:
    """UTF-8 that keeps bytes it cannot decode, where Django asks for question marks: judging them is left to us."""
    if name != _LOSSLESS:
        return None
    return codecs.CodecInfo(codecs.utf_8_encode, _keep_all)


def _keep_all(data: Any, errors: str = "strict") -> tuple[str, int]:
    return codecs.utf_8_decode(data, "surrogateescape", True)


codecs.register(_lossless)


def read(request: Any) -> FormData:
    """The fields of a multipart HttpRequest; its files are in `request.FILES` then. Raises Unreadable."""
    charset = charset_named(request.content_params.get("charset", "utf-8"))
    request._stream = delimiter = _ClosingDelimiter(request._stream, request.content_params.get("boundary", ""))
    fields = _raw_fields(request)
    if not delimiter.seen:
        raise Unreadable("The body is not valid multipart/form-data: it is cut off before its closing boundary.")
    return FormData(
        (key, text_in(value.encode("utf-8", "surrogateescape"), charset)) for key, values in fields for value in values
    )


def _raw_fields(request: Any) -> list[tuple[str, list[str]]]:
    encoding, method = request.encoding, request.method
    request.encoding = _LOSSLESS
    request.method = "POST"  # Django reads no body of any other
    try:
        return list(request.POST.lists())
    except RequestDataTooBig:
        raise
    except (MultiPartParserError, SuspiciousOperation, UnicodeError, LookupError) as error:
        raise Unreadable(f"The body is not valid multipart/form-data: {error}") from None
    finally:
        request.encoding = encoding  # of the query string
        request.method = method


class _ClosingDelimiter:
    """A stream that watches what is read from it for the closing boundary (`--boundary--`)."""

    def __init__(self, stream: Any, boundary: str) -> None:
        self._stream = stream
        self._delimiter = b"--" + boundary.encode("latin-1", "replace") + b"--"
        self._tail = b""
        self.seen = False

    def read(self, *arguments: Any) -> bytes:
        return self._watched(self._stream.read(*arguments))

    def readline(self, *arguments: Any) -> bytes:
        return self._watched(self._stream.readline(*arguments))

    def _watched(self, data: bytes) -> bytes:
        if not self.seen:
            window = self._tail + data
            self.seen = self._delimiter in window
            self._tail = window[-len(self._delimiter) :]
        return data

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()
