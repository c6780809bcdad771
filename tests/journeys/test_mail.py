"""A customer who only writes mails: real commands, real workers, a real mail server, on either database."""

import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest

from tests.journeys.test_mails_leave import wait_for, working
from tests.mail.sink import Sink, sink
from tests.servers import RunningDesk, request, running_desk

pytestmark = pytest.mark.server

ADDRESS = "support@rollwerk.example"
NORA = "nora@fleet.example"
SET_UP = f"""
from datetime import UTC, datetime
from reynard.desk.actions import mailboxes
from reynard.desk.models import Category
category = Category.objects.get(name="Customer service")
wanted = mailboxes.MailboxSettings(address="{ADDRESS}", category_id=category.id)
mailboxes.create("support", wanted, now=datetime.now(UTC))
"""
STORE = """
import sys
from datetime import UTC, datetime
from reynard.desk.actions import receiving
from reynard.desk.models import InboundMail
inbox = receiving.find("support")
for number in range({count}):
    raw = f"From: n{{number}}@fleet.example\\r\\nSubject: Hi\\r\\nMessage-ID: <{name}-{{number}}@x>\\r\\n\\r\\nHi\\r\\n"
    kept = receiving.keep([raw.encode()])
    receiving.receive(inbox, kept, source=InboundMail.Source.PIPE, now=datetime.now(UTC))
"""
COUNT = """
from reynard.desk.models import InboundMail, Ticket
print(InboundMail.objects.filter(state="new").count(), Ticket.objects.filter(source="TKT_CREATION_EMAIL").count())
"""
KILLED = """
import os
from datetime import UTC, datetime
from reynard.desk.actions import arrivals
from reynard.mail import inbound
real = {function}
def last(*arguments, **more):
    if {done}:
        real(*arguments, **more)
    os._exit(9)
{function} = last
inbound.take_due(datetime.now(UTC))
"""
LEASES_END = """
from datetime import UTC, datetime
from reynard.desk.models import InboundMail
InboundMail.objects.filter(state="new").update(next_try_at=datetime.now(UTC))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


@pytest.fixture(scope="module")
def desk(server: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A demo desk without a worker."""
    settings = {
        "REYNARD_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
        "REYNARD_THROTTLE_WRITES_PER_MINUTE": "0",
        "REYNARD_SQLITE_SYNCHRONOUS": "NORMAL",
    }
    with running_desk(tmp_path_factory.mktemp("mail") / "desk", "demo", "--no-worker", **settings) as desk:
        made = desk.run("shell", "-v0", "-c", SET_UP)
        assert made.returncode == 0, made.stderr
        yield desk


def receive(desk: RunningDesk, raw: str) -> None:
    command = [sys.executable, "-m", "reynard", "receive_mail", "--mailbox", "support"]
    subprocess.run(command, env=desk.environment, input=raw.encode(), check=True, timeout=60)


def store(desk: RunningDesk, count: int, *, name: str) -> None:
    stored = desk.run("shell", "-v0", "-c", STORE.format(count=count, name=name))
    assert stored.returncode == 0, stored.stderr


def counts(desk: RunningDesk) -> tuple[int, int]:
    """Mails that wait, and tickets that mails opened."""
    waiting, tickets = desk.run("shell", "-v0", "-c", COUNT).stdout.split()
    return int(waiting), int(tickets)


def tickets_of_nora(desk: RunningDesk) -> list[dict[str, Any]]:
    return request(desk, "GET", f"tickets/?q=contact:{NORA}")[1]["data"]


def staff_update(desk: RunningDesk, ticket: int, **body: Any) -> dict[str, Any]:
    staff = request(desk, "GET", "staff/")[1][0]["id"]
    status, answer = request(desk, "POST", f"ticket/{ticket}/staff_update/", {"staff": staff, **body})
    assert status == 200, answer
    return answer


def mails_to_nora(server: Sink) -> list[Message]:
    return [message_from_bytes(mail.content) for mail in server.received if NORA in mail.recipients]


def test_mail_becomes_a_ticket_and_the_answers_meet_in_it(desk: RunningDesk, server: Sink) -> None:
    completed = next(row for row in request(desk, "GET", "statuses/")[1] if row["behavior"] == "completed")
    with working(desk):
        receive(
            desk,
            f"From: Nora Vance <{NORA}>\r\nTo: {ADDRESS}\r\nSubject: Brakes\r\nMessage-ID: <one@fleet.example>\r\n\r\n"
            "They squeak.\r\n",
        )
        wait_for(lambda: tickets_of_nora(desk), desk.output)
        [ticket] = tickets_of_nora(desk)
        assert (ticket["subject"], ticket["source"], ticket["unresponded"]) == ("Brakes", "TKT_CREATION_EMAIL", True)
        assert ticket["user"]["name"] == "Nora Vance"

        answered = staff_update(
            desk, ticket["id"], text="Come by.", update_customer=True, status=completed["id"], time_spent=5
        )
        assert answered["status"]["behavior"] == "completed"
        wait_for(lambda: mails_to_nora(server), desk.output)
        [answer] = mails_to_nora(server)
        assert answer["In-Reply-To"] == "<one@fleet.example>"

        receive(
            desk,
            f"From: {NORA}\r\nTo: {answer['Reply-To']}\r\nSubject: Re: Brakes\r\nMessage-ID: <two@fleet.example>\r\n"
            f"In-Reply-To: {answer['Message-ID']}\r\n\r\nThey still do.\r\n",
        )
        wait_for(lambda: tickets_of_nora(desk)[0]["unresponded"], desk.output)
        [ticket] = tickets_of_nora(desk)
        assert ticket["status"]["behavior"] == "pending"
        update = ticket["updates"][-1]
        assert (update["message"]["text"], update["by"]["type"]) == ("They still do.\n\n", "user")

        mail = request(desk, "GET", f"ticket/{ticket['id']}/update/{update['update_id']}/mail/")[1]
        assert mail["reason"].endswith("by its contact.")
        staff_update(desk, ticket["id"], text="Sorry!", update_customer=True, status=completed["id"], time_spent=5)
        wait_for(lambda: len(mails_to_nora(server)) == 2, desk.output)
        assert tickets_of_nora(desk)[0]["status"]["behavior"] == "completed"


@pytest.mark.parametrize(
    ("function", "done"),
    [("arrivals.take", False), ("arrivals.Arrival.finish", True), ("inbound._take", True)],
    ids=["nothing written", "all written, nothing committed", "committed"],
)
def test_a_worker_killed_in_the_middle_takes_a_mail_once(desk: RunningDesk, function: str, done: bool) -> None:
    waiting, before = counts(desk)
    store(desk, 1, name=function)
    killed = desk.run("shell", "-v0", "-c", KILLED.format(function=function, done=done))
    assert (waiting, killed.returncode) == (0, 9), killed.stderr
    assert desk.run("shell", "-v0", "-c", LEASES_END).returncode == 0
    with working(desk):
        wait_for(lambda: counts(desk) == (0, before + 1), desk.output)


def test_two_workers_share_the_mails_and_take_each_once(desk: RunningDesk) -> None:
    _, before = counts(desk)
    store(desk, 100, name="shared")
    with working(desk), working(desk):
        wait_for(lambda: counts(desk)[0] == 0, desk.output)
    assert counts(desk) == (0, before + 100)
