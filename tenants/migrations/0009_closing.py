import common.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.rls import SharedTable, WallTable


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0008_single_sign_on"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeletionCertificate",
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
                ("closed_id", models.UUIDField(unique=True)),
                ("closed_slug", models.CharField(max_length=50)),
                ("closed_name", models.CharField(max_length=120)),
                ("note", models.TextField()),
                ("public_key", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.provider",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Closing",
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
                ("reason", models.CharField(max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
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
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cancelled_at__isnull", True)),
                        fields=("workspace",),
                        name="one_closing_at_a_time",
                        violation_error_message="Closing has been asked for already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(
                                ("confirmed_by", models.F("asked_by")), _negated=True
                            ),
                            _connector="OR",
                        ),
                        name="closing_takes_two_people",
                        violation_error_message="Another person confirms the closing.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Retention",
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
                ("kind", models.CharField(max_length=24)),
                ("days", models.PositiveIntegerField()),
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
                        fields=("workspace", "kind"), name="one_retention_per_kind"
                    )
                ],
            },
        ),
        WallTable("tenants_closing", rights="SELECT, INSERT, UPDATE", rollup=False),
        WallTable("tenants_retention", rollup=False),
        SharedTable("tenants_deletioncertificate", rights="SELECT, INSERT"),
    ]
