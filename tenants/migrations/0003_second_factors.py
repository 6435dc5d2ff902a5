from django.db import migrations

from tenants.rls import SharedTable

ALL = "SELECT, INSERT, UPDATE, DELETE"
SEQUENCES = "mfa_authenticator_id_seq, usersessions_usersession_id_seq"


class Migration(migrations.Migration):
    """Let the application role keep second factors and the list of sessions."""

    dependencies = [
        ("tenants", "0002_sign_in_layer"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        SharedTable("mfa_authenticator", "usersessions_usersession", rights=ALL),
        migrations.RunSQL(
            f"GRANT USAGE ON SEQUENCE {SEQUENCES} TO ws_app",
            f"REVOKE ALL ON SEQUENCE {SEQUENCES} FROM ws_app",
        ),
    ]
