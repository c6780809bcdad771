"""What an API key learns about itself."""

from typing import Annotated

from msgspec import Meta, Struct

from reynard.api.formats import WireDateTime
from reynard.api.shapes.common import Id
from reynard.api.shapes.reference import Staff


class Limits(Struct, gc=False):
    """How much the desk takes from one key."""

    reads_per_minute: Annotated[int | None, Meta(description="Null: as many as you like.")]
    writes_per_minute: Annotated[int | None, Meta(description="Null: as many as you like.")]
    body_bytes: Annotated[int, Meta(description="Of a body without files.")]
    attachments_bytes: Annotated[int, Meta(description="Of all files of one message together.")]


class Me(Struct, gc=False):
    """The API key of the request, and the desk it opens."""

    name: Annotated[str, Meta(description="What the operator called the key.")]
    read_only: Annotated[bool, Meta(description="Anything but `GET` and `HEAD` is 403.")]
    categories: Annotated[
        list[Id] | None, Meta(description="The only categories whose tickets there are for the key. Null: all.")
    ]
    staff: Annotated[Staff | None, Meta(description="Who acts where a request names nobody. Null: somebody must.")]
    limits: Annotated[Limits, Meta(description="How much the desk takes.")]
    version: Annotated[str, Meta(description="Of the server.")]
    now: Annotated[WireDateTime, Meta(description="The desk's clock, in UTC.")]
