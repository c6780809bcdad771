"""What Reynard is compared with: the floor, and the same work done the ordinary Django way.

* `floor` answers stored bytes: no authentication, no database. Nothing served by this server can be faster.
* The others answer what Reynard answers, with model instances: `select_related` and `prefetch_related` (nowhere a
  query per row), dictionaries, one encoding at the end. bench.check compares the answers.
"""

import hashlib
import hmac
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, wraps
from typing import Any

import msgspec
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, Prefetch
from django.http import HttpRequest, HttpResponse

from reynard.api.wire import fill_addresses
from reynard.desk.models import (
    ApiKey,
    Category,
    Contact,
    ContactPhone,
    CustomField,
    CustomFieldCategory,
    CustomFieldChoice,
    GroupMembership,
    Priority,
    Staff,
    Status,
    Subscription,
    Ticket,
    TicketCounter,
    Update,
)
from reynard.desk.rules import custom_fields, messages

JSON = "application/json; charset=utf-8"


@lru_cache(maxsize=64)
def _stored_body(size: int) -> bytes:
    return b'{"data":"%b"}' % (b"x" * max(0, size - 11))


def floor(request: HttpRequest, size: int) -> HttpResponse:
    return HttpResponse(_stored_body(size), content_type=JSON)


def _authenticated(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def checked(request: HttpRequest, **arguments: Any) -> HttpResponse:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        name, _, code = b64decode(encoded).decode().partition(":")
        key = ApiKey.objects.filter(key=name, revoked_at__isnull=True).first()
        digest = hashlib.sha256(code.encode()).hexdigest()
        if scheme != "Basic" or key is None or not hmac.compare_digest(digest, key.auth_code_sha256):
            return _answer({"error": "Authorization Required"}, 401)
        return view(request, **arguments)

    return checked


def _answer(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), status=status, content_type=JSON)


@_authenticated
def tickets(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _create(msgspec.json.decode(request.body))
    size = min(max(int(request.GET.get("size", 10)), 10), 50)
    live = Ticket.objects.filter(deleted_at__isnull=True).order_by("-last_updated_at", "-id")
    paginator = Paginator(_whole(live), size)
    page = paginator.page(int(request.GET.get("page", 1)))
    fields = _fields()
    data = [_ticket(row, fields) for row in page.object_list]
    info = {
        "count": len(data),
        "start_index": page.start_index(),
        "end_index": page.end_index(),
        "last_index": paginator.count,
        "page_count": paginator.num_pages,
    }
    encoded = msgspec.json.encode({"page_info": info, "data": data})
    return HttpResponse(_with_addresses(encoded, request), content_type=JSON)


@_authenticated
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    return _ticket_answer(number, request)


@_authenticated
def staff_update(request: HttpRequest, number: int) -> HttpResponse:
    _add_staff_update(number, msgspec.json.decode(request.body))
    return _ticket_answer(number, request)


def _ticket_answer(number: int, request: HttpRequest) -> HttpResponse:
    row = _whole(Ticket.objects.filter(deleted_at__isnull=True)).get(id=number)
    encoded = msgspec.json.encode(_ticket(row, _fields()))
    return HttpResponse(_with_addresses(encoded, request), content_type=JSON)


def _with_addresses(encoded: bytes, request: HttpRequest) -> bytes:
    return fill_addresses(encoded.replace(b"\\u0001", b"\x01"), f"{request.scheme}://{request.get_host()}")


# --- reading


def _whole(rows: Any) -> Any:
    """Tickets with everything their answers show, in a number of queries that does not depend on how many."""
    return rows.select_related("contact", "category", "status", "priority", "assignee__role").prefetch_related(
        Prefetch("assignee__categories", Category.objects.order_by("id")),
        Prefetch("contact__phones", ContactPhone.objects.order_by("id")),
        Prefetch("contact__memberships", GroupMembership.objects.select_related("group").order_by("group_id")),
        Prefetch("subscriptions", Subscription.objects.select_related("staff").order_by("staff_id")),
        Prefetch("merged", Ticket.objects.order_by("id")),
        Prefetch("updates", Update.objects.order_by("id")),
        "updates__attachments",
    )


def _fields() -> list[custom_fields.Field]:
    choices = Prefetch("choices", CustomFieldChoice.objects.order_by("order", "id"))
    places = Prefetch("in_categories", CustomFieldCategory.objects.order_by("category_id"))
    return [
        custom_fields.Field(
            id=row.id,
            kind=row.kind,
            name=row.name,
            type=row.type,
            compulsory_on_completed=row.compulsory_on_completed,
            visible_to_staff_only=row.visible_to_staff_only,
            choices={choice.id: custom_fields.Choice(choice.id, choice.text) for choice in row.choices.all()},
            categories={place.category_id: place.order for place in row.in_categories.all()},
        )
        for row in CustomField.objects.prefetch_related(choices, places).order_by("order", "id")
    ]


def _moment(value: datetime | None) -> str | None:
    return value.strftime("%Y-%m-%d %H:%M:%S") if value else None


def _text(text: str) -> str:
    return text.rstrip("\r\n") + "\n\n"


def _ticket(row: Ticket, fields: list[custom_fields.Field]) -> dict[str, Any]:
    there = [field for field in fields if row.category_id in field.categories]
    there.sort(key=lambda field: (field.categories[row.category_id], field.id))
    return {
        "id": row.id,
        "display_id": f"#{row.category.prefix}{row.id:08d}",
        "subject": row.subject,
        "first_message": _text(row.first_message),
        "status": _status(row.status),
        "priority": _priority(row.priority),
        "category": _category(row.category),
        "assigned_to": _staff(row.assignee) if row.assignee else None,
        "user": _contact(row.contact, fields),
        "subscribers": [_subscriber(subscription.staff) for subscription in row.subscriptions.all()],
        "tags": row.tags,
        "due_date": row.due_date.isoformat() if row.due_date else None,
        "time_spent": row.time_spent,
        "custom_fields": [
            _value(field, row.custom_values) | {"compulsory_on_complete": field.compulsory_on_completed}
            for field in there
        ],
        "messages_count": row.messages_count,
        "attachments_count": row.attachments_count,
        "sla_breaches": row.sla_breaches,
        "unresponded": row.unresponded,
        "visible_only_staff": row.visible_only_staff,
        "source": row.source,
        "created_at": _moment(row.created_at),
        "last_user_reply_at": _moment(row.last_contact_reply_at),
        "last_staff_reply_at": _moment(row.last_staff_reply_at),
        "last_updated_at": _moment(row.last_updated_at),
        "last_modified": _moment(row.last_modified_at),
        "merged_tickets": [merged.id for merged in row.merged.all()],
        "merged_to": row.merged_to_id,
        "jira_issue_id": None,
        "updates": [_update(update) for update in row.updates.all()],
    }


def _status(row: Status) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "color": row.color,
        "order": row.order,
        "default": row.is_default,
        "behavior": row.behavior,
    }


def _priority(row: Priority) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "order": row.order, "default": row.is_default}


def _category(row: Category) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "public": row.public,
        "time_spent_mandatory": row.time_spent_mandatory,
        "prepopulate_cc": row.prepopulate_cc,
    }


def _staff(row: Staff) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "active": row.active,
        "is_active": row.active,
        "is_account_admin": row.is_account_admin,
        "role": {"id": row.role.id, "name": row.role.name},
        "categories": [category.id for category in row.categories.all()],
        "permissions": row.role.permissions,
    }


def _subscriber(row: Staff) -> dict[str, Any]:
    return {"id": row.id, "first_name": row.first_name, "last_name": row.last_name, "email": row.email}


def _contact(row: Contact, fields: list[custom_fields.Field]) -> dict[str, Any]:
    phones = [
        {"id": phone.id, "type": phone.type, "number": phone.number, "is_primary": phone.is_primary}
        for phone in row.phones.all()
    ]
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "primary_phone": next((phone for phone in phones if phone["is_primary"]), None),
        "phones": phones,
        "contact_groups": [
            {
                "id": membership.group.id,
                "name": membership.group.name,
                "description": membership.group.description,
                "tagged_domains": membership.group.tagged_domains,
                "access_all_tickets_in_group": membership.access_all_tickets,
            }
            for membership in row.memberships.all()
        ],
        "custom_fields": [_value(field, row.custom_values) for field in fields if field.kind == "contact"],
        "tickets_count": row.tickets_count,
        "pending_tickets_count": row.pending_tickets_count,
        "created_at": _moment(row.created_at),
        "updated_at": _moment(row.updated_at),
        "is_login_enabled": row.is_login_enabled,
    }


def _value(field: custom_fields.Field, values: dict[str, Any]) -> dict[str, Any]:
    value, value_id = custom_fields.shown(field, values.get(str(field.id)))
    return {
        "id": field.id,
        "name": field.name,
        "type": field.type,
        "value": value,
        "value_id": value_id,
        "visible_to_staff_only": field.visible_to_staff_only,
    }


def _update(row: Update) -> dict[str, Any]:
    changes = msgspec.json.decode(row.changes) if row.changes else {}
    return {
        "update_id": row.id,
        "timestamp": _moment(row.created_at),
        "by": {"type": row.author_type, "id": row.author_id, "name": row.author_name, "email": row.author_email},
        "message": _message(row) if row.message_type != "-" else None,
        "status_change": changes.get("status"),
        "priority_change": changes.get("priority"),
        "assignee_change": changes.get("assignee"),
        "category_change": changes.get("category"),
        "due_date_change": changes.get("due_date"),
        "custom_field_change": None,
        "time_spent": row.time_spent,
        "satisfaction_survey": None,
    }


def _message(row: Update) -> dict[str, Any]:
    return {
        "id": row.id,
        "text": _text(row.text),
        "html": row.html,
        "subject": row.subject,
        "cc_list": row.cc,
        "bcc_list": row.bcc,
        "forward_list": row.forward_to,
        "message_type": "p" if row.message_type == "p" else None,
        "customer_updated": row.customer_updated,
        "attachments": [
            {
                "id": file.id,
                "filename": file.filename,
                "url": f"\x01{file.id}\x01",
                "size": file.size,
                "content_type": file.content_type,
            }
            for file in row.attachments.all()
        ],
    }


# --- writing


def _create(given: dict[str, Any]) -> HttpResponse:
    """The ticket of bench.load: a known contact, two custom fields, tags."""
    now = datetime.now(UTC)
    with transaction.atomic():
        category = Category.objects.get(id=given["category"], public=True)
        priority = Priority.objects.get(id=given["priority"])
        status = Status.objects.get(is_default=True)
        contact, _ = Contact.objects.get_or_create(
            email_key=given["email"].strip().casefold(),
            defaults={"email": given["email"], "name": given["name"], "created_at": now, "updated_at": now},
        )
        fields = {field.id: field for field in _fields() if category.id in field.categories}
        sent = {int(key[5:]): value for key, value in given.items() if key.startswith("t-cf-")}
        values = {str(id): custom_fields.read_value(fields[id], value) for id, value in sent.items()}
        message: Any = messages.compose(given["text"], given.get("html", ""))
        row = Ticket.objects.create(
            subject=given["subject"],
            subject_key=given["subject"].casefold()[:100],
            first_message=message.text,
            contact=contact,
            category=category,
            status=status,
            priority=priority,
            tags=given["tags"],
            custom_values=values,
            source="TKT_CREATION_API",
            messages_count=1,
            created_at=now,
            last_contact_reply_at=now,
            last_updated_at=now,
            last_modified_at=now,
        )
        changes: dict[str, Any] = {
            "status": {"old": None, "new": status.id, "old_name": None, "new_name": status.name},
            "priority": {"old": None, "new": priority.id, "old_name": None, "new_name": priority.name},
            "custom_fields": [
                {
                    "id": int(key),
                    "name": fields[int(key)].name,
                    "old": "",
                    "new": custom_fields.shown_as_text(fields[int(key)], value),
                }
                for key, value in values.items()
            ],
            "tags_added": given["tags"].split(","),
        }
        update = _insert_update(row, now, "user", contact, message, changes)
        row.last_update_id = update.id
        row.save()
        Contact.objects.filter(id=contact.id).update(
            tickets_count=F("tickets_count") + 1,
            pending_tickets_count=F("pending_tickets_count") + 1,
            version=F("version") + 1,
        )
        _count(category.id, status.id, 1)
    fresh = _whole(Ticket.objects.all()).get(id=row.id)
    return _answer(_ticket(fresh, _fields()))


def _add_staff_update(number: int, given: dict[str, Any]) -> None:
    """The update of bench.load: a reply and another status."""
    now = datetime.now(UTC)
    with transaction.atomic():
        row = Ticket.objects.select_for_update().get(id=number, deleted_at__isnull=True)
        staff = Staff.objects.get(id=given["staff"], active=True)
        old, new = row.status, Status.objects.get(id=given["status"])
        message: Any = messages.compose(given["text"], given.get("html", ""))
        change = {"old": old.id, "new": new.id, "old_name": old.name, "new_name": new.name}
        update = _insert_update(row, now, "staff", staff, message, {"status": change} if old != new else {})
        pending = new.behavior == Status.Behavior.PENDING
        row.status = new
        row.messages_count += 1
        row.contact_spoke_last = row.unresponded = False
        row.last_staff_reply_at = row.last_updated_at = row.last_modified_at = now
        if old != new and not pending:
            row.last_completed_at = now
        row.version += 1
        row.last_update_id = row.last_staff_message_id = update.id
        row.save()
        step = int(pending) - int(old.behavior == Status.Behavior.PENDING)
        if step:
            Contact.objects.filter(id=row.contact_id).update(
                pending_tickets_count=F("pending_tickets_count") + step, version=F("version") + 1
            )
        if old != new:
            _count(row.category_id, old.id, -1)
            _count(row.category_id, new.id, 1)


def _insert_update(
    row: Ticket, now: datetime, author_type: str, author: Any, message: Any, changes: dict[str, Any]
) -> Update:
    return Update.objects.create(
        ticket=row,
        category_id=row.category_id,
        created_at=now,
        author_type=author_type,
        author_id=author.id,
        author_name=author.name,
        author_email=author.email,
        message_type="m",
        text=message.text,
        html=message.html,
        changes=msgspec.json.encode(changes).decode() if changes else None,
    )


def _count(category_id: int, status_id: int, step: int) -> None:
    place = {"category_id": category_id, "status_id": status_id}
    if not TicketCounter.objects.filter(**place).update(tickets=F("tickets") + step):
        TicketCounter.objects.create(**place, tickets=step)
