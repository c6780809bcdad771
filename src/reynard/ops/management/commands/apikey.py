"""`reynard apikey`: credentials of integrations."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.core.management.base import CommandError, CommandParser

from reynard.desk.actions import people
from reynard.desk.errors import NotFound
from reynard.desk.models import ApiKey, Staff
from reynard.ops import command, database

NAME_LIMIT = 100


class Command(command.Command):
    help = "Create, list and revoke the API keys of integrations."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="create | list | revoke")
        create = actions.add_parser("create", help="make a key and show its auth code, once")
        create.add_argument("name", metavar="NAME", help="what the key is for")
        create.add_argument("--staff", metavar="EMAIL", help="the member of staff it belongs to")
        create.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        actions.add_parser("list", help="show all keys, without their auth codes")
        revoke = actions.add_parser("revoke", help="refuse a key from now on")
        revoke.add_argument("key", metavar="KEY")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        now = datetime.now(UTC)
        if options["action"] == "create":
            self._create(options["name"].strip(), options["staff"], now, as_json=options["json"])
        elif options["action"] == "list":
            self._list()
        else:
            self._revoke(options["key"], now)

    def _create(self, name: str, email: str | None, now: datetime, *, as_json: bool) -> None:
        if not 0 < len(name) <= NAME_LIMIT:
            raise CommandError(f"Give the key a name of at most {NAME_LIMIT} characters.")
        staff = _find_staff(email) if email else None
        fresh = people.create_api_key(name=name, now=now, staff=staff)
        if as_json:
            self.say(msgspec.json.encode(fresh).decode())
            return
        self.say(
            f"API key    {fresh.api_key}",
            f"Auth code  {fresh.auth_code}",
            "The auth code is shown this once and cannot be looked up later.",
        )

    def _list(self) -> None:
        keys = list(ApiKey.objects.order_by("created_at", "id"))
        if not keys:
            self.say("There are no API keys. Make one with `reynard apikey create NAME`.")
            return
        width = max(4, *(len(key.name) for key in keys))
        line = f"{{:{width}}}  {{:32}}  {{:16}}  {{}}"
        rows = (line.format(key.name, key.key, _shown(key.created_at), _shown(key.revoked_at)).rstrip() for key in keys)
        self.say(line.format("NAME", "KEY", "CREATED (UTC)", "REVOKED (UTC)"), *rows)

    def _revoke(self, key: str, now: datetime) -> None:
        try:
            revoked = people.revoke_api_key(key=key, now=now)
        except NotFound as error:
            raise CommandError(str(error)) from None
        self.say(f"The key of {revoked.name} is refused from now on.")


def _find_staff(email: str) -> Staff:
    person = Staff.objects.filter(email__iexact=email.strip()).first()
    if person is None:
        raise CommandError(f"No member of staff has the address {email}.")
    return person


def _shown(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""
