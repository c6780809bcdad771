"""A guard for multipart bodies: Django's parser takes one that was cut off for a complete one."""

from typing import Any


class ClosingDelimiter:
    """A stream that watches what is read from it for the closing boundary (`--boundary--`)."""

    def __init__(self, stream: Any, boundary: str) -> None:
        self._stream = stream
        self._delimiter = b"--" + boundary.encode("latin-1", "replace") + b"--"
        self._tail = b""
        self.seen = False

    def read(self, *arguments: Any) -> bytes:
        data: bytes = self._stream.read(*arguments)
        if not self.seen:
            window = self._tail + data
            self.seen = self._delimiter in window
            self._tail = window[-len(self._delimiter) :]
        return data

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()
