"""Markdown from people who mean harm: it is refused, or makes HTML of a size that fits what was written."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reynard.desk.rules.markdown import MARKDOWN_LIMIT, BadMarkdown, to_html
from reynard.desk.rules.messages import compose_markdown


def repeated(text, limit=MARKDOWN_LIMIT):
    return text * (limit // len(text))


def test_a_megabyte_is_refused_before_anything_looks_at_it():
    for hostile in (">", "[", "![a](", "*a_ ", "`"):
        with pytest.raises(BadMarkdown, match=f"at most {MARKDOWN_LIMIT} characters"):
            to_html(repeated(hostile, 1_000_000))


@pytest.mark.parametrize("hostile", ["> ", "* ", "1. ", "> * ", ">"])
def test_nesting_that_would_be_left_out_is_refused(hostile):
    for text in (repeated(hostile, 20_000) + "a", hostile * 25 + "a", "ok\n\n" + hostile * 25 + "a"):
        with pytest.raises(BadMarkdown, match="nested too deeply"):
            to_html(text)


@pytest.mark.parametrize("hostile", ["> ", "* ", "1. ", "> * "])
def test_nothing_is_left_out_of_what_is_taken(hostile):
    for depth in range(1, 20):
        with contextlib.suppress(BadMarkdown):
            assert "deep" in to_html("before\n\n" + hostile * depth + "deep")
    assert "deep" in to_html("before\n\n" + hostile * 4 + "deep")


def test_a_long_address_given_once_and_used_often_is_refused():
    with pytest.raises(BadMarkdown, match="too long together"):
        to_html("[a]: https://x.example/" + "x" * 25_000 + "\n\n" + "[a] " * 5_000)
    assert to_html("[a]: https://x.example/\n\n" + "[a] " * 1000).count("<a href") == 1000


@pytest.mark.parametrize(
    "hostile",
    ["[", "![", "[a](", "[a](<b", "*a **a ", "a**b", "*_", "~~a ", "`", "``a`", "<a:", "&", "\\", "a\n=\n", "[a]: b\n",
     "[a\n", "|a", "# ", "```\n", "\t", "a  \n", "[a](b \"c", "a|b\n-|-\n"],
)  # fmt: skip
def test_what_is_taken_makes_html_of_a_fitting_size(hostile):
    assert len(to_html(repeated(hostile, 20_000))) < 20_000 * 12


def test_a_table_is_not_filled_up_without_end():
    wide = "|a" * 1000 + "|\n" + "|-" * 1000 + "|\n"
    assert len(to_html(wide + "|a\n" * 10_000)) < 1_500_000


@settings(max_examples=200)
@given(st.text(alphabet="ab[]()!*_~`<>|-#\\& \n:\"'1.", max_size=200))
def test_any_text_is_rendered_clean_or_refused(text):
    try:
        message = compose_markdown(text)
    except BadMarkdown:
        return
    assert (message is None) == (not text.strip())
    if message is not None:
        assert message.text == text
        assert "<a:" not in message.html
