"""The site that an event or a case is about: who may read it, and who is told."""

from django.db import migrations, models

FILL_CASES = """
UPDATE workflows_case item SET site_id = finding.site_id
FROM exposure_finding finding
WHERE finding.id = item.finding_id AND finding.workspace_id = item.workspace_id
"""

# What happened to a finding or a run before now; everything else is about no site.
FILL_EVENTS = """
UPDATE workflows_event event SET site_id = item.site_id
FROM workflows_case item
WHERE item.id = event.case_id AND item.workspace_id = event.workspace_id;
UPDATE workflows_event event SET site_id = run.site_id
FROM exposure_run run
WHERE run.workspace_id = event.workspace_id AND event.object_ref = 'run ' || run.number
"""

# As for findings: a case is at the site of its finding, and the database keeps it so.
KEEP = """
CREATE FUNCTION workflows_case_site() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT site_id INTO NEW.site_id FROM exposure_finding
  WHERE id = NEW.finding_id AND workspace_id = NEW.workspace_id;
  RETURN NEW;
END $$;
CREATE TRIGGER case_site BEFORE INSERT OR UPDATE OF finding_id, site_id
ON workflows_case FOR EACH ROW EXECUTE FUNCTION workflows_case_site();
CREATE FUNCTION workflows_finding_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE workflows_case SET site_id = NEW.site_id
  WHERE finding_id = NEW.id AND workspace_id = NEW.workspace_id;
  RETURN NULL;
END $$;
CREATE TRIGGER finding_moved AFTER UPDATE ON exposure_finding FOR EACH ROW
WHEN (OLD.site_id IS DISTINCT FROM NEW.site_id)
EXECUTE FUNCTION workflows_finding_moved();
"""

FORGET = """
DROP TRIGGER finding_moved ON exposure_finding;
DROP FUNCTION workflows_finding_moved();
DROP TRIGGER case_site ON workflows_case;
DROP FUNCTION workflows_case_site();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0003_sites"),
        ("workflows", "0003_urgency"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="site_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="site_id",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunSQL(FILL_CASES, migrations.RunSQL.noop),
        migrations.RunSQL(FILL_EVENTS, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP, FORGET),
    ]
