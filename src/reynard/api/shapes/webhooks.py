"""Webhooks and what was sent to them: our own addition, for those who watch them."""

from typing import Annotated

from msgspec import Meta, Struct

from reynard.api.formats import WireDateTime
from reynard.api.shapes.common import Id


class Webhook(Struct, gc=False):
    """Somebody who is told what happens to tickets. Its secret is never shown again."""

    id: Id
    name: str
    url: Annotated[str, Meta(description="Where deliveries go.")]
    events: Annotated[list[str], Meta(description="`ticket.created`, `ticket.updated`, `ticket.deleted`, `rule`.")]
    categories: Annotated[list[Id], Meta(description="Only tickets of these; empty for all.")]
    active: Annotated[bool, Meta(description="Whether anything is sent.")]
    off_because: Annotated[str, Meta(description="Why the desk switched it off; empty when it did not.")]
    failing_since: Annotated[
        WireDateTime | None, Meta(description="The first failure since the last success; null while all is well.")
    ]
    show_cf_changes: Annotated[bool, Meta(description="Updates come with changes of custom fields.")]
    envelope: Annotated[bool, Meta(description='The ticket comes inside `{"event": …, "ticket": …}`.')]
    signature_encoding: Annotated[str, Meta(description="Of `X-Happyfox-Webhook-Signature`: `hex` or `base64`.")]
    created_at: WireDateTime


class WebhookDelivery(Struct, gc=False):
    """One event for one webhook."""

    id: Id
    delivery_id: Annotated[str, Meta(description="`X-Webhook-Delivery` of its requests, and of every repetition.")]
    event: Annotated[str, Meta(description="`ticket.created`, `ticket.updated` or `ticket.deleted`.")]
    ticket: Annotated[Id, Meta(description="The ticket's number.")]
    update_id: Annotated[Id, Meta(description="The last update of the ticket that is sent.")]
    state: Annotated[str, Meta(description="`waiting`, `delivered`, or `failed`, when it was given up.")]
    attempts: Annotated[int, Meta(description="Requests so far.")]
    created_at: WireDateTime
    next_try_at: Annotated[WireDateTime | None, Meta(description="While it waits.")]
    ended_at: Annotated[WireDateTime | None, Meta(description="When it was delivered or given up.")]
    last_status: Annotated[int | None, Meta(description="Of the latest answer; null when none came.")]
    last_error: Annotated[str, Meta(description="Why the latest request failed; empty when none did.")]


class Header(Struct, gc=False):
    name: str
    value: Annotated[str, Meta(description="Its beginning, where it is long.")]


class WebhookRequest(Struct, gc=False):
    """One POST and its answer."""

    started_at: Annotated[WireDateTime, Meta(description="When it was sent.")]
    duration_ms: Annotated[int, Meta(description="Milliseconds until the answer had come, or had not.")]
    headers: Annotated[list[Header], Meta(description="As they were sent.")]
    body_sha256: Annotated[str, Meta(description="Of the body, which is not kept.")]
    body_bytes: Annotated[int, Meta(description="Its length.")]
    response_status: Annotated[int | None, Meta(description="Null when no answer came.")]
    response_headers: Annotated[list[Header], Meta(description="The first thirty.")]
    response_body: Annotated[str, Meta(description="Its first 2,000 characters.")]
    error: Annotated[str, Meta(description="Why it failed; empty when it did not.")]


class WebhookDeliveryLog(WebhookDelivery, gc=False):
    """A delivery with its requests."""

    requests: Annotated[list[WebhookRequest], Meta(description="The oldest first.")]


class WebhookDeliveryPage(Struct, gc=False):
    data: Annotated[list[WebhookDelivery], Meta(description="The newest first.")]
    next: Annotated[Id | None, Meta(description="`before` of the next page; null on the last one.")]
