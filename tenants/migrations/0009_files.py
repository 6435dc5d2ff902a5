import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.rls import WallTable


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0008_vouched_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("evidence", "Evidence"),
                            ("upload", "Document"),
                            ("report", "Report"),
                            ("export", "Export"),
                        ],
                        max_length=8,
                    ),
                ),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("key_id", models.CharField(max_length=8)),
                ("sealed_key", models.BinaryField()),
                ("about", models.CharField(max_length=80)),
                ("site_id", models.UUIDField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "deleted_reason",
                    models.CharField(blank=True, default="", max_length=300),
                ),
                (
                    "deleted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
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
                "indexes": [
                    models.Index(
                        fields=["workspace", "about", "created_at"],
                        name="stored_file_about",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("deleted_at__isnull", True), ("expires_at__isnull", False)
                        ),
                        fields=["workspace", "expires_at"],
                        name="stored_file_expires",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "id"), name="stored_file_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("deleted_at__isnull", True),
                                models.Q(("sealed_key", b""), _negated=True),
                            ),
                            models.Q(
                                ("deleted_at__isnull", False), ("sealed_key", b"")
                            ),
                            _connector="OR",
                        ),
                        name="a_removed_file_has_no_key",
                    ),
                ],
            },
        ),
        # No DELETE: what was removed stays in the list, without content and key.
        WallTable("tenants_storedfile", rights="SELECT, INSERT, UPDATE", rollup=False),
    ]
