from django.db import migrations

# The database's part of forgetting what was seen; see docs/decisions/0012.
#
# Both functions work for the workspace of the setting, never forget what is younger than
# their own limit, and do nothing while there is a hold.
OBSERVED = """
CREATE FUNCTION exposure_prune_observed(days integer, most integer) RETURNS bigint
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
  DELETE FROM exposure_proberecord WHERE id IN (
    SELECT r.id FROM exposure_proberecord r
    WHERE r.workspace_id = here AND r.at < before AND NOT EXISTS (
      SELECT 1 FROM exposure_evidence e JOIN exposure_finding f
        ON f.workspace_id = here AND f.id = e.finding_id
      WHERE e.workspace_id = here AND e.run_id = r.run_id AND f.state = ANY (counted))
    LIMIT most);
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
REVOKE ALL ON FUNCTION exposure_prune_observed(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION exposure_prune_observed(integer, integer) TO ws_app;
"""

UNOBSERVED = "DROP FUNCTION exposure_prune_observed(integer, integer);"

EVIDENCE = """
CREATE FUNCTION exposure_prune_evidence(days integer, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here uuid := current_setting('app.workspace_id')::uuid;
  before timestamptz := now() - make_interval(days => greatest(days, 365));
  gone bigint;
BEGIN
  IF EXISTS (SELECT 1 FROM tenants_datapolicy WHERE workspace_id = here AND hold <> '') THEN
    RETURN 0;
  END IF;
  DELETE FROM exposure_evidence WHERE id IN (
    SELECT e.id FROM exposure_evidence e JOIN exposure_finding f
      ON f.workspace_id = here AND f.id = e.finding_id
    WHERE e.workspace_id = here AND e.at < before AND f.state IN ('closed', 'disproved')
      AND coalesce(f.closed_at, e.at) < before
    LIMIT most);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION exposure_prune_evidence(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION exposure_prune_evidence(integer, integer) TO ws_app;
"""

UNEVIDENCE = "DROP FUNCTION exposure_prune_evidence(integer, integer);"


class Migration(migrations.Migration):
    """Let what was seen be forgotten after its time, and nothing else."""

    dependencies = [
        ("exposure", "0003_sites"),
        ("tenants", "0014_retention"),
    ]

    operations = [
        migrations.RunSQL(OBSERVED, UNOBSERVED),
        migrations.RunSQL(EVIDENCE, UNEVIDENCE),
    ]
