"""Mails that belong to no ticket are entries of the outbox, too: about an account, and warnings."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

_KINDS = ["acknowledgement", "message", "forward", "staff", "account", "warning"]
_OF_NO_TICKET = Q(("kind__in", ["account", "warning"]))


class Migration(migrations.Migration):
    dependencies = [("desk", "0025_report_figures")]
    operations = [
        migrations.RemoveConstraint("outboxentry", "outbox_mail_has_update"),
        migrations.AlterField(
            "outboxentry",
            "kind",
            models.CharField(max_length=15, choices=[(kind, kind.capitalize()) for kind in _KINDS]),
        ),
        migrations.AlterField(
            "outboxentry",
            "ticket",
            models.ForeignKey(
                "desk.ticket",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                db_index=False,
                related_name="outbox",
            ),
        ),
        migrations.AddConstraint(
            "outboxentry",
            models.UniqueConstraint(fields=["message_id"], condition=Q(kind="warning"), name="outbox_one_warning"),
        ),
        migrations.AddConstraint(
            "outboxentry",
            models.CheckConstraint(
                condition=Q(update__isnull=False) | ~Q(channel="mail") | _OF_NO_TICKET, name="outbox_mail_has_update"
            ),
        ),
        migrations.AddConstraint(
            "outboxentry",
            models.CheckConstraint(condition=Q(ticket__isnull=False) | _OF_NO_TICKET, name="outbox_has_ticket"),
        ),
    ]
