"""Reading the knowledge base (knowledge-base.md)."""

from typing import Any

from reynard.api import shapes
from reynard.api.operations.operation import Operation


def _read_kb(path: str, id: str, summary: str, shape: Any, description: str, *, public: bool = True) -> Operation:
    return Operation(
        method="GET",
        path=path,
        id=id,
        tag="Knowledge base",
        summary=summary,
        description=description,
        parameters=("id",) if "{id}" in path else (),
        answer=shape,
        answer_text="As it may be read by the caller.",
        conditional=True,
        public=public,
        finds="{id}" in path,
    )


_KEPT = (
    "Without credentials, articles that need a login are left out, and the answer may be kept for a minute "
    "(`Cache-Control`). Internal articles are never here."
)

OPERATIONS: tuple[Operation, ...] = (
    _read_kb("kb/articles/", "listArticles", "List all external articles", list[shapes.Article], f"By id. {_KEPT}"),
    _read_kb(
        "kb/internal-articles/",
        "listInternalArticles",
        "List all internal articles",
        list[shapes.Article],
        "By id. These are for staff: they always need credentials, and cannot be read one by one.",
        public=False,
    ),
    _read_kb(
        "kb/sections/",
        "listSections",
        "List all sections with their articles",
        list[shapes.Section],
        f"All sections by id, flat, each with its external articles. {_KEPT}",
    ),
    _read_kb("kb/article/{id}/", "readArticle", "Read an external article", shapes.Article, _KEPT),
    _read_kb("kb/section/{id}/", "readSection", "Read a section with its articles", shapes.Section, _KEPT),
)
