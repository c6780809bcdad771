"""When people write: the workshop in its opening hours, contacts when they are awake."""

import random
from datetime import datetime, timedelta

_OPENS = 8
_CLOSES = {**dict.fromkeys(range(5), 18), 5: 14}  # hour by weekday; closed on Sunday
_AWAKE = (6, 23)
_BUSY = (1, 0.9, 0.85, 0.85, 0.9, 0.6, 0.35)  # Monday to Sunday
_HOURS = (6, 7, 7, 8, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 20, 21, 22)


def at_work(moment: datetime, rng: random.Random) -> datetime:
    """The moment itself in opening hours, otherwise soon after the next opening."""
    while not _OPENS <= moment.hour < _CLOSES.get(moment.weekday(), 0):
        if moment.hour >= _OPENS:
            moment += timedelta(days=1)
        moment = moment.replace(hour=_OPENS, minute=0) + timedelta(seconds=rng.randrange(3 * 3600))
    return moment


def awake(moment: datetime, rng: random.Random) -> datetime:
    """The moment itself by day, otherwise in the morning."""
    if _AWAKE[0] <= moment.hour < _AWAKE[1]:
        return moment
    if moment.hour >= _AWAKE[1]:
        moment += timedelta(days=1)
    return moment.replace(hour=_AWAKE[0] + rng.randrange(3), minute=rng.randrange(60), second=rng.randrange(60))


def later(moment: datetime, rng: random.Random, minutes: tuple[int, int]) -> datetime:
    """Some time after a moment, more often soon than late."""
    fewest, most = minutes
    return moment + timedelta(seconds=int(60 * rng.triangular(fewest, most, fewest + (most - fewest) / 5)))


def some_time(end: datetime, rng: random.Random, days: int) -> datetime:
    """A moment in the days before `end`: more of late, few on Sundays, most in the morning and in the evening."""
    while True:
        day = end - timedelta(days=1 + int(days * rng.random() ** 1.5))
        if rng.random() < _BUSY[day.weekday()]:
            return day.replace(hour=rng.choice(_HOURS), minute=rng.randrange(60), second=rng.randrange(60))
