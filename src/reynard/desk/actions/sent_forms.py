"""Forms of the pages that must not be taken twice: pressed twice, or sent again by a reload.

A form names itself with a value that is drawn when it is shown. Of two requests with one name the second waits until
the first is committed, and is led to where that one led; a first that was refused leaves no trace.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from reynard.desk import db
from reynard.desk.actions.idempotency import oldest_kept
from reynard.desk.models import SentForm

_BATCH = 1000  # rows of one transaction, where others wait to write


Made = TypeVar("Made")


class SentBefore(Exception):
    """This form was taken before; who sends it again goes where `leads_to` says."""

    def __init__(self, leads_to: str) -> None:
        super().__init__(leads_to)
        self.leads_to = leads_to


def once(act: Callable[[], Made], *, staff_id: int, name: str, leads_to: str, now: datetime) -> Made:
    """Do what a form asks for, in one transaction with the memory of it. Raises SentBefore."""
    with db.write():
        row, is_first = SentForm.objects.get_or_create(
            staff_id=staff_id, name=name, defaults={"leads_to": leads_to, "created_at": now}
        )
        if not is_first:
            raise SentBefore(row.leads_to)
        return act()


def forget_expired(*, now: datetime) -> bool:
    """Drop some of the forms nobody sends again any more; whether there may be others."""
    expired = SentForm.objects.filter(created_at__lt=oldest_kept(now))
    ids = list(expired.values_list("id", flat=True)[:_BATCH])
    with db.write():
        expired.filter(id__in=ids).delete()
    return len(ids) == _BATCH
