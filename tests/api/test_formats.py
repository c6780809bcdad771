"""The formats of protocol.md §3 to §6, by example."""

import datetime
import json
import time
import xml.etree.ElementTree as ET

import msgspec
import pytest
import yaml

from reynard.api.formats import (
    CONTENT_TYPES,
    FormData,
    Unreadable,
    WireDate,
    WireDateTime,
    decode,
    encode,
    retype,
)

JSON, YAML, FORM = "application/json", "application/x-yaml", "application/x-www-form-urlencoded"


class Row(msgspec.Struct, kw_only=True):
    id: int
    subject: str
    due_date: WireDate | None
    unresponded: bool
    created_at: WireDateTime
    merged_tickets: list[int]
    by_: str | msgspec.UnsetType = msgspec.field(name="by", default=msgspec.UNSET)
    closed_at: WireDateTime | None | msgspec.UnsetType = msgspec.UNSET


class Page(msgspec.Struct):
    page_info: dict[str, int]
    data: list[Row]


def page() -> Page:
    row = Row(
        id=4127,
        subject="Brake cable frayed",
        due_date=None,
        unresponded=True,
        created_at=WireDateTime("2026-03-09 08:41:17"),
        merged_tickets=[],
    )
    info = {"count": 1, "start_index": 1, "end_index": 1, "last_index": 1, "page_count": 1}
    return Page(info, [row])


# The fragment of protocol.md §6, three times.

PAGE_JSON = b"""\
{"page_info": {"count": 1, "start_index": 1, "end_index": 1, "last_index": 1, "page_count": 1},
 "data": [{"id": 4127, "subject": "Brake cable frayed", "due_date": null, "unresponded": true,
           "created_at": "2026-03-09 08:41:17", "merged_tickets": []}]}
"""
PAGE_YAML = b"""\
page_info:
  count: 1
  start_index: 1
  end_index: 1
  last_index: 1
  page_count: 1
data:
- id: 4127
  subject: Brake cable frayed
  due_date: null
  unresponded: true
  created_at: 2026-03-09 08:41:17
  merged_tickets: []
"""
PAGE_XML = (
    b'<?xml version="1.0" encoding="utf-8"?>\n'
    b"<response><page_info><count>1</count><start_index>1</start_index><end_index>1</end_index>"
    b"<last_index>1</last_index><page_count>1</page_count></page_info><data><resource><id>4127</id>"
    b'<subject>Brake cable frayed</subject><due_date null="True"></due_date>'
    b"<unresponded>True</unresponded><created_at>2026-03-09 08:41:17</created_at>"
    b"<merged_tickets></merged_tickets></resource></data></response>"
)


def test_the_fragment_of_the_contract_is_written_in_three_formats():
    assert json.loads(encode("json", page())) == json.loads(PAGE_JSON)
    assert encode("yaml", page()) == PAGE_YAML
    assert encode("xml", page()) == PAGE_XML


def test_stored_json_is_written_in_three_formats_as_if_it_were_fresh():
    again = retype(encode("json", page()), Page)

    assert again == page()
    assert [encode(fmt, again) for fmt in CONTENT_TYPES] == [encode(fmt, page()) for fmt in CONTENT_TYPES]


def test_the_content_types_are_those_of_the_contract():
    assert CONTENT_TYPES == {
        "json": "application/json; charset=utf-8",
        "yaml": "application/x-yaml; charset=utf-8",
        "xml": "application/xml; charset=utf-8",
    }


class TestRetype:
    def test_it_gives_wire_types_where_the_shape_has_them(self):
        stored = (
            b'[{"id": 1, "subject": "2026-03-09", "due_date": "2026-03-10", "unresponded": false,'
            b' "created_at": "2026-03-09 08:41:17", "merged_tickets": [2], "by": "Ann", "closed_at": null}]'
        )

        [row] = retype(stored, list[Row])

        assert type(row.created_at) is WireDateTime
        assert type(row.due_date) is WireDate
        assert type(row.subject) is str
        assert (row.by_, row.closed_at) == ("Ann", None)
        [loaded] = yaml.safe_load(encode("yaml", [row]))
        assert loaded["created_at"] == datetime.datetime.fromisoformat("2026-03-09 08:41:17")
        assert loaded["due_date"] == datetime.date(2026, 3, 10)
        assert loaded["subject"] == "2026-03-09"

    def test_it_refuses_another_shape(self):
        with pytest.raises(msgspec.ValidationError):
            retype(b'[{"id": 1}]', list[Row])
        with pytest.raises(msgspec.ValidationError):
            retype(b"[1]", list[WireDate])


class TestEncode:
    def test_renamed_fields_are_honoured_and_unset_ones_left_out(self):
        row = page().data[0]
        row.by_ = "Ann"

        for fmt in CONTENT_TYPES:
            text = encode(fmt, row).decode()
            assert "by_" not in text
            assert "by" in text
            assert "closed_at" not in text

    def test_raw_json_is_written_as_its_value(self):
        value = {"error": msgspec.Raw(b'{"a": [1, null, "x"]}')}

        assert json.loads(encode("json", value)) == {"error": {"a": [1, None, "x"]}}
        assert yaml.safe_load(encode("yaml", value)) == {"error": {"a": [1, None, "x"]}}
        assert b'<a><resource>1</resource><resource null="True"></resource>' in encode("xml", value)

    def test_text_is_utf_8_and_not_escaped_to_ascii(self):
        for fmt in CONTENT_TYPES:
            assert "größe 日本".encode() in encode(fmt, {"subject": "größe 日本"})

    def test_only_libyaml_escapes_what_lies_beyond_the_basic_plane(self):
        assert encode("json", "😀") == '"😀"'.encode()
        assert "<response>😀</response>".encode() in encode("xml", "😀")
        assert encode("yaml", ["😀"]) == b'- "\\U0001F600"\n'

    def test_floats_that_are_not_finite_are_null(self):
        value = [float("nan"), float("inf"), -float("inf"), 1.5]

        assert encode("json", value) == b"[null,null,null,1.5]"
        assert yaml.safe_load(encode("yaml", value)) == [None, None, None, 1.5]
        assert encode("xml", value).count(b'<resource null="True"></resource>') == 3

    def test_lone_surrogates_become_replacement_characters(self):
        value = {"a\udc80": ["x\ud800y", WireDate("2026-03-09"), 1]}
        expected = {"a\ufffd": ["x\ufffdy", "2026-03-09", 1]}

        assert json.loads(encode("json", value)) == expected
        expected["a\ufffd"][1] = datetime.date(2026, 3, 9)
        assert yaml.safe_load(encode("yaml", value)) == expected
        assert '<field name="a\ufffd"><resource>x\ufffdy</resource>'.encode() in encode("xml", value)

    def test_text_of_other_string_classes_is_text(self):
        class Marked(str):
            __slots__ = ()

        for fmt in CONTENT_TYPES:
            assert encode(fmt, [Marked("a")]) == encode(fmt, ["a"])

    def test_numbers_as_keys_are_written_as_text(self):
        assert encode("json", {3: 1}) == b'{"3":1}'
        assert encode("yaml", {3: 1}) == b"'3': 1\n"
        assert b'<field name="3">1</field>' in encode("xml", {3: 1})

    @pytest.mark.parametrize("fmt", CONTENT_TYPES)
    def test_it_refuses_other_types(self, fmt):
        with pytest.raises(TypeError):
            encode(fmt, [object()])

    @pytest.mark.parametrize("fmt", CONTENT_TYPES)
    def test_it_is_deterministic(self, fmt):
        assert encode(fmt, page()) == encode(fmt, page())


class TestYamlAnswers:
    def test_wire_dates_are_plain_scalars(self):
        value = {"at": WireDateTime("2026-03-09 08:41:17"), "on": WireDate("2026-03-09")}

        assert encode("yaml", value) == b"at: 2026-03-09 08:41:17\n'on': 2026-03-09\n"

    @pytest.mark.parametrize("text", ["", "null", "soon", "2026-03-09\n"])
    def test_a_wire_date_that_is_none_stays_text(self, text):
        assert yaml.safe_load(encode("yaml", [WireDateTime(text)])) == [text]

    @pytest.mark.parametrize(
        "text",
        """2026-03-09 08:41:17|2026-03-09|12|-1|1.5|1e5|0x1F|0o17|017|1_000|12:30|true|True|yes|No|on|OFF|y|N
        |null|Null|~|.inf|-.inf|.nan|+1|=|<<|""".replace("\n        ", "").split("|"),
    )
    def test_strings_that_look_like_something_else_are_quoted(self, text):
        written = encode("yaml", {"a": text, text: 1})

        assert yaml.safe_load(written) == {"a": text, text: 1}
        assert written.startswith(b"a: '" + text.encode() + b"'\n")
        assert written.endswith(b"'" + text.encode() + b"': 1\n")

    def test_equal_lists_are_written_twice_and_not_as_aliases(self):
        tags = ["a"]
        written = encode("yaml", {"a": tags, "b": tags})

        assert written == b"a:\n- a\nb:\n- a\n"

    @pytest.mark.parametrize("code", [*range(0x21), 0x7F, 0x85, 0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0x1F600])
    def test_unusual_characters_survive(self, code):
        for text in (chr(code), f"a{chr(code)}b", f"{chr(code)} b", f"a \n{chr(code)}\n b{chr(code)}"):
            value = {"text": text, text: [text]}
            assert yaml.load(encode("yaml", value), Loader=yaml.CSafeLoader) == value

    def test_long_lines_and_long_keys_survive(self):
        value = {"k" * 2000: "word " * 500, "line one\nline two": "x" * 5000}

        assert yaml.load(encode("yaml", value), Loader=yaml.CSafeLoader) == value

    @pytest.mark.parametrize("value", [None, True, "text", 1, 1e16, {}, [], [[]], [{}], {"a": {}}])
    def test_any_value_can_be_the_root(self, value):
        assert yaml.safe_load(encode("yaml", value)) == value


class TestXmlAnswers:
    @pytest.mark.parametrize(
        ("value", "inside"),
        [
            (
                [{"field": "a", "errors": ["No."]}],
                "<resource><field>a</field><errors><resource>No.</resource></errors></resource>",
            ),
            ({"a": True, "b": False, "c": ""}, "<a>True</a><b>False</b><c></c>"),
            ({"a": 1e16, "b": -1.5, "c": -7}, "<a>1e16</a><b>-1.5</b><c>-7</c>"),
            ({"3": "x", "": "y"}, '<field name="3">x</field><field name="">y</field>'),
            ({"a b": "z"}, '<field name="a b">z</field>'),
            ({"t-cf-8": 1, "_a.b": 2, "größe": 3}, "<t-cf-8>1</t-cf-8><_a.b>2</_a.b><größe>3</größe>"),
            ({"a:b": 1, "-a": 2}, '<field name="a:b">1</field><field name="-a">2</field>'),
            ({"a\n": 3}, '<field name="a&#10;">3</field>'),
            ({'<"&>\r\t': None}, '<field name="&lt;&quot;&amp;&gt;&#13;&#9;" null="True"></field>'),
            ("a < b & c > d ]]> \r\n", "a &lt; b &amp; c &gt; d ]]&gt; &#13;\n"),
            ("\x00\x08\x0b\x1f\ufffe\uffff\ud800|\t\x7f\x85\u2028😀", "\ufffd" * 7 + "|\t\x7f\x85\u2028😀"),
            ([], ""),
        ],
    )
    def test_the_layout(self, value, inside):
        written = encode("xml", value).decode()

        assert written == f'<?xml version="1.0" encoding="utf-8"?>\n<response>{inside}</response>'
        ET.fromstring(written.encode())

    def test_null_as_the_root(self):
        assert encode("xml", None).endswith(b'\n<response null="True"></response>')

    @pytest.mark.parametrize("key", ["xmlns", "xml", "XmlFoo", "resource", "field", "ð", "ª", "Ω", "𐐀"])
    def test_odd_keys_are_read_by_a_parser(self, key):
        [element] = ET.fromstring(encode("xml", {key: 1}))

        assert key in (element.tag, element.get("name"))


# --- Requests


def refusal(content_type: str, body: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        decode(content_type, body)
    return str(caught.value)


class TestContentType:
    @pytest.mark.parametrize("content_type", [JSON, "Application/JSON", " application/json ;charset=utf-8", ""])
    def test_json(self, content_type):
        assert decode(content_type, b' {"a": 1}') == {"a": 1}

    @pytest.mark.parametrize("content_type", [YAML, "application/yaml", "text/yaml", "text/x-yaml; charset=UTF-8"])
    def test_yaml(self, content_type):
        assert decode(content_type, b"a: 1") == {"a": 1}

    @pytest.mark.parametrize("content_type", [FORM, FORM.upper(), f"{FORM};charset=utf-8", ""])
    def test_form(self, content_type):
        assert decode(content_type, b"a=1").items_lists() == [("a", ["1"])]

    def test_a_body_without_content_type_may_be_a_json_list(self):
        assert decode("", b"\n\t [1]") == [1]

    @pytest.mark.parametrize("content_type", [JSON, YAML, FORM, "", "text/plain", "multipart/form-data"])
    @pytest.mark.parametrize("body", [b"", b" \r\n"])
    def test_an_empty_body_is_an_empty_object(self, content_type, body):
        assert decode(content_type, body) == {}

    @pytest.mark.parametrize("body", [b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
    def test_a_lone_byte_order_mark_is_an_empty_body(self, body):
        assert decode(JSON, body) == {}

    @pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/jsonx", "nonsense"])
    def test_others_are_refused_by_name(self, content_type):
        assert refusal(content_type, b'{"a": 1}') == (
            f'The content type "{content_type}" is not accepted. Send application/json, application/x-yaml, '
            "application/x-www-form-urlencoded or multipart/form-data."
        )

    def test_multipart_is_left_to_the_caller(self):
        assert "multipart/form-data" in refusal("multipart/form-data; boundary=x", b"--x")

    def test_a_long_name_is_cut(self):
        assert len(refusal("x" * 10_000, b"a")) < 250


class TestCharset:
    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("application/json; charset=ISO-8859-1", '{"a": "größe"}'.encode("latin-1")),
            ('application/json; charset="windows-1252"', '{"a": "größe"}'.encode("cp1252")),
            ("application/json; odd; Charset = UTF-16 ", '{"a": "größe"}'.encode("utf-16")),
            ("application/json; charset=utf-16le", '\ufeff{"a": "größe"}'.encode("utf-16-le")),
            ("application/json; charset=utf-8-sig", '{"a": "größe"}'.encode("utf-8-sig")),
            ("application/json; charset=", '{"a": "größe"}'.encode()),
            ("application/x-yaml; charset=latin1", "a: größe".encode("latin-1")),
            ("application/x-yaml", "\ufeffa: größe".encode()),
            ("application/json", '\ufeff{"a": "größe"}'.encode()),
        ],
    )
    def test_it_is_honoured(self, content_type, body):
        assert decode(content_type, body) == {"a": "größe"}

    @pytest.mark.parametrize(
        ("charset", "body"),
        [("latin-1", b"a=gr%F6%DFe"), ("latin-1", b"a=gr\xf6\xdfe"), ("utf-8", b"a=gr%C3%B6%C3%9Fe")],
    )
    def test_it_holds_for_percent_escapes(self, charset, body):
        assert decode(f"{FORM}; charset={charset}", body).get("a") == "größe"

    @pytest.mark.parametrize(
        "name",
        "klingon hex zlib base64 rot13 bz2_codec quopri uu idna punycode unicode_escape raw-unicode-escape "
        "undefined mbcs aliases a\x00b é".split(),
    )
    @pytest.mark.parametrize("media_type", [JSON, YAML, FORM])
    def test_unknown_ones_and_those_not_of_text_are_refused_by_name(self, media_type, name):
        assert refusal(f"{media_type}; charset={name}", b"{}") == (f'The charset "{name}" is not known. Send UTF-8.')

    @pytest.mark.parametrize(
        ("charset", "body"),
        [
            ("utf-8", b'{"a": "\xff"}'),
            ("ascii", b'{"a": "\xc3\xb6"}'),
            ("utf-16", b"\xff\xfe{"),
            ("utf-7", b"+2AA-"),
        ],
    )
    @pytest.mark.parametrize("media_type", [JSON, YAML, FORM])
    def test_bytes_that_do_not_fit_are_refused(self, media_type, charset, body):
        assert refusal(f"{media_type}; charset={charset}", body) == (f'The body cannot be decoded as "{charset}".')


class TestJsonRequests:
    @pytest.mark.parametrize(
        ("body", "value"),
        [
            (b'{"a": 1, "a": 2}', {"a": 2}),
            (b"[]", []),
            (b'{"a": ["\\u0000\\ud83d\\ude00"]}', {"a": ["\x00😀"]}),
            (b"[18446744073709551616, -9223372036854775809]", [2**64, -(2**63) - 1]),
            (b"[" * 50 + b"]" * 50, None),
        ],
    )
    def test_they_are_read(self, body, value):
        assert decode(JSON, body) == (value if value is not None else json.loads(body))

    def test_the_sentence_gives_the_reason_and_the_place(self):
        assert refusal(JSON, b'{"a": tru}') == "The body is not valid JSON: invalid character (byte 10)."

    @pytest.mark.parametrize("body", [b"1", b'"text"', b"null", b"true"])
    def test_anything_but_an_object_or_a_list_is_refused(self, body):
        assert refusal(JSON, body) == "The body must be an object or a list."

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[1,]",
            b"{a: 1}",
            b"{} {}",
            b"[NaN]",
            b"[Infinity]",
            b"[-Infinity]",
            b"[1e400]",
            b"[" + b"1" * 5000 + b"]",
            b'["\\ud800"]',
            b'["\\udc00\\ud800"]',
            b'["\x01"]',
            b'{"a":' * 51 + b"1" + b"}" * 51,
            b"[" * 51 + b"]" * 51,
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"[" * 100_000 + b"]" * 100_000,
        ],
        ids=lambda body: body[:12],
    )
    def test_hostile_and_broken_text_is_refused(self, body):
        assert refusal(JSON, body).startswith("The body is not valid JSON: ")


class TestYamlRequests:
    def test_a_whole_ticket(self):
        body = b"""\
            %YAML 1.1
            --- # a ticket
            name: "Ann O'Neil"
            category: 12
            t-cf-4: [4, 6]
            t-cf-5: 1.5
            due: 2026-03-09
            at: 2026-03-09 08:41:17.5
            zoned: 2026-03-09T08:41:17+02:00
            visible: yes
            priority: ~
            text: |
              one
                two
            folded: >-
              one
              two
            empty:
            ...
            """.replace(b"\n            ", b"\n").lstrip()

        assert decode(YAML, body) == {
            "name": "Ann O'Neil",
            "category": 12,
            "t-cf-4": [4, 6],
            "t-cf-5": 1.5,
            "due": datetime.date(2026, 3, 9),
            "at": datetime.datetime.fromisoformat("2026-03-09 08:41:17.500000"),
            "zoned": datetime.datetime(2026, 3, 9, 8, 41, 17, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            "visible": True,
            "priority": None,
            "text": "one\n  two\n",
            "folded": "one two",
            "empty": None,
        }

    @pytest.mark.parametrize(
        ("body", "value"),
        [
            (b"a: 1\na: 2", {"a": 2}),
            (b"1: a\ntrue: b\n~: c\n1.50: d", {"1": "a", "True": "b", "None": "c", "1.5": "d"}),
            (b"2026-03-09: a", {"2026-03-09": "a"}),
            (b"? a\n: b", {"a": "b"}),
            (b"a: 12:30\nb: 1:30.5\nc: -1:1", {"a": "12:30", "b": "1:30.5", "c": "-1:1"}),
            (b"a: =\n=: <<", {"a": "=", "=": "<<"}),
            (b'"<<": 1\n', {"<<": 1}),
            (b"[0x1F, 0b11, 017, 1_000, -5, +5, 0]", [31, 3, 15, 1000, -5, 5, 0]),
            (b"[1.5, 1.0e+3, -0.5, .5, 1e3, 1e400]", [1.5, 1000.0, -0.5, 0.5, "1e3", "1e400"]),
            (b"a: " + b"9" * 400, {"a": int("9" * 400)}),
            (b'!!map {a: !!str 1, b: !!int "2"}', {"a": "1", "b": 2}),
            (b"!!seq [!!float 3, !!null ~]", [3.0, None]),
            (b"[" * 50 + b"]" * 50, json.loads("[" * 50 + "]" * 50)),
            (b'{"json": ["is", {"yaml": null}]}', {"json": ["is", {"yaml": None}]}),
            (b'- "\\0\\x85\\u2028"', ["\x00\x85\u2028"]),
        ],
    )
    def test_they_are_read(self, body, value):
        read = decode(YAML, body)

        assert read == value
        assert repr(read) == repr(value)

    @pytest.mark.parametrize("body", [b"text", b"12", b"~", b"# only a comment", b"---\n"])
    def test_anything_but_an_object_or_a_list_is_refused(self, body):
        assert refusal(YAML, body) == "The body must be an object or a list."

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"a: 1\n\nb: c: d", "line 3: mapping values are not allowed in this context"),
            (b"a: 1\nb: [1", "line 3: did not find expected ',' or ']'"),
            (b"a: 1\n\tb: 2", "line 2: found a tab character that violates indentation"),
            (b"a: 1\nb: \x01", "line 2: control characters are not allowed"),
            (b"a: \x7f", "line 1: control characters are not allowed"),
            (b"a: \xef\xbf\xbe", "line 1: control characters are not allowed"),
            (b'a: "\\ud800"', "line 1: found invalid Unicode character escape code"),
            (b"a: &x 1", "line 1: anchors and aliases are not accepted"),
            (b"a: &x [1]", "line 1: anchors and aliases are not accepted"),
            (b"a: 1\nb: *x", "line 2: anchors and aliases are not accepted"),
            (b"<<: {a: 1}", 'line 1: merge keys ("<<") are not accepted'),
            (b"a: 1\n--- \nb: 1", "line 2: only one document is accepted"),
            (b"? [1]\n: 2", "line 1: a key must be a single value"),
            (b"? {a: 1}\n: 2", "line 1: a key must be a single value"),
            (b"a: 2026-13-45", 'line 1: "2026-13-45" is not a valid timestamp'),
            (b"a: 2026-03-09 25:00:00", 'line 1: "2026-03-09 25:00:00" is not a valid timestamp'),
            (b"a: 2026-03-09 01:00:00+99:00", 'line 1: "2026-03-09 01:00:00+99:00" is not a valid timestamp'),
            (b"a: 0000-01-01", 'line 1: "0000-01-01" is not a valid timestamp'),
            (b"a: !!timestamp soon", 'line 1: "soon" is not a valid timestamp'),
            (b"a: !!int many", 'line 1: "many" is not a valid int'),
            (b'a: !!int ""', 'line 1: "" is not a valid int'),
            (b'a: !!float ""', 'line 1: "" is not a valid float'),
            (b"a: !!bool maybe", 'line 1: "maybe" is not a valid bool'),
            (b"a: 0b_", 'line 1: "0b_" is not a valid int'),
            (b"a: 1.0e+400", 'line 1: "1.0e+400" is not a valid float'),
            (b"a: .inf", 'line 1: ".inf" is not a valid float'),
            (b"a: -.INF", 'line 1: "-.INF" is not a valid float'),
            (b"a: .nan", 'line 1: ".nan" is not a valid float'),
            (b"a: " + b"9" * 5000, f'line 1: "{"9" * 39}…" is not a valid int'),
            (b"a: !!float " + b"1:" * 5000 + b"1.5", f'line 1: "{"1:" * 19}1…" is not a valid float'),
            (b"a: !!binary aGk=", 'line 1: the tag "tag:yaml.org,2002:binary" is not accepted'),
            (b"a: !!set {b}", 'line 1: the tag "tag:yaml.org,2002:set" is not accepted'),
            (b"a: !!omap [b: 1]", 'line 1: the tag "tag:yaml.org,2002:omap" is not accepted'),
            (b"a: !!pairs [b: 1]", 'line 1: the tag "tag:yaml.org,2002:pairs" is not accepted'),
            (b"a: !!seq {b: 1}", 'line 1: the tag "tag:yaml.org,2002:seq" is not accepted'),
            (b"a: !!str {b: 1}", 'line 1: the tag "tag:yaml.org,2002:str" is not accepted'),
            (b"a: !mine 1", 'line 1: the tag "!mine" is not accepted'),
            (b"!e!x a", "line 1: found undefined tag handle"),
            (b"%YAML 3.0\n---\na: 1", "line 1: found incompatible YAML document"),
            (b"[" * 51 + b"]" * 51, "line 1: nested more than 50 levels deep"),
            (b"[" * 100_000, "line 1: nested more than 50 levels deep"),
            (b"{a: " * 100_000, "line 1: nested more than 50 levels deep"),
            (b"- " * 100_000, "line 1: nested more than 50 levels deep"),
            (b"- a\n" * 100_001, "line 100000: more than 100,000 values"),
        ],
        ids=lambda part: part[:20],
    )
    def test_hostile_and_broken_text_is_refused_with_its_line(self, body, reason):
        assert refusal(YAML, body) == f"The body is not valid YAML: {reason}."

    @pytest.mark.parametrize(
        "body",
        [
            b"!!python/object/apply:os.system ['true']",
            b"a: !!python/name:os.system",
            b"!!python/object:reynard.Thing {a: 1}",
            b"a: !!python/tuple [1]",
            b"!!python/object/new:type {args: ['z', !!python/tuple [], {}]}",
        ],
    )
    def test_python_tags_are_refused(self, body):
        assert "the tag " in refusal(YAML, body)

    def test_an_alias_bomb_is_refused_at_once(self):
        levels = ['a0: &a0 ["lol"]']
        for n in range(1, 30):
            levels.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]")
        started = time.perf_counter()

        assert "anchors and aliases" in refusal(YAML, "\n".join(levels).encode())
        assert time.perf_counter() - started < 1

    def test_a_long_base_60_number_is_text_and_costs_nothing(self):
        text = "1:" * 200_000 + "1"
        started = time.perf_counter()

        assert decode(YAML, f"- {text}".encode()) == [text]
        assert time.perf_counter() - started < 1


class TestForms:
    def test_repeated_keys_keep_all_values_and_the_last_one_wins(self):
        form = decode(FORM, b"t-cf-9=4&subject=a+b%21&t-cf-9=6&empty=&bare&&x=1=2")

        assert isinstance(form, FormData)
        assert list(form.keys()) == ["t-cf-9", "subject", "empty", "bare", "x"]
        assert form.get("t-cf-9") == "6"
        assert form.getlist("t-cf-9") == ["4", "6"]
        assert (form.get("subject"), form.get("empty"), form.get("bare")) == ("a b!", "", "")
        assert form.get("x") == "1=2"
        assert (form.get("missing"), form.getlist("missing")) == (None, [])
        assert "empty" in form
        assert "missing" not in form

    def test_it_is_built_from_pairs(self):
        form = FormData([("a", "1"), ("b", "2"), ("a", "3")])

        assert form.items_lists() == [("a", ["1", "3"]), ("b", ["2"])]
        assert repr(form) == "FormData({'a': ['1', '3'], 'b': ['2']})"
        assert FormData([]).items_lists() == []

    def test_its_lists_are_copies(self):
        form = FormData([("a", "1")])
        form.getlist("a").append("2")
        form.items_lists()[0][1].append("3")

        assert form.getlist("a") == ["1"]

    @pytest.mark.parametrize("body", [b"a=%FF", b"%ED%A0%80=1", b"a=%C3"])
    def test_escapes_that_are_not_text_are_refused(self, body):
        assert refusal(FORM, body) == 'The body cannot be decoded as "utf-8".'

    def test_escapes_that_hide_a_surrogate_are_refused(self):
        assert refusal(f"{FORM}; charset=utf-7", b"a=%2B2AA-") == 'The body cannot be decoded as "utf-7".'

    @pytest.mark.parametrize("body", [b"a=%", b"a=%zz", b"a=%4"])
    def test_broken_escapes_are_text(self, body):
        assert decode(FORM, body).get("a") == body[2:].decode()

    def test_two_thousand_pairs_are_accepted_and_more_refused(self):
        assert len(decode(FORM, b"&".join([b"a=1"] * 2000)).getlist("a")) == 2000
        assert refusal(FORM, b"&".join([b"a=1"] * 2001)) == "The form has more than 2,000 fields."
