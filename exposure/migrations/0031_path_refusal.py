"""Why a plant cannot be counted now; no row for one that can."""

import common.ids
import django.db.models.deletion
import tenants.rls
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0030_controls"),
        ("tenants", "0014_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="PathRefusal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("words", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace",), name="one_path_refusal"
                    ),
                ],
            },
        ),
        tenants.rls.WallTable("exposure_pathrefusal"),
    ]
