"""Secrets that are needed again, such as passwords of mailboxes: encrypted by a key that is not in the database.

The key comes from SECRET_KEY. With another SECRET_KEY nothing can be opened: the secrets must be given again.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from reynard.desk.errors import DeskError


class Unreadable(DeskError):
    """A secret that was encrypted with another SECRET_KEY, or changed since."""


def seal(text: str, purpose: str) -> str:
    """The text, encrypted; only `unseal` with the same purpose opens it."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """Raises Unreadable."""
    try:
        return _cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("A stored secret cannot be decrypted: REYNARD_SECRET_KEY is not the one it was for.") from None


def _cipher(purpose: str) -> Fernet:
    digest = hashlib.sha256(f"{purpose} {settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
