import django.db.models.deletion
import tenants.rls
from django.db import migrations, models


class Migration(migrations.Migration):
    """Let a decision name the plan that it was sent from."""

    dependencies = [
        ("exposure", "0027_plan_key"),
        ("workflows", "0014_retention"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="plan",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="exposure.plan",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="plan_change",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=tenants.rls.WorkspaceFK(
                field="plan", name="decision_plan", on_delete="NO ACTION"
            ),
        ),
    ]
