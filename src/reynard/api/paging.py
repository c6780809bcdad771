"""The two parameters of every list that pages; out of range is clamped, never an error (protocol.md §9, P-11)."""

from reynard.api.parse import LARGEST_ID, whole_number

SIZE_MINIMUM, SIZE_MAXIMUM, SIZE_DEFAULT = 10, 50, 10


def page_size(text: str | None) -> int:
    number = whole_number(text)
    return SIZE_DEFAULT if number is None else min(max(number, SIZE_MINIMUM), SIZE_MAXIMUM)


def page_number(text: str | None) -> int:
    number = whole_number(text)
    return 1 if number is None else min(max(number, 1), LARGEST_ID)
