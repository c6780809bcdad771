"""The knowledge base, for reading (knowledge-base.md). Reading counts no views: it never writes."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotModified

from reynard.api import wire_kb
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.desk.errors import NotFound
from reynard.desk.selectors import knowledge_base
from reynard.desk.selectors.knowledge_base import Audience, SectionRow

_FOR_STRANGERS = "public, max-age=60"


def list_articles(call: Call) -> Answer | HttpResponse:
    return _unless_known(call, lambda: _articles(call, _audience(call)))


def list_internal_articles(call: Call) -> Answer | HttpResponse:
    return _unless_known(call, lambda: _articles(call, Audience.STAFF))


def list_sections(call: Call) -> Answer | HttpResponse:
    return _unless_known(call, lambda: [_section(row, call) for row in knowledge_base.sections(_audience(call))])


def read_article(call: Call, id: str) -> Answer | HttpResponse:
    row = knowledge_base.article(int(id), _audience(call))
    if row is None:
        raise NotFound
    return _unless_known(call, lambda: wire_kb.article(row, call.base_url))


def read_section(call: Call, id: str) -> Answer | HttpResponse:
    row = knowledge_base.section(int(id), _audience(call))
    if row is None:
        raise NotFound
    return _unless_known(call, lambda: _section(row, call))


def _audience(call: Call) -> Audience:
    return Audience.STRANGERS if call.key is None else Audience.CONTACTS


def _articles(call: Call, audience: Audience) -> list[Any]:
    return [wire_kb.article(row, call.base_url) for row in knowledge_base.articles(audience)]


def _section(row: SectionRow, call: Call) -> Any:
    return wire_kb.section(row, call.reference, call.base_url, for_strangers=call.key is None)


def _unless_known(call: Call, build: Callable[[], Any]) -> Answer | HttpResponse:
    """The answer, or 304 for those who have it; what strangers get, anybody may keep for a minute."""
    tag = _etag(call)
    cache_control = _FOR_STRANGERS if call.key is None else ""
    if not call.has_current(tag):
        return Answer(value=build(), etag=tag, cache_control=cache_control)
    response = HttpResponseNotModified()
    response.headers["ETag"] = tag
    if cache_control:
        response.headers["Cache-Control"] = cache_control
    return response


def _etag(call: Call) -> str:
    """Names the state of everything that may stand in an answer; a new one before addresses of files expire."""
    state = knowledge_base.state()
    parts = ["kb", state.version, call.reference.version, _audience(call).value]
    if state.has_files:
        parts.append(int(time.time()) // (settings.ATTACHMENT_ADDRESS_SECONDS // 2))
    return '"{}"'.format("-".join(map(str, parts)))
