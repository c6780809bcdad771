"""How a client of OAuth 2.0 is known to a provider, and the addresses of the two that host most mailboxes."""

from urllib.parse import urlencode, urlsplit

import msgspec

from reynard.desk.rules.imap_url import is_local


class Provider(msgspec.Struct, frozen=True):
    """Where a provider gives tokens, where people agree, and what must be asked for to read mail by IMAP."""

    token_url: str
    authorize_url: str
    scope: str
    client_scope: str  # without a person; "" where there is no such thing
    parameters: dict[str, str] = {}


PROVIDERS = {
    "google": Provider(
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        scope="https://mail.google.com/",
        client_scope="",
        parameters={"access_type": "offline", "prompt": "consent"},
    ),
    "microsoft": Provider(
        token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",  # noqa: S106
        authorize_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        client_scope="https://outlook.office365.com/.default",
    ),
}


class OAuth2(msgspec.Struct, frozen=True):
    """All of it is secret enough to be kept encrypted. Without a `refresh_token` the client acts for itself."""

    token_url: str
    client_id: str
    client_secret: str = ""
    refresh_token: str = ""
    scope: str = ""


def check_token_url(url: str) -> None:
    """Raises ValueError: secrets travel encrypted, unless to this machine itself."""
    parts = urlsplit(url)
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_local(parts.hostname))):
        raise ValueError(f"The address for tokens must begin with https://, not {url}.")


def question(
    provider: Provider, client: OAuth2, *, tenant: str, user: str, redirect_uri: str, state: str, challenge: str
) -> str:
    """The address where a person agrees that this desk reads the mailbox (RFC 6749 §4.1.1, RFC 7636)."""
    fields = {
        "client_id": client.client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": client.scope,
        "state": state,
        "login_hint": user,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **provider.parameters,
    }
    return f"{provider.authorize_url.format(tenant=tenant)}?{urlencode(fields)}"
