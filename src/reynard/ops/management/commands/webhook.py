"""`reynard webhook`: receivers of what happens to tickets."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from reynard.desk.actions import webhooks
from reynard.desk.actions.webhooks import NewWebhook
from reynard.desk.errors import DeskError
from reynard.desk.models import Webhook
from reynard.desk.rules import webhook_targets
from reynard.desk.rules.webhook_events import EVENTS
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors import webhooks as lists
from reynard.ops import command, database

LOG_SIZE = 20


class Command(command.Command):
    help = "Set up and watch the receivers of webhooks. NAME is a name, an ID or an address."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        create = actions.add_parser("create", help="set up a receiver and show its secret, once")
        create.add_argument("url", metavar="URL")
        create.add_argument("--events", required=True, metavar="E,...", help=f"some of {', '.join(EVENTS)}")
        create.add_argument(
            "--category", type=int, action="append", default=[], metavar="ID", help="only tickets of it"
        )
        create.add_argument("--name", default="", help="how to call it; the host of the address")
        create.add_argument("--show-cf-changes", action="store_true", help="with changes of custom fields")
        create.add_argument("--envelope", action="store_true", help='send {"event": …, "ticket": {…}}')
        create.add_argument(
            "--signature",
            choices=Webhook.Encoding.values,
            default=Webhook.Encoding.HEX,
            help="how the oldest one is written",
        )
        create.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        actions.add_parser("list", help="show all webhooks, and what waits for them")
        for action, text in (
            ("enable", "send again"),
            ("disable", "send nothing from now on"),
            ("delete", "forget it"),
        ):
            actions.add_parser(action, help=text).add_argument("webhook", metavar="NAME")
        log = actions.add_parser("log", help="show the latest deliveries, or one with its requests")
        log.add_argument("webhook", metavar="NAME")
        log.add_argument("--failed", action="store_true", help="only those that were given up")
        log.add_argument("--delivery", type=int, metavar="ID", help="one delivery")
        again = actions.add_parser("redeliver", help="send one delivery again")
        again.add_argument("webhook", metavar="NAME")
        again.add_argument("delivery", type=int, metavar="ID")
        replay = actions.add_parser("replay", help="send everything again from an update on")
        replay.add_argument("webhook", metavar="NAME")
        replay.add_argument("--since", type=int, required=True, metavar="UPDATE_ID")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        now = datetime.now(UTC)
        try:
            if options["action"] == "create":
                self._create(options, now)
            elif options["action"] == "list":
                self._list()
            else:
                getattr(self, f"_{options['action']}")(_find(options["webhook"]), options, now)
        except DeskError as error:
            raise CommandError(str(error)) from None

    def _create(self, options: dict[str, Any], now: datetime) -> None:
        new = NewWebhook(
            url=options["url"],
            events=[event.strip() for event in options["events"].split(",") if event.strip()],
            name=options["name"].strip(),
            categories=options["category"],
            show_cf_changes=options["show_cf_changes"],
            envelope=options["envelope"],
            signature_encoding=options["signature"],
        )
        webhook = webhooks.create(new, reference=reference_data.current(), now=now)
        _warn_of_local(webhook.url)
        if options["json"]:
            fresh = {"id": webhook.id, "url": webhook.url, "secret": webhook.secret}
            self.say(msgspec.json.encode(fresh).decode())
            return
        self.say(
            f"Webhook  {webhook.name} (ID {webhook.id})",
            f"Secret   {webhook.secret}",
            "The secret is shown this once and cannot be looked up later.",
        )

    def _list(self) -> None:
        found = lists.everyone()
        if not found:
            self.say("There are no webhooks. Make one with `reynard webhook create URL --events ticket.created`.")
            return
        queues = lists.queues()
        rows: list[tuple[str, ...]] = [("ID", "NAME", "STATE", "WAITING", "EVENTS", "CATEGORIES", "URL")]
        for webhook in found:
            waiting = queues.get(webhook.id, lists.Queue()).waiting
            categories = ",".join(str(category.id) for category in webhook.categories.all()) or "all"
            row = (
                webhook.id,
                webhook.name,
                _state(webhook),
                waiting,
                ",".join(webhook.events),
                categories,
                webhook.url,
            )
            rows.append(tuple(map(str, row)))
        off = [f"{webhook.name} is switched off. {webhook.off_because}" for webhook in found if webhook.off_because]
        self.say(*_table(rows), *off)

    def _enable(self, webhook: Webhook, options: dict[str, Any], now: datetime) -> None:
        webhooks.set_active(webhook.id, True)
        self.say(f"{webhook.name} gets what waits for it, and what happens from now on.")

    def _disable(self, webhook: Webhook, options: dict[str, Any], now: datetime) -> None:
        webhooks.set_active(webhook.id, False)
        self.say(f"{webhook.name} gets nothing from now on.")

    def _delete(self, webhook: Webhook, options: dict[str, Any], now: datetime) -> None:
        webhooks.delete(webhook.id, now=now)
        self.say(f"{webhook.name} is gone. Its deliveries follow, bit by bit.")

    def _log(self, webhook: Webhook, options: dict[str, Any], now: datetime) -> None:
        if options["delivery"] is not None:
            self._show(lists.delivery(webhook.id, options["delivery"]))
            return
        found = lists.deliveries(webhook.id, limit=LOG_SIZE, failed_only=options["failed"])
        if not found:
            self.say("There is nothing.")
            return
        rows: list[tuple[str, ...]] = [
            ("ID", "WRITTEN (UTC)", "EVENT", "TICKET", "UPDATE", "STATE", "ATTEMPTS", "LAST ERROR")
        ]
        for one in found:
            entry = one.entry
            row = (entry.id, _shown(entry.created_at), entry.kind, entry.ticket_id, entry.update_id, one.state)
            rows.append((*map(str, row), str(entry.attempts), entry.last_error))
        self.say(*_table(rows))

    def _show(self, delivery: lists.Delivery | None) -> None:
        if delivery is None:
            raise CommandError("This webhook has no such delivery.")
        entry = delivery.entry
        self.say(f"{entry.kind} of ticket {entry.ticket_id}, update {entry.update_id}: {delivery.state}")
        for attempt in lists.attempts(entry.id):
            outcome = f"{attempt.status or 'no answer'} {attempt.error}"
            self.say(
                "",
                f"{_shown(attempt.started_at)} UTC, {attempt.duration_ms} ms: {outcome}",
                *_headers(">", attempt.request_headers),
                f"> ({attempt.body_bytes} bytes, SHA-256 {attempt.body_sha256})",
                *_headers("<", attempt.response_headers),
                *(f"< {line}" for line in attempt.response.splitlines()),
            )

    def _redeliver(self, webhook: Webhook, options: dict[str, Any], now: datetime) -> None:
        entry = webhooks.redeliver(webhook.id, options["delivery"], now=now)
        self.say(f"Delivery {entry.id} leaves now.")

    def _replay(self, webhook: Webhook, options: dict[str, Any], now: datetime) -> None:
        taken = max(webhooks.replay(webhook, since=options["since"], now=now), default=0)
        self.say(f"{taken} events from update {options['since']} on are sent to {webhook.name} again.")


def _find(text: str) -> Webhook:
    webhook = lists.find(text)
    if webhook is None:
        raise CommandError(f"No webhook, or more than one, is {text}. `reynard webhook list` shows all.")
    return webhook


def _warn_of_local(url: str) -> None:
    if webhook_targets.may_be_local(url) and not settings.REYNARD_WEBHOOK_ALLOW_INTERNAL:
        text = (
            "reynard: This may be an internal address: nothing is sent there without REYNARD_WEBHOOK_ALLOW_INTERNAL=1."
        )
        print(text, file=sys.stderr)


def _state(webhook: Webhook) -> str:
    return "off" if not webhook.active else "failing" if webhook.failing_since else "on"


def _headers(mark: str, headers: dict[str, str]) -> Iterable[str]:
    return (f"{mark} {name}: {value}" for name, value in headers.items())


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
