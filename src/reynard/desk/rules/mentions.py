"""Whom a private note names: `@` and the name of a colleague, where a word begins.

Names are whole ones, and first names that one colleague alone has. The longest wins: `@Ann Lee` is not Ann. Letter
case does not matter, and lines that quote (`>`) name nobody. The rule is our own.
"""

import html as entities
import re
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_TAG = re.compile(r'(<(?:[^"<>]|"[^"]*")*>)')  # as nh3 writes them: values between double quotes alone


class Person(msgspec.Struct, frozen=True):
    id: int
    name: str
    first_name: str


def named(text: str, people: Sequence[Person]) -> list[int]:
    """The ids of those a note names, in its order."""
    ids = _ids_by_name(people)
    if "@" not in text or not ids:
        return []
    said = _QUOTED.sub("", unicodedata.normalize("NFC", text))
    found = (match[1].casefold() for match in _pattern(ids).finditer(said))
    return list(dict.fromkeys(id for name in found for id in ids.get(name, [])))


def marked(html: str, people: Sequence[Person]) -> str:
    """Safe HTML of a note that names these people, with their names marked."""
    names = [entities.escape(name, quote=False) for name in _ids_by_name(people)]
    if not names:
        return html
    pattern = _pattern(names)
    parts = _TAG.split(html)
    parts[::2] = [pattern.sub(r'<span class="mention">\g<0></span>', text) for text in parts[::2]]
    return "".join(parts)


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w@.+-])@({'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def _ids_by_name(people: Sequence[Person]) -> dict[str, list[int]]:
    whole: dict[str, list[int]] = {}
    first: dict[str, list[int]] = {}
    for person in people:
        whole.setdefault(_key(person.name), []).append(person.id)
        first.setdefault(_key(person.first_name), []).append(person.id)
    alone = {name: ids for name, ids in first.items() if name and len(ids) == 1}
    return alone | {name: ids for name, ids in whole.items() if name}


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()
