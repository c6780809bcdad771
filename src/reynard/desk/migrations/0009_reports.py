"""Saved reports, and what they count of the history, filled in from the histories that are there.

That takes about a minute for 100,000 tickets with 600,000 entries.
"""

import json

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Max, Q

_BATCH = 2_000  # tickets
_COUNTS = ["waiting_since", "staff_replies", "contact_replies", "completed_seconds", "replies_to_completion"]
_COLUMNS = (
    "update_id ticket_id created_at kind staff_id minutes age waited first_response assigned completed "
    "first_message_of_author first_reply_of_author first_time_of_author"
).split()
_ENTRY = "id ticket_id created_at author_type author_id message_type forward_to time_spent changes".split()


def count_histories(apps, schema_editor):
    model = apps.get_model("desk", "Ticket")
    statuses = apps.get_model("desk", "Status").objects.filter(behavior="completed")
    completed = set(statuses.values_list("id", flat=True))
    last = model.objects.aggregate(last=Max("id"))["last"] or 0
    with schema_editor.connection.cursor() as cursor:
        for start in range(0, last, _BATCH):
            numbers = model.objects.filter(deleted_at__isnull=True, id__gt=start, id__lte=start + _BATCH)
            tickets = {id: _Ticket(created_at) for id, created_at in numbers.values_list("id", "created_at")}
            _count(apps, schema_editor.connection.ops, cursor, tickets, completed)


class _Ticket:
    def __init__(self, created_at):
        self.created_at = created_at
        self.waiting_since = self.completed_seconds = self.replies_to_completion = None
        self.staff_replies = self.contact_replies = 0
        self.known = set()  # (staff, what they did before)


def _count(apps, operations, cursor, tickets, completed):
    entries = apps.get_model("desk", "Update").objects.filter(ticket_id__in=list(tickets))
    rows, begun = [], set()
    for entry in entries.order_by("ticket_id", "id").values(*_ENTRY).iterator():
        opens = entry["ticket_id"] not in begun
        begun.add(entry["ticket_id"])
        row = _follow(tickets[entry["ticket_id"]], entry, completed, opens)
        if row:
            row["created_at"] = operations.adapt_datetimefield_value(row["created_at"])
            rows.append(list(row.values()))
    cursor.executemany(f"INSERT INTO desk_activity ({', '.join(_COLUMNS)}) VALUES ({_places(_COLUMNS)})", rows)
    settings = ", ".join(f"{name} = %s" for name in _COUNTS)
    values = [
        [operations.adapt_datetimefield_value(ticket.waiting_since), *(getattr(ticket, n) for n in _COUNTS[1:]), id]
        for id, ticket in tickets.items()
    ]
    cursor.executemany(f"UPDATE desk_ticket SET {settings} WHERE id = %s", values)


def _places(values):
    return ", ".join(["%s"] * len(values))


def _follow(ticket, entry, completed, opens):
    """What rules/activity did when this was written."""
    changes = json.loads(entry["changes"] or "{}")
    status, assignee = changes.get("status"), changes.get("assignee")
    before = status is not None and status["old"] in completed
    after = status is not None and status["new"] in completed
    by_staff, minutes, at = entry["author_type"] == "staff", entry["time_spent"] or 0, entry["created_at"]
    age, waited, first, kind = _seconds(ticket.created_at, at), None, False, _kind(entry, opens)
    if kind == "r":
        waited = _seconds(ticket.waiting_since, at) if ticket.waiting_since else None
        first = ticket.staff_replies == 0
        ticket.staff_replies += 1
        ticket.waiting_since = None
    elif kind == "c" or opens:
        ticket.contact_replies += not opens
        ticket.waiting_since = ticket.waiting_since or at
    if after and not before:
        ticket.waiting_since = None
        ticket.completed_seconds, ticket.replies_to_completion = age, ticket.staff_replies
    elif before and not after:
        ticket.completed_seconds = ticket.replies_to_completion = None
    assigned = assignee is not None and assignee["new"] is not None
    if kind == "-" and not (by_staff and minutes) and not (assigned or (after and not before)):
        return None
    return {
        "update_id": entry["id"],
        "ticket_id": entry["ticket_id"],
        "created_at": at,
        "kind": kind,
        "staff_id": entry["author_id"] if by_staff else None,
        "minutes": minutes,
        "age": age,
        "waited": waited,
        "first_response": first,
        "assigned": assigned,
        "completed": after and not before,
        "first_message_of_author": by_staff and kind in {"r", "n"} and _is_new(ticket, entry, "message"),
        "first_reply_of_author": by_staff and kind == "r" and _is_new(ticket, entry, "reply"),
        "first_time_of_author": by_staff and minutes > 0 and _is_new(ticket, entry, "time"),
    }


def _is_new(ticket, entry, what):
    before = (entry["author_id"], what) in ticket.known
    ticket.known.add((entry["author_id"], what))
    return not before


def _kind(entry, opens):
    if opens or entry["forward_to"] is not None or entry["message_type"] not in {"m", "p"}:
        return "-"
    if entry["author_type"] == "staff":
        return "n" if entry["message_type"] == "p" else "r"
    return "c" if entry["author_type"] == "user" else "-"


def _seconds(earlier, later):
    return max(0, int((later.replace(microsecond=0) - earlier.replace(microsecond=0)).total_seconds()))


class Migration(migrations.Migration):
    dependencies = [("desk", "0016_saved_views")]
    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
                ("description", models.TextField(blank=True, default="")),
                ("query", models.TextField(blank=True, default="")),
                ("period_type", models.CharField(default="cr", max_length=3)),
                ("period_range", models.CharField(blank=True, default="", max_length=3)),
                ("period_start", models.DateField(null=True)),
                ("period_end", models.DateField(null=True)),
            ],
        ),
        migrations.AddField("ticket", "waiting_since", models.DateTimeField(null=True)),
        migrations.AddField("ticket", "staff_replies", models.PositiveIntegerField(default=0)),
        migrations.AddField("ticket", "contact_replies", models.PositiveIntegerField(default=0)),
        migrations.AddField("ticket", "completed_seconds", models.PositiveBigIntegerField(null=True)),
        migrations.AddField("ticket", "replies_to_completion", models.PositiveIntegerField(null=True)),
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "update",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="desk.update",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("kind", models.CharField(max_length=1)),
                ("minutes", models.PositiveIntegerField(default=0)),
                ("age", models.PositiveBigIntegerField()),
                ("waited", models.PositiveBigIntegerField(null=True)),
                ("first_response", models.BooleanField(default=False)),
                ("first_message_of_author", models.BooleanField(default=False)),
                ("first_reply_of_author", models.BooleanField(default=False)),
                ("first_time_of_author", models.BooleanField(default=False)),
                ("assigned", models.BooleanField(default=False)),
                ("completed", models.BooleanField(default=False)),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="desk.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=[
                            "staff",
                            "ticket",
                            "kind",
                            "minutes",
                            "waited",
                            "age",
                            "first_response",
                            "first_message_of_author",
                            "first_reply_of_author",
                            "first_time_of_author",
                        ],
                        condition=Q(staff__isnull=False),
                        name="activity_staff",
                    ),
                    models.Index(fields=["kind", "created_at", "ticket"], name="activity_kind"),
                    models.Index(
                        fields=["created_at", "ticket", "assigned"],
                        condition=Q(assigned=True),
                        name="activity_assigned",
                    ),
                    models.Index(
                        fields=["created_at", "ticket", "completed"],
                        condition=Q(completed=True),
                        name="activity_completed",
                    ),
                ],
            },
        ),
        migrations.RunPython(count_histories, migrations.RunPython.noop),
    ]
