from django.db import migrations

# The database's part of forgetting what was told; see docs/decisions/0012.
#
# Events are append-only: the application may not remove them in another way. Those of a
# case stay, they are its timeline; so does what somebody has still to be told.
TOLD = """
CREATE FUNCTION workflows_prune_told(days integer, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here uuid := current_setting('app.workspace_id')::uuid;
  before timestamptz := now() - make_interval(days => greatest(days, 60));
  told bigint;
  events bigint;
BEGIN
  IF EXISTS (SELECT 1 FROM tenants_datapolicy WHERE workspace_id = here AND hold <> '') THEN
    RETURN 0;
  END IF;
  DELETE FROM workflows_delivery WHERE id IN (
    SELECT d.id FROM workflows_delivery d JOIN workflows_event e
      ON e.workspace_id = here AND e.id = d.event_id
    WHERE d.workspace_id = here AND e.at < before AND d.state <> 'waiting' LIMIT most);
  GET DIAGNOSTICS told = ROW_COUNT;
  DELETE FROM workflows_event WHERE id IN (
    SELECT e.id FROM workflows_event e
    WHERE e.workspace_id = here AND e.at < before AND e.case_id IS NULL AND NOT EXISTS (
      SELECT 1 FROM workflows_delivery d WHERE d.workspace_id = here AND d.event_id = e.id)
    LIMIT most);
  GET DIAGNOSTICS events = ROW_COUNT;
  RETURN told + events;
END $$;
REVOKE ALL ON FUNCTION workflows_prune_told(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION workflows_prune_told(integer, integer) TO ws_app;
"""

UNTOLD = "DROP FUNCTION workflows_prune_told(integer, integer);"


class Migration(migrations.Migration):
    """Let what was told be forgotten after its time, and nothing else."""

    dependencies = [
        ("workflows", "0004_sites"),
        ("tenants", "0014_retention"),
    ]

    operations = [migrations.RunSQL(TOLD, UNTOLD)]
