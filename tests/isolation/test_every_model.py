"""The wall in the database, read from its own catalogue."""

import pytest
from django.apps import apps
from django.db import DataError, ProgrammingError, connection, transaction

from exposure.models import Asset, Evidence, Finding, Observation, Service, Site
from tenants.models import Workspace
from tenants.models.owned import WorkspaceOwned
from tenants.scope import workspace_scope

OWNED = [model for model in apps.get_models() if issubclass(model, WorkspaceOwned)]
# What the sign-in layer reads before it knows the workspace.
SHARED = {"tenants_membership"}
# Views: they ask with the rights of who reads them, so the wall is that of their table.
VIEWS = {m._meta.db_table for m in OWNED if not m._meta.managed}
# What a roll-up never reads: people, keys, files, and the ledger.
NOT_ROLLED_UP = {
    "tenants_actingas",
    "tenants_apianswer",
    "tenants_apikey",
    "tenants_checkpoint",
    "tenants_datakey",
    "tenants_identity",
    "tenants_identityprovider",
    "tenants_datapolicy",
    "tenants_export",
    "tenants_invitation",
    "tenants_ledgercheck",
    "tenants_ledgerdetail",
    "tenants_ledgerentry",
    "tenants_ledgerhead",
    "tenants_ledgerkey",
    "tenants_ledgerpending",
    "tenants_storedfile",
    "tenants_visit",
}
# Written by everybody, read by the database alone.
UNREADABLE = {"tenants_ledgerpending"}
# What the finding of the fixture fills at Northmill.
FILLED = {Asset, Evidence, Finding, Observation, Service, Site}


def _rows(sql: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())


def _count(model: type[WorkspaceOwned]) -> int:
    table = connection.ops.quote_name(model._meta.db_table)
    return int(str(_rows(f"SELECT count(*) FROM {table}")[0][0]))  # noqa: S608 - our own table


def test_every_tenant_table_is_forced_and_has_its_policies(db: None) -> None:
    walled = _rows(
        "SELECT c.relname FROM pg_class c WHERE c.relrowsecurity AND c.relforcerowsecurity "
        "AND EXISTS (SELECT 1 FROM pg_policies p WHERE p.tablename = c.relname AND p.roles = '{ws_app}') "
    )
    rolled_up = _rows("SELECT tablename FROM pg_policies WHERE roles = '{ws_rollup}'")
    with_a_workspace = _rows(
        "SELECT table_name FROM information_schema.columns "
        "WHERE column_name = 'workspace_id' AND table_schema = 'public'"
    )

    tables = {m._meta.db_table for m in OWNED} - VIEWS
    invoking = _rows(
        "SELECT relname FROM pg_class WHERE 'security_invoker=true' = ANY (reloptions)"
    )

    assert {row[0] for row in walled} == tables
    assert {row[0] for row in invoking} == VIEWS
    assert {row[0] for row in walled} - {row[0] for row in rolled_up} == NOT_ROLLED_UP
    assert {row[0] for row in with_a_workspace} - tables == SHARED | VIEWS


def test_no_policy_lets_everybody_see_everything(db: None) -> None:
    open_ones = _rows(
        "SELECT tablename, roles::text FROM pg_policies WHERE qual = 'true'"
    )

    assert open_ones == [("tenants_job", "{ws_dispatch}")]


def test_no_foreign_key_between_tenant_tables_lacks_the_workspace(db: None) -> None:
    plain = _rows(
        "SELECT con.conname FROM pg_constraint con "
        "JOIN pg_class a ON a.oid = con.conrelid JOIN pg_class b ON b.oid = con.confrelid "
        "WHERE con.contype = 'f' AND a.relrowsecurity AND b.relrowsecurity AND NOT EXISTS ("
        "SELECT 1 FROM unnest(con.conkey) k JOIN pg_attribute t ON t.attrelid = a.oid "
        "AND t.attnum = k WHERE t.attname = 'workspace_id')"
    )

    assert plain == []


def test_every_tenant_foreign_key_of_the_models_is_in_the_database(db: None) -> None:
    missing = []
    keys = {
        str(row[0])
        for row in _rows(
            "SELECT a.relname || '.' || t.attname FROM pg_constraint con "
            "JOIN pg_class a ON a.oid = con.conrelid "
            "JOIN pg_attribute t ON t.attrelid = a.oid AND t.attnum = ANY (con.conkey) "
            "WHERE con.contype = 'f' AND array_length(con.conkey, 1) = 2"
        )
    }
    for model in (each for each in OWNED if each._meta.managed):
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if (
                field.concrete
                and isinstance(target, type)
                and issubclass(target, WorkspaceOwned)
                and f"{model._meta.db_table}.{field.column}" not in keys
            ):
                missing.append(f"{model._meta.db_table}.{field.column}")

    assert missing == []


def test_every_unique_rule_of_a_tenant_table_starts_with_the_workspace(
    db: None,
) -> None:
    loose = [
        f"{model._meta.db_table}: {row[0]}"
        for model in OWNED
        for row in _rows(
            "SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
            "JOIN pg_class t ON t.oid = x.indrelid JOIN pg_attribute a ON a.attrelid = t.oid "
            "AND a.attnum = x.indkey[0] WHERE t.relname = %s "
            "AND x.indisunique AND NOT x.indisprimary AND a.attname <> 'workspace_id'",
            model._meta.db_table,
        )
    ]

    # A finding has one case; the key is a random id, so nobody can guess at it.
    assert loose == ["workflows_case: workflows_case_finding_id_key"]


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model._meta.label)
def test_raw_sql_without_a_scope_is_an_error(
    model: type[WorkspaceOwned], db: None
) -> None:
    with pytest.raises((DataError, ProgrammingError)), transaction.atomic():
        _count(model)


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model._meta.label)
def test_raw_sql_in_a_scope_sees_nothing_of_others(
    model: type[WorkspaceOwned], finding: Finding, eastholm: Workspace
) -> None:
    if model._meta.db_table in UNREADABLE:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
        ):
            _count(model)
        return
    own = _count(model)

    _rows("SELECT set_config('app.workspace_id', %s, true)", str(eastholm.id))

    assert _count(model) == 0
    if model in FILLED:
        assert own > 0


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE exposure_finding",
        "ALTER TABLE exposure_finding DISABLE ROW LEVEL SECURITY",
        "SET ROLE ws_owner",
        "SET SESSION AUTHORIZATION ws_owner",
        "SET LOCAL row_security = off; SELECT * FROM exposure_finding",
        "DELETE FROM exposure_probebatch",
        "UPDATE exposure_evidence SET title = 'x'",
        "UPDATE workflows_signature SET comment = 'x'",
        "DELETE FROM workflows_event",
        "INSERT INTO tenants_ledgerentry (id) VALUES (gen_random_uuid())",
        "UPDATE tenants_ledgerentry SET line = 'x'",
        "DELETE FROM tenants_ledgerentry",
        "UPDATE tenants_ledgerhead SET size = 0",
        "DELETE FROM tenants_ledgerpending",
        "UPDATE tenants_checkpoint SET note = 'x'",
        "SELECT tenants_ledger_chain()",
    ],
)
def test_the_application_role_may_not(statement: str, northmill: Workspace) -> None:
    with (
        workspace_scope(northmill.id),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
