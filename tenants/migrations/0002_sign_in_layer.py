from django.db import migrations

from tenants.rls import SharedTable


class Migration(migrations.Migration):
    """Let the application role use the tables of the sign-in libraries."""

    dependencies = [
        ("tenants", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        SharedTable("django_content_type", "django_migrations"),
        SharedTable("django_session", rights="SELECT, INSERT, UPDATE, DELETE"),
        SharedTable(
            "account_emailaddress",
            "account_emailconfirmation",
            rights="SELECT, INSERT, UPDATE, DELETE",
        ),
        migrations.RunSQL(
            "GRANT USAGE ON SEQUENCE account_emailaddress_id_seq, "
            "account_emailconfirmation_id_seq TO ws_app",
            "REVOKE ALL ON SEQUENCE account_emailaddress_id_seq, "
            "account_emailconfirmation_id_seq FROM ws_app",
        ),
    ]
