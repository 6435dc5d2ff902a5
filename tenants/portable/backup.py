"""Writes one workspace as lines from which it can be made again, secrets included.

The first line tells of the backup and the workspace. Then come sections: a line that says
what follows and how many lines, and these lines. The last line is `{"end": true}`.
"""

import base64
import datetime as dt
import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from common.sealing import key_id
from common.version import VERSION
from tenants.models import Membership, StoredFile, Workspace
from tenants.portable.container import BackupRefused
from tenants.portable.tables import (
    Table,
    copied_tables,
    count,
    fetched,
    people_columns,
    rows,
    snapshot,
)
from tenants.scope import workspace_scope
from tenants.services import file_disk
from tenants.services.master_key import keys as master_keys
from tenants.services.secrets import opened_keys

FORMAT = 1
KIND = "workspace backup"
ACCOUNTS, KEYS, FILE = "accounts", "keys", "file"
CHUNK = 48 * 1024  # bytes of a file in one line
MEMBERS = Table(Membership)


def written(workspace: Workspace) -> Iterator[bytes]:
    """Yield the lines; all tables are as of one moment.

    Raises BackupRefused when a secret is sealed with the master key itself, which another
    installation does not have.
    """
    with snapshot(workspace.pk) as connection:
        tables = [MEMBERS, *copied_tables()]
        _check_seals(connection, tables, workspace)
        yield _line(
            {
                "sightline": KIND,
                "format": FORMAT,
                "product": VERSION,
                "at": dt.datetime.now(dt.UTC).isoformat(),
                "provider": workspace.provider.slug,
                "workspace": _row_of(connection, workspace),
            }
        )
        yield from _accounts(connection, tables, workspace.pk)
        yield from _keys(workspace)
        counts = count(connection, tables, workspace.pk)
        for table in tables:
            names = [column.name for column in table.columns]
            yield _section(table.name, counts[table.name], columns=names)
            yield from rows(connection, table, table.columns, workspace.pk)
    yield from _files(workspace)
    yield _line({"end": True})


def _row_of(connection: BaseDatabaseWrapper, workspace: Workspace) -> dict[str, Any]:
    query = sql.SQL(
        "SELECT row_to_json(w)::text FROM tenants_workspace w WHERE id = {}"
    ).format(sql.Literal(str(workspace.pk)))
    ((text,),) = fetched(connection, query.as_string(connection.connection))
    row: dict[str, Any] = json.loads(text)
    return row


def _accounts(
    connection: BaseDatabaseWrapper, tables: list[Table], workspace_id: uuid.UUID
) -> Iterator[bytes]:
    """Write everybody whom a row names: no password, no second factor."""
    parts = [
        sql.SQL("SELECT {column} FROM {table} WHERE workspace_id = {workspace}").format(
            column=sql.Identifier(column.name),
            table=sql.Identifier(table.name),
            workspace=sql.Literal(str(workspace_id)),
        )
        for table in tables
        for column in people_columns(table)
    ]
    query = sql.SQL(
        "SELECT json_build_object('id', id, 'email', email, 'name', name, "
        "'is_active', is_active)::text FROM tenants_user WHERE id IN ({}) ORDER BY email"
    ).format(sql.SQL(" UNION ").join(parts))
    people = list(fetched(connection, query.as_string(connection.connection)))
    yield _section(ACCOUNTS, len(people))
    yield from (row[0].encode() for row in people)


def _keys(workspace: Workspace) -> Iterator[bytes]:
    with workspace_scope(workspace.pk):
        told = [
            {
                "id": str(row.pk),
                "key_id": row.key_id,
                "sealed": base64.b64encode(bytes(row.sealed)).decode(),
                "key": base64.b64encode(key).decode(),
                "created_at": row.created_at.isoformat(),
                "retired_at": row.retired_at.isoformat() if row.retired_at else None,
            }
            for row, key in opened_keys()
        ]
    yield _section(KEYS, len(told))
    yield from map(_line, told)


def _files(workspace: Workspace) -> Iterator[bytes]:
    """Write stored files as they lie on the disk: sealed with keys that are above."""
    with workspace_scope(workspace.pk):
        ids = list(
            StoredFile.objects.filter(deleted_at=None).values_list("pk", flat=True)
        )
    for pk in ids:
        path = file_disk.path_of(workspace.pk, pk)
        size = file_disk.size_of(path)
        if size is None:
            continue  # removed meanwhile, or missing before: the page says so
        yield _section(FILE, -(-size // CHUNK), id=str(pk), bytes=size)
        with path.open("rb") as stream:
            while piece := stream.read(CHUNK):
                yield _line(base64.b64encode(piece).decode())


def _check_seals(
    connection: BaseDatabaseWrapper, tables: list[Table], workspace: Workspace
) -> None:
    ours = [sql.Literal(key_id(key).hex()) for key in master_keys()]
    for table in tables:
        for column in table.columns:
            if not (column.is_bytes and column.name.startswith("sealed")):
                continue
            query = sql.SQL(
                "SELECT count(*) FROM {table} WHERE workspace_id = {workspace} "
                "AND encode(substring({column} from 2 for 4), 'hex') IN ({keys})"
            ).format(
                table=sql.Identifier(table.name),
                workspace=sql.Literal(str(workspace.pk)),
                column=sql.Identifier(column.name),
                keys=sql.SQL(", ").join(ours),
            )
            ((found,),) = fetched(connection, query.as_string(connection.connection))
            if found:
                raise BackupRefused(
                    f"{found} secrets in {table.name} are sealed with the master key "
                    "itself. Run first: ./sightline manage rotate_data_keys "
                    f"--workspace {workspace.slug}"
                )


def _section(name: str, count_of_rows: int, **more: object) -> bytes:
    return _line({"section": name, "rows": count_of_rows, **more})


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
