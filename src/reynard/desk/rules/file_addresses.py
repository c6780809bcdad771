"""Addresses of files that need no credentials: signed for one file and one use of it, and good until a moment."""

import base64
import hmac
from hashlib import sha256

DOWNLOAD = "attachment"  # a file of a ticket
INLINE = "inline"  # an image where it stands in a message
OF_ARTICLE = "kb-attachment"

_FOLDERS = {DOWNLOAD: "attachments/{id}", INLINE: "attachments/{id}/inline", OF_ARTICLE: "attachments/kb/{id}"}


def path(use: str, id: int, expires: int, secret: str) -> str:
    """The path of a file; `expires` in seconds since 1970."""
    return f"/{_FOLDERS[use].format(id=id)}/{expires}-{signature(use, id, expires, secret)}/"


def signature(use: str, id: int, expires: int, secret: str) -> str:
    """128 bits that only this desk can compute for one file, one use of it and one moment."""
    digest = hmac.digest(secret.encode(), f"{use}:{id}:{expires}".encode(), sha256)
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def is_valid(use: str, id: int, expires: int, given: str, secret: str, *, now: float) -> bool:
    return hmac.compare_digest(signature(use, id, expires, secret), given) and now <= expires
