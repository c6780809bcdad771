"""Contact groups as plain rows: all of them, and one with its members."""

from typing import NamedTuple

from reynard.desk import db

_GROUPS = "SELECT id, name, description, tagged_domains FROM desk_contactgroup"
_MEMBERS = (
    "SELECT c.id, c.name, c.email, m.access_all_tickets FROM desk_groupmembership m "
    "JOIN desk_contact c ON c.id = m.contact_id WHERE m.group_id = %s ORDER BY c.id"
)


class GroupRow(NamedTuple):
    id: int
    name: str
    description: str
    tagged_domains: str


class MemberRow(NamedTuple):
    id: int
    name: str
    email: str | None
    access_all_tickets: int


def everything() -> list[GroupRow]:
    """By id."""
    return list(map(GroupRow._make, db.rows(f"{_GROUPS} ORDER BY id")))


def by_id(group_id: int) -> GroupRow | None:
    return next(map(GroupRow._make, db.rows(f"{_GROUPS} WHERE id = %s", (group_id,))), None)


def members(group_id: int) -> list[MemberRow]:
    """Every member, by id."""
    return list(map(MemberRow._make, db.rows(_MEMBERS, (group_id,))))
