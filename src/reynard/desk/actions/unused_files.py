"""Bytes that no row refers to: of writes that were refused, and of uploads nobody used."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from reynard.desk import files

UNUSED_DAYS = 30  # that a file stays aside, where whoever refers to it again finds it
_SETTLED = timedelta(days=1)  # no write takes longer from keeping its files to its transaction
_PREFIXES_AT_ONCE = 8  # of 256: all have been looked at after 32 hours


def remove(*, now: datetime) -> int:
    """Look at some of the folders, other ones in each hour; returns how many files were set aside or removed."""
    first = int(now.timestamp() // 3600) * _PREFIXES_AT_ONCE
    prefixes = [f"{(first + n) % 256:02x}" for n in range(_PREFIXES_AT_ONCE)]
    return sum(remove_from(prefix, now=now) for prefix in prefixes)


def remove_from(prefix: str, *, now: datetime) -> int:
    removed = files.remove_set_aside(prefix, before=now - timedelta(days=UNUSED_DAYS))
    return removed + files.set_aside(prefix, _used, before=now - _SETTLED)


def _used(hashes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for model in _referring():
        found.update(model._default_manager.filter(sha256__in=hashes).values_list("sha256", flat=True))
    return found


def _referring() -> list[type[Model]]:
    return [model for model in apps.get_models() if _has_hash(model)]


def _has_hash(model: type[Model]) -> bool:
    try:
        model._meta.get_field("sha256")
    except FieldDoesNotExist:
        return False
    return True
