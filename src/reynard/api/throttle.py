"""How often a key may call: a number of reads and of writes in each minute of the clock (protocol.md §10).

Counted in Redis when REDIS_URL is set, and then exactly, over all processes; otherwise, and while Redis is away, by
each process for itself.
"""

import logging
import time
from functools import lru_cache
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


def count(key_id: int, *, writes: bool) -> Allowance | None:
    """Count one call; None when there is no limit."""
    limit = settings.REYNARD_THROTTLE_WRITES_PER_MINUTE if writes else settings.REYNARD_THROTTLE_READS_PER_MINUTE
    if not limit:
        return None
    now = time.time()
    window = int(now // WINDOW_SECONDS)
    reset = ceil((window + 1) * WINDOW_SECONDS - now)  # rounded down, whoever waits that long came too early
    calls = _increase(f"{key_id}:{'w' if writes else 'r'}", window)
    return Allowance(limit=limit, remaining=limit - calls, reset=reset)


_local: dict[str, tuple[int, int]] = {}  # counter → (window, calls)
_redis_rests_until = 0.0


def _increase(counter: str, window: int) -> int:
    """Calls in this window, this one included."""
    if settings.REDIS_URL and time.monotonic() >= _redis_rests_until:
        try:
            return _increase_shared(f"reynard:throttle:{counter}:{window}")
        except redis.RedisError as error:
            _let_redis_rest(error)
    kept, calls = _local.get(counter, (window, 0))
    calls = calls + 1 if kept == window else 1
    _local[counter] = (window, calls)
    return calls


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
