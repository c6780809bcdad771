"""From a story to the writes of one ticket: who writes when, and what it does to the ticket."""

import random
from datetime import datetime, timedelta
from typing import Any

import msgspec

from reynard.desk.actions.tickets import ContactReply, NewTicket, StaffUpdate
from reynard.desk.files import IncomingFile
from reynard.desk.rules.contacts import domain
from reynard.desk.rules.messages import Message, compose, text_to_html
from reynard.desk.rules.tickets import split_list
from reynard.ops.demo import calendar, files
from reynard.ops.demo.cast import LOGINS, Login, Person
from reynard.ops.demo.service_mail import LONG_STORY
from reynard.ops.demo.shop import Desk
from reynard.ops.demo.stories import Step, Story, fill

DAYS = 90

_E_BIKES = ("Brisk Tour 9 E", "Brisk City E", "Trekker 700 E", "Brisk Cargo E", "Falke Trail E")
_IN_THE_WINDOW = (
    "Brisk Tour 9 E", "Falke Gravel Two", "Brisk City Nexus", "Trekker 500", "Falke Cross", "Brisk Cargo E", "Oma 28",
    "Pashmina Roadster", "Falke Trail 29", "Brisk Tour 7",
)  # fmt: skip
_PENDING = {"New", "In Progress", "Waiting"}
_GREETINGS = {"de": "Guten Tag,", "fr": "Bonjour {first},", "private": "Hello {first},", "club": "Hi {first},"}
_ENDS = {"de": "Viele Grüße\n{agent}", "fr": "Bien à vous,\n{agent}"}
_SHORT = 90  # characters; a shorter answer goes without greeting
_SIGNATURE = (
    '<p style="color:#667"><b>{name}</b><br>Rollwerk · Mühlgasse 12 · '
    '<a href="https://rollwerk.example">rollwerk.example</a></p>'
)
_MAIL_PROGRAM = (
    "<html><head><style>p {{ margin: 0 }}</style></head><body><!-- composed -->{}"
    '<img src="https://mail.example/o.gif" width="1" height="1"></body></html>'
)
_SOURCES = ("TKT_CREATION_EMAIL",) * 5 + ("TKT_CREATION_SUPPORT_CENTER",) * 3 + ("TKT_CREATION_API",) * 2


class Note(StaffUpdate):
    """What staff write for each other."""

    tells_named: bool = True


class Write(msgspec.Struct, frozen=True):
    """Something that happens to the ticket of a telling."""

    moment: datetime
    what: NewTicket | StaffUpdate | Note | ContactReply


class Telling:
    """One ticket: a story told by one person, for the `use`-th time."""

    def __init__(self, story: Story, use: int, person: Person, desk: Desk, end: datetime, seed: str) -> None:
        self.story, self.use, self.person, self.desk, self.end = story, use, person, desk, end
        self.rng = random.Random(seed)  # noqa: S311
        self.moment = self._beginning()
        self.slots = self._slots()
        self.status = "New"
        self.owner = self.rng.choice(self._colleagues())
        self.writes: list[Write] = []
        self.introduced = False  # staff has read it, and put it in order

    def writes_in_order(self) -> list[Write]:
        """All that happens before the end of the demo's time."""
        self._open()
        steps = self.story.steps[1:]
        silent_after = self.rng.randrange(1, len(steps) + 1) if self.rng.random() < 0.2 else len(steps)
        for step in steps[:silent_after]:
            self._wait_for(step)
            if step.who == "contact":
                self._contact_replies(step)
            else:
                self._staff_writes(step)
        self._close()
        return [write for write in self.writes if write.moment < self.end]

    # --- the ways to write

    def _open(self) -> None:
        step, story, rng = self.story.steps[0], self.story, self.rng
        by_phone = self.person.circle == "phone"
        new = NewTicket(
            contact=self.desk.contacts[self.person.name],
            subject=fill(story.subjects[self.use % len(story.subjects)], self.slots),
            message=self._contact_message(step, whole=not by_phone),
            files=self._files(step),
            category=self.desk.categories[story.category],
            custom_values=self._values({"Bicycle": self.slots["bike"]} if story.category == "workshop" else {}),
            cc=self._cc(),
            source="TKT_CREATION_ADMIN_PANEL" if by_phone else rng.choice(_SOURCES),
        )
        if rng.random() < 0.15:
            new.tags = split_list(story.tags)
        if story.priority == "Urgent" and rng.random() < 0.5:
            new.priority = self.desk.priorities["Urgent"]
        self.writes.append(Write(self.moment, new))

    def _contact_replies(self, step: Step) -> None:
        reply = ContactReply(
            contact=self.desk.contacts[self.person.name],
            message=self._contact_message(step, whole=False),
            files=self._files(step),
        )
        self.writes.append(Write(self.moment, reply))
        if self.status not in _PENDING:
            self.status = "New"

    def _staff_writes(self, step: Step) -> None:
        agent = self._agent(step)
        if not self.introduced and self.rng.random() < 0.4:
            self._introduce(agent)
        kind = Note if step.who == "note" else StaffUpdate
        update = kind(staff=self.desk.staff[agent.first_name], files=self._files(step))
        update.message = self._note(step) if step.who == "note" else self._answer(step, agent)
        update.update_customer = step.who == "staff"
        update.time_spent = self._minutes(step)
        values: dict[str, Any] = {}
        if not self.introduced:
            self._put_in_order(update, values)
        self._change(update, values, step, agent)
        update.custom_values = self._values(values)
        self.writes.append(Write(self.moment, update))

    def _introduce(self, agent: Login) -> None:
        """Somebody reads the ticket first, and puts it in order without writing."""
        update = StaffUpdate(staff=self.desk.staff[agent.first_name])
        values: dict[str, Any] = {}
        self._put_in_order(update, values)
        update.custom_values = self._values(values)
        update.assignee = self.desk.staff[self.owner.first_name]
        self.writes.append(Write(self.moment, update))
        self.moment = calendar.at_work(calendar.later(self.moment, self.rng, (2, 40)), self.rng)

    def _close(self) -> None:
        """The office closes what was solved a while ago, and what nobody answered for weeks."""
        solved = self.status == "Solved" and self.rng.random() < 0.65
        forgotten = self.status in _PENDING and self.rng.random() < 0.75
        if not (solved or forgotten):
            return
        days = self.rng.randint(4, 9) if solved else self.rng.randint(14, 21)
        later = calendar.later(self.moment + timedelta(days=days), self.rng, (5, 300))
        self.moment = calendar.at_work(later, self.rng)
        update = StaffUpdate(staff=self.desk.staff["Amara"], status=self.desk.statuses["Closed"])
        if forgotten and self.story.services:
            update.custom_values = self._values({"Services": split_list(self.story.services)})
        self.writes.append(Write(self.moment, update))

    # --- what a write changes

    def _put_in_order(self, update: StaffUpdate, values: dict[str, Any]) -> None:
        """What the first reader adds: tags, priority, the fields that are known from the first mail."""
        self.introduced = True
        story = self.story
        update.tags = split_list(story.tags)
        if story.priority:
            update.priority = self.desk.priorities[story.priority]
        if story.category == "service":
            values |= {"Topic": story.topic, "Leasing partner": story.partner}
            values["Order number"] = self.slots["order"] if story.topic == "Order" else ""
        if story.category == "office":
            values["Matter"] = story.matter
            if "invoice" in story.tags:
                values["Payable until"] = (self.moment + timedelta(days=14)).date()

    def _change(self, update: StaffUpdate, values: dict[str, Any], step: Step, agent: Login) -> None:
        story = self.story
        if step.priority:
            update.priority = self.desk.priorities[step.priority]
        if step.who == "staff":
            update.assignee = self.desk.staff[self.owner.first_name]
            self._set_status(update, step)
        if step.due is not None:
            day = calendar.at_work(self.moment + timedelta(days=step.due), self.rng).date()
            update.due_date = day
            values["Pick-up date"] = day if story.category != "office" else ""
        if story.category == "workshop":
            self._fill_job_sheet(values, step)

    def _set_status(self, update: StaffUpdate, step: Step) -> None:
        """The story says, or: the last answer solves the matter, any other one takes it up."""
        status = step.status or ("Solved" if step is self.story.last_staff_step else "In Progress")
        if status != self.status:
            update.status = self.desk.statuses[status]
            self.status = status

    def _fill_job_sheet(self, values: dict[str, Any], step: Step) -> None:
        story = self.story
        if step.who == "note" and self.rng.random() < 0.5:
            values["Workshop remark"] = f"Stand {self.rng.randint(1, 4)}, hook {self.rng.randint(1, 30)}"
        if step.who == "staff" and story.estimate and "Estimate" not in self.slots:
            self.slots["Estimate"] = "given"
            values["Estimate (EUR)"] = story.estimate
        if self.status not in _PENDING:
            values["Services"] = split_list(story.services)
            values["Spoke length (mm)"] = story.spokes or ""

    # --- who, when and what

    def _beginning(self) -> datetime:
        age = self.story.age
        if age:
            return self.end - timedelta(days=age) + timedelta(hours=21, minutes=14, seconds=8)
        moment = calendar.some_time(self.end, self.rng, DAYS)
        return calendar.at_work(moment, self.rng) if self.person.circle == "phone" else moment

    def _wait_for(self, step: Step) -> None:
        urgent = self.story.priority == "Urgent"
        most = {"contact": 100 if urgent else 1900, "note": 400, "staff": 45 if urgent else 1500}[step.who]
        moment = calendar.later(self.moment + timedelta(days=step.wait), self.rng, (4, most))
        self.moment = (calendar.awake if step.who == "contact" else calendar.at_work)(moment, self.rng)

    def _colleagues(self) -> list[Login]:
        """Who works in the category; the owner of the shop only when it is hers."""
        return [login for login in LOGINS if self.story.category in login.categories and login.first_name != "Amara"]

    def _agent(self, step: Step) -> Login:
        if step.assign:
            self.owner = next(login for login in LOGINS if login.first_name == step.assign)
        return self.rng.choice(self._colleagues()) if step.who == "note" and self.rng.random() < 0.3 else self.owner

    def _minutes(self, step: Step) -> int | None:
        if step.minutes is not None:
            return max(1, step.minutes + self.rng.choice((-5, 0, 0, 0, 5)) if step.minutes > 10 else step.minutes)
        if self.story.category == "workshop":
            return 5
        return self.rng.choice((5, 10, 15)) if self.rng.random() < 0.25 else None

    def _values(self, values: dict[str, Any]) -> dict[int, Any]:
        return {self.desk.fields[name]: value for name, value in values.items() if value != ""}

    def _cc(self) -> str:
        """Companies copy their fleet's common address in."""
        return f"fleet@{domain(self.person.email)}" if self.person.circle == "fleet" and self.person.email else ""

    def _files(self, step: Step) -> list[IncomingFile]:
        kind = step.wording(self.use).file
        return [files.make(kind, rng=self.rng, slots=self.slots)] if kind else []

    def _slots(self) -> dict[str, str]:
        rng = self.rng
        fewest, most = map(int, self.story.amount.split("-"))
        return {
            "bike": self._bike(),
            "first": self.person.first_name,
            "day": calendar.at_work(self.moment + timedelta(days=rng.randint(2, 4)), rng).strftime("%A"),
            "order": f"R{rng.randint(21000, 29999)}",
            "invoice": f"{self.moment.year}-{rng.randint(1100, 4900)}",
            "amount": f"{rng.randrange(fewest, most + 1, 10):,}",
            "long": LONG_STORY,
        }

    def _bike(self) -> str:
        if self.story.category == "service":
            return self.rng.choice(_IN_THE_WINDOW)
        if "e-bike" in self.story.tags and not self.person.bike.endswith(" E"):
            return self.rng.choice(_E_BIKES)
        return self.person.bike

    # --- wording

    def _contact_message(self, step: Step, *, whole: bool) -> Message | None:
        """A mail with greeting and end when `whole`; answers are shorter."""
        text = fill(step.wording(self.use).text, self.slots)
        if text.startswith("<"):
            return compose("", text)
        if whole:
            text = "\n\n".join(part for part in (self.person.greeting, text, self.person.ends) if part)
        elif self.rng.random() < 0.4 and self.person.ends:
            text = f"{text}\n\n{self.person.ends}"
        if not self.person.writes_html:
            return compose(text, "")
        return compose("", _MAIL_PROGRAM.format(text_to_html(text)))

    def _note(self, step: Step) -> Message | None:
        return compose(fill(step.wording(self.use).text, self.slots), "")

    def _answer(self, step: Step, agent: Login) -> Message | None:
        slots = self.slots | {"agent": agent.first_name, "name": agent.name}
        text = fill(step.wording(self.use).text, slots)
        if text.startswith("<"):
            return compose("", f"<p>Hello {slots['first']},</p>{text}{fill(_SIGNATURE, slots)}")
        circle = self.person.circle
        if circle == "phone":
            return compose(text, "")
        if len(text) > _SHORT and not text.startswith("Dear"):
            text = f"{_GREETINGS.get(circle, 'Hello,')}\n\n{text}"
        if self.rng.random() < 0.35:
            return compose("", text_to_html(fill(text, slots)) + fill(_SIGNATURE, slots))
        return compose(fill(f"{text}\n\n{_ENDS.get(circle, '{agent}, Rollwerk')}", slots), "")
