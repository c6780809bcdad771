"""Terms of the search language written as text are read as the same terms again."""

import pytest

from reynard.desk.rules.search_language import Filter, Term, Text, parse, written


def _read(query: str) -> list[Term]:
    return parse(query, lambda name: name.casefold() == "frame no.")


@pytest.mark.parametrize(
    "term",
    [
        Filter("status", ("New",)),
        Filter("category", ("Repair workshop", "Shop orders")),
        Filter("tag", ("hill start", "a,b", "c:d", "+1", "שרשרת")),
        Filter("assignee", ("lena@example.org", "none")),
        Filter("Frame no.", ("RW24-008 117",), custom=True),
        Text("brake"),
        Text("brake cable", phrase=True),
    ],
)
def test_a_written_term_is_read_again(term: Term) -> None:
    assert _read(written(term)) == [term]
    assert _read(f"{written(term)} {written(Filter('tag', ('hub',)))}") == [term, Filter("tag", ("hub",))]


def test_quotes_that_a_value_cannot_have_are_left_out() -> None:
    assert _read(written(Filter("tag", ('12" wheel status:New',)))) == [Filter("tag", ("12 wheel status:New",))]
