"""Which tables a workspace has, what of them leaves in an export, and how they are read.

Tables are found in the registry of models, so that a new one cannot be forgotten.
"""

import contextlib
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from tenants.models import WorkspaceOwned
from tenants.scope import SETTING

# Never in an export, whatever table it is in: sealed secrets, tokens and their hashes.
SECRET = re.compile(r"sealed|secret|token|password|private|key_hash|hashed_key")
# Tables that an export leaves out, and why.
LEFT_OUT = {
    "tenants.DataKey": "keys that seal secrets and files",
    "tenants.LedgerPending": "empty but for the moment of a commit",
    "tenants.LedgerEntry": "the same bytes are in ledger/entries.jsonl",
    "tenants.LedgerDetail": "the same texts are in ledger/details.jsonl",
    "tenants.Checkpoint": "the same notes are in ledger/checkpoints.jsonl",
}
# Tables that a backup leaves out: data keys travel opened, see `tenants.portable.backup`.
NOT_COPIED = ("tenants.DataKey", "tenants.LedgerPending")
# What is read in another order than by id.
ORDERS = {"tenants.LedgerEntry": "seq", "tenants.Checkpoint": "size"}
AT_ONCE = 500  # rows
WORDS = {
    "UUIDField": "id (UUID)",
    "DateTimeField": "time (RFC 3339, UTC)",
    "DateField": "day (RFC 3339)",
    "BinaryField": "bytes (base64)",
    "BooleanField": "true or false",
    "FloatField": "number",
    "JSONField": "JSON",
    "GenericIPAddressField": "address",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the database and its field."""

    name: str
    field: "models.Field[Any, Any]"

    @property
    def is_bytes(self) -> bool:
        """Whether it holds bytes, which are written in base64."""
        return isinstance(self.field, models.BinaryField)

    @property
    def is_secret(self) -> bool:
        """Whether an export leaves it out."""
        return SECRET.search(self.name) is not None

    @property
    def db_type(self) -> str:
        """Return the database's type, such as "timestamp with time zone"."""
        return str(self.field.db_type(connections["default"]))

    @property
    def points_at(self) -> "type[models.Model] | None":
        """Return the model that the column names a row of."""
        target: Any = self.field.related_model  # "self" is resolved by now
        return target if self.field.is_relation else None

    @property
    def words(self) -> str:
        """Return what it holds, for people."""
        kind = self.field.get_internal_type()
        if self.points_at is not None:
            return f"id of a row of {self.points_at._meta.db_table}"
        if isinstance(self.field, ArrayField):
            return "list"
        if kind in WORDS:
            return WORDS[kind]
        return "whole number" if "Integer" in kind else "text"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a workspace."""

    model: type[models.Model]

    @property
    def label(self) -> str:
        """Return the model's name, such as "exposure.Finding"."""
        return self.model._meta.label

    @property
    def name(self) -> str:
        """Return the name in the database, which is that of its file."""
        return self.model._meta.db_table

    @property
    def columns(self) -> list[Column]:
        """Return every column in the order of the model."""
        fields = self.model._meta.concrete_fields
        return [Column(str(field.column), field) for field in fields]

    @property
    def open_columns(self) -> list[Column]:
        """Return what an export holds."""
        return [column for column in self.columns if not column.is_secret]

    @property
    def order(self) -> str:
        """Return the column that rows are read by."""
        return ORDERS.get(self.label, "id")


def every_table() -> list[Table]:
    """Return every tenant table there is, by name."""
    owned = [m for m in apps.get_models() if issubclass(m, WorkspaceOwned)]
    # A view shows again what is in a table.
    found = [Table(model) for model in owned if model._meta.managed]
    return sorted(found, key=lambda table: table.name)


def exported_tables() -> list[Table]:
    """Return what an export holds as tables."""
    return [table for table in every_table() if table.label not in LEFT_OUT]


def copied_tables() -> list[Table]:
    """Return what a backup holds as tables."""
    return [table for table in every_table() if table.label not in NOT_COPIED]


@contextlib.contextmanager
def snapshot(workspace_id: uuid.UUID) -> Iterator[BaseDatabaseWrapper]:
    """Read one workspace as of one moment, beside whatever this thread does meanwhile.

    A connection of its own, so that the job can show its progress and keep its lease.
    """
    own = connections.create_connection("default")
    try:
        with own.cursor() as cursor:
            cursor.execute(
                "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
            cursor.execute(
                "SELECT set_config(%s, %s, true)", [SETTING, str(workspace_id)]
            )
        yield own
    finally:
        own.close()


def rows(
    connection: BaseDatabaseWrapper,
    table: Table,
    columns: Sequence[Column],
    workspace_id: uuid.UUID,
) -> Iterator[bytes]:
    """Yield each row as one JSON object; the database writes it."""
    query = sql.SQL(
        "SELECT row_to_json(one)::text FROM (SELECT {columns} FROM {table} "
        "WHERE workspace_id = {workspace} ORDER BY {order}) one"
    ).format(
        columns=sql.SQL(", ").join(_selected(column) for column in columns),
        table=sql.Identifier(table.name),
        workspace=sql.Literal(str(workspace_id)),
        order=sql.Identifier(table.order),
    )
    for row in fetched(connection, query.as_string(connection.connection)):
        yield row[0].encode()


def fetched(connection: BaseDatabaseWrapper, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, a few hundred at a time; inside a transaction."""
    with connection.cursor() as cursor:
        # A query without values, so that a % in it stays what it is.
        cursor.execute(f"DECLARE portable NO SCROLL CURSOR FOR {query}", None)
        while True:
            cursor.execute(f"FETCH {AT_ONCE} FROM portable")
            found = cursor.fetchall()
            if not found:
                break
            yield from found
        cursor.execute("CLOSE portable")


def count(
    connection: BaseDatabaseWrapper, tables: Iterable[Table], workspace_id: uuid.UUID
) -> dict[str, int]:
    """Return how many rows each table has."""
    told = {}
    with connection.cursor() as cursor:
        for table in tables:
            query = sql.SQL(
                "SELECT count(*) FROM {table} WHERE workspace_id = {workspace}"
            ).format(
                table=sql.Identifier(table.name),
                workspace=sql.Literal(str(workspace_id)),
            )
            cursor.execute(query.as_string(connection.connection), None)
            told[table.name] = int(cursor.fetchone()[0])
    return told


def people_columns(table: Table) -> list[Column]:
    """Return the columns that name an account."""
    return [
        column
        for column in table.columns
        if column.points_at is not None
        and column.points_at._meta.label == settings.AUTH_USER_MODEL
    ]


def _selected(column: Column) -> sql.Composable:
    name = sql.Identifier(column.name)
    if column.is_bytes:
        # The database breaks base64 into lines.
        text = "replace(encode({0}, 'base64'), E'\\n', '') AS {0}"
        return sql.SQL(text).format(name)
    return name
