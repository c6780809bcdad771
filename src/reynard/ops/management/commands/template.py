"""`reynard template`: the words around mails."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from reynard.desk.actions import mail_templates as actions
from reynard.desk.errors import Invalid
from reynard.desk.rules import mail_templates
from reynard.desk.selectors import reference
from reynard.ops import command, database

_KINDS = {
    "acknowledgement": "to the contact: the request has arrived",
    "message": "a reply to the contact, and to copies",
    "forward": "a ticket that is forwarded",
    "staff": "to staff: something happened on a ticket",
}


class Command(command.Command):
    help = "Show and set the words of the mails the desk sends."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list | show | set | reset")
        actions.add_parser("list", help="the kinds of mails, and which of them have words of your own")
        show = actions.add_parser("show", help="print a template, to be changed and set again")
        show.add_argument("--fields", action="store_true", help="print what the template may name instead")
        change = actions.add_parser("set", help="use the template in a file from now on")
        reset = actions.add_parser("reset", help="use the default again")
        for each in (show, change, reset):
            each.add_argument("kind", metavar="KIND", choices=list(_KINDS), help=", ".join(_KINDS))
        change.add_argument("file", metavar="FILE", help="UTF-8 text; - is standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        kind = options.get("kind", "")
        if options["action"] == "list":
            self._list()
        elif options["action"] == "show" and options["fields"]:
            self._show_fields(kind)
        elif options["action"] == "show":
            self.stdout.write(reference.current().mail_templates[kind], ending="")
        elif options["action"] == "set":
            self._set(kind, options["file"])
        else:
            actions.reset_template(kind)
            self.say(f"Mails of the kind {kind} have the default words from now on.")

    def _list(self) -> None:
        own = reference.current().mail_templates
        for kind, meaning in _KINDS.items():
            state = "default" if own[kind] == mail_templates.DEFAULTS[kind] else "own"
            self.say(f"{kind:15}  {state:7}  {meaning}")

    def _show_fields(self, kind: str) -> None:
        for name, meaning in mail_templates.FIELDS[kind].items():
            self.say(f"{{{{{name}}}}}".ljust(24) + meaning)

    def _set(self, kind: str, file: str) -> None:
        try:
            actions.set_template(kind, _read(file))
        except Invalid as error:
            raise CommandError(" ".join(text for _, texts in error.problems.items() for text in texts)) from None
        self.say(f"Mails of the kind {kind} have these words from now on.")


def _read(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is no UTF-8 text.") from None
