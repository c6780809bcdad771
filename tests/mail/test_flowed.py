"""`format=flowed`: paragraphs come out whole, and nothing else changes (RFC 3676)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.mail import flowed
from reynard.mail.parse import parse


def plain(text: str) -> str:
    return flowed.unfolded(text, delete_space=False)


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("a paragraph", "The brake \nsqueaks when \nit rains.\n\nBye", "The brake squeaks when it rains.\n\nBye"),
        ("a fixed line", "One\nTwo\n", "One\nTwo\n"),
        ("the same depth", "> The brake \n> squeaks.\nYes.", "> The brake squeaks.\nYes."),
        ("another depth ends it", ">> The brake \n> squeaks.", ">> The brake\n> squeaks."),
        ("depths with blanks between them are text", "> > odd", "> > odd"),
        ("a quoted empty line", "> One \n> two.\n>\n> Three.", "> One two.\n>\n> Three."),
        ("guarded beginnings", " From here\n >no quotation\n  two blanks", "From here\n>no quotation\n two blanks"),
        ("a signature", "Bye \n-- \nLena \nOrtiz", "Bye\n-- \nLena Ortiz"),
        ("a quoted signature", "> Bye\n> -- \n> Lena", "> Bye\n> -- \n> Lena"),
        ("the end in the middle", "It goes on ", "It goes on"),
        ("nothing", "", ""),
    ],
)
def test_it_reads(name: str, given: str, wanted: str) -> None:
    assert plain(given) == wanted


def test_a_deleted_space_is_no_part_of_the_text() -> None:
    assert flowed.unfolded("東京の \n自転車。\none  \ntwo", delete_space=True) == "東京の自転車。\none two"


@given(st.text(alphabet="ab> -\n", max_size=60), st.booleans())
def test_nothing_but_blanks_and_line_ends_is_ever_lost(text: str, delete_space: bool) -> None:
    found = flowed.unfolded(text, delete_space=delete_space)
    letters = [each for each in text if each in "ab-"]
    assert [each for each in found if each in "ab-"] == letters
    assert found.count("\n") <= text.count("\n")


def mail(content_type: str, body: str) -> bytes:
    return f"From: a@example.org\nContent-Type: {content_type}\n\n{body}".replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("content_type", "wanted"),
    [
        ("text/plain; charset=utf-8; format=flowed", "The brake squeaks.\n> Yes it does."),
        ("text/plain; charset=utf-8; Format=Flowed; DelSp=yes", "The brakesqueaks.\n> Yesit does."),
        ("text/plain; charset=utf-8; format=fixed", "The brake \nsqueaks.\n> Yes \n> it does."),
        ("text/plain; charset=utf-8", "The brake \nsqueaks.\n> Yes \n> it does."),
    ],
)
def test_a_mail_says_how_its_text_is_to_be_read(content_type: str, wanted: str) -> None:
    assert parse(mail(content_type, "The brake \nsqueaks.\n> Yes \n> it does.")).text.rstrip() == wanted
