"""Text whose lines were broken to be put together again (`format=flowed`, RFC 3676).

A line that ends with a blank goes on in the next one, as long as both are quoted as deeply. What senders get wrong
costs no more than a line break: only blanks at the ends and beginnings of lines, which stand for this, are taken away.
"""

_SIGNATURE = "-- "


def unfolded(text: str, *, delete_space: bool) -> str:
    """The text with each paragraph on one line; quoted ones begin with `> `, `>> ` and so on.

    `delete_space` (DelSp=yes): the blank that says that a line goes on is no part of the text. Lines end in "\\n".
    """
    paragraphs: list[str] = []
    pieces: list[str] = []  # of a paragraph that goes on
    depth = 0
    for line in text.split("\n"):
        level, content = _read(line)
        if pieces and (level != depth or content == _SIGNATURE):
            paragraphs.append(_written(depth, pieces))
            pieces = []
        depth = level
        goes_on = content.endswith(" ") and content != _SIGNATURE
        pieces.append(content[:-1] if goes_on and delete_space else content)
        if not goes_on:
            paragraphs.append(_written(depth, pieces))
            pieces = []
    if pieces:
        paragraphs.append(_written(depth, pieces))
    return "\n".join(paragraphs)


def _read(line: str) -> tuple[int, str]:
    """How deeply a line is quoted, and what it says; a blank before it may guard what would look like a quotation."""
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _written(depth: int, pieces: list[str]) -> str:
    content = "".join(pieces)
    line = f"{'>' * depth} {content}" if depth else content
    return line if content == _SIGNATURE else line.rstrip(" ")
