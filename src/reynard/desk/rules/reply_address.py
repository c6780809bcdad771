"""Reply addresses that say which ticket an answer belongs to, and prove that this desk gave them out.

    support+4127.mfzqwe2nb3xk5a7d@rollwerk.example     an answer
    support+4127n.q2bd7xkmfz3wn5ae@rollwerk.example    a private note

Behind the plus: the number of the ticket, `n` for notes, a dot, and 80 bits of an HMAC-SHA256 over both. Whoever does
not have the secret can neither make one nor turn one for an answer into one for a note. The mailbox is not signed:
mail servers rewrite it (aliases, other domains). Letter case does not matter, as some of them change it.

A genuine address says which ticket is meant; whether its sender may write there is for others to decide.
"""

import base64
import hmac
import re
from hashlib import sha256

import msgspec

LOCAL_PART_LIMIT = 64  # characters before the @ (RFC 5321 §4.5.3.1.1)
_SIGNATURE_BYTES = 10

_SIGNED = re.compile(r"[^@]+\+([1-9]\d{0,18})(n?)\.([a-z2-7]{16})@[^@]+", re.ASCII)


class ReplyAddress(msgspec.Struct, frozen=True):
    """What a genuine address says."""

    ticket: int
    note: bool


def make(mailbox: str, ticket: int, secret: str, *, note: bool = False) -> str | None:
    """The address of a ticket in a mailbox (`support@rollwerk.example`); None when it would become too long."""
    local, _, domain = mailbox.rpartition("@")
    signed = f"{local}+{ticket}{'n' if note else ''}.{_signature(ticket, note, secret)}"
    return f"{signed}@{domain}" if len(signed) <= LOCAL_PART_LIMIT else None


def verify(address: str, secret: str) -> ReplyAddress | None:
    """What an address (without a name) says; None when it is none of ours, or not genuine."""
    match = _SIGNED.fullmatch(address.strip().lower())
    if match is None:
        return None
    ticket, note = int(match[1]), bool(match[2])
    genuine = hmac.compare_digest(_signature(ticket, note, secret), match[3])
    return ReplyAddress(ticket, note) if genuine else None


def _signature(ticket: int, note: bool, secret: str) -> str:
    purpose = "note" if note else "reply"
    digest = hmac.digest(secret.encode(), f"reply-address:{purpose}:{ticket}".encode(), sha256)
    return base64.b32encode(digest[:_SIGNATURE_BYTES]).decode().lower()
