"""What staff have begun to write, kept for them until it is sent."""

from datetime import datetime

from reynard.desk import db
from reynard.desk.models import Draft
from reynard.desk.rules.messages import TEXT_LIMIT


def keep(ticket_id: int, kind: Draft.Kind, text: str, *, staff_id: int, now: datetime) -> None:
    """Keep a draft in the place of the earlier one; an empty text keeps none. The ticket must be one they may see."""
    with db.write():
        mine = Draft.objects.filter(staff_id=staff_id, ticket_id=ticket_id, kind=kind)
        if not text.strip():
            mine.delete()
        elif not mine.update(text=text[:TEXT_LIMIT], updated_at=now):
            Draft.objects.create(
                staff_id=staff_id, ticket_id=ticket_id, kind=kind, text=text[:TEXT_LIMIT], updated_at=now
            )


def forget(ticket_id: int, kind: Draft.Kind, *, staff_id: int) -> None:
    Draft.objects.filter(staff_id=staff_id, ticket_id=ticket_id, kind=kind).delete()
