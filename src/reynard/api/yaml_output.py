"""YAML answers (protocol.md §6 and P-08): plain values in, a document out.

Written by libyaml's emitter, block style, UTF-8. What is a string stays a string for YAML 1.1 and 1.2 loaders
alike; what is a wire date is a plain scalar, so that loaders yield a date or datetime.
"""

import io
import math
import re
from collections.abc import Callable
from functools import lru_cache

import yaml

from reynard.api.yaml_input import TEXT_TAG, implied_tag

Emit = Callable[[yaml.Event], None]


class WireDateTime(str):
    """'YYYY-MM-DD HH:MM:SS', UTC. A plain scalar in YAML, so that loaders yield a datetime (P-08)."""

    __slots__ = ()


class WireInstant(str):
    """'YYYY-MM-DDTHH:MM:SSZ', the form of assets. A plain scalar in YAML too."""

    __slots__ = ()


class WireDate(str):
    """'YYYY-MM-DD'. A plain scalar in YAML, so that loaders yield a date (P-08)."""

    __slots__ = ()


WIRE_TYPES = (WireDateTime, WireInstant, WireDate)
_WIRE_PATTERN = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d|T\d\d:\d\d:\d\dZ)?", re.ASCII)
_NO_FOLDING = 1 << 30  # long lines stay whole


def write_yaml(value: object) -> bytes:
    """The document for `value`: nested dict (str keys), list, tuple, wire dates, str, int, float, bool, None.

    The emitter is given events, not objects: representer, node tree and resolver of `yaml.dump` take three
    quarters of its time and plain data needs none of them. Without them there are no aliases either.
    """
    stream = io.BytesIO()
    emit = yaml.CSafeDumper(stream, encoding="utf-8", allow_unicode=True, width=_NO_FOLDING).emit
    emit(yaml.StreamStartEvent(encoding="utf-8"))
    emit(yaml.DocumentStartEvent(explicit=False))
    _emit_value(emit, value)
    emit(yaml.DocumentEndEvent(explicit=False))
    emit(yaml.StreamEndEvent())
    return stream.getvalue()


def _emit_value(emit: Emit, value: object) -> None:
    if isinstance(value, str):
        emit(_date_event(value) if isinstance(value, WIRE_TYPES) else _text_event(value))
    elif isinstance(value, dict):
        emit(_MAPPING_START)
        for key, item in value.items():
            emit(_key_event(key))
            _emit_value(emit, item)
        emit(_MAPPING_END)
    elif isinstance(value, list | tuple):
        emit(_SEQUENCE_START)
        for item in value:
            _emit_value(emit, item)
        emit(_SEQUENCE_END)
    else:
        emit(_plain_event(_scalar_text(value)))


def _scalar_text(value: object) -> str:
    """YAML's words for None, a bool or a number. YAML 1.1 knows an exponent only after a decimal point."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _date_event(value: str) -> yaml.Event:
    return _plain_event(str(value)) if _WIRE_PATTERN.fullmatch(value) else _text_event(str(value))


def _text_event(text: str) -> yaml.Event:
    """A string, in quotes if any loader, 1.1 or 1.2, might take the bare text for something else."""
    risky = text[:1] in _QUOTED_WHEN_FIRST or text in _QUOTED_WORDS or implied_tag(text) != TEXT_TAG
    return yaml.ScalarEvent(None, None, (not risky, True), text)


def _plain_event(text: str) -> yaml.Event:
    return yaml.ScalarEvent(None, None, (True, False), text)


_key_event = lru_cache(maxsize=1024)(_text_event)
_QUOTED_WHEN_FIRST = frozenset("0123456789+-.")
_QUOTED_WORDS = frozenset("yYnN")  # bools in YAML 1.1, though not in PyYAML
_MAPPING_START = yaml.MappingStartEvent(None, None, True, flow_style=False)
_MAPPING_END = yaml.MappingEndEvent()
_SEQUENCE_START = yaml.SequenceStartEvent(None, None, True, flow_style=False)
_SEQUENCE_END = yaml.SequenceEndEvent()
