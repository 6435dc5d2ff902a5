"""Writes what lists sort by into the findings of before, one workspace at a time."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Rows that are filled already are skipped, so the work may be broken off and repeated.
FILL = """
UPDATE exposure_finding f SET
  urgency = array_position(
    ARRAY['defer', 'scheduled', 'out_of_cycle', 'immediate'], item.band::text),
  in_hand = EXISTS (
    SELECT FROM workflows_decision decision
    WHERE decision.workspace_id = item.workspace_id AND decision.case_id = item.id
      AND decision.state IN ('proposed', 'partly_answered', 'approved', 'claimed'))
FROM workflows_case item
WHERE item.finding_id = f.id AND item.workspace_id = %(workspace)s
  AND f.workspace_id = %(workspace)s AND f.urgency = 0
"""

WAIT = """
UPDATE workflows_decision decision SET
  wanted_by = item.decide_by,
  waits_for = ARRAY(
    SELECT slot FROM unnest(item.slots) AS slot WHERE NOT EXISTS (
      SELECT FROM workflows_signature signature
      WHERE signature.decision_id = decision.id AND signature.slot = slot))
FROM workflows_case item
WHERE item.id = decision.case_id AND decision.workspace_id = %(workspace)s
  AND decision.state IN ('proposed', 'partly_answered') AND decision.wanted_by IS NULL
"""

# What an answer says of each finding is in its bytes; the rebuild writes it out.
REBUILD = """
INSERT INTO tenants_job (id, workspace_id, task, queue, args, key, state, attempts,
  run_after, error, created_at)
SELECT gen_random_uuid(), %(workspace)s, 'exposure.rebuild_paths', 'analysis', '{}',
  'flow', 0, 0, now(), '', now()
WHERE EXISTS (
  SELECT FROM exposure_pathrevision WHERE workspace_id = %(workspace)s
)
ON CONFLICT DO NOTHING
"""

# All tables that a roll-up may read get the policy in the form that new ones have.
POLICIES = """
DO $$
DECLARE tenant_table regclass;
BEGIN
  FOR tenant_table IN SELECT polrelid FROM pg_policy WHERE polname = 'ws_rollup' LOOP
    EXECUTE format(
      'ALTER POLICY ws_rollup ON %s USING (workspace_id = ANY ({}))', tenant_table);
  END LOOP;
END $$
"""


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Fill each workspace in a transaction of its own."""
    alias = schema_editor.connection.alias
    workspaces = apps.get_model("tenants", "Workspace").objects.using(alias)
    with schema_editor.connection.cursor() as cursor:
        for key in list(workspaces.values_list("pk", flat=True)):
            cursor.execute(FILL, {"workspace": key})
            cursor.execute(WAIT, {"workspace": key})
            cursor.execute(REBUILD, {"workspace": key})


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("workflows", "0002_told_and_tried"),
        ("exposure", "0002_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="waits_for",
            field=ArrayField(
                base_field=models.CharField(max_length=8),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="wanted_by",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently(
            "decision",
            models.Index(
                fields=["workspace", "case"],
                include=["id", "proposed_at", "waits_for", "wanted_by"],
                condition=models.Q(state__in=["proposed", "partly_answered"]),
                name="decision_open",
            ),
        ),
        migrations.RunSQL(
            [
                (
                    POLICIES.format(
                        "(SELECT current_setting(''app.workspace_ids'')::uuid[])::uuid[]"
                    ),
                    None,
                )
            ],
            [(POLICIES.format("current_setting(''app.workspace_ids'')::uuid[]"), None)],
        ),
    ]
