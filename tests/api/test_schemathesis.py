"""Generated requests, right and wrong, against everything the document describes.

Every answer must be a documented status in a documented media type and of the documented shape, and never a 5xx. Half
of the requests are bent towards what the desk has, so that they get past the first check.

SCHEMATHESIS_EXAMPLES sets the number of requests per operation and kind.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
import schemathesis
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import CheckContext, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from reynard.api.operations import OPERATIONS
from tests.api.every_operation import furnish

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "20"))


def is_well_formed_xml(ctx: CheckContext, response: Response, case: schemathesis.Case) -> None:
    """The shape of XML answers is that of the others; here it is enough that they can be read."""
    if response.headers["content-type"][0].startswith("application/xml"):
        assert ElementTree.fromstring(response.content).tag == "response"


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    is_well_formed_xml,
]


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """The end of a request may close the database connection, and with it the test's own transaction."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def _desk(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The desk as a WSGI application whose answers are closed, as servers do and this client does not."""
    answer = WSGIHandler()(environ, start_response)
    with closing(answer):
        return list(answer)


@pytest.fixture
def target(api: Any, desk: SimpleNamespace, kept_connection: None) -> SimpleNamespace:
    """The description as the desk serves it, credentials, and what the desk has, by parameter and by key."""
    return SimpleNamespace(
        schema=schemathesis.openapi.from_wsgi("/api/openapi.json", _desk),
        headers={"Authorization": api.authorization},
        **vars(furnish(desk)),
    )


def _bend(case: schemathesis.Case, target: SimpleNamespace) -> None:
    """Make a request name things the desk has."""
    kind = case.path.removeprefix("/{format}/").partition("/{")[0]
    known = {**target.path, "id": target.ids.get(kind), "format": case.path_parameters.get("format")}
    case.path_parameters = {name: known[name] for name in case.path_parameters}
    case.headers.pop("If-Match", None)
    if isinstance(case.body, dict):
        for key in case.body.keys() & target.body.keys():
            case.body[key] = target.body[key]
        for key in ("parent_update", "last_staff_message"):
            case.body.pop(key, None)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_answer_is_as_described(operation, mode, target):
    described = target.schema.find_operation_by_id(operation.id)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize="SCHEMATHESIS_EXAMPLES" not in os.environ,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described.as_strategy(generation_mode=mode), bent=st.booleans())
    def run(case: schemathesis.Case, bent: bool) -> None:
        if bent:
            _bend(case, target)
        case.call_and_validate(headers=target.headers, checks=CHECKS)

    run()
