"""Schedules, profiles, parts by vantage, pauses, and what changed about services."""

import common.ids
import django.db.models.deletion
import tenants.rls
from django.conf import settings
from django.db import migrations, models


# Changes are forgotten with what was seen; the same limits as exposure_prune_observed.
CHANGES = """
CREATE FUNCTION exposure_prune_changes(days integer, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here uuid := current_setting('app.workspace_id')::uuid;
  oldest timestamptz := now() - make_interval(days => greatest(days, 90));
  gone bigint;
BEGIN
  IF EXISTS (SELECT 1 FROM tenants_datapolicy WHERE workspace_id = here AND hold <> '') THEN
    RETURN 0;
  END IF;
  DELETE FROM exposure_servicechange WHERE id IN (
    SELECT id FROM exposure_servicechange
    WHERE workspace_id = here AND at < oldest LIMIT most);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION exposure_prune_changes(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION exposure_prune_changes(integer, integer) TO ws_app;
"""

UNCHANGES = "DROP FUNCTION exposure_prune_changes(integer, integer);"


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0022_scope"),
        ("tenants", "0014_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RunPart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for its worker"),
                            ("working", "Working"),
                            ("done", "Done"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "profile",
                    models.CharField(
                        choices=[
                            ("normal", "Normal"),
                            ("gentle", "Gentle"),
                            ("identify", "Identify only"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "every",
                    models.CharField(
                        choices=[
                            ("daily", "Every day"),
                            ("weekly", "Every week"),
                            ("monthly", "Every month"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.TimeField(help_text="Local time of `zone`")),
                ("zone", models.CharField(max_length=64)),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Monday is 0"
                    ),
                ),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("on_new_check", models.BooleanField(default=True)),
                ("enabled", models.BooleanField(default=True)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("last_at", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
                ("trouble_at", models.DateTimeField(blank=True, null=True)),
                (
                    "checks_seen",
                    models.CharField(blank=True, default="", max_length=64),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="ServiceChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=common.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("gone", "Gone"),
                            ("back", "Back"),
                            ("protocol", "Other protocol"),
                            ("product", "Product"),
                            ("version", "Version"),
                            ("certificate", "Certificate"),
                            ("access", "Access"),
                            ("level", "Proof"),
                            ("anomaly", "Anomaly"),
                        ],
                        max_length=12,
                    ),
                ),
                ("before", models.CharField(blank=True, default="", max_length=300)),
                ("after", models.CharField(blank=True, default="", max_length=300)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="run",
            name="one_run_at_a_time_per_site",
        ),
        migrations.AddField(
            model_name="authorisation",
            name="all_from_inside",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="run",
            name="checks",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="run",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="goes_on_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="last_packet_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="pause_requested_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="pause_requested_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: the hours of the authorisation closed",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="paused_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="profile",
            field=models.CharField(
                choices=[
                    ("normal", "Normal"),
                    ("gentle", "Gentle"),
                    ("identify", "Identify only"),
                ],
                default="normal",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="profile_version",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="runtarget",
            name="mode",
            field=models.CharField(
                choices=[
                    ("full", "ports and services"),
                    ("identify", "known ports are identified, nothing is swept"),
                    ("listen", "known ports are listened to, nothing is said"),
                ],
                default="full",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="vantage",
            name="own_worker",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="vantage",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="vantage",
            name="seen_as",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
        migrations.AddField(
            model_name="vantage",
            name="seen_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="run",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Waiting"),
                    ("running", "Running"),
                    ("paused", "Paused"),
                    ("finished", "Finished"),
                    ("stopped", "Stopped"),
                    ("failed", "Failed"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="runpart",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parts",
                to="exposure.run",
            ),
        ),
        migrations.AddField(
            model_name="runpart",
            name="vantage",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Empty: every vantage that the installation's own worker looks from",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="exposure.vantage",
            ),
        ),
        migrations.AddField(
            model_name="runpart",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.workspace",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="authorisation",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="exposure.authorisation",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="site",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="exposure.site",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.workspace",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="schedule",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Empty: somebody asked",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="exposure.schedule",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.UniqueConstraint(
                fields=("workspace", "id"), name="schedule_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=tenants.rls.WorkspaceFK(
                field="schedule", name="run_schedule", on_delete="NO ACTION"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "running", "paused"])),
                fields=("workspace", "site"),
                name="one_run_at_a_time_per_site",
                violation_error_message="A run of this site is under way already.",
            ),
        ),
        migrations.AddField(
            model_name="servicechange",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="exposure.run",
            ),
        ),
        migrations.AddField(
            model_name="servicechange",
            name="service",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="exposure.service",
            ),
        ),
        migrations.AddField(
            model_name="servicechange",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.workspace",
            ),
        ),
        migrations.AddConstraint(
            model_name="runpart",
            constraint=tenants.rls.WorkspaceFK(
                field="run", name="part_run", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="runpart",
            constraint=tenants.rls.WorkspaceFK(
                field="vantage", name="part_vantage", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="runpart",
            constraint=models.UniqueConstraint(
                fields=("workspace", "run", "vantage"),
                name="one_part_per_worker",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=tenants.rls.WorkspaceFK(
                field="site", name="schedule_site", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=tenants.rls.WorkspaceFK(
                field="authorisation",
                name="schedule_authorisation",
                on_delete="CASCADE",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("day__gte", 1), ("day__lte", 31), ("weekday__lte", 6)
                ),
                name="schedule_day_of_a_month",
                violation_error_message="A month has days 1 to 31.",
            ),
        ),
        migrations.AddIndex(
            model_name="servicechange",
            index=models.Index(fields=["workspace", "-at", "-id"], name="change_feed"),
        ),
        migrations.AddIndex(
            model_name="servicechange",
            index=models.Index(
                fields=["workspace", "run", "kind"], name="change_of_run"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicechange",
            constraint=tenants.rls.WorkspaceFK(
                field="service", name="change_service", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicechange",
            constraint=tenants.rls.WorkspaceFK(
                field="run", name="change_run", on_delete="CASCADE"
            ),
        ),
        tenants.rls.WallTable("exposure_schedule"),
        tenants.rls.WallTable("exposure_runpart"),
        tenants.rls.WallTable("exposure_servicechange", append_only=True),
        migrations.RunSQL(CHANGES, UNCHANGES),
    ]
