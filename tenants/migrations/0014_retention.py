import common.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.data_sql import (
    DELETE,
    ERASE,
    GUARD,
    NAMED,
    PRUNE,
    REFUSE,
    REFUSE_BEFORE,
    UNDELETE,
    UNERASE,
    UNGUARD,
    UNNAMED,
    UNPRUNE,
)
from tenants.rls import SharedTable, WallTable, WorkspaceFK


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0013_brand"),
    ]

    operations = [
        migrations.CreateModel(
            name="InstallationKey",
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
                ("purpose", models.CharField(max_length=20, unique=True)),
                ("public", models.BinaryField()),
                ("sealed_private", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
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
                ("deleted_id", models.UUIDField(db_index=True)),
                ("made_at", models.DateTimeField()),
                ("note", models.TextField()),
                ("key", models.CharField(max_length=300)),
                ("send_to", models.EmailField(blank=True, default="", max_length=254)),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="tenants.provider",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Closure",
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
                ("due_at", models.DateTimeField()),
                (
                    "portal_before",
                    models.CharField(
                        choices=[
                            ("off", "Closed: only the provider works here"),
                            (
                                "read",
                                "Read only: the customer's people look and change nothing",
                            ),
                            (
                                "full",
                                "Open: the customer's people do all that their role may",
                            ),
                        ],
                        max_length=4,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("called_off_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "called_off_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
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
                        condition=models.Q(("called_off_at__isnull", True)),
                        fields=("workspace",),
                        name="one_open_closure",
                        violation_error_message="The deletion was asked for already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DataPolicy",
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
                ("days", models.JSONField(default=dict)),
                ("hold", models.CharField(blank=True, default="", max_length=300)),
                ("hold_since", models.DateTimeField(blank=True, null=True)),
                (
                    "hold_by",
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
                        fields=("workspace",), name="one_data_policy"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
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
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Being written"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("gone", "Removed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("rows", models.BigIntegerField(default=0)),
                ("done", models.BigIntegerField(default=0)),
                ("ready_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.storedfile",
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
                    WorkspaceFK(field="file", name="export_file", on_delete="CASCADE"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("workspace",),
                        name="one_export_at_a_time",
                        violation_error_message="An export is being written already.",
                    ),
                ],
            },
        ),
        WallTable("tenants_export", rollup=False),
        WallTable("tenants_datapolicy", rights="SELECT, INSERT, UPDATE", rollup=False),
        WallTable("tenants_closure", rights="SELECT, INSERT, UPDATE"),
        SharedTable(
            "tenants_deletioncertificate", rights="SELECT, INSERT, UPDATE (send_to)"
        ),
        SharedTable("tenants_installationkey", rights="SELECT, INSERT, UPDATE"),
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(REFUSE, REFUSE_BEFORE),
        migrations.RunSQL(NAMED, UNNAMED),
        migrations.RunSQL(DELETE, UNDELETE),
        migrations.RunSQL(ERASE, UNERASE),
        migrations.RunSQL(PRUNE, UNPRUNE),
    ]
