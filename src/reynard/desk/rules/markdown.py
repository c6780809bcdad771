"""Markdown as HTML: CommonMark with tables and strikethrough. HTML inside it is text (observed.md §2)."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKDOWN_LIMIT = 50_000  # characters; hostile ones cost the parser some 20 microseconds each
_ATTRIBUTES_LIMIT = 1_000_000  # characters; a hundred links to one long address that is given once are large HTML

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_DEEPEST = _parser.options["maxNesting"] - 1  # what stands deeper the parser leaves out without a word


class BadMarkdown(Exception):
    """Markdown that makes no HTML of a reasonable size; the text is for the person who sent it."""


def to_html(text: str) -> str:
    """HTML that is still to be cleaned. Raises BadMarkdown."""
    if len(text) > MARKDOWN_LIMIT:
        raise BadMarkdown(f"Ensure this value has at most {MARKDOWN_LIMIT} characters (it has {len(text)}).")
    tokens = _parser.parse(text)
    if any(token.level >= _DEEPEST for token in tokens):
        raise BadMarkdown("Lists and quotes are nested too deeply.")
    if _attributes(tokens) > _ATTRIBUTES_LIMIT:
        raise BadMarkdown("The addresses of its links are too long together.")
    return str(_parser.renderer.render(tokens, _parser.options, {}))


def _attributes(tokens: Sequence[Token]) -> int:
    """Characters of all attributes: what may be much longer in the HTML than it was written."""
    own = sum(len(str(value)) for token in tokens for value in token.attrs.values())
    return own + sum(_attributes(token.children) for token in tokens if token.children)
