"""Who can sign in where, and the remote access of vendors: names, never secrets."""

import common.ids
import django.db.models.deletion
import tenants.rls
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0023_runs"),
        ("tenants", "0014_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="Credential",
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
                (
                    "shared",
                    models.BooleanField(
                        default=True,
                        help_text="The same password on all of them, not one person's",
                    ),
                ),
                (
                    "stored",
                    models.BooleanField(
                        default=False,
                        help_text="Kept where it is held: a foothold there is enough",
                    ),
                ),
                ("mfa", models.BooleanField(default=False)),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("observed", "Observed"),
                            ("imported", "Imported"),
                            ("assumed", "Assumed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Who says so, and when", max_length=200),
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
            name="CredentialPlace",
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
                    "use",
                    models.CharField(
                        choices=[("held", "Held on"), ("opens", "Opens")], max_length=5
                    ),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="exposure.asset",
                    ),
                ),
                (
                    "credential",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="exposure.credential",
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
                    "zone",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="exposure.zone",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VendorAccess",
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
                ("vendor", models.CharField(max_length=120)),
                ("entry_port", models.PositiveIntegerField(blank=True, null=True)),
                ("ports", models.JSONField(default=list, help_text="Empty: any port")),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("observed", "Observed"),
                            ("imported", "Imported"),
                            ("assumed", "Assumed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Who says so, and when", max_length=200),
                ),
                ("mfa", models.BooleanField(default=False)),
                (
                    "opened",
                    models.CharField(
                        choices=[
                            ("always", "Always on"),
                            ("on_request", "Opened on request"),
                        ],
                        default="always",
                        max_length=10,
                    ),
                ),
                ("until", models.DateField(blank=True, null=True)),
                (
                    "conduit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="exposure.conduit",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The device it comes in through, such as a VPN gateway",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="exposure.asset",
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
                    "to_asset",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="exposure.asset",
                    ),
                ),
                (
                    "to_zone",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="exposure.zone",
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
            model_name="credential",
            constraint=models.UniqueConstraint(
                fields=("workspace", "id"), name="credential_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=tenants.rls.WorkspaceFK(
                field="site", name="credential_site", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.UniqueConstraint(
                fields=("workspace", "site", "name"), name="credential_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialplace",
            constraint=tenants.rls.WorkspaceFK(
                field="credential", name="credentialplace_of", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialplace",
            constraint=tenants.rls.WorkspaceFK(
                field="asset", name="credentialplace_asset", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialplace",
            constraint=tenants.rls.WorkspaceFK(
                field="zone", name="credentialplace_zone", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialplace",
            constraint=models.UniqueConstraint(
                fields=("workspace", "credential", "use", "asset", "zone"),
                name="credentialplace_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialplace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asset__isnull", False), ("zone__isnull", True)),
                    models.Q(
                        ("asset__isnull", True),
                        ("use", "opens"),
                        ("zone__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="credentialplace_is_an_asset_or_a_zone_that_it_opens",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoraccess",
            constraint=models.UniqueConstraint(
                fields=("workspace", "id"), name="vendoraccess_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoraccess",
            constraint=tenants.rls.WorkspaceFK(
                field="site", name="vendoraccess_site", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoraccess",
            constraint=tenants.rls.WorkspaceFK(
                field="entry", name="vendoraccess_entry", on_delete="NO ACTION"
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoraccess",
            constraint=tenants.rls.WorkspaceFK(
                field="to_zone", name="vendoraccess_to_zone", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoraccess",
            constraint=tenants.rls.WorkspaceFK(
                field="to_asset", name="vendoraccess_to_asset", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoraccess",
            constraint=tenants.rls.WorkspaceFK(
                field="conduit", name="vendoraccess_conduit", on_delete="NO ACTION"
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoraccess",
            constraint=models.UniqueConstraint(
                fields=("workspace", "site", "vendor", "to_zone", "to_asset"),
                name="vendoraccess_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoraccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("to_zone__isnull", True),
                    ("to_asset__isnull", True),
                    _connector="XOR",
                ),
                name="vendoraccess_ends_in_a_zone_or_an_asset",
                violation_error_message="A vendor's access leads to a zone or an asset.",
            ),
        ),
        tenants.rls.WallTable("exposure_credential"),
        tenants.rls.WallTable("exposure_credentialplace"),
        tenants.rls.WallTable("exposure_vendoraccess"),
    ]
