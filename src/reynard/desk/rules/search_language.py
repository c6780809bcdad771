"""The search language `q` (tickets.md §3): its grammar, as one scanner. What the terms mean: selectors/search.

    query     = [ sep ] , [ term , { sep , term } ] , [ sep ]
    term      = filter | quoted | word
    filter    = ( quoted | identifier ) , ":" , value , { "," , [ blank ] , value }
    value     = quoted | bare                 a blank before it is accepted when it is quoted (rule 3)
    sep       = blanks, and a "+" that is directly followed by a quote or by `identifier:` (rule 2)

Nothing is an error: what is no filter is text to search for (T-09).
"""

import re
from collections.abc import Callable

import msgspec

_QUOTE = '"\u201c\u201d'
_QUOTED = rf"[{_QUOTE}][^{_QUOTE}]*(?:[{_QUOTE}]|$)"  # an unclosed quote ends with the input
_IDENTIFIER = r"[^\W\d][\w-]*"
_PLUS = rf"\+(?=[{_QUOTE}]|{_IDENTIFIER}:)"
_BARE = rf"(?:(?!{_PLUS})[^\s,{_QUOTE}])+"
_VALUE = rf"(?:{_QUOTED}|{_BARE})"

_SEPARATORS = re.compile(rf"(?:\s|{_PLUS})+")
_FILTER = re.compile(
    rf"(?P<name>{_QUOTED}|{_IDENTIFIER}):(?:\s(?=[{_QUOTE}]))?(?P<values>{_VALUE}(?:,+\s?{_VALUE})*),*"
)
_ONE_VALUE = re.compile(_VALUE)
_TEXT = re.compile(rf"{_QUOTED}|(?:(?!{_PLUS})[^\s{_QUOTE}])+|.", re.DOTALL)

MOMENTS = ("created", "last-modified", "last-staff-replied", "last-contact-replied", "last-closed")
RELATIONS = ("on", "on-or-before", "on-or-after", "before", "after")
SYSTEM_TERMS = frozenset(
    "status priority category tag tags assignee group contact id unresponded breached has_attachments duedate".split()
) | {f"{moment}-{relation}" for moment in MOMENTS for relation in RELATIONS}


class Filter(msgspec.Struct, frozen=True):
    """`name:value,value`: any of the values. `name` is a system term in lower case, or the name of a custom field."""

    name: str
    values: tuple[str, ...]
    custom: bool = False


class Text(msgspec.Struct, frozen=True):
    """Words to be found; `phrase` when they were quoted."""

    text: str
    phrase: bool = False


Term = Filter | Text


def parse(query: str, is_field: Callable[[str], bool]) -> list[Term]:
    """The terms of a query, all of which must match. `is_field` knows the custom fields by name, in any case.

    An unquoted name that is neither a system term nor a field makes the whole `name:value` text; a quoted name is
    always a field, known or not (rules 4 and 5).
    """
    terms: list[Term] = []
    position = 0
    while position < len(query):
        if separators := _SEPARATORS.match(query, position):
            position = separators.end()
        elif filter_ := _FILTER.match(query, position):
            terms.append(_filter(filter_, is_field))
            position = filter_.end()
        else:
            text = _TEXT.match(query, position)
            assert text is not None  # any character is text
            quoted = text[0][0] in _QUOTE
            terms.append(Text(_unquoted(text[0]), phrase=quoted))
            position = text.end()
    return [term for term in terms if not isinstance(term, Text) or term.text]


def _filter(match: re.Match[str], is_field: Callable[[str], bool]) -> Term:
    name = _unquoted(match["name"])
    values = tuple(_unquoted(value) for value in _ONE_VALUE.findall(match["values"]))
    if match["name"][0] in _QUOTE:
        return Filter(name, values, custom=True)
    if name.lower() in SYSTEM_TERMS:
        return Filter(name.lower(), values)
    if is_field(name):
        return Filter(name, values, custom=True)
    return Text(re.sub(rf"[{_QUOTE}]", "", match[0]))


def _unquoted(text: str) -> str:
    return text[1:].rstrip(_QUOTE) if text[0] in _QUOTE else text


def written(term: Term) -> str:
    """A term as text that is read as this term again; values are without the quotes they cannot have."""
    if isinstance(term, Text):
        return f'"{_without_quotes(term.text)}"' if term.phrase else term.text
    name = f'"{_without_quotes(term.name)}"' if term.custom else term.name
    return f"{name}:{','.join(map(_written_value, term.values))}"


def _written_value(value: str) -> str:
    bare = re.fullmatch(r"[\w@.-]+", value) is not None
    return value if bare else f'"{_without_quotes(value)}"'


def _without_quotes(text: str) -> str:
    return re.sub(rf"[{_QUOTE}]", "", text)


def name_key(name: str) -> str:
    """What makes two names of custom fields, statuses or people the same: any letter case, outer blanks aside."""
    return name.strip().casefold()
