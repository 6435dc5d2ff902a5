from django.db import migrations, models


class Migration(migrations.Migration):
    """Let rows of other tables point at a plan of their own workspace."""

    dependencies = [
        ("exposure", "0026_plans"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                fields=("workspace", "id"), name="plan_key"
            ),
        ),
    ]
