"""Makes a workspace again from a checked backup, all of it or nothing.

This takes the role that owns the tables, because the application may neither write the
chain of a ledger nor choose ids. So only a command of the operator comes here.
"""

import base64
import datetime as dt
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import DatabaseError, connections, transaction
from psycopg import sql

from tenants.models import DataKey, Membership, Provider, Staff, User, Workspace
from tenants.models.jobs import JobState
from tenants.models.memberships import PROVIDER_ROLES
from tenants.portable.backup import ACCOUNTS, FILE, KEYS
from tenants.portable.checked import (
    Checked,
    Section,
    defaults_of,
    file_bytes,
    sections,
    tables_by_name,
)
from tenants.portable.container import BackupRefused
from tenants.portable.tables import Column, Table, people_columns
from tenants.scope import bind_workspace
from tenants.services import file_disk
from tenants.services.secrets import sealed_key

OWNER = "owner"
BATCH = 500  # rows
OTHER_PLACE = "Not taken up: this workspace came from another installation."


@dataclass(slots=True)
class Restored:
    """What was made."""

    workspace: Workspace
    rows: int = 0
    made_accounts: int = 0
    left_out: int = 0  # places of people who do not work for this provider
    same_place: bool = True  # the same installation, by its master key


def restore(
    lines: Iterator[bytes], checked: Checked, *, slug: str, provider: str
) -> Restored:
    """Write what `checked` says is in these lines, in one transaction.

    Ids stay what they were. Raises BackupRefused, and then nothing was written.
    """
    begun = False  # from then on the files of this workspace are those that we write
    try:
        with bind_workspace(checked.id), transaction.atomic(using=OWNER):
            done = Restored(_workspace(checked, slug, provider))
            if file_disk.folder_of(checked.id).exists():
                raise BackupRefused("Files of this workspace lie here already.")
            begun = True
            _restore(lines, checked, done)
    except DatabaseError as error:
        first = str(error).splitlines()[0]
        raise BackupRefused(
            f"The database refused it, nothing was kept: {first}"
        ) from error
    else:
        begun = False
    finally:
        if begun:
            file_disk.remove_all(checked.id)
    return done


def _restore(lines: Iterator[bytes], checked: Checked, done: Restored) -> None:
    people = _accounts(checked, done)
    done.same_place = _keys(checked)
    known = tables_by_name()
    for _, section in sections(lines):
        if section is None:
            break
        if section.name == FILE:
            _file(checked.id, section)
        elif section.name in (ACCOUNTS, KEYS):
            for _ in section.lines:  # read by the check
                pass
        else:
            _empty(known[section.name], checked.id)
            done.rows += _table(known[section.name], section, people)
    _settle(done)
    with connections[OWNER].cursor() as cursor:
        # What points nowhere is said here.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _workspace(checked: Checked, slug: str, provider: str) -> Workspace:
    row = checked.workspace
    owner = (
        Provider.objects.using(OWNER).filter(slug=provider or checked.provider).first()
    )
    if owner is None:
        raise BackupRefused(
            f"There is no provider {provider or checked.provider!r} here. Name one with "
            "--provider."
        )
    here = Workspace.objects.using(OWNER)
    if here.filter(pk=checked.id).exists():
        raise BackupRefused("This workspace is here already. Delete it first.")
    wanted = slug or str(row["slug"])
    if here.filter(slug=wanted).exists():
        raise BackupRefused(f"The address {wanted} is taken. Choose another with --as.")
    row = {**row, "provider_id": str(owner.pk), "slug": wanted}
    table = Table(Workspace)
    for column in table.columns:
        target = column.points_at
        if target is not None and row.get(column.name):
            there = target._base_manager.using(OWNER).filter(pk=row[column.name])
            if not there.exists():  # such as a group that is not here
                row[column.name] = None
    _insert(table, list(row), [row])
    return here.select_related("provider").get(pk=checked.id)


def _accounts(checked: Checked, done: Restored) -> Mapping[str, str]:
    """Return which account here stands for each one there; missing ones are made.

    A new one has no password: whoever reads the mailbox sets one by "forgotten password".
    """
    people = {}
    rows = User.objects.using(OWNER)
    for told in checked.accounts:
        found = rows.filter(email__iexact=told["email"]).first()
        if found is None:
            taken = rows.filter(pk=told["id"]).exists()
            found = User(email=told["email"], name=told["name"])
            found.is_active = told["is_active"]
            if not taken:
                found.pk = uuid.UUID(told["id"])
            found.set_unusable_password()
            found.save(using=OWNER, force_insert=True)
            done.made_accounts += 1
        people[told["id"]] = str(found.pk)
    return people


def _keys(checked: Checked) -> bool:
    """Seal the data keys for this installation; say whether they were sealed for it."""
    same = True
    for row in checked.keys:
        sealed = sealed_key(row["key_id"], row["key"], before=row["sealed"])
        same = same and sealed == row["sealed"]
        told = {
            "id": row["id"],
            "workspace_id": str(checked.id),
            "key_id": row["key_id"],
            "sealed": base64.b64encode(sealed).decode(),
            "created_at": row["created_at"],
            "retired_at": row["retired_at"],
        }
        _insert(Table(DataKey), list(told), [told])
    return same


def _empty(table: Table, workspace_id: uuid.UUID) -> None:
    """Remove what triggers of other tables wrote: the backup holds it already."""
    query = sql.SQL("DELETE FROM {} WHERE workspace_id = {}").format(
        sql.Identifier(table.name), sql.Literal(str(workspace_id))
    )
    with connections[OWNER].cursor() as cursor:
        cursor.execute(query.as_string(connections[OWNER].connection), None)


def _table(table: Table, section: Section, people: Mapping[str, str]) -> int:
    names = list(section.head["columns"])
    naming = [column.name for column in people_columns(table)]
    moved = any(there != here for there, here in people.items())
    count = 0
    while batch := [json.loads(line) for line in islice(section.lines, BATCH)]:
        if moved:
            for row in batch:
                row.update({n: people[row[n]] for n in naming if row.get(n)})
        _insert(table, names, batch)
        count += len(batch)
    return count


def _insert(table: Table, names: Sequence[str], rows: list[dict[str, Any]]) -> None:
    connection = connections[OWNER]
    known = {column.name: column for column in table.columns}
    for column, value in defaults_of(table, names):
        for row in rows:
            row[column.name] = _plain(value)
    columns = [known[name] for name in rows[0]]
    query = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM json_to_recordset(%s::json) AS r({types})"
    ).format(
        table=sql.Identifier(table.name),
        names=sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
        values=sql.SQL(", ").join(_value(column) for column in columns),
        types=sql.SQL(", ").join(_typed(column) for column in columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(connection.connection), [json.dumps(rows)])


def _value(column: Column) -> sql.Composable:
    name = sql.Identifier("r", column.name)
    return sql.SQL("decode({}, 'base64')").format(name) if column.is_bytes else name


def _typed(column: Column) -> sql.Composable:
    kind = "text" if column.is_bytes else column.db_type
    return sql.SQL("{} " + kind).format(sql.Identifier(column.name))


def _plain(value: Any) -> Any:
    """Return a default as JSON takes it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, uuid.UUID | dt.datetime):
        return str(value)
    return value


def _file(workspace_id: uuid.UUID, section: Section) -> None:
    name = str(section.head["id"])
    path = file_disk.path_of(workspace_id, uuid.UUID(name))
    file_disk.write(path, (file_bytes(line, name) for line in section.lines))


def _settle(done: Restored) -> None:
    """Take back what must not go on from where the backup was made.

    A deletion that was under way would happen at once, people of another provider have no
    business here, and two installations must not do the same work twice.
    """
    here = str(done.workspace.pk)
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_workspace w SET portal = c.portal_before FROM tenants_closure c "
            "WHERE w.id = %s AND c.workspace_id = w.id AND c.called_off_at IS NULL",
            [here],
        )
        cursor.execute(
            "UPDATE tenants_closure SET called_off_at = now() "
            "WHERE workspace_id = %s AND called_off_at IS NULL",
            [here],
        )
        if not done.same_place:
            cursor.execute(
                "UPDATE tenants_job SET state = %s, error = %s, finished_at = now(), "
                "lease_until = NULL WHERE workspace_id = %s AND state < %s",
                [JobState.DEAD, OTHER_PLACE, here, JobState.DONE],
            )
    employed = Staff.objects.using(OWNER).filter(provider=done.workspace.provider)
    strangers = (
        Membership.objects.using(OWNER)
        .filter(workspace=done.workspace, role__in=PROVIDER_ROLES)
        .exclude(user__in=employed.values("user"))
    )
    done.left_out = strangers.delete()[0]
