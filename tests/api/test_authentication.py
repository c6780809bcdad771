"""HTTP Basic with an API key and its auth code (protocol.md §7)."""

import base64
from types import SimpleNamespace

import pytest

from reynard.desk.actions import people
from reynard.desk.models import ApiKey
from tests.api.test_routing import CONTENT_TYPES, error_in
from tests.factories import NOON


@pytest.fixture
def key(desk):
    return people.create_api_key(name="integration", now=NOON)


def basic(text, scheme="Basic"):
    return f"{scheme} {base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()}"


def status(client, authorization, path="/api/1.1/json/statuses/", method="GET"):
    headers = {} if authorization is None else {"Authorization": authorization}
    return client.generic(method, path, headers=headers).status_code


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "Basic  "])
def test_a_key_with_its_code_is_let_in(client, key, scheme):
    assert status(client, basic(f"{key.api_key}:{key.auth_code}", scheme)) == 200


# What stands in the header: {key} and {code} are the genuine ones.
REFUSED = {
    "nothing": None,
    "an empty header": "",
    "a scheme alone": "Basic",
    "a scheme and a blank": "Basic ",
    "another scheme": "Bearer {key}",
    "another scheme with genuine credentials": basic("{key}:{code}", "Digest"),
    "no scheme": base64.b64encode(b"{key}:{code}").decode(),
    "no base64": "Basic {key}:{code}",
    "cut off base64": "Basic YTpi=",
    "base64 with rubbish": "Basic !!!!",
    "letters beyond ASCII": "Basic käse",
    "bytes that are no UTF-8": basic(b"\xff\xfe:\xff"),
    "a wrong code": basic("{key}:wrong"),
    "an empty code": basic("{key}:"),
    "no colon": basic("{key}"),
    "the code in other letters": basic("{key}:{CODE}"),
    "the code and more": basic("{key}:{code}x"),
    "the code and a colon": basic("{key}:{code}:"),
    "a part of the code": basic("{key}:{part}"),
    "an unknown key": basic("nobody:{code}"),
    "an empty key": basic(":{code}"),
    "nothing but a colon": basic(":"),
    "key and code exchanged": basic("{code}:{key}"),
    "the hash of the code": basic("{key}:{hash}"),
    "a null character": basic("{key}\x00:{code}"),
}


def _filled(authorization, key):
    """The header with the genuine key and code in the places of the words in braces, also inside base64."""
    words = SimpleNamespace(key=key.api_key, code=key.auth_code, CODE=key.auth_code.swapcase(), part=key.auth_code[:-1])
    words.hash = ApiKey.objects.get(key=key.api_key).auth_code_sha256
    scheme, _, rest = (authorization or "").partition(" ")
    try:
        text = base64.b64decode(rest, validate=True).decode()
    except ValueError:
        return authorization and authorization.format(**vars(words))
    return basic(text.format(**vars(words)), scheme) if rest else authorization


@pytest.mark.parametrize("case", REFUSED)
def test_refused_is(client, key, case):
    authorization = _filled(REFUSED[case], key)

    assert status(client, authorization) == 401
    assert status(client, authorization, "/api/1.1/json/tickets/", "POST") == 401


@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_a_refusal_says_what_is_needed_in_the_asked_format(client, desk, format):
    answer = client.get(f"/api/1.1/{format}/statuses/")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Basic realm="API"'
    assert answer["Content-Type"] == CONTENT_TYPES[format]
    assert error_in(answer, format) == "Authorization Required"
    assert (answer["Cache-Control"], answer["Vary"]) == ("no-store", "Authorization")
    assert "X-RateLimit-Limit" not in answer


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/api/1.1/json/tickets/",
        "/api/1.1/json/categories/",
        "/api/1.1/json/ticket/999/",
        "/api/1.1/json/ticket/999/staff_update/",
        "/api/1.1/json/nonsense/",
        "/api/1.1/csv/tickets/",
        "/api/9.9/json/tickets/",
        "/api/nonsense",
        "/api/%0A",
    ],
)
def test_strangers_learn_nothing_about_addresses_methods_or_elements(client, desk, method, path):
    assert status(client, None, path, method) == 401


def test_a_key_in_the_query_is_no_credential(client, key):
    assert status(client, None, f"/api/1.1/json/statuses/?api_key={key.api_key}&auth_code={key.auth_code}") == 401


def test_revoking_a_key_takes_effect_at_once_and_for_this_key_only(client, key):
    other = people.create_api_key(name="other", now=NOON)
    genuine = [basic(f"{each.api_key}:{each.auth_code}") for each in (key, other)]
    assert [status(client, header) for header in genuine] == [200, 200]

    people.revoke_api_key(key=key.api_key, now=NOON)

    assert [status(client, header) for header in genuine] == [401, 200]


@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_a_disabled_key_is_told_so_and_works_again_when_it_is_enabled(client, key, format):
    path, genuine = f"/api/1.1/{format}/statuses/", basic(f"{key.api_key}:{key.auth_code}")
    people.disable_api_key(key=key.api_key, now=NOON)

    answer = client.get(path, headers={"Authorization": genuine})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Basic realm="API"')
    assert error_in(answer, format) == "This API key is disabled."

    people.enable_api_key(key=key.api_key)
    assert status(client, genuine, path) == 200


def test_only_who_has_the_code_learns_that_a_key_is_disabled(client, key):
    people.disable_api_key(key=key.api_key, now=NOON)
    answer = client.get("/api/1.1/json/statuses/", headers={"Authorization": basic(f"{key.api_key}:wrong")})
    assert (answer.status_code, answer.json()) == (401, {"error": "Authorization Required"})


def test_a_key_that_was_revoked_cannot_be_enabled(client, key):
    people.revoke_api_key(key=key.api_key, now=NOON)
    people.enable_api_key(key=key.api_key)
    assert status(client, basic(f"{key.api_key}:{key.auth_code}")) == 401


def test_a_new_key_works_at_once(client, key):
    fresh = people.create_api_key(name="fresh", now=NOON)

    assert status(client, basic(f"{fresh.api_key}:{fresh.auth_code}")) == 200


def test_the_code_is_kept_as_a_hash_only_and_has_256_random_bits(key):
    row = ApiKey.objects.get(key=key.api_key)

    assert key.auth_code not in vars(row).values()
    assert len(base64.urlsafe_b64decode(key.auth_code + "=")) == 32


def test_health_needs_no_credentials(client, desk):
    assert status(client, None, "/healthz") == status(client, None, "/healthz/") == 200
