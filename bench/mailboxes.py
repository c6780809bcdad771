"""What taking mails costs: `python -m bench.mailboxes`, on a fresh desk on SQLite, from a Dovecot on this machine.

* 2,000 mails of 20 KB fetched by checkpoint; then looked again, with nothing new; then all compared.
* The same mails one by one, as they come from a mail server (each is on the disk before the next one begins).
* A mail of 25 MB by IMAP, and the memory of the process at its highest; goal: 150 MiB.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime

MAILS, SIZE, LARGE = 2_000, 20_000, 25_000_000
GOAL_PER_SECOND, GOAL_MIB = 100, 150


def mail(number: int, size: int) -> bytes:
    line = f"{number:08} ".encode() * 8 + b"\r\n"
    head = f"From: lena.ortiz@example.org\r\nMessage-ID: <{number}@example.org>\r\nSubject: Mail {number}\r\n\r\n"
    return head.encode() + line * (size // len(line))


def timed(run: Callable[[], object]) -> float:
    begun = time.monotonic()
    run()
    return time.monotonic() - begun


def measure() -> None:
    import django

    django.setup()
    from tests.mail import dovecot

    from reynard.desk.actions import catalog, mailboxes, receiving
    from reynard.desk.actions.mailboxes import MailboxSettings
    from reynard.desk.models import InboundMail, Mailbox
    from reynard.mail import fetching

    def create(name: str, url: str = "") -> Mailbox:
        wanted = MailboxSettings(address=f"{name}@rollwerk.example", category_id=category.id, imap_url=url)
        return mailboxes.create(name, wanted, now=datetime.now(UTC))

    def take_one_by_one() -> None:
        inbox = receiving.find("pipe")
        for number in range(MAILS):
            kept = receiving.keep([mail(number + MAILS, SIZE)])
            receiving.receive(inbox, kept, source=InboundMail.Source.PIPE, now=datetime.now(UTC))

    category = catalog.add_category(name="Workshop", prefix="RW")
    create("pipe")
    with dovecot.running() as server:
        server.deliver([mail(number, SIZE) for number in range(MAILS)])
        box = create("support", server.url())
        taken = timed(lambda: fetching.fetch(box.id))
        print(f"{MAILS} mails of {SIZE:,} bytes by IMAP: {MAILS / taken:.0f}/s (goal: {GOAL_PER_SECOND})")
        print(f"looking again: {timed(lambda: fetching.fetch(box.id)) * 1000:.0f} ms")
        print(f"comparing all: {timed(lambda: fetching.check(box.id, wait_seconds=0)) * 1000:.0f} ms")
        print(f"{MAILS} one by one: {MAILS / timed(take_one_by_one):.0f}/s (goal: {GOAL_PER_SECOND})")
        assert InboundMail.objects.filter(state="new").count() == 2 * MAILS

        before = peak_mib()
        server.deliver([mail(-1, LARGE)])
        taken = timed(lambda: fetching.fetch(box.id))
        assert InboundMail.objects.filter(size__gt=LARGE - 100).count() == 1, Mailbox.objects.get(id=box.id).last_error
        print(f"one of {LARGE:,} bytes: {taken:.1f} s, {peak_mib():.0f} MiB (before: {before:.0f}; goal: {GOAL_MIB})")


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    folder = tempfile.mkdtemp(prefix="reynard-bench-")
    environment = os.environ | {"REYNARD_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "reynard.settings"}
    environment.pop("DATABASE_URL", None)
    try:
        subprocess.run([sys.executable, "-m", "reynard", "migrate", "-v0"], env=environment, check=True)
        subprocess.run([sys.executable, "-m", "bench.mailboxes", "measure"], env=environment, check=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    measure() if "measure" in sys.argv else main()
