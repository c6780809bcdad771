"""Access tokens for mailboxes at Google and Microsoft, which take no passwords any more (RFC 6749).

A mailbox has either a refresh token, which a person agreed to once, or none: then the client itself may read it
(client credentials; at Microsoft, "application permissions"). Secrets are in no error.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta
from typing import Any

import msgspec

from reynard.desk.rules.oauth2 import OAuth2

SECONDS = 30  # for an answer
_ANSWER_LIMIT = 100_000  # bytes
_DEFAULT_LIFE = 3600  # seconds, where the provider does not say


class TokenRefused(Exception):
    """There is no access token now; the text says why, for people."""


class Grant(msgspec.Struct, frozen=True):
    """What a provider gave. `refresh_token` is "" where the one there is stays good."""

    access_token: str
    expires_at: datetime
    refresh_token: str = ""
    refresh_token_expires_at: datetime | None = None


def refresh(client: OAuth2, *, now: datetime) -> Grant:
    """A new access token. Raises TokenRefused."""
    if client.refresh_token:
        return _ask(client, now, grant_type="refresh_token", refresh_token=client.refresh_token)
    return _ask(client, now, grant_type="client_credentials", scope=client.scope)


def exchange(client: OAuth2, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Grant:
    """What a person agreed to, by the code that their browser was sent back with. Raises TokenRefused."""
    return _ask(
        client, now, grant_type="authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier
    )


def _ask(client: OAuth2, now: datetime, **fields: str) -> Grant:
    fields |= {"client_id": client.client_id}
    if client.client_secret:
        fields["client_secret"] = client.client_secret
    request = urllib.request.Request(  # noqa: S310  # the scheme is checked by rules/oauth2
        client.token_url, data=urllib.parse.urlencode(fields).encode(), headers={"Accept": "application/json"}
    )
    host = urllib.parse.urlsplit(client.token_url).hostname
    try:
        with _opener.open(request, timeout=SECONDS) as answer:
            return _grant(_json(answer.read(_ANSWER_LIMIT)), now)
    except urllib.error.HTTPError as error:
        with error:
            told = _json(error.read(_ANSWER_LIMIT))
        reason = " ".join(str(told[key]) for key in ("error", "error_description") if told.get(key))
        raise TokenRefused(f"{host} gives no access token: {reason[:400] or f'status {error.code}'}.") from None
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise TokenRefused(f"{host} gives no access token: {getattr(error, 'reason', None) or error}.") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Secrets go nowhere but to the address that was given."""


_opener = urllib.request.build_opener(_NoRedirect)


def _json(answer: bytes) -> dict[str, Any]:
    try:
        found = json.loads(answer)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _grant(answer: dict[str, Any], now: datetime) -> Grant:
    life = answer.get("refresh_token_expires_in")
    return Grant(
        access_token=str(answer["access_token"]),
        expires_at=now + timedelta(seconds=int(answer.get("expires_in", _DEFAULT_LIFE))),
        refresh_token=str(answer.get("refresh_token", "")),
        refresh_token_expires_at=now + timedelta(seconds=int(life)) if life else None,
    )
