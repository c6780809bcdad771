"""The tickets of the measured desk, lived through in the order of time.

Ids grow with time and the history of one ticket lies scattered among others, as it would be. When a ticket was last
touched does not depend on how long its history is; otherwise the first page of a list would hold the busiest tickets
of the desk. Everything happened in the three years before END, and every run makes the same desk.
"""

import heapq
import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import texts
from bench.bulk import Table
from bench.setup import Setup

END = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = 3
DAY = 24 * 3600
SPAN_SECONDS = YEARS * 365 * DAY
LONGEST_SECONDS = 45 * DAY  # from a ticket's first update to its last
TICKETS_PER_CONTACT = 5
SEED = 20260101

# How many tickets of a hundred have a history of this length: 6 in the mean.
HISTORY_LENGTHS = {2: 5, 3: 8, 4: 12, 5: 15, 6: 25, 7: 12, 8: 10, 9: 6, 10: 4, 12: 3}


class Clock:
    """Seconds since the beginning as the databases write moments; a microsecond part, as real ones have."""

    def __init__(self) -> None:
        self._start = END - timedelta(seconds=SPAN_SECONDS)
        days = SPAN_SECONDS // DAY + 1
        self._days = [(self._start + timedelta(days=day)).strftime("%Y-%m-%d") for day in range(days)]
        self._times = [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY)]

    def moment(self, second: int) -> str:
        return f"{self._days[second // DAY]} {self._times[second % DAY]}.{second * 7919 % 999_999 + 1:06d}"

    def day(self, second: int) -> str:
        return self._days[min(second // DAY, len(self._days) - 1)]


class OpenTicket:
    """A ticket on its way through time; becomes a row when its history is complete."""

    __slots__ = (
        "assignee",
        "attachments",
        "category",
        "changed",
        "completed",
        "contact",
        "contact_replied",
        "contact_spoke",
        "created",
        "custom",
        "due",
        "first",
        "last",
        "messages",
        "number",
        "priority",
        "staff_message",
        "staff_replied",
        "status",
        "subject",
        "tags",
        "time_spent",
        "times",
        "update",
        "version",
    )  # fmt: skip


class Life:
    def __init__(self, database: Any, setup: Setup, tickets: int, report: Callable[[int], None]) -> None:
        from reynard.desk.rules import custom_fields, history
        from reynard.desk.selectors import reference

        self.rng = random.Random(SEED)
        self.clock = Clock()
        self.setup = setup
        self.report = report
        self.reference = reference.current()
        self.history = history
        self.shown_as_text = custom_fields.shown_as_text
        self.count = tickets
        self.contacts = max(1, tickets // TICKETS_PER_CONTACT)
        self.contact_tickets = [0] * self.contacts
        self.contact_pending = [0] * self.contacts
        self.people = [texts.person(self.rng) for _ in range(2000)]
        words = texts.vocabulary(self.rng)
        self.subjects = [texts.sentence(self.rng, words, 4, 9) for _ in range(4000)]
        self.paragraphs = texts.paragraphs(self.rng, words, 4000)
        self.remembered: dict[Any, str] = {}
        self.update_id = 0
        self.attachment_id = 0
        self.finished: dict[int, OpenTicket] = {}
        self.next_number = 1
        self.pending_ids = {status.id for status in setup.statuses if status.behavior == "pending"}
        self.status_ids = [status.id for status in setup.statuses]
        self.tickets = Table(
            database,
            "desk_ticket",
            "id subject subject_key first_message contact_id category_id status_id priority_id assignee_id tags "
            "due_date time_spent custom_values source visible_only_staff messages_count attachments_count sla_breaches "
            "contact_spoke_last unresponded created_at last_contact_reply_at last_staff_reply_at last_updated_at "
            "last_modified_at last_completed_at staff_replies contact_replies merged_to_id deleted_at version "
            "index_generation last_update_id last_staff_message_id",
        )
        self.updates = Table(
            database,
            "desk_update",
            "id ticket_id created_at author_type author_id author_name author_email message_type text html subject "
            "cc bcc forward_to customer_updated parent_id time_spent attachments_count changes category_id "
            "left_category_id",
        )
        self.attachments = Table(database, "desk_attachment", "id update_id filename content_type size sha256")
        self.contact_rows = Table(
            database,
            "desk_contact",
            "id name email email_key is_login_enabled custom_values tickets_count pending_tickets_count version "
            "created_at updated_at",
        )
        self.phones = Table(database, "desk_contactphone", "id contact_id type number digits is_primary")
        self.memberships = Table(database, "desk_groupmembership", "id contact_id group_id access_all_tickets")
        self.subscriptions = Table(database, "desk_subscription", "id ticket_id staff_id")
        self.subscription_id = 0

    def run(self) -> None:
        waiting: list[tuple[int, int, OpenTicket]] = []
        for number, plan in enumerate(self._plans(), 1):
            created, length, duration = plan >> 40, plan >> 32 & 0xFF, plan & 0xFFFFFFFF
            while waiting and waiting[0][0] <= created:
                self._step(waiting)
            ticket = self._open(number, created, length, duration)
            heapq.heappush(waiting, (ticket.times[-1], number, ticket))
            if number % 10_000 == 0:
                self.report(number)
        while waiting:
            self._step(waiting)
        self._write_contacts()
        for table in self.all_tables():
            table.flush()

    def all_tables(self) -> Iterable[Table]:
        return (
            self.tickets, self.updates, self.attachments, self.contact_rows, self.phones, self.memberships,
            self.subscriptions,
        )  # fmt: skip

    def _plans(self) -> list[int]:
        """For each ticket when it is created, how many updates it gets and over how long, packed; by creation."""
        rng = self.rng
        lengths = [length for length, share in HISTORY_LENGTHS.items() for _ in range(share)]
        first_end = LONGEST_SECONDS + DAY
        between = (SPAN_SECONDS - first_end - DAY) / self.count
        plans = []
        for n in range(self.count):
            length = rng.choice(lengths)
            duration = min(int(rng.expovariate(1 / (length * DAY))) + 60 * length, LONGEST_SECONDS)
            created = int(first_end + n * between) - duration
            plans.append(created << 40 | length << 32 | duration)
        plans.sort()
        return plans

    def _open(self, number: int, created: int, length: int, duration: int) -> OpenTicket:
        rng, setup = self.rng, self.setup
        ticket = OpenTicket()
        ticket.number = number
        between = sorted(rng.randrange(1, duration) for _ in range(length - 2))
        ticket.times = [created + second for second in (duration, *reversed(between))]
        ticket.created = ticket.last = ticket.changed = ticket.contact_replied = created
        ticket.contact = rng.randrange(self.contacts)
        ticket.category = rng.choice(setup.categories).id
        ticket.status = setup.statuses[0].id
        ticket.priority = rng.choice(setup.priorities).id
        ticket.assignee = rng.choice(setup.staff).id if rng.random() < 0.6 else None
        ticket.tags = ",".join(rng.sample(("vip", "refund", "spring", "warranty", "phone"), rng.choice((0, 0, 1, 2))))
        ticket.due = self.clock.day(created + 14 * DAY) if rng.random() < 0.3 else None
        ticket.custom = self._custom_values(number)
        ticket.subject = rng.choice(self.subjects)
        ticket.staff_replied = ticket.completed = ticket.staff_message = ticket.time_spent = None
        ticket.contact_spoke = True
        ticket.version = 0
        ticket.messages = 0
        ticket.attachments = int(rng.random() < 0.02)
        ticket.first = self._write_message(ticket, created, self._initial(ticket), attachments=ticket.attachments)
        if ticket.attachments:
            self.attachment_id += 1
            digest = f"{number:064x}"
            self.attachments.add((self.attachment_id, ticket.update, "photo.jpg", "image/jpeg", 48_211, digest))
        if rng.random() < 0.1:
            for person in rng.sample(setup.staff, rng.choice((1, 1, 2))):
                self.subscription_id += 1
                self.subscriptions.add((self.subscription_id, number, person.id))
        return ticket

    def _custom_values(self, number: int) -> dict[str, Any]:
        rng, setup = self.rng, self.setup
        fields = self.reference.ticket_fields
        values: dict[str, Any] = {str(setup.product.id): rng.choice(list(fields[setup.product.id].choices))}
        if rng.random() < 0.7:
            values[str(setup.serial.id)] = f"SN-{number:08d}"
        if rng.random() < 0.5:
            values[str(setup.cost.id)] = rng.randrange(5, 900)
        if rng.random() < 0.3:
            values[str(setup.wanted.id)] = self.clock.day(rng.randrange(SPAN_SECONDS))
        if rng.random() < 0.3:
            values[str(setup.colours.id)] = list(fields[setup.colours.id].choices)[: rng.randint(1, 3)]
        return values

    def _step(self, waiting: list[tuple[int, int, OpenTicket]]) -> None:
        """The next thing that happens at the desk."""
        second, number, ticket = waiting[0]
        self._go_on(ticket, second)
        ticket.times.pop()
        if ticket.times:
            heapq.heapreplace(waiting, (ticket.times[-1], number, ticket))
        else:
            heapq.heappop(waiting)
            self._finish(ticket)

    def _go_on(self, ticket: OpenTicket, second: int) -> None:
        rng = self.rng
        kind = rng.random()
        if kind < 0.42:
            changes = self._move(ticket, second) if rng.random() < 0.5 else None
            ticket.staff_replied = second
            ticket.contact_spoke = False
            minutes = rng.choice((None, None, 5, 15))
            ticket.time_spent = (ticket.time_spent or 0) + minutes if minutes else ticket.time_spent
            self._write_message(ticket, second, changes, staff=rng.choice(self.setup.staff), minutes=minutes)
            ticket.staff_message = ticket.update
        elif kind < 0.70:
            reopens = ticket.status not in self.pending_ids
            changes = self._move(ticket, second, to=self.status_ids[0]) if reopens else None
            ticket.contact_replied = second
            ticket.contact_spoke = True
            self._write_message(ticket, second, changes)
        elif kind < 0.88:
            self._write_message(ticket, second, None, staff=rng.choice(self.setup.staff), private=True)
        else:
            self._write_update(
                ticket, second, self._move(ticket, second), rng.choice(self.setup.staff), "-", "", "", None
            )
        ticket.last = ticket.changed = second

    def _move(self, ticket: OpenTicket, second: int, to: int | None = None) -> str:
        """Another status, remembered as the history does."""
        new = to or self.rng.choice([status for status in self.status_ids if status != ticket.status])
        old, ticket.status = ticket.status, new
        if new not in self.pending_ids:
            ticket.completed = second
        if (old, new) not in self.remembered:
            names = self.reference.statuses
            change = self.history.Change(old, new, names[old].name, names[new].name)
            self.remembered[old, new] = self.history.Changes(status=change).to_text() or ""
        return self.remembered[old, new]

    def _initial(self, ticket: OpenTicket) -> str:
        reference, change = self.reference, self.history.Change
        return (
            self.history.Changes(
                status=change(None, ticket.status, None, reference.statuses[ticket.status].name),
                priority=change(None, ticket.priority, None, reference.priorities[ticket.priority].name),
                assignee=change(None, ticket.assignee, None, reference.staff[ticket.assignee].name)
                if ticket.assignee
                else None,
                due_date=self.history.DateChange(None, ticket.due) if ticket.due else None,
                custom_fields=[
                    self.history.FieldChange(
                        field.id, field.name, "", self.shown_as_text(field, ticket.custom[str(field.id)])
                    )
                    for field in reference.ticket_fields.values()
                    if str(field.id) in ticket.custom
                ],
                tags_added=ticket.tags.split(",") if ticket.tags else [],
            ).to_text()
            or ""
        )

    def _write_message(
        self,
        ticket: OpenTicket,
        second: int,
        changes: str | None,
        *,
        staff: Any = None,
        private: bool = False,
        minutes: int | None = None,
        attachments: int = 0,
    ) -> str:
        one, two = self.rng.choice(self.paragraphs), self.rng.choice(self.paragraphs)
        text = f"{one}\n\n{two}"
        html = f"<p>{one}</p><p>{two}</p>"
        ticket.messages += 1
        self._write_update(ticket, second, changes, staff, "p" if private else "m", text, html, minutes, attachments)
        return text

    def _write_update(
        self,
        ticket: OpenTicket,
        second: int,
        changes: str | None,
        staff: Any,
        message_type: str,
        text: str,
        html: str,
        minutes: int | None,
        attachments: int = 0,
    ) -> None:
        if staff:
            author = ("staff", staff.id, staff.name, staff.email)
        else:
            author = ("user", ticket.contact + 1, *self._contact(ticket.contact))
        self.update_id += 1
        ticket.update = self.update_id
        ticket.version += 1
        public_by_staff = staff is not None and message_type == "m"
        self.updates.add(
            (
                self.update_id,
                ticket.number,
                self.clock.moment(second),
                *author,
                message_type,
                text,
                html,
                "",
                "",
                "",
                None,
                public_by_staff,
                None,
                minutes,
                attachments,
                changes,
                ticket.category,
                None,
            )
        )

    def _contact(self, index: int) -> tuple[str, str]:
        first, last = self.people[index % len(self.people)]
        return f"{first} {last}", f"{first}.{last}.{index + 1}@mail.example.com".lower()

    def _finish(self, ticket: OpenTicket) -> None:
        self.finished[ticket.number] = ticket
        while self.next_number in self.finished:
            self._write_ticket(self.finished.pop(self.next_number))
            self.next_number += 1

    def _write_ticket(self, ticket: OpenTicket) -> None:
        moment = self.clock.moment
        pending = ticket.status in self.pending_ids
        self.contact_tickets[ticket.contact] += 1
        self.contact_pending[ticket.contact] += pending
        last = moment(ticket.last)
        self.tickets.add(
            (
                ticket.number,
                ticket.subject,
                ticket.subject.casefold()[:100],
                ticket.first,
                ticket.contact + 1,
                ticket.category,
                ticket.status,
                ticket.priority,
                ticket.assignee,
                ticket.tags,
                ticket.due,
                ticket.time_spent,
                json.dumps(ticket.custom),
                "TKT_CREATION_API",
                None,
                ticket.messages,
                ticket.attachments,
                0,
                ticket.contact_spoke,
                ticket.contact_spoke and pending,
                moment(ticket.created),
                moment(ticket.contact_replied),
                moment(ticket.staff_replied) if ticket.staff_replied else None,
                last,
                last,
                moment(ticket.completed) if ticket.completed else None,
                0,  # like the next one counted afterwards, see bench.data
                0,
                self._merged_to(ticket),
                None,
                ticket.version,
                1,
                ticket.update,
                ticket.staff_message,
            )
        )

    def _merged_to(self, ticket: OpenTicket) -> int | None:
        """One ticket of a hundred was merged into an older one."""
        return ticket.number - 7 if ticket.number % 100 == 50 else None

    def _write_contacts(self) -> None:
        rng, setup = self.rng, self.setup
        languages = list(self.reference.contact_fields[setup.language.id].choices)
        phone_id = membership_id = 0
        for index in range(self.contacts):
            name, email = self._contact(index)
            values = {str(setup.language.id): rng.choice(languages), str(setup.customer_number.id): f"K{index:07d}"}
            moment = self.clock.moment(rng.randrange(DAY))
            self.contact_rows.add(
                (
                    index + 1,
                    name,
                    email,
                    email,
                    True,
                    json.dumps(values),
                    self.contact_tickets[index],
                    self.contact_pending[index],
                    1 + self.contact_tickets[index],
                    moment,
                    moment,
                )
            )
            for n in range(rng.choice((1, 1, 1, 2))):
                phone_id += 1
                digits = f"4930{rng.randrange(10**8):08d}"
                self.phones.add((phone_id, index + 1, "mo" if n == 0 else "w", f"+{digits}", digits, n == 0))
            for group in rng.sample(setup.groups, rng.choice((0, 1, 1, 2))):
                membership_id += 1
                self.memberships.add((membership_id, index + 1, group.id, False))
