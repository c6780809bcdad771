"""The domains of contact groups one by one, so that a new contact finds its groups in an index."""

import django.db.models.deletion
from django.db import migrations, models


def copy_domains(apps, schema_editor):
    groups = apps.get_model("desk", "ContactGroup").objects.exclude(tagged_domains="")
    domains = apps.get_model("desk", "GroupDomain")
    for group in groups.order_by("id").iterator():
        items = {item.strip().lstrip("@").casefold()[:255] for item in group.tagged_domains.split(",")}
        domains.objects.bulk_create(domains(group=group, domain=item) for item in sorted(items - {""}))


class Migration(migrations.Migration):
    dependencies = [("desk", "0005_inline_uploads")]
    operations = [
        migrations.CreateModel(
            name="GroupDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(max_length=255)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="domains", to="desk.contactgroup"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("domain", "group"), name="group_domain_unique")],
            },
        ),
        migrations.RunPython(copy_domains, migrations.RunPython.noop),
    ]
