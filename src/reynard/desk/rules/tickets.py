"""What each operation does to a ticket, as one table (tickets.md §18), and the few rules around it."""

import enum

import msgspec


class Spoke(enum.Enum):
    """Whose public message an operation adds, if any."""

    CONTACT = "contact"
    STAFF = "staff"
    NOBODY = "nobody"


class Effect(msgspec.Struct, frozen=True):
    """`spoke` moves the reply times and decides who is waiting; `moves_last_updated` is T-04."""

    spoke: Spoke
    moves_last_updated: bool = True
    reopens: bool = False


OPEN_TICKET = Effect(Spoke.CONTACT)
STAFF_REPLY = Effect(Spoke.STAFF)
STAFF_CHANGES = Effect(Spoke.NOBODY)
PRIVATE_NOTE = Effect(Spoke.NOBODY)
CONTACT_REPLY = Effect(Spoke.CONTACT, reopens=True)
AUTOMATIC_REPLY = Effect(Spoke.NOBODY, moves_last_updated=False)  # of a contact's program: nobody waits for an answer
REMARK = Effect(Spoke.NOBODY, moves_last_updated=False)  # of the desk itself, on a mail that came
BOUNCE = Effect(Spoke.NOBODY)
CUSTOM_FIELDS = Effect(Spoke.NOBODY)
TAGS = Effect(Spoke.NOBODY, moves_last_updated=False)
FORWARD = Effect(Spoke.NOBODY, moves_last_updated=False)
MOVE = Effect(Spoke.NOBODY, moves_last_updated=False)
CORRECTION = Effect(Spoke.NOBODY, moves_last_updated=False)
MERGE = Effect(Spoke.NOBODY, moves_last_updated=False)
DELETE = Effect(Spoke.NOBODY, moves_last_updated=False)


def is_unresponded(*, contact_spoke_last: bool, pending: bool) -> bool:
    """Somebody must answer: the last public message is the contact's, and the ticket is open (T-03)."""
    return contact_spoke_last and pending


def display_id(prefix: str, number: int) -> str:
    return f"#{prefix}{number:08d}"


def split_list(text: str) -> list[str]:
    """Items of a comma-separated list; blanks around items, empty and repeated items are dropped."""
    return list(dict.fromkeys(item for part in text.split(",") if (item := part.strip())))


def join_list(items: list[str]) -> str:
    return ",".join(items)
