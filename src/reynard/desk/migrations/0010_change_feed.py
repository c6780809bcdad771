"""What readers who follow the desk go by: ids that are settled, entries by category, deleted tickets in an index.

How PostgreSQL's writers announce ids is in docs/decisions/0006-followers-wait-for-ids-that-are-announced.md.
"""

import json

from django.db import migrations, models

_ANNOUNCED = {"desk_update": 0x7201, "desk_ticket": 0x7202, "desk_contact": 0x7203}

# `announce`: before a statement draws ids, every other reader can see that this transaction's are above `last`.
# `settled`: up to the answer no id can appear any more, for a statement that begins after this one.
_POSTGRES = """
CREATE FUNCTION {table}_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(
        ({space}::bigint << 48) | CASE WHEN is_called THEN last_value ELSE last_value - 1 END
    ) FROM {table}_id_seq;
    RETURN NULL;
END $$;

CREATE TRIGGER {table}_announces BEFORE INSERT ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_announce();

CREATE FUNCTION {table}_settled() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    drawn bigint;
    announced bigint;
BEGIN
    SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO drawn FROM {table}_id_seq;
    SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) INTO announced
        FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = {space}
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND pid IS DISTINCT FROM pg_backend_pid();
    RETURN least(drawn, announced);
END $$;
"""
_POSTGRES_BACK = """
DROP TRIGGER {table}_announces ON {table};
DROP FUNCTION {table}_announce();
DROP FUNCTION {table}_settled();
"""


def announce_ids(apps, schema_editor):
    _for_each_table(schema_editor, _POSTGRES)


def forget_announcing(apps, schema_editor):
    _for_each_table(schema_editor, _POSTGRES_BACK)


def _for_each_table(schema_editor, template):
    if schema_editor.connection.vendor == "postgresql":
        for table, space in _ANNOUNCED.items():
            schema_editor.execute(template.format(table=table, space=space))


# A large desk has millions of entries: SQLite keeps what a statement has changed until it ends.
_ENTRIES_AT_ONCE = 20_000
_MOVES_AT_ONCE = 1_000

_PLACE = (
    "UPDATE desk_update SET category_id = (SELECT category_id FROM desk_ticket t WHERE t.id = ticket_id) "
    "WHERE id > %s AND id <= %s"
)


def place_before_indexes(apps, schema_editor):
    """SQLite would move each entry within an index that has it already."""
    if schema_editor.connection.vendor == "sqlite":
        _place_entries(apps, schema_editor)


def place_after_indexes(apps, schema_editor):
    """PostgreSQL makes no index on a table whose rows were changed twice in one transaction."""
    if schema_editor.connection.vendor != "sqlite":
        _place_entries(apps, schema_editor)


def _place_entries(apps, schema_editor):
    """The category of each entry's ticket at that time: that of today, before a move the one it was moved from."""
    Update = apps.get_model("desk", "Update")
    last = Update.objects.order_by("-id").values_list("id", flat=True).first() or 0
    for start in range(0, last, _ENTRIES_AT_ONCE):
        schema_editor.execute(_PLACE, [start, start + _ENTRIES_AT_ONCE])
    moves = Update.objects.filter(changes__contains='"category":{').order_by("-id")
    before = last + 1
    while found := list(moves.filter(id__lt=before).values_list("ticket_id", "id", "changes")[:_MOVES_AT_ONCE]):
        for ticket_id, update_id, changes in found:
            left = json.loads(changes)["category"]["old"]
            Update.objects.filter(ticket_id=ticket_id, id=update_id).update(left_category_id=left)
            Update.objects.filter(ticket_id=ticket_id, id__lt=update_id).update(category_id=left)
        before = found[-1][1]


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0009_reports'),
    ]

    operations = [
        migrations.AddField(
            model_name='update',
            name='category_id',
            field=models.PositiveBigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='update',
            name='left_category_id',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.RunPython(place_before_indexes, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['last_update_id', 'deleted_at'], name='ticket_deleted'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['deleted_at', 'last_update_id'], name='ticket_deleted_at'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['category', 'last_update_id', 'deleted_at'], name='ticket_deleted_category'),
        ),
        migrations.AddIndex(
            model_name='update',
            index=models.Index(fields=['category_id', 'id'], name='update_category'),
        ),
        migrations.AddIndex(
            model_name='update',
            index=models.Index(condition=models.Q(('left_category_id__isnull', False)), fields=['left_category_id', 'id'], name='update_left_category'),
        ),
        migrations.RunPython(announce_ids, forget_announcing),
        migrations.RunPython(place_after_indexes, migrations.RunPython.noop),
    ]
