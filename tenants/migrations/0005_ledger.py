import common.ids
import django.db.models.deletion
from django.db import migrations, models

from tenants.ledger_sql import CHAIN, UNCHAIN
from tenants.rls import WallTable


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0004_hierarchy"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerDetail",
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
                ("salt", models.BinaryField()),
                ("body", models.BinaryField()),
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
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="LedgerPending",
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
                ("at", models.DateTimeField()),
                ("action", models.CharField(max_length=60)),
                ("object_ref", models.CharField(max_length=80)),
                ("actor_id", models.UUIDField(blank=True, null=True)),
                ("site_id", models.UUIDField(blank=True, null=True)),
                ("body", models.BinaryField()),
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
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
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
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("peaks", models.BinaryField()),
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
                        fields=("workspace", "size"), name="one_checkpoint"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerCheck",
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
                ("at", models.DateTimeField()),
                ("size", models.BigIntegerField()),
                ("holds", models.BooleanField()),
                ("problems", models.JSONField(default=list)),
                ("seconds", models.FloatField()),
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
                "indexes": [
                    models.Index(
                        fields=["workspace", "-at"], name="ledger_check_latest"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
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
                ("seq", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("action", models.CharField(max_length=60)),
                ("object_ref", models.CharField(max_length=80)),
                ("actor_id", models.UUIDField(blank=True, null=True)),
                ("site_id", models.UUIDField(blank=True, null=True)),
                ("line", models.BinaryField()),
                ("chain", models.BinaryField()),
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
                "indexes": [
                    models.Index(
                        fields=["workspace", "action", "-seq"], name="ledger_action"
                    ),
                    models.Index(
                        fields=["workspace", "object_ref", "-seq"], name="ledger_object"
                    ),
                    models.Index(
                        fields=["workspace", "actor_id", "-seq"], name="ledger_actor"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "seq"), name="ledger_seq"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerHead",
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
                ("size", models.BigIntegerField(default=0)),
                ("head", models.BinaryField(default=b"")),
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
                        fields=("workspace",), name="one_ledger_head"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerKey",
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
                ("name", models.CharField(max_length=200)),
                ("public", models.BinaryField()),
                ("sealed_private", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                        fields=("workspace",), name="one_ledger_key"
                    )
                ],
            },
        ),
        WallTable("tenants_ledgerhead", rights="SELECT", rollup=False),
        WallTable("tenants_ledgerpending", rights="INSERT", rollup=False),
        WallTable("tenants_ledgerentry", rights="SELECT", rollup=False),
        WallTable("tenants_ledgerdetail", append_only=True, rollup=False),
        WallTable("tenants_ledgerkey", rights="SELECT, INSERT, UPDATE", rollup=False),
        WallTable("tenants_checkpoint", append_only=True, rollup=False),
        WallTable("tenants_ledgercheck", append_only=True, rollup=False),
        migrations.RunSQL(CHAIN, UNCHAIN),
    ]
