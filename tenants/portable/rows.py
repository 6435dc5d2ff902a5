"""Reads and writes the rows of one workspace, table by table, without knowing them."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from typing import Any, Final

import psycopg
from django.apps import apps
from django.db import connections, models

from tenants.models import Job, LedgerPending, User
from tenants.models.owned import WorkspaceOwned
from tenants.scope import workspace_scope

BATCH: Final = 500
# Work in progress and what is empty between transactions: nothing anybody owns.
PASSING: Final = frozenset({Job, LedgerPending})

READ = """
SELECT t.id, to_jsonb(t)::text FROM {table} t
WHERE t.workspace_id = %s AND t.id > %s ORDER BY t.id LIMIT %s
"""
WRITE = """
INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, row)).*
FROM jsonb_array_elements(%s::jsonb) AS row
"""
FIRST = uuid.UUID(int=0)


def tables() -> list[type[WorkspaceOwned]]:
    """Return every kind of row that belongs to a workspace, by the name of its table."""
    owned = [
        model
        for model in apps.get_models()
        if issubclass(model, WorkspaceOwned) and model not in PASSING
    ]
    return sorted(owned, key=lambda model: model._meta.db_table)


def read_rows(
    model: type[models.Model], workspace_id: uuid.UUID
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table by id, as the database writes them in JSON.

    Bytes are hexadecimal text that begins with `\\x`, moments are ISO 8601. Memory
    stays flat. Call it inside the workspace's scope.
    """
    sql = READ.format(table=_name(model))
    last = FIRST
    while True:
        with connections["default"].cursor() as cursor:
            cursor.execute(sql, [workspace_id, last, BATCH])
            found = cursor.fetchall()
        yield from (json.loads(text) for _, text in found)
        if len(found) < BATCH:
            return
        last = found[-1][0]


def write_rows(
    model: type[models.Model], rows: list[dict[str, Any]], *, using: str
) -> None:
    """Insert rows as `read_rows` gave them; types and values come back exactly."""
    if rows:
        with connections[using].cursor() as cursor:
            cursor.execute(WRITE.format(table=_name(model)), [json.dumps(rows)])


def people_columns(model: type[models.Model]) -> list[str]:
    """Return the columns of a table that name an account."""
    return [
        field.column
        for field in model._meta.concrete_fields
        if field.related_model is User
    ]


@contextlib.contextmanager
def snapshot(workspace_id: uuid.UUID) -> Iterator[None]:
    """Read one workspace as it is at one moment, whatever is written meanwhile."""
    connection = connections["default"]
    connection.ensure_connection()
    raw = connection.connection
    assert isinstance(raw, psycopg.Connection)  # noqa: S101 - our only database
    raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    try:
        with workspace_scope(workspace_id):
            yield
    finally:
        raw.isolation_level = psycopg.IsolationLevel.READ_COMMITTED


def _name(model: type[models.Model]) -> str:
    return connections["default"].ops.quote_name(model._meta.db_table)
