"""`reynard category`: the categories, and how each writes mails."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from msgspec import UNSET

from reynard.desk.actions import catalog
from reynard.desk.actions.catalog import CategoryMail
from reynard.desk.errors import Invalid, NotFound
from reynard.desk.models import Category
from reynard.desk.selectors import mail_senders, reference
from reynard.ops import command, database

_PLUS = {"yes": True, "no": False, "default": None}


class Command(command.Command):
    help = "Show the categories, and set how they write mails."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list | mail")
        actions.add_parser("list", help="show all categories, with where their mails come from")
        mail = actions.add_parser("mail", help="set how a category writes; what is not given stays as it is")
        mail.add_argument("id", metavar="ID", type=int)
        mail.add_argument("--from-name", metavar="NAME", help='who mails are from; "" for the default')
        mail.add_argument("--from-address", metavar="ADDRESS", help='"" for REYNARD_MAIL_FROM')
        mail.add_argument("--reply-address", metavar="ADDRESS", help='where answers go; "" for the from address')
        mail.add_argument(
            "--plus-addressing", choices=list(_PLUS), help="whether the mailbox of answers takes name+anything@…"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        if options["action"] == "mail":
            _set(options)
        self._list([options["id"]] if options["action"] == "mail" else None)

    def _list(self, ids: list[int] | None) -> None:
        rows = [("ID", "PREFIX", "NAME", "MAILS FROM", "ANSWERS TO")]
        for category in Category.objects.order_by("id"):
            sender = mail_senders.sender_of(category, reference.current())
            mailbox = f"{sender.mailbox.name} <{sender.mailbox.address}>" if sender else "not set up"
            plus = " (with plus addressing)" if sender and sender.plus_addressing else ""
            if ids is None or category.id in ids:
                answers = sender.replies + plus if sender else ""
                rows.append((str(category.id), category.prefix, category.name, mailbox, answers))
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        self.say(*("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows))


def _set(options: dict[str, Any]) -> None:
    names = ("from_name", "from_address", "reply_address")
    given = {name: UNSET if options[name] is None else options[name].strip() for name in names}
    plus = options["plus_addressing"]
    mail = CategoryMail(**given, plus_addressing=_PLUS[plus] if plus else UNSET)
    try:
        catalog.set_category_mail(category_id=options["id"], mail=mail)
    except NotFound as error:
        raise CommandError(str(error)) from None
    except Invalid as error:
        raise CommandError(" ".join(text for _, texts in error.problems.items() for text in texts)) from None
