"""What of a message's HTML people see: cleaned again, without pictures from elsewhere, quoted text folded.

Nothing of this is stored: a better rule shows old messages better. Text is never lost: what is folded is one click
away, and pictures that are held back are counted.
"""

import re
from collections.abc import Callable

import msgspec
import nh3

from reynard.desk.rules import html_lines, quotes
from reynard.desk.rules.inline_images import KEPT_START

_TAGS = set(
    "a b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre s small span strike strong "
    "sub sup table tbody td tfoot th thead tr u ul".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_OWN_IMAGE = re.compile(re.escape(KEPT_START) + r'(\d+)"')
_MARK = "https://own-image.invalid/"
_FOLDED_LIMIT = 1_000_000  # characters; what is longer is shown as it is


class Shown(msgspec.Struct, frozen=True):
    """`html` and `quoted` are safe to stand in a page; `held_back` pictures from elsewhere are left out."""

    html: str
    quoted: str
    quoted_lines: int
    held_back: int


def shown(html: str, address_of: Callable[[int], str], *, with_remote_images: bool = False) -> Shown:
    """A message as a page shows it; `address_of` gives the address of one of its attachments by id."""
    held_back = 0

    def filtered(element: str, attribute: str, value: str) -> str | None:
        nonlocal held_back
        if element == "img" and attribute == "src":
            if value.startswith(_MARK):
                return address_of(int(value.removeprefix(_MARK)))
            if not with_remote_images or not value.startswith(("https://", "http://")):
                held_back += 1
                return None
        return value

    marked = _OWN_IMAGE.sub(rf'<img src="{_MARK}\1"', html)
    clean = nh3.clean(
        marked,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        attribute_filter=filtered,
    )
    return _folded(re.sub(r"<img(?![^>]* src=)[^>]*>", "", clean), held_back)


def _folded(html: str, held_back: int) -> Shown:
    """The HTML up to its quotation (rules/quotes), and that quotation.

    It is found by what people read, not by how programs name their elements: names are gone from what is kept, every
    program has others, and a sender could hide by them what nobody would take for a quotation.
    """
    found = html_lines.lines(html) if len(html) <= _FOLDED_LIMIT else []
    first = quotes.first_quoted([line.text for line in found])
    if first is None:
        return Shown(html, "", 0, held_back)
    visible, quoted = html_lines.divided(html, found[first].start)
    return Shown(visible, quoted, sum(bool(line.text.strip("> ")) for line in found[first:]), held_back)
