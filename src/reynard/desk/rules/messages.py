"""The text part of an update: cleaning HTML, and deriving text from HTML and HTML from text (tickets.md §1.3)."""

import re
from collections import Counter
from html import escape
from html.parser import HTMLParser

import msgspec
import nh3

from reynard.desk.rules import markdown

TEXT_LIMIT = 1_000_000  # characters of one message
NESTING_LIMIT = 400_000  # see _nesting; a long thread with 5,000 tags, 40 deep, has half of it


class Message(msgspec.Struct, frozen=True):
    """A message ready to be stored: only `compose` makes one, so its HTML is always clean.

    `source_html` is the HTML as it came in, where cleaning changed it.
    """

    text: str
    html: str
    source_html: str | None = None


_DROPPED_WHOLE = {"script", "style", "title"}  # of other elements that are not allowed, the content stays


class BadHtml(Exception):
    """HTML that cannot be cleaned in reasonable time; the text is for the person who sent it."""


def compose(text: str, html: str) -> Message | None:
    """A message from what was sent; None when both are blank. Both given: each is kept (T-23). Raises BadHtml."""
    if not html.strip():
        return Message(text=text, html=text_to_html(text)) if text.strip() else None
    if is_nested_too_deeply(html):
        raise BadHtml("This HTML is nested too deeply.")
    clean = nh3.clean(html, clean_content_tags=_DROPPED_WHOLE)
    derived = text if text.strip() else html_to_text(clean)
    if not derived.strip() and "<img" not in clean:
        return None
    return Message(text=derived, html=clean, source_html=None if clean == html else html)


def compose_markdown(written: str) -> Message | None:
    """A message whose text is Markdown, as it was written; None when it is blank. Raises BadMarkdown, BadHtml."""
    if not written.strip():
        return None
    message = compose(written, markdown.to_html(written))
    return Message(written, message.html) if message else None


_MARKUP = re.compile(
    r"<(?:br|hr|img)\b[^<>]*>"
    r"|</(?:a|b|blockquote|code|div|em|font|h[1-6]|i|li|ol|p|pre|s|span|strong|table|td|u|ul)\s*>",
    re.IGNORECASE,
)


def looks_like_html(text: str) -> bool:
    """Whether a text that may be HTML is: it ends an element, or has one that needs no end."""
    return _MARKUP.search(text) is not None


_TAG = re.compile(r"<(/?)([a-z][^\s/>]*)")
_NEVER_OPEN = frozenset("area base br col dd dt embed hr img input li link meta p source track wbr".split())


def is_nested_too_deeply(html: str) -> bool:
    """Whether HTML is refused, as it could not be cleaned in reasonable time."""
    return _nesting(html) > NESTING_LIMIT


def _nesting(html: str) -> int:
    """How many elements are open at a tag, summed over all tags: what cleaning costs, in time and in output.

    A parser looks through all open elements at a block, and repeats formatting that was not closed (`<b>`) in every
    paragraph. So 50 KB of hostile HTML become megabytes, and 1 MB takes minutes.
    """
    open_elements: Counter[str] = Counter()
    depth = total = 0
    for is_end, name in _TAG.findall(html.lower()):
        if not is_end:
            total += depth
        if name in _NEVER_OPEN or (is_end and not open_elements[name]):
            continue
        step = -1 if is_end else 1
        open_elements[name] += step
        depth += step
    return total


def text_to_html(text: str) -> str:
    """Paragraphs at blank lines, line breaks elsewhere; everything escaped."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return "".join("<p>{}</p>".format(escape(p).replace("\n", "<br>")) for p in paragraphs)


_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table tbody thead tr ul".split()
)
_PARAGRAPHS = frozenset("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul".split())


class _Text(HTMLParser):
    """Collects the text of clean HTML: a line per block, a blank line around paragraphs, cells apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.preformatted += tag == "pre"
        self._break(tag)
        if tag == "li":
            self.parts.append("* ")

    def handle_endtag(self, tag: str) -> None:
        self.preformatted -= tag == "pre"
        self._break(tag)
        if tag in {"td", "th"}:
            self.parts.append("\t")

    def handle_data(self, data: str) -> None:
        self.parts.append(data if self.preformatted else re.sub(r"[ \t\r\n\f]+", " ", data))

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n\n" if tag in _PARAGRAPHS else "\n")


def html_to_text(html: str) -> str:
    """Plain text of HTML that `nh3` has cleaned."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = "".join(parser.parts).splitlines()
    text = "\n".join(line.strip(" \t") for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
