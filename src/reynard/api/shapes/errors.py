"""Refusals, in the four shapes of protocol.md §9."""

from typing import Annotated

from msgspec import Meta, Struct


class FieldError(Struct, gc=False):
    field: Annotated[str, Meta(description="A request key, or `__all__` for the whole request.")]
    errors: list[str]


class ErrorList(Struct, gc=False):
    """Shape L: what is wrong with which field, all of it at once."""

    error: list[FieldError]


class ErrorMap(Struct, gc=False):
    """Shape M: a rule of the ticket forbids the change."""

    error: dict[str, str]


class AssetErrors(Struct, gc=False):
    """Shape A: what is wrong with an asset, by field: sentences, one sentence, or sentences by field id."""

    error: dict[str, list[str] | str | dict[str, str]]


class ErrorText(Struct, gc=False):
    """Shape T: one sentence."""

    error: str
