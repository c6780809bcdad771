"""`REYNARD_SMTP_URL`: what it says, and what is refused at start without showing a password."""

from pathlib import Path

import pytest

from reynard import environment
from reynard.environment import BadSetting, SmtpServer


def read(monkeypatch: pytest.MonkeyPatch, value: str) -> SmtpServer | None:
    monkeypatch.setenv("REYNARD_SMTP_URL", value)
    return environment.smtp_server("REYNARD_SMTP_URL")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", None),
        ("smtp://127.0.0.1:2525", SmtpServer("127.0.0.1", 2525, "none")),
        ("smtp://[::1]", SmtpServer("::1", 25, "none")),
        ("smtp://relay.example.org", SmtpServer("relay.example.org", 25, "starttls")),
        ("smtp://relay.example.org?tls=none", SmtpServer("relay.example.org", 25, "none")),
        ("smtp://127.0.0.1?tls=starttls", SmtpServer("127.0.0.1", 25, "starttls")),
        ("smtp://u:p@host", SmtpServer("host", 587, "starttls", "u", "p")),
        ("smtp://me%40example.org:a%3Ab%2F@host:26", SmtpServer("host", 26, "starttls", "me@example.org", "a:b/")),
        ("smtps://u:p@host", SmtpServer("host", 465, "implicit", "u", "p")),
        ("smtps://host:4465?tls=implicit", SmtpServer("host", 4465, "implicit")),
    ],
)
def test_it_names_a_server(monkeypatch: pytest.MonkeyPatch, url: str, server: SmtpServer | None) -> None:
    assert read(monkeypatch, url) == server


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mail.example.org", "must look like smtp://"),
        ("http://u:sesame@host", "must look like smtp://"),
        ("smtp://", "must look like smtp://"),
        ("smtp://u:sesame@host/inbox", "must look like smtp://"),
        ("smtp://u:ses#ame@host", "%23 for #"),
        ("smtp://host?timeout=3", "must look like smtp://"),
        ("smtp://u:sesame@host:port", "the port is not a number"),
        ("smtp://u:sesame@host:99999", "the port is not a number"),
        ("smtp://u@host", "a user and a password, or neither"),
        ("smtp://:sesame@host", "a user and a password, or neither"),
        ("smtp://host?tls=", "tls must be starttls or none"),
        ("smtp://host?tls=on", "tls must be starttls or none"),
        ("smtps://host?tls=none", "write smtp:// for tls=none"),
        ("smtp://host?ca=/no/such/file", "there is no file /no/such/file"),
    ],
)
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, why: str) -> None:
    with pytest.raises(BadSetting, match=why) as refused:
        read(monkeypatch, url)
    assert "sesame" not in str(refused.value)
    assert "REYNARD_SMTP_URL" in str(refused.value)


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    server = read(monkeypatch, f"smtp://u:sesame@host?ca={tmp_path / 'ca.pem'}")
    assert server is not None
    assert (server.password, server.ca) == ("sesame", str(tmp_path / "ca.pem"))
    assert "sesame" not in repr(server)
