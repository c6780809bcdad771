"""Bytes to plain values and back: the formats of protocol.md §3 to §6, without Django and without the desk.

* `encode` writes an answer as JSON, YAML or XML; what one says, the others say.
* `retype` reads a stored JSON answer back into its shape, so that it can be written as YAML or XML.
* `decode` reads a request body (JSON, YAML, form) or raises Unreadable, whatever the bytes are.

Multipart bodies are streams with files in them and are read by the caller, who builds a FormData too.
"""

import codecs
import encodings.aliases
import pkgutil
import re
from collections.abc import Callable, Iterable, KeysView
from functools import lru_cache
from urllib.parse import parse_qsl

import msgspec

from reynard.api.xml_output import write_xml
from reynard.api.yaml_input import YamlProblem, read_yaml
from reynard.api.yaml_output import WIRE_TYPES, WireDate, WireDateTime, WireInstant, write_yaml

__all__ = [
    "CONTENT_TYPES",
    "FormData",
    "Unreadable",
    "WireDate",
    "WireDateTime",
    "WireInstant",
    "decode",
    "encode",
    "retype",
]

CONTENT_TYPES: dict[str, str] = {
    "json": "application/json; charset=utf-8",
    "yaml": "application/x-yaml; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
}
MAX_DEPTH = 50  # containers within containers, in a request
MAX_FORM_PAIRS = 2_000


class Unreadable(Exception):
    """The body cannot be read (P-05); `str(exc)` is the sentence for the person."""


class FormData:
    """The pairs of a form, in order of first appearance; a key may have several values."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._lists: dict[str, list[str]] = {}
        for key, value in pairs:
            self._lists.setdefault(key, []).append(value)

    def keys(self) -> KeysView[str]:
        return self._lists.keys()

    def get(self, key: str) -> str | None:
        """The last value of `key` (protocol.md §4: the last one wins), None if it was not sent."""
        values = self._lists.get(key)
        return values[-1] if values else None

    def getlist(self, key: str) -> list[str]:
        """All values of `key` as sent, empty if it was not sent."""
        return list(self._lists.get(key, ()))

    def items_lists(self) -> list[tuple[str, list[str]]]:
        """Every key with all its values."""
        return [(key, list(values)) for key, values in self._lists.items()]

    def __contains__(self, key: object) -> bool:
        return key in self._lists

    def __repr__(self) -> str:
        return f"FormData({self._lists!r})"


# --- Answers ---------------------------------------------------------------------------------------------


def encode(fmt: str, value: object) -> bytes:
    """`value` in the format "json", "yaml" or "xml", always UTF-8.

    Takes msgspec structs (renamed fields honoured, UNSET ones left out), dicts, lists, tuples, str, int,
    float, bool, None, the wire dates and msgspec.Raw with JSON text inside, nested. Lone surrogates become
    U+FFFD, floats that are not finite null. Dates inside a Raw are text; see `retype`. Other types raise
    TypeError.
    """
    write = _WRITERS[fmt]
    try:
        return write(value)
    except UnicodeEncodeError:
        return write(_without_surrogates(_builtins(value)))


def retype(raw_json: bytes, shape: object) -> object:
    """Stored JSON as `shape`, a struct type or a generic such as `list[Ticket]`.

    Fields annotated as one of the wire dates come back as these types. Raises msgspec.DecodeError (also its
    subclass ValidationError) if the text is not of that shape.
    """
    return msgspec.json.decode(raw_json, type=shape, dec_hook=_wire_value)


def _wire_value(type_: type, value: object) -> object:
    if type_ in WIRE_TYPES and isinstance(value, str):
        return type_(value)
    raise ValueError(f"Expected `{type_.__name__}`, got `{type(value).__name__}`")


def _write_json(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=_simpler)


def _write_xml(value: object) -> bytes:
    return write_xml(_builtins(value))


def _write_yaml(value: object) -> bytes:
    return write_yaml(_builtins(value))


_WRITERS: dict[str, Callable[[object], bytes]] = {"json": _write_json, "yaml": _write_yaml, "xml": _write_xml}


def _builtins(value: object) -> object:
    """`value` as dicts, lists, tuples and scalars; only the wire dates are kept as they are."""
    return msgspec.to_builtins(value, builtin_types=WIRE_TYPES, str_keys=True, enc_hook=_simpler)


def _simpler(value: object) -> object:
    if isinstance(value, msgspec.Raw):
        return msgspec.json.decode(value)
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"no wire format for {type(value).__name__}")


def _without_surrogates(value: object) -> object:
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    if type(value) is str:
        return _SURROGATE.sub("\ufffd", value)
    return value


_SURROGATE = re.compile("[\ud800-\udfff]")


# --- Requests --------------------------------------------------------------------------------------------


def decode(content_type: str, body: bytes) -> object:
    """The value of a request body: dict or list (JSON, YAML), FormData (forms), {} if the body is empty.

    `content_type` is the header's value, "" if there is none. Leaves are str, int, float, bool and None, in
    YAML also date and datetime. Raises Unreadable, and no other error, for everything it cannot take: another
    content type, an unknown charset, broken or hostile text.
    """
    if not body.strip():
        return {}
    media_type, charset_name = _media_type_and_charset(content_type)
    if media_type and media_type not in _FORMATS:
        raise Unreadable(f'The content type "{media_type[:80]}" is not accepted. Send {_ACCEPTED}.')
    charset = charset_named(charset_name)
    text = text_in(body, charset)
    if not text.strip():
        return {}
    read = _FORMATS[media_type or _guess(text)]
    return read(text, charset)


def _read_json(text: str, charset: str) -> object:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as exc:
        reason = str(exc).removeprefix("JSON is malformed: ")
        raise Unreadable(f"The body is not valid JSON: {reason}.") from exc
    except RecursionError as exc:
        raise _too_deep("JSON") from exc
    if _is_deeper_than(MAX_DEPTH, value):
        raise _too_deep("JSON")
    return _object_or_list(value)


def _read_yaml(text: str, charset: str) -> object:
    try:
        return _object_or_list(read_yaml(text, max_depth=MAX_DEPTH))
    except YamlProblem as exc:
        raise Unreadable(f"The body is not valid YAML: {exc}.") from exc


def _read_form(text: str, charset: str) -> FormData:
    """Percent escapes are bytes in `charset`; a space may be written as a plus sign."""
    if text.count("&") >= MAX_FORM_PAIRS:
        raise Unreadable(f"The form has more than {MAX_FORM_PAIRS:,} fields.")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, encoding=charset, errors="strict")
    except UnicodeError as exc:
        raise _undecodable(charset) from exc
    for pair in pairs:
        _check_surrogates("".join(pair), charset)
    return FormData(pairs)


_JSON, _YAML, _FORM = "application/json", "application/x-yaml", "application/x-www-form-urlencoded"
_FORMATS: dict[str, Callable[[str, str], object]] = {
    _JSON: _read_json,
    _YAML: _read_yaml,
    "application/yaml": _read_yaml,
    "text/yaml": _read_yaml,
    "text/x-yaml": _read_yaml,
    _FORM: _read_form,
}
_ACCEPTED = f"{_JSON}, {_YAML}, {_FORM} or multipart/form-data"


def _guess(text: str) -> str:
    """What a body without a content type is (protocol.md §4)."""
    return _JSON if text.lstrip()[0] in "{[" else _FORM


def _object_or_list(value: object) -> object:
    if not isinstance(value, dict | list):
        raise Unreadable("The body must be an object or a list.")
    return value


def _too_deep(language: str) -> Unreadable:
    return Unreadable(f"The body is not valid {language}: nested more than {MAX_DEPTH} levels deep.")


def _is_deeper_than(limit: int, value: object) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
    return bool(level)


# --- Content type and charset ----------------------------------------------------------------------------


def _media_type_and_charset(content_type: str) -> tuple[str, str]:
    """("application/json", "latin-1") for `Application/JSON; charset="latin-1"`; utf-8 if none is named."""
    media_type, *parameters = content_type.split(";")
    charset = "utf-8"
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'") or charset
            break
    return media_type.strip().lower(), charset


def charset_named(name: str) -> str:
    """Python's name of the text encoding `name`."""
    normalized = encodings.normalize_encoding(name).lower()
    if normalized not in _known_charsets():
        raise Unreadable(f'The charset "{name[:40]}" is not known. Send UTF-8.')
    return codecs.lookup(normalized).name


def text_in(body: bytes, charset: str) -> str:
    """The body as text without byte order mark and free of lone surrogates."""
    try:
        text = body.decode(charset)
    except UnicodeError as exc:
        raise _undecodable(charset) from exc
    _check_surrogates(text, charset)
    return text.removeprefix("\ufeff")


@lru_cache(maxsize=1)
def _known_charsets() -> frozenset[str]:
    """Names, normalized, of the text encodings Python has.

    Asking `codecs` for each name a request brings would remember the unknown ones for ever. Left out are the
    codecs that are none of bytes (rot13, hex), and those that spell Python literals or host names, which no
    body is written in and some of which take quadratic time.
    """
    modules = {module.name for module in pkgutil.iter_modules(encodings.__path__)}
    names = {*modules, *encodings.aliases.aliases} - {"aliases"}
    return frozenset(name for name in names if _is_text_codec(name))


def _is_text_codec(name: str) -> bool:
    try:
        info = codecs.lookup(name)
    except LookupError:
        return False
    return info._is_text_encoding and info.name not in _NOT_FOR_BODIES


_NOT_FOR_BODIES = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})


def _check_surrogates(text: str, charset: str) -> None:
    if _SURROGATE.search(text):
        raise _undecodable(charset)


def _undecodable(charset: str) -> Unreadable:
    return Unreadable(f'The body cannot be decoded as "{charset}".')
