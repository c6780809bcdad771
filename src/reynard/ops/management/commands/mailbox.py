"""`reynard mailbox`: the addresses that mail arrives at."""

import base64
import getpass
import hashlib
import secrets
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from django.core.management.base import CommandError, CommandParser

from reynard.desk.actions import inbound, mailboxes
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.actions.receiving import LeaseLost
from reynard.desk.errors import Invalid, NotFound
from reynard.desk.models import Mailbox
from reynard.desk.rules import oauth2 as oauth2_rules
from reynard.desk.rules.oauth2 import PROVIDERS, OAuth2
from reynard.desk.selectors import mailboxes as mailbox_states
from reynard.desk.selectors.mailboxes import MailboxState
from reynard.mail import fetching, oauth2
from reynard.mail.fetching import Comparison
from reynard.ops import command, database

_WAIT_SECONDS = 60  # for a worker that is fetching
_REDIRECT = "http://localhost/"  # nobody listens there: the person copies the address
_OPTIONS = {"address": "address", "category": "category_id", "note_address": "note_address", "imap_url": "imap_url"}


class Command(command.Command):
    help = "Set up the addresses that mail arrives at, and check that nothing is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        names = "create | list | check | retry | edit | authorize | disable | enable"
        actions = parser.add_subparsers(dest="action", required=True, metavar=names)
        create = actions.add_parser("create", help="make a mailbox: mails to its address are tickets of a category")
        _add_settings(create, required=True)
        edit = actions.add_parser("edit", help="change a mailbox; what is not given stays as it is")
        _add_settings(edit, required=False)
        show = actions.add_parser("list", help="show all mailboxes, and how they are")
        show.add_argument("--json", action="store_true", help="print one JSON array and nothing else")
        check = actions.add_parser(
            "check", help="compare with the server and fetch what is missing; exit code 1 when something still is"
        )
        check.add_argument("name", metavar="NAME", nargs="?", help="all that are fetched, when left out")
        check.add_argument("--json", action="store_true", help="print one JSON array and nothing else")
        retry = actions.add_parser("retry", help="try mails that could not be understood once more, after an upgrade")
        retry.add_argument("ids", metavar="ID", type=int, nargs="*", help="all of them, when left out")
        _add_authorize(actions.add_parser("authorize", help="sign in by OAuth 2.0, at Google and Microsoft"))
        for action, help_text in (
            ("disable", "fetch no more and take no mail: it waits where it is"),
            ("enable", "fetch and take mail again"),
        ):
            actions.add_parser(action, help=help_text).add_argument("name", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        do: Callable[[dict[str, Any], datetime], None] = getattr(self, f"_{options['action']}")
        try:
            do(options, datetime.now(UTC))
        except NotFound as error:
            raise CommandError(str(error)) from None
        except Invalid as error:
            raise CommandError(" ".join(text for _, texts in error.problems.items() for text in texts)) from None

    def _create(self, options: dict[str, Any], now: datetime) -> None:
        self._tell(mailboxes.create(options["name"], _settings(options), now=now), "is there now", options, now)

    def _edit(self, options: dict[str, Any], now: datetime) -> None:
        self._tell(mailboxes.edit(options["name"], _settings(options), now=now), "is changed", options, now)

    def _disable(self, options: dict[str, Any], now: datetime) -> None:
        mailboxes.set_active(options["name"], active=False, now=now)
        self.say(f"The mailbox {options['name']} is disabled.")

    def _enable(self, options: dict[str, Any], now: datetime) -> None:
        mailboxes.set_active(options["name"], active=True, now=now)
        self.say(f"The mailbox {options['name']} is enabled.")

    def _tell(self, mailbox: Mailbox, what: str, options: dict[str, Any], now: datetime) -> None:
        [state] = mailbox_states.states(now=now, names=[mailbox.name])
        if options["json"]:
            self.say(msgspec.json.encode(state).decode())
            return
        self.say(
            f"The mailbox {mailbox.name} {what}: mails to {mailbox.address} are tickets of category {state.category}."
        )
        if not mailbox.imap_url:
            self.say(f"Let your mail server hand them to `reynard receive_mail --mailbox {mailbox.name}`.")

    def _list(self, options: dict[str, Any], now: datetime) -> None:
        states = mailbox_states.states(now=now)
        if options["json"]:
            self.say(msgspec.json.encode(states).decode())
            return
        if not states:
            self.say("There are no mailboxes. Make one with `reynard mailbox create NAME --address A --category ID`.")
        for state in states:
            self.say(*_lines(state))

    def _check(self, options: dict[str, Any], now: datetime) -> None:
        """Exit code 1 when mails are missing in the end, or a mailbox cannot be read."""
        names = [options["name"]] if options["name"] else _fetched_names()
        found = [line for name in names for line in _checked(mailboxes.find(name), now)]
        if options["json"]:
            self.say(msgspec.json.encode(found).decode())
        else:
            self.say(*(str(line) for line in found) if found else ["No mailbox is fetched by IMAP."])
        if any(line.error or line.missing for line in found):
            sys.exit(1)

    def _retry(self, options: dict[str, Any], now: datetime) -> None:
        """Worked on by the worker; `list` says how many fail again."""
        count = inbound.retry(now=now, ids=options["ids"] or None)
        if not count:
            raise CommandError("No mail has failed." if not options["ids"] else "None of these has failed.")
        self.say(f"{count:,} {'mail is' if count == 1 else 'mails are'} tried again.")

    def _authorize(self, options: dict[str, Any], now: datetime) -> None:
        """Ask for the secrets, and for a person's agreement unless there is a refresh token or none is needed."""
        mailbox = mailboxes.find(options["name"])
        if not mailbox.imap_url:
            raise CommandError(
                f"Say first where it is: reynard mailbox edit {mailbox.name} --imap-url imaps://USER@HOST/"
            )
        client = _client(options)
        if not options["app_only"] and not client.refresh_token:
            client = self._agreed(client, options, mailboxes.server_of(mailbox).user, now)
        expires = _moment(options["secret_expires"]) if options["secret_expires"] else None
        mailbox = mailboxes.edit(mailbox.name, MailboxSettings(oauth2=client, credentials_expire_at=expires), now=now)
        try:
            grant = oauth2.refresh(client, now=now)
        except oauth2.TokenRefused as error:
            raise CommandError(str(error)) from None
        mailboxes.keep_tokens(mailbox, **msgspec.structs.asdict(grant))
        self.say(f"The mailbox {mailbox.name} signs in by OAuth 2.0. Try it: reynard mailbox check {mailbox.name}")

    def _agreed(self, client: OAuth2, options: dict[str, Any], user: str, now: datetime) -> OAuth2:
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        provider = PROVIDERS[options["provider"]]
        address = oauth2_rules.question(
            provider,
            client,
            tenant=options["tenant"],
            user=user,
            redirect_uri=_REDIRECT,
            state=state,
            challenge=challenge,
        )
        self.say(f"Open this address, sign in as {user} and agree:", "", address, "")
        self.say(f"The browser is sent to {_REDIRECT}, where nothing is. Paste the whole address it shows then:")
        answer = parse_qs(urlsplit(sys.stdin.readline().strip()).query)
        if answer.get("state") != [state] or "code" not in answer:
            raise CommandError(
                "This is not the address that the browser was sent to, or the request was refused there."
            )
        try:
            grant = oauth2.exchange(client, answer["code"][0], redirect_uri=_REDIRECT, verifier=verifier, now=now)
        except oauth2.TokenRefused as error:
            raise CommandError(str(error)) from None
        if not grant.refresh_token:
            raise CommandError("The provider gave no refresh token. Is offline access allowed for this client?")
        return msgspec.structs.replace(client, refresh_token=grant.refresh_token)


def _add_settings(parser: ArgumentParser, *, required: bool) -> None:
    parser.add_argument("name", metavar="NAME", help="what the mailbox is called here")
    parser.add_argument("--address", metavar="ADDRESS", required=required, help="the address people write to")
    parser.add_argument("--category", metavar="ID", type=int, required=required, help="where its tickets are")
    parser.add_argument("--imap-url", metavar="URL", help='imaps://user:password@host/INBOX; "" to fetch no more')
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input instead")
    parser.add_argument("--folder", metavar="NAME", action="append", dest="folders", help="another folder to read, too")
    parser.add_argument(
        "--note-address", metavar="ADDRESS", help='staff\'s mails to this address are private notes; "" for none'
    )
    parser.add_argument(
        "--trusted-host",
        metavar="HOST",
        action="append",
        dest="trusted_hosts",
        help="a mail server whose Authentication-Results are believed, as it calls itself there",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def _add_authorize(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--provider", choices=list(PROVIDERS), required=True)
    parser.add_argument("--client-id", required=True, metavar="ID", help="of the client you registered there")
    parser.add_argument("--tenant", default="organizations", metavar="ID", help="at Microsoft: your directory")
    parser.add_argument("--app-only", action="store_true", help="at Microsoft: the client may read it without a person")
    parser.add_argument("--refresh-token", action="store_true", help="ask for a refresh token that you have already")
    parser.add_argument("--token-url", metavar="URL", help="another address for tokens than the provider's")
    parser.add_argument("--secret-expires", metavar="DATE", help="when the client secret ends, e.g. 2027-06-30")


def _settings(options: dict[str, Any]) -> MailboxSettings:
    given = {name: options[option] for option, name in _OPTIONS.items() if options[option] is not None}
    if options["trusted_hosts"] is not None:
        given["trusted_hosts"] = [host for host in options["trusted_hosts"] if host]
    if options["folders"] is not None:
        given["folders"] = options["folders"]
    if options["password_stdin"]:
        given["password"] = sys.stdin.readline().rstrip("\n")
    return MailboxSettings(**given)


def _client(options: dict[str, Any]) -> OAuth2:
    """With the secrets from standard input, one a line, or asked for without showing them."""
    provider = PROVIDERS[options["provider"]]
    scope = provider.client_scope if options["app_only"] else provider.scope
    if not scope:
        raise CommandError("Google has no access without a person: leave out --app-only.")
    return OAuth2(
        token_url=options["token_url"] or provider.token_url.format(tenant=options["tenant"]),
        client_id=options["client_id"],
        client_secret=_secret("Client secret (empty for none): "),
        refresh_token=_secret("Refresh token: ") if options["refresh_token"] else "",
        scope=scope,
    )


def _secret(prompt: str) -> str:
    return (getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()).strip()


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise CommandError(f"--secret-expires must be a date like 2027-06-30, not {text}.") from None


class _Line(msgspec.Struct, frozen=True):
    """What a check found of one folder, or that a mailbox could not be checked."""

    mailbox: str
    folder: str
    server: int
    ours: int
    fetched: int
    error: str = ""

    @property
    def missing(self) -> int:
        return self.server - self.ours

    def __str__(self) -> str:
        where = f"{self.mailbox}, {self.folder}" if self.folder else self.mailbox
        if self.error:
            return f"{where}: {self.error}"
        got = f" ({self.fetched:,} of them fetched just now)" if self.fetched else ""
        lost = f" {self.missing:,} ARE MISSING." if self.missing else ""
        return f"{where}: the server has {self.server:,}, we have {self.ours:,}{got}.{lost}"


def _fetched_names() -> list[str]:
    return list(
        Mailbox.objects.filter(active=True).exclude(imap_url="").order_by("name").values_list("name", flat=True)
    )


def _checked(mailbox: Mailbox, now: datetime) -> list[_Line]:
    if not mailbox.imap_url:
        return [_Line(mailbox.name, "", 0, 0, 0, "It is not fetched by IMAP; there is nothing to compare with.")]
    if not mailbox.active:
        return [_Line(mailbox.name, "", 0, 0, 0, "It is disabled.")]
    try:
        return [_line(mailbox.name, found) for found in fetching.check(mailbox.id, wait_seconds=_WAIT_SECONDS)]
    except LeaseLost:
        return [_Line(mailbox.name, "", 0, 0, 0, "A worker is fetching it. Try again later.")]
    except fetching.EXPECTED as error:
        return [_Line(mailbox.name, "", 0, 0, 0, str(error))]


def _line(name: str, found: Comparison) -> _Line:
    return _Line(name, found.folder, found.server, found.ours, found.fetched, found.error)


def _lines(state: MailboxState) -> list[str]:
    lines = [f"{state.name}: {state.address}, category {state.category}" + ("" if state.active else ", disabled")]
    if state.note_address:
        lines.append(f"  Notes       {state.note_address}")
    if state.trusted_hosts:
        lines.append(f"  Trusted     {', '.join(state.trusted_hosts)}")
    if state.imap_url:
        lines.append(f"  From        {state.imap_url}, by {state.sign_in}")
        read = (
            f"{_shown(state.last_success_at)} ({state.lag_seconds or 0:,.0f} s ago)"
            if state.last_success_at
            else "never"
        )
        lines.append(f"  Last read   {read}")
    for folder in state.folders:
        if folder.checked_at:
            counts = f"the server had {folder.server_count:,}, we had {folder.our_count:,}"
            lines.append(f"  {folder.name:10}  {_shown(folder.checked_at)}: {counts}")
    if state.failing_since:
        lines.append(f"  FAILS       since {_shown(state.failing_since)}: {state.last_error}")
    if state.credentials_expire_at:
        lines.append(f"  Credentials expire {_shown(state.credentials_expire_at)}")
    waiting = {"to be processed": state.waiting, "held": state.held, "failed": state.failed}
    if told := ", ".join(f"{count:,} {what}" for what, count in waiting.items() if count):
        lines.append(f"  Mails       {told}")
    return lines


def _shown(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""
