"""The probe ledger in batches, partitioned by month; see docs/decisions/0023."""

from typing import Any

import common.ids
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import CASCADE
from django.db.models.deletion import DO_NOTHING as NOTHING

from tenants.rls import WallTable, WorkspaceFK

RENAME = "ALTER TABLE exposure_proberecord RENAME TO exposure_proberecord_rows"
RENAME_BACK = "ALTER TABLE exposure_proberecord_rows RENAME TO exposure_proberecord"

# Without an index on the address: whoever asks for one names a time as well.
PARTITIONED = """
CREATE TABLE exposure_probebatch (
  id uuid NOT NULL,
  workspace_id uuid NOT NULL REFERENCES tenants_workspace (id) DEFERRABLE INITIALLY DEFERRED,
  run_id uuid,
  at timestamptz NOT NULL,
  vantage_id uuid NOT NULL,
  address inet NOT NULL,
  transport varchar(3) NOT NULL,
  probe varchar(20) NOT NULL,
  probe_version smallint NOT NULL CHECK (probe_version >= 0),
  result varchar(20) NOT NULL,
  connections smallint NOT NULL CHECK (connections >= 0),
  bytes_out integer NOT NULL CHECK (bytes_out >= 0),
  bytes_in integer NOT NULL CHECK (bytes_in >= 0),
  ports integer[] NOT NULL,
  after_ms integer[] NOT NULL,
  CHECK (cardinality(ports) > 0 AND cardinality(ports) = cardinality(after_ms)),
  PRIMARY KEY (id, at),
  CONSTRAINT batch_run FOREIGN KEY (workspace_id, run_id)
    REFERENCES exposure_run (workspace_id, id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT batch_vantage FOREIGN KEY (workspace_id, vantage_id)
    REFERENCES exposure_vantage (workspace_id, id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (at);
CREATE INDEX batch_of_run ON exposure_probebatch (workspace_id, run_id, at);
CREATE INDEX batch_by_time ON exposure_probebatch (workspace_id, at);
-- What belongs to no month that was made in time is kept here, and nothing is refused.
CREATE TABLE exposure_probebatch_rest PARTITION OF exposure_probebatch DEFAULT;
"""
UNPARTITIONED = "DROP TABLE exposure_probebatch"

# Partitions carry no grants: the application reaches them through the walled parent only.
MONTHS = """
CREATE FUNCTION exposure_ledger_month(moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  first timestamptz := date_trunc('month', moment);
  name text := 'exposure_probebatch_' || to_char(first, 'YYYY_MM');
BEGIN
  IF to_regclass('public.' || name) IS NOT NULL OR EXISTS (
    SELECT 1 FROM exposure_probebatch_rest WHERE at >= first AND at < first + interval '1 month'
  ) THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE public.%I PARTITION OF public.exposure_probebatch '
    'FOR VALUES FROM (%L) TO (%L)', name, first, first + interval '1 month');
END $$;
REVOKE ALL ON FUNCTION exposure_ledger_month(timestamptz) FROM PUBLIC;

-- Whoever may write the ledger may have its months made, of now and the next two; months
-- that retention has emptied are dropped. It gives up rather than keep writers waiting.
CREATE FUNCTION exposure_ledger_months() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  part text;
  used boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('exposure_ledger_months'));
  FOR ahead IN 0..2 LOOP
    PERFORM exposure_ledger_month(now() + make_interval(months => ahead));
  END LOOP;
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'exposure_probebatch'::regclass
      AND c.relname ~ '^exposure_probebatch_[0-9]{4}_[0-9]{2}$'
      AND c.relname < 'exposure_probebatch_' || to_char(now() - interval '90 days', 'YYYY_MM')
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', part) INTO used;
    IF NOT used THEN
      EXECUTE format('DROP TABLE public.%I', part);
    END IF;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION exposure_ledger_months() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION exposure_ledger_months() TO ws_app;
"""
NO_MONTHS = """
DROP FUNCTION exposure_ledger_months();
DROP FUNCTION exposure_ledger_month(timestamptz);
"""

FILL = """
SELECT exposure_ledger_months();
SELECT exposure_ledger_month(month) FROM (
  SELECT DISTINCT date_trunc('month', at, 'UTC') AS month FROM exposure_proberecord_rows) months;
INSERT INTO exposure_probebatch (id, workspace_id, run_id, at, vantage_id, address, transport,
  probe, probe_version, result, connections, bytes_out, bytes_in, ports, after_ms)
SELECT gen_random_uuid(), workspace_id, run_id, first, vantage_id, address, transport, probe,
  probe_version, result, connections, bytes_out, bytes_in, array_agg(port ORDER BY at, id),
  array_agg((1000 * extract(epoch FROM at - first))::integer ORDER BY at, id)
FROM (
  SELECT rows.*, min(at) OVER (
    PARTITION BY workspace_id, run_id, vantage_id, address, transport, probe, probe_version,
      result, connections, bytes_out, bytes_in, date_bin('10 minutes', at, '2000-01-01T00:00Z')
  ) AS first FROM exposure_proberecord_rows rows) kinds
GROUP BY workspace_id, run_id, first, vantage_id, address, transport, probe, probe_version,
  result, connections, bytes_out, bytes_in;
SET CONSTRAINTS ALL IMMEDIATE;
DROP TABLE exposure_proberecord_rows;
"""
ROWS = """
CREATE TABLE exposure_proberecord_rows (
  id uuid NOT NULL PRIMARY KEY,
  at timestamptz NOT NULL,
  address inet NOT NULL,
  port integer NOT NULL CHECK (port >= 0),
  probe varchar(20) NOT NULL,
  probe_version smallint NOT NULL CHECK (probe_version >= 0),
  connections smallint NOT NULL CHECK (connections >= 0),
  bytes_out integer NOT NULL CHECK (bytes_out >= 0),
  bytes_in integer NOT NULL CHECK (bytes_in >= 0),
  result varchar(20) NOT NULL,
  run_id uuid,
  vantage_id uuid NOT NULL,
  workspace_id uuid NOT NULL REFERENCES tenants_workspace (id) DEFERRABLE INITIALLY DEFERRED,
  transport varchar(3) NOT NULL,
  CONSTRAINT record_run FOREIGN KEY (workspace_id, run_id)
    REFERENCES exposure_run (workspace_id, id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT record_vantage FOREIGN KEY (workspace_id, vantage_id)
    REFERENCES exposure_vantage (workspace_id, id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX record_of_run ON exposure_proberecord_rows (workspace_id, run_id, at);
"""
# The rows of the table before have no wall for this moment; it comes with their name.
INTO_ROWS = """
INSERT INTO exposure_proberecord_rows (id, at, address, port, probe, probe_version, connections,
  bytes_out, bytes_in, result, run_id, vantage_id, workspace_id, transport)
SELECT gen_random_uuid(), b.at + e.after * interval '1 millisecond', b.address, e.port, b.probe,
  b.probe_version, b.connections, b.bytes_out, b.bytes_in, b.result, b.run_id, b.vantage_id,
  b.workspace_id, b.transport
FROM exposure_probebatch b CROSS JOIN LATERAL unnest(b.ports, b.after_ms) AS e (port, after);
SET CONSTRAINTS ALL IMMEDIATE;
"""

VIEW = """
CREATE VIEW exposure_proberecord WITH (security_invoker = true) AS
SELECT b.id::text || '/' || e.n AS id, b.workspace_id, b.run_id, b.at AS batch_at,
  b.at + e.after * interval '1 millisecond' AS at, b.vantage_id, b.address, e.port,
  b.transport, b.probe, b.probe_version, b.connections, b.bytes_out, b.bytes_in, b.result
FROM exposure_probebatch b
CROSS JOIN LATERAL unnest(b.ports, b.after_ms) WITH ORDINALITY AS e (port, after, n);
GRANT SELECT ON exposure_proberecord TO ws_app, ws_rollup;
"""
NO_VIEW = "DROP VIEW exposure_proberecord"

PRUNE = """
CREATE OR REPLACE FUNCTION exposure_prune_observed(days integer, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here uuid := current_setting('app.workspace_id')::uuid;
  before timestamptz := now() - make_interval(days => greatest(days, 90));
  counted text[] := ARRAY['validating', 'open', 'treated', 'verifying'];
  part bigint;
  gone bigint := 0;
BEGIN
  IF EXISTS (SELECT 1 FROM tenants_datapolicy WHERE workspace_id = here AND hold <> '') THEN
    RETURN 0;
  END IF;
  DELETE FROM {table} WHERE id IN (
    SELECT r.id FROM {table} r
    WHERE r.workspace_id = here AND r.at < before AND NOT EXISTS (
      SELECT 1 FROM exposure_evidence e JOIN exposure_finding f
        ON f.workspace_id = here AND f.id = e.finding_id
      WHERE e.workspace_id = here AND e.run_id = r.run_id AND f.state = ANY (counted))
    LIMIT most){young};
  GET DIAGNOSTICS part = ROW_COUNT;
  gone := gone + part;
  -- What evidence or a service names would go with the row that names it: never.
  DELETE FROM exposure_observation WHERE id IN (
    SELECT o.id FROM exposure_observation o
    WHERE o.workspace_id = here AND o.at < before
      AND NOT EXISTS (SELECT 1 FROM exposure_evidence e
        WHERE e.workspace_id = here AND e.observation_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM exposure_service s
        WHERE s.workspace_id = here AND s.observation_id = o.id)
    LIMIT most);
  GET DIAGNOSTICS part = ROW_COUNT;
  gone := gone + part;
  DELETE FROM exposure_runevent WHERE id IN (
    SELECT id FROM exposure_runevent WHERE workspace_id = here AND at < before LIMIT most);
  GET DIAGNOSTICS part = ROW_COUNT;
  RETURN gone + part;
END $$;
"""
# The second `at` lets the planner leave out the partitions that are too young.
FORGET = PRUNE.replace("{table}", "exposure_probebatch").replace(
    "{young}", " AND at < before"
)
FORGET_ROWS = PRUNE.replace("{table}", "exposure_proberecord").replace("{young}", "")


def record_fields() -> Any:
    return [
        ("at", models.DateTimeField()),
        ("address", models.GenericIPAddressField()),
        (
            "transport",
            models.CharField(
                choices=[("tcp", "TCP"), ("udp", "UDP")], default="tcp", max_length=3
            ),
        ),
        ("probe", models.CharField(max_length=20)),
        ("probe_version", models.PositiveSmallIntegerField()),
        ("result", models.CharField(max_length=20)),
        ("connections", models.PositiveSmallIntegerField()),
        ("bytes_out", models.PositiveIntegerField()),
        ("bytes_in", models.PositiveIntegerField()),
    ]


def key(to: str, *, on_delete: Any = CASCADE, **more: Any) -> Any:
    return models.ForeignKey(to=to, on_delete=on_delete, **more)


NUMBERS: Any = models.PositiveIntegerField()


class Migration(migrations.Migration):
    dependencies = [
        ("exposure", "0015_transport"),
        ("tenants", "0014_retention"),
    ]

    operations = [
        migrations.RunSQL(RENAME, RENAME_BACK),
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "".join(
                f"{statement};\n"
                for statement in WallTable(
                    "exposure_proberecord_rows", append_only=True
                ).forwards
            ),
        ),
        migrations.RunSQL(PARTITIONED, UNPARTITIONED),
        WallTable("exposure_probebatch", append_only=True),
        migrations.RunSQL(MONTHS, NO_MONTHS),
        migrations.RunSQL(FILL, ROWS + INTO_ROWS),
        migrations.RunSQL(VIEW, NO_VIEW),
        migrations.RunSQL(FORGET, FORGET_ROWS),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("ProbeRecord"),
                migrations.CreateModel(
                    "ProbeBatch",
                    [
                        (
                            "id",
                            models.UUIDField(
                                default=common.ids.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        *record_fields(),
                        (
                            "ports",
                            ArrayField(NUMBERS),
                        ),
                        (
                            "after_ms",
                            ArrayField(NUMBERS),
                        ),
                        (
                            "run",
                            key(
                                "exposure.run",
                                blank=True,
                                null=True,
                                db_constraint=False,
                                related_name="batches",
                                help_text="Empty: a re-test of one finding",
                            ),
                        ),
                        ("vantage", key("exposure.vantage", db_constraint=False)),
                        (
                            "workspace",
                            key(
                                "tenants.workspace",
                                db_index=False,
                                editable=False,
                                related_name="+",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["workspace", "run", "at"], name="batch_of_run"
                            ),
                            models.Index(
                                fields=["workspace", "at"], name="batch_by_time"
                            ),
                        ],
                        "constraints": [
                            WorkspaceFK(field="run", name="batch_run"),
                            WorkspaceFK(field="vantage", name="batch_vantage"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    "ProbeRecord",
                    [
                        (
                            "id",
                            models.CharField(
                                max_length=48, primary_key=True, serialize=False
                            ),
                        ),
                        *record_fields(),
                        (
                            "batch_at",
                            models.DateTimeField(
                                help_text="When its batch began; indexed"
                            ),
                        ),
                        ("port", models.PositiveIntegerField()),
                        (
                            "run",
                            key(
                                "exposure.run",
                                on_delete=NOTHING,
                                null=True,
                                db_constraint=False,
                                related_name="records",
                            ),
                        ),
                        (
                            "vantage",
                            key(
                                "exposure.vantage",
                                on_delete=NOTHING,
                                db_constraint=False,
                            ),
                        ),
                        (
                            "workspace",
                            key(
                                "tenants.workspace",
                                on_delete=NOTHING,
                                db_index=False,
                                editable=False,
                                related_name="+",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "exposure_proberecord",
                        "managed": False,
                    },
                ),
            ],
        ),
    ]
