"""The database's part of the ledger: it chains entries when a transaction commits.

The function belongs to the owner role and runs with its rights, so the application
can neither write the chain nor the head. The trigger is deferred: the lock on the head
is taken at the commit, after all other locks, so it is short and cannot deadlock with
them. The hash is `sha256(0x00 || uint32 length of the previous hash || previous hash ||
line)`, see docs/ledger.md.
"""

from typing import Final

CHAIN: Final = """
CREATE FUNCTION tenants_ledger_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  number bigint;
  previous bytea;
  line bytea;
  chain bytea;
BEGIN
  INSERT INTO tenants_ledgerhead (id, workspace_id, size, head)
    VALUES (gen_random_uuid(), NEW.workspace_id, 0, '') ON CONFLICT (workspace_id) DO NOTHING;
  UPDATE tenants_ledgerhead SET size = size + 1
    WHERE workspace_id = NEW.workspace_id RETURNING size, head INTO number, previous;
  line := convert_to('{"body":', 'UTF8') || NEW.body || convert_to(
    ',"seq":' || number || ',"workspace":"' || NEW.workspace_id || '"}', 'UTF8');
  chain := sha256('\\x00'::bytea || int4send(length(previous)) || previous || line);
  UPDATE tenants_ledgerhead SET head = chain WHERE workspace_id = NEW.workspace_id;
  INSERT INTO tenants_ledgerentry
      (id, workspace_id, seq, at, action, object_ref, actor_id, site_id, line, chain)
    VALUES (NEW.id, NEW.workspace_id, number, NEW.at, NEW.action, NEW.object_ref,
      NEW.actor_id, NEW.site_id, line, chain);
  DELETE FROM tenants_ledgerpending WHERE id = NEW.id;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION tenants_ledger_chain() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON tenants_ledgerpending
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tenants_ledger_chain();

CREATE FUNCTION tenants_ledger_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'The ledger is never changed.' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON tenants_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION tenants_ledger_refuse();
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON tenants_checkpoint
  FOR EACH ROW EXECUTE FUNCTION tenants_ledger_refuse();
"""

UNCHAIN: Final = """
DROP TRIGGER refuse ON tenants_checkpoint;
DROP TRIGGER refuse ON tenants_ledgerentry;
DROP FUNCTION tenants_ledger_refuse();
DROP TRIGGER chain ON tenants_ledgerpending;
DROP FUNCTION tenants_ledger_chain();
"""
