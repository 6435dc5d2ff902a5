import django.db.models.deletion
from django.db import migrations, models

from tenants.rls import SharedTable


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0012_groups_and_staff"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderLogo",
            fields=[
                (
                    "provider",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="logo",
                        serialize=False,
                        to="tenants.provider",
                    ),
                ),
                ("png", models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name="provider",
            name="accent",
            field=models.CharField(blank=True, default="", max_length=7),
        ),
        migrations.AddField(
            model_name="provider",
            name="accent_dark",
            field=models.CharField(blank=True, default="", max_length=7),
        ),
        migrations.AddField(
            model_name="provider",
            name="logo_hash",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="provider",
            name="mail_address",
            field=models.EmailField(blank=True, default="", max_length=254),
        ),
        migrations.AddField(
            model_name="provider",
            name="mail_name",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.AddField(
            model_name="provider",
            name="product_name",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        SharedTable("tenants_providerlogo", rights="SELECT, INSERT, UPDATE, DELETE"),
    ]
