"""How often a key may call (protocol.md §10)."""

import base64
import secrets
import time

import pytest
import redis

from reynard.api import throttle
from reynard.desk.actions import people
from reynard.desk.models import ApiKey
from reynard.desk.selectors import reference
from tests.api.test_routing import CONTENT_TYPES, error_in
from tests.factories import NOON

WINDOW_START = 29_550_000 * 60  # a whole minute
REDIS = "redis://127.0.0.1:6379/9"
NOBODY = "redis://127.0.0.1:1/0"  # no Redis listens there


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(throttle, "_local", {})
    monkeypatch.setattr(throttle, "_redis_rests_until", 0.0)


@pytest.fixture
def clock(monkeypatch):
    """Sets the seconds since the beginning of a window; returns the setter."""

    def at(seconds):
        monkeypatch.setattr(throttle.time, "time", lambda: WINDOW_START + seconds)

    at(0)
    return at


@pytest.fixture
def limits(settings):
    def set_to(reads, writes):
        settings.REYNARD_THROTTLE_READS_PER_MINUTE = reads
        settings.REYNARD_THROTTLE_WRITES_PER_MINUTE = writes

    return set_to


@pytest.fixture
def shared(settings):
    """A Redis, and counters nobody else has: the keys of the desk get random ids."""
    try:
        redis.Redis.from_url(REDIS, socket_timeout=1).ping()
    except redis.RedisError as error:
        pytest.skip(f"no Redis server at {REDIS}: {error}")
    settings.REDIS_URL = REDIS
    ApiKey.objects.update(id=secrets.randbits(60))
    reference.changed()


def read(api):
    return api.get("statuses/").status_code


def write(api, method="POST"):
    return api.request(method, "/api/1.1/json/tickets/").status_code


def test_calls_beyond_the_limit_are_429_until_the_minute_ends(api, limits, clock):
    limits(3, 0)

    assert [read(api) for _ in range(5)] == [200, 200, 200, 429, 429]
    clock(59.9)
    assert read(api) == 429
    clock(60)
    assert [read(api) for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("elapsed", "wait", "text"),
    [
        (0, 60, "60 seconds"),
        (18, 42, "42 seconds"),
        (18.4, 42, "42 seconds"),
        (18.6, 42, "42 seconds"),
        (58.9, 2, "2 seconds"),
        (59, 1, "1 second"),
        (59.999, 1, "1 second"),
    ],
)
@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_the_answer_says_how_long_to_wait(api, limits, clock, format, elapsed, wait, text):
    """Never less than is left of the window: whoever waits that long is let in."""
    limits(1, 0)
    clock(elapsed)
    read(api)

    answer = api.get("statuses/", format=format)

    assert (answer.status_code, answer["Content-Type"]) == (429, CONTENT_TYPES[format])
    assert error_in(answer, format) == f"Throttled, wait {text}."
    assert (answer["Retry-After"], answer["X-RateLimit-Reset"]) == (str(wait), str(wait))
    assert (answer["Cache-Control"], answer["Vary"]) == ("no-store", "Authorization")
    clock(elapsed + wait)
    assert read(api) == 200


def test_every_answer_says_what_is_left(api, limits, clock):
    limits(3, 0)
    clock(20)

    answers = [api.get(path) for path in ("statuses/", "nonsense/", "ticket/999/", "statuses/")]

    assert [answer.status_code for answer in answers] == [200, 404, 404, 429]
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer["X-RateLimit-Limit"] for answer in answers} == {"3"}
    assert {answer["X-RateLimit-Reset"] for answer in answers} == {"40"}


def test_reads_and_writes_are_counted_apart(api, limits, clock):
    limits(2, 3)

    assert [read(api) for _ in range(3)] == [200, 200, 429]
    assert [write(api) for _ in range(4)] == [400, 400, 400, 429]


def test_put_and_delete_count_as_writes_and_head_and_options_as_reads(api, limits, clock):
    limits(2, 3)
    tried = ["POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "GET"]

    assert [write(api, method) for method in tried] == [400, 200, 405, 405, 429, 405, 429]


def test_each_key_has_its_own_budget(api, desk, limits, clock):
    limits(1, 0)
    other = people.create_api_key(name="other", now=NOON)
    credentials = base64.b64encode(f"{other.api_key}:{other.auth_code}".encode()).decode()

    assert [read(api), read(api)] == [200, 429]
    api.authorization = f"Basic {credentials}"
    assert [read(api), read(api)] == [200, 429]


def test_strangers_use_up_nobodys_budget(api, limits, clock):
    limits(1, 0)

    assert [api.client.get("/api/1.1/json/statuses/").status_code for _ in range(3)] == [401, 401, 401]
    assert read(api) == 200


def test_a_limit_of_nothing_is_no_limit(api, limits):
    limits(0, 0)
    answers = [api.get("statuses/") for _ in range(30)]

    assert {answer.status_code for answer in answers} == {200}
    assert not [name for name in answers[0].headers if name.startswith("X-RateLimit")]


class TestInSeveralProcesses:
    """A process is simulated by forgetting what this one has counted itself."""

    def test_redis_counts_exactly(self, api, shared, limits, clock, monkeypatch):
        limits(4, 2)
        seen = []
        for _ in range(3):
            monkeypatch.setattr(throttle, "_local", {})
            seen += [read(api), read(api), write(api)]

        assert seen == [200, 200, 400, 200, 200, 400, 429, 429, 429]

    def test_redis_begins_anew_with_each_minute(self, api, shared, limits, clock):
        limits(1, 0)

        assert [read(api), read(api)] == [200, 429]
        clock(61)
        assert [read(api), read(api)] == [200, 429]

    def test_counters_leave_redis_by_themselves(self, api, shared, limits, clock):
        limits(5, 0)
        read(api)

        client = redis.Redis.from_url(REDIS)
        [name] = client.keys(f"*:{ApiKey.objects.get().id}:*")
        assert 0 < client.ttl(name) <= 120

    def test_while_redis_is_away_each_process_counts_for_itself_and_nobody_waits(self, api, settings, limits, clock):
        settings.REDIS_URL = NOBODY
        limits(2, 0)
        began = time.monotonic()

        assert [read(api) for _ in range(3)] == [200, 200, 429]
        assert time.monotonic() - began < 2

    def test_it_counts_together_again_when_redis_is_back(self, api, settings, shared, limits, clock, monkeypatch):
        limits(2, 0)
        settings.REDIS_URL = NOBODY
        assert [read(api) for _ in range(3)] == [200, 200, 429]

        settings.REDIS_URL = REDIS
        assert read(api) == 429, "for a few seconds it is not asked again"
        monkeypatch.setattr(throttle, "_redis_rests_until", 0.0)
        assert [read(api) for _ in range(3)] == [200, 200, 429]
