"""What tickets are found by: finer counters, tags and custom values by row, two full-text indexes.

Tickets that are there already come into the index by `reynard reindex`, which `serve` runs by itself on SQLite.
"""

import django.db.models.deletion
from django.db import migrations, models


_COUNT = """
    INSERT INTO desk_ticketcounter
        (category_id, status_id, priority_id, assignee_id, unresponded, breached, with_files, tickets)
    SELECT category_id, status_id, priority_id, coalesce(assignee_id, 0), unresponded, sla_breaches > 0,
        attachments_count > 0, count(*)
    FROM desk_ticket WHERE deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_SQLITE = [
    # Without the texts, which are in their tables; `ascii` takes the words as they are, folded by rules/words.
    "CREATE VIRTUAL TABLE desk_ticketsearch USING fts5"
    "(words, variants, content='', tokenize=\"ascii tokenchars '+#'\")",
    "CREATE VIRTUAL TABLE desk_contactsearch USING fts5(words, grams, tokenize=\"ascii tokenchars '+#'\")",
]
_POSTGRES = [
    # Out of line, so that counting matches walks a small table; a short list of what is not sorted in yet, because
    # every search reads it whole.
    "CREATE TABLE desk_ticketsearch (id bigint PRIMARY KEY, words tsvector NOT NULL) WITH (toast_tuple_target = 128)",
    "ALTER TABLE desk_ticketsearch ALTER COLUMN words SET STORAGE EXTERNAL",
    "CREATE INDEX ticketsearch_words ON desk_ticketsearch USING gin (words) WITH (gin_pending_list_limit = 256)",
    "CREATE TABLE desk_contactsearch (id bigint PRIMARY KEY, words tsvector NOT NULL, grams tsvector NOT NULL)",
    "CREATE INDEX contactsearch_words ON desk_contactsearch USING gin (words) WITH (gin_pending_list_limit = 256)",
    "CREATE INDEX contactsearch_grams ON desk_contactsearch USING gin (grams) WITH (gin_pending_list_limit = 256)",
]


def make_indexes(apps, schema_editor):
    for statement in _POSTGRES if schema_editor.connection.vendor == "postgresql" else _SQLITE:
        schema_editor.execute(statement)


def drop_indexes(apps, schema_editor):
    schema_editor.execute("DROP TABLE desk_ticketsearch")
    schema_editor.execute("DROP TABLE desk_contactsearch")


def start_search(apps, schema_editor):
    """Nothing that is there already is in the index; an empty desk has nothing to bring in."""
    empty = not apps.get_model("desk", "Ticket").objects.exists()
    empty = empty and not apps.get_model("desk", "Contact").objects.exists()
    apps.get_model("desk", "SearchState").objects.create(id=1, generation=2, complete=empty)


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0002_desk_state'),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM desk_ticketcounter", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='ContactValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='SearchState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('generation', models.PositiveIntegerField(default=1)),
                ('complete', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='TicketTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tag', models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='TicketValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='ticketcounter',
            name='counter_unique',
        ),
        migrations.RemoveIndex(
            model_name='ticket',
            name='ticket_updated',
        ),
        migrations.AddField(
            model_name='ticket',
            name='index_generation',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='ticketcounter',
            name='assignee_id',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='ticketcounter',
            name='breached',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='ticketcounter',
            name='priority',
            field=models.ForeignKey(db_index=False, default=1, on_delete=django.db.models.deletion.CASCADE, to='desk.priority'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='ticketcounter',
            name='unresponded',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='ticketcounter',
            name='with_files',
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-last_updated_at', '-id', 'status', 'category', 'unresponded', 'priority', 'assignee', 'deleted_at'], name='ticket_updated'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('last_staff_reply_at__isnull', False)), fields=['last_staff_reply_at', 'deleted_at'], name='ticket_staff_replied'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('last_contact_reply_at__isnull', False)), fields=['last_contact_reply_at', 'deleted_at'], name='ticket_contact_replied'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('last_completed_at__isnull', False)), fields=['last_completed_at', 'deleted_at'], name='ticket_completed'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('sla_breaches__gt', 0)), fields=['id', 'sla_breaches', 'deleted_at'], name='ticket_breached'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('attachments_count__gt', 0)), fields=['id', 'attachments_count', 'deleted_at'], name='ticket_files'),
        ),
        migrations.AddConstraint(
            model_name='ticketcounter',
            constraint=models.UniqueConstraint(fields=('category', 'status', 'priority', 'assignee_id', 'unresponded', 'breached', 'with_files'), name='counter_unique'),
        ),
        migrations.AddField(
            model_name='contactvalue',
            name='contact',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='value_rows', to='desk.contact'),
        ),
        migrations.AddField(
            model_name='contactvalue',
            name='field',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='desk.customfield'),
        ),
        migrations.AddField(
            model_name='tickettag',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tag_rows', to='desk.ticket'),
        ),
        migrations.AddField(
            model_name='ticketvalue',
            name='field',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='desk.customfield'),
        ),
        migrations.AddField(
            model_name='ticketvalue',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='value_rows', to='desk.ticket'),
        ),
        migrations.AddConstraint(
            model_name='contactvalue',
            constraint=models.UniqueConstraint(fields=('field', 'key', 'contact'), name='contact_value_unique'),
        ),
        migrations.AddConstraint(
            model_name='tickettag',
            constraint=models.UniqueConstraint(fields=('tag', 'ticket'), name='ticket_tag_unique'),
        ),
        migrations.AddConstraint(
            model_name='ticketvalue',
            constraint=models.UniqueConstraint(fields=('field', 'key', 'ticket'), name='ticket_value_unique'),
        ),
        migrations.RunPython(make_indexes, drop_indexes),
        migrations.RunPython(start_search, migrations.RunPython.noop),
        migrations.RunSQL(_COUNT, migrations.RunSQL.noop),
    ]
