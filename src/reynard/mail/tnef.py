"""winmail.dat: what Outlook puts its mails into for servers that know the form (MS-OXTNEF, MS-OXRTFCP).

A stream of attributes: of the message, then of each attachment, which a certain attribute begins. Two of them hold
property lists, which name the same things better. Whatever cannot be read ends the reading; what was read stays.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from reynard.mail import charsets

DEPTH_LIMIT = 5  # messages inside messages
FILES_LIMIT = 500
RTF_LIMIT = 2_000_000  # bytes, decompressed

_SIGNATURE = 0x223E9F78

# Attributes
_BODY = 0x2800C
_MESSAGE_PROPERTIES = 0x69003
_CODE_PAGE = 0x69007
_NEXT_FILE = 0x69002
_FILE_TITLE = 0x18010
_FILE_DATA = 0x6800F
_FILE_PROPERTIES = 0x69005

# Properties
_P_TEXT = 0x1000
_P_RTF = 0x1009
_P_HTML = 0x1013
_P_DISPLAY_NAME = 0x3001
_P_DATA = 0x3701
_P_SHORT_NAME = 0x3704
_P_LONG_NAME = 0x3707
_P_TYPE = 0x370E
_P_CONTENT_ID = 0x3712
_P_CODE_PAGE = 0x3FDE

_FIXED = {0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}  # bytes
_TEXT8, _TEXT16, _OBJECT, _BINARY = 0x1E, 0x1F, 0xD, 0x102
_SEVERAL = 0x1000
_EMBEDDED_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


class BadTnef(Exception):
    """It is not in this form."""


class Span(NamedTuple):
    start: int
    end: int


class File(msgspec.Struct):
    """An attachment; `span` says where its bytes stand, in `data` or, when that is None, in the whole."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    span: Span = Span(0, 0)
    data: bytes | None = None


class Tnef(msgspec.Struct):
    text: str = ""
    html: str = ""
    rtf: bytes = b""
    files: list[File] = []


def read(data: bytes) -> Tnef:
    """What stands in it: nothing, in some. Raises BadTnef when it is none."""
    return _read(data, Span(0, len(data)), 0)


_CODE_PAGES = {
    20127: "ascii",
    20866: "koi8-r",
    21866: "koi8-u",
    50220: "iso-2022-jp",
    51932: "euc-jp",
    51949: "euc-kr",
    54936: "gb18030",
    65001: "utf-8",
}


def _charset(page: int) -> str:
    return _CODE_PAGES.get(page) or (f"iso-8859-{page - 28590}" if 28590 < page < 28606 else f"cp{page}")


class _Properties:
    """A list of properties; the first of each id is kept, as its type and where its value stands."""

    def __init__(self, data: bytes, span: Span) -> None:
        self.data = data
        self.found: dict[int, tuple[int, Span]] = {}
        self.code_page = ""
        try:
            for id, type, value in _properties(data, span):
                self.found.setdefault(id, (type, value))
        except struct.error:
            pass  # cut short: what was read stays

    def number(self, id: int) -> int:
        type, span = self.found.get(id, (0, Span(0, 0)))
        return struct.unpack_from("<I", self.data, span.start)[0] if type == 0x3 else 0

    def text(self, id: int, charset: str) -> str:
        type, span = self.found.get(id, (0, Span(0, 0)))
        if type not in {_TEXT8, _TEXT16, _BINARY}:
            return ""
        value = self.data[span.start : span.end]
        return charsets.decode(value, "utf-16-le" if type == _TEXT16 else charset)[0].rstrip("\0\ufffd")

    def bytes(self, id: int) -> bytes:
        _, span = self.found.get(id, (0, Span(0, 0)))
        return self.data[span.start : span.end]


def _read(data: bytes, span: Span, depth: int) -> Tnef:
    if span.end - span.start < 6 or struct.unpack_from("<I", data, span.start)[0] != _SIGNATURE:
        raise BadTnef("It does not begin as it should.")
    tnef = Tnef(files=[])
    charset = "cp1252"
    file: File | None = None
    for attribute, value in _attributes(data, span):
        if attribute == _CODE_PAGE and value.end - value.start >= 4:
            charset = _charset(struct.unpack_from("<I", data, value.start)[0])
        elif attribute == _BODY:
            tnef.text = tnef.text or _string(data, value, charset)
        elif attribute == _MESSAGE_PROPERTIES:
            _take_message(tnef, _Properties(data, value), charset)
        elif attribute == _NEXT_FILE:
            if len(tnef.files) >= FILES_LIMIT:
                break
            file = File()
            tnef.files.append(file)
        elif file is not None and attribute == _FILE_TITLE:
            file.name = file.name or _string(data, value, charset)
        elif file is not None and attribute == _FILE_DATA:
            file.span = value
        elif file is not None and attribute == _FILE_PROPERTIES:
            _take_file(tnef, file, _Properties(data, value), charset, depth)
    tnef.files = [each for each in tnef.files if each.span.end > each.span.start]
    return tnef


def _attributes(data: bytes, span: Span) -> Iterator[tuple[int, Span]]:
    at = span.start + 6
    while at + 9 <= span.end:
        _, attribute, length = struct.unpack_from("<BII", data, at)
        value = Span(at + 9, at + 9 + length)
        if value.end > span.end:
            return
        yield attribute, value
        at = value.end + 2


def _properties(data: bytes, span: Span) -> Iterator[tuple[int, int, Span]]:
    """Id, type and first value of each property. Raises struct.error where the list is cut short."""
    (count,) = struct.unpack_from("<I", data, span.start)
    at = span.start + 4
    for _ in range(count):
        if at + 4 > span.end:
            return
        type, id = struct.unpack_from("<HH", data, at)
        at += 4
        if id >= 0x8000:
            at = _behind_name(data, at)
        several = bool(type & _SEVERAL)
        type &= ~_SEVERAL
        variable = type in {_TEXT8, _TEXT16, _OBJECT, _BINARY}
        if not variable and type not in _FIXED:
            return
        values = 1
        if several or variable:
            (values,) = struct.unpack_from("<I", data, at)
            at += 4
        first: Span | None = None
        for _ in range(values):
            length = _FIXED.get(type, 0)
            if variable:
                (length,) = struct.unpack_from("<I", data, at)
                at += 4
            if at + length > span.end:
                return
            first = first or Span(at, at + length)
            at += (length + 3) // 4 * 4
        if first is not None:
            yield id, type, first


def _behind_name(data: bytes, at: int) -> int:
    (kind,) = struct.unpack_from("<I", data, at + 16)
    if kind == 0:
        return at + 24
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + (length + 3) // 4 * 4


def _string(data: bytes, span: Span, charset: str) -> str:
    return charsets.decode(data[span.start : span.end].rstrip(b"\0"), charset)[0]


def _take_message(tnef: Tnef, properties: _Properties, charset: str) -> None:
    page = properties.number(_P_CODE_PAGE)
    html_charset = _charset(page) if page else charset
    tnef.text = properties.text(_P_TEXT, charset) or tnef.text
    tnef.html = properties.text(_P_HTML, html_charset)
    tnef.rtf = decompressed_rtf(properties.bytes(_P_RTF))


def _take_file(tnef: Tnef, file: File, properties: _Properties, charset: str, depth: int) -> None:
    names = (properties.text(id, charset) for id in (_P_LONG_NAME, _P_DISPLAY_NAME, _P_SHORT_NAME))
    file.name = next((name for name in names if name), file.name)
    file.content_type = properties.text(_P_TYPE, charset)
    file.content_id = properties.text(_P_CONTENT_ID, charset).strip("<> ")
    type, span = properties.found.get(_P_DATA, (0, Span(0, 0)))
    if type not in {_OBJECT, _BINARY} or file.span.end > file.span.start:
        return
    if not properties.data.startswith(_EMBEDDED_MESSAGE, span.start):
        file.span = Span(span.start + (16 if type == _OBJECT else 0), span.end)
    elif depth < DEPTH_LIMIT:
        inner = _read(properties.data, Span(span.start + 16, span.end), depth + 1)
        tnef.files += [*_bodies(inner, file.name or "message"), *inner.files]


def _bodies(message: Tnef, name: str) -> list[File]:
    """What a message inside the message says, as files."""
    forms = {"txt": ("text/plain", message.text.encode()), "html": ("text/html", message.html.encode())}
    if not (message.text or message.html):
        forms["rtf"] = ("application/rtf", message.rtf)
    return [
        File(f"{name}.{ending}", content_type, "", Span(0, len(data)), data)
        for ending, (content_type, data) in forms.items()
        if data
    ]


# --- compressed RTF (MS-OXRTFCP)

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def decompressed_rtf(data: bytes) -> bytes:
    """The RTF; b"" for what is none. Cut off at RTF_LIMIT."""
    if len(data) < 16:
        return b""
    _, size, kind = struct.unpack_from("<III", data)
    if kind == 0x414C454D:  # "MELA": not compressed
        return data[16 : 16 + size]
    if kind != 0x75465A4C:  # "LZFu"
        return b""
    return _decompressed(data, min(size, RTF_LIMIT))


def _decompressed(data: bytes, size: int) -> bytes:
    """Runs of eight, each told by a bit: a byte as it is, or where in the last 4096 bytes to copy how many from."""
    written = bytearray(_DICTIONARY)
    end = len(_DICTIONARY) + size
    at = 16
    while at < len(data) and len(written) < end:
        control = data[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                written += data[at : at + 1]
                at += 1
                continue
            token = int.from_bytes(data[at : at + 2], "big")
            at += 2
            distance = (len(written) - (token >> 4)) % 4096
            if distance == 0 or at > len(data):  # the end, as it should be or too early
                return bytes(written[len(_DICTIONARY) : end])
            written += _copied(written, distance, (token & 15) + 2)
    return bytes(written[len(_DICTIONARY) : end])


def _copied(written: bytearray, distance: int, length: int) -> bytes:
    """What stands that far back, again and again when it is shorter; in front of everything are zeros."""
    start = len(written) - distance
    piece = bytes(written[max(0, start) : start + length]) if start + length > 0 else b""
    piece = piece.rjust(min(length, distance), b"\0") if start < 0 else piece
    return (piece * (length // len(piece) + 1))[:length]
