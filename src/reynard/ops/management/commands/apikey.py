"""`reynard apikey`: credentials of integrations."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.core.management.base import CommandError, CommandParser

from reynard.desk.actions import people
from reynard.desk.errors import Invalid
from reynard.desk.models import ApiKey, Staff
from reynard.ops import command, database


class Command(command.Command):
    help = "Create, list, disable and revoke the API keys of integrations."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(
            dest="action", required=True, metavar="create | list | disable | enable | revoke"
        )
        create = actions.add_parser("create", help="make a key and show its auth code, once")
        create.add_argument("name", metavar="NAME", help="what the key is for")
        create.add_argument("--staff", metavar="EMAIL", help="the member of staff it acts for")
        create.add_argument("--read-only", action="store_true", help="refuse everything that writes")
        create.add_argument(
            "--category",
            metavar="ID",
            type=int,
            action="append",
            dest="categories",
            help="see and change tickets of this category only; may be given several times",
        )
        create.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        actions.add_parser("list", help="show all keys and what they reach, without their auth codes")
        for action, help_text in _CHANGES.items():
            change = actions.add_parser(action, help=help_text)
            change.add_argument("key", metavar="KEY", help="the key, or the name that no other key has")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        now = datetime.now(UTC)
        if options["action"] == "create":
            self._create(options, now)
        elif options["action"] == "list":
            self._list()
        else:
            self._change(options["action"], options["key"], now)

    def _create(self, options: dict[str, Any], now: datetime) -> None:
        staff = _find_staff(options["staff"]) if options["staff"] else None
        try:
            fresh = people.create_api_key(
                name=options["name"],
                now=now,
                staff=staff,
                read_only=options["read_only"],
                categories=options["categories"],
            )
        except Invalid as error:
            raise CommandError(" ".join(text for _, texts in error.problems.items() for text in texts)) from None
        if options["json"]:
            self.say(msgspec.json.encode(fresh).decode())
            return
        self.say(
            f"API key    {fresh.api_key}",
            f"Auth code  {fresh.auth_code}",
            "The auth code is shown this once and cannot be looked up later.",
        )

    def _list(self) -> None:
        keys = list(ApiKey.objects.select_related("staff").prefetch_related("categories").order_by("created_at", "id"))
        if not keys:
            self.say("There are no API keys. Make one with `reynard apikey create NAME`.")
            return
        width = max(4, *(len(key.name) for key in keys))
        line = f"{{:{width}}}  {{:32}}  {{:16}}  {{:25}}  {{}}"
        rows = (line.format(key.name, key.key, _shown(key.created_at), _state(key), _reach(key)) for key in keys)
        self.say(line.format("NAME", "KEY", "CREATED (UTC)", "STATE", "MAY"), *rows)

    def _change(self, action: str, key: str, now: datetime) -> None:
        found = _find_key(key)
        if action == "enable":
            if found.revoked_at is not None:
                raise CommandError(f"The key of {found.name} was revoked, which is for good. Create another one.")
            people.enable_api_key(key=found.key)
            self.say(f"The key of {found.name} is accepted from now on.")
            return
        refuse = people.disable_api_key if action == "disable" else people.revoke_api_key
        refuse(key=found.key, now=now)
        self.say(f"The key of {found.name} is refused from now on.")


_CHANGES = {
    "disable": "refuse a key until it is enabled again",
    "enable": "accept a key that was disabled",
    "revoke": "refuse a key from now on, for good",
}


def _find_key(wanted: str) -> ApiKey:
    found = list(ApiKey.objects.filter(key=wanted)) or list(ApiKey.objects.filter(name=wanted).order_by("id"))
    if not found:
        raise CommandError(f"There is no API key {wanted}.")
    if len(found) > 1:
        raise CommandError(f"Several keys have the name {wanted}: say which, by {_or([key.key for key in found])}.")
    return found[0]


def _or(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _find_staff(email: str) -> Staff:
    person = Staff.objects.filter(email__iexact=email.strip()).first()
    if person is None:
        raise CommandError(f"No member of staff has the address {email}.")
    return person


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"revoked {_shown(key.revoked_at)}"
    return "in use" if key.disabled_at is None else f"disabled {_shown(key.disabled_at)}"


def _reach(key: ApiKey) -> str:
    """In words: `read and write, in categories 3, 7, as priya@example.org`."""
    parts = ["read only" if key.read_only else "read and write"]
    if key.is_limited:
        ids = sorted(category.id for category in key.categories.all())
        parts.append(f"in categories {', '.join(map(str, ids))}" if ids else "in no category that is left")
    if key.staff is not None:
        parts.append(f"as {key.staff.email}" + ("" if key.staff.active else " (not active)"))
    return ", ".join(parts)


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
