"""Articles and sections (knowledge-base.md)."""

from typing import Annotated

from msgspec import Meta, Struct

from reynard.api.formats import WireDateTime
from reynard.api.shapes.common import Attachment, Id
from reynard.api.shapes.reference import Category


class Language(Struct, gc=False):
    id: Id
    name: str
    enabled: Annotated[bool, Meta(description="Articles may be written in it.")]
    visible: Annotated[bool, Meta(description="Readers may choose it.")]


class RelatedArticle(Struct, gc=False):
    id: Id
    title: Annotated[str, Meta(description="The headline.")]
    full_url: Annotated[str, Meta(description="Its address in the portal.")]


class Article(Struct, gc=False):
    """An article of the knowledge base."""

    id: Id
    title: Annotated[str, Meta(description="The headline.")]
    contents: Annotated[str, Meta(description="Clean HTML; the addresses in it are absolute.")]
    slug: Annotated[str, Meta(description="The headline as it stands in `full_url`.")]
    full_url: Annotated[str, Meta(description="Its address in the portal.")]
    section_id: Annotated[Id, Meta(description="The section it is in.")]
    section_name: Annotated[str, Meta(description="The name of that section.")]
    tags: Annotated[list[str], Meta(description="Words it is filed under.")]
    language: Annotated[Language, Meta(description="The language it is written in.")]
    views: Annotated[int, Meta(description="How often it was read. Reading through the API does not count.")]
    last_updated_at: Annotated[WireDateTime, Meta(description="When it was last edited.")]
    attachments: list[Attachment]
    related_articles: Annotated[list[RelatedArticle], Meta(description="What to read next.")]


class Section(Struct, gc=False):
    """A chapter of the knowledge base with its external articles."""

    id: Id
    name: str
    description: str
    parent_section_id: Annotated[Id | None, Meta(description="The section it is part of.")]
    parent_section_name: Annotated[str | None, Meta(description="The name of that section.")]
    categories: Annotated[list[Category], Meta(description="The categories it belongs to.")]
    articles: Annotated[list[Article], Meta(description="By id; always a list, which may be empty.")]
