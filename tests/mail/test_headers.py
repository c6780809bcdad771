"""Values of headers."""

from datetime import UTC, datetime

import pytest

from reynard.mail import headers
from reynard.mail.parsed import Address


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        ("Re: =?iso-8859-1*de?Q?Gr=FC=DFe?= an alle", "Re: Grüße an alle"),
        ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?= =?koi8-r?Q?=C2?=", "aб"),  # noqa: RUF001
        ("=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "€"),
        ("=?utf-8?Q?two words?=", "two words"),
        ("=?utf-8?Q?a_b?= c", "a b c"),
        ("=?none-such?Q?a?=", "a"),
        ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
        ("=?utf-8?Q?cut", "=?utf-8?Q?cut"),
    ],
)
def test_encoded_words(written: str, text: str):
    assert headers.words(written) == text


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("lena@example.org", [("", "lena@example.org")]),
        ("Lena Ortiz <lena@example.org>", [("Lena Ortiz", "lena@example.org")]),
        (
            '"Ortiz, Lena" <lena@example.org>, sam@x.example',
            [("Ortiz, Lena", "lena@example.org"), ("", "sam@x.example")],
        ),
        ("Ortiz, Lena <lena@example.org>", [("Ortiz, Lena", "lena@example.org")]),
        ("=?utf-8?Q?Ortiz=2C_Lena?= <lena@example.org>", [("Ortiz, Lena", "lena@example.org")]),
        ("=?utf-8?Q?Ortiz,_Lena?= <lena@example.org>", [("Ortiz, Lena", "lena@example.org")]),
        ('"=?utf-8?B?TGVuYQ==?=" <lena@example.org>', [("Lena", "lena@example.org")]),
        ("lena@example.org (Lena Ortiz)", [("Lena Ortiz", "lena@example.org")]),
        ("'lena@example.org' <lena@example.org>", [("lena@example.org", "lena@example.org")]),
        ('"support@rollwerk.example" <evil@example.net>', [("support@rollwerk.example", "evil@example.net")]),
        ("support@rollwerk.example <evil@example.net>", [("support@rollwerk.example", "evil@example.net")]),
        (
            "Team: a@x.example, B <b@x.example>; c@x.example",
            [("", "a@x.example"), ("B", "b@x.example"), ("", "c@x.example")],
        ),
        ("a@x.example; b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
        ("undisclosed-recipients:;", []),
        ("A <a@x.example> <b@x.example>", [("A", "a@x.example"), ("", "b@x.example")]),
        ("<@relay.example:lena@example.org>", [("", "lena@example.org")]),
        ("<lena@example.org", [("", "lena@example.org")]),
        ('"Lena <lena@example.org>', [("", "lena@example.org")]),
        ("< lena @ example.org >", [("", "lena@example.org")]),
        ("<mailto:lena@example.org>", [("", "lena@example.org")]),
        ("MAILER-DAEMON", [("MAILER-DAEMON", "")]),
        ("<>", []),
        ("", []),
        (", ,;", []),
        ("用户@例子.example", [("", "用户@例子.example")]),
    ],
)
def test_addresses(written: str, found: list[tuple[str, str]]):
    assert headers.addresses(written) == tuple(Address(*each) for each in found)


def test_a_header_of_many_addresses_ends_somewhere():
    assert len(headers.addresses("a@x.example, " * 5000)) == headers.ADDRESSES_LIMIT


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('text/plain; charset="utf-8"', {"charset": "utf-8"}),
        ("text/plain; charset = utf-8 ; Format=flowed", {"charset": "utf-8", "format": "flowed"}),
        ('a/b; name="semi;colon \\"quoted\\""', {"name": 'semi;colon "quoted"'}),
        ("a/b; name*=utf-8'en'%E2%82%AC", {"name": "€"}),
        ("a/b; name*0=one; name*1=two", {"name": "onetwo"}),
        ("a/b; name*1=two; name*0=one", {"name": "onetwo"}),
        ("a/b; name*0*=utf-8''%E2; name*1*=%82%AC; name*2=.txt", {"name": "€.txt"}),
        ("a/b; name=plain; name*=utf-8''%E2%82%AC", {"name": "€"}),
        ("a/b; name=first; name=second", {"name": "first"}),
        ('a/b; name="open', {"name": "open"}),
        ("a/b; =; ;", {}),
    ],
)
def test_parameters(written: str, found: dict[str, str]):
    assert headers.parameters(written) == found


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("<a@x> <b@x>", ["a@x", "b@x"]),
        ("<a@x>,<b@x>\t<a@x>", ["a@x", "b@x"]),
        ("<a@x\t>", ["a@x"]),
        ("a@x", ["a@x"]),
        ("your message of Tuesday", []),
        ("", []),
    ],
)
def test_message_ids(written: str, ids: list[str]):
    assert headers.message_ids(written) == tuple(ids)


def test_of_many_references_the_first_and_the_last_are_kept():
    found = headers.message_ids(" ".join(f"<{number}@x>" for number in range(500)))
    assert (len(found), found[0], found[1], found[-1]) == (100, "0@x", "401@x", "499@x")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Tue, 25 Nov 2025 11:00:00 +0100", datetime(2025, 11, 25, 10, tzinfo=UTC)),
        ("25 Nov 2025 10:00 GMT", datetime(2025, 11, 25, 10, tzinfo=UTC)),
        ("Tue, 25 Nov 2025 10:00:00 -0000", datetime(2025, 11, 25, 10, tzinfo=UTC)),
        ("Tue, 25 Nov 99999 10:00:00 +0000", None),
        ("Fri, 31 Dec 9999 23:59:59 -1400", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(written: str, moment: datetime | None):
    assert headers.date(written) == moment
