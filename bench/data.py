"""Fill an empty desk with many tickets, quickly: `python -m bench.data --tickets 100000`.

Writes to the database of the environment (REYNARD_DATA_DIR, DATABASE_URL), migrating it first, and leaves
`bench.json` in the data folder: the credentials of a key and the number of tickets.
"""

import argparse
import gc
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

REPORT_BATCH = 1_000  # tickets counted for reports in one transaction


def fill(tickets: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """Fill the (empty, migrated) desk of the settings; what bench.json holds."""
    from django.db import connection

    from bench.bulk import Postgres, Sqlite
    from bench.life import END, SEED, Life
    from bench.setup import Setup
    from reynard.desk import models
    from reynard.desk.actions import activity, counters, people, reindexing
    from reynard.desk.selectors import reference

    if models.Ticket.objects.exists() or models.Category.objects.exists():
        sys.exit("This desk is not empty; give bench.data a fresh REYNARD_DATA_DIR or database.")
    started = time.monotonic()

    def report(done: int) -> None:
        progress(f"{done:,} of {tickets:,} tickets, {time.monotonic() - started:.0f} s")

    setup = Setup(random.Random(SEED))
    database = Postgres(connection) if connection.vendor == "postgresql" else Sqlite(connection)
    life = Life(database, setup, tickets, report)
    gc.disable()  # what is alive here is alive on purpose
    database.begin([table.name for table in life.all_tables()])
    life.run()
    gc.enable()
    progress("indexes and statistics")
    database.finish()
    counters.recount()
    progress("what reports count")
    for start in range(1, tickets + 1, REPORT_BATCH):
        activity.remake(range(start, min(start + REPORT_BATCH, tickets + 1)), reference.current())
    progress("search index")
    reindexing.begin()
    reindexing.go_on(lambda more: None)
    database.tidy()
    key = people.create_api_key(name="bench", now=END)
    progress(f"{tickets:,} tickets, {life.update_id:,} updates, {life.contacts:,} contacts")
    return {
        "tickets": tickets,
        "updates": life.update_id,
        "contacts": life.contacts,
        "api_key": key.api_key,
        "auth_code": key.auth_code,
        "product_field": setup.product.id,
        "serial_field": setup.serial.id,
        "seconds": round(time.monotonic() - started, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.data", description=__doc__.split("\n\n")[0])
    parser.add_argument("--tickets", type=int, default=100_000, help="10000, 100000 (the default) or 1000000")
    tickets = parser.parse_args().tickets
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    facts = fill(tickets, lambda line: print(line, file=sys.stderr, flush=True))
    path = Path(settings.REYNARD_DATA_DIR) / "bench.json"
    path.write_text(json.dumps(facts, indent=1) + "\n")
    print(f"{path}: {facts['seconds']} s", file=sys.stderr)


if __name__ == "__main__":
    main()
