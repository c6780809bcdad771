"""The outbox gets channels, lanes, an end of its patience, and the answers of each recipient."""

from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

_WAITING = Q(('dead_at__isnull', True), ('done_at__isnull', True))


def set_expiry(apps, schema_editor):
    entries = apps.get_model('desk', 'OutboxEntry').objects.all()
    entries.update(expires_at=F('created_at') + timedelta(days=3))


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0011_api_key_scopes'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='outboxentry', name='outbox_one_of_a_kind'),
        migrations.RemoveIndex(model_name='outboxentry', name='outbox_waiting'),
        migrations.AddField(
            model_name='outboxentry',
            name='answers',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='outboxentry',
            name='channel',
            field=models.CharField(choices=[('mail', 'Mail'), ('webhook', 'Webhook')], default='mail', max_length=10),
        ),
        migrations.AddField(
            model_name='outboxentry',
            name='expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(set_expiry, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='outboxentry',
            name='expires_at',
            field=models.DateTimeField(),
        ),
        migrations.AddField(
            model_name='outboxentry',
            name='lane',
            field=models.CharField(max_length=60, null=True),
        ),
        migrations.AlterField(
            model_name='outboxentry',
            name='recipients',
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name='outboxentry',
            name='update',
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='outbox',
                to='desk.update',
            ),
        ),
        migrations.AddIndex(
            model_name='outboxentry',
            index=models.Index(condition=_WAITING, fields=['channel', 'next_try_at', 'id'], name='outbox_waiting'),
        ),
        migrations.AddIndex(
            model_name='outboxentry',
            index=models.Index(
                condition=Q(('dead_at__isnull', True), ('done_at__isnull', True), ('lane__isnull', False)),
                fields=['lane', 'id'],
                name='outbox_lane',
            ),
        ),
        migrations.AddIndex(
            model_name='outboxentry',
            index=models.Index(fields=['ticket', 'id'], name='outbox_ticket'),
        ),
        migrations.AddIndex(
            model_name='outboxentry',
            index=models.Index(condition=Q(('done_at__isnull', False)), fields=['done_at'], name='outbox_done'),
        ),
        migrations.AddIndex(
            model_name='outboxentry',
            index=models.Index(condition=Q(('dead_at__isnull', False)), fields=['dead_at'], name='outbox_dead'),
        ),
        migrations.AddConstraint(
            model_name='outboxentry',
            constraint=models.UniqueConstraint(
                condition=Q(('channel', 'mail')), fields=('update', 'kind'), name='outbox_one_of_a_kind'
            ),
        ),
        migrations.AddConstraint(
            model_name='outboxentry',
            constraint=models.CheckConstraint(
                condition=Q(('update__isnull', False), Q(('channel', 'mail'), _negated=True), _connector='OR'),
                name='outbox_mail_has_update',
            ),
        ),
    ]
