"""The one row of desk state that every reader looks at."""

from django.db import migrations


def create_state(apps, schema_editor):
    apps.get_model("desk", "DeskState").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_first")]
    operations = [migrations.RunPython(create_state, migrations.RunPython.noop)]
