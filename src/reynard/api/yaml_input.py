"""YAML request bodies: text in, plain values out (protocol.md §4).

The parser is libyaml's (`yaml.CSafeLoader`), but the values are built here from its events, in one pass and
without recursion. Everything that lets a small document grow or run code is refused on sight: anchors and
aliases, merge keys, tags beyond the basic ones, a second document, deep nesting, very many nodes.

Three details differ from `yaml.load`, on purpose:

* `12:30` is text, not the number 750: base 60 is gone from YAML 1.2, so current writers do not quote it;
* a lone `=` is text: PyYAML gives it a tag that it then cannot construct;
* keys are always text, `str(key)`, as in JSON.
"""

import datetime
import math
from collections.abc import Callable

import yaml
from yaml.constructor import SafeConstructor
from yaml.reader import ReaderError

MAX_NODES = 100_000
MAX_NUMBER_LENGTH = 400  # any float fits; int() takes quadratic time and refuses above 4,300 digits
MAX_QUOTED_LENGTH = 40  # how much of the body a sentence repeats

TAG_PREFIX = "tag:yaml.org,2002:"
TEXT_TAG = TAG_PREFIX + "str"

_RESOLVERS = yaml.CSafeLoader.yaml_implicit_resolvers
_SAFE = SafeConstructor()
_MAPPING_TAGS = (None, "!", TAG_PREFIX + "map")
_SEQUENCE_TAGS = (None, "!", TAG_PREFIX + "seq")
_NUMBER_TAGS = (TAG_PREFIX + "int", TAG_PREFIX + "float")
_TEXT_AFTER_ALL_TAGS = (TAG_PREFIX + "value", TAG_PREFIX + "merge")


class YamlProblem(Exception):
    """The text is not YAML we accept; `str(exc)` is the reason, after "line N: " when N is known."""


def read_yaml(text: str, *, max_depth: int) -> object:
    """The only document in `text`: dict, list, str, int, float, bool, None, date, datetime.

    Of repeated keys the last one wins; a document without content is None. Raises YamlProblem, and no other
    error, for everything else. `text` must be free of lone surrogates.
    """
    data = text.encode()
    builder = _Builder(max_depth)
    try:
        for event in yaml.parse(data, Loader=yaml.CSafeLoader):
            builder.take(event)
    except ReaderError as exc:
        line = data.count(b"\n", 0, exc.position) + 1
        raise YamlProblem(f"line {line}: {exc.reason}") from exc
    except yaml.YAMLError as exc:
        raise YamlProblem(_reason(exc)) from exc
    return builder.root


def implied_tag(text: str) -> str:
    """The tag a YAML 1.1 loader gives to `text` as a plain scalar: TEXT_TAG unless it looks like a value."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return str(tag)
    return TEXT_TAG


class _Builder:
    """Takes parser events one by one; afterwards `root` is the value of the document."""

    def __init__(self, max_depth: int) -> None:
        self.root: object = None
        self._max_depth = max_depth
        self._open: list[_Open] = []
        self._nodes = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._check_node(event)
                self._add(event, _scalar_value(event))
            case yaml.CollectionStartEvent():
                self._check_node(event)
                self._begin(event)
            case yaml.CollectionEndEvent():
                self._add(event, self._open.pop().value())
            case yaml.AliasEvent():
                raise _problem(event, "anchors and aliases are not accepted")
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _problem(event, "only one document is accepted")

    def _check_node(self, event: yaml.NodeEvent) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _problem(event, f"more than {MAX_NODES:,} values")
        if event.anchor is not None:
            raise _problem(event, "anchors and aliases are not accepted")

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (_MAPPING_TAGS if is_mapping else _SEQUENCE_TAGS):
            raise _problem(event, f'the tag "{_short(event.tag)}" is not accepted')
        if len(self._open) >= self._max_depth:
            raise _problem(event, f"nested more than {self._max_depth} levels deep")
        self._open.append(_Open(is_mapping))

    def _add(self, event: yaml.Event, value: object) -> None:
        if not self._open:
            self.root = value
            return
        parent = self._open[-1]
        parent.parts.append(_key(event, value) if parent.expects_key() else value)


class _Open:
    """A mapping or sequence whose end has not been read; `parts` of a mapping alternate key and value."""

    __slots__ = ("is_mapping", "parts")

    def __init__(self, is_mapping: bool) -> None:
        self.is_mapping = is_mapping
        self.parts: list[object] = []

    def expects_key(self) -> bool:
        return self.is_mapping and len(self.parts) % 2 == 0

    def value(self) -> object:
        if self.is_mapping:
            return dict(zip(self.parts[::2], self.parts[1::2], strict=True))
        return self.parts


def _key(event: yaml.Event, value: object) -> str:
    if isinstance(value, dict | list):
        raise _problem(event, "a key must be a single value")
    if value == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
        raise _problem(event, 'merge keys ("<<") are not accepted')
    return str(value)


def _scalar_value(event: yaml.ScalarEvent) -> object:
    """The value of one scalar: text, or what its explicit or implied tag says."""
    tag = event.tag
    if tag is None or tag == "!":
        tag = _plain_tag(event.value) if event.implicit[0] else TEXT_TAG
    if tag == TEXT_TAG:
        return event.value
    read = _READERS.get(tag)
    if read is None:
        raise _problem(event, f'the tag "{_short(tag)}" is not accepted')
    try:
        return read(yaml.ScalarNode(tag, event.value))
    except (ValueError, LookupError, ArithmeticError, AttributeError) as exc:  # what SafeConstructor lets out
        kind = tag.removeprefix(TAG_PREFIX)
        raise _problem(event, f'"{_short(event.value)}" is not a valid {kind}') from exc


def _plain_tag(text: str) -> str:
    tag = implied_tag(text)
    if tag in _TEXT_AFTER_ALL_TAGS or (tag in _NUMBER_TAGS and ":" in text):
        return TEXT_TAG
    return tag


def _integer(node: yaml.ScalarNode) -> int:
    _check_number_length(node)
    return _SAFE.construct_yaml_int(node)


def _number(node: yaml.ScalarNode) -> float:
    _check_number_length(node)
    number = _SAFE.construct_yaml_float(node)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _check_number_length(node: yaml.ScalarNode) -> None:
    if len(node.value) > MAX_NUMBER_LENGTH:
        raise ValueError("number too long")


def _moment(node: yaml.ScalarNode) -> datetime.date:
    """A date, or a datetime; it has a zone only when the text has one."""
    return _SAFE.construct_yaml_timestamp(node)


_READERS: dict[str, Callable[[yaml.ScalarNode], object]] = {
    TAG_PREFIX + "null": _SAFE.construct_yaml_null,
    TAG_PREFIX + "bool": _SAFE.construct_yaml_bool,
    TAG_PREFIX + "int": _integer,
    TAG_PREFIX + "float": _number,
    TAG_PREFIX + "timestamp": _moment,
}


def _problem(event: yaml.Event, reason: str) -> YamlProblem:
    if event.start_mark is None:
        return YamlProblem(reason)
    return YamlProblem(f"line {event.start_mark.line + 1}: {reason}")


def _reason(exc: yaml.YAMLError) -> str:
    """libyaml's own words in one line."""
    problem = getattr(exc, "problem", None) or "it cannot be read"
    mark = getattr(exc, "problem_mark", None)
    return f"line {mark.line + 1}: {problem}" if mark is not None else str(problem)


def _short(text: str | None) -> str:
    """At most MAX_QUOTED_LENGTH characters of `text`, for a sentence."""
    text = text or ""
    return text if len(text) <= MAX_QUOTED_LENGTH else text[: MAX_QUOTED_LENGTH - 1] + "…"
