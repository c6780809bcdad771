"""What a mail by `reynard receive_mail` takes, a process each time: `python -m bench.starts`, a fresh desk on SQLite.

In turn, with the settings it has, with those of the pages too, and a Python process that does nothing. The clock says
how long a mail server waits; processor time says the same on a machine that others keep busy. Goal: 0.5 s.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 20
SET_UP = """
from datetime import UTC, datetime
from reynard.desk.actions import catalog, mailboxes
category = catalog.add_category(name="Workshop", prefix="RW")
wanted = mailboxes.MailboxSettings(address="support@rollwerk.example", category_id=category.id)
mailboxes.create("support", wanted, now=datetime.now(UTC))
"""
_HEAD = b"From: lena@example.org\r\nTo: support@rollwerk.example\r\nSubject: Brakes\r\n\r\n"
_RECEIVE = ["-m", "reynard", "receive_mail", "--mailbox", "support"]


def measure(folder: Path) -> None:
    environment = os.environ | {"REYNARD_DATA_DIR": str(folder)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    for command in (["migrate", "-v0"], ["shell", "-v0", "-c", SET_UP]):
        subprocess.run([sys.executable, "-m", "reynard", *command], env=environment, check=True)
    kinds = {
        "as it is": (_RECEIVE, environment),
        "with all of the pages": (_RECEIVE, environment | {"DJANGO_SETTINGS_MODULE": "reynard.settings"}),
        "Python alone": (["-c", "pass"], environment),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for number in range(ROUNDS):
        for name, (arguments, variables) in kinds.items():
            mail = folder / "mail"
            mail.write_bytes(_HEAD + f"{number} {name} ".encode() + b"They squeak. " * 1500)
            taken[name].append(_once(arguments, variables, mail))
    for name, found in taken.items():
        clock, processor = (statistics.median(values) for values in zip(*found, strict=True))
        print(f"{name}: {clock:.2f} s on the clock, {processor:.2f} s of processor time")


def _once(arguments: list[str], environment: dict[str, str], mail: Path) -> tuple[float, float]:
    begun = time.perf_counter()
    with mail.open("rb") as given:
        process = subprocess.Popen([sys.executable, *arguments], env=environment, stdin=given)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="reynard-bench-") as made:
        measure(Path(made))
