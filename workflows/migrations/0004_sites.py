"""The site an event is about, so that it is told and shown to those who may read it."""

from django.db import migrations, models

# What happened to a finding or a run before now; everything else is about no site.
FILL = """
UPDATE workflows_event event SET site_id = asset.site_id
FROM workflows_case item
JOIN exposure_finding finding
  ON finding.id = item.finding_id AND finding.workspace_id = item.workspace_id
JOIN exposure_asset asset
  ON asset.id = finding.asset_id AND asset.workspace_id = finding.workspace_id
WHERE item.id = event.case_id AND item.workspace_id = event.workspace_id;
UPDATE workflows_event event SET site_id = run.site_id
FROM exposure_run run
WHERE run.workspace_id = event.workspace_id AND event.object_ref = 'run ' || run.number
"""


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0003_sites"),
        ("workflows", "0002_told_and_tried"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="site_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
