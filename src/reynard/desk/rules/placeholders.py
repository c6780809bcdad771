"""Fields in texts that staff prepare: `{{ticket.subject}}`, and that is the whole language.

It is `string.Template` of the standard library. Values are put in once and never read again, so what people write is
never taken for a template.
"""

import re
import string
from collections.abc import Mapping
from typing import Any, ClassVar


class BadTemplate(Exception):
    """A template that cannot be used; the text is for the person who wrote it."""


class _Language(string.Template):
    """`{{name.name}}`, also with blanks inside the braces; anything else with two opening braces is a mistake."""

    flags = re.ASCII
    pattern: ClassVar[Any] = (
        r"\{\{(?:[ \t]*(?P<named>[a-z_]+(?:\.[a-z_]+)*)[ \t]*\}\}|(?P<escaped>(?!))|(?P<braced>(?!))|(?P<invalid>))"
    )


def names(text: str) -> list[str]:
    """The fields a text names, each once. Raises BadTemplate for braces that name none."""
    found = []
    for match in _Language.pattern.finditer(text):
        if match["named"] is None:
            raise BadTemplate(f"This names no field: {text[match.start() : match.start() + 40].splitlines()[0]}")
        found.append(match["named"])
    return list(dict.fromkeys(found))


def is_one_field(text: str) -> bool:
    return _Language.pattern.fullmatch(text) is not None


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with values in the place of its fields, of which each must have one."""
    return _Language(text).substitute(values)
