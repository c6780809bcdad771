"""What an API key learns about itself (observed.md §2)."""

from django.conf import settings

import reynard
from reynard.api import shapes, wire
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.formats import WireDateTime


def read_me(call: Call) -> Answer:
    key = call.key
    assert key is not None  # strangers get no further than the endpoint
    staff = None if key.staff_id is None else wire.staff(call.reference.staff[key.staff_id])
    return Answer(
        value=shapes.Me(
            name=key.name,
            read_only=key.read_only,
            categories=None if key.categories is None else sorted(key.categories),
            staff=staff,
            limits=shapes.Limits(
                reads_per_minute=settings.REYNARD_THROTTLE_READS_PER_MINUTE or None,
                writes_per_minute=settings.REYNARD_THROTTLE_WRITES_PER_MINUTE or None,
                body_bytes=settings.BODY_LIMIT_BYTES,
                attachments_bytes=settings.ATTACHMENTS_LIMIT_BYTES,
            ),
            version=reynard.__version__,
            now=WireDateTime(f"{call.now:%Y-%m-%d %H:%M:%S}"),
        )
    )
