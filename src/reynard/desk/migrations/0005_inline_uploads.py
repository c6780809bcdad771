"""Images that wait to be used in a message, and deleted choices that fields still depend on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('desk', '0004_outbox'),
    ]
    operations = [
        migrations.CreateModel(
            name='InlineUpload',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('filename', models.CharField(max_length=255)),
                ('content_type', models.CharField(max_length=127)),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name='customfieldchoice',
            name='deleted',
            field=models.BooleanField(default=False),
        ),
    ]
