"""Who calls: HTTP Basic with an API key and its auth code (protocol.md §7)."""

import base64
import binascii
import hashlib
import hmac

from reynard.desk.selectors.reference import Key, Reference

_NOBODYS_HASH = "0" * 64


def authenticate(authorization: str, reference: Reference) -> Key | None:
    """The key that an `Authorization` header proves, also one that is disabled, or None.

    The code is random, so one hash protects it; the comparison takes the same time for an unknown key.
    """
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, code = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    key = reference.keys.get(name)
    digest = hashlib.sha256(code.encode()).hexdigest()
    genuine = hmac.compare_digest(digest, key.auth_code_sha256 if key else _NOBODYS_HASH)
    return key if genuine else None
