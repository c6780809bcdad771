"""`reynard receive_mail`: one message on standard input, from a mail server."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from reynard.desk.actions import receiving
from reynard.desk.actions.receiving import Envelope
from reynard.desk.models import InboundMail
from reynard.ops import command

_PIECE_BYTES = 256 * 1024


class Command(command.Command):
    help = (
        "Take one message from standard input. Exit code 0: it is stored, and the desk's from now on. Exit code 75: "
        "whatever was wrong, keep it and try again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mailbox", metavar="NAME", required=True, help="the mailbox it is for")
        parser.add_argument("--sender", metavar="ADDRESS", help="the envelope sender, if the mail server says it")
        parser.add_argument(
            "--recipient",
            metavar="ADDRESS",
            action="append",
            default=[],
            dest="recipients",
            help="an envelope recipient, if the mail server says it; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            inbox = receiving.find(options["mailbox"])
        except receiving.NotReceiving as error:
            raise CommandError(str(error)) from None
        mail = receiving.keep(_pieces())
        if not mail.size:
            raise CommandError("There was no message on standard input.")
        envelope = Envelope(options["sender"], options["recipients"])
        receiving.receive(inbox, mail, source=InboundMail.Source.PIPE, envelope=envelope, now=datetime.now(UTC))


def _pieces() -> Iterator[bytes]:
    while piece := sys.stdin.buffer.read(_PIECE_BYTES):
        yield piece
