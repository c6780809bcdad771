"""The `reynard` command."""

import gc
import os
import sys

import reynard

OVERVIEW = """\
Reynard, a help desk a team can own.

  reynard demo            make a demo desk in an empty folder and serve it
  reynard serve           serve the desk
  reynard worker          do what the desk does by itself, apart from a server
  reynard outbox          show what must leave the desk, and send it again
  reynard migrate         bring the database up to date
  reynard backup          write the whole desk to one file, while it serves
  reynard restore         make a backup the desk
  reynard apikey          create, list and revoke the API keys of integrations
  reynard staff           add members of staff
  reynard category        show the categories, and set how they write mails
  reynard sla             bring in and list the promised times
  reynard mailbox         set up and check the addresses that mail arrives at
  reynard receive_mail    take one message from a mail server
  reynard listen_mail     take messages from a mail server by LMTP
  reynard template        show and set the words of mails
  reynard webhook         set up and watch the receivers of webhooks
  reynard report          save and list the reports that the API runs
  reynard reindex         make the search index anew

Data and settings are in the folder REYNARD_DATA_DIR (./var when it is not set).
`reynard help COMMAND` explains one of them; other commands: `reynard help --all`.
"""


def main() -> None:
    arguments = sys.argv[1:]
    if arguments in ([], ["help"], ["--help"], ["-h"]):
        sys.stdout.write(OVERVIEW)
    elif arguments in (["--version"], ["version"]):
        print(reynard.__version__)
    elif arguments[0] == "receive_mail":
        _receive(arguments)
    else:
        _run(arguments)


TRY_AGAIN = 75  # EX_TEMPFAIL: a mail server keeps the message


def _receive(arguments: list[str]) -> None:
    """For mail servers: whatever goes wrong, also with our settings, is no reason to send a message back.

    They start a process for each message, so it starts with what it needs and no more.
    """
    gc.disable()  # it ends before there is much to collect
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reynard.settings_without_pages")
    try:
        _run(arguments)
    except SystemExit as error:
        sys.exit(TRY_AGAIN if error.code else 0)
    except Exception as error:
        print(f"reynard: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(TRY_AGAIN)


def _run(arguments: list[str]) -> None:
    os.umask(0o077)  # what people wrote to the desk is for nobody else on the machine
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reynard.settings")
    from django.core.management import execute_from_command_line

    from reynard.environment import BadSetting

    try:
        execute_from_command_line(["reynard", *arguments])
    except BadSetting as error:
        print(f"reynard: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
