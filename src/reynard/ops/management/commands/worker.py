"""`reynard worker`: the jobs of the desk, apart from a server."""

import sys
from typing import Any

from django.db import connections

from reynard import worker
from reynard.ops import command, database


class Command(command.Command):
    help = (
        "Do what the desk does by itself: send what must leave, tidy away. `reynard serve` has a worker already; "
        "more of them, also on other machines, share the work."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        connections.close_all()
        code = worker.work(worker.load_jobs(), on_ready=lambda: self.say("Reynard works. Stop it with Ctrl+C."))
        if code:
            sys.exit(code)
