import common.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.rls import WallTable, WorkspaceFK


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0013_brand"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="sign_on_required",
            field=models.BooleanField(default=False),
        ),
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
                        choices=[("oidc", "OpenID Connect"), ("saml", "SAML")],
                        max_length=4,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("issuer", models.CharField(max_length=500)),
                ("client_id", models.CharField(blank=True, default="", max_length=255)),
                ("sealed_secret", models.BinaryField(default=bytes)),
                ("sso_url", models.CharField(blank=True, default="", max_length=500)),
                ("certificates", models.TextField(blank=True, default="")),
                (
                    "second_factor",
                    models.CharField(
                        choices=[
                            ("never", "Never: it counts as one factor"),
                            (
                                "claimed",
                                "When it says that it asked for a second factor",
                            ),
                            ("always", "Always: it never lets anybody in without one"),
                        ],
                        default="never",
                        max_length=8,
                    ),
                ),
                ("vouches_for_mail", models.BooleanField(default=False)),
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
        ),
        migrations.CreateModel(
            name="Identity",
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
                ("subject", models.CharField(max_length=255)),
                ("email", models.EmailField(max_length=254)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
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
                (
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identities",
                        to="tenants.identityprovider",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.UniqueConstraint(
                fields=("workspace", "id"), name="identity_provider_in_workspace"
            ),
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.UniqueConstraint(
                fields=("workspace", "issuer", "client_id"),
                name="one_identity_provider_per_client",
                violation_error_message="This identity provider is set up already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=WorkspaceFK(field="provider", name="identity_provider"),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(
                fields=("workspace", "provider", "subject"),
                name="one_person_per_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(
                fields=("workspace", "provider", "user"), name="one_subject_per_person"
            ),
        ),
        WallTable("tenants_identityprovider", rollup=False),
        WallTable("tenants_identity", rollup=False),
    ]
