"""Typed readers for environment variables; a value that makes no sense stops the start with one sentence."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from reynard.desk.rules import mail_addresses


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
