"""Which tickets a list has: properties that are counted (TicketCounter), and conditions that are not."""

from collections.abc import Iterable
from typing import Any

import msgspec

Ids = frozenset[int]


class Condition(msgspec.Struct, frozen=True):
    """A condition on a row of desk_ticket, and the numbers of all tickets that meet it where an index has them.

    `source` selects `id` of live tickets only, and its first rows cheaply; `once`: each at most once. `scored` is what
    a full-text index is asked for how well tickets match.
    """

    where: str
    values: tuple[Any, ...] = ()
    source: str = ""
    source_values: tuple[Any, ...] = ()
    once: bool = False
    scored: str = ""


class Filters(msgspec.Struct, frozen=True):
    """All of them must be met; None: any. The assignee 0 is nobody."""

    statuses: Ids | None = None
    categories: Ids | None = None
    priorities: Ids | None = None
    assignees: Ids | None = None
    unresponded: bool | None = None
    breached: bool | None = None
    with_files: bool | None = None
    conditions: tuple[Condition, ...] = ()
    nothing: bool = False  # no ticket can meet them

    @property
    def are_scored(self) -> bool:
        return any(condition.scored for condition in self.conditions)


NOTHING = Filters(nothing=True)


def joined(several: Iterable[Filters]) -> Filters:
    """What meets all of several filters."""
    result = Filters()
    for one in several:
        result = _both(result, one)
    return result


def _both(first: Filters, second: Filters) -> Filters:
    flags = {name: _agreed(getattr(first, name), getattr(second, name)) for name in _FLAGS}
    return Filters(
        statuses=_common(first.statuses, second.statuses),
        categories=_common(first.categories, second.categories),
        priorities=_common(first.priorities, second.priorities),
        assignees=_common(first.assignees, second.assignees),
        conditions=first.conditions + second.conditions,
        nothing=first.nothing or second.nothing or _CONFLICT in flags.values(),
        **{name: value for name, value in flags.items() if value is not _CONFLICT},
    )


_FLAGS = ("unresponded", "breached", "with_files")
_CONFLICT: Any = object()


def _common(first: Ids | None, second: Ids | None) -> Ids | None:
    return second if first is None else first if second is None else first & second


def _agreed(first: bool | None, second: bool | None) -> Any:
    if first is None or second is None or first == second:
        return second if first is None else first
    return _CONFLICT
