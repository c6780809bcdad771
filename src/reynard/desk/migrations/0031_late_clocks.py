from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0030_sent_forms'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='slaclock',
            name='sla_clock_late',
        ),
        migrations.AddIndex(
            model_name='slaclock',
            index=models.Index(condition=models.Q(('breached_at__isnull', False), ('finished_at__isnull', True)), fields=['due_at', 'ticket', 'policy'], name='sla_clock_late'),
        ),
    ]
