"""The rail beside every page: the views with their counts."""

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
    count: int
    late: int = 0

    @property
    def address(self) -> str:
        return "/inbox/" if self.slug == START else f"/inbox/?view={self.slug}"


class Rail(msgspec.Struct):
    views: list[Item]
    categories: list[Item]


def made(person: StaffMember, reference: Reference) -> Rail:
    views = inbox.views(person, reference)
    categories = inbox.category_views(person, reference)
    numbers = inbox.counts([view for view in (*views, *categories) if view.slug != UNCOUNTED])

    def item(view: View) -> Item:
        return Item(view.slug, view.name, view.icon, numbers.get(view.slug, 0))

    return Rail([item(view) for view in views], [item(view) for view in categories])
