"""Exposure per line beside the total, so that a reader of some sites gets theirs."""

from django.db import migrations, models

# The stored answers are JSON and name every line.
FILL = """
UPDATE exposure_pathrevision revision SET by_line = coalesce((
  SELECT jsonb_object_agg(line ->> 'line_id', jsonb_build_object(
    'units', (line ->> 'exposure')::float, 'reached', line -> 'best' <> 'null'::jsonb
  ))
  FROM jsonb_array_elements(convert_from(revision.result, 'UTF8')::jsonb -> 'lines') line
), '{}'::jsonb)
"""


class Migration(migrations.Migration):
    dependencies = [("exposure", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="pathrevision",
            name="by_line",
            field=models.JSONField(default=dict),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
