"""Which SLA policies a ticket comes under."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from reynard.desk import db
from reynard.desk.models import Ticket
from reynard.desk.selectors import search, tickets
from reynard.desk.selectors.reference import Policy, Reference


def meeting_conditions(
    policies: Sequence[Policy], ticket: Ticket, reference: Reference, *, now: datetime
) -> list[Policy]:
    """Those whose condition the stored ticket meets, asked in one statement, or none when they have no conditions."""
    conditions: dict[int, str] = {}
    values: list[Any] = []
    for policy in policies:
        if not policy.condition:
            continue
        filters = search.read(policy.condition, reference.whole, now=now)
        condition, bound = ("1 = 0", []) if filters.nothing else tickets.condition_of(filters)
        conditions[policy.id] = f"CASE WHEN {condition} THEN 1 ELSE 0 END"
        values += bound
    met: set[int] = set()
    if conditions:
        sql = f"SELECT {', '.join(conditions.values())} FROM desk_ticket WHERE id = %s"
        answers = db.rows(sql, [*values, ticket.id])[0]
        met = {id for id, answer in zip(conditions, answers, strict=True) if answer}
    return [policy for policy in policies if not policy.condition or policy.id in met]
