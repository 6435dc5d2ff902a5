"""Backup and restore of one workspace: one private file, back into any installation.

The file holds every row of the workspace and its files as they are stored: encrypted
with data keys that only the master key opens. It is a zip of JSON Lines.
"""

import json
import uuid
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from django.db import connections, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from common.errors import Conflict, InvalidInput
from tenants.models import (
    Membership,
    Provider,
    User,
    Workspace,
)
from tenants.portable.rows import (
    BATCH,
    people_columns,
    read_rows,
    snapshot,
    tables,
    write_rows,
)

FORMAT: Final = 1
MANIFEST, PEOPLE, MEMBERS, WORKSPACE = (
    "manifest.json",
    "people.jsonl",
    "memberships.jsonl",
    "workspace.json",
)
OWNER: Final = "owner"  # restoring writes what the application may not: the ledger
MOST_LINE: Final = (
    64 * 1024 * 1024
)  # bytes of one row; longer ones were not written by us
Row = dict[str, Any]


def write_backup(workspace: Workspace, target: Path) -> None:
    """Write all of a workspace to `target`, as it is at this moment.

    The file appears when it is complete. It holds secrets, sealed: keep it private.
    """
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    draft.touch(mode=0o600)
    try:
        with (
            zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive,
            snapshot(workspace.pk),
        ):
            _write(archive, workspace)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _write(archive: zipfile.ZipFile, workspace: Workspace) -> None:
    counts = {
        model._meta.db_table: _lines(
            archive,
            f"rows/{model._meta.db_table}.jsonl",
            read_rows(model, workspace.pk),
        )
        for model in tables()
    }
    members = Membership.objects.filter(workspace=workspace)
    _lines(archive, MEMBERS, read_rows(Membership, workspace.pk))
    known = set(members.values_list("user_id", flat=True)) | _people()
    accounts = User.objects.filter(pk__in=known).values("id", "email", "name")
    _lines(archive, PEOPLE, ({**row, "id": str(row["id"])} for row in accounts))
    shown = {
        field.attname: getattr(workspace, field.attname)
        for field in Workspace._meta.concrete_fields
        if field.attname not in {"provider_id", "group_id", "id", "created_at"}
    }
    archive.writestr(WORKSPACE, json.dumps(shown))
    manifest = {
        "format": FORMAT,
        "made": timezone.now().isoformat(timespec="seconds"),
        "workspace": str(workspace.pk),
        "provider": workspace.provider.slug,
        "schema": _schema(),
        "rows": counts,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))


def _lines(archive: zipfile.ZipFile, name: str, rows: Iterator[Row]) -> int:
    count = 0
    with archive.open(name, "w", force_zip64=True) as stream:
        for row in rows:
            stream.write(json.dumps(row).encode() + b"\n")
            count += 1
    return count


def _people() -> set[uuid.UUID]:
    """Return everybody whom a row names, member or not."""
    found: set[uuid.UUID] = set()
    for model in tables():
        for column in people_columns(model):
            rows = model._default_manager.exclude(**{f"{column}__isnull": True})
            found |= set(rows.values_list(column, flat=True).distinct())
    return found


def _schema() -> dict[str, str]:
    """Return the newest migration of each of our apps: rows fit this and no other."""
    ours = {"tenants", "exposure", "workflows"}
    applied = MigrationRecorder(connections["default"]).applied_migrations()
    return {app: max(name for a, name in applied if a == app) for app in sorted(ours)}


def restore_backup(
    source: Path, *, provider: Provider, check: Callable[[], None]
) -> Workspace:
    """Bring a workspace back; everything or nothing.

    Accounts are found again by their address, and made without a password where they
    are missing. `check` runs in the scope of the workspace before anything is kept and
    raises if its secrets cannot be opened here. Raises InvalidInput for a file that is
    no backup or belongs to another version, Conflict where the workspace exists.
    """
    try:
        with zipfile.ZipFile(source) as archive, transaction.atomic(using=OWNER):
            manifest = _manifest(archive)
            workspace = _workspace(archive, manifest, provider)
            renamed = _accounts(archive)
            _restore(archive, MEMBERS, Membership, renamed)
            for model in tables():
                name = f"rows/{model._meta.db_table}.jsonl"
                count = _restore(archive, name, model, renamed)
                if count != manifest["rows"].get(model._meta.db_table):
                    raise InvalidInput("file", f"{name} is not complete.")
            check()
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InvalidInput("file", f"{source.name} is no backup: {error}.") from error
    return workspace


def _manifest(archive: zipfile.ZipFile) -> Row:
    manifest: Row = json.loads(archive.read(MANIFEST))
    if manifest.get("format") != FORMAT:
        raise InvalidInput("file", "The backup is in a form this version cannot read.")
    if manifest["schema"] != _schema():
        raise InvalidInput(
            "file",
            "The backup was made by another version. Restore it with that version "
            f"({manifest['schema']}), then upgrade.",
        )
    return manifest


def _workspace(
    archive: zipfile.ZipFile, manifest: Row, provider: Provider
) -> Workspace:
    shown = json.loads(archive.read(WORKSPACE))
    workspace = Workspace(
        id=uuid.UUID(manifest["workspace"]), provider_id=provider.pk, **shown
    )
    there = Workspace.objects.using(OWNER)
    if there.filter(pk=workspace.pk).exists() or there.filter(slug=workspace.slug):
        raise Conflict(f"There is a workspace {workspace.slug} here already.")
    workspace.save(using=OWNER, force_insert=True)
    return workspace


def _accounts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Find or make the accounts; return the new id of each old one."""
    renamed = {}
    for row in _read(archive, PEOPLE):
        found = User.objects.using(OWNER).filter(email=row["email"]).first()
        if found is None:
            found = User(id=row["id"], email=row["email"], name=row["name"])
            found.set_unusable_password()
            found.save(using=OWNER, force_insert=True)
        renamed[row["id"]] = str(found.pk)
    return renamed


def _restore(
    archive: zipfile.ZipFile,
    name: str,
    model: type[models.Model],
    renamed: dict[str, str],
) -> int:
    columns, count, rows = people_columns(model), 0, []
    for row in _read(archive, name):
        for column in columns:
            if row[column] is not None:
                row[column] = renamed[row[column]]
        rows.append(row)
        count += 1
        if len(rows) == BATCH:
            write_rows(model, rows, using=OWNER)
            rows = []
    write_rows(model, rows, using=OWNER)
    return count


def _read(archive: zipfile.ZipFile, name: str) -> Iterator[Row]:
    with archive.open(name) as stream:
        while line := stream.readline(MOST_LINE + 1):
            if len(line) > MOST_LINE:
                raise InvalidInput("file", f"A line of {name} is too long.")
            yield json.loads(line)
