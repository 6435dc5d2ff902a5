"""Reads one workspace as it is at one moment."""

import contextlib
import uuid
from collections.abc import Iterator

import psycopg
from django.db import connections

from tenants.scope import workspace_scope


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
