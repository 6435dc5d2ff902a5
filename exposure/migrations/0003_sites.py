"""Whose site a finding is, and exposure per line: what readers of some sites get."""

from django.db import migrations, models

# The stored answers are JSON and name every line.
FILL_LINES = """
UPDATE exposure_pathrevision revision SET by_line = coalesce((
  SELECT jsonb_object_agg(line ->> 'line_id', jsonb_build_object(
    'units', (line ->> 'exposure')::float, 'reached', line -> 'best' <> 'null'::jsonb
  ))
  FROM jsonb_array_elements(convert_from(revision.result, 'UTF8')::jsonb -> 'lines') line
), '{}'::jsonb)
"""

FILL_SITES = """
UPDATE exposure_finding finding SET site_id = asset.site_id
FROM exposure_asset asset
WHERE asset.id = finding.asset_id AND asset.workspace_id = finding.workspace_id
"""

# The database keeps the copy, so no code path can forget it: a finding is at the site of
# its asset, also when the asset is described anew. Functions run as who changes the row,
# inside the same row-level security.
KEEP = """
CREATE FUNCTION exposure_finding_site() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT site_id INTO NEW.site_id FROM exposure_asset
  WHERE id = NEW.asset_id AND workspace_id = NEW.workspace_id;
  RETURN NEW;
END $$;
CREATE TRIGGER finding_site BEFORE INSERT OR UPDATE OF asset_id, site_id
ON exposure_finding FOR EACH ROW EXECUTE FUNCTION exposure_finding_site();
CREATE FUNCTION exposure_asset_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE exposure_finding SET site_id = NEW.site_id
  WHERE asset_id = NEW.id AND workspace_id = NEW.workspace_id;
  RETURN NULL;
END $$;
CREATE TRIGGER asset_moved AFTER UPDATE OF site_id ON exposure_asset FOR EACH ROW
WHEN (OLD.site_id IS DISTINCT FROM NEW.site_id)
EXECUTE FUNCTION exposure_asset_moved();
"""

FORGET = """
DROP TRIGGER asset_moved ON exposure_asset;
DROP FUNCTION exposure_asset_moved();
DROP TRIGGER finding_site ON exposure_finding;
DROP FUNCTION exposure_finding_site();
"""


class Migration(migrations.Migration):
    dependencies = [("exposure", "0002_lists")]

    operations = [
        migrations.AddField(
            model_name="pathrevision",
            name="by_line",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="finding",
            name="site_id",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunSQL(FILL_LINES, migrations.RunSQL.noop),
        migrations.RunSQL(FILL_SITES, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP, FORGET),
    ]
