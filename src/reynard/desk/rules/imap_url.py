"""Where a mailbox is fetched from, as a URL: `imaps://user:password@host:port/folder` (RFC 5092, as far as needed)."""

from urllib.parse import quote, unquote, urlsplit

import msgspec

PORTS = {"imaps": 993, "imap": 143}


class ImapServer(msgspec.Struct, frozen=True):
    """A server and a user of it. `tls` from the first byte; otherwise STARTTLS, but on this machine itself."""

    tls: bool
    host: str
    port: int
    user: str

    @property
    def url(self) -> str:
        """Without a secret."""
        scheme = "imaps" if self.tls else "imap"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{quote(self.user, safe='')}@{host}:{self.port}"


class ImapUrl(msgspec.Struct, frozen=True):
    """`password` is "" where the URL has none."""

    server: ImapServer
    password: str
    folder: str


def parse(text: str) -> ImapUrl:
    """Raises ValueError with a sentence that does not repeat the password."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise ValueError(f"The port or the host cannot be read. {_FORM}") from None
    if parts.scheme not in PORTS:
        raise ValueError(f"It begins with neither imaps:// nor imap://. {_FORM}")
    if parts.query or parts.fragment:
        raise ValueError(f"Write ? as %3F, # as %23 and / as %2F in user and password. {_FORM}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not parts.hostname or not user:
        raise ValueError(f"It names no {'user' if parts.hostname else 'host'}. {_FORM}")
    if any(ord(character) < 32 for character in user + password + unquote(parts.path)):
        raise ValueError("User, password and folder have no control characters.")
    server = ImapServer(tls=parts.scheme == "imaps", host=parts.hostname, port=port or PORTS[parts.scheme], user=user)
    return ImapUrl(server, password, unquote(parts.path.removeprefix("/")) or "INBOX")


_FORM = "Give the address as imaps://user:password@host/INBOX."


def server(url: str) -> ImapServer:
    """Of `ImapServer.url`, as it was stored."""
    return parse(url).server
