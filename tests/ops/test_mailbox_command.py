"""`reynard mailbox`: set up, shown, checked; secrets go in and never come out."""

import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reynard.desk import sealing
from reynard.desk.actions import mailboxes
from reynard.desk.models import InboundMail, Mailbox
from reynard.desk.selectors import mail_senders, reference
from reynard.mail import fetching
from tests.mail import dovecot

URL = "imaps://support%40rollwerk.example:pa%3Ass@imap.example:1993/INBOX/Desk"


def run(*arguments, given="", monkeypatch=None):
    output = io.StringIO()
    if monkeypatch:
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
    call_command("mailbox", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture(scope="module")
def server() -> Iterator[dovecot.Dovecot]:
    with dovecot.running(mechanisms="plain xoauth2") as server:
        yield server


@pytest.fixture
def create(desk):
    def create(name="support", *arguments, address=""):
        address = address or f"{name}@rollwerk.example"
        return run("create", name, "--address", address, "--category", str(desk.workshop.id), *arguments)

    return create


class TestSetUp:
    def test_a_mailbox_is_made_and_told_as_json(self, desk, create):
        told = json.loads(create("support", "--trusted-host", "MX.rollwerk.example", "--json"))
        assert told == {
            "id": Mailbox.objects.get().id,
            "name": "support",
            "address": "support@rollwerk.example",
            "note_address": "",
            "category": desk.workshop.id,
            "trusted_hosts": ["mx.rollwerk.example"],
            "active": True,
            "imap_url": "",
            "sign_in": "password",
            "credentials_expire_at": None,
            "last_success_at": None,
            "lag_seconds": None,
            "failing_since": None,
            "last_error": "",
            "waiting": 0,
            "held": 0,
            "failed": 0,
            "folders": [],
        }
        assert "receive_mail --mailbox office" in create("office")

    def test_a_password_goes_in_and_never_comes_out(self, create):
        outputs = [create("support", "--imap-url", URL), create("b", "--imap-url", URL, "--json"), run("list")]
        assert "pa:ss" not in "".join(outputs)
        assert "pa%3Ass" not in "".join(outputs)
        assert "imaps://support%40rollwerk.example@imap.example:1993, by password" in outputs[-1]

        box = Mailbox.objects.get(name="support")
        assert "pa:ss" not in repr(Mailbox.objects.values())
        assert mailboxes.password_of(box) == "pa:ss"
        assert [folder.name for folder in box.folders.all()] == ["INBOX/Desk"]
        assert mailboxes.server_of(box).user == "support@rollwerk.example"

    def test_with_another_secret_key_it_cannot_be_read(self, create, settings):
        create("support", "--imap-url", URL)
        settings.SECRET_KEY = "another key, which is long enough for all of this"
        with pytest.raises(sealing.Unreadable, match="REYNARD_SECRET_KEY is not the one it was for"):
            mailboxes.password_of(Mailbox.objects.get())
        fetching.fetch(Mailbox.objects.get().id)
        assert "REYNARD_SECRET_KEY" in Mailbox.objects.get().last_error

    def test_a_password_can_be_read_from_standard_input(self, create, monkeypatch):
        create()
        url = URL.replace(":pa%3Ass", "")
        run("edit", "support", "--imap-url", url, "--password-stdin", given="from stdin\n", monkeypatch=monkeypatch)
        assert mailboxes.password_of(Mailbox.objects.get()) == "from stdin"

    def test_what_is_not_given_stays(self, desk, create):
        create("support", "--imap-url", URL, "--note-address", "notes@rollwerk.example")
        run("edit", "support", "--category", str(desk.office.id))
        box = Mailbox.objects.get()
        assert (box.category, box.note_address, box.address) == (
            desk.office,
            "notes@rollwerk.example",
            "support@rollwerk.example",
        )
        assert box.next_fetch_at is not None
        run("edit", "support", "--imap-url", "", "--note-address", "")
        box.refresh_from_db()
        assert (box.imap_url, box.next_fetch_at, box.note_address) == ("", None, "")

    def test_its_addresses_are_the_desks_own(self, create):
        create("support", "--note-address", "notes@rollwerk.example")
        own = mail_senders.own_addresses(reference.current())
        assert {"support@rollwerk.example", "notes@rollwerk.example"} <= own

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--address", "nobody"], "Enter a valid email address: nobody is none."),
            (["--address", "support+x@rollwerk.example"], "Another mailbox has the address"),
            (["--category", "4711"], "No category has id 4711."),
            (["--imap-url", "pop://a:b@c/"], "neither imaps:// nor imap://"),
            (["--imap-url", "imaps://imap.example/"], "It names no user"),
            (["--imap-url", "imaps://a:secret#x@imap.example/"], "%23 for #"),
            (["--imap-url", "imaps://a:secret@imap.example:port/"], "The port or the host cannot be read"),
            (["--imap-url", "imaps://a@imap.example/"], "A password is missing."),
            (["--trusted-host", "mx rollwerk"], "mx rollwerk is no name of a mail server."),
            (["--note-address", "second+notes@rollwerk.example"], "take another one"),
        ],
    )
    def test_bad_values_change_nothing(self, create, arguments, sentence):
        create("support")
        create("second")
        before = list(Mailbox.objects.values())
        with pytest.raises(CommandError) as error:
            run("edit", "second", *arguments)
        assert sentence in str(error.value)
        assert "secret" not in str(error.value)
        assert list(Mailbox.objects.values()) == before

    @pytest.mark.parametrize("name", ["support", "a/b", "", "x" * 61])
    def test_names_are_simple_and_there_once(self, create, name):
        create("support")
        with pytest.raises(CommandError, match=r"A name has letters|There is a mailbox support already"):
            create(name, address="other@rollwerk.example")

    def test_one_that_is_disabled_takes_nothing_and_is_not_fetched(self, create):
        create("support", "--imap-url", URL)
        run("disable", "support")
        assert "disabled" in run("list")
        assert not Mailbox.objects.get().active
        run("enable", "support")
        assert Mailbox.objects.get().active
        with pytest.raises(CommandError, match="There is no mailbox sales"):
            run("disable", "sales")


@dovecot.needed
class TestCheck:
    def test_it_says_what_the_server_has_and_fetches_it(self, create, server):
        server.deliver([f"Subject: {n}\n\nHello\n".encode() for n in range(7)], "check")
        create("support", "--imap-url", server.url("check"))
        assert run("check") == "support, INBOX: the server has 7, we have 7 (7 of them fetched just now).\n"
        assert run("check", "support") == "support, INBOX: the server has 7, we have 7.\n"
        [told] = json.loads(run("check", "support", "--json"))
        assert told == {"mailbox": "support", "folder": "INBOX", "server": 7, "ours": 7, "fetched": 0, "error": ""}
        assert "7 to be processed" in run("list")

    def test_what_cannot_be_checked_has_another_exit_code(self, create, server, capsys):
        server.deliver([b"Subject: 1\n\nHello\n"], "second")
        create("away", "--imap-url", "imap://a:b@127.0.0.1:1/")
        create("there", "--imap-url", server.url("second"))
        with pytest.raises(SystemExit) as ended:
            run("check")
        assert ended.value.code == 1
        assert InboundMail.objects.filter(mailbox__name="there").count() == 1
        create("pipe")
        with pytest.raises(SystemExit):
            run("check", "pipe")


class TokenServer(HTTPServer):
    """Gives the access tokens that a provider gives."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.answer = (200, {"access_token": dovecot.Dovecot.password, "expires_in": 3600})
        self.url = f"http://127.0.0.1:{self.server_port}/token"


class Handler(BaseHTTPRequestHandler):
    server: TokenServer

    def do_POST(self):
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append({name: values[0] for name, values in asked.items()})
        status, answer = self.server.answer
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def tokens():
    with TokenServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@dovecot.needed
class TestAuthorize:
    @pytest.fixture
    def box(self, create, server):
        server.deliver([b"Subject: 1\n\nHello\n"], "oauth")
        create("support", "--imap-url", server.url("oauth").replace("geh%2F%C3%A9im", "x"))
        return SimpleNamespace(get=Mailbox.objects.get)

    def authorize(self, monkeypatch, tokens, *arguments, given):
        arguments = ("support", "--client-id", "desk", "--token-url", tokens.url, *arguments)
        return run("authorize", *arguments, given=given, monkeypatch=monkeypatch)

    def test_a_client_that_may_read_it_by_itself(self, box, tokens, monkeypatch):
        self.authorize(
            monkeypatch,
            tokens,
            *("--provider", "microsoft", "--app-only", "--secret-expires", "2027-06-30"),
            given="a secret\n",
        )
        assert tokens.asked == [
            {
                "grant_type": "client_credentials",
                "client_id": "desk",
                "client_secret": "a secret",
                "scope": "https://outlook.office365.com/.default",
            }
        ]
        assert "fetched just now" in run("check")
        assert len(tokens.asked) == 1  # the token is good for an hour
        assert box.get().credentials_expire_at == datetime(2027, 6, 30, tzinfo=UTC)
        assert "a secret" not in repr(Mailbox.objects.values()) + run("list")

    def test_a_person_agrees_and_the_newest_refresh_token_is_kept(self, box, tokens, monkeypatch):
        tokens.answer = (200, tokens.answer[1] | {"refresh_token": "first", "refresh_token_expires_in": 86400 * 90})

        class Person:
            """Types the secret, then what the browser shows after following the address."""

            lines = 0

            def isatty(self):
                return False

            def readline(self):
                self.lines += 1
                if self.lines == 1:
                    return "a secret\n"
                asked = parse_qs(urlsplit(next(x for x in output.getvalue().split() if "oauth2/v2/auth" in x)).query)
                assert asked["scope"] == ["https://mail.google.com/"]
                assert asked["access_type"] == ["offline"]
                assert asked["code_challenge_method"] == ["S256"]
                return f"http://localhost/?state={asked['state'][0]}&code=agreed\n"

        output = io.StringIO()
        monkeypatch.setattr("sys.stdin", Person())
        command = ("authorize", "support", "--client-id", "desk", "--token-url", tokens.url, "--provider", "google")
        call_command("mailbox", *command, stdout=output)
        assert [asked["grant_type"] for asked in tokens.asked] == ["authorization_code", "refresh_token"]
        assert tokens.asked[0]["code"] == "agreed"
        assert mailboxes.oauth2_of(box.get()).refresh_token == "first"
        assert box.get().credentials_expire_at is not None

        tokens.answer = (200, tokens.answer[1] | {"refresh_token": "second"})
        Mailbox.objects.update(access_token_expires_at=datetime.now(UTC))
        run("check")
        assert tokens.asked[2]["refresh_token"] == "first"
        assert mailboxes.oauth2_of(box.get()).refresh_token == "second"

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            ((400, {"error": "invalid_grant", "error_description": "Token revoked."}), "invalid_grant Token revoked."),
            ((503, {}), "status 503"),
            ((200, {}), "gives no access token"),
            ((302, {}), "status 302"),
        ],
    )
    def test_when_there_is_no_token_it_says_so(self, box, tokens, monkeypatch, answer, error):
        given = ("--provider", "google", "--refresh-token")
        self.authorize(monkeypatch, tokens, *given, given="a secret\na token\n")
        tokens.answer = answer
        Mailbox.objects.update(access_token_expires_at=datetime.now(UTC))
        fetching.fetch(box.get().id)
        assert error in box.get().last_error
        assert "a secret" not in box.get().last_error

    def test_tokens_travel_encrypted(self, box, tokens, monkeypatch):
        tokens.url = "http://login.example.org/token"
        given = ("--provider", "google", "--refresh-token")
        with pytest.raises(CommandError, match="must begin with https://"):
            self.authorize(monkeypatch, tokens, *given, given="a secret\na token\n")
        assert box.get().sign_in == "password"


class TestRetry:
    def test_lets_failed_mails_be_tried_again(self, desk, create):
        create()
        rows = [make_failed(number) for number in range(3)]
        assert run("retry", str(rows[0].id)) == "1 mail is tried again.\n"
        assert run("retry") == "2 mails are tried again.\n"
        assert set(InboundMail.objects.values_list("state", "attempts")) == {("new", 0)}

    def test_says_when_there_are_none(self, desk, create):
        create()
        with pytest.raises(CommandError, match="No mail has failed"):
            run("retry")
        with pytest.raises(CommandError, match="None of these has failed"):
            run("retry", "7")


def make_failed(number: int) -> InboundMail:
    return InboundMail.objects.create(
        mailbox=Mailbox.objects.get(),
        source="pipe",
        sha256=f"{number:064}",
        size=1,
        full_size=1,
        received_at=datetime.now(UTC),
        next_try_at=datetime.now(UTC),
        state="failed",
        attempts=4,
    )
