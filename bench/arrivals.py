"""What stored mails cost until they are tickets: `python -m bench.arrivals`, on a fresh desk on SQLite, one worker.

* 600 mails of 20 KB: new tickets, replies to them by their reply address, and replies by References, a third each.
  Every third has a file of its own, which is on the disk before its ticket is written. Goal: 50 a second.
* A mail of 25 MiB with five files: the memory of the process at its highest. Goal: 150 MiB.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime

from bench.mail_in import LIMIT_MIB, peak_mib, small

THIRD = 200
GOAL_PER_SECOND = 50


def measure() -> None:
    import django

    django.setup()
    from django.conf import settings

    from reynard.desk.actions import catalog, mailboxes, receiving
    from reynard.desk.actions.mailboxes import MailboxSettings
    from reynard.desk.models import InboundMail, Priority, Status
    from reynard.desk.rules import reply_address
    from reynard.mail import inbound

    def store(raw: bytes) -> None:
        receiving.receive(inbox, receiving.keep([raw]), source=InboundMail.Source.PIPE, now=datetime.now(UTC))

    def take(what: str) -> float:
        waiting = InboundMail.objects.filter(state="new").count()
        begun = time.perf_counter()
        while inbound.take_due(datetime.now(UTC)):
            pass
        taken = time.perf_counter() - begun
        assert not InboundMail.objects.exclude(state="taken").exists()
        print(f"{what}: {waiting / taken:.0f}/s (goal: {GOAL_PER_SECOND})")
        return taken

    category = catalog.add_category(name="Workshop", prefix="RW")
    Status.objects.create(name="New", behavior="pending", order=1, color="F2A900", is_default=True)
    Priority.objects.create(name="Normal", order=1, is_default=True)
    address = "support@rollwerk.example"
    mailboxes.create("support", MailboxSettings(address=address, category_id=category.id), now=datetime.now(UTC))
    inbox = receiving.find("support")

    for number in range(THIRD):
        store(mail(number, file=number % 3 == 0))
    seconds = take("new tickets")
    tickets = dict(InboundMail.objects.values_list("message_id", "ticket_id"))
    for number in range(THIRD):
        ticket = tickets[f"{number}@example.org"]
        to = reply_address.make(address, ticket, settings.SECRET_KEY)
        store(mail(number, f"reply-{number}", to=str(to), file=number % 3 == 0))
    seconds += take("replies to a reply address")
    for number in range(THIRD):
        store(mail(number, f"again-{number}", answers=f"{number}@example.org", file=number % 3 == 0))
    seconds += take("replies by References")
    print(f"all: {3 * THIRD / seconds:.0f}/s")

    before = peak_mib()
    path = os.path.join(settings.REYNARD_DATA_DIR, "large.eml")
    subprocess.run(
        [sys.executable, "-c", f"from bench.mail_in import large; open({path!r}, 'wb').write(large())"], check=True
    )
    with open(path, "rb") as file:
        kept = receiving.keep(iter(lambda: file.read(256 * 1024), b""))
    receiving.receive(inbox, kept, source=InboundMail.Source.PIPE, now=datetime.now(UTC))
    inbound.take_due(datetime.now(UTC))
    assert InboundMail.objects.latest("id").state == "taken"
    print(f"a mail of 25 MiB: {peak_mib():.0f} MiB (before: {before:.0f}; goal: {LIMIT_MIB})")


def mail(author: int, name: str = "", *, to: str = "support@rollwerk.example", answers: str = "", file: bool) -> bytes:
    raw = small()
    if not file:
        raw = re.sub(rb"--b\r\nContent-Type: application/zip.*?--b--", b"--b--", raw, flags=re.DOTALL)
    head = (
        f"From: Lena {author} <lena{author}@example.org>\r\nTo: {to}\r\nSubject: Brakes {author}\r\n"
        f"Message-ID: <{name or author}@example.org>\r\nMIME-Version: 1.0\r\n"
        + (f"References: <{answers}>\r\n" if answers else "")
        + f'X-Trace: {"t" * (0 if file else 8_000)}\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    )
    return head.encode() + raw.partition(b"\r\n\r\n")[2]


def main() -> None:
    folder = tempfile.mkdtemp(prefix="reynard-bench-")
    environment = os.environ | {"REYNARD_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "reynard.settings"}
    environment["DATABASE_URL"] = ""
    try:
        subprocess.run([sys.executable, "-m", "reynard", "migrate", "-v0"], env=environment, check=True)
        subprocess.run([sys.executable, "-m", "bench.arrivals", "here"], env=environment, check=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    measure() if sys.argv[1:] else main()
