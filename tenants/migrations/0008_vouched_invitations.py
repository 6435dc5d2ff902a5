import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Who has made an invitation by now works for the provider, or administers. One that an
# administrator confirmed before is confirmed once more: nobody wrote down who did.
WHOSE = """
UPDATE tenants_invitation invitation SET
  from_provider = provider.is_theirs,
  vouched_by_id = CASE WHEN provider.is_theirs THEN NULL ELSE invited_by_id END
FROM (
  SELECT made.id, EXISTS (
    SELECT FROM tenants_staff staff
    JOIN tenants_workspace workspace ON workspace.provider_id = staff.provider_id
    WHERE staff.user_id = made.invited_by_id AND workspace.id = made.workspace_id
  ) AS is_theirs
  FROM tenants_invitation made
) provider WHERE provider.id = invitation.id
"""
# What is sent and rests on nobody's word waits; where nobody administers, the
# provider's word is enough.
HOLD = """
UPDATE tenants_invitation SET state = 'held'
WHERE state = 'sent' AND from_provider AND EXISTS (
  SELECT FROM tenants_membership member
  WHERE member.workspace_id = tenants_invitation.workspace_id AND member.is_admin
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0007_data_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="from_provider",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="invitation",
            name="vouched_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="state",
            field=models.CharField(
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
        migrations.RunSQL(WHOSE, migrations.RunSQL.noop),
        migrations.RunSQL(HOLD, migrations.RunSQL.noop),
        # No index is made on a table whose checks still wait for the end.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
    ]
