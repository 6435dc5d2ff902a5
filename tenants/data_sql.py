"""The database's part of deleting: functions that are narrower than any grant.

They belong to the owner role and run with its rights. Each works for the workspace of
the setting that row-level security reads, takes no other one, and checks by the
database's own clock what may go. See docs/decisions/0012.
"""

from typing import Final

GUARD: Final = """
CREATE FUNCTION tenants_guard_closure() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF current_user = 'ws_owner' THEN
    RETURN NEW;  -- a restore
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.asked_at := now();
    NEW.due_at := now() + interval '14 days';
    NEW.confirmed_at := NULL; NEW.confirmed_by_id := NULL;
    NEW.called_off_at := NULL; NEW.called_off_by_id := NULL;
    RETURN NEW;
  END IF;
  IF OLD.called_off_at IS NOT NULL THEN
    RAISE EXCEPTION 'It was called off already.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  NEW.id := OLD.id; NEW.workspace_id := OLD.workspace_id; NEW.reason := OLD.reason;
  NEW.asked_by_id := OLD.asked_by_id; NEW.asked_at := OLD.asked_at;
  NEW.portal_before := OLD.portal_before; NEW.due_at := OLD.due_at;
  IF OLD.confirmed_at IS NOT NULL THEN
    NEW.confirmed_at := OLD.confirmed_at; NEW.confirmed_by_id := OLD.confirmed_by_id;
  ELSIF NEW.confirmed_at IS NOT NULL THEN
    NEW.confirmed_at := now();
    NEW.due_at := least(OLD.due_at, now() + interval '24 hours');
  END IF;
  IF NEW.called_off_at IS NOT NULL THEN
    NEW.called_off_at := now();
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON tenants_closure
  FOR EACH ROW EXECUTE FUNCTION tenants_guard_closure();
"""

UNGUARD: Final = """
DROP TRIGGER guard ON tenants_closure;
DROP FUNCTION tenants_guard_closure();
"""

# The chain may be deleted as a whole, with its workspace, and in no other way.
REFUSE: Final = """
CREATE OR REPLACE FUNCTION tenants_ledger_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_user = 'ws_owner'
      AND current_setting('app.deleting', true) = OLD.workspace_id::text THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'The ledger is never changed.' USING ERRCODE = 'insufficient_privilege';
END $$;
"""

REFUSE_BEFORE: Final = """
CREATE OR REPLACE FUNCTION tenants_ledger_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'The ledger is never changed.' USING ERRCODE = 'insufficient_privilege';
END $$;
"""

# Which of some accounts a row of a customer names, other than the workspace of the
# setting. It tells nothing but whether.
NAMED: Final = """
CREATE FUNCTION tenants_named(people uuid[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here uuid := current_setting('app.workspace_id')::uuid;
  named uuid[] := '{}';
  found uuid[];
  link record;
BEGIN
  FOR link IN
    SELECT k.conrelid::regclass AS place, a.attname AS field FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND k.confrelid = 'tenants_user'::regclass AND EXISTS (
      SELECT 1 FROM pg_attribute w WHERE w.attrelid = k.conrelid AND w.attname = 'workspace_id')
  LOOP
    EXECUTE format('SELECT coalesce(array_agg(DISTINCT %I), ''{}'') FROM %s '
      'WHERE %I = ANY ($1) AND workspace_id <> $2', link.field, link.place, link.field)
      INTO found USING people, here;
    named := named || found;
  END LOOP;
  RETURN named;
END $$;
REVOKE ALL ON FUNCTION tenants_named(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenants_named(uuid[]) TO ws_app;
"""

UNNAMED: Final = "DROP FUNCTION tenants_named(uuid[]);"

# Tables are found in the catalogue, so that a new one cannot be forgotten; those that
# nothing points at go first. Returns counts, and the accounts that are left without any
# place: those that no row names, and those that some row of another customer names.
DELETE: Final = """
CREATE FUNCTION tenants_delete_workspace() RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here uuid := current_setting('app.workspace_id')::uuid;
  waiting oid[];
  every oid[];
  one oid;
  gone bigint;
  counts jsonb := '{}';
  people uuid[];
  named uuid[];
BEGIN
  PERFORM 1 FROM tenants_closure
    WHERE workspace_id = here AND called_off_at IS NULL AND due_at <= now() FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'This workspace is not due.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM 1 FROM tenants_datapolicy WHERE workspace_id = here AND hold <> '' FOR UPDATE;
  IF FOUND THEN
    RAISE EXCEPTION 'All deletion is on hold.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM set_config('app.deleting', here::text, true);
  SELECT coalesce(array_agg(DISTINCT user_id), '{}') INTO people
    FROM tenants_membership WHERE workspace_id = here;
  SELECT array_agg(c.oid) INTO waiting FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace;
  every := waiting;
  WHILE cardinality(waiting) > 0 LOOP
    SELECT t INTO one FROM unnest(waiting) t ORDER BY EXISTS (
        SELECT 1 FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = t
        AND k.conrelid <> t AND k.conrelid = ANY (waiting)), t LIMIT 1;
    -- Counted before: a row that goes with its parent is not told of by the delete.
    EXECUTE format('SELECT count(*) FROM %s WHERE workspace_id = $1', one::regclass)
      INTO gone USING here;
    EXECUTE format('DELETE FROM %s WHERE workspace_id = $1', one::regclass) USING here;
    counts := counts || jsonb_build_object(one::regclass::text, gone);
    waiting := array_remove(waiting, one);
  END LOOP;
  -- Triggers of a table may have written into one that was empty already.
  FOREACH one IN ARRAY every LOOP
    EXECUTE format('DELETE FROM %s WHERE workspace_id = $1', one::regclass) USING here;
  END LOOP;
  DELETE FROM tenants_workspace WHERE id = here;
  PERFORM set_config('app.deleting', '', true);
  SELECT coalesce(array_agg(p), '{}') INTO people FROM unnest(people) p
    WHERE NOT EXISTS (SELECT 1 FROM tenants_membership m WHERE m.user_id = p)
      AND NOT EXISTS (SELECT 1 FROM tenants_staff s WHERE s.user_id = p)
      AND NOT EXISTS (SELECT 1 FROM tenants_groupseat g WHERE g.user_id = p);
  named := tenants_named(people);
  RETURN jsonb_build_object('counts', counts, 'people', to_jsonb(people), 'named', to_jsonb(named));
END $$;
REVOKE ALL ON FUNCTION tenants_delete_workspace() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenants_delete_workspace() TO ws_app;
"""

UNDELETE: Final = "DROP FUNCTION tenants_delete_workspace();"

# Removes the readable part of entries. What tells of an erasure or of a signature stays
# readable, whatever is asked for; entries that have not been chained yet stay too.
ERASE: Final = """
CREATE FUNCTION tenants_erase_details(numbers bigint[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here uuid := current_setting('app.workspace_id')::uuid;
  gone bigint[];
BEGIN
  PERFORM 1 FROM tenants_datapolicy WHERE workspace_id = here AND hold <> '';
  IF FOUND THEN
    RAISE EXCEPTION 'All deletion is on hold.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  WITH erased AS (
    DELETE FROM tenants_ledgerdetail d USING tenants_ledgerentry e
    WHERE e.workspace_id = here AND e.seq = ANY (numbers) AND d.workspace_id = here
      AND d.id = e.id AND e.action <> 'audit.erased'
      AND e.action NOT IN ('decision.signed', 'decision.changes_requested',
        'decision.rejected', 'scope.signed')
    RETURNING e.seq
  ) SELECT coalesce(array_agg(seq ORDER BY seq), '{}') INTO gone FROM erased;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION tenants_erase_details(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenants_erase_details(bigint[]) TO ws_app;
"""

UNERASE: Final = "DROP FUNCTION tenants_erase_details(bigint[]);"

# Visits and looks are append-only; the application may not remove them in another way.
PRUNE: Final = """
CREATE FUNCTION tenants_prune_visits(days integer, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here uuid := current_setting('app.workspace_id')::uuid;
  before timestamptz := now() - make_interval(days => greatest(days, 365));
  visits bigint;
  looks bigint;
BEGIN
  IF EXISTS (SELECT 1 FROM tenants_datapolicy WHERE workspace_id = here AND hold <> '') THEN
    RETURN 0;
  END IF;
  DELETE FROM tenants_visit WHERE id IN (
    SELECT id FROM tenants_visit WHERE workspace_id = here AND hour < before LIMIT most);
  GET DIAGNOSTICS visits = ROW_COUNT;
  DELETE FROM tenants_actingas WHERE id IN (
    SELECT id FROM tenants_actingas WHERE workspace_id = here AND ends_at < before LIMIT most);
  GET DIAGNOSTICS looks = ROW_COUNT;
  RETURN visits + looks;
END $$;
REVOKE ALL ON FUNCTION tenants_prune_visits(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenants_prune_visits(integer, integer) TO ws_app;
"""

UNPRUNE: Final = "DROP FUNCTION tenants_prune_visits(integer, integer);"
