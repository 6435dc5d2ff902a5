"""Maintenance windows of the network of a site, which stop no line."""

import django.db.models.deletion
from django.db import migrations, models

# Before there were such windows none could be kept.
TAKE_OUT = "DELETE FROM exposure_maintenancewindow WHERE line_id IS NULL"


class Migration(migrations.Migration):
    dependencies = [("exposure", "0031_path_refusal")]

    operations = [
        migrations.AlterField(
            model_name="maintenancewindow",
            name="line",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="exposure.line",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, TAKE_OUT),
    ]
