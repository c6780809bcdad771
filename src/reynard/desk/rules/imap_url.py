"""Where a mailbox is fetched from, as a URL: `imaps://user:password@host:port/folder` (RFC 5092, as far as needed).

`?ca=/path/of.pem` names certificates to trust instead of the system's, as in REYNARD_SMTP_URL.
"""

from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec

PORTS = {"imaps": 993, "imap": 143}


class ImapServer(msgspec.Struct, frozen=True):
    """A server and a user of it. `tls` from the first byte; otherwise STARTTLS, but on this machine itself."""

    tls: bool
    host: str
    port: int
    user: str
    ca: str = ""  # path of certificates to trust instead of the system's

    @property
    def is_local(self) -> bool:
        return is_local(self.host)

    @property
    def url(self) -> str:
        """Without a secret."""
        scheme = "imaps" if self.tls else "imap"
        host = f"[{self.host}]" if ":" in self.host else self.host
        options = f"?ca={quote(self.ca)}" if self.ca else ""
        return f"{scheme}://{quote(self.user, safe='')}@{host}:{self.port}{options}"


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
    options = dict(parse_qsl(parts.query))
    if parts.fragment or options.keys() - {"ca"} or (parts.query and not options):
        raise ValueError(f"There is something behind the folder that has no meaning. {_FORM}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not parts.hostname or not user:
        raise ValueError(f"It names no {'user' if parts.hostname else 'host'}. {_FORM}")
    if any(ord(character) < 32 for character in user + password + unquote(parts.path)):
        raise ValueError("User, password and folder have no control characters.")
    server = ImapServer(
        tls=parts.scheme == "imaps",
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=user,
        ca=options.get("ca", ""),
    )
    return ImapUrl(server, password, unquote(parts.path.removeprefix("/")) or "INBOX")


_FORM = (
    "Give the address as imaps://user:password@host/INBOX. In user and password write %40 for @, %2F for /, %3F for ?, "
    "%23 for #."
)


def is_local(host: str) -> bool:
    """Whether it is a name or an address of this machine itself."""
    return host == "localhost" or host == "::1" or host.startswith("127.")


def with_folder(server: ImapServer, folder: str) -> str:
    """The address of a folder there, without a secret: what `parse` reads."""
    address, mark, options = server.url.partition("?")
    return f"{address}/{quote(folder, safe='')}{mark}{options}"


def server(url: str) -> ImapServer:
    """Of `ImapServer.url`, as it was stored."""
    return parse(url).server
