"""HTML of messages as it goes into mails: cleaned once more, with its images where a mail has them.

Cleaned HTML that shows attachments as rules/inline_images keeps them comes in. What goes out has no address but web
pages, mail addresses, telephone numbers and parts of the same mail.
"""

import re
from collections.abc import Mapping
from html import escape, unescape

import nh3

from reynard.desk.rules.inline_images import KEPT_START

_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_ATTRIBUTES = r'((?: [^\s=<>"]+="[^"]*")*)'
_KEPT = re.compile(rf'{re.escape(KEPT_START)}(\d{{1,19}})"{_ATTRIBUTES} ?/?>', re.ASCII)
_IMAGE = re.compile(rf"<img{_ATTRIBUTES}>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ALT = re.compile(r' alt="([^"]*)"')

_QUOTE_STYLE = "margin:0 0 0 0.8ex;border-left:1px solid #ccc;padding-left:1ex"


def images_in(html: str) -> list[int]:
    """The ids of the attachments that HTML shows, each once, in their order."""
    return list(dict.fromkeys(int(match[1]) for match in _KEPT.finditer(html)))


def for_mail(html: str, images: Mapping[int, str], *, remote_images: bool = False) -> str:
    """HTML for a mail. `images`: attachment id → Content-ID of the part that has it; others are named instead of shown.

    Without `remote_images` nothing is fetched from elsewhere when somebody reads: such an image may tell who reads.
    """
    placed = _KEPT.sub(lambda match: _image(int(match[1]), match[2], images), _CONTROL.sub("", html))
    ours = {f"cid:{content_id}" for content_id in images.values()}

    def allowed(tag: str, attribute: str, value: str) -> str | None:
        if value.strip().lower().startswith("cid:"):
            return value if tag == "img" and attribute == "src" and value in ours else None
        if tag == "img" and attribute == "src" and not remote_images:
            return None
        return value

    clean = nh3.clean(placed, url_schemes=_SCHEMES, url_relative="deny", attribute_filter=allowed)
    return _IMAGE.sub(lambda match: match[0] if ' src="' in match[1] else _named(match[1]), clean)


def _image(attachment: int, rest: str, images: Mapping[int, str]) -> str:
    if attachment in images:
        return f'<img src="cid:{escape(images[attachment])}"{rest}>'
    return _named(rest)


def _named(attributes: str) -> str:
    """What stands for an image that is not shown."""
    alt = _ALT.search(attributes)
    return f"[{escape(unescape(alt[1]))}]" if alt and alt[1].strip() else "[image]"


_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


def with_links(html: str) -> str:
    """HTML of our own plain text, in which there is no link yet, with its addresses of pages as links."""
    return _ADDRESS.sub(lambda match: f'<a href="{match[0]}">{match[0]}</a>', html)


def quote(html: str) -> str:
    return f'<blockquote type="cite" style="{_QUOTE_STYLE}">{html}</blockquote>'


def document(body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head>\n'
        f'<body><div dir="auto">\n{body}</div></body></html>\n'
    )
