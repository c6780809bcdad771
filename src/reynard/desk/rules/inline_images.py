"""Images in the HTML of a message: from the address of an upload to an attachment of the message (tickets.md §8).

    as sent     <img alt="Rim" src="https://desk.example.org/get_hdp_temporarily_attachment/417025512280914533/">
    as kept     <img src="attachment:640" alt="Rim">
    as read     the same with an address that a door puts in place of `attachment:640`

Nobody can send the middle form. All HTML is cleaned first (rules/messages): `attachment:` is no scheme that cleaning
lets through, and in clean HTML neither `<` stands in a text nor `"` in an attribute, so that the characters
`<img src="attachment:` can only come from `keep` below.
"""

import re
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlsplit

UPLOAD_PATH = "get_hdp_temporarily_attachment"
KEPT_START = '<img src="attachment:'
KEPT = KEPT_START + '{id}"'

_UPLOAD = re.compile(rf"(?:.*/)?{UPLOAD_PATH}/(\d{{1,18}})/?", re.ASCII)


class _Image(NamedTuple):
    start: int  # where the tag stands in the HTML
    end: int
    attributes: list[tuple[str, str]]
    upload: int


class _Images(HTMLParser):
    """Finds the images of clean HTML that show an upload."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Image] = []
        self._lines = [0, *(match.end() for match in re.finditer("\n", html))]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        upload = _upload_of(next((value for name, value in attrs if name == "src"), None)) if tag == "img" else None
        if upload is not None:
            line, column = self.getpos()
            start = self._lines[line - 1] + column
            attributes = [(name, value or "") for name, value in attrs if name != "src"]
            self.found.append(_Image(start, start + len(self.get_starttag_text() or ""), attributes, upload))


def _upload_of(address: str | None) -> int | None:
    """The id in the address of an upload.

    Hosts are not compared: a desk goes by several names (a proxy's, a container's, none at all), and an id that
    nobody can guess says enough.
    """
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    match = _UPLOAD.fullmatch(parts.path) if parts.scheme in {"", "http", "https"} else None
    return int(match[1]) if match else None


def uploads_in(html: str) -> list[int]:
    """The ids of uploads that clean HTML shows, each once, in their order. They need not exist."""
    if UPLOAD_PATH not in html:
        return []
    return list(dict.fromkeys(image.upload for image in _Images(html).found))


def keep(html: str, attachments: Mapping[int, int]) -> str:
    """Clean HTML with the images of these uploads (upload id → attachment id) as it is kept; others stay."""
    parts = []
    done = 0
    for image in _Images(html).found:
        if image.upload in attachments:
            rest = "".join(f' {name}="{escape(value)}"' for name, value in image.attributes)
            parts += [html[done : image.start], KEPT.format(id=attachments[image.upload]), rest, ">"]
            done = image.end
    return "".join(parts) + html[done:]
