"""The sizes and numbers of pages; what is out of range is clamped, never an error (protocol.md §9, P-11)."""

import re

SIZE_MINIMUM, SIZE_MAXIMUM, SIZE_DEFAULT = 10, 50, 10
FEED_SIZE_MAXIMUM, FEED_SIZE_DEFAULT = 200, 50  # of those who follow the desk
LAST_PAGE = 10**15  # beyond every list; times a size it still fits 64 bits
_NUMBER = re.compile(r"(-?)0*(\d+)", re.ASCII)


def page_size(text: str | None) -> int:
    return _clamped(text, SIZE_MINIMUM, SIZE_MAXIMUM, default=SIZE_DEFAULT)


def feed_size(text: str | None) -> int:
    return _clamped(text, SIZE_MINIMUM, FEED_SIZE_MAXIMUM, default=FEED_SIZE_DEFAULT)


def page_number(text: str | None) -> int:
    return _clamped(text, 1, LAST_PAGE, default=1)


def _clamped(text: str | None, least: int, most: int, *, default: int) -> int:
    """A number of any length: 19 digits are more than enough to see that it is out of range."""
    match = _NUMBER.fullmatch((text or "").strip())
    return min(max(int(match[1] + match[2][:19]), least), most) if match else default
