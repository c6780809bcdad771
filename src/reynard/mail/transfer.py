"""Content-Transfer-Encoding, undone piece by piece (RFC 2045 §6) and leniently: no bytes are refused."""

import binascii
from collections.abc import Iterator

_CHUNK_BYTES = 256 * 1024
_SEGMENTS = 64  # of base64 with padding between them, in one chunk; more is nonsense

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_NEITHER_BASE64_NOR_BLANK = bytes(set(_NOT_BASE64) - set(b" \t\r\n"))
_QUOTED_PRINTABLE = {"quoted-printable", "quoted_printable", "quotedprintable"}
_UU = {"x-uuencode", "uuencode", "x-uue", "uue"}


def decoded(raw: bytes, start: int, end: int, encoding: str) -> Iterator[bytes]:
    """The bytes that `raw[start:end]` stands for, in pieces; an unknown encoding counts as none."""
    if encoding == "base64":
        return _base64(raw, start, end)
    if encoding in _QUOTED_PRINTABLE:
        return (binascii.a2b_qp(lines) for lines in _whole_lines(raw, start, end))
    if encoding in _UU:
        return _uu(raw, start, end)
    return _slices(raw, start, end)


def _slices(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, _CHUNK_BYTES):
        yield raw[at : min(at + _CHUNK_BYTES, end)]


def _whole_lines(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    """Pieces that end where a line ends: an escape or a soft line break is never torn."""
    while start < end:
        cut = end
        if end - start > _CHUNK_BYTES:
            newline = raw.find(b"\n", start + _CHUNK_BYTES, end)
            cut = newline + 1 if newline >= 0 else end
        yield raw[start:cut]
        start = cut


def _base64(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    """Everything that is no base64 is skipped.

    Some programs pad each piece they encode, so more may follow behind the padding; what follows in plain letters is
    somebody's addition (`text_behind_base64`) and no part of it.
    """
    end = _end_of_base64(raw, start, end)
    rest = b""
    for piece in _slices(raw, start, end):
        data = rest + piece.translate(None, _NOT_BASE64)
        segments = data.split(b"=") if b"=" in data else [data]
        if len(segments) > _SEGMENTS:
            segments = [data.replace(b"=", b"")]
        for segment in segments[:-1]:
            yield _segment(segment)
        whole = len(segments[-1]) // 4 * 4
        rest = segments[-1][whole:]
        yield binascii.a2b_base64(segments[-1][:whole])
    yield _segment(rest)


def _segment(letters: bytes) -> bytes:
    """A piece whose padding is missing. One letter alone is less than a byte."""
    whole = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _end_of_base64(raw: bytes, start: int, end: int) -> int:
    """Behind the first padding, when there are other letters behind it; else `end`."""
    padding = raw.find(b"=", start, end)
    if padding < 0:
        return end
    behind = raw[padding : min(end, padding + 4096)]
    if behind.translate(None, _NEITHER_BASE64_NOR_BLANK) == behind:
        return end
    return padding + len(behind) - len(behind.lstrip(b"= \t\r\n"))


def text_behind_base64(raw: bytes, start: int, end: int) -> bytes:
    """What a server or mailing list wrote behind the base64 of a text part."""
    return raw[_end_of_base64(raw, start, end) : end]


def _uu(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    for lines in _whole_lines(raw, start, end):
        yield b"".join(_uu_line(line) for line in lines.splitlines())


def _uu_line(line: bytes) -> bytes:
    if not line or line.startswith(b"begin ") or line == b"end":
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
