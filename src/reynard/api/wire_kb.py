"""Rows of the knowledge base as the shapes of the wire (knowledge-base.md)."""

import re

from reynard.api import shapes, wire
from reynard.api.formats import WireDateTime
from reynard.desk.rules.tickets import split_list
from reynard.desk.selectors.knowledge_base import ArticleRow, SectionRow
from reynard.desk.selectors.reference import Reference


def article(row: ArticleRow, base_url: str) -> shapes.Article:
    return shapes.Article(
        id=row.id,
        title=row.title,
        contents=with_absolute_addresses(row.contents, base_url),
        slug=row.slug,
        full_url=_full_url(row.id, row.slug, base_url),
        section_id=row.section_id,
        section_name=row.section_name,
        tags=split_list(row.tags),
        language=shapes.Language(row.language_id, row.language_name, row.language_enabled, row.language_visible),
        views=row.views,
        last_updated_at=WireDateTime(f"{row.last_updated_at:%Y-%m-%d %H:%M:%S}"),
        attachments=[
            wire.article_attachment(file.id, file.filename, file.size, file.content_type, base_url)
            for file in row.attachments
        ],
        related_articles=[
            shapes.RelatedArticle(id, title, _full_url(id, slug, base_url)) for id, title, slug in row.related
        ],
    )


def section(row: SectionRow, reference: Reference, base_url: str, *, for_strangers: bool) -> shapes.Section:
    """Strangers learn of public categories only."""
    categories = [reference.categories[id] for id in row.category_ids if id in reference.categories]
    return shapes.Section(
        id=row.id,
        name=row.name,
        description=row.description,
        parent_section_id=row.parent_id,
        parent_section_name=row.parent_name,
        categories=[wire.category(found) for found in categories if found.public or not for_strangers],
        articles=[article(entry, base_url) for entry in row.articles],
    )


def _full_url(article_id: int, slug: str, base_url: str) -> str:
    return f"{base_url}/kb/article/{article_id}-{slug}/"


# Cleaned HTML has every value in double quotes, and no double quote in a value.
_ADDRESS = re.compile(r'(<(?:img|a)(?:\s[\w-]+="[^"]*")*?\s(?:src|href)=")([^"]*)"')
_COMPLETE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|#|$")  # with a scheme, or a place in the article itself


def with_absolute_addresses(html: str, base_url: str) -> str:
    """Clean HTML whose images and links are found from anywhere: relative addresses are the desk's."""
    return _ADDRESS.sub(lambda match: f'{match[1]}{_absolute(match[2], base_url)}"', html)


def _absolute(address: str, base_url: str) -> str:
    if _COMPLETE.match(address):
        return address
    if address.startswith("//"):
        return f"{base_url.partition(':')[0]}:{address}"
    return f"{base_url}/{address.lstrip('/')}"
