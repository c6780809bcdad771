"""Reynard's settings with the yardsticks beside its routes, and nobody throttled."""

from reynard.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
REYNARD_THROTTLE_READS_PER_MINUTE = 0
REYNARD_THROTTLE_WRITES_PER_MINUTE = 0
