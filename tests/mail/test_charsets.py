"""From bytes to text."""

import pytest

from reynard.mail.charsets import decode

GERMAN, RUSSIAN, JAPANESE, CHINESE = "Schöne Grüße, 5 €", "Здравствуйте, колесо сломано", "車輪が壊れました", "车轮坏了"


@pytest.mark.parametrize(
    ("text", "declared", "codec"),
    [
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "UTF8", "utf-8"),
        (GERMAN, '"utf-8"', "utf-8"),
        (GERMAN, "windows-1252", "cp1252"),
        (GERMAN, "iso-8859-1", "cp1252"),  # what many programs call it
        (GERMAN, "iso-8859-15", "iso-8859-15"),
        (GERMAN, "utf-16", "utf-16"),
        (GERMAN, "utf-16le", "utf-16-le"),
        (GERMAN, "unicode-1-1-utf-7", "utf-7"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN, "windows-1251", "cp1251"),
        (RUSSIAN, "x-mac-cyrillic", "mac_cyrillic"),
        (JAPANESE, "iso-2022-jp", "iso2022_jp"),
        (JAPANESE, "shift_jis", "cp932"),
        (JAPANESE, "x-euc-jp", "euc_jp"),
        (CHINESE, "gb2312", "gbk"),
        (CHINESE, "hz-gb-2312", "hz"),
        (CHINESE, "big5-hkscs", "utf-8"),
        ("안녕하세요", "ks_c_5601-1987", "cp949"),
        ("안녕하세요", "iso-2022-kr", "iso2022_kr"),
        ("สวัสดี", "windows-874", "cp874"),
        ("שלום", "iso-8859-8-i", "iso8859-8"),
        ("plain", "no-such-charset", "ascii"),
        ("plain", "utf-16", "ascii"),
        ("plain", "", "ascii"),
    ],
)
def test_a_text_is_read_as_it_says(text: str, declared: str, codec: str):
    assert decode(text.encode(codec), declared)[0] == text


@pytest.mark.parametrize(
    ("data", "declared", "text", "problem"),
    [
        (GERMAN.encode(), "", GERMAN, ""),
        (GERMAN.encode(), "us-ascii", GERMAN, "utf-8"),
        (GERMAN.encode(), "no-such-charset", GERMAN, "utf-8"),
        (RUSSIAN.encode("cp1251"), "utf-8", RUSSIAN, "cp1251"),
        (GERMAN.encode("cp1252"), "us-ascii", GERMAN, "cp125"),
        (JAPANESE.encode("iso2022_jp"), "", JAPANESE, ""),
        (b"\xef\xbb\xbf" + GERMAN.encode(), "iso-8859-1", GERMAN, ""),
        ((GERMAN * 20).encode()[:-1], "utf-8", (GERMAN * 20)[:-1] + "\ufffd", "replaced"),
        (b"caf\xe9 " + "ü".encode() * 100, "utf-8", "caf\ufffd " + "ü" * 100, "replaced"),
    ],
)
def test_a_text_that_is_not_what_it_says_is_read_all_the_same(data: bytes, declared: str, text: str, problem: str):
    found, said = decode(data, declared)
    assert found == text
    assert problem in said
    assert bool(problem) is bool(said)


@pytest.mark.parametrize(
    "declared", ["punycode", "idna", "zip", "rot13", "hex", "unicode_escape", "a\0b", "é", "x" * 999]
)
def test_what_is_no_charset_does_nothing(declared: str):
    assert decode(b"\\u0041-", declared)[0] == "\\u0041-"


def test_nothing_comes_out_that_a_database_refuses():
    assert decode(b"a\0b", "")[0] == "a\ufffdb"
    assert "\ud800" not in decode(b"+2AA-", "utf-7")[0]
