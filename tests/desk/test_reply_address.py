"""Signed reply addresses: what they say, and that nobody else can make one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.rules import mail_addresses, reply_address
from reynard.desk.rules.reply_address import ReplyAddress

SECRET = "the desk's own secret, which nobody knows"
MAILBOX = "support@rollwerk.example"
NUMBERS = st.integers(1, 2**63 - 1)


@given(NUMBERS, st.booleans())
def test_an_address_says_which_ticket_it_belongs_to(ticket, note):
    address = reply_address.make(MAILBOX, ticket, SECRET, note=note)

    assert reply_address.verify(address, SECRET) == ReplyAddress(ticket, note)


def test_it_is_a_plus_address_of_the_mailbox():
    address = reply_address.make(MAILBOX, 4127, SECRET)

    assert address.startswith("support+4127.")
    assert mail_addresses.parse(address).address == address
    assert mail_addresses.key(address) == MAILBOX


def test_letter_case_and_the_mailbox_do_not_matter():
    address = reply_address.make(MAILBOX, 4127, SECRET)
    local = address.partition("@")[0]

    assert reply_address.verify(address.upper(), SECRET) == ReplyAddress(4127, False)
    assert reply_address.verify(f"{local}@rollwerk.onmicrosoft.example", SECRET) == ReplyAddress(4127, False)


def test_a_mailbox_with_a_plus_of_its_own_keeps_it():
    address = reply_address.make("support+de@rollwerk.example", 7, SECRET)

    assert address.startswith("support+de+7.")
    assert reply_address.verify(address, SECRET) == ReplyAddress(7, False)


@given(NUMBERS, st.booleans(), st.data())
def test_an_address_with_one_character_changed_is_not_genuine(ticket, note, data):
    local = reply_address.make(MAILBOX, ticket, SECRET, note=note).partition("@")[0]
    place = data.draw(st.integers(len("support+"), len(local) - 1))
    other = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789.+").filter(lambda c: c != local[place]))

    assert reply_address.verify(f"{local[:place]}{other}{local[place + 1 :]}@rollwerk.example", SECRET) is None


def test_an_answer_cannot_be_turned_into_a_note():
    local, _, domain = reply_address.make(MAILBOX, 4127, SECRET).partition("@")

    assert reply_address.verify(f"{local.replace('4127.', '4127n.')}@{domain}", SECRET) is None


def test_another_desk_cannot_make_one():
    assert reply_address.verify(reply_address.make(MAILBOX, 4127, "another secret"), SECRET) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        MAILBOX,
        "support+4127@rollwerk.example",
        "support+4127.@rollwerk.example",
        "support+٤١٢٧.mfzqwe2nb3xk5a7d@rollwerk.example",
        "support+4127.mfzqwe2nb3xk5a7d",
        "support+4127.mfzqwe2nb3xk5a7d@a@b",
    ],
)
def test_what_is_none_is_none(text):
    assert reply_address.verify(text, SECRET) is None


@given(st.text())
def test_no_text_is_too_odd_to_be_looked_at(text):
    assert reply_address.verify(text, SECRET) is None


def test_leading_zeros_are_not_genuine():
    address = reply_address.make(MAILBOX, 4127, SECRET)

    assert reply_address.verify(address.replace("+4127", "+04127"), SECRET) is None


@pytest.mark.parametrize("length", range(30, 65))
def test_where_it_would_be_too_long_there_is_none(length):
    address = reply_address.make("s" * length + "@rollwerk.example", 4127, SECRET)

    local = len("s" * length + "+4127." + "x" * 16)
    assert (address is None) == (local > 64)
    assert address is None or len(address.partition("@")[0]) == local
