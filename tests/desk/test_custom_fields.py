"""Values of custom fields: reading, showing, and when a field applies (custom-fields.md §2 to §4)."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.rules.custom_fields import (
    BadValue,
    Choice,
    Field,
    FormValue,
    applies,
    missing,
    read_value,
    shown,
    shown_as_text,
)


def field(type="text", id=1, **values):
    choices = {4: Choice(4, "Tune-up"), 6: Choice(6, "Truing"), 9: Choice(9, "TRUING"), 11: Choice(11, "4")}
    return Field(id=id, kind="ticket", name="F", type=type, choices=choices if "choice" in type else {}, **values)


@pytest.mark.parametrize(
    ("type", "given", "stored"),
    [
        ("text", "54 cm", "54 cm"),
        ("text", " 54 ", " 54 "),
        ("text", 54, "54"),
        ("text", 5.5, "5.5"),
        ("text", date(2026, 3, 9), "2026-03-09"),
        ("number", 300, 300),
        ("number", "300", 300),
        ("number", " -2.50 ", -2.5),
        ("number", 2.0, 2),
        ("number", 0.1, 0.1),
        ("number", "1e3", 1000),
        ("number", 0, 0),
        ("number", "999999999999999.99", 999999999999999.99),
        ("choice", 4, 4),
        ("choice", "4", 4),  # an id wins over a label
        ("choice", " 6 ", 6),
        ("choice", "Tune-up", 4),
        ("choice", "tune-UP", 4),
        ("choice", "TRUING", 9),  # exact before any letter case
        ("choice", "truing", 6),
        ("choice", [6], 6),
        ("multiple_choice", [6, 4], [4, 6]),  # in the order of the field
        ("multiple_choice", ["6", "Tune-up", 6, ""], [4, 6]),
        ("multiple_choice", 6, [6]),
        ("multiple_choice", "tune-up", [4]),
        ("date", "2026-03-20", "2026-03-20"),
        ("date", "20/03/2026", "2026-03-20"),
        ("date", date(2026, 3, 20), "2026-03-20"),
        ("date", datetime(2026, 3, 20, 5, tzinfo=UTC), "2026-03-20"),
    ],
)
def test_a_value(type, given, stored):
    read = read_value(field(type), given)
    assert read == stored
    assert read.__class__ is stored.__class__


@pytest.mark.parametrize("type", ["text", "number", "choice", "multiple_choice", "date"])
@pytest.mark.parametrize("empty", [None, "", []])
def test_empty_clears(type, empty):
    assert read_value(field(type), empty) is None


def test_a_list_of_nothing_clears_a_multiple_choice():
    assert read_value(field("multiple_choice"), ["", None]) is None


@pytest.mark.parametrize(
    ("type", "given", "text"),
    [
        ("text", True, "Enter a text."),
        ("text", ["a"], "Enter a text."),
        ("text", {"a": 1}, "Enter a text."),
        ("text", "a\x00", "Null characters are not allowed."),
        ("text", "x" * 10_001, "Ensure this value has at most 10000 characters (it has 10001)."),
        ("number", "x", "Enter a number."),
        ("number", True, "Enter a number."),
        ("number", [1], "Enter a number."),
        ("number", "NaN", "Enter a number."),
        ("number", "Infinity", "Enter a number."),
        ("number", float("inf"), "Enter a number."),
        ("number", 10**15, "Enter a number of at most 15 digits."),
        ("number", "1e400", "Enter a number of at most 15 digits."),
        ("number", 10**300, "Enter a number of at most 15 digits."),
        ("number", "1.005", "Ensure that there are no more than 2 decimal places."),
        ("number", "1e-400", "Ensure that there are no more than 2 decimal places."),
        ("choice", 99, "Select a valid choice. 99 is not one of the available choices."),
        ("choice", "Polish", "Select a valid choice. Polish is not one of the available choices."),
        ("choice", True, "Select a valid choice. True is not one of the available choices."),
        ("choice", 4.0, "Select a valid choice. 4.0 is not one of the available choices."),
        ("choice", [4, 6], "Select a valid choice. [4, 6] is not one of the available choices."),
        ("choice", "x" * 60, f"Select a valid choice. {'x' * 50}… is not one of the available choices."),
        ("multiple_choice", [4, 99], "Select a valid choice. 99 is not one of the available choices."),
        ("multiple_choice", [[4]], "Select a valid choice. [4] is not one of the available choices."),
        ("multiple_choice", {"a": 4}, "Select a valid choice. {'a': 4} is not one of the available choices."),
        ("date", "31/02/2026", "Enter a valid date."),
        ("date", 20260320, "Enter a valid date."),
        ("date", ["2026-03-20"], "Enter a valid date."),
    ],
)
def test_a_value_the_field_cannot_take(type, given, text):
    with pytest.raises(BadValue) as caught:
        read_value(field(type), given)
    assert str(caught.value) == text


def test_a_form_says_everything_as_text_and_the_type_decides():
    sent = FormValue(last="6", several=["4", "6"])
    assert read_value(field("multiple_choice"), sent) == [4, 6]
    assert read_value(field("choice"), sent) == 6
    assert read_value(field("number"), sent) == 6
    assert read_value(field("text"), FormValue(last="[4]", several=[4])) == "[4]"


@given(
    st.sampled_from(["text", "number", "choice", "multiple_choice", "date"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ),
)
def test_whatever_is_sent_is_read_or_refused(type, given):
    with suppress(BadValue):
        value = read_value(field(type), given)
        assert read_value(field(type), value) == value


@pytest.mark.parametrize(
    ("type", "stored", "label", "ids", "text"),
    [
        ("text", "54", "54", None, "54"),
        ("number", 2.5, 2.5, None, "2.5"),
        ("date", "2026-03-20", "2026-03-20", None, "2026-03-20"),
        ("choice", 4, "Tune-up", 4, "Tune-up"),
        ("multiple_choice", [4, 6], ["Tune-up", "Truing"], [4, 6], "Tune-up, Truing"),
        ("choice", 99, None, None, ""),  # deleted since
        ("multiple_choice", [4, 99], ["Tune-up"], [4], "Tune-up"),
        ("multiple_choice", [99], None, None, ""),
        ("text", None, None, None, ""),
    ],
)
def test_how_a_value_is_shown(type, stored, label, ids, text):
    assert shown(field(type), stored) == (label, ids)
    assert shown_as_text(field(type), stored) == text


OWNER = field("choice", id=1)
MULTIPLE = field("multiple_choice", id=2, depends_on_choice=4, depends_on_field=1)
LAST = field(id=3, depends_on_choice=6, depends_on_field=2)
FIELDS = {1: OWNER, 2: MULTIPLE, 3: LAST}


@pytest.mark.parametrize(
    ("values", "applying"),
    [
        ({}, {1}),
        ({"1": 6}, {1}),
        ({"1": 4}, {1, 2}),
        ({"1": 4, "2": [4]}, {1, 2}),
        ({"1": 4, "2": [4, 6]}, {1, 2, 3}),
        ({"1": 6, "2": [6]}, {1}),  # all the way up
    ],
)
def test_a_field_applies_when_the_choice_above_it_is_selected(values, applying):
    assert {f.id for f in FIELDS.values() if applies(f, FIELDS, values)} == applying


def test_a_field_whose_owner_is_not_there_does_not_apply():
    assert not applies(LAST, {3: LAST}, {"2": [6]})


def test_fields_that_depend_on_each_other_never_apply():
    ring = {
        1: field("choice", id=1, depends_on_choice=6, depends_on_field=2),
        2: field("choice", id=2, depends_on_choice=4, depends_on_field=1),
    }
    assert not applies(ring[1], ring, {"1": 4, "2": 6})


def test_missing_are_those_that_apply_and_are_empty():
    assert missing(FIELDS.values(), FIELDS, {"1": 4}) == [MULTIPLE]
    assert missing([OWNER, LAST], FIELDS, {"1": 4, "2": [6]}) == [LAST]
