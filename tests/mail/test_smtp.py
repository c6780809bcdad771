"""Conversations with mail servers: real ones on loopback, good, slow, unsafe and broken."""

import io
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from reynard.environment import SmtpServer
from reynard.mail import smtp
from tests.mail.sink import BreakOff, Sink, scripted, sink

MAIL = b"Message-ID: <1@desk>\r\nSubject: Ready\r\n\r\nYour bicycle is ready.\r\n"
ANN, BOB, EVE = "ann@example.org", "bob@example.org", "eve@example.org"


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


def address(port: int, **values: Any) -> SmtpServer:
    return SmtpServer(**({"host": "127.0.0.1", "port": port, "tls": "none"} | values))


def send(connection: smtp.Connection, *recipients: str, content: bytes = MAIL, sender: str = "desk@example.org") -> Any:
    replies = connection.send(sender, recipients, io.BytesIO(content), len(content))
    return {recipient: str(reply) for recipient, reply in replies.items()}


def hand_in(port: int, *recipients: str, content: bytes = MAIL, **values: Any) -> Any:
    connection = smtp.Connection(address(port, **values))
    try:
        return send(connection, *(recipients or (ANN,)), content=content)
    finally:
        connection.close()


class TestMails:
    def test_arrive_as_they_are_over_one_connection(self, server: Sink) -> None:
        connection = smtp.Connection(address(server.port))
        for _ in range(3):
            assert send(connection, ANN, BOB) == {ANN: "250 OK", BOB: "250 OK"}
        connection.quit()
        assert not connection.is_open
        assert [mail.content for mail in server.received] == [MAIL] * 3
        assert {(mail.sender, *mail.recipients) for mail in server.received} == {("desk@example.org", ANN, BOB)}
        assert server.connections == 1

    @pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5])
    def test_keep_their_dots_wherever_the_pieces_end(
        self, server: Sink, monkeypatch: pytest.MonkeyPatch, size: int
    ) -> None:
        monkeypatch.setattr(smtp, "_CHUNK_BYTES", size + 1)
        content = b"Message-ID: <1@desk>\r\n\r\n.\r\n..\r\n.a\r\nb.\r\n\r\n.\r\n"
        hand_in(server.port, content=content)
        assert server.received[0].content == content

    def test_begin_with_a_dot_and_end_without_a_line_end(self, server: Sink) -> None:
        hand_in(server.port, content=b".x\r\n\r\ny")
        assert server.received[0].content == b".x\r\n\r\ny\r\n"

    def test_may_be_large_and_are_announced(self, server: Sink) -> None:
        content = MAIL + (b"x" * 76 + b"\r\n") * 200_000
        hand_in(server.port, content=content)
        assert server.received[0].content == content
        assert server.received[0].options == [f"SIZE={len(content)}"]

    def test_may_come_from_nobody(self, server: Sink) -> None:
        connection = smtp.Connection(address(server.port))
        send(connection, ANN, sender="")
        connection.close()
        assert server.received[0].sender == ""


class TestRecipients:
    def test_that_are_refused_do_not_keep_it_from_the_others(self, server: Sink) -> None:
        said = {ANN: "250 OK", BOB: "550 No such user", EVE: "450 Try later"}
        server.of_recipient = lambda recipient: said[recipient]
        assert hand_in(server.port, ANN, BOB, EVE) == said
        assert server.received[0].recipients == [ANN]

    def test_that_are_all_refused_leave_the_connection_usable(self, server: Sink) -> None:
        server.of_recipient = lambda recipient: "250 OK" if recipient == ANN else "550 No such user"
        connection = smtp.Connection(address(server.port))
        assert send(connection, BOB, EVE) == {BOB: "550 No such user", EVE: "550 No such user"}
        assert send(connection, ANN) == {ANN: "250 OK"}
        connection.close()
        assert len(server.received) == 1

    def test_beyond_ascii_are_refused_where_the_server_does_not_know_them(self, server: Sink) -> None:
        answers = hand_in(server.port, "zoë@example.org", ANN)
        assert answers == {ANN: "250 OK", "zoë@example.org": str(smtp._NOT_ASCII)}

    def test_share_what_is_said_of_the_sender_and_of_the_whole(self, server: Sink) -> None:
        server.of_data = lambda id: "554 Spam"
        assert hand_in(server.port, ANN, BOB) == {ANN: "554 Spam", BOB: "554 Spam"}
        server.of_sender = lambda sender: "451 Busy"
        assert hand_in(server.port, ANN, BOB) == {ANN: "451 Busy", BOB: "451 Busy"}


@pytest.mark.parametrize(
    ("code", "accepted", "temporary"), [(250, True, False), (251, True, False), (450, False, True), (550, False, False)]
)
def test_a_reply_is_taken_or_for_good_or_for_now(code: int, accepted: bool, temporary: bool) -> None:
    reply = smtp.Reply(code, "")
    assert (reply.accepted, reply.temporary) == (accepted, temporary)


def test_what_a_server_says_is_one_short_printable_line(server: Sink) -> None:
    server.of_recipient = lambda recipient: "550-No\x1b[31m\r\n550 such user " + "x" * 450
    (said,) = hand_in(server.port).values()
    assert said.startswith("550 No[31m such user xxx")
    assert len(said) <= 410


class TestBrokenOff:
    """In the middle of a mail: it may have arrived."""

    def test_before_the_final_answer(self, server: Sink) -> None:
        def die(message_id: str) -> str:
            raise BreakOff(keep=True)

        server.of_data = die
        connection = smtp.Connection(address(server.port))
        with pytest.raises(smtp.Lost, match="The mail server broke off: "):
            send(connection, ANN)
        assert not connection.is_open

    def test_no_final_answer_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(smtp, "FINAL_SECONDS", 0.2)
        steps = ("220 hello", "250 hello", "250 OK", "250 OK", "354 go on")
        with scripted(*steps) as port, pytest.raises(smtp.Lost, match="no answer in time"):
            hand_in(port)

    def test_by_421_at_a_recipient(self, server: Sink) -> None:
        server.of_recipient = lambda recipient: "421 Shutting down"
        with pytest.raises(smtp.Lost, match="421 Shutting down"):
            hand_in(server.port)

    def test_a_mail_that_takes_too_long_altogether(self, server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
        connection = smtp.Connection(address(server.port))
        monkeypatch.setattr(smtp, "MAIL_SECONDS", 0)
        with pytest.raises(smtp.Lost, match="no answer in time"):
            send(connection, ANN)

    @pytest.mark.parametrize("answer", ["250 OK", "200 what"])
    def test_data_that_is_answered_with_nonsense_is_for_now(self, answer: str) -> None:
        with scripted("220 hello", "250 hello", "250 OK", "250 OK", answer) as port:
            assert hand_in(port) == {ANN: f"451 DATA was answered with {answer}"}


class TestUnavailable:
    """No mail's fault."""

    def test_nobody_listens(self) -> None:
        with sink() as stopped:
            port = stopped.port
        with pytest.raises(smtp.Unavailable, match=f"127.0.0.1 port {port} cannot be reached: Connection refused"):
            hand_in(port)

    def test_no_such_host(self) -> None:
        with pytest.raises(smtp.Unavailable, match=r"nowhere\.invalid port 25 cannot be reached"):
            smtp.Connection(SmtpServer("nowhere.invalid", 25, "none"))

    def test_it_never_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.2)
        with scripted() as port, pytest.raises(smtp.Unavailable, match="no answer in time"):
            hand_in(port)

    def test_it_never_answers_the_greeting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(smtp, "STEP_SECONDS", 0.2)
        with scripted("220 hello") as port, pytest.raises(smtp.Unavailable, match="no answer in time"):
            hand_in(port)

    @pytest.mark.parametrize("greeting", ["554 No service", "421 Too many connections"])
    def test_it_wants_no_mail(self, greeting: str) -> None:
        with scripted(greeting) as port, pytest.raises(smtp.Unavailable, match=f"takes no mail: {greeting}"):
            hand_in(port)

    def test_it_speaks_something_else(self) -> None:
        with scripted("SSH-2.0-OpenSSH_9.6") as port, pytest.raises(smtp.Unavailable, match="takes no mail"):
            hand_in(port)

    def test_it_had_ended_the_conversation_meanwhile(self, server: Sink) -> None:
        connection = smtp.Connection(address(server.port))
        server.of_sender = lambda sender: "421 Idle for too long"
        with pytest.raises(smtp.Unavailable, match="421 Idle for too long"):
            send(connection, ANN)
        assert not connection.is_open


class TestSafety:
    @pytest.fixture(scope="class")
    @classmethod
    def authority(cls) -> trustme.CA:
        return trustme.CA()

    @pytest.fixture
    def trusted(self, authority: trustme.CA, tmp_path: Path) -> str:
        """The path of a file with the authority's certificate."""
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        return str(tmp_path / "ca.pem")

    def context(self, authority: trustme.CA, *names: str) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*names).configure_cert(made)
        return made

    @pytest.mark.parametrize("tls", ["starttls", "implicit"])
    def test_tls_with_the_right_certificate(self, authority: trustme.CA, trusted: str, tls: str) -> None:
        with sink(tls=self.context(authority, "127.0.0.1"), implicit=tls == "implicit") as server:
            assert hand_in(server.port, tls=tls, ca=trusted) == {ANN: "250 OK"}
            assert server.received[0].content == MAIL

    @pytest.mark.parametrize("tls", ["starttls", "implicit"])
    def test_a_certificate_for_another_name_is_refused(self, authority: trustme.CA, trusted: str, tls: str) -> None:
        with sink(tls=self.context(authority, "mail.example.org"), implicit=tls == "implicit") as server:
            with pytest.raises(smtp.Unavailable, match=r"No safe connection .* certificate is not valid .*mismatch"):
                hand_in(server.port, tls=tls, ca=trusted)
            assert server.received == []

    @pytest.mark.parametrize("tls", ["starttls", "implicit"])
    def test_a_certificate_of_an_unknown_authority_is_refused(self, authority: trustme.CA, tls: str) -> None:
        with sink(tls=self.context(authority, "127.0.0.1"), implicit=tls == "implicit") as server:
            with pytest.raises(smtp.Unavailable, match="certificate is not valid"):
                hand_in(server.port, tls=tls)
            assert server.received == []

    def test_a_server_without_starttls_gets_nothing_in_the_clear(self, server: Sink) -> None:
        with pytest.raises(smtp.Unavailable, match=r"does not offer TLS \(STARTTLS\)"):
            hand_in(server.port, tls="starttls", user="u", password="sesame")
        assert (server.received, server.logins) == ([], [])

    def test_a_server_that_refuses_starttls_gets_nothing(self) -> None:
        steps = ("220 hello", "250-hello\r\n250 STARTTLS", "454 Not now")
        with scripted(*steps) as port, pytest.raises(smtp.Unavailable, match="454"):
            hand_in(port, tls="starttls")

    def test_certificates_that_are_none_are_named(self, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("hello")
        with sink() as server, pytest.raises(smtp.Unavailable, match="No safe connection"):
            hand_in(server.port, tls="implicit", ca=str(tmp_path / "ca.pem"))


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
class TestLogin:
    @pytest.fixture
    def guarded(self) -> Iterator[Sink]:
        with sink(login=True) as running:
            yield running

    def test_with_letters_beyond_ascii(self, guarded: Sink) -> None:
        assert hand_in(guarded.port, user="büro", password="gehéim") == {ANN: "250 OK"}
        assert guarded.logins == [("büro", "gehéim")]

    def test_that_is_refused_shows_no_password(self, guarded: Sink) -> None:
        with pytest.raises(smtp.Unavailable, match="refused the login of u: 535") as refused:
            hand_in(guarded.port, user="u", password="sesame")
        assert "sesame" not in str(refused.value)
        assert "c2VzYW1l" not in str(refused.value)

    def test_by_login_where_that_is_all_there_is(self) -> None:
        steps = ("220 hello", "250-hello\r\n250 AUTH LOGIN", "334 UGFzc3dvcmQ6", "235 Welcome")
        with scripted(*steps, "250 OK", "250 OK", "354 go on", "250 OK") as port:
            assert hand_in(port, user="u", password="p") == {ANN: "250 OK"}

    def test_that_is_not_offered(self) -> None:
        steps = ("220 hello", "250-hello\r\n250 AUTH GSSAPI")
        with scripted(*steps) as port, pytest.raises(smtp.Unavailable, match="no login by password"):
            hand_in(port, user="u", password="p")
