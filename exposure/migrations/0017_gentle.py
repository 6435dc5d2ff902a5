"""Why a target is handled with care, left alone or doubted, and which services are doubted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exposure", "0016_probe_ledger")]

    operations = [
        migrations.AddField(
            model_name=model,
            name=name,
            field=models.CharField(max_length=300, blank=True, default=""),
        )
        for model, name in (
            ("runtarget", "careful_because"),
            ("runtarget", "left_because"),
            ("runtarget", "doubt"),
            ("service", "doubt"),
        )
    ]
