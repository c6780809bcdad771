"""The lines that people see in clean HTML, and HTML taken apart at one of them.

Only for what `nh3` has made: elements that are closed, attributes in quotation marks.
"""

import re
from collections.abc import Iterator
from html import unescape

import msgspec

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[^\s=<>"]+(?:="[^"]*")?)*)\s*/?>|([^<]+|<)')
_LINES = frozenset(
    "blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot th thead tr ul".split()
) - {"td", "th"}
_PARAGRAPHS = frozenset("dl h1 h2 h3 h4 h5 h6 ol p pre table ul".split())
_NEVER_CLOSED = frozenset("br hr img".split())
_IMAGE = "\ufffc"


class Line(msgspec.Struct):
    """A line of text, marked with `>` as in mails for each quotation around it; it begins at `start` in the HTML."""

    text: str
    start: int


class _Reader:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.text: list[str] = []
        self.start: int | None = None  # of the line that is being read
        self.quotations = 0

    def end_line(self, at: int, *, even_empty: bool = False) -> None:
        text = " ".join("".join(self.text).split())
        if text or even_empty:
            marks = ">" * self.quotations
            self.lines.append(Line(f"{marks} {text}" if marks else text, at if self.start is None else self.start))
        self.text, self.start = [], None

    def add(self, text: str, at: int) -> None:
        if self.start is None and not text.isspace():
            self.start = at
        self.text.append(text)

    def add_preformatted(self, text: str, at: int) -> None:
        for number, piece in enumerate(text.split("\n")):
            if number:
                self.end_line(at, even_empty=True)
            if piece:
                self.add(unescape(piece), at)
            at += len(piece) + 1

    def paragraph(self, at: int) -> None:
        if self.lines and self.lines[-1].text.strip("> "):
            self.start = at
            self.end_line(at, even_empty=True)


def lines(html: str) -> list[Line]:
    """The lines from top to bottom; an empty one between paragraphs, and a row of `_` for `<hr>`."""
    reader = _Reader()
    preformatted = 0
    for match in _TAG.finditer(html):
        closes, name, _, text = match.groups()
        if text is not None:
            if preformatted:
                reader.add_preformatted(text, match.start())
            else:
                reader.add(unescape(text), match.start())
        elif name == "img":
            reader.add(_IMAGE, match.start())
        elif name in {"td", "th"}:
            reader.text.append(" ")
        elif name in _LINES:
            _take(reader, name, bool(closes), match)
            preformatted += name == "pre" and (-1 if closes else 1)
    reader.end_line(len(html))
    return reader.lines


def _take(reader: _Reader, name: str, closes: bool, match: re.Match[str]) -> None:
    at = match.end() if closes or name == "br" else match.start()
    first = reader.start if not "".join(reader.text).strip() and not closes else None
    reader.end_line(at, even_empty=name == "br")
    if name in _PARAGRAPHS:
        reader.paragraph(at)
    if name == "hr":
        reader.add("____", at)
        reader.end_line(at)
    elif name != "br" and not closes:
        reader.start = at if first is None else first
    if name == "blockquote":
        reader.quotations += -1 if closes else 1


def divided(html: str, at: int) -> tuple[str, str]:
    """The HTML before a line and from it on, each of them whole: what is open there is closed, and opened again."""
    around = list(_open_at(html, at))
    before = html[:at] + "".join(f"</{name}>" for name, _ in reversed(around))
    return before, "".join(tag for _, tag in around) + html[at:]


def _open_at(html: str, at: int) -> Iterator[tuple[str, str]]:
    """Names and tags of the elements around a place, the outermost first."""
    around: list[tuple[str, str]] = []
    for match in _TAG.finditer(html, 0, at):
        closes, name, _, text = match.groups()
        if text is not None or name in _NEVER_CLOSED:
            continue
        if not closes:
            around.append((name, match[0]))
        elif around and around[-1][0] == name:
            around.pop()
    return iter(around)
