"""Whatever is written and corrected in whatever order: the ticket is what a slow look at its history says."""

import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk.actions import counters, reindexing
from reynard.desk.models import Attachment, Ticket, TicketCounter, Update
from tests import factories
from tests.api.searching import search

ANIMALS = "aardvark badger camel dingo eland ferret gnu heron ibex jackal koala lemur".split()


def expected_facts(ticket):
    """The facts of a ticket from its history alone, by way of everything that is shown."""
    updates = ticket["updates"]
    shown = [update for update in updates if update["message"] is not None]
    public = [update for update in shown if update["message"]["message_type"] is None]
    by_contact = [update for update in public if update["by"]["type"] == "user"]
    by_staff = [update for update in public if update["by"]["type"] == "staff"]
    waiting = bool(public) and public[-1] in by_contact
    return {
        "first_message": updates[0]["message"]["text"] if updates[0]["message"] else "\n\n",
        "messages_count": sum(update["message"] is not None or update.get("hidden", False) for update in updates),
        "attachments_count": sum(len(update["message"]["attachments"]) for update in shown),
        "last_user_reply_at": by_contact[-1]["timestamp"] if by_contact else None,
        "last_staff_reply_at": by_staff[-1]["timestamp"] if by_staff else None,
        "unresponded": waiting and ticket["status"]["behavior"] == "pending",
    }


def words_shown(ticket):
    messages = [update["message"] for update in ticket["updates"] if update["message"]]
    texts = [message["text"] for message in messages]
    names = [file["filename"] for message in messages for file in message["attachments"]]
    return {animal for animal in ANIMALS if animal in " ".join([*texts, *names])}


class Play:
    """Random work on one ticket."""

    def __init__(self, api, desk, number, seed):
        self.api, self.desk, self.number = api, desk, number
        self.random = random.Random(seed)

    def text(self):
        return " ".join(self.random.choices(ANIMALS, k=2))

    def write(self):
        operation = self.random.choice(["staff_update", "staff_pvtnote", "user_reply"])
        body = {"user": self.desk.lena.id} if operation == "user_reply" else {"staff": self.desk.priya.id}
        body["text"] = self.text()
        if operation == "staff_update" and self.random.random() < 0.3:
            body["status"] = self.random.choice([self.desk.new, self.desk.closed]).id
        if self.random.random() < 0.3:
            name = f"{self.random.choice(ANIMALS)}.txt"
            body["attachments"] = SimpleUploadedFile(name, b"x", "text/plain")
        return self.api.post(f"ticket/{self.number}/{operation}/", body, content_type="multipart")

    def correct(self):
        target = self.random.choice(list(Update.objects.filter(ticket_id=self.number).order_by("id")))
        kind = self.random.choice(["edit", "delete", "make_private"])
        body = {"staff_id": self.desk.priya.id}
        if kind == "edit":
            body["text"] = self.text()
            files = list(Attachment.objects.filter(update=target).values_list("id", flat=True))
            body |= {"remove_attachments": files} if files and self.random.random() < 0.5 else {}
        return self.api.post(f"ticket/{self.number}/update/{target.id}/{kind}/", body)

    def step(self):
        return self.write() if self.random.random() < 0.5 else self.correct()


@pytest.mark.parametrize("seed", range(4))
def test_facts_counters_and_search_are_those_of_what_is_shown(api, desk, seed):
    number = factories.make_ticket(desk.lena, desk.workshop, text="aardvark").id
    play = Play(api, desk, number, seed)
    statuses = set()
    for _ in range(20):
        statuses.add(play.step().status_code)
        ticket = api.get(f"ticket/{number}/").json()
        facts = expected_facts(ticket)
        assert {name: ticket[name] for name in facts} == facts
        assert {animal for animal in ANIMALS if search(api, animal)} == words_shown(ticket)
    assert statuses == {200, 400}
    ticket = Ticket.objects.get(id=number)
    public_by_staff = Update.objects.filter(ticket=number, message_type="m", author_type="staff")
    assert ticket.last_staff_message_id == public_by_staff.order_by("-id").values_list("id", flat=True).first()

    kept = set(TicketCounter.objects.exclude(tickets=0).values_list())
    counters.recount()
    assert {row[1:] for row in kept} == {row[1:] for row in TicketCounter.objects.values_list()}
    reindexing.begin()
    reindexing.go_on(lambda done: None)
    assert {animal for animal in ANIMALS if search(api, animal)} == words_shown(api.get(f"ticket/{number}/").json())
    for _ in range(6):  # the pieces that were made anew can be corrected, too
        play.step()
        shown = words_shown(api.get(f"ticket/{number}/").json())
        assert {animal for animal in ANIMALS if search(api, animal)} == shown
