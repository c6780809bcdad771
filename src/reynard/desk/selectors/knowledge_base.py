"""The knowledge base as plain rows: what staff may read, what contacts may, what strangers may (knowledge-base.md).

The lists are complete, so the number of statements is fixed and none names articles one by one.
"""

import enum
from datetime import datetime
from typing import Any, NamedTuple

from reynard.desk import db
from reynard.desk.models import Article, ArticleAttachment, Section


class Audience(enum.Enum):
    """Whose articles are read: internal ones have a list of their own, and are in no other."""

    STAFF = "staff"  # internal articles
    CONTACTS = "contacts"  # external ones
    STRANGERS = "strangers"  # external ones that need no login

    def conditions(self, prefix: str = "") -> dict[str, Any]:
        found = {f"{prefix}internal": self is Audience.STAFF}
        if self is Audience.STRANGERS:
            found[f"{prefix}needs_login"] = False
        return found


class ArticleFile(NamedTuple):
    id: int
    filename: str
    size: int
    content_type: str


class ArticleRow(NamedTuple):
    id: int
    title: str
    contents: str
    slug: str
    section_id: int
    section_name: str
    tags: str
    language_id: int
    language_name: str
    language_enabled: bool
    language_visible: bool
    views: int
    last_updated_at: datetime
    attachments: list[ArticleFile]
    related: list[tuple[int, str, str]]  # id, title, slug


class SectionRow(NamedTuple):
    id: int
    name: str
    description: str
    parent_id: int | None
    parent_name: str | None
    category_ids: list[int]
    articles: list[ArticleRow]


class State(NamedTuple):
    """What an entity tag needs to know. `version` is another one after every change."""

    version: int
    has_files: bool


def state() -> State:
    files = "EXISTS (SELECT 1 FROM desk_articleattachment)"
    found = db.rows(f"SELECT (SELECT version FROM desk_kbstate WHERE id = 1), {files}")[0]
    return State(found[0] or 0, bool(found[1]))


def articles(audience: Audience) -> list[ArticleRow]:
    """All articles for an audience, by id."""
    return _articles(audience)


def article(article_id: int, audience: Audience) -> ArticleRow | None:
    return next(iter(_articles(audience, id=article_id)), None)


def sections(audience: Audience) -> list[SectionRow]:
    """All sections by id, with the articles that an audience may read; some have none."""
    return _sections(audience, {}, {})


def section(section_id: int, audience: Audience) -> SectionRow | None:
    return next(iter(_sections(audience, {"id": section_id}, {"section_id": section_id})), None)


_COLUMNS = (
    "id",
    "title",
    "contents",
    "slug",
    "section_id",
    "section__name",
    "tags",
    "language_id",
    "language__name",
    "language__enabled",
    "language__visible",
    "views",
    "last_updated_at",
)


def _articles(audience: Audience, **which: Any) -> list[ArticleRow]:
    files: dict[int, list[ArticleFile]] = {}
    attached = ArticleAttachment.objects.filter(**_of("article", audience, which)).order_by("id")
    for article_id, *file in attached.values_list("article_id", *ArticleFile._fields):
        files.setdefault(article_id, []).append(ArticleFile._make(file))
    related: dict[int, list[tuple[int, str, str]]] = {}
    for article_id, *other in _related(audience, which):
        related.setdefault(article_id, []).append((other[0], other[1], other[2]))
    rows = Article.objects.filter(**audience.conditions(), **which).order_by("id").values_list(*_COLUMNS)
    return [ArticleRow._make((*row, files.get(row[0], []), related.get(row[0], []))) for row in rows]


def _related(audience: Audience, which: dict[str, Any]) -> Any:
    """Related articles that the same audience may read; staff may read all."""
    links = Article.related.through.objects.filter(**_of("from_article", audience, which))
    if audience is not Audience.STAFF:
        links = links.filter(**audience.conditions("to_article__"))
    return links.order_by("to_article_id").values_list(
        "from_article_id", "to_article_id", "to_article__title", "to_article__slug"
    )


def _of(relation: str, audience: Audience, which: dict[str, Any]) -> dict[str, Any]:
    """The conditions for articles, seen from something that refers to them."""
    return audience.conditions(f"{relation}__") | {f"{relation}__{name}": value for name, value in which.items()}


def _sections(audience: Audience, which: dict[str, Any], articles: dict[str, Any]) -> list[SectionRow]:
    by_section: dict[int, list[ArticleRow]] = {}
    for row in _articles(audience, **articles):
        by_section.setdefault(row.section_id, []).append(row)
    categories: dict[int, list[int]] = {}
    links = Section.categories.through.objects.filter(**{f"section__{name}": value for name, value in which.items()})
    for section_id, category_id in links.order_by("category_id").values_list("section_id", "category_id"):
        categories.setdefault(section_id, []).append(category_id)
    rows = Section.objects.filter(**which).order_by("id")
    return [
        SectionRow(*row, categories.get(row[0], []), by_section.get(row[0], []))
        for row in rows.values_list("id", "name", "description", "parent_id", "parent__name")
    ]
