"""Whom the text of a private note names."""

import pytest

from reynard.desk.rules import mentions
from reynard.desk.rules.mentions import Person

PRIYA = Person(1, "Priya Raman", "Priya")
ANN = Person(2, "Ann Berg", "Ann")
ANN_LEE = Person(3, "Ann Lee", "Ann")
JOSE = Person(4, "José O'Neill", "José")
EVERYBODY = [PRIYA, ANN, ANN_LEE, JOSE]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Priya Raman look at this", [1]),
        ("please look, @priya raman.", [1]),
        ("@Priya, @Ann Lee and @Priya Raman", [1, 3]),
        ("@Ann what do you say", []),  # which one?
        ("(@Ann Berg)", [2]),
        ("@Jose\u0301 O'Neill", [4]),  # the accent as a character of its own
        ("mail to info@Priya.example", []),
        ("priya@Priya Raman", []),
        ("@@Priya", []),
        ("@Priyanka", []),
        ("Priya Raman", []),
        ("> @Priya wrote that\n\nand I answer @Ann Lee", [3]),
        ("**@Priya** and\n- @José", [1, 4]),
        ("", []),
    ],
)
def test_names_are_found_in_the_text(text: str, named: list[int]) -> None:
    assert mentions.named(text, EVERYBODY) == named


def test_two_of_one_name_are_both_named() -> None:
    assert mentions.named("@Ann Lee", [ANN_LEE, Person(5, "ann lee", "ann")]) == [3, 5]


def test_a_name_is_text_and_no_pattern() -> None:
    assert mentions.named("@Dr. (X) comes", [Person(1, "Dr. (X)", "")]) == [1]
    assert mentions.named("@Dra (X) comes", [Person(1, "Dr. (X)", "")]) == []


@pytest.mark.parametrize("people", [[], [Person(1, "", "")]])
def test_nobody_is_named_where_nobody_is(people: list[Person]) -> None:
    assert mentions.named("@ @Priya", people) == []


def test_names_are_marked_in_text_alone() -> None:
    html = '<p title="x > @Priya Raman">Hi <b>@Priya Raman</b> &amp; <a href="https://a.example/@Priya">@O&lt;x</a></p>'
    marked = mentions.marked(html, [PRIYA, Person(2, "O<x", "")])
    assert marked == (
        '<p title="x > @Priya Raman">Hi <b><span class="mention">@Priya Raman</span></b> &amp; '
        '<a href="https://a.example/@Priya"><span class="mention">@O&lt;x</span></a></p>'
    )
