"""Who is told what, by which event, as one table (tickets.md §18, "Who gets e-mail").

The table names roles; who is in them, a caller says. Authors are not told what they did themselves. Nobody is told of
what is brought in from long ago.
"""

import enum
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

NEWS = timedelta(days=1)  # for how long something is still worth telling


def is_news(moment: datetime, now: datetime) -> bool:
    """Whether something that happened at `moment` is told to anybody now; imported tickets are not."""
    return now - moment <= NEWS


class Event(enum.Enum):
    CREATED = enum.auto()
    MAILED_REPLY = enum.auto()  # staff update with `update_customer`
    QUIET_REPLY = enum.auto()  # staff update without it
    CHANGES = enum.auto()  # of properties, without a message
    NOTE = enum.auto()
    CONTACT_REPLY = enum.auto()
    CREATED_BY_MAIL = enum.auto()  # copies went out with the mail itself
    CREATED_BY_PROGRAM = enum.auto()  # or by somebody else than it says: nothing may answer
    CONTACT_REPLY_BY_MAIL = enum.auto()
    SPLIT = enum.auto()  # a message became a ticket of its own; its author knows nothing of tickets
    BOUNCED = enum.auto()  # a mail to the contact, or a copy, did not arrive
    FORWARDED = enum.auto()
    MOVED = enum.auto()


class Role(enum.Enum):
    CONTACT = enum.auto()
    CONTACT_TO_ACKNOWLEDGE = enum.auto()  # where the desk's settings say so
    TO = enum.auto()  # the addresses of the request
    CC = enum.auto()
    BCC = enum.auto()
    ASSIGNEE = enum.auto()
    NEW_ASSIGNEE = enum.auto()  # who has the ticket since this event
    SUBSCRIBERS = enum.auto()
    ALERTED = enum.auto()  # whom the author of a note chose
    MENTIONED = enum.auto()  # whom a note names in its text
    CATEGORY_STAFF = enum.auto()  # where the desk's settings say so
    CATEGORY_STAFF_OF_UNASSIGNED = enum.auto()  # the same, while nobody has the ticket


class Mail(msgspec.Struct, frozen=True):
    """One kind of mail (`OutboxEntry.Kind`) and the roles that get it; `for_author` too, where they are in one."""

    kind: str
    to: tuple[Role, ...] = ()
    cc: tuple[Role, ...] = ()
    bcc: tuple[Role, ...] = ()
    for_author: bool = False


class Notice(msgspec.Struct, frozen=True):
    """One mail to be sent, with its addresses."""

    kind: str
    to: list[str]
    cc: list[str]
    bcc: list[str]


_ON_CREATION = (Role.ASSIGNEE, Role.CATEGORY_STAFF)
_ON_REPLY = (Role.ASSIGNEE, Role.SUBSCRIBERS, Role.CATEGORY_STAFF_OF_UNASSIGNED)
_COPIES = Mail("message", cc=(Role.CC,), bcc=(Role.BCC,))
_TO_CONTACT = Mail("message", to=(Role.CONTACT,), cc=(Role.CC,), bcc=(Role.BCC,))
_FORWARD = Mail("forward", to=(Role.TO,), cc=(Role.CC,), bcc=(Role.BCC,), for_author=True)
_ACKNOWLEDGEMENT = Mail("acknowledgement", to=(Role.CONTACT_TO_ACKNOWLEDGE,), for_author=True)


def _to_staff(*roles: Role) -> Mail:
    return Mail("staff", to=roles)


MAILS: dict[Event, tuple[Mail, ...]] = {
    Event.CREATED: (
        _ACKNOWLEDGEMENT,
        _COPIES,
        _to_staff(*_ON_CREATION),
    ),
    Event.CREATED_BY_MAIL: (_ACKNOWLEDGEMENT, _to_staff(*_ON_CREATION)),
    Event.CREATED_BY_PROGRAM: (_to_staff(*_ON_CREATION),),
    Event.MAILED_REPLY: (_TO_CONTACT, _to_staff(Role.ASSIGNEE, Role.SUBSCRIBERS)),
    Event.QUIET_REPLY: (_to_staff(Role.ASSIGNEE, Role.SUBSCRIBERS),),  # copies are recorded, not mailed (T-21)
    Event.CHANGES: (_to_staff(Role.NEW_ASSIGNEE, Role.SUBSCRIBERS),),
    Event.NOTE: (_to_staff(Role.NEW_ASSIGNEE, Role.ALERTED, Role.MENTIONED),),
    Event.CONTACT_REPLY: (
        _COPIES,
        _to_staff(*_ON_REPLY),
    ),
    Event.SPLIT: (_to_staff(*_ON_CREATION),),
    Event.CONTACT_REPLY_BY_MAIL: (_to_staff(*_ON_REPLY),),
    Event.BOUNCED: (_to_staff(*_ON_REPLY),),
    Event.FORWARDED: (_FORWARD,),
    Event.MOVED: (_to_staff(Role.NEW_ASSIGNEE),),
}


def notices(event: Event, people: Callable[[Role], Sequence[str]], *, author: str | None) -> list[Notice]:
    """The mails of an event, at most one of each kind; `people` gives the addresses of a role, and is asked only
    for those the event needs. Nobody gets a mail twice.
    """
    found = []
    for mail in MAILS[event]:
        seen = {_key(author)} if author and not mail.for_author else set()
        lists = [_addresses(roles, people, seen) for roles in (mail.to, mail.cc, mail.bcc)]
        if any(lists):
            found.append(Notice(mail.kind, *lists))
    return found


def _addresses(roles: Sequence[Role], people: Callable[[Role], Sequence[str]], seen: set[str]) -> list[str]:
    fresh = []
    for role in roles:
        for address in people(role):
            if _key(address) not in seen:
                seen.add(_key(address))
                fresh.append(address)
    return fresh


def _key(address: str) -> str:
    """What makes two addresses the same: `Lena <lena@example.org>` is `lena@example.org`."""
    return address.rpartition("<")[2].rstrip(">").casefold()
