"""Filling the knowledge base: languages, sections, articles. One function per verb."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.utils.text import slugify

from reynard.desk import db
from reynard.desk.errors import REQUIRED, Problems
from reynard.desk.files import IncomingFile
from reynard.desk.models import Article, ArticleAttachment, Category, KbState, Language, Section
from reynard.desk.rules import messages
from reynard.desk.rules.tickets import join_list

TITLE_LIMIT = 255  # characters


def add_language(*, name: str, enabled: bool = True, visible: bool = True) -> Language:
    with db.write():
        language = Language.objects.create(name=name, enabled=enabled, visible=visible)
        _changed()
    return language


def add_section(
    *, name: str, description: str = "", parent: Section | None = None, categories: Sequence[Category] = ()
) -> Section:
    with db.write():
        section = Section.objects.create(name=name, description=description, parent=parent)
        section.categories.set(categories)
        _changed()
    return section


def add_article(
    *,
    section: Section,
    language: Language,
    title: str,
    contents: str,
    now: datetime,
    tags: Sequence[str] = (),
    internal: bool = False,
    needs_login: bool = False,
    related: Sequence[Article] = (),
    files: Sequence[IncomingFile] = (),
) -> Article:
    """A new article. `contents` is HTML, which is cleaned. Raises Invalid."""
    problems = Problems()
    problems.require("title", bool(title.strip()))
    if len(title) > TITLE_LIMIT:
        problems.add("title", f"Ensure this value has at most {TITLE_LIMIT} characters (it has {len(title)}).")
    html = _clean(contents, problems)
    problems.raise_if_any()
    with db.write():
        article = Article.objects.create(
            section=section,
            language=language,
            title=title.strip(),
            slug=slugify(title) or "article",
            contents=html,
            tags=join_list(list(tags)),
            internal=internal,
            needs_login=needs_login,
            last_updated_at=now,
        )
        article.related.set(related)
        ArticleAttachment.objects.bulk_create(
            ArticleAttachment(article=article, **msgspec.structs.asdict(file)) for file in files
        )
        _changed()
    return article


def _clean(contents: str, problems: Problems) -> str:
    try:
        message = messages.compose("", contents)
    except messages.BadHtml as error:
        problems.add("contents", str(error))
        return ""
    if message is None:
        problems.add("contents", REQUIRED)
        return ""
    return message.html


def _changed() -> None:
    """Versions are drawn, not counted: one that was rolled back never comes again with other articles."""
    KbState.objects.update_or_create(id=1, defaults={"version": secrets.randbits(48)})
