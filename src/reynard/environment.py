"""Typed readers for environment variables; a value that makes no sense stops the start with one sentence."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from reynard.desk.rules import mail_addresses

LISTENING_ADDRESS = "REYNARD_LISTENING_ADDRESS"  # told by a server to its processes, by nobody else


class BadSetting(Exception):
    """An environment variable holds a value Reynard cannot use; the text names it and the remedy."""


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def whole_number(name: str, default: int, *, minimum: int = 0) -> int:
    raw = text(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, not {raw!r}.") from None
    if value < minimum:
        raise BadSetting(f"{name} must be {minimum} or more, not {value}.")
    return value


def boolean(name: str, default: bool) -> bool:
    raw = text(name).lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} must be true or false, not {raw!r}.")


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in choices:
        raise BadSetting(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def folder(name: str, default: str) -> Path:
    """An absolute path, created when missing (private to the user who runs the desk)."""
    path = Path(text(name, default)).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"{name}: cannot create the folder {path}: {error.strerror}.") from None
    return path


def base_url(name: str) -> str:
    """An http(s) address without a trailing slash, or "" when not set; a path in it is the desk's prefix."""
    raw = text(name).rstrip("/")
    if raw and (urlsplit(raw).scheme not in {"http", "https"} or not urlsplit(raw).netloc):
        raise BadSetting(f"{name} must look like https://desk.example.org, not {raw!r}.")
    return raw


def redis_url(name: str) -> str:
    raw = text(name)
    if raw and urlsplit(raw).scheme not in {"redis", "rediss", "unix"}:
        raise BadSetting(f"{name} must look like redis://host:6379/0, not {raw!r}.")
    return raw


@dataclass(frozen=True)
class SmtpServer:
    """Where mails are handed in. `tls` is "none", "starttls" or "implicit" (from the first byte on)."""

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""  # path of certificates to trust instead of the system's


_SMTP_EXAMPLE = "smtp://user:password@host:587?tls=starttls"


def smtp_server(name: str) -> SmtpServer | None:
    """From `smtp://user:password@host:587?tls=starttls` or `smtps://…`; None when the variable is not set.

    Without `tls` a server on this machine is spoken to in the clear, and any other one must offer STARTTLS. The text of
    an error never shows the value: it may hold a password.
    """
    raw = text(name)
    if not raw:
        return None
    try:
        url = urlsplit(raw)
        host, port = url.hostname or "", url.port
    except ValueError:
        raise BadSetting(
            f"{name}: the port is not a number from 0 to 65535. Write %23 for #, %2F for / and so on in a password."
        ) from None
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    unknown = set(options) - {"tls", "ca"}
    if url.scheme not in {"smtp", "smtps"} or not host or url.path.strip("/") or url.fragment or unknown:
        raise BadSetting(f"{name} must look like {_SMTP_EXAMPLE} or smtps://user:password@host (options: tls, ca).")
    if bool(url.username) != bool(url.password):
        raise BadSetting(f"{name} needs a user and a password, or neither: {_SMTP_EXAMPLE}.")
    ca = options.get("ca", "")
    if ca and not Path(ca).is_file():
        raise BadSetting(f"{name}: there is no file {ca} (ca: certificates to trust).")
    tls = _smtp_tls(name, url.scheme, host, options.get("tls"))
    usual = 465 if tls == "implicit" else 587 if url.username else 25
    return SmtpServer(host, port or usual, tls, unquote(url.username or ""), unquote(url.password or ""), ca)


def _smtp_tls(name: str, scheme: str, host: str, wanted: str | None) -> str:
    if scheme == "smtps":
        if wanted not in {None, "implicit"}:
            raise BadSetting(f"{name}: smtps:// is TLS from the first byte on; write smtp:// for tls={wanted}.")
        return "implicit"
    if wanted not in {None, "none", "starttls"}:
        raise BadSetting(f"{name}: tls must be starttls or none, not {wanted!r}; for TLS at once write smtps://.")
    local = host == "localhost" or host.startswith("127.") or host == "::1"
    return wanted or ("none" if local else "starttls")


def mail_address(name: str) -> str:
    """`support@example.org` or `Support <support@example.org>`; "" when not set."""
    raw = text(name)
    if raw and mail_addresses.parse(raw) is None:
        raise BadSetting(f"{name} must look like support@example.org or Support <support@example.org>, not {raw!r}.")
    return raw


def postgres_settings(name: str) -> dict[str, object] | None:
    """Django's database settings from `postgresql://user:password@host:port/name?option=value`.

    Returns None when the variable is not set. A host may be a socket folder: `postgresql:///desk?host=/run/pg`.
    """
    raw = text(name)
    if not raw:
        return None
    url = urlsplit(raw)
    if url.scheme not in {"postgres", "postgresql"}:
        raise BadSetting(f"{name} must look like postgresql://user:password@host/name, not {url.scheme}://…")
    try:
        port = url.port
    except ValueError:
        raise BadSetting(f"{name}: the port is not a number.") from None
    options = dict(parse_qsl(url.query))
    database = unquote(url.path.lstrip("/"))
    if not database:
        raise BadSetting(f"{name} names no database: postgresql://user:password@host/NAME.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "USER": unquote(url.username or options.pop("user", "")),
        "PASSWORD": unquote(url.password or options.pop("password", "")),
        "HOST": unquote(url.hostname or options.pop("host", "")),
        "PORT": str(port or options.pop("port", "")),
        "OPTIONS": options,
    }
