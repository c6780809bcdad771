"""`reynard listen_mail`: mails from a mail server, by LMTP or SMTP."""

import os
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connections

from reynard.mail import listening as mail_listening
from reynard.ops import command, database, listening


class Command(command.Command):
    help = (
        "Take mails from a mail server by LMTP, for all mailboxes; 250 is said when a mail is stored. There is neither "
        "TLS nor a login: not for the open Internet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="listen on this address (127.0.0.1: this machine only)")
        parser.add_argument("--port", type=listening.port, required=True, help="listen on this port")
        parser.add_argument("--smtp", action="store_true", help="speak SMTP, for programs that know no LMTP")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        connections.close_all()
        host, port, smtp = options["host"], options["port"], options["smtp"]
        language = "SMTP" if smtp else "LMTP"
        try:
            mail_listening.listen(
                host=host,
                port=port,
                smtp=smtp,
                on_ready=lambda: self.say(f"Reynard takes mails on {host} port {port} ({language}). Stop: Ctrl+C."),
            )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else error
            raise CommandError(f"Cannot listen on {host} port {port}: {reason}.") from None
