"""The parts of a mail (RFC 2046): where each begins and ends in the bytes. Nothing is copied or decoded here."""

import re

import msgspec

from reynard.mail import headers

DEPTH_LIMIT = 30  # parts inside parts
PARTS_LIMIT = 1000
_LINES_LIMIT = 100_000  # that begin like a boundary and are none
_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+*-]+)\s*/\s*([a-z0-9!#$&^_.+*-]+)", re.IGNORECASE)


class Part(msgspec.Struct):
    """A part with its body at `start:end`; with `children` it is a multipart whose boundary was found."""

    block: headers.Block
    start: int
    end: int
    content_type: str
    type_parameters: dict[str, str]
    disposition: str  # lower case: "inline", "attachment", "" when nothing is said
    disposition_parameters: dict[str, str]
    encoding: str  # lower case
    children: list["Part"] = []

    @property
    def content_id(self) -> str:
        return headers.plain(self.block.first("content-id").strip("<> "), 250)


class Limits:
    """What one mail has used up."""

    def __init__(self) -> None:
        self.parts = 0
        self.false_boundaries = 0
        self.problems: list[str] = []

    def problem(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)


def read(raw: bytes, start: int, end: int, limits: Limits, *, depth: int = 0, default: str = "text/plain") -> Part:
    """The part whose headers begin at `start`."""
    block = headers.read_block(raw, start, end)
    for problem in block.problems:
        limits.problem(problem)
    limits.parts += 1
    type_value = block.first("content-type")
    disposition_value = block.first("content-disposition")
    part = Part(
        block=block,
        start=min(block.end, end),
        end=end,
        content_type=_content_type(type_value, default),
        type_parameters=headers.parameters(type_value),
        disposition=disposition_value.partition(";")[0].strip().lower(),
        disposition_parameters=headers.parameters(
            disposition_value if ";" in disposition_value.partition("=")[0] else f";{disposition_value}"
        ),
        encoding=block.first("content-transfer-encoding").partition(";")[0].strip(" \"'.").lower(),
    )
    if part.content_type.startswith("multipart/"):
        part.children = _children(raw, part, limits, depth)
    return part


def _content_type(value: str, default: str) -> str:
    match = _TYPE.match(value)
    if match:
        return f"{match[1]}/{match[2]}".lower()
    return default if not value.strip().lower().startswith("multipart") else "multipart/mixed"


def _children(raw: bytes, part: Part, limits: Limits, depth: int) -> list[Part]:
    """The parts of a multipart; none when it has no boundary or stands too deep: it is kept whole then."""
    boundary = part.type_parameters.get("boundary", "").rstrip()
    if not boundary:
        limits.problem("A part of several parts names no boundary.")
        return []
    if depth >= DEPTH_LIMIT:
        limits.problem(f"Parts stand inside parts, more than {DEPTH_LIMIT} deep; the rest was kept as it is.")
        return []
    pieces = _pieces(raw, part.start, part.end, boundary.encode("utf-8", "replace"), limits)
    if not pieces:
        limits.problem("The boundary that a part names does not stand in it.")
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    children = []
    for start, end in pieces:
        if limits.parts >= PARTS_LIMIT:
            limits.problem(f"It has more than {PARTS_LIMIT} parts; the rest was kept as one file.")
            children.append(_unread(start, part.end))
            break
        children.append(read(raw, start, end, limits, depth=depth + 1, default=default))
    return children


def _unread(start: int, end: int) -> Part:
    return Part(headers.Block(), start, end, "application/octet-stream", {}, "attachment", {"filename": "rest.txt"}, "")


def _pieces(raw: bytes, start: int, end: int, boundary: bytes, limits: Limits) -> list[tuple[int, int]]:
    """Where the parts between the boundaries stand, their headers included, the line end before a boundary not."""
    pieces: list[tuple[int, int]] = []
    delimiter = b"--" + boundary
    opened: int | None = None
    at = start
    while (found := _line_that_starts(raw, delimiter, at, end)) >= 0:
        behind = found + len(delimiter)
        line_end = raw.find(b"\n", behind, min(end, behind + 1000)) + 1 or (end if end - behind < 1000 else 0)
        rest = raw[behind:line_end].strip(b" \t\r\n") if line_end else b"x"
        if rest not in (b"", b"--"):
            limits.false_boundaries += 1
            if limits.false_boundaries > _LINES_LIMIT:
                limits.problem("Too many lines look like boundaries of parts; the rest was not looked at.")
                break
            at = behind
            continue
        if opened is not None:
            pieces.append((opened, _without_line_end(raw, opened, found)))
        opened = line_end if not rest else None
        at = line_end
        if len(pieces) > PARTS_LIMIT:
            break
    if opened is not None:
        limits.problem("The last part has no end.")
        pieces.append((opened, end))
    return pieces


def _line_that_starts(raw: bytes, delimiter: bytes, at: int, end: int) -> int:
    """Where the first line at or behind `at` stands that starts so; -1 when there is none."""
    if raw.startswith(delimiter, at) and (at == 0 or raw[at - 1 : at] == b"\n") and at + len(delimiter) <= end:
        return at
    found = raw.find(b"\n" + delimiter, at, end)
    return found + 1 if found >= 0 else -1


def _without_line_end(raw: bytes, start: int, end: int) -> int:
    if end > start and raw[end - 1 : end] == b"\n":
        end -= 1
        if end > start and raw[end - 1 : end] == b"\r":
            end -= 1
    return end
