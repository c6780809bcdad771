"""XML answers (protocol.md §6 and P-07): plain values in, a document out.

`<response>` around the whole, one element per key of a dict, `<resource>` around every item of a list,
`null="True"` on an empty element for None. A key that is no XML name becomes `<field name="...">`.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from math import isfinite

import msgspec

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'

_NOT_A_CHAR = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production [2]
_SPECIAL = re.compile('[&<>"\t\n\r]')
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})

# Fewer names than XML 1.0 allows: a colon asks for a namespace, and beyond Latin-1 the fourth edition (which
# expat follows) and the fifth disagree about what a letter is.
_LETTER = "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\xff"
_NAME = re.compile(f"[{_LETTER}][{_LETTER}.0-9-]*")


def write_xml(value: object) -> bytes:
    """The document for `value`: nested dict (str keys), list, tuple, str, int, float, bool and None.

    Characters that XML 1.0 cannot carry become U+FFFD; a float that is not finite is null, as in JSON.
    """
    parts = [DECLARATION]
    _write_element(parts.append, "response", "", value)
    return "".join(parts).encode()


def _write_element(put: Callable[[str], None], tag: str, attributes: str, value: object) -> None:
    if value is None or (isinstance(value, float) and not isfinite(value)):
        put(f'<{tag}{attributes} null="True"></{tag}>')
        return
    put(f"<{tag}{attributes}>")
    _write_content(put, value)
    put(f"</{tag}>")


def _write_content(put: Callable[[str], None], value: object) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _write_element(put, *_tag_and_attributes(key), item)
    elif isinstance(value, list | tuple):
        for item in value:
            _write_element(put, "resource", "", item)
    elif isinstance(value, str):
        put(_escaped(value, _IN_TEXT))
    elif isinstance(value, float):
        put(msgspec.json.encode(value).decode())  # the same digits as in JSON
    else:
        put(str(value))


@lru_cache(maxsize=1024)
def _tag_and_attributes(key: str) -> tuple[str, str]:
    if _NAME.fullmatch(key):
        return key, ""
    return "field", f' name="{_escaped(key, _IN_ATTRIBUTE)}"'


def _escaped(text: str, table: dict[int, str]) -> str:
    text = _NOT_A_CHAR.sub("\ufffd", text)
    return text.translate(table) if _SPECIAL.search(text) else text
