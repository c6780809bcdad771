"""Watching webhooks and repeating deliveries: our own addition (webhooks.md)."""

from reynard.api import shapes
from reynard.api.operations.operation import Operation

_TAG = "Webhooks"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="webhooks/",
        id="listWebhooks",
        tag=_TAG,
        summary="List all webhooks",
        description="The complete list, without pages, by id. They are set up with `reynard webhook create`.",
        answer=list[shapes.Webhook],
        answer_text="All webhooks, without their secrets.",
    ),
    Operation(
        method="GET",
        path="webhook/{id}/deliveries/",
        id="listDeliveries",
        tag=_TAG,
        summary="List the deliveries of a webhook",
        description="The newest first. What ended is remembered for as long as the operator says, usually 30 days.",
        parameters=("id", "size", "before", "failed"),
        answer=shapes.WebhookDeliveryPage,
        answer_text="One page, and where the next one begins.",
        finds=True,
    ),
    Operation(
        method="GET",
        path="webhook/{id}/delivery/{delivery}/",
        id="readDelivery",
        tag=_TAG,
        summary="Read a delivery with its requests",
        parameters=("id", "delivery"),
        answer=shapes.WebhookDeliveryLog,
        answer_text="The delivery.",
        finds=True,
    ),
    Operation(
        method="POST",
        path="webhook/{id}/delivery/{delivery}/redeliver/",
        id="redeliver",
        tag=_TAG,
        summary="Send a delivery again",
        description=(
            "One that waits or has failed leaves now, with all its attempts again. One that was delivered leaves as a "
            "new one, under the same `delivery_id`. The order of the ticket's deliveries is kept. Send no body."
        ),
        parameters=("id", "delivery"),
        answer=shapes.WebhookDelivery,
        answer_text="The delivery that leaves.",
        refusals={
            shapes.ErrorList: "`dry_run` or the body of a named write cannot be read.",
            shapes.ErrorMap: "The webhook is switched off; told at `webhook`.",
        },
        finds=True,
    ),
)
