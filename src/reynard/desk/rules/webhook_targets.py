"""Where deliveries may go: what an address of a receiver looks like, and which machines it may stand for.

A receiver must not be a way into the network the desk stands in, so what a name resolves to is checked, and
connected to, by number (webhooks.md §3 "Safety").
"""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

URL_LIMIT = 2000
_IN_PATHS = "/%:@!$&'()*+,;=~-._?"  # what RFC 3986 lets stand in paths and queries
# Not for us, and not known as such to the standard library of every Python: IPv4 addresses in IPv6, of before RFC 4291,
# NAT64 of a site's own (RFC 8215), and addresses of a site, of before RFC 3879.
_ALSO_INTERNAL = [ipaddress.ip_network(text) for text in ("::/96", "64:ff9b:1::/48", "fec0::/10")]
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: an IPv4 address in the last four bytes (RFC 6052)


class BadTarget(Exception):
    """A receiver that nothing is sent to; the text is a sentence for the administrator."""


def url(text: str) -> str:
    """The address of a receiver as it is stored: ASCII, without a fragment. Raises BadTarget."""
    text = text.strip()
    if len(text) > URL_LIMIT:
        raise BadTarget(f"An address may have {URL_LIMIT} characters.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadTarget(f"This is no web address: {error}.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadTarget("Give a whole address, such as https://hooks.example.org/desk.")
    if parts.username is not None or parts.password is not None:
        raise BadTarget("An address may not hold a user name or password; check the signature instead.")
    host = _ascii(parts.hostname)
    place = f"[{host}]" if ":" in host else host
    path = quote(parts.path or "/", safe=_IN_PATHS) + (f"?{quote(parts.query, safe=_IN_PATHS)}" if parts.query else "")
    return f"{parts.scheme}://{place}{f':{port}' if port is not None else ''}{path}"


def host(url: str) -> str:
    """The machine in the address of a receiver."""
    return urlsplit(url).hostname or ""


def may_be_local(url: str) -> bool:
    """Whether an address that is not encrypted may stand for a local machine: only then it makes sense."""
    name = host(url)
    try:
        return is_internal(name)
    except ValueError:
        return "." not in name or name.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))


def _ascii(host: str) -> str:
    try:
        name = host.encode("ascii" if ":" in host else "idna").decode()
    except UnicodeError:
        raise BadTarget(f"{host} is no name of a machine.") from None
    if not all(sign.isalnum() or sign in ".-_:" for sign in name):
        raise BadTarget(f"{host} is no name of a machine.")
    return name


def check(scheme: str, addresses: Sequence[str], *, internal_allowed: bool) -> None:
    """Refuse a receiver by the addresses its name stands for, if any of them is not for us. Raises BadTarget.

    What leaves this machine's own network is encrypted (webhooks.md §2).
    """
    internal = [address for address in addresses if is_internal(address)]
    if internal and not internal_allowed:
        raise BadTarget(
            f"{internal[0]} is an internal address; set REYNARD_WEBHOOK_ALLOW_INTERNAL=1 to let webhooks go there."
        )
    if scheme == "http" and len(internal) < len(addresses):
        raise BadTarget("Only local receivers may use http; use https.")


def is_internal(address: str) -> bool:
    """Whether an IP address is anything but one of the public internet: private, loopback, link-local, shared,
    reserved, multicast, or an IPv6 address that carries such an IPv4 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return any(ip in network for network in _ALSO_INTERNAL) or any(
        not one.is_global or one.is_multicast for one in (ip, *_carried(ip))
    )


def _carried(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(ip, IPv4Address):
        return []
    found = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _TRANSLATED:
        found.append(IPv4Address(ip.packed[-4:]))
    return [one for one in found if one is not None]
