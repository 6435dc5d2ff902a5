"""Plans, and when a line may stand still for one."""

import common.ids
import django.db.models.deletion
import tenants.rls
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0025_graphs"),
        ("tenants", "0014_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MaintenanceWindow",
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
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("note", models.CharField(blank=True, default="", max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="Plan",
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
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("working", "Being worked out"),
                            ("done", "Ready"),
                            ("stopped", "Stopped"),
                            ("failed", "Could not be made"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("stop_requested_at", models.DateTimeField(blank=True, null=True)),
                ("wish", models.JSONField(default=dict)),
                ("points", models.JSONField(blank=True, default=list)),
                ("result", models.BinaryField(blank=True, null=True)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
            ],
        ),
        migrations.AddConstraint(
            model_name="pathrevision",
            constraint=models.UniqueConstraint(
                fields=("workspace", "id"), name="path_revision_key"
            ),
        ),
        migrations.AddField(
            model_name="maintenancewindow",
            name="added_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="maintenancewindow",
            name="line",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="exposure.line",
            ),
        ),
        migrations.AddField(
            model_name="maintenancewindow",
            name="site",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="exposure.site",
            ),
        ),
        migrations.AddField(
            model_name="maintenancewindow",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.workspace",
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="revision",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="exposure.pathrevision",
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.workspace",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancewindow",
            constraint=tenants.rls.WorkspaceFK(
                field="site", name="maintenance_window_site", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancewindow",
            constraint=tenants.rls.WorkspaceFK(
                field="line", name="maintenance_window_line", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancewindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                name="maintenance_window_ends_later",
                violation_error_message="A window ends after it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=tenants.rls.WorkspaceFK(
                field="revision", name="plan_revision", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                fields=("workspace", "number"), name="plan_number"
            ),
        ),
        tenants.rls.WallTable("exposure_maintenancewindow"),
        tenants.rls.WallTable("exposure_plan"),
    ]
