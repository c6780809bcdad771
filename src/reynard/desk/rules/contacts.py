"""Addresses and phone numbers of contacts: when two are the same."""


def email_key(email: str) -> str:
    """What makes two addresses one contact: letter case does not matter (tickets.md §6)."""
    return email.strip().casefold()


def digits(number: str) -> str:
    """A phone number as its digits, for comparing and searching (contacts.md §8)."""
    return "".join(character for character in number if character.isascii() and character.isdigit())


def domain(email: str) -> str:
    return email_key(email).rpartition("@")[2]
