"""What overviews need of a finding and of an answer, kept beside the rows."""

from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import common.ids
import tenants.rls

# The tally follows every change of a finding in the same transaction. Where the tally of
# a workspace is gone already, the workspace is being deleted, and nothing is counted.
COUNT = (
    """
CREATE FUNCTION exposure_count_findings() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO exposure_tally (id, workspace_id, state, urgency, in_hand, number)
      SELECT gen_random_uuid(), workspace_id, state, urgency, in_hand, count(*)
      FROM new_rows GROUP BY workspace_id, state, urgency, in_hand;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO exposure_tally (id, workspace_id, state, urgency, in_hand, number)
      SELECT gen_random_uuid(), workspace_id, state, urgency, in_hand, -count(*)
      FROM old_rows
      WHERE EXISTS (SELECT FROM exposure_tally kept
        WHERE kept.workspace_id = old_rows.workspace_id)
      GROUP BY workspace_id, state, urgency, in_hand;
  ELSE
    INSERT INTO exposure_tally (id, workspace_id, state, urgency, in_hand, number)
      SELECT gen_random_uuid(), workspace_id, state, urgency, in_hand, sum(number)
      FROM (
        SELECT workspace_id, state, urgency, in_hand, 1 AS number FROM new_rows
        UNION ALL
        SELECT workspace_id, state, urgency, in_hand, -1 FROM old_rows
      ) AS changed
      GROUP BY workspace_id, state, urgency, in_hand HAVING sum(number) <> 0;
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER count_new AFTER INSERT ON exposure_finding
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION exposure_count_findings()
""",
    """
CREATE TRIGGER count_changed AFTER UPDATE ON exposure_finding
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION exposure_count_findings()
""",
    """
CREATE TRIGGER count_gone AFTER DELETE ON exposure_finding
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION exposure_count_findings()
""",
    """
INSERT INTO exposure_tally (id, workspace_id, state, urgency, in_hand, number)
  SELECT gen_random_uuid(), workspace_id, state, urgency, in_hand, count(*)
  FROM exposure_finding GROUP BY workspace_id, state, urgency, in_hand
""",
)
UNCOUNT = (
    "DROP TRIGGER count_gone ON exposure_finding",
    "DROP TRIGGER count_changed ON exposure_finding",
    "DROP TRIGGER count_new ON exposure_finding",
    "DROP FUNCTION exposure_count_findings()",
)

WORKSPACE: dict[str, Any] = {
    "db_index": False,
    "editable": False,
    "on_delete": django.db.models.deletion.CASCADE,
    "related_name": "+",
    "to": "tenants.workspace",
}


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0007_data_keys"),
        ("exposure", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="urgency",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="finding",
            name="in_hand",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="finding",
            name="through",
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name="finding",
            name="steps",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="finding",
            name="line_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="pathrevision",
            name="reached_assets",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="pathrevision",
            name="summary",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="Tally",
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
                ("state", models.CharField(max_length=12)),
                ("urgency", models.PositiveSmallIntegerField()),
                ("in_hand", models.BooleanField()),
                ("number", models.IntegerField()),
                ("workspace", models.ForeignKey(**WORKSPACE)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["workspace"],
                        include=["state", "urgency", "in_hand", "number"],
                        name="tally_of_workspace",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Occurrence",
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
                ("check_id", models.CharField(blank=True, max_length=40)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("product", models.CharField(blank=True, max_length=200)),
                ("protocol", models.CharField(max_length=20)),
                ("port", models.PositiveIntegerField()),
                ("words", models.TextField(blank=True)),
                ("services", models.PositiveIntegerField()),
                ("exposures", models.PositiveIntegerField()),
                ("grade", models.CharField(blank=True, max_length=2)),
                ("urgency", models.PositiveSmallIntegerField()),
                ("last_seen", models.DateTimeField()),
                ("workspace", models.ForeignKey(**WORKSPACE)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "workspace",
                            "check_id",
                            "title",
                            "product",
                            "protocol",
                            "port",
                        ),
                        name="occurrence_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Way",
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
                ("hops", models.JSONField()),
                (
                    "finding",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ways",
                        to="exposure.finding",
                    ),
                ),
                ("workspace", models.ForeignKey(**WORKSPACE)),
            ],
            options={},
        ),
        migrations.AddConstraint(
            model_name="way",
            constraint=tenants.rls.WorkspaceFK(field="finding", name="way_finding"),
        ),
        migrations.AddConstraint(
            model_name="way",
            constraint=models.UniqueConstraint(
                fields=("workspace", "finding"), name="one_way_per_finding"
            ),
        ),
        tenants.rls.WallTable("exposure_way"),
        tenants.rls.WallTable("exposure_tally"),
        tenants.rls.WallTable("exposure_occurrence"),
        migrations.RunSQL(COUNT, UNCOUNT),
    ]
