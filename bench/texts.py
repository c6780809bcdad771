"""Words, sentences and names for a desk that never was. Deterministic for a given generator."""

import random

_SYLLABLES = (
    "ka lo mi ter an sel dor vin pra ost lu ne gar fil tam bre sho ul pen cor das wi mon ry eth qua zin ab jo hal"
).split()
_COMMON = (
    "the a and to of is it in for on with that this we you not be have was are as but at by please when order wheel "
    "bicycle delivery invoice account password number date again still since today customer service thank"
).split()
_FIRST = "Ana Ben Chloe Dana Elif Femi Gita Hugo Ines Jonas Kira Liam Mona Noor Omar Pia Quinn Rosa Sven Tara".split()
_LAST = "Abel Brandt Costa Dupont Ekholm Fischer Gomez Haddad Ito Jansen Kovac Lindqvist Moreau Novak Okoye".split()


def vocabulary(rng: random.Random, size: int = 3000) -> list[str]:
    """Common words many times over, made-up ones once each, so that some words are rare and others everywhere."""
    made_up = {"".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(size)}
    return sorted(made_up) + _COMMON * (size // len(_COMMON))


def sentence(rng: random.Random, words: list[str], low: int, high: int) -> str:
    chosen = rng.choices(words, k=rng.randint(low, high))
    return " ".join(chosen).capitalize()


def paragraphs(rng: random.Random, words: list[str], count: int) -> list[str]:
    """Texts of two or three sentences, about 110 characters."""
    return [
        " ".join(sentence(rng, words, 4, 9) + "." for _ in range(rng.randint(2, 3))).replace("\n", " ")
        for _ in range(count)
    ]


def person(rng: random.Random) -> tuple[str, str]:
    return rng.choice(_FIRST), rng.choice(_LAST)
