"""Writes all that a workspace holds into one zip of open formats, without any secret."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from common.spreadsheet import csv_line
from common.version import VERSION
from tenants.logic.file_names import display_name
from tenants.models import Membership, Workspace
from tenants.portable.parcel import Parcel
from tenants.portable.tables import (
    LEFT_OUT,
    count,
    exported_tables,
    fetched,
    people_columns,
    rows,
    snapshot,
)
from tenants.scope import workspace_scope

FORMAT = 1
README = """This is everything that Sightline holds of the workspace {name}, as of {at}.

manifest.json      every file here with its size, number of lines and SHA-256
workspace.json     the workspace itself
members.jsonl      who gets in, with role, side and sites
people.jsonl       everybody whom a row of the tables names
tables/NAME.jsonl  one table a file, one row a line, as JSON (RFC 8259, UTF-8): ids are UUIDs,
                   times are RFC 3339 in UTC, bytes are base64. Columns: docs/export.md
sheets/NAME.csv    the main objects for a spreadsheet (RFC 4180, UTF-8). A value that a
                   spreadsheet would take for a formula has an apostrophe in front
ledger/            the ledger with its verifier: see ledger/README.txt
files/             stored files, as ID_NAME; files.jsonl tells what they are

Secrets are not in it: no key, no token, no password, nor a hash of one.

Left out, because it is somewhere else or means nothing outside:
{left_out}
"""
PEOPLE = "SELECT id::text, email, name FROM tenants_user WHERE id = ANY ('{{{ids}}}'::uuid[]) ORDER BY email"
# Yields name, what the manifest's reader should know, and the bytes of each stored file.
Files = Callable[[], Iterator[tuple[str, Mapping[str, Any], Iterator[bytes]]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table for people: its name, its head, and the query that makes its rows."""

    name: str
    head: str  # the columns' names with commas between
    query: str  # `{workspace}` stands for the id


@dataclass(frozen=True, slots=True)
class Parts:
    """What the floors above add to an export."""

    sheets: Sequence[Sheet]
    ledger: Callable[[Parcel], Iterator[bytes]]
    files: Files | None = None


@dataclass(slots=True)
class Progress:
    """How far an export is; the writer counts, its owner shows it."""

    total: int = 0
    done: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def write_workspace(
    workspace: Workspace, parts: Parts, progress: Progress
) -> Iterator[bytes]:
    """Yield the zip; what it holds is as of the moment when the first byte is asked for."""
    parcel, at = Parcel(), dt.datetime.now(dt.UTC)
    with snapshot(workspace.pk) as connection:
        progress.counts = count(connection, exported_tables(), workspace.pk)
        progress.total = sum(progress.counts.values())
        yield from _about(parcel, workspace, at)
        people: set[str] = set()
        yield from _tables(parcel, connection, workspace.pk, progress, people)
        yield from _people(parcel, connection, workspace, people)
        for sheet in parts.sheets:
            lines = _sheet(connection, sheet, workspace.pk)
            yield from parcel.pieces(f"sheets/{sheet.name}.csv", lines)
    yield from parts.ledger(parcel)
    if parts.files is not None:
        yield from _files(parcel, parts.files)
    manifest = {
        "format": FORMAT,
        "product": f"Sightline {VERSION}",
        "workspace": {"id": str(workspace.pk), "slug": workspace.slug},
        "at": at.isoformat(),
        "rows": progress.counts,
        "left_out": LEFT_OUT,
        "members": [asdict(member) for member in parcel.members],
    }
    yield from parcel.text("manifest.json", json.dumps(manifest, indent=1) + "\n")
    yield from parcel.close()


def _about(parcel: Parcel, workspace: Workspace, at: dt.datetime) -> Iterator[bytes]:
    left_out = "\n".join(f"- {label}: {why}" for label, why in LEFT_OUT.items())
    text = README.format(
        name=workspace.name, at=at.isoformat(timespec="seconds"), left_out=left_out
    )
    yield from parcel.text("README.txt", text)
    told = {
        "id": str(workspace.pk),
        "name": workspace.name,
        "slug": workspace.slug,
        "provider": workspace.provider.name,
        "time_zone": workspace.time_zone,
        "portal": workspace.portal,
        "second_factor_roles": workspace.second_factor_roles,
        "created_at": workspace.created_at.isoformat(),
    }
    yield from parcel.text("workspace.json", json.dumps(told, indent=1) + "\n")


def _tables(
    parcel: Parcel,
    connection: BaseDatabaseWrapper,
    workspace_id: uuid.UUID,
    progress: Progress,
    people: set[str],
) -> Iterator[bytes]:
    for table in exported_tables():
        naming = [column.name for column in people_columns(table)]

        def lines(naming: list[str] = naming) -> Iterator[bytes]:
            for line in rows(connection, table, table.open_columns, workspace_id):  # noqa: B023 - consumed before the next table
                progress.done += 1
                if naming:
                    row = json.loads(line)
                    people.update(row[name] for name in naming if row[name])
                yield line

        yield from parcel.lines(f"tables/{table.name}.jsonl", lines())


def _people(
    parcel: Parcel,
    connection: BaseDatabaseWrapper,
    workspace: Workspace,
    named: set[str],
) -> Iterator[bytes]:
    with workspace_scope(workspace.pk):
        members = list(
            Membership.objects.filter(workspace=workspace)
            .select_related("user")
            .order_by("user__email")
        )
    named.update(str(row.user_id) for row in members)
    told = (
        {
            "person": str(row.user_id),
            "email": row.user.email,
            "name": row.user.name,
            "role": row.role,
            "side": row.side,
            "sites": [str(site) for site in row.site_ids],
            "administrator": row.is_admin,
            "until": row.expires_at.isoformat() if row.expires_at else None,
            "reason": row.reason,
            "since": row.created_at.isoformat(),
        }
        for row in members
    )
    yield from parcel.lines("members.jsonl", map(_json, told))
    ids = ",".join(sorted(str(uuid.UUID(each)) for each in named))
    people = fetched(connection, PEOPLE.format(ids=ids))
    rows_of = (dict(zip(("id", "email", "name"), row, strict=True)) for row in people)
    yield from parcel.lines("people.jsonl", map(_json, rows_of))


def _sheet(
    connection: BaseDatabaseWrapper, sheet: Sheet, workspace_id: uuid.UUID
) -> Iterator[bytes]:
    yield csv_line(sheet.head.split(","))
    query = sheet.query.format(workspace=f"'{uuid.UUID(str(workspace_id))}'")
    for row in fetched(connection, query):
        yield csv_line(row)


def _files(parcel: Parcel, files: Files) -> Iterator[bytes]:
    told = []
    for name, facts, content in files():
        place = f"files/{facts['id']}_{display_name(name)}"
        yield from parcel.pieces(place, content)
        told.append({"place": place, **facts})
    yield from parcel.lines("files.jsonl", map(_json, told))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
