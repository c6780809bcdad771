"""Signatures of deliveries, checked the way receivers check them (webhooks.md §3, W-01)."""

import base64
import hashlib
import hmac
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from reynard.desk.rules import webhook_signature

BODY = '{"id":1,"subject":"Lenker » schief"}'.encode()
DELIVERY = "3f7e0c1a-1c52-4a54-9f0c-3a37e4a2e7a5"


def signed(secret, body=BODY, *, timestamp=None, encoding="hex"):
    return webhook_signature.headers(
        secret, body, delivery_id=DELIVERY, timestamp=timestamp or int(time.time()), encoding=encoding
    )


def test_secrets_are_long_and_different():
    secrets = {webhook_signature.new_secret() for _ in range(10)}

    assert len(secrets) == 10
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 for secret in secrets)


def test_the_oldest_signature_is_an_hmac_sha1_of_the_body_in_hex():
    secret = webhook_signature.new_secret()

    expected = hmac.new(secret.encode(), BODY, hashlib.sha1).hexdigest()
    assert signed(secret)["X-Happyfox-Webhook-Signature"] == expected


def test_the_oldest_signature_can_be_base64():
    secret = webhook_signature.new_secret()

    expected = base64.b64encode(hmac.new(secret.encode(), BODY, hashlib.sha1).digest()).decode()
    assert signed(secret, encoding="base64")["X-Happyfox-Webhook-Signature"] == expected


def test_the_sha256_signature_covers_the_timestamp():
    secret = webhook_signature.new_secret()

    expected = hmac.new(secret.encode(), b"1773045655." + BODY, hashlib.sha256).hexdigest()
    assert signed(secret, timestamp=1773045655)["X-Webhook-Signature-256"] == f"sha256={expected}"


def test_the_library_of_standard_webhooks_accepts_it():
    secret = webhook_signature.new_secret()

    assert Webhook(secret).verify(BODY, signed(secret)) == {"id": 1, "subject": "Lenker » schief"}


@pytest.mark.parametrize("spoilt", ["body", "secret", "time"])
def test_the_library_of_standard_webhooks_refuses_what_was_changed(spoilt):
    secret = webhook_signature.new_secret()
    headers = signed(secret, timestamp=int(time.time()) - (3600 if spoilt == "time" else 0))
    if spoilt == "secret":
        secret = webhook_signature.new_secret()

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + (b" " if spoilt == "body" else b""), headers)
