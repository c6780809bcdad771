"""What must hold for every value and every body (protocol.md §3 to §6)."""

import datetime
import json
import math
import re
import xml.etree.ElementTree as ET

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reynard.api.formats import FormData, Unreadable, WireDate, WireDateTime, decode, encode

many = settings(max_examples=200, deadline=None)  # a busy machine is no failure

AWKWARD = "\x00\x01\t\n\r\x1f \"'\\#%&*:,-?[]{}|<>=!@`~0123456789.eE_\x7f\x80\x85\xa0\u2028\u2029\ufeff\ufffe\uffff"
WORDS = [
    "null",
    "yes",
    "12",
    "1e5",
    "12:30",
    "2026-03-09",
    "2026-03-09 08:41:17",
    "<<",
    "---",
    "...",
    "- a",
    "a: b",
]

text = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(AWKWARD + "ab"),
    st.sampled_from(WORDS),
)
moments = st.datetimes(min_value=datetime.datetime.fromisoformat("1000-01-01")).map(
    lambda at: at.replace(microsecond=0, fold=0)
)
dates = st.dates(min_value=datetime.date(1000, 1, 1))
scalars = st.one_of(
    text,
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)


def nested(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=15,
    )


def same(left, right):
    """Equal, and of equal types: 1 is neither True nor 1.0."""
    return repr(left) == repr(right)


def on_the_wire(value):
    """`value` with its moments and dates as wire types."""
    if isinstance(value, datetime.datetime):
        return WireDateTime(value.isoformat(" "))
    if isinstance(value, datetime.date):
        return WireDate(value.isoformat())
    return mapped(on_the_wire, value)


def as_text(value):
    """`value` with its moments and dates as JSON says them."""
    if isinstance(value, datetime.date):
        return str(value)
    return mapped(as_text, value)


def mapped(function, value):
    if isinstance(value, list):
        return [function(item) for item in value]
    if isinstance(value, dict):
        return {key: function(item) for key, item in value.items()}
    return value


class TestAnswers:
    @many
    @given(nested(scalars))
    @example({"\u2028 \n": " \n a", "a\n\n b ": ["\r\n", "\ufeff", "", " ", "\n"]})
    def test_json_says_the_value(self, value):
        assert same(json.loads(encode("json", value)), value)

    @many
    @given(nested(scalars | moments | dates))
    @example({"\u2028 \n": " \n a", "a\n\n b ": ["\r\n", "\ufeff", "", " ", "\n"]})
    @example({"a" * 200 + "\n": "\x85 ", "? ": [": ", "#", "a #b", "%a"]})
    def test_yaml_says_the_value_with_real_dates(self, value):
        written = encode("yaml", on_the_wire(value))

        assert same(yaml.load(written, Loader=yaml.CSafeLoader), value)
        assert same(json.loads(encode("json", on_the_wire(value))), as_text(value))

    @many
    @given(nested(scalars | moments | dates))
    def test_the_slow_yaml_loader_agrees_with_the_fast_one(self, value):
        written = encode("yaml", on_the_wire(value))

        assert same(yaml.load(written, Loader=yaml.SafeLoader), value)

    @many
    @given(nested(scalars | moments | dates))
    @example({"3": "\r\n", "a:b": None, "\n\t": ["]]>", "\ufffe", ""]})
    def test_xml_says_what_json_says(self, value):
        wire = on_the_wire(value)
        guide = json.loads(encode("json", wire))

        assert same(read_xml(ET.fromstring(encode("xml", wire)), guide), replaced(guide))

    @many
    @given(st.dictionaries(text, scalars) | st.lists(scalars))
    def test_every_answer_in_json_and_yaml_is_a_request_we_read(self, value):
        assert same(decode("application/json", encode("json", value)), value)
        assert same(decode("application/x-yaml", encode("yaml", value)), value)

    @pytest.mark.parametrize("fmt", ["json", "yaml", "xml"])
    @many
    @given(nested(st.text() | st.floats()))
    def test_surrogates_and_odd_floats_never_fail(self, fmt, value):
        encode(fmt, value).decode()


NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def replaced(value):
    if isinstance(value, str):
        return NOT_IN_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return [(replaced(key), replaced(item)) for key, item in value.items()]
    return mapped(replaced, value)


def read_xml(element, guide):
    """The value of `element`, typed like `guide`; an object as a list of pairs, since keys may coincide."""
    if guide is None:
        assert element.attrib.pop("null") == "True"
        assert (element.text, len(element)) == (None, 0)
        return None
    assert "null" not in element.attrib
    if isinstance(guide, dict):
        return [(element_key(child), read_xml(child, guide[key])) for child, key in zip(element, guide, strict=True)]
    if isinstance(guide, list):
        assert {child.tag for child in element} <= {"resource"}
        return [read_xml(child, item) for child, item in zip(element, guide, strict=True)]
    content = element.text or ""
    if isinstance(guide, bool):
        return {"True": True, "False": False}[content]
    return type(guide)(content)


def element_key(element):
    return element.get("name", element.tag) if element.tag == "field" else element.tag


LEAVES = (str, int, float, bool, type(None), datetime.date, datetime.datetime)


def check_leaves(value):
    if isinstance(value, dict):
        assert all(type(key) is str for key in value)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            check_leaves(item)
        return
    assert type(value) in LEAVES
    if isinstance(value, float):
        assert math.isfinite(value)
    if isinstance(value, str):
        value.encode()


YAML_PIECES = [
    *("a", "1", ":", ": ", "- ", "\n", "\n  ", "[", "]", "{", "}", ", ", "? ", "&a ", "*a", "'", '"', "# "),
    *("|\n ", ">\n ", "=", "0x", ".", "-", "_", "~", "\t", "\\", "\x85", "\u2028", "é", "---\n", "...\n"),
    *("!!int ", "!!float ", "!!bool ", "!!null ", "!!timestamp ", "!!str ", "!!set ", "! ", "!x "),
    *("2026-13-45", "99:99", ".inf", "1.0e+999", "%YAML 1.1\n"),
]
yaml_pieces = st.lists(st.sampled_from(WORDS + YAML_PIECES)).map(lambda pieces: "".join(pieces).encode())
json_pieces = st.lists(
    st.sampled_from(["{", "}", "[", "]", ",", ":", '"', '"a"', "1", "-", "1e999", "null", "NaN", "\\u", "\\ud800", " "])
).map(lambda pieces: "".join(pieces).encode())
form_pieces = st.lists(st.sampled_from([b"a", b"=", b"&", b"%", b"%ff", b"%C3%B6", b"+", b"%2B", b"\xff", b";"])).map(
    b"".join
)
charsets = st.sampled_from(["", "; charset=utf-8", "; charset=utf-16", "; charset=utf-7", "; charset=latin-1"])


class TestRequests:
    @many
    @given(st.binary() | json_pieces, charsets)
    def test_json_is_read_or_refused(self, body, charset):
        self.read_or_refuse("application/json" + charset, body)

    @settings(many, max_examples=800)
    @given(st.binary() | yaml_pieces, charsets)
    def test_yaml_is_read_or_refused(self, body, charset):
        self.read_or_refuse("application/x-yaml" + charset, body)

    @many
    @given(st.binary() | form_pieces, charsets)
    def test_forms_are_read_or_refused(self, body, charset):
        self.read_or_refuse("application/x-www-form-urlencoded" + charset, body)

    @many
    @given(st.text(), st.binary())
    @example("application/json; charset=\x00", b"{}")
    @example(";;;charset", b"a")
    def test_any_content_type_is_read_or_refused(self, content_type, body):
        self.read_or_refuse(content_type, body)

    @many
    @given(st.text(st.characters(exclude_categories=["Cs"])), st.binary())
    def test_any_charset_is_read_or_refused(self, charset, body):
        self.read_or_refuse(f"application/json; charset={charset}", body)

    def read_or_refuse(self, content_type, body):
        try:
            value = decode(content_type, body)
        except Unreadable:
            return
        if isinstance(value, FormData):
            value = dict(value.items_lists())
        assert isinstance(value, dict | list)
        check_leaves(value)
        for fmt in ("json", "yaml", "xml"):
            encode(fmt, as_text(value))

    @many
    @given(st.dictionaries(text, scalars) | st.lists(nested(scalars), max_size=3))
    def test_yaml_of_other_writers_is_read_as_the_safe_loader_reads_it(self, value):
        body = yaml.dump(value, Dumper=NoAliases, allow_unicode=True).encode()

        assert same(decode("application/x-yaml", body), yaml.load(body, Loader=yaml.CSafeLoader))


class NoAliases(yaml.CSafeDumper):
    def ignore_aliases(self, data):
        return True
