"""What reports add up of tickets, in an index of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0021_threading_mail")]
    operations = [
        migrations.AddIndex(
            "ticket",
            models.Index(
                fields=[
                    "assignee",
                    "contact",
                    "status",
                    "completed_seconds",
                    "replies_to_completion",
                    "contact_replies",
                    "time_spent",
                    "id",
                    "deleted_at",
                ],
                condition=models.Q(deleted_at__isnull=True),
                name="ticket_figures",
            ),
        )
    ]
