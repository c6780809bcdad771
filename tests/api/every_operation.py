"""Requests for whatever the table of operations has, about things that the desk has.

What is true of every operation is tested with these, so that it is tested of the next one, too. An operation on things
of a new kind adds one of them to `furnish`.
"""

import re
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.api import requests
from reynard.api.operations import OPERATIONS, Operation
from reynard.desk import files
from reynard.desk.models import Attachment, GroupMembership, Subscription
from tests import factories
from tests.api.reading import staff_update
from tests.api.test_inline_attachments import PNG

READS = [operation for operation in OPERATIONS if not operation.writes]
WRITES = [operation for operation in OPERATIONS if operation.writes]


def named(operation: Operation) -> str:
    return operation.id


def furnish(desk: SimpleNamespace) -> SimpleNamespace:
    """One of everything, by parameter of a path, by what `{id}` follows in a path, and by key of a body."""
    services = factories.make_field("Services", "multiple_choice", categories=[desk.workshop], choices=("Tune-up",))
    customer = factories.make_field("Customer number", required=True)
    kept = files.keep(SimpleUploadedFile("pads.pdf", b"%PDF-1.7", "application/pdf"))
    webhook = factories.make_webhook(events=["ticket.created"])
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    staff_update(ticket, desk, text="The shifter cable was too long.", files=[kept])
    attachment = Attachment.objects.get()
    held = factories.make_received_mails(factories.make_mailbox(desk.workshop), attachment.update)
    bikes = factories.make_asset_type()
    motor = factories.make_asset_field(bikes, "Motor", "dropdown", choices=("Mid",))
    asset = factories.make_asset(bikes, desk.priya, "CB-001")
    group = factories.make_group()
    GroupMembership.objects.create(contact=desk.lena, group=group)
    Subscription.objects.create(ticket=ticket, staff=desk.priya)
    factories.fill_knowledge_base(desk)
    return SimpleNamespace(
        path={
            "number": str(ticket.id),
            "update_id": str(attachment.update_id),
            "contact": desk.lena.email,
            "person": str(desk.priya.id),
            "delivery": str(webhook.deliveries.get().id),
        },
        ids={
            "category": desk.workshop.id,
            "status": desk.new.id,
            "priority": desk.high.id,
            "ticket_custom_field": services.id,
            "user_custom_field": customer.id,
            "attachment": attachment.id,
            "contact_group": group.id,
            "report": factories.make_report(),
            "asset": asset.id,
            "asset_type": bikes.id,
            "asset_custom_field": motor.id,
            "asset_custom_fields": motor.id,
            "kb/article": desk.brakes.id,
            "kb/section": desk.maintenance.id,
            "webhook": webhook.id,
            "held_mail": held.id,
        },
        body={
            "client": desk.lena.id,
            "user": desk.lena.id,
            "staff": desk.priya.id,
            "staff_id": desk.priya.id,
            "data": [desk.jonas.id],
            "to": "parts@hubs.example",
            "ticket_attachments": [],
            "remove_attachments": [attachment.id],
            "ticket_id": ticket.id,
            "target_category_id": desk.office.id,
            "assign_to": desk.jonas.id,
            "category": desk.workshop.id,
            "status": desk.waiting.id,
            "priority": desk.high.id,
            "assignee": desk.jonas.id,
            "cc": "fleet@example.org",
            "bcc": ["archive@example.org"],
            "created_at": "2026-03-02T07:45:00",
            "due_date": "2026-03-20",
            "alert": "s,c",
            f"t-cf-{services.id}": ["Tune-up"],
            f"c-cf-{customer.id}": "K-2207",
            "created_by": desk.priya.id,
            "updated_by": desk.priya.id,
            "contact_ids": [desk.lena.id],
            "contact_group_ids": [],
            "custom_fields": {str(motor.id): motor.choices.first().id},
        },
    )


class Request(SimpleNamespace):
    """`path` below /api/1.1/<format>/, `method`, and the keywords of its body."""

    def send(self, api: Any, format: str = "json", **headers: str) -> Any:
        send = getattr(api, self.method.lower())
        return send(self.path, *self.body, format=format, **self.keywords, **headers)


def request(operation: Operation, known: SimpleNamespace) -> Request:
    """The published example of an operation, bent towards what the desk has; right in every way."""
    return Request(
        path=path(operation, known),
        method=operation.method,
        body=[_body(operation, known)] if operation.body else [b""] if operation.method == "POST" else [],
        keywords={"content_type": "multipart"} if operation.body is requests.UploadImage else {},
    )


def path(operation: Operation, known: SimpleNamespace) -> str:
    id = known.ids.get(operation.path.partition("/{")[0])
    named_parts = {**known.path, "id": id}
    found = re.sub(r"\{(\w+)\}", lambda match: str(named_parts[match[1]]), operation.path)
    actors = {"deleted_by": "deleted_by", "seen_by_staff": "staff_id"}
    query = [f"{key}={known.body['staff']}" for name, key in actors.items() if name in operation.parameters]
    return "?".join([found, *query])


def _body(operation: Operation, known: SimpleNamespace) -> dict[str, Any]:
    if operation.body is requests.UploadImage:
        return {"file": SimpleUploadedFile("frame.png", PNG, "image/png")}
    own = {
        requests.ReplaceChoices: {"choices": [{"id": None, "text": "Express service"}]},
        requests.EditContact: {"is_login_enabled": False},
        requests.PutMembers: {"contacts": [{"id": known.body["client"], "access_tickets": True}]},
        requests.RemoveMembers: {"contacts": [known.body["client"]]},
    }
    example = own.get(operation.body, requests.EXAMPLES[operation.body])
    body = {key: known.body.get(key, value) for key, value in example.items() if not re.match(r"\w+-cf-", key)}
    custom = {f"{prefix}-" for prefix in getattr(operation.body, "custom_keys", ())}
    return body | {key: value for key, value in known.body.items() if key.rstrip("0123456789") in custom}
