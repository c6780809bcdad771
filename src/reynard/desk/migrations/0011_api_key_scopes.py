"""API keys that only read, that are limited to categories, and that are disabled for a while."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('desk', '0008_sla'),
    ]
    operations = [
        migrations.AddField('apikey', 'read_only', models.BooleanField(default=False)),
        migrations.AddField('apikey', 'is_limited', models.BooleanField(default=False)),
        migrations.AddField(
            'apikey', 'categories', models.ManyToManyField(blank=True, related_name='+', to='desk.category')
        ),
        migrations.AddField('apikey', 'disabled_at', models.DateTimeField(null=True)),
    ]
