"""The graph that an answer came from is stored beside it, as one string of bytes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exposure", "0024_access")]

    operations = [
        migrations.AddField(
            model_name="pathrevision",
            name="because",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="pathrevision",
            name="engine",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="pathrevision",
            name="graph",
            field=models.BinaryField(blank=True, null=True),
        ),
        # It is compressed already: PostgreSQL need not try, and reads it in pieces.
        migrations.RunSQL(
            "ALTER TABLE exposure_pathrevision ALTER COLUMN graph SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
