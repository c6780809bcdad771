"""One operation: a method of a path, and how most of them are written down."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from reynard.desk.actions import bulk

Json = dict[str, Any]


class Operation(Struct, frozen=True, kw_only=True):
    """One method of one path. `refusals` says when a 400 of each shape is answered."""

    method: str
    path: str  # below /api/1.1/<format>/, or from the root for those of "Service"
    id: str
    tag: str
    summary: str
    description: str = ""
    parameters: tuple[str, ...] = ()  # names in PARAMETERS
    body: type[Struct] | None = None  # of api/requests
    answer: Any = None  # a shape or list of one; the whole is meant where `variants` are
    answer_text: str = ""
    may_be_file: bool = False  # the answer may also be the bytes of a file
    variants: tuple[str, ...] = ()  # other schemas a successful answer may have
    list_answer: Any = None  # the answer to a list of bodies, where one may be sent
    list_item: type[Struct] | None = None  # what such a list has when that is not the body
    most_items: int = 100  # of such a list
    refusals: Mapping[Any, str] = {}
    conditional: bool = False  # If-None-Match on reads, If-Match on writes
    public: bool = False  # may be read without credentials
    finds: bool = False  # the path names an element, which may not exist
    deprecated: bool = False
    example_query: Mapping[str, str] = {}

    @property
    def writes(self) -> bool:
        return self.method != "GET"


WRITE_REFUSALS = "A field is missing, wrong or unknown to the desk, or the body cannot be read."
CREATE_MANY = (
    f"**Lists.** In JSON and YAML the body may be a list of 1 to {bulk.LIMIT} such objects. The answer is then a list "
    "in the same order, with status 200 even if every item failed: an item that is refused leaves nothing behind and "
    "does not stop the others. One `Idempotency-Key` stands for the whole list."
)


def read_list(path: str, id: str, tag: str, shape: Any, words: str, order: str) -> Operation:
    return Operation(
        method="GET",
        path=path,
        id=id,
        tag=tag,
        summary=f"List all {words}",
        description=f"The complete list, without pages, by {order}.",
        answer=list[shape],
        answer_text=f"All {words}.",
    )


def read_one(path: str, id: str, tag: str, shape: Any, word: str, *parameters: str) -> Operation:
    article = "an" if word[0] in "aeiou" else "a"
    return Operation(
        method="GET",
        path=path,
        id=id,
        tag=tag,
        summary=f"Read {article} {word}",
        parameters=parameters or ("id",),
        answer=shape,
        answer_text=f"The {word}.",
        finds=True,
    )
