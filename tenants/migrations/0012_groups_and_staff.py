import common.ids
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.rls import SharedTable

ALL = "SELECT, INSERT, UPDATE, DELETE"
# A customer's group is one of its own provider.
SAME_PROVIDER = """
ALTER TABLE tenants_workspace ADD CONSTRAINT group_of_the_same_provider
  FOREIGN KEY (provider_id, group_id) REFERENCES tenants_group (provider_id, id)
  DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0010_api_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupSeat",
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
                    "role",
                    models.CharField(
                        choices=[("viewer", "Viewer")], default="viewer", max_length=12
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="ProviderEvent",
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
                ("about", models.CharField(max_length=80)),
                ("actor_name", models.CharField(max_length=254)),
                ("text", models.CharField(max_length=2000)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("request", models.CharField(blank=True, default="", max_length=32)),
                ("ip", models.CharField(blank=True, default="", max_length=45)),
            ],
        ),
        migrations.CreateModel(
            name="ProviderInvitation",
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
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, default="", max_length=120)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("admin", "Provider administrator"),
                            ("manager", "Provider manager"),
                            ("analyst", "Provider analyst"),
                            ("viewer", "Viewer"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "Waits for an administrator"),
                            ("sent", "Sent"),
                            ("accepted", "Accepted"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Ended by itself"),
                        ],
                        default="sent",
                        max_length=12,
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="provider",
            name="second_factor_roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="shares_with_group",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="Group",
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
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups",
                        to="tenants.provider",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="workspace",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="workspaces",
                to="tenants.group",
            ),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("shares_with_group", False),
                    ("group__isnull", False),
                    _connector="OR",
                ),
                name="nobody_shares_with_no_group",
                violation_error_message="There is no group to share with.",
            ),
        ),
        migrations.AddField(
            model_name="groupseat",
            name="granted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="groupseat",
            name="group",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="seats",
                to="tenants.group",
            ),
        ),
        migrations.AddField(
            model_name="groupseat",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="seats",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="providerevent",
            name="actor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="providerevent",
            name="provider",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.provider",
            ),
        ),
        migrations.AddField(
            model_name="providerinvitation",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.group",
            ),
        ),
        migrations.AddField(
            model_name="providerinvitation",
            name="invited_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="providerinvitation",
            name="provider",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.provider",
            ),
        ),
        migrations.AddConstraint(
            model_name="group",
            constraint=models.UniqueConstraint(
                fields=("provider", "id"), name="group_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupseat",
            constraint=models.UniqueConstraint(
                fields=("user", "group"),
                name="one_seat_per_group",
                violation_error_message="This person has a seat already.",
            ),
        ),
        migrations.AddIndex(
            model_name="providerevent",
            index=models.Index(
                fields=["provider", "-at", "-id"], name="provider_event_new"
            ),
        ),
        migrations.AddConstraint(
            model_name="providerinvitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("group__isnull", True), ("state", "sent")),
                fields=("provider", "email"),
                name="one_open_post_per_address",
                violation_error_message="This address is invited already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="providerinvitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("group__isnull", False), ("state", "sent")),
                fields=("group", "email"),
                name="one_open_seat_per_address",
                violation_error_message="This address is invited already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="providerinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group__isnull", False), ("role", "viewer")),
                    models.Q(
                        ("group__isnull", True),
                        models.Q(("role", "viewer"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_seat_is_the_viewers_and_a_post_is_not",
            ),
        ),
        migrations.RunSQL(
            SAME_PROVIDER,
            "ALTER TABLE tenants_workspace DROP CONSTRAINT group_of_the_same_provider",
        ),
        SharedTable(
            "tenants_group",
            "tenants_groupseat",
            "tenants_providerinvitation",
            rights=ALL,
        ),
        SharedTable("tenants_providerevent", rights="SELECT, INSERT"),
    ]
