import common.ids
import django.db.models.deletion
from django.db import migrations, models

from tenants.rls import SharedTable


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0007_keys_and_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityProvider",
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
                (
                    "kind",
                    models.CharField(
                        choices=[("oidc", "OpenID Connect"), ("saml", "SAML 2.0")],
                        max_length=4,
                    ),
                ),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=80)),
                ("issuer", models.CharField(max_length=500)),
                ("client_id", models.CharField(blank=True, default="", max_length=200)),
                ("sealed_secret", models.BinaryField(blank=True, default=b"")),
                (
                    "sign_in_url",
                    models.URLField(blank=True, default="", max_length=500),
                ),
                ("certificate", models.TextField(blank=True, default="")),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "owner_provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity_providers",
                        to="tenants.provider",
                    ),
                ),
                (
                    "owner_workspace",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity_providers",
                        to="tenants.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("owner_provider__isnull", False),
                                ("owner_workspace__isnull", True),
                            ),
                            models.Q(
                                ("owner_provider__isnull", True),
                                ("owner_workspace__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="an_identity_provider_has_one_owner",
                    )
                ],
            },
        ),
        SharedTable(
            "tenants_identityprovider", rights="SELECT, INSERT, UPDATE, DELETE"
        ),
    ]
