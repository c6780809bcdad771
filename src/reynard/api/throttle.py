"""How often somebody may call: a number of reads and of writes in each minute of the clock (protocol.md §10).

Each key is counted for itself, and so is each address that strangers come from.

Counted in Redis when REDIS_URL is set, and then exactly, over all processes; otherwise, and while Redis is away, by
each process for itself.
"""

import logging
import time
from functools import lru_cache
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil

import msgspec
import redis
from django.conf import settings

_log = logging.getLogger(__name__)
WINDOW_SECONDS = 60
_REDIS_TIMEOUT_SECONDS = 0.5
_REDIS_REST_SECONDS = 5.0  # how long a Redis that failed is left alone


class Allowance(msgspec.Struct, frozen=True):
    """What is left of the present window: `reset` is the seconds until the next; `remaining` below 0 is too many."""

    limit: int
    remaining: int
    reset: int

    @property
    def exceeded(self) -> bool:
        return self.remaining < 0


def stranger(address: str) -> str:
    """Who calls without a key: an address, or the IPv6 network of one, where everybody has as many as they like."""
    try:
        found = ip_address(address)
    except ValueError:
        return "stranger"
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))


def count(caller: str, *, writes: bool) -> Allowance | None:
    """Count one call by a key (its id) or a `stranger`; None when there is no limit."""
    limit = settings.REYNARD_THROTTLE_WRITES_PER_MINUTE if writes else settings.REYNARD_THROTTLE_READS_PER_MINUTE
    if not limit:
        return None
    now = time.time()
    window = int(now // WINDOW_SECONDS)
    reset = ceil((window + 1) * WINDOW_SECONDS - now)  # rounded down, whoever waits that long came too early
    calls = _increase(f"{caller}:{'w' if writes else 'r'}", window)
    return Allowance(limit=limit, remaining=limit - calls, reset=reset)


_local: dict[int, dict[str, int]] = {}  # the present window → its counters; strangers leave none behind for ever
_redis_rests_until = 0.0


def _increase(counter: str, window: int) -> int:
    """Calls in this window, this one included."""
    if settings.REDIS_URL and time.monotonic() >= _redis_rests_until:
        try:
            return _increase_shared(f"reynard:throttle:{counter}:{window}")
        except redis.RedisError as error:
            _let_redis_rest(error)
    if window not in _local:
        _local.clear()
        _local[window] = {}
    counters = _local[window]
    counters[counter] = counters.get(counter, 0) + 1
    return counters[counter]


def _increase_shared(name: str) -> int:
    with _redis(settings.REDIS_URL).pipeline(transaction=False) as pipeline:
        pipeline.incr(name)
        pipeline.expire(name, 2 * WINDOW_SECONDS)
        calls, _ = pipeline.execute()
    return int(calls)


def _let_redis_rest(error: redis.RedisError) -> None:
    global _redis_rests_until
    _redis_rests_until = time.monotonic() + _REDIS_REST_SECONDS
    _log.warning("Redis cannot be asked (%s); this process counts calls by itself for now.", error)


@lru_cache(maxsize=1)
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=_REDIS_TIMEOUT_SECONDS, socket_connect_timeout=_REDIS_TIMEOUT_SECONDS
    )
