"""What the plant says that a change costs."""

import common.ids
import django.db.models.deletion
import tenants.rls
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0027_plan_key"),
        ("tenants", "0014_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeCost",
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
                ("change", models.CharField(max_length=200)),
                ("label", models.CharField(max_length=300)),
                ("hours", models.FloatField(blank=True, null=True)),
                ("downtime", models.JSONField(blank=True, null=True)),
                ("keep", models.FloatField(blank=True, null=True)),
                ("needs", models.JSONField(blank=True, default=list)),
                ("only_in", models.JSONField(blank=True, default=list)),
                ("cannot", models.CharField(blank=True, default="", max_length=200)),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                (
                    "side",
                    models.CharField(
                        choices=[("it", "IT"), ("ot", "OT"), ("", "None")], max_length=2
                    ),
                ),
                ("said_at", models.DateTimeField()),
                (
                    "said_by",
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
            options={
                "constraints": [
                    tenants.rls.WorkspaceFK(
                        field="site", name="change_cost_site", on_delete="CASCADE"
                    ),
                    models.UniqueConstraint(
                        fields=("workspace", "change"), name="change_cost_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hours__isnull", True), ("hours__gte", 0), _connector="OR"
                        ),
                        name="change_cost_takes_no_negative_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("keep__isnull", True),
                            models.Q(("keep__gte", 0), ("keep__lte", 1)),
                            _connector="OR",
                        ),
                        name="change_cost_leaves_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["it", "ot"])),
                        name="change_cost_is_said_by_a_side",
                    ),
                ],
            },
        ),
        tenants.rls.WallTable("exposure_changecost"),
    ]
