"""What composing mails costs: `python -m bench.mail`, on a fresh desk in memory of the machine's temporary folder.

A thousand replies in a thread of five, one after another; then one with 25 MiB of files, and the memory of the process
at its highest.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import django

LIMIT_MIB = 150
REPLIES = 1000
FILES, FILE_MIB = 5, 5
CHUNK = 64 * 1024


@contextmanager
def fresh_desk(database_url: str = "") -> Iterator[None]:
    """A desk without anything on it, in this process; on an empty database when one is named, else on SQLite."""
    with tempfile.TemporaryDirectory(prefix="reynard-bench-") as folder:
        os.environ |= {
            "REYNARD_DATA_DIR": folder,
            "REYNARD_MAIL_FROM": "support@rollwerk.example",
            "REYNARD_MAIL_ATTACHMENTS_MIB": str(FILES * FILE_MIB),
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
        }
        django.setup()
        from reynard.ops import database

        database.migrate()
        yield


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def read_through(entry: int) -> int:
    """Compose a mail and read it as a sender does; its size in bytes."""
    from reynard.desk.actions import outgoing_mail

    composed = outgoing_mail.compose(entry, now=datetime.now(UTC))
    with composed.message as message:
        return sum(len(piece) for piece in iter(lambda: message.read(CHUNK), b""))


def main() -> None:
    with fresh_desk():
        ticket, priya = make_ticket()
        entries = [reply(ticket, priya, number, []) for number in range(REPLIES)]
        read_through(entries[-1])
        started, before_cpu = time.perf_counter(), time.process_time()
        for entry in entries:
            read_through(entry)
        each = (time.perf_counter() - started) / REPLIES
        cpu = (time.process_time() - before_cpu) / REPLIES
        print(f"{REPLIES} replies composed: {1000 * each:.2f} ms each, {1000 * cpu:.2f} ms of it in the processor")
        large = reply(ticket, priya, REPLIES, keep_files())
        before, started = peak_mib(), time.perf_counter()
        size = read_through(large)
        seconds, after = time.perf_counter() - started, peak_mib()
        print(f"a mail of {size / 2**20:.1f} MiB: {seconds:.2f} s, at most {after:.0f} MiB ({before:.0f} MiB before)")
        sys.exit(after > LIMIT_MIB)


def make_ticket() -> tuple[int, int]:
    from reynard.desk.actions import catalog, people, tickets
    from reynard.desk.actions.tickets import NewTicket
    from reynard.desk.models import Status
    from reynard.desk.rules.messages import compose
    from reynard.desk.selectors import reference

    category = catalog.add_category(name="Workshop", prefix="RW")
    catalog.add_status(name="New", behavior=Status.Behavior.PENDING, color="F2A900", order=1, is_default=True)
    catalog.add_priority(name="Normal", order=1, is_default=True)
    role = catalog.add_role(name="Workshop", permissions=[])
    person = people.add_staff(
        email="priya@rollwerk.example",
        first_name="Priya",
        last_name="Raman",
        role=role,
        password=None,
        category_ids=[category.id],
    )
    new = NewTicket(
        email="lena@example.org",
        name="Lena Ortiz",
        subject="Brake cable frayed",
        message=compose("It is broken. " * 20, ""),
        category=category.id,
    )
    return tickets.open_ticket(new, reference=reference.current(), now=datetime.now(UTC)), person.id


def reply(ticket: int, staff: int, number: int, files: list) -> int:
    """The outbox entry of a reply."""
    from reynard.desk.actions import tickets
    from reynard.desk.actions.tickets import StaffUpdate
    from reynard.desk.models import OutboxEntry
    from reynard.desk.rules.messages import compose
    from reynard.desk.selectors import reference

    html = f"<p>Ready on day {number}, <b>as promised</b>.</p><p>{'Bring the key, please. ' * 10}</p>"
    given = StaffUpdate(staff=staff, message=compose("", html), update_customer=True, files=files)
    tickets.add_staff_update(ticket, given, reference=reference.current(), now=datetime.now(UTC))
    return OutboxEntry.objects.filter(kind="message").latest("id").id


def keep_files() -> list:
    from django.core.files.uploadedfile import TemporaryUploadedFile

    from reynard.desk import files

    kept = []
    for number in range(FILES):
        upload = TemporaryUploadedFile(f"film-{number}.mp4", "video/mp4", FILE_MIB * 2**20, None)
        for _ in range(FILE_MIB * 16):
            upload.write(os.urandom(CHUNK))
        upload.seek(0)
        kept.append(files.keep(upload))
        upload.close()
    return kept


if __name__ == "__main__":
    main()
