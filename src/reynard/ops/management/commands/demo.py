"""`reynard demo`: a desk with something on it, made once and served."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from reynard.desk import db
from reynard.desk.actions import people
from reynard.desk.models import ApiKey
from reynard.ops import command, database, demo, listening
from reynard.ops.demo import handout
from reynard.ops.demo.handout import Handout

_LOCAL = ("127.", "localhost", "::1")


class Command(command.Command):
    help = "Make a demo desk in an empty REYNARD_DATA_DIR (a bicycle workshop with 200 tickets) and serve it."

    def add_arguments(self, parser: CommandParser) -> None:
        listening.add_options(parser)
        parser.add_argument("--no-serve", action="store_true", help="make the desk and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["no_serve"]:
            listening.require_free(options)
        desk = _open_desk(url=listening.address(options))
        self._explain(desk, options)
        if not options["no_serve"]:
            listening.serve(options, on_ready=lambda: self.say(f"Reynard listens on {desk.url}. Stop it with Ctrl+C."))

    def _explain(self, desk: Handout, options: dict[str, Any]) -> None:
        longest = max(len(person.email) for person in desk.staff)
        self.say(
            "Rollwerk, a demo desk: everybody and everything on it is invented.",
            "",
            f"  Address    {desk.url}",
            f"  Folder     {settings.REYNARD_DATA_DIR}",
            f"  API key    {desk.api_key}",
            f"  Auth code  {desk.auth_code}",
            "",
            "  Staff",
            *(f"  {person.email:{longest}}  {person.password:18}  {person.role}" for person in desk.staff),
            "",
            "  Try it",
            f"  curl -u '{desk.api_key}:{desk.auth_code}' '{desk.url}/api/1.1/json/tickets/?size=10'",
            "",
        )
        if not options["host"].startswith(_LOCAL):
            self.say("The passwords are known to everybody who has Reynard: use this desk among friends only.", "")


def _open_desk(*, url: str) -> Handout:
    """The demo desk of this folder, made now when there is none. Raises CommandError when another desk is there."""
    folder = Path(settings.REYNARD_DATA_DIR)
    known = _read_handout(folder)
    if database.is_occupied():
        _require_own(known)
    if database.pending_migrations():
        database.migrate()
    with db.write():
        if database.is_occupied():
            desk = msgspec.structs.replace(_require_own(known or _read_handout(folder)), url=url)
        else:
            now = datetime.now(UTC)
            demo.load(now=now)
            key = people.create_api_key(name="Demo", now=now)
            desk = handout.make(url=url, api_key=key.api_key, auth_code=key.auth_code)
        # Written before the desk is there: were it the other way round, a crash between the two would leave
        # a desk whose auth code nobody knows. A handout without a desk is simply replaced.
        handout.write(desk, folder)
    return desk


def _read_handout(folder: Path) -> Handout | None:
    try:
        return handout.read(folder)
    except msgspec.DecodeError:
        raise CommandError(f"{folder / 'demo.json'} is damaged. Start again in an empty folder.") from None


def _require_own(known: Handout | None) -> Handout:
    """What is known about the desk that is there. Raises CommandError when it is not the demo desk."""
    if known is None or not ApiKey.objects.filter(key=known.api_key).exists():
        raise CommandError(
            "This database holds a desk that is not the demo. Set REYNARD_DATA_DIR to an empty folder "
            "(and DATABASE_URL to an empty database), or start the desk with `reynard serve`."
        )
    return known
