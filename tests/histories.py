"""Random days at a desk, through the actions: what reports, and whoever reads histories, must make sense of."""

import contextlib
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace

from reynard.desk.actions import corrections, forwarding, ticket_changes, tickets
from reynard.desk.actions.corrections import Hiding
from reynard.desk.actions.forwarding import Forward
from reynard.desk.actions.ticket_changes import Deletion, FieldChanges, Move, TagChanges
from reynard.desk.actions.tickets import ContactReply, NewTicket, StaffUpdate
from reynard.desk.errors import NothingToUpdate
from reynard.desk.models import Ticket, Update
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories

Act = Callable[[], None]


class Days:
    """Things happen one after the other, `self.now` moving on; boundaries of days and of shares are hit exactly."""

    def __init__(self, desk: SimpleNamespace, seed: int, start: datetime) -> None:
        self.desk = desk
        self.chance = random.Random(seed)
        self.now = start
        self.solved = factories.make_status("Solved", "completed", order=2)
        self.statuses = [desk.new.id, desk.waiting.id, desk.closed.id, self.solved.id]
        self.staff = [desk.priya.id, desk.jonas.id, factories.make_staff("Émile").id, factories.make_staff("amara").id]
        lorenz = factories.make_contact("lorenz", "lorenz@example.org")
        self.contacts = [desk.lena.id, desk.stranger.id, lorenz.id, factories.make_contact("Zoë", None).id]
        self.field = factories.make_field("Frame size", categories=[desk.workshop, desk.office])
        self.numbers: list[int] = []

    def happen(self, opened: int, more: int) -> None:
        """So many tickets, and so many other things between."""
        todo = [self._open] * opened + [self._go_on] * more
        self.chance.shuffle(todo)
        for act in [self._open, *todo]:
            self._wait()
            act()

    def _wait(self) -> None:
        chance = self.chance
        kind = chance.random()
        midnight = (self.now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        if kind < 0.1:
            self.now = midnight
        elif kind < 0.2:
            self.now = midnight - timedelta(microseconds=1) if midnight > self.now + timedelta(seconds=1) else midnight
        elif kind < 0.3:
            self.now += timedelta(hours=chance.choice((2, 24)), seconds=chance.choice((0, 0, 1)))
        elif kind < 0.9:
            self.now += timedelta(seconds=chance.randrange(20_000), microseconds=chance.randrange(10**6))

    def _open(self) -> None:
        chance = self.chance
        imported = self.now - timedelta(days=chance.randrange(5), microseconds=7)
        new = NewTicket(
            contact=chance.choice(self.contacts),
            subject=chance.choice(("Brake cable frayed", "Hub gear slips")),
            message=compose("It is broken.", ""),
            category=self.desk.workshop.id,
            assignee=chance.choice((None, None, *self.staff)),
            due_date=chance.choice((None, date(2026, 3, 20), date(2026, 3, 9), date(2025, 12, 1))),
            tags=chance.choice(((), ("warranty",))),
            created_at=imported if chance.random() < 0.2 else None,
        )
        self.numbers.append(tickets.open_ticket(new, reference=reference.current(), now=self.now))

    def _go_on(self) -> None:
        number = self.chance.choice(self.numbers)
        acts: list[Act] = [self._write] * 8 + [self._ask] * 5 + [self._move, self._forward, self._tag, self._set]
        acts += [self._hide]
        act = self.chance.choice([*acts, self._delete] if self.chance.random() < 0.3 else acts)
        self.number = number
        with contextlib.suppress(NothingToUpdate):
            act()

    def _write(self) -> None:
        """A reply, a note, time, or only changes."""
        chance = self.chance
        given = StaffUpdate(
            staff=chance.choice(self.staff),
            message=compose("Ordered.", "") if chance.random() < 0.75 else None,
            status=chance.choice(self.statuses),
            time_spent=chance.choice((None, None, 0, 5, 15)),
        )
        if chance.random() < 0.3:
            given.assignee = chance.choice((None, *self.staff))
        note = chance.random() < 0.3
        act = tickets.add_private_note if note else tickets.add_staff_update
        act(self.number, given, reference=reference.current(), now=self.now)

    def _ask(self) -> None:
        contact = Ticket.objects.get(id=self.number).contact_id
        reply = ContactReply(
            contact=self.chance.choice((contact, contact, *self.contacts)), message=compose("And now?", "")
        )
        tickets.add_contact_reply(self.number, reply, reference=reference.current(), now=self.now)

    def _move(self) -> None:
        move = Move(
            staff=self.desk.priya.id,
            category=self.chance.choice((self.desk.workshop, self.desk.office)).id,
            note=compose("Yours.", "") if self.chance.random() < 0.5 else None,
            assignee=self.chance.choice(self.staff),
        )
        ticket_changes.move(self.number, move, reference=reference.current(), now=self.now)

    def _forward(self) -> None:
        forward = Forward(staff=self.desk.priya.id, to="hubs@example.org", subject="Hub", message=compose("Look.", ""))
        forwarding.forward(self.number, forward, reference=reference.current(), now=self.now)

    def _tag(self) -> None:
        ticket_changes.update_tags(self.number, TagChanges(add=["vip"]), reference=reference.current(), now=self.now)

    def _set(self) -> None:
        changes = FieldChanges(
            staff=self.desk.priya.id, custom_values={self.field.id: str(self.chance.randrange(50, 60))}
        )
        ticket_changes.update_custom_fields(self.number, changes, reference=reference.current(), now=self.now)

    def _hide(self) -> None:
        """Delete a message, or make one of staff private."""
        private = self.chance.random() < 0.5
        messages = Update.objects.filter(ticket_id=self.number, message_type__in="mp").order_by("id")
        if private:
            first = Update.objects.filter(ticket_id=self.number).order_by("id")[0]
            messages = messages.filter(author_type="staff").exclude(id=first.id)
        if messages:
            hide = corrections.make_private if private else corrections.delete_message
            hide(
                self.number,
                Hiding(staff=self.desk.priya.id),
                update_id=self.chance.choice(messages).id,
                reference=reference.current(),
                now=self.now,
            )

    def _delete(self) -> None:
        if len(self.numbers) > 2:
            deletion = Deletion(staff=self.desk.priya.id)
            ticket_changes.delete(self.number, deletion, reference=reference.current(), now=self.now)
            self.numbers.remove(self.number)
