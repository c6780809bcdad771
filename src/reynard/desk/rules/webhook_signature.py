"""How a delivery is signed: three signatures from one secret, for old and for new receivers (webhooks.md §3).

A secret is `whsec_` and the base64 text of 32 random bytes. The two headers that begin with `X-` use that whole text
as their key, as receivers of the hosted service do with theirs; Standard Webhooks (standardwebhooks.com) uses the
bytes it stands for.
"""

import base64
import hmac
import secrets

SECRET_PREFIX = "whsec_"  # noqa: S105  # of every secret, none itself
_SECRET_BYTES = 32


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers(secret: str, body: bytes, *, delivery_id: str, timestamp: int, encoding: str) -> dict[str, str]:
    """The headers that prove where a body comes from; `timestamp` in Unix seconds, `encoding` hex or base64 (W-01).

    All but the oldest cover the time, so that what was recorded cannot be sent again later.
    """
    key = secret.encode()
    raw_key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    timed = hmac.new(key, b"%d.%b" % (timestamp, body), "sha256").hexdigest()
    standard = hmac.digest(raw_key, b"%b.%d.%b" % (delivery_id.encode(), timestamp, body), "sha256")
    return {
        "X-Happyfox-Webhook-Signature": _encoded(hmac.digest(key, body, "sha1"), encoding),
        "X-Webhook-Signature-256": f"sha256={timed}",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_encoded(standard, 'base64')}",
    }


def _encoded(digest: bytes, encoding: str) -> str:
    return base64.b64encode(digest).decode() if encoding == "base64" else digest.hex()
