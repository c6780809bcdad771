"""What a word is, for searching (tickets.md §3.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.rules import words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Übergröße, naïve CAFÉ!", ["ubergrosse", "naive", "cafe"]),
        ("\uff21\uff22\uff23 \ufb01ne", ["abc", "fine"]),
        ("ブレーキ", ["ブ", "レ", "ー", "キ"]),
        ("바퀴 2개", ["바", "퀴", "2", "개"]),
        ("C++ and c# or C", ["c++", "and", "c#", "or", "c"]),
        ("lena.ortiz@example.org", ["lena", "ortiz", "example", "org"]),
        ("snake_case, don't", ["snake", "case", "don", "t"]),
        ("*** +++ 🚲 \x00", []),
    ],
)
def test_words(text, found):
    assert words.words(text) == found


@pytest.mark.parametrize(("one", "other"), [("brakes", "brake"), ("Bremsen", "Bremse"), ("squealing", "squeal")])
def test_endings_have_a_stem_in_common(one, other):
    first, second = ({word, *words.variants(word)} for word in (words.words(one)[0], words.words(other)[0]))
    assert first & second


@given(st.text(max_size=300))
def test_any_text_has_words_that_both_indexes_take(text):
    for word in words.words(text):
        assert 0 < len(word) <= words.WORD_LIMIT
        assert "'" not in word
        assert "\\" not in word
        assert not word.isspace()


@given(st.text(min_size=1, max_size=30), st.data())
def test_a_part_of_a_text_is_a_sequence_of_its_grams(text, data):
    folded = words.fold(text)
    if len(folded) < 3:
        return
    start = data.draw(st.integers(0, len(folded) - 3))
    part = folded[start : data.draw(st.integers(start + 3, len(folded)))]
    if words.fold(part) != part:
        return  # folding what was folded may unify more
    all_grams, wanted = words.grams(folded), words.part_grams(part)
    assert any(all_grams[n : n + len(wanted)] == wanted for n in range(len(all_grams)))


def test_a_long_text_is_indexed_in_pieces():
    pieces = words.chunks("wheel " * (words.CHUNK_WORDS + 1))
    assert [len(piece.words) for piece in pieces] == [words.CHUNK_WORDS, 1]
