"""Row-level security and grants as migration operations, so that history carries them."""

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.constraints import BaseConstraint

INLINE = "workspace_id = current_setting('app.workspace_id')::uuid"
# A list of hundreds of ids is text: as a sub-select it is read once, not for each row.
ROLLUP = (
    "workspace_id = ANY ((SELECT current_setting('app.workspace_ids')::uuid[])::uuid[])"
)

DEFAULTS = {"append_only": False, "dispatch": False, "rights": "", "rollup": True}


class SqlBothWays(Operation):
    """Run one list of statements forwards and another backwards."""

    reversible = True
    forwards: list[str]
    backwards: list[str]

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in Django's picture of the models."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002 - Django's signature
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's signature
        to_state: ProjectState,  # noqa: ARG002 - Django's signature
    ) -> None:
        """Apply."""
        for statement in self.forwards:
            schema_editor.execute(statement)

    def database_backwards(
        self,
        app_label: str,  # noqa: ARG002 - Django's signature
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's signature
        to_state: ProjectState,  # noqa: ARG002 - Django's signature
    ) -> None:
        """Take back."""
        for statement in self.backwards:
            schema_editor.execute(statement)


class WallTable(SqlBothWays):
    """Put a tenant table behind the wall: forced policies for each role, and grants.

    The policy names the setting inline: PostgreSQL then plans with its value, and a
    query without a workspace is an error instead of an empty page. `append_only`
    tables grant neither UPDATE nor DELETE; `rights` names exactly what is granted.
    `dispatch` lets the scheduler's role see all rows of this one table. Without
    `rollup` nobody reads the table across workspaces.
    """

    def __init__(
        self,
        table: str,
        *,
        append_only: bool = False,
        dispatch: bool = False,
        rights: str = "",
        rollup: bool = True,
    ) -> None:
        """Prepare the statements for one table."""
        self.table = table
        self.options = {
            "append_only": append_only,
            "dispatch": dispatch,
            "rights": rights,
            "rollup": rollup,
        }
        rights = rights or (
            "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
        )
        self.forwards = [
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY ws_app ON "{table}" TO ws_app USING ({INLINE})',
            f'GRANT {rights} ON "{table}" TO ws_app',
        ]
        self.backwards = [
            f'REVOKE ALL ON "{table}" FROM ws_app, ws_rollup, ws_dispatch',
            f'DROP POLICY ws_app ON "{table}"',
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        ]
        if rollup:
            self.forwards += [
                f'CREATE POLICY ws_rollup ON "{table}" FOR SELECT TO ws_rollup USING ({ROLLUP})',
                f'GRANT SELECT ON "{table}" TO ws_rollup',
            ]
            self.backwards.insert(1, f'DROP POLICY ws_rollup ON "{table}"')
        if dispatch:
            self.forwards += [
                f'CREATE POLICY ws_dispatch ON "{table}" TO ws_dispatch USING (true)',
                f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO ws_dispatch',
            ]
            self.backwards.insert(1, f'DROP POLICY ws_dispatch ON "{table}"')

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return the call that makes this operation again."""
        return (
            self.__class__.__name__,
            [self.table],
            {
                name: value
                for name, value in self.options.items()
                if value != DEFAULTS[name]
            },
        )

    def describe(self) -> str:
        """Return one line for the migration log."""
        return f"Put {self.table} behind the workspace wall"


class SharedTable(SqlBothWays):
    """Grant the application role its rights on a table of the sign-in layer."""

    def __init__(self, *tables: str, rights: str = "SELECT") -> None:
        """Prepare the statements for some tables."""
        self.tables, self.rights = tables, rights
        names = ", ".join(f'"{table}"' for table in tables)
        self.forwards = [f"GRANT {rights} ON {names} TO ws_app"]
        self.backwards = [f"REVOKE ALL ON {names} FROM ws_app"]

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return the call that makes this operation again."""
        return (self.__class__.__name__, list(self.tables), {"rights": self.rights})

    def describe(self) -> str:
        """Return one line for the migration log."""
        return f"Grant {self.rights} on {', '.join(self.tables)}"


class DispatchReads(SharedTable):
    """Let the scheduler's role read a table, such as the list of workspaces."""

    def __init__(self, *tables: str) -> None:
        """Prepare the statements for some tables."""
        super().__init__(*tables)
        names = ", ".join(f'"{table}"' for table in tables)
        self.forwards = [f"GRANT SELECT ON {names} TO ws_dispatch"]
        self.backwards = [f"REVOKE ALL ON {names} FROM ws_dispatch"]

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return the call that makes this operation again."""
        return (self.__class__.__name__, list(self.tables), {})


class WorkspaceFK(BaseConstraint):
    """A foreign key that carries the workspace, so that no row can point across.

    The field keeps `db_constraint=False`; the target table has a unique
    (workspace_id, id). Deferred to the end of the transaction.
    """

    ON_DELETE: ClassVar[frozenset[str]] = frozenset({"CASCADE", "NO ACTION"})

    def __init__(self, *, field: str, name: str, on_delete: str = "CASCADE") -> None:
        """Describe the key of `field`."""
        if on_delete not in self.ON_DELETE:
            raise ValueError(f"on_delete must be one of {sorted(self.ON_DELETE)}")
        super().__init__(name=name)
        self.field, self.on_delete = field, on_delete

    def constraint_sql(
        self,
        model: type[models.Model] | None,
        schema_editor: BaseDatabaseSchemaEditor | None,
    ) -> Any:
        """Add the key once all tables of the migration are there; nothing inline."""
        assert model is not None  # noqa: S101 - Django's stubs allow None, Django never does
        assert schema_editor is not None  # noqa: S101 - see above
        schema_editor.deferred_sql.append(self._add(model, schema_editor))

    create_sql = constraint_sql

    def remove_sql(
        self,
        model: type[models.Model] | None,
        schema_editor: BaseDatabaseSchemaEditor | None,
    ) -> str:
        """Return the statement that drops the key."""
        assert model is not None  # noqa: S101 - see constraint_sql
        assert schema_editor is not None  # noqa: S101 - see constraint_sql
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def _add(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> str:
        quote = schema_editor.quote_name
        field: Any = model._meta.get_field(self.field)
        target = field.related_model
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY ({quote('workspace_id')}, {quote(field.column)}) "
            f"REFERENCES {quote(target._meta.db_table)} ({quote('workspace_id')}, {quote('id')}) "
            f"ON DELETE {self.on_delete} DEFERRABLE INITIALLY DEFERRED"
        )

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Leave the check to the database: it alone sees other workspaces."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Return the call that makes this constraint again."""
        return (
            f"{self.__class__.__module__}.{self.__class__.__name__}",
            (),
            {"field": self.field, "name": self.name, "on_delete": self.on_delete},
        )

    def __eq__(self, other: object) -> bool:
        """Compare by what they describe."""
        return (
            isinstance(other, WorkspaceFK) and self.deconstruct() == other.deconstruct()
        )

    def __hash__(self) -> int:
        """Hash by name: it is unique in a database."""
        return hash(self.name)
