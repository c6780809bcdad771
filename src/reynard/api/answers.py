"""Answers and errors as HTTP responses, in the asked format (protocol.md §3, §8)."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from django.http import HttpResponse
from msgspec import UNSET

from reynard.api import formats, shapes, wire
from reynard.desk.errors import (
    Changed,
    DeskError,
    Invalid,
    KeyReused,
    NotAllowed,
    NotFound,
    NothingToUpdate,
    Problems,
    Refused,
    SearchTooSlow,
)

_TEXT_STATUSES: dict[type[DeskError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    NothingToUpdate: 400,
    Changed: 412,
    KeyReused: 409,
    SearchTooSlow: 503,
}


class Answer(msgspec.Struct):
    """A successful answer: JSON with marks for addresses (api/wire) and its shape, or a plain value."""

    encoded: bytes = b""
    shape: Any = None
    value: Any = UNSET
    etag: str = ""
    replayed: bool = False
    cache_control: str = ""  # where others may keep it; "" for the rule, which is that nobody may


def respond(answer: Answer, fmt: str, base_url: str) -> HttpResponse:
    """200 with a body, always (P-03)."""
    response = HttpResponse(_body(answer, fmt, base_url), content_type=formats.CONTENT_TYPES[fmt])
    if answer.etag:
        response.headers["ETag"] = answer.etag
    if answer.cache_control:
        response.headers["Cache-Control"] = answer.cache_control
    if answer.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _body(answer: Answer, fmt: str, base_url: str) -> bytes:
    if answer.value is not UNSET:
        return formats.encode(fmt, answer.value)
    encoded = wire.fill_addresses(answer.encoded, base_url)
    return encoded if fmt == "json" else formats.encode(fmt, formats.retype(encoded, answer.shape))


ProblemWriter = Callable[[Problems, str, Mapping[str, str]], HttpResponse]


def refuse(error: DeskError, fmt: str, names: Mapping[str, str], write_problems: ProblemWriter) -> HttpResponse:
    """The status and shape of a refusal; `names` are this operation's own names of the desk's fields."""
    if isinstance(error, Invalid):
        return write_problems(error.problems, fmt, names)
    if isinstance(error, Refused):
        body = shapes.ErrorMap({wire_name(field, names): text for field, text in error.fields.items()})
        return _error(400, body, fmt)
    return text(_TEXT_STATUSES[type(error)], str(error), fmt)


def problem_list(problems: Problems, fmt: str, names: Mapping[str, str]) -> HttpResponse:
    """Shape L: wrapped in JSON, the bare list in YAML and XML (P-10)."""
    found = field_errors(problems, names)
    return _error(400, shapes.ErrorList(found) if fmt == "json" else found, fmt)


def field_errors(problems: Problems, names: Mapping[str, str]) -> list[shapes.FieldError]:
    return [shapes.FieldError(wire_name(field, names), texts) for field, texts in problems.items()]


_ONE_SENTENCE = {"contact_ids", "contact_group_ids"}


def asset_problems(problems: Problems, fmt: str, names: Mapping[str, str]) -> HttpResponse:
    """Shape A: a list of sentences by field, one sentence for lists of ids, and those of custom fields by their id."""
    found: dict[str, Any] = {}
    for field, texts in problems.items():
        kind, _, number = field.partition(":")
        if kind == "asset_field":
            by_id = found.setdefault("custom_fields", {})
            if isinstance(by_id, dict):  # else what was sent is no mapping at all
                by_id[number] = texts[0]
        else:
            found[wire_name(field, names)] = texts[0] if field in _ONE_SENTENCE else texts
    return _error(400, shapes.AssetErrors(found), fmt)


def text(status: int, sentence: str, fmt: str) -> HttpResponse:
    """Shape T."""
    return _error(status, shapes.ErrorText(sentence), fmt)


def _error(status: int, body: Any, fmt: str) -> HttpResponse:
    return HttpResponse(formats.encode(fmt, body), status=status, content_type=formats.CONTENT_TYPES[fmt])


_KINDS = {"ticket_field": "t-cf-", "contact_field": "c-cf-"}


def wire_name(field: str, names: Mapping[str, str]) -> str:
    """A field of the desk as clients know it: `ticket_field:8` is `t-cf-8`, a contact is `client` or `user`."""
    kind, _, number = field.partition(":")
    if kind in _KINDS and number:
        return _KINDS[kind] + number
    return names.get(field, field)
