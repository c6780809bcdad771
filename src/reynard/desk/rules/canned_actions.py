"""Texts of canned actions: Markdown with fields. What people wrote comes into it as plain text, never as Markdown."""

import re
from collections.abc import Mapping

from reynard.desk.rules import placeholders
from reynard.desk.rules.placeholders import BadTemplate

TEXT_LIMIT = 20_000  # characters

FIELDS = {
    "contact.name": "the name of the ticket's contact",
    "contact.first_name": "the first word of it",
    "ticket.id": "the display id, #RW00004127",
    "ticket.subject": "its subject",
    "staff.name": "who sends it",
}


def check(text: str) -> None:
    """Raises BadTemplate when it cannot be used."""
    if len(text) > TEXT_LIMIT:
        raise BadTemplate(f"A text has at most {TEXT_LIMIT} characters.")
    unknown = [name for name in placeholders.names(text) if name not in FIELDS]
    if unknown:
        raise BadTemplate(f"There is no field {{{{{unknown[0]}}}}}. There are: {', '.join(FIELDS)}.")


def render(text: str, values: Mapping[str, str]) -> str:
    """A text that `check` has let through, as Markdown with the values of its fields."""
    return placeholders.fill(text, {name: plain(values[name]) for name in placeholders.names(text)})


_MARKS = re.compile(r"[\\`*<\[\]|]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|&(?=#?\w+;)")
_BEGINNING = re.compile(r">|[-+](?=[\s-]|$)|=+$|#{1,6}(?=\s|$)|\d{1,9}(?=[.)](?:\s|$))")


def plain(value: str) -> str:
    """A value as one line of Markdown that shows exactly it; what means nothing to Markdown stays as it is."""
    line = _MARKS.sub(r"\\\g<0>", " ".join(value.split()))
    match = _BEGINNING.match(line)
    if match is None:
        return line
    if match[0].isdigit():  # 1. and 1) begin a list
        return f"{match[0]}\\{line[match.end() :]}"
    return f"\\{line}"
