"""The rail beside every page: the views with their counts."""

from datetime import UTC, datetime

import msgspec

from reynard.desk.selectors import inbox
from reynard.desk.selectors.inbox import View
from reynard.desk.selectors.reference import Reference, StaffMember

START = "all"  # the view people begin with
UNCOUNTED = "solved"  # nobody works it off


class Item(msgspec.Struct):
    slug: str
    name: str
    icon: str
    count: int | None  # None: it takes too long to find out
    has_more: bool = False  # than the count
    late: str = ""  # how many tickets are late, if any are

    @property
    def address(self) -> str:
        return "/inbox/" if self.slug == START else f"/inbox/?view={self.slug}"


class Rail(msgspec.Struct):
    views: list[Item]
    saved: list[Item]
    categories: list[Item]


def made(person: StaffMember, reference: Reference) -> Rail:
    now = datetime.now(UTC)
    plain = inbox.views(person, reference)
    categories = inbox.category_views(reference)
    plainly = [view for view in (*plain, *categories) if view.slug != UNCOUNTED and not view.filters.conditions]
    numbers: dict[str, int | None] = dict(inbox.counts(plainly, reference))

    def item(view: View) -> Item:
        if view.filters.conditions:
            numbers[view.slug] = inbox.count(view.news or view.filters, reference)
        return _item(view, numbers.get(view.slug, 0))

    views = [item(view) for view in plain]
    views[0].late = _late(reference)
    saved = [
        _item(view, inbox.count(view.filters, reference)) for view in inbox.saved_views(person, reference, now=now)
    ]
    return Rail(views, saved, [item(view) for view in categories])


def _item(view: View, count: int | None) -> Item:
    more = bool(view.filters.conditions) and count is not None and count > inbox.COUNTED
    return Item(view.slug, view.name, view.icon, inbox.COUNTED if more else count, has_more=more)


def _late(reference: Reference) -> str:
    late = inbox.late_count(reference)
    return f"{late}+" if late == inbox.PRESSING_LIMIT else str(late or "")
