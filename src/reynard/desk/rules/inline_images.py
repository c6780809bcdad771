"""Images in the HTML of a message: from the address of an upload to an attachment of the message (tickets.md §8).

    as sent     <img alt="Rim" src="https://desk.example.org/get_hdp_temporarily_attachment/417025512280914533/">
    as kept     <img src="attachment:640" alt="Rim">
    as read     the same with an address that a door puts in place of `attachment:640`

Who edits a message sends the address they read, and it becomes the middle form again.

Nobody can send the middle form. All HTML is cleaned first (rules/messages): `attachment:` is no scheme that cleaning
lets through, and in clean HTML neither `<` stands in a text nor `"` in an attribute, so that the characters
`<img src="attachment:` can only come from `keep` below.
"""

import re
from collections.abc import Collection, Mapping
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlsplit

UPLOAD_PATH = "get_hdp_temporarily_attachment"
KEPT_START = '<img src="attachment:'
KEPT = KEPT_START + '{id}"'

_KEPT_ID = re.compile(re.escape(KEPT_START) + r'(\d+)"')
_UPLOAD = re.compile(rf"(?:.*/)?{UPLOAD_PATH}/(\d{{1,18}})/?", re.ASCII)
_AS_READ = re.compile(r"(?:.*/)?attachments/(\d{1,18})/inline/[\w-]+/?", re.ASCII)


class _Image(NamedTuple):
    start: int  # where the tag stands in the HTML
    end: int
    attributes: list[tuple[str, str]]
    id: int


class _Images(HTMLParser):
    """Finds the images of clean HTML with an address of one kind (`_UPLOAD`, `_AS_READ`)."""

    def __init__(self, html: str, kind: re.Pattern[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Image] = []
        self._kind = kind
        self._lines = [0, *(match.end() for match in re.finditer("\n", html))]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        source = next((value for name, value in attrs if name == "src"), None) if tag == "img" else None
        id = _id_in(source, self._kind)
        if id is not None:
            line, column = self.getpos()
            start = self._lines[line - 1] + column
            attributes = [(name, value or "") for name, value in attrs if name != "src"]
            self.found.append(_Image(start, start + len(self.get_starttag_text() or ""), attributes, id))


def _id_in(address: str | None, kind: re.Pattern[str]) -> int | None:
    """The id in an address of this kind.

    Hosts are not compared: a desk goes by several names (a proxy's, a container's, none at all), and an id that
    nobody can guess says enough.
    """
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    match = kind.fullmatch(parts.path) if parts.scheme in {"", "http", "https"} else None
    return int(match[1]) if match else None


def uploads_in(html: str) -> list[int]:
    """The ids of uploads that clean HTML shows, each once, in their order. They need not exist."""
    if UPLOAD_PATH not in html:
        return []
    return list(dict.fromkeys(image.id for image in _Images(html, _UPLOAD).found))


def keep(html: str, attachments: Mapping[int, int]) -> str:
    """Clean HTML with the images of these uploads (upload id → attachment id) as it is kept; others stay."""
    return _replace(html, attachments, _UPLOAD) if UPLOAD_PATH in html else html


def keep_as_read(html: str, attachments: Collection[int]) -> str:
    """Clean HTML with the images of these attachments, as they were read, as it is kept; others stay."""
    return _replace(html, {id: id for id in attachments}, _AS_READ) if attachments else html


def renumber(html: str, attachments: Mapping[int, int]) -> str:
    """HTML as it is kept, with other attachments in the place of some; those that are not named stay."""
    return _KEPT_ID.sub(lambda kept: KEPT.format(id=attachments.get(int(kept[1]), int(kept[1]))), html)


def _replace(html: str, attachments: Mapping[int, int], kind: re.Pattern[str]) -> str:
    parts = []
    done = 0
    for image in _Images(html, kind).found:
        if image.id in attachments:
            rest = "".join(f' {name}="{escape(value)}"' for name, value in image.attributes)
            parts += [html[done : image.start], KEPT.format(id=attachments[image.id]), rest, ">"]
            done = image.end
    return "".join(parts) + html[done:]
