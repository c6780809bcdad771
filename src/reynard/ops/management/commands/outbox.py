"""`reynard outbox`: what must leave the desk, and sending again what could not."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from reynard.desk.actions import deliveries
from reynard.desk.selectors import outbox
from reynard.desk.selectors.outbox import Delivery
from reynard.ops import command, database

_LIMIT = 100
_LINE = "{:>8}  {:10}  {:15}  {:>8}  {:8}  {:>5}  {:16}  {}"


class Command(command.Command):
    help = "Show what must leave the desk (mails, webhooks) and has not, and send it again."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list | retry")
        show = actions.add_parser("list", help="show what waits, what was given up, and what came back")
        show.add_argument("--dead", action="store_true", help="only what was given up, the latest first")
        show.add_argument("--limit", type=int, default=_LIMIT, metavar="N", help=f"at most N of each ({_LIMIT})")
        show.add_argument("--json", action="store_true", help="print one JSON array and nothing else")
        retry = actions.add_parser("retry", help="let entries leave now, with their whole time again")
        retry.add_argument("ids", metavar="ID", type=int, nargs="*", help="waiting or given up")
        retry.add_argument("--dead", action="store_true", help="all that were given up")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        now = datetime.now(UTC)
        if options["action"] == "list":
            self._list(options, now)
        else:
            self._retry(options["ids"], now, dead=options["dead"])

    def _list(self, options: dict[str, Any], now: datetime) -> None:
        if options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.")
        limit = options["limit"]
        found = [] if options["dead"] else outbox.waiting(now=now, limit=limit)
        found += outbox.dead(now=now, limit=limit)
        found += [] if options["dead"] else outbox.bounced(now=now, limit=limit)
        if options["json"]:
            self.say(msgspec.json.encode(found).decode())
            return
        if found:
            self.say(_LINE.format("ID", "CHANNEL", "KIND", "TICKET", "STATE", "TRIES", "NEXT TRY (UTC)", "TO"))
        for delivery in found:
            self.say(*_lines(delivery))
        self.say(*_summary())

    def _retry(self, ids: list[int], now: datetime, *, dead: bool) -> None:
        if bool(ids) == dead:
            raise CommandError("Say which: the IDs of `reynard outbox list`, or --dead for all that were given up.")
        found = deliveries.retry(now=now, ids=None if dead else ids)
        missing = sorted(set(ids) - set(found))
        if found:
            self.say(f"{len(found):,} {'entry leaves' if len(found) == 1 else 'entries leave'} as soon as possible.")
        elif dead:
            self.say("Nothing was given up.")
        if missing:
            shown = ", ".join(map(str, missing))
            raise CommandError(f"Not in the outbox, or sent already, or being sent at this moment: {shown}.")


def _lines(delivery: Delivery) -> list[str]:
    next_try = f"{delivery.next_try_at.astimezone(UTC):%Y-%m-%d %H:%M}" if delivery.next_try_at else ""
    to = ", ".join(delivery.recipients)
    what = (delivery.id, delivery.channel, delivery.kind, delivery.ticket or "")
    line = _LINE.format(*what, delivery.state, delivery.attempts, next_try, to).rstrip()
    errors = [delivery.error, *(f"{address}: {error}" for address, error in delivery.refused.items())]
    return [line, *(f"{'':10}{error}" for error in dict.fromkeys(errors) if error)]


def _summary() -> list[str]:
    lines = [f"{name}: {log.waiting:,} waiting, {log.dead:,} given up" for name, log in outbox.backlogs().items()]
    if settings.REYNARD_SMTP_URL is None:
        lines.append("No mail server is set (REYNARD_SMTP_URL): mails wait, and are given up when they are too old.")
    return lines
