"""The text part of an update: what is kept of HTML, and how text and HTML come from each other (tickets.md §1.3)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.models import MessageSource, Update
from reynard.desk.rules.messages import BadHtml, compose, html_to_text, looks_like_html, text_to_html
from tests import factories
from tests.api.writing import last_update


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<p>a</p><script>alert(1)</script>", "<p>a</p>"),
        ("<p>a</p><SCRIPT src='//evil.example/x.js'></SCRIPT>", "<p>a</p>"),
        ("<p onclick='x()' ONMOUSEOVER=x()>a</p>", "<p>a</p>"),
        ("<img src=x onerror=alert(1)>a", '<img src="x">a'),
        ("a<svg onload=alert(1)><script>x()</script></svg>", "a"),
        ("<a href='javascript:alert(1)'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href=' &#106;ava\nscript:alert(1)'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href='data:text/html,<script>x()</script>'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href='vbscript:x'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("a<!-- a comment --><!--[if mso]>x<![endif]-->b", "ab"),
        ("<style>p{color:red}</style><p style='position:fixed'>a</p>", "<p>a</p>"),
        ("<iframe src='//evil.example'></iframe><object data=x></object><embed src=x>a", "a"),
        ("<form action='//evil.example'><input name=p><button>Go</button></form>a", "Goa"),
        ("<html><head><title>T</title><base href='//evil.example'></head><body>a</body></html>", "a"),
        ("<meta http-equiv=refresh content='0;url=//evil.example'>a", "a"),
        ("<p><b>a", "<p><b>a</b></p>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<noscript><p title='</noscript><img src=x onerror=alert(1)>'>a</noscript>", None),
        ("a<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table>b", None),
    ],
)
def test_html_is_cleaned_and_its_source_kept(sent, kept):
    message = compose("", sent)
    if kept is not None:
        assert message.html == kept
    for bad in ("<script", "onerror=", "onload=", "onclick", "javascript:", "<style", "<!--", "<iframe"):
        assert bad not in message.html.lower().replace("&lt;", "")
    assert message.source_html == sent


@pytest.mark.parametrize(
    "clean",
    [
        "<p>Hello <b>you</b></p>",
        '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer">x</a>',
        '<p>x<img src="https://example.org/a.png" alt="A"></p>',
        "<table><tbody><tr><td>1</td></tr></tbody></table>",
        "<blockquote><p>x</p></blockquote><ul><li>y</li></ul><pre>z</pre>",
    ],
)
def test_clean_html_stays_as_it_is_and_has_no_other_source(clean):
    message = compose("", clean)
    assert (message.html, message.source_html) == (clean, None)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<div>Three</div>Four", "One\nTwo\nThree\nFour"),
        ("<ul><li>a</li><li>b</li></ul>c", "* a\n\n* b\n\nc"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\n\nc"),
        ("<p>  a \n lot\tof   space </p>", "a lot of space"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("&lt;b&gt; &amp;amp; &eacute;&nbsp;x", "<b> &amp; é\u00a0x"),
        ("<p>a</p><p></p><p> </p><p>b</p>", "a\n\nb"),
        ("", ""),
    ],
)
def test_text_comes_from_html(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\nTwo", "<p>One<br>Two</p>"),
        ("One\r\n\r\n\r\nTwo\rThree", "<p>One</p><p>Two<br>Three</p>"),
        (
            "<script>alert(\"1\")</script> & 'x'",
            "<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#x27;x&#x27;</p>",
        ),
        ("  padded \n", "<p>padded</p>"),
        ("**bold** _x_", "<p>**bold** _x_</p>"),
    ],
)
def test_html_comes_from_text(text, html):
    assert text_to_html(text) == html


def test_text_and_html_are_each_kept_when_both_are_sent():
    message = compose("plain words", "<p>rich <i>words</i></p>")
    assert (message.text, message.html) == ("plain words", "<p>rich <i>words</i></p>")


@pytest.mark.parametrize(("text", "html"), [("", ""), (" \n", " "), ("", "<p> </p>"), ("", "<script>x()</script>")])
def test_nothing_is_no_message(text, html):
    assert compose(text, html) is None


def test_a_picture_is_a_message():
    assert compose("", '<img src="https://example.org/a.png">').text == ""


@pytest.mark.parametrize("text", ["<p>x</p>", "a<br>b", "a<BR/>b", "x</DIV >", "<b>x</b>", "<img src=x>"])
def test_what_looks_like_html(text):
    assert looks_like_html(text)


@pytest.mark.parametrize(
    "text", ["", "a < b > c", "<lena@example.org>", "press <b> now", "x </ p", "List<String>", "<3"]
)
def test_what_does_not(text):
    assert not looks_like_html(text)


HOSTILE = {
    "nested blocks": "<div>" * 190_000 + "x",
    "unclosed formatting": "<p>" + "".join(f"<b class={n}>" for n in range(500)) + "x<p>" * 50_000,
    "tags that were never opened": "<div></x>" * 100_000 + "x",
    "blocks in a drawing": "<svg>" + "<td>" * 100_000 + "</x>" * 100_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_html_that_would_take_minutes_or_gigabytes_is_refused(case):
    with pytest.raises(BadHtml, match="nested too deeply"):
        compose("", HOSTILE[case])


LARGE = {
    "a long thread": ("<blockquote><div><p>" + "<b>x</b> <a href='https://example.org'>y</a><br>" * 50) * 25,
    "many paragraphs": "<p>x" * 200_000,
    "a large table": "<table>" + "<tr><td>1</td><td>2</td></tr>" * 20_000 + "</table>",
    "many brackets": "<" * 900_000,
    "unclosed entities": "&#x" * 100_000,
}


@pytest.mark.parametrize("case", LARGE)
def test_large_html_is_cleaned_in_time(case):
    start = time.process_time()
    assert compose("", LARGE[case]) is not None
    assert time.process_time() - start < 20  # seconds; minutes when it is quadratic


@given(st.text(alphabet="<>/a\"'= &;!-bpscript\n", max_size=200))
def test_cleaning_twice_changes_nothing_more(html):
    message = compose("", html)
    if message is not None:
        assert compose("", message.html).html == message.html


@given(st.text(max_size=200))
def test_the_words_of_a_text_survive_the_way_through_html(text):
    assert html_to_text(text_to_html(text)).split() == text.split()


def test_the_original_is_stored_beside_what_is_shown(api, desk):
    number = factories.make_ticket(desk.lena, desk.workshop).id
    url, staff = f"ticket/{number}/staff_update/", {"staff": desk.priya.id}
    sent = "<p onclick='x()'>Done<!-- secret --></p>"
    message = last_update(api.post(url, staff | {"html": sent}))["message"]
    assert (message["html"], message["text"]) == ("<p>Done</p>", "Done\n\n")
    assert MessageSource.objects.get(update_id=message["id"]).html == sent
    api.post(url, staff | {"html": "<p>Clean</p>"})
    api.post(url, staff | {"plaintext": "Plain <b>"})
    assert MessageSource.objects.count() == 1
    assert Update.objects.latest("id").html == "<p>Plain &lt;b&gt;</p>"
