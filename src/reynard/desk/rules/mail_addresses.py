"""Mail addresses: reading one with its owner's name, and knowing those that nothing automatic is sent to."""

import re
from collections.abc import Iterable

import msgspec

ADDRESS_LIMIT = 254  # characters (RFC 5321 §4.5.3.1.3, without the angle brackets)
_TEXT_LIMIT = 1000  # with the name

_WITH_NAME = re.compile(r"\s*([^<>]*?)\s*<([^<>]*)>\s*")
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII | re.IGNORECASE)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII | re.IGNORECASE)

# Nobody reads these, or a program answers (RFC 3834 §2, RFC 2142).
_NOBODY = re.compile(
    r"mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|nobody|listserv|majordomo|owner-.+|.+-(?:owner|request"
    r"|bounces?|confirm|unsubscribe)|(?:no-?reply|do-?not-?reply|bounces?)[-+.=_].+|.+[-+.=_](?:no-?reply|bounces?)"
)


class Mailbox(msgspec.Struct, frozen=True):
    """`Lena Ortiz <lena@example.org>`; the name may be empty. The address is ASCII but for `any_letters`."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def parse(text: str, *, any_letters: bool = False) -> Mailbox | None:
    """An address with or without a name; None for what no mail can be sent to.

    Domains in other scripts are written as mail servers know them (IDNA). Addresses that have other letters before the
    @, or quotation marks, are refused: few servers take them. With `any_letters` other letters are let through (RFC
    6531): for recipients, of whom the mail server says whether it takes them.
    """
    if len(text) > _TEXT_LIMIT:
        return None
    match = _WITH_NAME.fullmatch(text)
    name, address = (match[1], match[2].strip()) if match else ("", text.strip())
    local, at, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        return None
    address = local + at + domain
    if (
        len(address.encode()) > ADDRESS_LIMIT
        or len(local.encode()) > 64
        or not _is_local(local, any_letters)
        or not _DOMAIN.fullmatch(domain)
    ):
        return None
    return Mailbox(name.strip('"'), address)


def _is_local(text: str, any_letters: bool) -> bool:
    if any_letters and text.isprintable():  # neither what breaks lines nor what turns the direction of writing
        text = _BEYOND_ASCII.sub("x", text)
    return _LOCAL.fullmatch(text) is not None


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\xa0]")


def key(address: str) -> str:
    """What makes two addresses one mailbox: neither letter case nor what follows a plus."""
    local, at, domain = address.casefold().rpartition("@")
    return local.partition("+")[0] + at + domain


def is_one_of(address: str, mailboxes: Iterable[str]) -> bool:
    return key(address) in {key(mailbox) for mailbox in mailboxes}


def is_nobodys(address: str) -> bool:
    """Whether it is an address from which programs write, so that no program should answer (RFC 3834 §2)."""
    return _NOBODY.fullmatch(address.casefold().rpartition("@")[0]) is not None
