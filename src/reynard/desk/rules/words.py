"""Texts as the words a search finds them by, the same on every database.

A word is a run of letters and digits, folded: compatibility forms unified, accents dropped, letter case dropped. `c++`
and `c#` are words. Languages written without blanks (Chinese, Japanese, Korean, Thai, ...) have one word per
character, so that any part of a text is found as a sequence of words. What a word is found by besides itself, its
English and German stems, has no place in the text.
"""

import re
import unicodedata
from functools import lru_cache

import msgspec
import snowballstemmer

WORD_LIMIT = 100  # characters of a word that count
CHUNK_WORDS = 8_000  # words indexed as one piece; a tsvector takes 16,383 positions and 1 MB
CHUNKS_LIMIT = 60  # of one text; the longest message has no more

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_])+(?:\+\+|#(?!\w))?")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:\+\+|#(?!\w))?")
_SPACED = re.compile(rf"[^{_UNSPACED}]")
_STEMMERS = (snowballstemmer.stemmer("english"), snowballstemmer.stemmer("german"))
_STEM_MINIMUM = 4  # letters of a word that has a stem


class Words(msgspec.Struct, frozen=True):
    """A piece of text to be indexed: its words in order, and what else it is found by (`variants`)."""

    words: list[str]
    variants: list[str]


def fold(text: str) -> str:
    """A text as it is compared: without letter case, accents and compatibility forms."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).translate(_FOLDED)


class _Folded(dict[int, str]):
    """Characters as they are compared, found out once each."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if _SPACED.match(character):
            parts = unicodedata.normalize("NFKD", character)
            character = "".join(part for part in parts if not unicodedata.combining(part)).casefold()
        self[code] = character
        return character


_FOLDED = _Folded()


def words(text: str) -> list[str]:
    """The words of a text, in order."""
    folded = fold(text)
    found = (_ASCII_WORD if folded.isascii() else _WORD).findall(folded)
    return [word[:WORD_LIMIT] for word in found] if len(folded) > WORD_LIMIT else found


def chunks(text: str) -> list[Words]:
    """A text as pieces to be indexed; none for one without words."""
    found = words(text)
    pieces = [found[start : start + CHUNK_WORDS] for start in range(0, len(found), CHUNK_WORDS)][:CHUNKS_LIMIT]
    return [Words(piece, sorted({variant for word in set(piece) for variant in variants(word)})) for piece in pieces]


@lru_cache(maxsize=50_000)
def variants(word: str) -> tuple[str, ...]:
    """What a word is found by besides itself: its stems, and `c` for `c++`."""
    if word[-1] in "+#":
        return (word.rstrip("+#"),)
    if len(word) < _STEM_MINIMUM or not word.isalpha():
        return ()
    stems = {stemmer.stemWord(word) for stemmer in _STEMMERS}
    return tuple(sorted(stems - {word}))


def grams(text: str) -> list[str]:
    """Every three characters of a text, in order, and the two and the one it ends with, as words of the index.

    A part of the text of three characters or more is a sequence of them; a shorter one begins one of them.
    """
    folded = fold(text)
    return [_gram(folded[start : start + _GRAM]) for start in range(len(folded))]


def part_grams(part: str) -> list[str]:
    """The grams that a text must have next to each other to contain this part (of at least three characters)."""
    folded = fold(part)
    return [_gram(folded[start : start + _GRAM]) for start in range(len(folded) - _GRAM + 1)]


def gram_prefix(part: str) -> str:
    """What a gram begins with if it begins with this part (of one or two characters)."""
    return _gram(fold(part))


_GRAM = 3


def _gram(characters: str) -> str:
    return characters.encode("utf-8", "replace").hex()
