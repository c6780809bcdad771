"""When a delivery that failed is tried again: soon at first, then less and less often, for days.

The steps are those of webhooks.md §3, and mail has the same: ten seconds outlast a restart, five minutes a
greylist, hours an outage.
"""

from datetime import timedelta

PAUSES_SECONDS = (10, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600)
JITTER = 0.25  # of a pause, at most: what failed together is not tried again together


def pause(attempts: int, chance: float) -> timedelta:
    """How long to wait after the failure of attempt number `attempts` (from 1); `chance` is drawn from [0, 1)."""
    seconds = PAUSES_SECONDS[min(attempts, len(PAUSES_SECONDS)) - 1]
    return timedelta(seconds=seconds * (1 + JITTER * chance))
