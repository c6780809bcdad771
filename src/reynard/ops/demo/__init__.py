"""The demo desk: Rollwerk, a bicycle workshop, with 90 days of mail. Everything in it is invented.

The same day gives the same desk: nothing depends on the clock but the day, and chance has a fixed seed.
"""

import random
from datetime import UTC, datetime

from reynard.desk import db
from reynard.desk.actions import sla, tickets
from reynard.desk.actions.tickets import ContactReply, NewTicket
from reynard.desk.models import OutboxEntry
from reynard.ops.demo import library, office_mail, service_mail, shop, stories, workshop_mail
from reynard.ops.demo.cast import LOGINS, PEOPLE, Person
from reynard.ops.demo.shop import Desk
from reynard.ops.demo.stories import Story
from reynard.ops.demo.telling import Note, Telling, Write

__all__ = ["LOGINS", "load"]

_SEED = "rollwerk"


def load(*, now: datetime) -> None:
    """Fill an empty desk with what happened in the 90 days before this day began. All or nothing."""
    end = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with db.write():
        desk = shop.set_up(end, random.Random(_SEED))  # noqa: S311
        _write_history(desk, _tellings(desk, end), end)
        library.add(desk, end)
        shop.finish(desk)
        OutboxEntry.objects.all().delete()  # nobody is told of what never happened


def _tellings(desk: Desk, end: datetime) -> list[Telling]:
    return [
        Telling(story, use, person, desk, end, seed=f"{_SEED} {number} {use}")
        for number, story in enumerate(_stories())
        for use, person in enumerate(_tellers(story))
    ]


def _stories() -> list[Story]:
    texts = {"service": service_mail.STORIES, "workshop": workshop_mail.STORIES, "office": office_mail.STORIES}
    return [story for category, text in texts.items() for story in stories.read(text, category=category)]


def _tellers(story: Story) -> list[Person]:
    """As many people as the story is told times; different ones as long as the circle has them."""
    meant = {name.strip() for name in story.from_.split(";")}
    circle = [person for person in PEOPLE if meant & {person.circle, person.name}]
    random.Random(story.subjects[0]).shuffle(circle)  # noqa: S311
    return [circle[use % len(circle)] for use in range(story.times)]


def _write_history(desk: Desk, tellings: list[Telling], end: datetime) -> None:
    """Everything in the order of time over the whole desk, so that numbers grow with time."""
    writes = [(number, write) for number, telling in enumerate(tellings) for write in telling.writes_in_order()]
    ticket_of: dict[int, int] = {}
    for telling, write in sorted(writes, key=lambda item: (item[1].moment, item[0])):
        sla.advance_due(write.moment)
        ticket_of[telling] = _apply(write, ticket_of.get(telling, 0), desk)
    sla.advance_due(end)


def _apply(write: Write, ticket: int, desk: Desk) -> int:
    """Returns the number of the ticket."""
    match write.what:
        case NewTicket() as new:
            return tickets.open_ticket(new, reference=desk.reference, now=write.moment)
        case ContactReply() as reply:
            tickets.add_contact_reply(ticket, reply, reference=desk.reference, now=write.moment)
        case Note() as note:
            tickets.add_private_note(ticket, note, reference=desk.reference, now=write.moment)
        case update:
            tickets.add_staff_update(ticket, update, reference=desk.reference, now=write.moment)
    return ticket
