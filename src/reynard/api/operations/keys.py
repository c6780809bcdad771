"""What an API key learns about itself (observed.md §2)."""

from reynard.api import shapes
from reynard.api.operations.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="me/",
        id="readMe",
        tag="API key",
        summary="Ask what your key is and may",
        description="A good first request: it needs nothing but the key, and tells what is possible with it.",
        answer=shapes.Me,
        answer_text="The key, its staff member, and the desk.",
    ),
)
