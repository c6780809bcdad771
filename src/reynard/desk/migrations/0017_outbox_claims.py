"""A claim of outbox entries has a mark, so that its lease can be renewed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0010_change_feed'),
    ]

    operations = [
        migrations.AddField(
            model_name='outboxentry',
            name='leased_by',
            field=models.CharField(blank=True, default='', max_length=32),
        ),
    ]
