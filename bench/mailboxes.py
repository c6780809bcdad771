"""What taking mails costs: `python -m bench.mailboxes`, on a fresh desk on SQLite, from a Dovecot on this machine.

* 2,000 mails of 20 KB fetched by checkpoint; then looked again, with nothing new; then all compared.
* The same mails one by one, as they come from a mail server (each is on the disk before the next one begins).
* A mail of 25 MB by IMAP, and the memory of the process at its highest; goal: 150 MiB.
* Instead, by `python -m bench.mailboxes walk`: a folder of 100,000 mails of 2 KB, walked by the checkpoint, with the
  time and the memory of each tenth of it.
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
from typing import Any

MAILS, SIZE, LARGE = 2_000, 20_000, 25_000_000
WALK, WALK_SIZE = 100_000, 2_000
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


def walk() -> None:
    import django

    django.setup()
    from tests.mail import dovecot

    from reynard.desk.actions import catalog, mailboxes, receiving
    from reynard.desk.actions.mailboxes import MailboxSettings
    from reynard.desk.models import MailboxFolder
    from reynard.mail import fetching

    take, marks = receiving.receive_fetched, [(time.monotonic(), time.process_time())]
    taken, in_database = 0, 0.0

    def watched(*given: Any, **more: Any) -> int:
        nonlocal taken, in_database
        begun = time.monotonic()
        fresh = take(*given, **more)
        in_database += time.monotonic() - begun
        taken += fresh
        if taken >= len(marks) * WALK // 10:
            marks.append((time.monotonic(), time.process_time()))
            clock, processor = (now - before for before, now in zip(*marks[-2:], strict=True))
            print(f"{taken:,} mails: {clock:.0f} s for these, {in_database:.0f} s of it storing, ", end="")
            print(f"{processor:.1f} s of processor time, {peak_mib():.0f} MiB", flush=True)
            in_database = 0.0
        return fresh

    receiving.receive_fetched = watched
    category = catalog.add_category(name="Workshop", prefix="RW")
    with dovecot.running() as server:
        for start in range(0, WALK, 1000):
            server.deliver([mail(number, WALK_SIZE) for number in range(start, start + 1000)])
        wanted = MailboxSettings(address="a@rollwerk.example", category_id=category.id, imap_url=server.url())
        box = mailboxes.create("support", wanted, now=datetime.now(UTC))
        MailboxFolder.objects.update(checked_at=datetime.now(UTC))  # a walk, not a comparison
        marks[0] = time.monotonic(), time.process_time()
        print(f"{WALK:,} mails: {timed(lambda: fetching.fetch(box.id)):.0f} s", flush=True)
        assert MailboxFolder.objects.get().last_uid == WALK, mailboxes.find("support").last_error
        print(f"looking again: {timed(lambda: fetching.fetch(box.id)) * 1000:.0f} ms")
        print(f"comparing all: {timed(lambda: fetching.check(box.id, wait_seconds=0)):.1f} s, {peak_mib():.0f} MiB")


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    folder = tempfile.mkdtemp(prefix="reynard-bench-")
    environment = os.environ | {"REYNARD_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "reynard.settings"}
    environment.pop("DATABASE_URL", None)
    try:
        subprocess.run([sys.executable, "-m", "reynard", "migrate", "-v0"], env=environment, check=True)
        what = "measure-walk" if "walk" in sys.argv else "measure"
        subprocess.run([sys.executable, "-m", "bench.mailboxes", what], env=environment, check=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    run = {"measure": measure, "measure-walk": walk}.get(sys.argv[-1], main)
    run()
