"""What each site adds to a revision, for roll-ups; the next rebuild fills old ones."""

import common.ids
import django.db.models.deletion
import tenants.rls
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0028_change_costs"),
        ("tenants", "0014_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="SiteExposure",
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
                ("units", models.FloatField()),
                ("low", models.FloatField()),
                ("high", models.FloatField()),
                ("moved", models.FloatField(blank=True, null=True)),
                ("lines", models.PositiveIntegerField()),
                ("reached", models.PositiveIntegerField()),
                (
                    "worst_line",
                    models.CharField(blank=True, default="", max_length=120),
                ),
                (
                    "change_label",
                    models.CharField(blank=True, default="", max_length=300),
                ),
                ("change_site_id", models.UUIDField(blank=True, null=True)),
                ("change_removes", models.FloatField(default=0.0)),
                ("checked_at", models.DateTimeField()),
                (
                    "revision",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="exposure.pathrevision",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="exposure.site",
                    ),
                ),
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
                    tenants.rls.WorkspaceFK(
                        field="revision",
                        name="site_exposure_revision",
                        on_delete="CASCADE",
                    ),
                    tenants.rls.WorkspaceFK(
                        field="site", name="site_exposure_site", on_delete="CASCADE"
                    ),
                    models.UniqueConstraint(
                        fields=("workspace", "revision", "site"),
                        name="site_exposure_once",
                    ),
                ],
            },
        ),
        tenants.rls.WallTable("exposure_siteexposure"),
    ]
