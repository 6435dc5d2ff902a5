"""What stands before a weakness or on a way, and its tests, which are only added to."""

import common.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.rls import WallTable, WorkspaceFK


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0029_site_exposure"),
        ("tenants", "0014_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Control",
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
                ("name", models.CharField(max_length=120)),
                ("does", models.CharField(max_length=300)),
                ("how_tested", models.CharField(max_length=300)),
                ("cadence_days", models.PositiveSmallIntegerField()),
                (
                    "side",
                    models.CharField(
                        choices=[("it", "IT"), ("ot", "OT"), ("", "None")], max_length=2
                    ),
                ),
                ("added_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conduit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="controls",
                        to="exposure.conduit",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="controls",
                        to="exposure.finding",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
        ),
        migrations.CreateModel(
            name="ControlTest",
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
                ("tested_at", models.DateTimeField()),
                ("passed", models.BooleanField()),
                ("result", models.CharField(max_length=1000)),
                ("noted_at", models.DateTimeField()),
                (
                    "control",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tests",
                        to="exposure.control",
                    ),
                ),
                (
                    "tested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
        ),
        migrations.AddConstraint(
            model_name="control",
            constraint=models.UniqueConstraint(
                fields=("workspace", "id"), name="control_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="control",
            constraint=WorkspaceFK(
                field="site", name="control_site", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="control",
            constraint=WorkspaceFK(
                field="conduit", name="control_conduit", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="control",
            constraint=WorkspaceFK(
                field="finding", name="control_finding", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="control",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("conduit__isnull", True),
                    ("finding__isnull", True),
                    _connector="XOR",
                ),
                name="control_is_on_a_conduit_or_a_finding",
                violation_error_message="A control is on one way or one exposure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="control",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cadence_days__gte", 1), ("cadence_days__lte", 180)
                ),
                name="control_is_tested_again_in_half_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="control",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["it", "ot"])),
                name="control_has_an_owner_with_a_side",
            ),
        ),
        migrations.AddIndex(
            model_name="controltest",
            index=models.Index(
                fields=["workspace", "control", "-tested_at", "-noted_at"],
                name="control_test_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="controltest",
            constraint=WorkspaceFK(
                field="control", name="control_test_of", on_delete="CASCADE"
            ),
        ),
        WallTable("exposure_control"),
        WallTable("exposure_controltest", append_only=True),
    ]
