import datetime as dt
from typing import Any

import common.ids
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from tenants.rls import SharedTable


def give_an_end(apps: Any, schema_editor: Any) -> None:
    """Turn open-ended access of the provider's people into ninety days, and employ them."""
    membership = apps.get_model("tenants", "Membership")
    staff = apps.get_model("tenants", "Staff")
    rows = membership.objects.using(schema_editor.connection.alias)
    ours = rows.filter(role__in=["analyst", "manager"])
    ours.update(
        expires_at=timezone.now() + dt.timedelta(days=90),
        reason="Had access before access had an end.",
    )
    # Somebody must be able to go on from here: the managers, or everybody if there is none.
    for row in ours.select_related("workspace").order_by("-role"):
        staff.objects.using(schema_editor.connection.alias).get_or_create(
            provider_id=row.workspace.provider_id,
            user_id=row.user_id,
            defaults={"role": "admin" if row.role == "manager" else "analyst"},
        )
    employed = staff.objects.using(schema_editor.connection.alias)
    led = employed.filter(role="admin").values("provider_id")
    employed.exclude(provider_id__in=led).update(role="admin")


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_second_factors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Staff",
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
                        choices=[
                            ("admin", "Provider administrator"),
                            ("manager", "Provider manager"),
                            ("analyst", "Provider analyst"),
                        ],
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="membership",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membership",
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
            model_name="membership",
            name="is_admin",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="membership",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="workspace",
            name="portal",
            field=models.CharField(
                choices=[
                    ("off", "Closed: only the provider works here"),
                    (
                        "read",
                        "Read only: the customer's people look and change nothing",
                    ),
                    ("full", "Open: the customer's people do all that their role may"),
                ],
                default="full",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="second_factor_roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="staff",
            name="provider",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="staff",
                to="tenants.provider",
            ),
        ),
        migrations.AddField(
            model_name="staff",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="employments",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.UniqueConstraint(
                fields=("user", "provider"),
                name="one_employment_per_provider",
                violation_error_message="This person works here already.",
            ),
        ),
        migrations.RunPython(give_an_end, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role__in", ["analyst", "manager"]), _negated=True),
                    models.Q(
                        ("expires_at__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="the_provider_comes_for_a_time_and_a_reason",
                violation_error_message="Access of the provider needs an end and a reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_admin", False),
                    models.Q(("role__in", ["analyst", "manager"]), _negated=True),
                    _connector="OR",
                ),
                name="an_administrator_is_the_customers",
                violation_error_message="Only the customer's people administer a workspace.",
            ),
        ),
        SharedTable("tenants_staff", rights="SELECT, INSERT, UPDATE, DELETE"),
    ]
